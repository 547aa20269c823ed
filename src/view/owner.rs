//! Which values and nodes a picture folds together, and which it leaves out.

use crate::graph::{BlockId, Graph, Node, NodeId, Origin, Phase, ValueId};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

/// What draws a value or a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    Leaf(ValueId),
    Node(NodeId),
    /// A folded block.
    Block(BlockId),
    /// A folded statement, by the node that it ends in.
    Statement(NodeId),
}

/// The owners of all values, and the opened blocks that they stand in.
pub struct Owners {
    of: Vec<Option<Owner>>,
    /// For each value the innermost opened block.
    groups: Vec<Option<BlockId>>,
    /// For each block the one around it.
    parents: Vec<Option<BlockId>>,
}

impl Owners {
    /// Opens blocks down to `depth`; with `statements`, folds every statement too.
    pub fn of(graph: &Graph, depth: usize, statements: bool) -> Self {
        let parents = parents(graph);
        let (folded, groups) = blocks(graph, depth);
        let ends = if statements { ends(graph) } else { HashMap::new() };
        let owner = |id: ValueId| {
            let value = graph.value(id);
            match (folded[id.index()], &value.origin) {
                (_, Origin::Upstream(_)) => None,
                (_, Origin::Node(node)) if !is_drawn(graph.node(*node)) => None,
                (_, Origin::Literal(_)) => None,
                (Some(block), _) => Some(Owner::Block(block)),
                (None, Origin::Leaf { .. }) => Some(Owner::Leaf(id)),
                (None, Origin::Node(node)) => Some(match ends.get(statement(&value.name)) {
                    Some(&end) => Owner::Statement(end),
                    None => Owner::Node(*node),
                }),
            }
        };
        Self { of: graph.ids().map(owner).collect(), groups, parents }
    }

    /// Who draws a value; nobody draws literals, which stand at each of their uses.
    pub fn owner(&self, value: ValueId) -> Option<Owner> {
        self.of[value.index()]
    }

    /// The innermost opened block around a value.
    pub fn group(&self, value: ValueId) -> Option<BlockId> {
        self.groups[value.index()]
    }

    /// The block around a block.
    pub fn parent(&self, block: BlockId) -> Option<BlockId> {
        self.parents[block.index()]
    }

    /// All that is drawn, in the order of computation.
    pub fn all(&self, graph: &Graph) -> Vec<Owner> {
        let mut seen = HashSet::new();
        graph.ids().filter_map(|id| self.owner(id)).filter(|&owner| seen.insert(owner)).collect()
    }

    /// No more than so many are drawn, with the literals at their uses.
    pub fn fit(&self, graph: &Graph, most: usize) -> bool {
        let is_drawn = |node: &&Node| matches!(self.owner(node.outputs[0]), Some(Owner::Node(_)));
        let inputs = graph.nodes.iter().filter(is_drawn).flat_map(|node| &node.inputs);
        let is_literal = |&&input: &&ValueId| matches!(graph.value(input).origin, Origin::Literal(_));
        let literals = inputs.filter(is_literal).take(most + 1).count();
        let mut seen = HashSet::new();
        literals <= most
            && graph.ids().filter_map(|id| self.owner(id)).all(|owner| {
                seen.insert(owner);
                seen.len() <= most - literals
            })
    }

    /// Leaves out what is more than `steps` away from a value, either way.
    pub fn near(mut self, graph: &Graph, value: ValueId, steps: usize) -> Self {
        let (mut before, mut after) = (HashMap::new(), HashMap::new());
        for node in graph.nodes.iter().filter(|node| is_drawn(node)) {
            let Some(to) = self.owner(node.outputs[0]) else { continue };
            for from in node.inputs.iter().filter_map(|&input| self.owner(input)).filter(|&from| from != to) {
                before.entry(to).or_insert_with(Vec::new).push(from);
                after.entry(from).or_insert_with(Vec::new).push(to);
            }
        }
        let start = self.owner(value);
        let mut kept: HashSet<Owner> = start.into_iter().collect();
        for neighbours in [before, after] {
            let mut reached: HashSet<Owner> = start.into_iter().collect();
            let mut edge: Vec<Owner> = start.into_iter().collect();
            for _ in 0..steps {
                let next = edge.iter().filter_map(|owner| neighbours.get(owner)).flatten().copied();
                edge = next.filter(|&owner| reached.insert(owner)).collect();
                if edge.is_empty() {
                    break;
                }
            }
            kept.extend(reached);
        }
        self.of.iter_mut().for_each(|owner| *owner = owner.filter(|owner| kept.contains(owner)));
        self
    }
}

/// Forward nodes only: a backward by hand is words, not a picture.
pub fn is_drawn(node: &Node) -> bool {
    node.phase == Phase::Forward
}

/// The statement that a node belongs to: `scores` for `scores.affine1`.
fn statement(name: &str) -> &str {
    name.split_once('.').map_or(name, |(statement, _)| statement)
}

/// The last node of every statement that has several, by its name.
fn ends(graph: &Graph) -> HashMap<&str, NodeId> {
    let mut inner: HashSet<&str> = HashSet::new();
    let mut ends = HashMap::new();
    for (index, node) in graph.nodes.iter().enumerate().filter(|(_, node)| is_drawn(node)) {
        let name = &*graph.value(node.outputs[0]).name;
        match name.contains('.') {
            true => drop(inner.insert(statement(name))),
            false => drop(ends.insert(name, NodeId(index as u32))),
        }
    }
    ends.retain(|name, _| inner.contains(name));
    ends
}

/// For each value the outermost block that stays folded, and the innermost open one.
fn blocks(graph: &Graph, depth: usize) -> (Vec<Option<BlockId>>, Vec<Option<BlockId>>) {
    let mut folded = vec![None; graph.values.len()];
    let mut open = vec![None; graph.values.len()];
    let mut level = vec![0usize; graph.values.len()];
    // A block stands behind those within it, so that outer ones come first here.
    for (index, block) in graph.blocks.iter().enumerate().rev() {
        let id = BlockId(index as u32);
        for value in block.values.start as usize..block.values.end as usize {
            if level[value] < depth {
                open[value] = Some(id);
            } else if folded[value].is_none() {
                folded[value] = Some(id);
            }
            level[value] += 1;
        }
    }
    (folded, open)
}

/// For each block the one around it.
pub fn parents(graph: &Graph) -> Vec<Option<BlockId>> {
    let mut parents = vec![None; graph.blocks.len()];
    let mut around: Vec<(BlockId, &Range<u32>)> = Vec::new();
    for (index, block) in graph.blocks.iter().enumerate().rev() {
        while let Some((_, outer)) = around.last()
            && !(outer.start <= block.nodes.start && block.nodes.end <= outer.end)
        {
            around.pop();
        }
        parents[index] = around.last().map(|&(outer, _)| outer);
        around.push((BlockId(index as u32), &block.nodes));
    }
    parents
}
