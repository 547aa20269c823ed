//! Graph to plan: where every tensor lies, what runs in which order, and which
//! vector–Jacobian products backward needs.
//!
//! Made once and run many times. Tensors lie one behind the other in flat
//! arenas in the order in which they are computed, so that whatever a step reads
//! stands before what it writes. A plan knows no names and no text.

mod batch;

pub use batch::{Batch, Stage, Stages};

use crate::{
    graph::{Block, CustomBackward, Graph, Origin, Phase, Unit, ValueId},
    op::{Kernel, Slot},
    tensor::{Kind, Tensor, Type},
};
use batch::Schedule;
use foldhash::HashSet;
use std::{num::NonZeroUsize, ops::Range};

/// One call of a kernel.
#[derive(Clone)]
pub struct Step<'g> {
    pub kernel: &'g dyn Kernel,
    /// Its inputs, as a range of [`Plan::inputs`].
    inputs: Range<u32>,
    pub output: ValueId,
    pub phase: Phase,
}

/// One stage of backward.
#[derive(Debug, Clone)]
pub enum Back {
    /// A vector–Jacobian product: from a step's output to one of its inputs.
    Product { step: u32, input: u32 },
    /// A block's backward as it is written by hand.
    Custom(Box<CustomSteps>),
}

/// The gradient at `output` is laid down as `upstream`, the steps run, and each
/// result is added to a gradient.
#[derive(Debug, Clone)]
pub struct CustomSteps {
    /// The outputs of the block, each with what stands for the gradient that arrives at it.
    pub upstreams: Vec<(ValueId, ValueId)>,
    pub steps: Vec<u32>,
    /// What is added, and to whose gradient.
    pub results: Vec<(ValueId, ValueId)>,
}

/// A graph laid out for running.
pub struct Plan<'g> {
    /// One for each node of the graph.
    pub steps: Vec<Step<'g>>,
    /// In the order of backward.
    pub backward: Vec<Back>,
    /// The same forward and backward with batches, where there are any.
    stages: Option<Stages<'g>>,
    /// Where each value lies.
    slots: Vec<Slot>,
    /// Where each value's gradient begins, for those that backward needs.
    gradients: Vec<Option<NonZeroUsize>>,
    /// The inputs of all steps, one step behind the other, as values and as slots.
    inputs: Vec<ValueId>,
    input_slots: Vec<Slot>,
    /// What the leaves and literals hold.
    data: Vec<(ValueId, &'g Tensor)>,
    /// Where backward starts, with an upstream gradient of ones.
    pub outputs: Vec<ValueId>,
    /// The gradient that backward starts from, of each output; ones where the graph gives none.
    upstreams: Vec<Option<&'g [f64]>>,
    /// Leaves whose gradients are asked for.
    pub wanted: Vec<ValueId>,
    pub sizes: Sizes,
}

/// Elements in each arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sizes {
    pub floats: usize,
    pub ints: usize,
    pub gradients: usize,
}

impl<'g> Plan<'g> {
    /// Plans a run of the graph with the gradients of `wanted`.
    pub fn new(graph: &'g Graph, wanted: &[ValueId]) -> Self {
        let outputs: Vec<ValueId> =
            graph.outputs.iter().copied().filter(|&output| graph.value(output).differentiable).collect();
        let on_path = on_a_path(graph, wanted, &outputs);
        let schedule = Schedule::of(graph, &on_path);
        let order = schedule.as_ref().map(|schedule| &schedule.order[..]);

        let mut sizes = Sizes { gradients: 1, ..Sizes::default() };
        let mut slots = vec![Slot::Int { start: 0, len: 0 }; graph.values.len()];
        let mut gradients = vec![None; graph.values.len()];
        in_order(graph, order, |value| {
            let Type { kind, shape } = &graph.value(value).ty;
            let len = shape.size();
            slots[value.index()] = match kind {
                Kind::Float | Kind::Bool => Slot::Float { start: advance(&mut sizes.floats, len), len },
                Kind::Int => Slot::Int { start: advance(&mut sizes.ints, len), len },
            };
            if on_path[value.index()] {
                gradients[value.index()] = NonZeroUsize::new(advance(&mut sizes.gradients, len));
            }
        });

        let mut steps = Vec::with_capacity(graph.nodes.len());
        let (mut inputs, mut input_slots) = (Vec::new(), Vec::new());
        for node in &graph.nodes {
            let first = inputs.len() as u32;
            inputs.extend_from_slice(&node.inputs);
            input_slots.extend(node.inputs.iter().map(|input| slots[input.index()]));
            steps.push(Step {
                kernel: &*node.kernel,
                inputs: first..inputs.len() as u32,
                output: node.outputs[0],
                phase: node.phase,
            });
        }

        let backward = backward_of(graph, &on_path, order);
        let data = graph
            .ids()
            .filter_map(|id| match &graph.value(id).origin {
                Origin::Leaf { data, .. } | Origin::Literal(data) => Some((id, &**data)),
                Origin::Node(_) | Origin::Upstream(_) => None,
            })
            .collect();
        let mut plan = Self {
            steps,
            backward,
            stages: None,
            slots,
            gradients,
            inputs,
            input_slots,
            data,
            upstreams: outputs.iter().map(|&output| upstream(graph, output)).collect(),
            outputs,
            wanted: wanted.to_vec(),
            sizes,
        };
        plan.stages = schedule.map(|schedule| schedule.stages(&plan));
        plan
    }

    /// Forward in batches, and backward from the last to the first; `None` where
    /// the steps run one by one.
    pub fn stages(&self) -> Option<&Stages<'g>> {
        self.stages.as_ref()
    }

    /// Goes back by these stages alone, and by no batches.
    pub fn go_back_by(&mut self, stages: Vec<Back>) {
        self.backward = stages;
        self.stages = None;
    }

    /// How many values the graph has.
    pub fn values(&self) -> usize {
        self.slots.len()
    }

    pub fn slot(&self, value: ValueId) -> Slot {
        self.slots[value.index()]
    }

    /// Where a value's gradient lies in the gradient arena.
    pub fn gradient(&self, value: ValueId) -> Option<Range<usize>> {
        let start = self.gradients[value.index()]?.get();
        Some(start..start + self.slots[value.index()].range().len())
    }

    /// The gradient that backward starts from, of every element of all outputs, one behind the other.
    pub fn upstream(&self) -> impl Iterator<Item = f64> {
        self.starts().flat_map(|(output, given)| {
            let len = self.slots[output.index()].range().len();
            (0..len).map(move |at| given.map_or(1.0, |given| given[at]))
        })
    }

    /// Where backward starts: each output with the gradient that is given for it, ones where none is.
    pub fn starts(&self) -> impl Iterator<Item = (ValueId, Option<&'g [f64]>)> {
        self.outputs.iter().copied().zip(self.upstreams.iter().copied())
    }

    /// The values that a step reads.
    pub fn inputs(&self, step: &Step) -> &[ValueId] {
        &self.inputs[step.inputs.start as usize..step.inputs.end as usize]
    }

    /// Where the values that a step reads lie.
    pub fn input_slots(&self, step: &Step) -> &[Slot] {
        &self.input_slots[step.inputs.start as usize..step.inputs.end as usize]
    }

    /// What leaves and literals hold.
    pub fn data(&self) -> &[(ValueId, &'g Tensor)] {
        &self.data
    }

    /// The steps between a value and the outputs, in order.
    pub fn downstream(&self, value: ValueId) -> Vec<u32> {
        let mut reached = vec![false; self.slots.len()];
        reached[value.index()] = true;
        let mut after = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            if self.inputs(step).iter().any(|input| reached[input.index()]) {
                reached[step.output.index()] = true;
                after.push(index as u32);
            }
        }
        let mut leads = vec![false; self.slots.len()];
        for output in &self.outputs {
            leads[output.index()] = true;
        }
        for step in self.steps.iter().rev() {
            if leads[step.output.index()] {
                self.inputs(step).iter().for_each(|input| leads[input.index()] = true);
            }
        }
        after.retain(|&step| leads[self.steps[step as usize].output.index()]);
        after
    }
}

/// What a graph says of the gradient at one of its outputs.
fn upstream(graph: &Graph, output: ValueId) -> Option<&[f64]> {
    let (_, tensor) = graph.upstreams.iter().find(|(of, _)| *of == output)?;
    match tensor {
        Tensor::Float(array) => array.as_slice(),
        Tensor::Int(_) | Tensor::Bool(_) => None,
    }
}

/// Visits all values in the order in which they lie in the arenas: that of the
/// graph, or the leaves and then the nodes' outputs in the order given.
fn in_order(graph: &Graph, order: Option<&[u32]>, mut visit: impl FnMut(ValueId)) {
    let Some(order) = order else { return graph.ids().for_each(visit) };
    let is_made = |id: ValueId| matches!(graph.value(id).origin, Origin::Node(_));
    graph.ids().filter(|&id| !is_made(id)).for_each(&mut visit);
    order.iter().flat_map(|&node| graph.nodes[node as usize].outputs.iter().copied()).for_each(visit);
}

fn advance(end: &mut usize, len: usize) -> usize {
    let start = *end;
    *end += len;
    start
}

/// Backward's stages: the nodes in reverse, each block by hand as one.
fn backward_of(graph: &Graph, on_path: &[bool], order: Option<&[u32]>) -> Vec<Back> {
    let mut stages = Vec::new();
    let products = |index: u32, stages: &mut Vec<Back>| {
        let node = &graph.nodes[index as usize];
        if node.phase == Phase::Backward || !on_path[node.outputs[0].index()] {
            return;
        }
        for (input, value) in node.inputs.iter().enumerate() {
            if on_path[value.index()] && node.kernel.differentiates(input) {
                stages.push(Back::Product { step: index, input: input as u32 });
            }
        }
    };
    if let Some(order) = order {
        order.iter().rev().for_each(|&index| products(index, &mut stages));
        return stages;
    }
    for unit in graph.units().rev() {
        match custom(graph, &unit) {
            Some((block, hand)) if block.outputs.iter().any(|(output, _)| on_path[output.index()]) => {
                stages.push(Back::Custom(Box::new(hand_of(graph, block, hand, on_path))));
            }
            Some(_) => {}
            None => products(unit.nodes.start, &mut stages),
        }
    }
    stages
}

/// The block that a unit is, with its backward.
fn custom<'g>(graph: &'g Graph, unit: &Unit) -> Option<(&'g Block, &'g CustomBackward)> {
    let block = graph.block(unit.block?);
    block.backward.as_ref().map(|hand| (block, hand))
}

fn hand_of(graph: &Graph, block: &Block, hand: &CustomBackward, on_path: &[bool]) -> CustomSteps {
    let wanted = hand.lines.iter().filter(|line| on_path[line.to.index()]);
    let results: Vec<(ValueId, ValueId)> = wanted.map(|line| (line.gradient, line.to)).collect();
    let mut needed: HashSet<ValueId> = results.iter().map(|&(gradient, _)| gradient).collect();
    let mut steps = Vec::new();
    for index in block.nodes.clone().rev() {
        let node = &graph.nodes[index as usize];
        if node.phase == Phase::Backward && needed.contains(&node.outputs[0]) {
            needed.extend(&node.inputs);
            steps.push(index);
        }
    }
    steps.reverse();
    CustomSteps { upstreams: hand.upstreams.clone(), steps, results }
}

/// Which values lie on a path that gradients go, from a wanted leaf to an output;
/// the wanted leaves themselves always count.
fn on_a_path(graph: &Graph, wanted: &[ValueId], outputs: &[ValueId]) -> Vec<bool> {
    let mut from = vec![false; graph.values.len()];
    for leaf in wanted {
        from[leaf.index()] = true;
    }
    for unit in graph.units() {
        if let Some((block, hand)) = custom(graph, &unit) {
            let reached = hand.lines.iter().any(|line| from[line.to.index()]);
            for (output, _) in &block.outputs {
                from[output.index()] = reached && graph.value(*output).differentiable;
            }
            continue;
        }
        let node = &graph.nodes[unit.nodes.start as usize];
        if node.phase == Phase::Backward {
            continue;
        }
        let reached = (0..node.inputs.len())
            .any(|input| from[node.inputs[input].index()] && node.kernel.differentiates(input));
        for output in &node.outputs {
            from[output.index()] = reached && graph.value(*output).differentiable;
        }
    }
    let mut to = vec![false; graph.values.len()];
    for output in outputs {
        to[output.index()] = true;
    }
    for unit in graph.units().rev() {
        if let Some((block, hand)) = custom(graph, &unit) {
            if block.outputs.iter().any(|(output, _)| to[output.index()]) {
                hand.lines.iter().for_each(|line| to[line.to.index()] = true);
            }
            continue;
        }
        let node = &graph.nodes[unit.nodes.start as usize];
        if node.phase == Phase::Forward && node.outputs.iter().any(|output| to[output.index()]) {
            for (input, value) in node.inputs.iter().enumerate() {
                if node.kernel.differentiates(input) {
                    to[value.index()] = true;
                }
            }
        }
    }
    for leaf in wanted {
        to[leaf.index()] = true;
    }
    from.iter().zip(to).map(|(&from, to)| from && to).collect()
}
