//! What a comparison says of each part of a picture, and what a count of digits says.

use super::{kept::KeptDigits, owner::parents};
use crate::{
    compare::{Comparison, LossPlace, Verdict},
    digits::Digits,
    engine::Stored,
    graph::{BlockId, Graph, NodeId, Origin, ValueId},
};
use std::collections::HashMap;

/// The gravest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    Ok,
    Kink,
    /// Digits are lost here.
    Lost,
    Undecided,
    Wrong,
}

impl Mark {
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Kink => "kink",
            Self::Lost => "lost",
            Self::Undecided => "undecided",
            Self::Wrong => "wrong",
        }
    }
}

/// Verdicts by leaf, by guilty node and by guilty block, and the digits that are kept; empty without a
/// comparison and without a count.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    leaves: HashMap<ValueId, Mark>,
    nodes: HashMap<NodeId, Mark>,
    blocks: HashMap<BlockId, Mark>,
    pub kept: KeptDigits,
}

impl Marks {
    pub fn of(comparison: &Comparison, graph: &Graph) -> Self {
        let mut marks = Self::default();
        for tensor in &comparison.tensors {
            let mark = match tensor {
                t if t.wrong > 0 => Mark::Wrong,
                t if t.undecided > 0 => Mark::Undecided,
                t if t.kink > 0 => Mark::Kink,
                _ => Mark::Ok,
            };
            marks.leaves.insert(tensor.leaf, mark);
            for finding in &tensor.findings {
                if let Verdict::Kink { step: Some(step) } = finding.verdict {
                    marks.nodes.insert(NodeId(step), Mark::Kink);
                }
            }
        }
        for guilty in &comparison.location.guilty {
            match guilty.unit.block {
                Some(block) => marks.blocks.insert(block, Mark::Wrong),
                None => marks.nodes.insert(NodeId(guilty.unit.nodes.start), Mark::Wrong),
            };
        }
        marks.carry_out(graph);
        marks
    }

    /// The same, with digits, and marks where they are lost.
    pub fn with_digits(mut self, digits: &Digits, graph: &Graph) -> Self {
        self.kept = KeptDigits::of(digits);
        for lost in &digits.lost {
            let (Stored::Value(at) | Stored::Gradient(at)) = lost.at;
            let node = match (&lost.loss.place, &graph.value(at).origin) {
                (LossPlace::Node(node) | LossPlace::Back(node), _) | (_, Origin::Node(node)) => *node,
                _ => {
                    let known = self.leaves.entry(at).or_insert(Mark::Lost);
                    *known = (*known).max(Mark::Lost);
                    continue;
                }
            };
            let known = self.nodes.entry(node).or_insert(Mark::Lost);
            *known = (*known).max(Mark::Lost);
        }
        self.carry_out(graph);
        self
    }

    /// What is wrong inside is wrong with every block around it.
    fn carry_out(&mut self, graph: &Graph) {
        let parents = parents(graph);
        for (block, mark) in self.blocks.clone() {
            let mut outer = parents[block.index()];
            while let Some(block) = outer {
                self.blocks.insert(block, mark);
                outer = parents[block.index()];
            }
        }
        for grade in [Mark::Kink, Mark::Lost, Mark::Wrong] {
            let nodes = self.nodes.iter().filter(|&(_, &mark)| mark == grade);
            let mut marked: Vec<u32> = nodes.map(|(node, _)| node.0).collect();
            marked.sort_unstable();
            for (index, block) in graph.blocks.iter().enumerate() {
                let first = marked.partition_point(|&node| node < block.nodes.start);
                if marked.get(first).is_some_and(|&node| node < block.nodes.end) {
                    let known = self.blocks.entry(BlockId(index as u32)).or_insert(grade);
                    *known = (*known).max(grade);
                }
            }
        }
    }

    pub fn leaf(&self, id: ValueId) -> Option<Mark> {
        self.leaves.get(&id).copied()
    }

    pub fn node(&self, id: NodeId) -> Option<Mark> {
        self.nodes.get(&id).copied()
    }

    pub fn block(&self, id: BlockId) -> Option<Mark> {
        self.blocks.get(&id).copied()
    }
}
