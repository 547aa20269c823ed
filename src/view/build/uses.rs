//! Which edges there are, and what comes back along each.

use super::{Builder, Sketch, Stands};
use crate::{
    graph::{BlockId, NodeId, Origin, ValueId},
    view::{
        flow::Sender,
        owner::{Owner, is_drawn},
        scene::{Form, Item},
    },
};
use std::collections::HashMap;

impl Builder<'_> {
    pub(super) fn add_uses(&self, sketch: &mut Sketch) {
        for (index, node) in self.graph.nodes.iter().enumerate().filter(|(_, node)| is_drawn(node)) {
            let Some(owner) = self.owners.owner(node.outputs[0]) else { continue };
            let Some(&to) = sketch.places.get(&Stands::For(owner)) else { continue };
            for (input, &value) in node.inputs.iter().enumerate() {
                if matches!(self.graph.value(value).origin, Origin::Literal(_)) {
                    if matches!(owner, Owner::Node(_)) {
                        self.add_literal(to, input, value, sketch);
                    }
                    continue;
                }
                let from = self.owners.owner(value).filter(|&from| from != owner);
                let Some(&from) = from.and_then(|from| sketch.places.get(&Stands::For(from))) else {
                    continue;
                };
                let from = match self.enters(NodeId(index as u32), value) {
                    Some(block) => self.add_port(block, value, from, sketch),
                    None => from,
                };
                sketch.uses.entry((to, self.place(owner, input, value), from, value)).or_default();
            }
        }
    }

    /// The opened block with a backward by hand that a value comes into, on its way
    /// to a node.
    fn enters(&self, node: NodeId, value: ValueId) -> Option<BlockId> {
        let id = self.flow.as_ref()?.hidden(node)?;
        let block = &self.graph.blocks[id.index()];
        (self.is_open(id) && !block.values.contains(&value.0)).then_some(id)
    }

    fn is_open(&self, block: BlockId) -> bool {
        matches!(self.owners.owner(self.graph.blocks[block.index()].output()), Some(Owner::Node(_)))
    }

    fn add_port(&self, id: BlockId, value: ValueId, from: usize, sketch: &mut Sketch) -> usize {
        let port = sketch.scene.items.len();
        let block = &self.graph.blocks[id.index()];
        let input = block.inputs.iter().position(|&input| input == value).unwrap_or(usize::MAX);
        if let Some(&known) = sketch.places.get(&Stands::Port(id, value)) {
            return known;
        }
        sketch.places.insert(Stands::Port(id, value), port);
        sketch.uses.entry((port, input, from, value)).or_default();
        let name = &self.graph.value(value).name;
        sketch.scene.items.push(Item {
            form: Form::Port,
            key: format!("{name}>{}", block.name),
            sign: String::new(),
            name: None,
            note: None,
            total: None,
            literal: None,
            tip: format!("{name} comes into {}", block.name),
            group: sketch.groups.get(&id).copied(),
            mark: None,
            value,
        });
        port
    }

    /// Every use of a literal has one of its own.
    fn add_literal(&self, to: usize, input: usize, value: ValueId, sketch: &mut Sketch) {
        let (from, user) = (sketch.scene.items.len(), &sketch.scene.items[to]);
        let literal = self.literal(value, format!("{}#{input}", user.key), user.group);
        sketch.scene.items.push(literal);
        sketch.uses.entry((to, input, from, value)).or_default();
    }

    /// In which order an edge comes to an item: a fold has one edge for a value,
    /// however often it is used inside.
    fn place(&self, owner: Owner, input: usize, value: ValueId) -> usize {
        match owner {
            Owner::Block(block) => {
                let inputs = &self.graph.blocks[block.index()].inputs;
                inputs.iter().position(|&input| input == value).unwrap_or(inputs.len())
            }
            Owner::Statement(_) => 0,
            _ => input,
        }
    }

    /// What comes back goes along the edge that its sender got the value by.
    pub(super) fn add_senders(&self, sketch: &mut Sketch) {
        let Some(flow) = &self.flow else { return };
        let mut edges: HashMap<(usize, ValueId), Vec<(usize, usize)>> = HashMap::new();
        for &(to, input, from, value) in sketch.uses.keys() {
            edges.entry((to, value)).or_default().push((input, from));
        }
        for value in self.graph.ids() {
            for &sender in flow.senders(value) {
                let (stands, input) = match sender {
                    Sender::Output => continue,
                    Sender::Node { node, input } => {
                        let Some(owner) = self.owners.owner(self.graph.node(node).outputs[0]) else {
                            continue;
                        };
                        (Stands::For(owner), self.place(owner, input, value))
                    }
                    Sender::CustomSteps { block, .. } if self.is_open(block) => {
                        (Stands::Port(block, value), usize::MAX)
                    }
                    Sender::CustomSteps { block, .. } => {
                        let output = self.graph.blocks[block.index()].output();
                        let Some(owner) = self.owners.owner(output) else { continue };
                        (Stands::For(owner), self.place(owner, usize::MAX, value))
                    }
                };
                let Some(&to) = sketch.places.get(&stands) else { continue };
                let known = edges.get(&(to, value)).map_or(&[][..], Vec::as_slice);
                let edge = known.iter().find(|(at, _)| *at == input).or(known.first());
                if let Some(&(input, from)) = edge {
                    sketch.uses.entry((to, input, from, value)).or_default().push(sender);
                }
            }
        }
    }
}
