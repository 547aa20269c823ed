//! One node, or one block with a backward by hand, as a graph of its own at the
//! values of a run, so that it can be compared alone.

use super::place::part;
use crate::{
    double::Double,
    engine::Memory,
    graph::{
        BackwardLine, Block, BlockId, CustomBackward, Graph, Node, NodeId, Origin, Phase, Unit, Value,
        ValueId,
    },
    op::{Argument, Call},
    ops,
    plan::Plan,
    run::Run,
    shape::Shape,
    source::Span,
    syntax::Role,
    tensor::{Kind, Tensor, Type},
};
use smallvec::smallvec;
use std::collections::HashMap;

/// A unit cut out: its inputs are leaves that hold this run's values, and each of its
/// outputs is weighed and summed to one number.
#[derive(Clone)]
pub struct Alone {
    pub graph: Graph,
    /// All leaves that stand for values of the whole graph, each with its value.
    pub leaves: Vec<(ValueId, ValueId)>,
    /// The leaves whose gradients are compared, with what they are in the whole graph.
    pub wanted: Vec<(ValueId, ValueId)>,
    /// The leaves of the weights, which are the upstream gradients: one for each float output.
    pub weights: Vec<ValueId>,
}

impl Alone {
    /// Cuts the unit out of a run. Of a block all backward lines are asked for, those of
    /// arguments that are const here too.
    pub fn new(unit: &Unit, graph: &Graph, run: &Run) -> Self {
        let hand = unit.block.and_then(|id| graph.block(id).backward.as_ref());
        let mut cut = Cut { of: graph, graph: Graph::default(), ids: HashMap::new() };
        let (mut leaves, mut wanted) = (Vec::new(), Vec::new());
        for (index, input) in inputs(unit, graph, hand) {
            let value = graph.value(input);
            let goes_back = match hand {
                Some(hand) => hand.lines.iter().any(|line| line.to == input && !line.surrogate),
                None => graph.nodes[unit.nodes.start as usize].kernel.card().differentiates(index),
            };
            let asked = goes_back && (value.differentiable || hand.is_some()) && value.ty.kind == Kind::Float;
            let role = if asked { Role::Input } else { Role::Const };
            let origin = Origin::Leaf { role, data: Box::new(run.value_of(input)) };
            let id = cut.value(input, origin, asked);
            leaves.push((id, input));
            if asked {
                wanted.push((id, input));
            }
        }
        for index in unit.nodes.clone() {
            cut.node(index, hand);
        }
        if let (Some(hand), Some(id)) = (hand, unit.block) {
            cut.block(graph.block(id), hand);
        }
        let floats = unit.outputs.iter().filter(|&&output| graph.value(output).ty.kind == Kind::Float);
        let weights = floats.map(|&output| cut.weigh(output)).collect();
        cut.graph.wanted = wanted.iter().map(|&(leaf, _)| leaf).collect();
        Alone { graph: cut.graph, leaves, wanted, weights }
    }

    /// The shape of the unit's first output.
    pub fn output_shape(&self) -> &Shape {
        &self.graph.value(self.weights[0]).ty.shape
    }

    /// Gives the upstream gradients other elements; `element` makes them by their count.
    pub fn set_upstream(&self, plan: &Plan, memory: &mut Memory<Double>, element: impl Fn(u64) -> Double) {
        let mut count = 0;
        for &weights in &self.weights {
            for weight in &mut memory.floats[plan.slot(weights).range()] {
                *weight = element(count);
                count += 1;
            }
        }
    }
}

/// The values that come from outside, each once, with the input of the first
/// node that they are.
fn inputs(unit: &Unit, graph: &Graph, hand: Option<&CustomBackward>) -> Vec<(usize, ValueId)> {
    let inside = |value: ValueId| match graph.value(value).origin {
        Origin::Node(node) => unit.nodes.contains(&node.0),
        Origin::Upstream(_) => true,
        Origin::Leaf { .. } | Origin::Literal(_) => false,
    };
    let used =
        unit.nodes.clone().flat_map(|node| graph.nodes[node as usize].inputs.iter().copied().enumerate());
    let lines = hand.into_iter().flat_map(|hand| &hand.lines).flat_map(|line| [line.to, line.gradient]);
    let mut inputs: Vec<(usize, ValueId)> = Vec::new();
    for (index, value) in used.chain(lines.map(|value| (0, value))) {
        if !inside(value) && !inputs.iter().any(|&(_, known)| known == value) {
            inputs.push((index, value));
        }
    }
    inputs
}

/// A graph that is filled with parts of another.
struct Cut<'a> {
    of: &'a Graph,
    graph: Graph,
    ids: HashMap<ValueId, ValueId>,
}

impl Cut<'_> {
    fn value(&mut self, from: ValueId, origin: Origin, differentiable: bool) -> ValueId {
        let value = self.of.value(from);
        let id = self.push(value.name.clone(), value.ty.clone(), origin, differentiable, value.span);
        self.ids.insert(from, id);
        id
    }

    fn push(
        &mut self,
        name: Box<str>,
        ty: Type,
        origin: Origin,
        differentiable: bool,
        span: Span,
    ) -> ValueId {
        let id = ValueId(self.graph.values.len() as u32);
        self.graph.values.push(Value { name, ty, origin, differentiable, span });
        id
    }

    fn node(&mut self, index: u32, hand: Option<&CustomBackward>) {
        let node = &self.of.nodes[index as usize];
        // The upstream gradient stands before the first node that may use it.
        if let Some(hand) = hand
            && node.phase == Phase::Backward
        {
            self.upstreams(hand);
        }
        // What hangs on the upstream gradient of a block within is of that block's own backward.
        let Some(inputs) = node.inputs.iter().map(|input| self.ids.get(input).copied()).collect() else {
            return;
        };
        let output = node.outputs[0];
        let differentiable = self.of.value(output).ty.kind == Kind::Float
            && node.inputs.iter().enumerate().any(|(input, value)| {
                node.kernel.differentiates(input) && self.graph.value(self.ids[value]).differentiable
            });
        let id = self.value(output, Origin::Node(NodeId(self.graph.nodes.len() as u32)), differentiable);
        self.graph.nodes.push(Node {
            kernel: node.kernel.clone(),
            inputs,
            outputs: smallvec![id],
            named: node.named,
            phase: node.phase,
            attributes: node.attributes.clone(),
            span: node.span,
        });
    }

    fn upstreams(&mut self, hand: &CustomBackward) {
        for &(_, upstream) in &hand.upstreams {
            if !self.ids.contains_key(&upstream) {
                self.value(upstream, Origin::Upstream(BlockId(0)), false);
            }
        }
    }

    fn block(&mut self, block: &Block, hand: &CustomBackward) {
        self.upstreams(hand);
        let ids = &self.ids;
        let lines = hand.lines.iter().map(|line| BackwardLine {
            name: line.name.clone(),
            to: ids[&line.to],
            gradient: ids[&line.gradient],
            surrogate: line.surrogate,
            span: line.span,
        });
        let upstreams =
            hand.upstreams.iter().map(|(output, upstream)| (ids[output], ids[upstream])).collect();
        let backward = CustomBackward { upstreams, lines: lines.collect() };
        let outputs: Vec<_> =
            block.outputs.iter().map(|(output, name)| (ids[output], name.clone())).collect();
        // The lines, not the ops within, say where gradients go.
        for &(output, _) in &outputs {
            let value = &mut self.graph.values[output.index()];
            value.differentiable = value.ty.kind == Kind::Float;
        }
        self.graph.blocks.push(Block {
            name: block.name.clone(),
            of: block.of.clone(),
            attributes: Vec::new(),
            lengths: Vec::new(),
            inputs: Vec::new(),
            outputs,
            layer: None,
            nodes: 0..self.graph.nodes.len() as u32,
            values: 0..self.graph.values.len() as u32,
            backward: Some(backward),
            span: block.span,
            definition: block.definition,
        });
    }

    /// Multiplies the output by weights without a pattern and sums it; returns the weights.
    fn weigh(&mut self, output: ValueId) -> ValueId {
        let (output, value) = (self.ids[&output], self.of.value(output));
        let (shape, span) = (value.ty.shape.clone(), value.span);
        let data = Tensor::float(&shape, (0..shape.size() as u64).map(|at| part(at, 100)).collect())
            .expect("as many weights as elements");
        let origin = Origin::Leaf { role: Role::Const, data: Box::new(data) };
        let weights = self.push("weights".into(), Type::float(shape), origin, false, span);
        let product = self.call("mul", &[output, weights], span);
        let sum = self.call("sum", &[product], span);
        self.graph.outputs.push(sum);
        weights
    }

    fn call(&mut self, op: &str, inputs: &[ValueId], span: Span) -> ValueId {
        let entry = ops::find(op).expect("a built-in op");
        let arguments: Vec<Argument> = inputs
            .iter()
            .map(|&input| Argument { ty: self.graph.value(input).ty.clone(), range: None })
            .collect();
        let bound =
            entry.bind(&Call { inputs: &arguments, attributes: &[] }).expect("equal shapes always fit");
        let origin = Origin::Node(NodeId(self.graph.nodes.len() as u32));
        let id = self.push(format!("weighed {op}").into(), bound.output, origin, true, span);
        self.graph.nodes.push(Node {
            kernel: bound.op,
            inputs: inputs.iter().copied().collect(),
            outputs: smallvec![id],
            named: false,
            phase: Phase::Forward,
            attributes: Box::default(),
            span,
        });
        id
    }
}
