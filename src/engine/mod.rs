//! Runs a plan: forward, backward, and for perturbed copies.
//!
//! It sees no text, no span, no file. Everything is sequential and in a fixed
//! order, so that the same plan gives the same bits on every run.

mod local;
mod perturb;
mod profile;
mod rounded;

pub use crate::op::{Number, Real};
pub use local::{reached, rule_values, send_back};
pub use perturb::{Cones, Perturbation, Probes};
pub use profile::{Profile, StepProfile, profile};
pub use rounded::{Grouped, Meeting, Meetings, Rounder, Sent, Stored, backward_rounded, forward_rounded};

use crate::{
    cancel,
    graph::{Phase, ValueId},
    op::{BackwardCalls, Branches, Inputs, Output, Slot},
    plan::{Back, CustomSteps, Plan, Stage, Stages, Step},
    tensor::Tensor,
};
use rayon::prelude::*;
use std::ops::Range;

/// Elements of a leaf that a thread takes at a time.
const LONG: usize = 1 << 14;

/// The arenas of one run.
#[derive(Debug, Clone)]
pub struct Memory<F> {
    pub floats: Vec<F>,
    pub ints: Vec<i64>,
    pub gradients: Vec<F>,
    /// The gradients that backward starts from, where they are others than the plan's.
    pub upstreams: Vec<(ValueId, Vec<F>)>,
}

impl<F: Number> Memory<F> {
    /// Arenas for a plan, with the leaves' values in place.
    pub fn new(plan: &Plan) -> Self {
        let mut memory = Self {
            floats: vec![F::zero(); plan.sizes.floats],
            ints: vec![0; plan.sizes.ints],
            gradients: Vec::new(),
            upstreams: Vec::new(),
        };
        memory.set_leaves(plan);
        memory
    }

    /// The same numbers in another type.
    pub fn map<G>(self, number: impl Fn(F) -> G) -> Memory<G> {
        let all = |numbers: Vec<F>| numbers.into_iter().map(&number).collect();
        let upstreams = self.upstreams.into_iter().map(|(of, numbers)| (of, all(numbers))).collect();
        let (floats, gradients) = (all(self.floats), all(self.gradients));
        Memory { floats, ints: self.ints, gradients, upstreams }
    }

    /// Gives all leaves the values they have in the graph.
    pub fn set_leaves(&mut self, plan: &Plan) {
        for &(value, data) in plan.data() {
            match (plan.slot(value), data) {
                (slot @ Slot::Float { .. }, Tensor::Float(data)) => {
                    let data = data.as_slice().expect("a tensor's elements lie in order");
                    for (element, &value) in self.floats[slot.range()].iter_mut().zip(data) {
                        *element = F::from_f64(value);
                    }
                }
                (slot @ Slot::Float { .. }, Tensor::Bool(data)) => {
                    for (element, &value) in self.floats[slot.range()].iter_mut().zip(data) {
                        *element = if value != 0 { F::one() } else { F::zero() };
                    }
                }
                (slot @ Slot::Int { .. }, Tensor::Int(data)) => {
                    let data = data.as_slice().expect("a tensor's elements lie in order");
                    self.ints[slot.range()].copy_from_slice(data);
                }
                _ => unreachable!("a leaf's data has the leaf's kind"),
            }
        }
    }

    /// Gives a float leaf other elements for the runs to come.
    ///
    /// # Panics
    /// When there are not as many as the leaf has, or it is an int leaf.
    pub fn set_floats(&mut self, plan: &Plan, leaf: ValueId, elements: &[F]) {
        let slot @ Slot::Float { .. } = plan.slot(leaf) else { panic!("an int leaf is not given floats") };
        assert_eq!(slot.range().len(), elements.len(), "a leaf keeps its shape");
        let pairs = self.floats[slot.range()].par_chunks_mut(LONG).zip(elements.par_chunks(LONG));
        pairs.for_each(|(to, from)| to.copy_from_slice(from));
    }

    /// Gives an int leaf other elements for the runs to come.
    ///
    /// # Panics
    /// When there are not as many as the leaf has, or it is a float leaf.
    pub fn set_ints(&mut self, plan: &Plan, leaf: ValueId, elements: &[i64]) {
        let slot @ Slot::Int { .. } = plan.slot(leaf) else { panic!("a float leaf is not given ints") };
        self.ints[slot.range()].copy_from_slice(elements);
    }

    /// Starts backward from other gradients at an output, in the runs to come.
    ///
    /// # Panics
    /// When there are not as many as the output has elements.
    pub fn set_upstream(&mut self, plan: &Plan, output: ValueId, elements: Vec<F>) {
        assert_eq!(plan.slot(output).range().len(), elements.len(), "a gradient has the shape of its value");
        self.upstreams.retain(|(of, _)| *of != output);
        self.upstreams.push((output, elements));
    }

    /// Moves a leaf by `rate` against its gradient, after [`backward`]: a step of
    /// gradient descent. A leaf without a gradient stays where it is.
    pub fn descend(&mut self, plan: &Plan, leaf: ValueId, rate: F) {
        let Some(gradient) = plan.gradient(leaf).and_then(|range| self.gradients.get(range)) else { return };
        let elements = self.floats[plan.slot(leaf).range()].par_chunks_mut(LONG);
        elements.zip(gradient.par_chunks(LONG)).for_each(|(elements, gradient)| {
            for (element, &gradient) in elements.iter_mut().zip(gradient) {
                *element -= rate * gradient;
            }
        });
    }

    /// The elements of a float value.
    pub fn float(&self, plan: &Plan, value: ValueId) -> &[F] {
        &self.floats[plan.slot(value).range()]
    }

    /// The gradient of a value, after [`backward`]; `None` where it needed none.
    pub fn gradient(&self, plan: &Plan, value: ValueId) -> Option<&[F]> {
        plan.gradient(value).and_then(|range| self.gradients.get(range))
    }

    /// The elements of all outputs, one output behind the other.
    pub fn outputs(&self, plan: &Plan) -> Vec<F> {
        plan.outputs.iter().flat_map(|&output| self.float(plan, output)).copied().collect()
    }
}

/// Computes every value from the leaves.
pub fn forward<F: Number>(plan: &Plan, memory: &mut Memory<F>) {
    if let Some(parts) = plan.stages() {
        return parts.iter().for_each(|part| {
            cancel::check();
            run_part(plan, parts, part, memory);
        });
    }
    for step in plan.steps.iter().filter(|step| step.phase == Phase::Forward) {
        cancel::check();
        run(plan, step, memory);
    }
}

fn run_part<F: Number>(plan: &Plan, parts: &Stages, part: &Stage, memory: &mut Memory<F>) {
    match part {
        Stage::Step(step) => run(plan, &plan.steps[*step as usize], memory),
        Stage::Batch(batch) => {
            let (x, y) = memory.floats.split_at_mut(batch.outputs.start);
            let y = &mut y[..batch.outputs.len()];
            F::scalar_calls(batch.scalar_batch).call_scalars(parts.inputs(batch), x, y);
        }
    }
}

/// Computes one step's output from its inputs.
fn run<F: Number>(plan: &Plan, step: &Step, memory: &mut Memory<F>) {
    let slots = plan.input_slots(step);
    match plan.slot(step.output) {
        Slot::Float { start, len } => {
            let (floats, rest) = memory.floats.split_at_mut(start);
            let x = Inputs { slots, floats, ints: &memory.ints };
            F::calls(step.kernel).call(&x, Output::Float(&mut rest[..len]));
        }
        Slot::Int { start, len } => {
            let (ints, rest) = memory.ints.split_at_mut(start);
            let x = Inputs { slots, floats: &memory.floats, ints };
            F::calls(step.kernel).call(&x, Output::Int(&mut rest[..len]));
        }
    }
}

/// Computes the gradients of all that the plan asks for, from an upstream
/// gradient of ones at every output or those that are given. Needs a forward run before it.
pub fn backward<F: Real>(plan: &Plan, memory: &mut Memory<F>) {
    seed(plan, memory);
    let Some(parts) = plan.stages() else {
        return plan.backward.iter().for_each(|part| {
            cancel::check();
            go_back(plan, part, memory);
        });
    };
    for part in parts.iter().rev() {
        cancel::check();
        run_part_back(plan, parts, part, memory);
    }
}

/// Sends the gradients at the outputs of a part back to its inputs.
fn run_part_back<F: Real>(plan: &Plan, parts: &Stages, part: &Stage, memory: &mut Memory<F>) {
    match part {
        Stage::Step(step) => {
            let step = &plan.steps[*step as usize];
            if plan.gradient(step.output).is_none() {
                return;
            }
            for (input, &value) in plan.inputs(step).iter().enumerate() {
                if plan.gradient(value).is_some() && step.kernel.differentiates(input) {
                    multiply(plan, step, input, memory);
                }
            }
        }
        Stage::Batch(batch) => {
            let Some(own) = batch.gradients.clone() else { return };
            let (gradients, upstream) = memory.gradients.split_at_mut(own.start);
            let calls = BackwardCalls {
                from: parts.inputs(batch),
                to: parts.gradients(batch),
                wanted: batch.wanted,
                x: &memory.floats,
                y: &memory.floats[batch.outputs.clone()],
                upstream: &upstream[..own.len()],
            };
            F::scalar_calls_backward(batch.scalar_batch).call_scalars_backward(&calls, gradients);
        }
    }
}

/// Lays down the gradients that backward starts from, and 0 everywhere else.
fn seed<F: Real>(plan: &Plan, memory: &mut Memory<F>) {
    let Memory { gradients, upstreams, .. } = memory;
    gradients.clear();
    gradients.resize(plan.sizes.gradients, F::zero());
    for (output, own) in plan.starts() {
        let gradient = plan.gradient(output).map_or(&mut [][..], |range| &mut gradients[range]);
        let other = upstreams.iter().find(|(of, _)| *of == output);
        for (at, gradient) in gradient.iter_mut().enumerate() {
            *gradient += match (other, own) {
                (Some((_, other)), _) => other[at],
                (None, Some(own)) => F::from_f64(own[at]),
                (None, None) => F::one(),
            };
        }
    }
}

/// Runs one part of backward.
fn go_back<F: Real>(plan: &Plan, part: &Back, memory: &mut Memory<F>) {
    match part {
        Back::Product { step, input } => multiply(plan, &plan.steps[*step as usize], *input as usize, memory),
        Back::Custom(custom) => run_custom(plan, custom, memory),
    }
}

/// Adds one vector–Jacobian product to the gradient of an input.
fn multiply<F: Real>(plan: &Plan, step: &Step, input: usize, memory: &mut Memory<F>) {
    let from = gradient_of(plan, step.output);
    let to = gradient_of(plan, plan.inputs(step)[input]);
    let (before, after) = memory.gradients.split_at_mut(from.start);
    let x = Inputs { slots: plan.input_slots(step), floats: &memory.floats, ints: &memory.ints };
    let y = &memory.floats[plan.slot(step.output).range()];
    F::calls_backward(step.kernel).call_backward(input, &x, y, &after[..from.len()], &mut before[to]);
}

/// Runs a block's own backward.
fn run_custom<F: Real>(plan: &Plan, custom: &CustomSteps, memory: &mut Memory<F>) {
    lay_down_upstreams(plan, custom, memory);
    for &step in &custom.steps {
        run(plan, &plan.steps[step as usize], memory);
    }
    add_results(plan, custom, memory);
}

/// Gives a block's own backward the gradients that arrive at its outputs.
fn lay_down_upstreams<F: Real>(plan: &Plan, custom: &CustomSteps, memory: &mut Memory<F>) {
    for &(output, upstream) in &custom.upstreams {
        let own = &mut memory.floats[plan.slot(upstream).range()];
        match plan.gradient(output) {
            Some(gradient) => own.copy_from_slice(&memory.gradients[gradient]),
            // Nothing comes back to it.
            None => own.fill(F::zero()),
        }
    }
}

/// Adds what a block's own backward computed to the gradients of its inputs.
fn add_results<F: Real>(plan: &Plan, custom: &CustomSteps, memory: &mut Memory<F>) {
    for &(result, to) in &custom.results {
        add(&mut memory.gradients[gradient_of(plan, to)], &memory.floats[plan.slot(result).range()]);
    }
}

fn add<F: Real>(gradient: &mut [F], more: &[F]) {
    let add = |gradient: &mut [F], more: &[F]| {
        gradient.iter_mut().zip(more).for_each(|(gradient, &more)| *gradient += more);
    };
    if gradient.len() < 2 * LONG {
        return add(gradient, more);
    }
    let pairs = gradient.par_chunks_mut(LONG).zip(more.par_chunks(LONG));
    pairs.for_each(|(gradient, more)| add(gradient, more));
}

fn gradient_of(plan: &Plan, value: ValueId) -> Range<usize> {
    plan.gradient(value).expect("backward goes from a gradient to a gradient")
}

/// Adds the branches that one step takes at the values in memory.
pub fn branches<F: Number>(plan: &Plan, step: &Step, memory: &Memory<F>, mut taken: Branches) -> Branches {
    let x = Inputs { slots: plan.input_slots(step), floats: &memory.floats, ints: &memory.ints };
    F::calls(step.kernel).branches(&x, &mut taken);
    taken
}
