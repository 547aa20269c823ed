//! The node that first makes a number that is NaN or infinite.

use crate::{
    engine::{Memory, send_back},
    graph::{Graph, NodeId, Origin, Phase, ValueId},
    plan::{Plan, Step},
    tensor::Kind,
};
use foldhash::HashMap;
use std::cell::OnceCell;

/// A number that is NaN or infinite, and what made it.
#[derive(Debug, Clone, PartialEq)]
pub struct NotFinite {
    pub value: ValueId,
    pub entry: usize,
    /// The number itself.
    pub number: f64,
    /// It is the gradient that is not finite, not the value.
    pub gradient: bool,
    /// The node that makes it of numbers that are finite; `None` where the file says it.
    pub made_by: Option<Made>,
}

/// A node and what it was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    pub node: NodeId,
    /// For each float input the value, the entry and its number. Of an op that is not elementwise the
    /// entry of the largest size.
    pub inputs: Vec<(ValueId, usize, f64)>,
    /// The input that a gradient goes to.
    pub to: Option<usize>,
}

/// Traces the first output or gradient asked for that is not finite to the node that made it; `None`
/// where all are finite, as behind a mask of infinities.
pub fn first(graph: &Graph, plan: &Plan, base: &Memory<f64>) -> Option<NotFinite> {
    let trace = Trace::new(graph, plan, base);
    let bad = |elements: &[f64]| elements.iter().position(|x| !x.is_finite());
    let output = plan.outputs.iter().find_map(|&output| Some((output, bad(base.float(plan, output))?)));
    if let Some((output, entry)) = output {
        return Some(trace.value(output, entry));
    }
    let leaf = plan.wanted.iter().find_map(|&leaf| Some((leaf, bad(base.gradient(plan, leaf)?)?)));
    leaf.map(|(leaf, entry)| trace.gradient(leaf, entry))
}

/// A run, to be gone back through.
pub struct Trace<'a> {
    pub graph: &'a Graph,
    pub plan: &'a Plan<'a>,
    pub base: &'a Memory<f64>,
    senders: OnceCell<Senders>,
}

/// What sends a gradient, by the value that it goes to.
#[derive(Default)]
struct Senders {
    lines: HashMap<ValueId, Vec<ValueId>>,
    nodes: HashMap<ValueId, Vec<(NodeId, usize)>>,
}

impl<'a> Trace<'a> {
    pub fn new(graph: &'a Graph, plan: &'a Plan<'a>, base: &'a Memory<f64>) -> Self {
        Self { graph, plan, base, senders: OnceCell::new() }
    }

    fn number(&self, value: ValueId, entry: usize) -> f64 {
        self.base.float(self.plan, value).get(entry).copied().unwrap_or(f64::NAN)
    }

    /// Follows a value that is not finite to where it comes from.
    fn value(&self, value: ValueId, entry: usize) -> NotFinite {
        let (mut value, mut entry) = (value, entry);
        loop {
            let number = self.number(value, entry);
            let found = |made_by| NotFinite { value, entry, number, gradient: false, made_by };
            let node = match self.graph.value(value).origin {
                Origin::Node(node) => node,
                Origin::Upstream(block) => match self.graph.block(block).output_of(value) {
                    Some(output) => return self.gradient(output, entry),
                    None => return found(None),
                },
                Origin::Leaf { .. } | Origin::Literal(_) => return found(None),
            };
            let inputs = self.inputs(node, entry);
            let next = inputs
                .iter()
                .find(|(_, _, x)| x.is_nan())
                .or_else(|| inputs.iter().find(|(value, _, x)| x.is_infinite() && self.is_made(*value)));
            match next {
                Some(&(input, at, _)) => (value, entry) = (input, at),
                None => return found(Some(Made { node, inputs, to: None })),
            }
        }
    }

    /// The value is computed: an infinity in the data, as of a mask, is meant.
    fn is_made(&self, value: ValueId) -> bool {
        let mut open = vec![value];
        let mut seen = vec![false; self.graph.values.len()];
        while let Some(value) = open.pop() {
            if std::mem::replace(&mut seen[value.index()], true) {
                continue;
            }
            let Origin::Node(node) = self.graph.value(value).origin else { continue };
            let infinite: Vec<ValueId> = self
                .floats(node)
                .filter(|&input| self.base.float(self.plan, input).iter().any(|x| !x.is_finite()))
                .collect();
            if infinite.is_empty() {
                return true;
            }
            open.extend(infinite);
        }
        false
    }

    /// The float inputs of a node.
    pub fn floats(&self, node: NodeId) -> impl Iterator<Item = ValueId> {
        let inputs = self.graph.node(node).inputs.iter().copied();
        inputs.filter(|&input| self.graph.value(input).ty.kind != Kind::Int)
    }

    /// What a node is given for one entry of its output.
    fn inputs(&self, node: NodeId, entry: usize) -> Vec<(ValueId, usize, f64)> {
        let output = self.graph.node(node).outputs[0];
        let is_elementwise = self.is_elementwise(node);
        let given = self.floats(node).filter_map(|input| {
            let numbers = self.base.float(self.plan, input);
            let size = |at: &usize| numbers[*at].abs();
            let at = match is_elementwise {
                true => self.below(input, output, entry),
                false => numbers
                    .iter()
                    .position(|x| x.is_nan())
                    .or_else(|| numbers.iter().position(|x| x.is_infinite()))
                    .or_else(|| (0..numbers.len()).max_by(|a, b| size(a).total_cmp(&size(b))))?,
            };
            Some((input, at, *numbers.get(at)?))
        });
        given.collect()
    }

    /// The entry of an input that is stretched to an output.
    fn below(&self, input: ValueId, output: ValueId, entry: usize) -> usize {
        let (own, shape) = (&self.graph.value(input).ty.shape, &self.graph.value(output).ty.shape);
        let strides = own.strides();
        let (mut rest, mut at) = (entry, 0);
        for back in 1..=shape.rank() {
            let length = shape[shape.rank() - back].max(1);
            if back <= own.rank() {
                at += rest % length * strides[own.rank() - back];
            }
            rest /= length;
        }
        at
    }

    /// Follows a gradient that is not finite to where it comes from.
    fn gradient(&self, value: ValueId, entry: usize) -> NotFinite {
        let (mut value, mut entry) = (value, entry);
        loop {
            let number = self.gradient_of(value).get(entry).copied().unwrap_or(f64::NAN);
            let found = |made_by| NotFinite { value, entry, number, gradient: true, made_by };
            if let Some(line) = self.lines(value).iter().find(|&&line| !self.number(line, entry).is_finite())
            {
                return self.value(*line, entry);
            }
            let sends = |&(node, input): &(NodeId, usize)| {
                !self.sent(&self.plan.steps[node.index()], input, entry).is_finite()
            };
            let Some(&(node, input)) = self.senders(value).iter().find(|sender| sends(sender)) else {
                return found(None);
            };
            let output = self.graph.node(node).outputs[0];
            match self.gradient_of(output).iter().position(|x| !x.is_finite()) {
                Some(at) => (value, entry) = (output, at),
                None => {
                    let at = if self.is_elementwise(node) { self.above(value, output, entry) } else { entry };
                    return found(Some(Made { node, inputs: self.inputs(node, at), to: Some(input) }));
                }
            }
        }
    }

    fn gradient_of(&self, value: ValueId) -> &[f64] {
        self.base.gradient(self.plan, value).unwrap_or(&[])
    }

    /// The first entry of an output that uses an entry of an input.
    fn above(&self, input: ValueId, output: ValueId, entry: usize) -> usize {
        let size = self.graph.value(output).ty.shape.size();
        (0..size).find(|&at| self.below(input, output, at) == entry).unwrap_or(0)
    }

    /// The lines of backwards by hand that send a gradient to a value.
    pub fn lines(&self, value: ValueId) -> &[ValueId] {
        self.senders.get_or_init(|| self.index()).lines.get(&value).map_or(&[], Vec::as_slice)
    }

    /// The nodes, each with its input, that send a gradient to a value.
    pub fn senders(&self, value: ValueId) -> &[(NodeId, usize)] {
        self.senders.get_or_init(|| self.index()).nodes.get(&value).map_or(&[], Vec::as_slice)
    }

    fn index(&self) -> Senders {
        let mut senders = Senders::default();
        for block in self.graph.custom_blocks().into_iter().map(|id| self.graph.block(id)) {
            if block.outputs.iter().any(|&(output, _)| !self.gradient_of(output).is_empty()) {
                for line in block.backward.iter().flat_map(|hand| &hand.lines) {
                    senders.lines.entry(line.to).or_default().push(line.gradient);
                }
            }
        }
        for unit in self.graph.units().rev().filter(|unit| unit.block.is_none()) {
            let step = &self.plan.steps[unit.nodes.start as usize];
            if step.phase == Phase::Forward && !self.gradient_of(step.output).is_empty() {
                let inputs = self.plan.inputs(step).iter().enumerate();
                for (input, &from) in inputs.filter(|(input, _)| step.kernel.differentiates(*input)) {
                    senders.nodes.entry(from).or_default().push((NodeId(unit.nodes.start), input));
                }
            }
        }
        senders
    }

    /// The entry of a node's input that an entry of its output is made of, where there is one.
    pub fn entry_below(&self, node: NodeId, input: ValueId, entry: Option<usize>) -> Option<usize> {
        let output = self.graph.node(node).outputs[0];
        entry.filter(|_| self.is_elementwise(node)).map(|entry| self.below(input, output, entry))
    }

    /// The entry of a node's output that an entry of its input goes to, where it is one alone.
    pub fn entry_above(&self, node: NodeId, input: ValueId, entry: Option<usize>) -> Option<usize> {
        let output = self.graph.node(node).outputs[0];
        let size = |value: ValueId| self.graph.value(value).ty.shape.size();
        entry.filter(|_| self.is_elementwise(node) && size(input) == size(output))
    }

    fn is_elementwise(&self, node: NodeId) -> bool {
        self.graph.node(node).kernel.is_elementwise()
    }

    fn sent(&self, step: &Step, input: usize, entry: usize) -> f64 {
        let upstream = self.gradient_of(step.output);
        let size = self.graph.value(self.plan.inputs(step)[input]).ty.shape.size();
        let mut gradient = vec![0.0; size];
        send_back(self.plan, step, input, self.base, upstream, &mut gradient);
        gradient.get(entry).copied().unwrap_or(0.0)
    }
}
