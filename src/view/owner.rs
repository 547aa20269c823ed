//! Which values and nodes a picture folds together, and which it leaves out.

use crate::graph::{BlockId, Graph, Node, NodeId, Origin, Phase, ValueId};

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

/// The owners of all values, by value.
pub struct Owners {
    of: Vec<Option<Owner>>,
    /// For each node the innermost opened block.
    pub groups: Vec<Option<BlockId>>,
}

impl Owners {
    /// Opens blocks down to `depth`; with `statements`, folds every statement too.
    pub fn of(graph: &Graph, depth: usize, statements: bool) -> Self {
        let (folded, groups) = blocks(graph, depth);
        let mut ends: Vec<Option<Owner>> = vec![None; graph.nodes.len()];
        let mut end = None;
        for (index, node) in graph.nodes.iter().enumerate().rev().filter(|(_, node)| is_drawn(node)) {
            if node.named || end.is_none() || !statements {
                end = Some(NodeId(index as u32));
            }
            let id = NodeId(index as u32);
            ends[index] = Some(match (folded[index], end.filter(|&end| end != id)) {
                (Some(block), _) => Owner::Block(block),
                (None, Some(end)) if statements => Owner::Statement(end),
                _ => Owner::Node(id),
            });
        }
        // A folded statement owns its last node as well.
        for owner in ends.clone().into_iter().flatten() {
            if let Owner::Statement(end) = owner {
                ends[end.index()] = Some(owner);
            }
        }
        let mut of = vec![None; graph.values.len()];
        for (index, node) in graph.nodes.iter().enumerate() {
            node.outputs.iter().for_each(|output| of[output.index()] = ends[index]);
        }
        let mut owners = Self { of, groups };
        owners.take_in_leaves(graph, &ends);
        owners
    }

    /// A leaf is drawn for itself unless all its uses are in one fold: then a
    /// literal, or a param of a block, is part of that.
    fn take_in_leaves(&mut self, graph: &Graph, ends: &[Option<Owner>]) {
        let mut users: Vec<Option<Result<Owner, ()>>> = vec![None; graph.values.len()];
        for (index, node) in graph.nodes.iter().enumerate() {
            let Some(owner) = ends[index] else { continue };
            for input in &node.inputs {
                let user = &mut users[input.index()];
                *user = match user {
                    None => Some(Ok(owner)),
                    Some(Ok(known)) if *known == owner => Some(Ok(owner)),
                    Some(_) => Some(Err(())),
                };
            }
        }
        for id in graph.ids() {
            let fold = match users[id.index()] {
                Some(Ok(owner @ (Owner::Block(_) | Owner::Statement(_)))) => Some(owner),
                _ => None,
            };
            self.of[id.index()] = match (&graph.value(id).origin, fold) {
                (Origin::Literal(_), None) if users[id.index()].is_none() => None,
                (Origin::Literal(_), fold) => fold.or(Some(Owner::Leaf(id))),
                (Origin::Leaf { .. }, Some(Owner::Block(block))) if is_of(graph, block, id) => {
                    Some(Owner::Block(block))
                }
                (Origin::Leaf { .. }, _) => Some(Owner::Leaf(id)),
                (Origin::Node(_) | Origin::Upstream(_), _) => self.of[id.index()],
            };
        }
    }

    pub fn owner(&self, value: ValueId) -> Option<Owner> {
        self.of[value.index()]
    }

    /// All that is drawn, in the order of computation.
    pub fn all(&self, graph: &Graph) -> Vec<Owner> {
        let mut seen = std::collections::HashSet::new();
        graph.ids().filter_map(|id| self.owner(id)).filter(|&owner| seen.insert(owner)).collect()
    }

    pub fn count(&self, graph: &Graph) -> usize {
        self.all(graph).len()
    }

    /// Leaves out what is more than `steps` away from a value, either way.
    pub fn near(mut self, graph: &Graph, value: ValueId, steps: usize) -> Self {
        let mut kept: std::collections::HashSet<Owner> = self.owner(value).into_iter().collect();
        let pairs: Vec<(Owner, Owner)> = graph
            .nodes
            .iter()
            .filter(|node| is_drawn(node))
            .filter_map(|node| Some((node, self.owner(node.outputs[0])?)))
            .flat_map(|(node, to)| node.inputs.iter().filter_map(move |&input| Some((input, to))))
            .filter_map(|(input, to)| Some((self.owner(input)?, to)))
            .collect();
        let (mut back, mut forth) = (kept.clone(), kept.clone());
        for _ in 0..steps {
            let before: Vec<Owner> =
                pairs.iter().filter(|(_, to)| back.contains(to)).map(|&(from, _)| from).collect();
            let after: Vec<Owner> =
                pairs.iter().filter(|(from, _)| forth.contains(from)).map(|&(_, to)| to).collect();
            let size = (back.len(), forth.len());
            back.extend(before);
            forth.extend(after);
            if size == (back.len(), forth.len()) {
                break;
            }
        }
        kept.extend(back);
        kept.extend(forth);
        self.of.iter_mut().for_each(|owner| *owner = owner.filter(|owner| kept.contains(owner)));
        self
    }
}

/// Forward nodes only: a backward by hand is words, not a picture.
pub fn is_drawn(node: &Node) -> bool {
    node.phase == Phase::Forward
}

/// The value is a param that a block made for itself.
fn is_of(graph: &Graph, block: BlockId, value: ValueId) -> bool {
    let block = &graph.blocks[block.index()];
    let within = graph.value(value).name.strip_prefix(&*block.name);
    within.is_some_and(|rest| rest.starts_with('.')) && !block.inputs.contains(&value)
}

/// For each node the outermost block that stays folded, and the innermost that is open.
fn blocks(graph: &Graph, depth: usize) -> (Vec<Option<BlockId>>, Vec<Option<BlockId>>) {
    let mut folded = vec![None; graph.nodes.len()];
    let mut open = vec![None; graph.nodes.len()];
    let mut level = vec![0usize; graph.nodes.len()];
    // A block stands behind those within it, so that outer ones come first here.
    for (index, block) in graph.blocks.iter().enumerate().rev() {
        for node in block.nodes.start as usize..block.nodes.end as usize {
            let slot = if level[node] < depth { &mut open[node] } else { &mut folded[node] };
            if level[node] < depth || slot.is_none() {
                *slot = Some(BlockId(index as u32));
            }
            level[node] += 1;
        }
    }
    (folded, open)
}

/// The opened blocks around each opened block.
pub fn parent(graph: &Graph, id: BlockId) -> Option<BlockId> {
    let inner = &graph.blocks[id.index()].nodes;
    let outer = |block: &crate::graph::Block| block.nodes.start <= inner.start && inner.end <= block.nodes.end;
    let behind = graph.blocks.iter().enumerate().skip(id.index() + 1);
    behind.into_iter().find(|(_, block)| outer(block)).map(|(index, _)| BlockId(index as u32))
}
