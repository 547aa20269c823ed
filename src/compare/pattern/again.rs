//! A gradient line worked out again at one place, with other numbers for some input of a node.

use super::sight::{Sight, Subject};
use crate::{
    double::Double,
    graph::{Node, NodeId, Phase, ValueId},
    op::{Inputs, Number, Output, Slot},
};
use num_traits::Zero;
use std::collections::{HashMap, HashSet};

impl<'a> Sight<'a> {
    /// The numbers of a value of the unit, those of its backward lines included.
    pub fn numbers(&self, value: ValueId) -> &[Double] {
        self.place.memory.float(self.place.plan, value)
    }

    /// What a node makes of these numbers for its float inputs.
    pub fn apply(&self, node: &Node, input: impl Fn(usize) -> Vec<Double>) -> Vec<Double> {
        let (mut floats, mut slots) = (Vec::new(), Vec::new());
        for at in 0..node.inputs.len() {
            let numbers = input(at);
            slots.push(Slot::Float { start: floats.len(), len: numbers.len() });
            floats.extend(numbers);
        }
        let mut made = vec![Double::zero(); self.numbers(node.outputs[0]).len()];
        let x = Inputs { slots: &slots, floats: &floats, ints: &[] };
        Double::calls(&*node.kernel).call(&x, Output::Float(&mut made));
        made
    }
}

/// The nodes that a line is made of.
pub struct Recipe<'a> {
    subject: &'a Subject<'a>,
    line: ValueId,
    /// In the order in which they run.
    pub nodes: Vec<NodeId>,
}

impl<'a> Recipe<'a> {
    /// `None` where no line goes to the leaf, or integers take part in it.
    pub fn new(subject: &'a Subject<'a>) -> Option<Self> {
        let graph = &subject.alone.graph;
        let lines = &graph.blocks.first()?.backward.as_ref()?.lines;
        let line = lines.iter().find(|line| line.to == subject.leaf)?.gradient;
        let mut needed = HashSet::from([line]);
        let mut nodes = Vec::new();
        for (index, node) in graph.nodes.iter().enumerate().rev() {
            if node.phase == Phase::Backward && needed.contains(&node.outputs[0]) {
                needed.extend(&node.inputs);
                nodes.push(NodeId(index as u32));
            }
        }
        nodes.reverse();
        let is_float = |id: &ValueId| subject.is_float(*id);
        nodes.iter().all(|&id| graph.node(id).inputs.iter().all(is_float)).then_some(())?;
        Some(Self { subject, line, nodes })
    }

    /// How many numbers all nodes of the line take and make.
    pub fn elements(&self) -> usize {
        let graph = &self.subject.alone.graph;
        let size = |id: &ValueId| graph.value(*id).ty.shape.size();
        let of = |id: &NodeId| {
            let node = graph.node(*id);
            node.inputs.iter().chain(&node.outputs).map(size).sum::<usize>()
        };
        self.nodes.iter().map(of).sum()
    }

    /// The line with these numbers for one input of a node, at one place.
    pub fn with(&self, sight: &Sight, changed: NodeId, input: usize, numbers: &[Double]) -> Vec<Double> {
        let graph = &self.subject.alone.graph;
        let mut other: HashMap<ValueId, Vec<Double>> = HashMap::new();
        for &id in self.nodes.iter().filter(|&&id| id >= changed) {
            let node = graph.node(id);
            if id != changed && !node.inputs.iter().any(|input| other.contains_key(input)) {
                continue;
            }
            let made = sight.apply(node, |at| match other.get(&node.inputs[at]) {
                _ if id == changed && at == input => numbers.to_vec(),
                Some(numbers) => numbers.clone(),
                None => sight.numbers(node.inputs[at]).to_vec(),
            });
            other.insert(node.outputs[0], made);
        }
        other.remove(&self.line).unwrap_or_else(|| sight.numbers(self.line).to_vec())
    }
}
