//! Which leaves send their gradients through a surrogate backward: those are meant to differ from
//! forward's derivative.

use crate::graph::{BlockId, Graph, ValueId};
use foldhash::{HashMap, HashMapExt};

/// A leaf whose gradient goes through a backward that is meant to differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Surrogate {
    pub leaf: ValueId,
    pub block: BlockId,
    /// Which of the block's backward lines.
    pub line: usize,
}

/// The first surrogate line, if any, through which the gradient of each of these leaves goes.
pub fn find(graph: &Graph, leaves: &[ValueId]) -> Vec<Surrogate> {
    let lines: Vec<(ValueId, BlockId, usize)> = graph
        .blocks
        .iter()
        .enumerate()
        .flat_map(|(block, own)| {
            let lines = own.backward.iter().flat_map(|backward| backward.lines.iter().enumerate());
            let surrogate = lines.filter(|(_, line)| line.surrogate);
            surrogate.map(move |(at, line)| (line.to, BlockId(block as u32), at))
        })
        .filter(|(_, block, _)| {
            graph.block(*block).outputs.iter().any(|&(output, _)| leads_out(graph, output))
        })
        .collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let through = |&leaf: &ValueId| {
        let reached = reached(graph, leaf);
        let &(_, block, line) = lines.iter().find(|(to, ..)| reached[to.index()])?;
        Some(Surrogate { leaf, block, line })
    };
    leaves.iter().filter_map(through).collect()
}

/// The values that gradients of this one come from: through ops that have a gradient, and through
/// blocks by their backward lines, whatever is inside of them.
fn reached(graph: &Graph, from: ValueId) -> Vec<bool> {
    let mut lines: HashMap<ValueId, Vec<ValueId>> = HashMap::new();
    for block in &graph.blocks {
        let to = block.backward.iter().flat_map(|backward| &backward.lines).map(|line| line.to);
        let to: Vec<ValueId> = to.collect();
        for &(output, _) in &block.outputs {
            lines.entry(output).or_default().extend(&to);
        }
    }
    let mut reached = vec![false; graph.values.len()];
    reached[from.index()] = true;
    for node in &graph.nodes {
        let output = node.outputs[0];
        let by_op = node
            .inputs
            .iter()
            .enumerate()
            .any(|(input, value)| node.kernel.differentiates(input) && reached[value.index()]);
        let by_line = || lines.get(&output).is_some_and(|to| to.iter().any(|to| reached[to.index()]));
        if by_op || by_line() {
            reached[output.index()] = true;
        }
    }
    reached
}

fn leads_out(graph: &Graph, value: ValueId) -> bool {
    let reached = reached(graph, value);
    graph.outputs.iter().any(|output| reached[output.index()])
}
