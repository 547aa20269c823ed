//! Uses of blocks that compute the same of other values, as the steps of a scan do.

use crate::{
    graph::{Block, BlockId, Graph, Origin, Value},
    tensor::Tensor,
};
use foldhash::HashMap;

/// How many uses before each, of those that are given in turn, compute the same.
pub fn before(graph: &Graph, blocks: &[BlockId]) -> Vec<usize> {
    let mut known: HashMap<&str, Vec<(&Block, usize)>> = HashMap::default();
    let mut count = |id: &BlockId| {
        let block = graph.block(*id);
        let same_name = known.entry(&block.of).or_default();
        match same_name.iter_mut().find(|(other, _)| compute_the_same(graph, block, other)) {
            Some((_, count)) => {
                *count += 1;
                *count - 1
            }
            None => {
                same_name.push((block, 1));
                0
            }
        }
    };
    blocks.iter().map(&mut count).collect()
}

fn literal(value: &Value) -> Option<&Tensor> {
    match &value.origin {
        Origin::Literal(tensor) => Some(tensor),
        Origin::Leaf { .. } | Origin::Node(_) | Origin::Upstream(_) => None,
    }
}

/// The same ops in the same order, of the same lengths, with the same attributes and literals.
fn compute_the_same(graph: &Graph, a: &Block, b: &Block) -> bool {
    let nodes = |block: &Block| &graph.nodes[block.nodes.start as usize..block.nodes.end as usize];
    let values = |block: &Block| &graph.values[block.values.start as usize..block.values.end as usize];
    let (nodes, values) = ([nodes(a), nodes(b)], [values(a), values(b)]);
    a.definition == b.definition
        && a.lengths == b.lengths
        && nodes[0].len() == nodes[1].len()
        && values[0].len() == values[1].len()
        && nodes[0]
            .iter()
            .zip(nodes[1])
            .all(|(a, b)| a.kernel.card().name == b.kernel.card().name && a.attributes == b.attributes)
        && values[0].iter().zip(values[1]).all(|(a, b)| a.ty == b.ty && literal(a) == literal(b))
}
