//! Which parts of a graph have a backward of their own: backward runs them one by one, and the
//! comparison tries each alone.

use super::{BlockId, Graph, NodeId, ValueId};
use smallvec::SmallVec;
use std::ops::Range;

/// A node, or the outermost block with a custom backward, whatever is inside of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Never empty: the output of a block is that of a node within it.
    pub nodes: Range<u32>,
    pub outputs: SmallVec<[ValueId; 1]>,
    /// Set for a block with a custom backward.
    pub block: Option<BlockId>,
}

impl Unit {
    /// The first of its outputs.
    pub fn output(&self) -> ValueId {
        self.outputs[0]
    }
}

impl Graph {
    /// The outermost blocks with a custom backward, in the order of their nodes. What is inside of
    /// one goes back by its lines and by nothing else.
    pub fn custom_blocks(&self) -> Vec<BlockId> {
        let mut outermost: Vec<BlockId> = Vec::new();
        let mut covered = 0..0;
        // Each block stands behind those within it.
        for (index, block) in self.blocks.iter().enumerate().rev() {
            let is_within = covered.start <= block.nodes.start && block.nodes.end <= covered.end;
            if block.backward.is_some() && !is_within {
                covered = block.nodes.clone();
                outermost.push(BlockId(index as u32));
            }
        }
        outermost.reverse();
        outermost
    }

    /// All units in the order of forward; every node belongs to one.
    pub fn units(&self) -> impl DoubleEndedIterator<Item = Unit> {
        let mut end = 0;
        let mut parts: Vec<(Range<u32>, Option<BlockId>)> = Vec::new();
        for id in self.custom_blocks() {
            let nodes = &self.block(id).nodes;
            parts.push((end..nodes.start, Some(id)));
            end = nodes.end;
        }
        parts.push((end..self.nodes.len() as u32, None));
        parts.into_iter().flat_map(|(nodes, block)| {
            nodes.map(|node| self.unit_of_node(NodeId(node))).chain(block.map(|id| self.unit_of_block(id)))
        })
    }

    pub fn unit_of_node(&self, id: NodeId) -> Unit {
        Unit { nodes: id.0..id.0 + 1, outputs: self.node(id).outputs.clone(), block: None }
    }

    /// One use of a block, whether another is around it or not.
    pub fn unit_of_block(&self, id: BlockId) -> Unit {
        let block = self.block(id);
        let outputs = block.outputs.iter().map(|&(output, _)| output).collect();
        Unit { nodes: block.nodes.clone(), outputs, block: Some(id) }
    }
}
