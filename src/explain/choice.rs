//! Which entry of every tensor is worked out.

use crate::{
    graph::{Node, NodeId, Phase, ValueId},
    report::indices,
    run::Run,
    tensor::Kind,
};

/// What the reader asks to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// One leaf at an entry; without one where its gradient is largest.
    Leaf(ValueId, Option<usize>),
    /// All leaves: the first that counts where its gradient is largest, the others
    /// at an entry that meets it on the way.
    All,
}

/// The entry of every value with a gradient, and of what else is computed.
pub fn entries(run: &Run, asked: Asked) -> Vec<Option<usize>> {
    let mut chosen = vec![None; run.graph.values.len()];
    match asked {
        Asked::Leaf(leaf, entry) => {
            let gradient = run.gradient_of(leaf).unwrap_or(&[]);
            chosen[leaf.index()] = entry.or_else(|| largest(gradient.iter().copied()));
            forth(run, &mut chosen);
        }
        Asked::All => {
            // So that the way back is a live one, if there is any.
            let first = run
                .plan()
                .wanted
                .iter()
                .find_map(|&leaf| Some((leaf, largest(run.gradient_of(leaf)?.iter().copied())?)));
            if let Some((leaf, entry)) = first {
                chosen[leaf.index()] = Some(entry);
                forth(run, &mut chosen);
                within(run, &mut chosen);
            }
            back(run, &mut chosen);
        }
    }
    for id in run.graph.ids() {
        let size = run.graph.value(id).ty.shape.size();
        let entry = &mut chosen[id.index()];
        *entry = entry.or(Some(0)).filter(|&entry| entry < size);
    }
    chosen
}

/// From a leaf to the outputs: of each node the entry that matters most among those
/// that the entry before it reaches.
fn forth(run: &Run, chosen: &mut [Option<usize>]) {
    for (at, node) in run.graph.nodes.iter().enumerate().filter(|(_, node)| node.phase == Phase::Forward) {
        let output = node.outputs[0];
        let known = node.inputs.iter().enumerate().find_map(|(input, id)| Some((input, chosen[id.index()]?)));
        let Some((input, entry)) = known else { continue };
        let gradient = run.gradient_of(output);
        let beside = || {
            let beside = aligned(run, node.inputs[input], entry, output)?;
            // A way that ends shows less than one that goes on.
            let ends = gradient.is_some_and(|gradient| gradient[beside] == 0.0);
            gradient.filter(|_| ends).and_then(|all| largest(all.iter().copied())).or(Some(beside))
        };
        chosen[output.index()] = match gradient {
            _ if run.graph.value(output).ty.shape.is_scalar() => Some(0),
            Some(upstream) if node.kernel.card().differentiates(input) => {
                let reached = run.reached(NodeId(at as u32), input, entry);
                largest(reached.iter().map(|&(to, slope)| slope * upstream[to]))
                    .map(|at| reached[at].0)
                    .or_else(beside)
            }
            _ => beside(),
        };
    }
}

/// Through the blocks by hand, where no gradient says which way counts: of what an
/// entry reaches, the entry that is beside the one of the block's output.
fn within(run: &Run, chosen: &mut [Option<usize>]) {
    for id in run.graph.ids().filter(|&id| run.gradient_of(id).is_none()) {
        chosen[id.index()] = None;
    }
    let mut blocks = vec![None; run.graph.nodes.len()];
    // Outer blocks stand behind those inside of them.
    for block in run.graph.blocks.iter().filter(|block| block.backward.is_some()) {
        blocks[block.nodes.start as usize..block.nodes.end as usize].fill(Some(block.output()));
    }
    for (at, node) in run.graph.nodes.iter().enumerate().filter(|(_, node)| node.phase == Phase::Forward) {
        let output = node.outputs[0];
        let known = node.inputs.iter().enumerate().find_map(|(input, id)| Some((input, chosen[id.index()]?)));
        let (Some((input, entry)), None) = (known, chosen[output.index()]) else { continue };
        let reached = match has_slopes(run, node, input) {
            true => run.reached(NodeId(at as u32), input, entry),
            false => Default::default(),
        };
        let end = blocks[at].and_then(|end| aligned(run, end, chosen[end.index()]?, output));
        let beside = end.filter(|&end| reached.iter().any(|&(to, slope)| to == end && slope != 0.0));
        let most = || largest(reached.iter().map(|&(_, slope)| slope)).map(|at| reached[at].0);
        chosen[output.index()] =
            beside.or_else(most).or_else(|| aligned(run, node.inputs[input], entry, output));
    }
}

/// From the outputs to the leaves: of each input the entry that the entry behind it
/// depends on most.
fn back(run: &Run, chosen: &mut [Option<usize>]) {
    let size = |id: ValueId| run.graph.value(id).ty.shape.size();
    for output in &run.plan().outputs {
        let entry = &mut chosen[output.index()];
        *entry = entry.or_else(|| (size(*output) > 0).then_some(0));
    }
    let forward = |(_, node): &(usize, &Node)| node.phase == Phase::Forward;
    for (at, node) in run.graph.nodes.iter().enumerate().rev().filter(forward) {
        let output = node.outputs[0];
        let Some(from) = chosen[output.index()] else { continue };
        for (input, &to) in node.inputs.iter().enumerate() {
            if chosen[to.index()].is_some() {
                continue;
            }
            let depends = || {
                let mut slopes = vec![0.0; size(to)];
                run.send_back(NodeId(at as u32), input, &one_hot(size(output), from), &mut slopes);
                largest(slopes.into_iter())
            };
            let most = if has_slopes(run, node, input) && size(to) > 1 { depends() } else { None };
            chosen[to.index()] = most.or_else(|| aligned(run, output, from, to));
        }
    }
    // What leads to no output is read beside what it is computed from.
    for node in run.graph.nodes.iter().filter(|node| node.phase == Phase::Forward) {
        let output = node.outputs[0];
        if chosen[output.index()].is_none() {
            let known = node.inputs.iter().find_map(|id| Some((*id, chosen[id.index()]?)));
            chosen[output.index()] = known.and_then(|(id, entry)| aligned(run, id, entry, output));
        }
    }
}

/// Whether an input has a slope: labels, say, are whole numbers where rows of
/// probabilities might stand.
fn has_slopes(run: &Run, node: &Node, input: usize) -> bool {
    let kind = run.graph.value(node.inputs[input]).ty.kind;
    node.kernel.card().differentiates(input) && kind == Kind::Float
}

/// An upstream gradient that is 1 at one entry.
pub fn one_hot(len: usize, at: usize) -> Vec<f64> {
    let mut upstream = vec![0.0; len];
    upstream[at] = 1.0;
    upstream
}

/// The place of the number farthest from 0, the first of several; `None` where
/// all are 0 or not numbers.
fn largest(numbers: impl Iterator<Item = f64>) -> Option<usize> {
    let mut found: Option<(usize, f64)> = None;
    for (at, number) in numbers.enumerate() {
        let size = number.abs();
        if size > found.map_or(0.0, |(_, size)| size) {
            found = Some((at, size));
        }
    }
    found.map(|(at, _)| at)
}

/// The entry of another tensor with the same indices, aligned at the last axis.
fn aligned(run: &Run, from: ValueId, entry: usize, to: ValueId) -> Option<usize> {
    let (from, to) = (&run.graph.value(from).ty.shape, &run.graph.value(to).ty.shape);
    if to.size() == 0 {
        return None;
    }
    let indices = indices(entry, from);
    let at = |axis: usize| {
        let own = (axis + indices.len()).checked_sub(to.rank());
        own.and_then(|own| indices.get(own)).map_or(0, |&index| index.min(to[axis] - 1))
    };
    Some((0..to.rank()).fold(0, |offset, axis| offset * to[axis] + at(axis)))
}
