//! What is computed within one function, step by step: calls of ops and of the blocks within it.

use crate::graph::{BlockId, Graph, NodeId, Origin, Phase, ValueId};
use std::collections::HashSet;

/// One statement-to-be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Op(NodeId),
    Block(BlockId),
}

impl Step {
    pub fn inputs(self, graph: &Graph) -> Vec<ValueId> {
        match self {
            Self::Op(id) => graph.node(id).inputs.to_vec(),
            Self::Block(id) => arguments(graph, id),
        }
    }

    pub fn outputs(self, graph: &Graph) -> Vec<ValueId> {
        match self {
            Self::Op(id) => graph.node(id).outputs.to_vec(),
            Self::Block(id) => graph.block(id).outputs.iter().map(|&(output, _)| output).collect(),
        }
    }

    /// Whether it is computed in forward or for a backward by hand.
    pub fn phase(self, graph: &Graph) -> Phase {
        match self {
            Self::Op(id) => graph.node(id).phase,
            Self::Block(id) => graph.node(NodeId(graph.block(id).nodes.start)).phase,
        }
    }
}

/// The steps of a block, or of the graph outside of all blocks, in the order of computation.
pub fn steps(graph: &Graph, of: Option<BlockId>) -> Vec<Step> {
    let (nodes, until) = match of {
        Some(id) => (graph.block(id).nodes.clone(), id.index()),
        None => (0..graph.nodes.len() as u32, graph.blocks.len()),
    };
    // Each block stands behind those within it.
    let mut within: Vec<BlockId> = Vec::new();
    let mut covered = nodes.end;
    for at in (0..until).rev() {
        let own = &graph.blocks[at].nodes;
        if own.start < nodes.start || own.end <= nodes.start && !own.is_empty() {
            break;
        }
        if !own.is_empty() && own.end <= covered {
            covered = own.start;
            within.push(BlockId(at as u32));
        }
    }
    let mut steps = Vec::new();
    let mut next = nodes.start;
    for id in within.into_iter().rev() {
        let own = &graph.block(id).nodes;
        steps.extend((next..own.start).map(|node| Step::Op(NodeId(node))));
        steps.push(Step::Block(id));
        next = own.end;
    }
    steps.extend((next..nodes.end).map(|node| Step::Op(NodeId(node))));
    steps
}

/// The steps of the graph with every block open but for those with a backward by hand: what is judged alone.
pub fn units(graph: &Graph) -> Vec<Step> {
    let mut units = Vec::new();
    let mut left = steps(graph, None);
    left.reverse();
    while let Some(step) = left.pop() {
        match step {
            Step::Block(id) if graph.block(id).backward.is_none() => {
                left.extend(steps(graph, Some(id)).into_iter().rev());
            }
            step => units.push(step),
        }
    }
    units
}

/// What a function of a block takes: the block's inputs, then its params, and those of blocks within it.
pub fn arguments(graph: &Graph, id: BlockId) -> Vec<ValueId> {
    let block = graph.block(id);
    let mut arguments = block.inputs.clone();
    let mut seen: HashSet<ValueId> = arguments.iter().copied().collect();
    let nodes = &graph.nodes[block.nodes.start as usize..block.nodes.end as usize];
    let used = nodes.iter().flat_map(|node| node.inputs.iter().copied());
    let given = block.outputs.iter().map(|&(output, _)| output);
    let lines = block.backward.iter().flat_map(|backward| &backward.lines);
    for value in used.chain(given).chain(lines.map(|line| line.to)) {
        if matches!(graph.value(value).origin, Origin::Leaf { .. })
            && !is_own_constant(graph, id, value)
            && seen.insert(value)
        {
            arguments.push(value);
        }
    }
    arguments
}

/// A number or an array that a block states itself, `k = sqrt(2)`.
pub fn is_own_constant(graph: &Graph, id: BlockId, value: ValueId) -> bool {
    use crate::syntax::Role;
    let is_const = matches!(graph.value(value).origin, Origin::Leaf { role: Role::Const, .. });
    is_const && graph.block(id).values.contains(&value.0)
}

/// The steps that lead to `results` from what is `known`, and all values outside of them that they start from.
pub fn leading_to(
    graph: &Graph,
    steps: &[Step],
    results: &[ValueId],
    known: &HashSet<ValueId>,
) -> (Vec<Step>, Vec<ValueId>) {
    let mut wanted: HashSet<ValueId> = results.iter().copied().filter(|id| !known.contains(id)).collect();
    let mut taken = Vec::new();
    let mut made: HashSet<ValueId> = HashSet::new();
    for &step in steps.iter().rev() {
        let outputs = step.outputs(graph);
        if outputs.iter().any(|output| wanted.contains(output)) {
            wanted.extend(step.inputs(graph).into_iter().filter(|id| !known.contains(id)));
            made.extend(outputs);
            taken.push(step);
        }
    }
    taken.reverse();
    let mut seen = HashSet::new();
    let used = taken.iter().flat_map(|step| step.inputs(graph)).chain(results.iter().copied());
    let is_start = |id: &ValueId| !made.contains(id) || known.contains(id);
    let starts = used.filter(|id| is_start(id) && seen.insert(*id)).collect();
    (taken, starts)
}
