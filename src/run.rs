//! One run of a graph: its values and gradients, by value or by name.

use crate::{
    diagnostic::Diagnostic,
    engine::{self, Memory, Profile, Real, backward, forward},
    graph::{Graph, NodeId, ValueId},
    op::Slot,
    plan::Plan,
    precision::Precision,
    simulate::{Arithmetic, nearest},
    tensor::{Tensor, Type},
};

/// How far a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    Forward,
    /// Forward, then backward from an upstream gradient of ones.
    Backward,
}

/// Where the time of a run goes, in this number type.
pub fn profile(graph: &Graph, precision: Precision) -> Profile {
    let plan = Plan::new(graph, &graph.wanted);
    match precision {
        Precision::F64 => engine::profile(&plan, &mut Memory::<f64>::new(&plan)),
        _ => engine::profile(&plan, &mut Memory::<f32>::new(&plan)),
    }
}

/// The results of one run.
///
/// They are f64 whatever the run's number type: an f32 is kept as the f64 whose
/// shortest decimal is its own.
pub struct Run<'g> {
    pub graph: &'g Graph,
    pub precision: Precision,
    pub direction: Direction,
    plan: Plan<'g>,
    memory: Memory<f64>,
}

impl<'g> Run<'g> {
    /// Runs a graph.
    pub fn of(graph: &'g Graph, precision: Precision, direction: Direction) -> Self {
        Self::asking(graph, precision, direction, &graph.wanted)
    }

    /// Runs a graph, with the gradients of these leaves.
    pub fn asking(graph: &'g Graph, precision: Precision, direction: Direction, wanted: &[ValueId]) -> Self {
        let plan = Plan::new(graph, wanted);
        let memory = compute(graph, &plan, precision, Memory::new(&plan), direction);
        let memory = shortest(memory, Arithmetic::of(precision).storage);
        Self { graph, precision, direction, plan, memory }
    }

    /// Forward and backward in f64.
    pub fn backward(graph: &'g Graph) -> Self {
        Self::of(graph, Precision::F64, Direction::Backward)
    }

    /// The tensor of a name; `None` where nothing has it.
    pub fn value(&self, name: &str) -> Option<Tensor> {
        self.graph.find(name).map(|id| self.value_of(id))
    }

    /// The gradient at a name; `None` where none was computed.
    pub fn gradient(&self, name: &str) -> Option<Tensor> {
        let id = self.graph.find(name)?;
        Tensor::float(&self.graph.value(id).ty.shape, self.gradient_of(id)?.to_vec())
    }

    pub fn value_of(&self, id: ValueId) -> Tensor {
        let Type { kind, shape } = &self.graph.value(id).ty;
        let tensor = match self.plan.slot(id) {
            slot @ Slot::Float { .. } => Tensor::float(shape, self.memory.floats[slot.range()].to_vec()),
            slot @ Slot::Int { .. } => Tensor::whole(*kind, shape, self.memory.ints[slot.range()].to_vec()),
        };
        tensor.expect("a slot is as long as its shape says")
    }

    /// The elements of a float value; `None` for ints.
    pub fn floats_of(&self, id: ValueId) -> Option<&[f64]> {
        match self.plan.slot(id) {
            slot @ Slot::Float { .. } => Some(&self.memory.floats[slot.range()]),
            Slot::Int { .. } => None,
        }
    }

    /// The elements of an int value; `None` for floats.
    pub fn ints_of(&self, id: ValueId) -> Option<&[i64]> {
        match self.plan.slot(id) {
            slot @ Slot::Int { .. } => Some(&self.memory.ints[slot.range()]),
            Slot::Float { .. } => None,
        }
    }

    pub fn gradient_of(&self, id: ValueId) -> Option<&[f64]> {
        self.memory.gradient(&self.plan, id)
    }

    /// One element of a value, by its row-major offset.
    pub fn element(&self, id: ValueId, at: usize) -> Option<f64> {
        match self.plan.slot(id) {
            slot @ Slot::Float { .. } => self.memory.floats[slot.range()].get(at).copied(),
            slot @ Slot::Int { .. } => self.memory.ints[slot.range()].get(at).map(|&int| int as f64),
        }
    }

    /// How the run was laid out.
    pub fn plan(&self) -> &Plan<'g> {
        &self.plan
    }

    /// Adds to `gradient` what a node sends back to one of its inputs from
    /// `upstream`: its vector–Jacobian product at this run's values.
    pub fn send_back(&self, node: NodeId, input: usize, upstream: &[f64], gradient: &mut [f64]) {
        let step = &self.plan.steps[node.index()];
        engine::send_back(&self.plan, step, input, &self.memory, upstream, gradient);
    }

    /// The words of a node's rule for one of its inputs, as numbers at an entry; none
    /// where the rule alone says it.
    pub fn rule_values(&self, node: NodeId, input: usize, entry: usize) -> Vec<(&'static str, f64)> {
        engine::rule_values(&self.plan, &self.plan.steps[node.index()], input, entry, &self.memory)
    }

    /// The entries of a node's output that change with one entry of an input, each
    /// with its slope there.
    pub fn reached(&self, node: NodeId, input: usize, entry: usize) -> Vec<(usize, f64)> {
        engine::reached(&self.plan, &self.plan.steps[node.index()], input, entry, &self.memory)
    }
}

/// Runs a plan in a number format from what the leaves hold in `memory`. The numbers are those of the format, as
/// f64.
pub fn compute(
    graph: &Graph,
    plan: &Plan,
    precision: Precision,
    memory: Memory<f64>,
    direction: Direction,
) -> Memory<f64> {
    match precision {
        Precision::F64 => computed(plan, memory, direction),
        Precision::F32 => computed(plan, memory.map(|x| x as f32), direction).map(f64::from),
        _ => nearest(graph, plan, &Arithmetic::of(precision), memory, direction == Direction::Backward),
    }
}

fn computed<F: Real>(plan: &Plan, mut memory: Memory<F>, direction: Direction) -> Memory<F> {
    forward(plan, &mut memory);
    if direction == Direction::Backward {
        backward(plan, &mut memory);
    }
    memory
}

/// Each number as the f64 of the shortest decimal that is rounded to it: 0.1 in f32 is shown as 0.1, not as
/// 0.10000000149011612.
fn shortest(mut memory: Memory<f64>, precision: Precision) -> Memory<f64> {
    if precision == Precision::F64 {
        return memory;
    }
    let all = memory.floats.iter_mut().chain(&mut memory.gradients);
    all.for_each(|x| *x = precision.shortest(*x));
    memory
}

/// A graph whose outputs all lack a gradient cannot go backward.
///
/// # Errors
/// Why not, and what to do.
pub fn can_go_backward(graph: &Graph) -> Result<(), Diagnostic> {
    if graph.outputs.iter().any(|&output| graph.value(output).differentiable) {
        return Ok(());
    }
    let refused =
        Diagnostic::error("backward has nowhere to start: no output depends on an input or a param");
    let refused = graph.outputs.iter().fold(refused, |refused, &output| {
        refused.at(graph.value(output).span, "this output has no gradient")
    });
    Err(refused.help("gradients are asked for by `input` or `param`; or name another output"))
}
