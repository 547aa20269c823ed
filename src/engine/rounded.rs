//! Runs a plan as a kernel does that rounds: between the steps, numbers pass through a [`Rounder`].
//!
//! One step after another, without batches; a gradient is complete before it is sent on.

use super::{Memory, seed};
use crate::{
    cancel,
    graph::{Phase, ValueId},
    op::{Inputs, Output, Real, Rounding, Slot},
    plan::{Back, CustomSteps, Plan, Step},
};
use foldhash::HashMap;

/// What is stored: a value or the gradient at one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stored {
    Value(ValueId),
    Gradient(ValueId),
}

/// How much meets in an element that is computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meeting {
    /// Numbers that are summed; 1 is a function of a few numbers, 0 none that rounds.
    pub terms: usize,
    /// They are products.
    pub products: bool,
    /// The size of what is rounded on the way, whatever comes out.
    pub within: f64,
}

impl Meeting {
    const EXACT: Self = Self { terms: 0, products: false, within: 0.0 };

    fn of(terms: usize) -> Self {
        Self { terms, ..Self::EXACT }
    }

    fn has_operands(self) -> bool {
        self.terms > 1 || self.products
    }
}

/// What becomes of numbers between the steps. By default nothing does.
pub trait Rounder<F> {
    /// It looks at the operands of sums; else [`Self::operands`] is not called.
    const TAKES_OPERANDS: bool = false;

    /// Slopes are computed from outputs alone where kernels may do so.
    const BY_OUTPUT: bool = false;

    /// The operands of a sum, or what is sent back through one, of one call.
    fn operands(&mut self, _meeting: Meeting, _x: &mut [F]) {}

    /// What was computed, before it is stored.
    fn computed(&mut self, _meeting: Meeting, _y: &mut [F]) {}

    /// What is about to be stored; of a gradient a part or a sum of parts.
    fn stored(&mut self, _of: Stored, _y: &mut [F]) {}

    /// What one user of a value sends back to it.
    fn part(&mut self, _to: ValueId, _part: &mut [F]) {}

    /// A value, or a gradient that all has been added to, before it is used.
    fn complete(&mut self, _of: Stored, _y: &mut [F]) {}
}

/// How much meets where, in all steps of a plan.
pub struct Meetings {
    forward: Vec<Meeting>,
    /// By step and input.
    backward: HashMap<(u32, u32), Meeting>,
}

impl Meetings {
    /// Counted once, at the values of a run in `memory`.
    pub fn of(plan: &Plan, memory: &Memory<f64>) -> Self {
        let forward = plan.steps.iter().map(|step| forward_meeting(plan, step)).collect();
        let parts = plan.backward.iter().filter_map(|part| match part {
            Back::Product { step, input } => Some((*step, *input)),
            Back::Custom(_) => None,
        });
        let backward = parts.map(|(step, input)| {
            ((step, input), backward_meeting(plan, &plan.steps[step as usize], input as usize, memory))
        });
        Self { forward, backward: backward.collect() }
    }
}

fn largest(plan: &Plan, step: &Step) -> usize {
    let inputs = plan.input_slots(step).iter().map(|slot| slot.range().len());
    inputs.chain([plan.slot(step.output).range().len()]).max().unwrap_or(0)
}

fn forward_meeting(plan: &Plan, step: &Step) -> Meeting {
    let (largest, own) = (largest(plan, step), plan.slot(step.output).range().len().max(1));
    match step.kernel.rounding() {
        Rounding::Exact => Meeting::EXACT,
        Rounding::Once => Meeting::of(1),
        Rounding::Sums(terms) => Meeting::of(terms.max(largest / own)),
        Rounding::LogOfSum(terms) => Meeting { within: 1.0, ..Meeting::of(terms.max(largest / own)) },
        // A product and a sum are two operations.
        Rounding::Products => {
            let terms = (step.kernel.flops(largest, None) / (2 * own)).max(1);
            Meeting { products: true, ..Meeting::of(terms) }
        }
    }
}

fn backward_meeting(plan: &Plan, step: &Step, input: usize, memory: &Memory<f64>) -> Meeting {
    let (upstream, own) = (plan.slot(step.output).range().len(), plan.input_slots(step)[input].range().len());
    let ratio = upstream / own.max(1);
    match step.kernel.rounding() {
        // As many as come to one place.
        Rounding::Exact => {
            let mut counts = vec![0.0; own];
            let y = &memory.floats[plan.slot(step.output).range()];
            call_back(plan, step, input, memory, y, &vec![1.0; upstream], &mut counts);
            match counts.iter().fold(0.0, |most, count| count.abs().max(most)) {
                most if most <= 1.0 => Meeting::EXACT,
                most => Meeting::of(most as usize),
            }
        }
        Rounding::Once => Meeting::of(ratio.max(1)),
        // What a reduction sends back is shared out.
        Rounding::Sums(_) if upstream < own => Meeting::of(1),
        Rounding::Sums(terms) => Meeting::of(terms.max(ratio).max(1)),
        Rounding::LogOfSum(terms) => Meeting { within: 1.0, ..Meeting::of(terms.max(1)) },
        Rounding::Products => {
            let flops = step.kernel.flops(largest(plan, step), Some(input));
            Meeting { products: true, ..Meeting::of((flops / (2 * own.max(1))).max(1)) }
        }
    }
}

/// The vector–Jacobian product of one input from this upstream gradient.
fn call_back<F: Real>(
    plan: &Plan,
    step: &Step,
    input: usize,
    memory: &Memory<F>,
    y: &[F],
    upstream: &[F],
    gradient: &mut [F],
) {
    let x = Inputs { slots: plan.input_slots(step), floats: &memory.floats, ints: &memory.ints };
    F::calls_backward(step.kernel).call_backward(input, &x, y, upstream, gradient);
}

/// Computes every value from the leaves.
pub fn forward_rounded<F: Real, R: Rounder<F>>(
    plan: &Plan,
    meetings: &Meetings,
    memory: &mut Memory<F>,
    rounder: &mut R,
) {
    for (index, step) in plan.steps.iter().enumerate().filter(|(_, step)| step.phase == Phase::Forward) {
        cancel::check();
        run(plan, step, meetings.forward[index], memory, rounder);
        let slot @ Slot::Float { .. } = plan.slot(step.output) else { continue };
        rounder.complete(Stored::Value(step.output), &mut memory.floats[slot.range()]);
    }
}

fn run<F: Real, R: Rounder<F>>(
    plan: &Plan,
    step: &Step,
    meeting: Meeting,
    memory: &mut Memory<F>,
    rounder: &mut R,
) {
    if !(R::TAKES_OPERANDS && meeting.has_operands()) {
        super::run(plan, step, memory);
    } else {
        let mut operands = Vec::new();
        let slots: Vec<Slot> = plan
            .input_slots(step)
            .iter()
            .map(|&slot| match slot {
                Slot::Float { len, .. } => {
                    let start = operands.len();
                    operands.extend_from_slice(&memory.floats[slot.range()]);
                    rounder.operands(meeting, &mut operands[start..]);
                    Slot::Float { start, len }
                }
                Slot::Int { .. } => slot,
            })
            .collect();
        let x = Inputs { slots: &slots, floats: &operands, ints: &memory.ints };
        match plan.slot(step.output) {
            slot @ Slot::Float { .. } => {
                F::calls(step.kernel).call(&x, Output::Float(&mut memory.floats[slot.range()]));
            }
            Slot::Int { .. } => super::run(plan, step, memory),
        }
    }
    if let slot @ Slot::Float { .. } = plan.slot(step.output) {
        let y = &mut memory.floats[slot.range()];
        if meeting.terms > 0 {
            rounder.computed(meeting, y);
            rounder.stored(Stored::Value(step.output), y);
        }
    }
}

/// Computes the gradients that the plan asks for. Needs a forward run before it.
pub fn backward_rounded<F: Real, R: Rounder<F>>(
    plan: &Plan,
    meetings: &Meetings,
    memory: &mut Memory<F>,
    rounder: &mut R,
) {
    seed(plan, memory);
    let mut run = Backward {
        plan,
        meetings,
        is_complete: vec![false; plan.values()],
        has_parts: vec![false; plan.values()],
    };
    for part in &plan.backward {
        cancel::check();
        match part {
            Back::Product { step, input } => run.multiply(*step, *input, memory, rounder),
            Back::Custom(custom) => run.custom(custom, memory, rounder),
        }
    }
    for value in (0..plan.values() as u32).map(ValueId) {
        run.complete(value, memory, rounder);
    }
}

struct Backward<'a> {
    plan: &'a Plan<'a>,
    meetings: &'a Meetings,
    is_complete: Vec<bool>,
    has_parts: Vec<bool>,
}

impl Backward<'_> {
    /// The gradient at a value is about to be used, and nothing more will be added.
    fn complete<F, R: Rounder<F>>(&mut self, value: ValueId, memory: &mut Memory<F>, rounder: &mut R) {
        if let Some(gradient) = self.plan.gradient(value)
            && !std::mem::replace(&mut self.is_complete[value.index()], true)
        {
            rounder.complete(Stored::Gradient(value), &mut memory.gradients[gradient]);
        }
    }

    fn multiply<F: Real, R: Rounder<F>>(
        &mut self,
        index: u32,
        input: u32,
        memory: &mut Memory<F>,
        rounder: &mut R,
    ) {
        let (plan, step) = (self.plan, &self.plan.steps[index as usize]);
        let meeting = self.meetings.backward[&(index, input)];
        let (input, to) = (input as usize, plan.inputs(step)[input as usize]);
        self.complete(step.output, memory, rounder);
        let Some(from) = plan.gradient(step.output) else { return };
        let y = memory.floats[plan.slot(step.output).range()].to_vec();
        let mut upstream = memory.gradients[from].to_vec();
        let mut part = vec![F::zero(); plan.slot(to).range().len()];
        if R::TAKES_OPERANDS && meeting.has_operands() {
            rounder.operands(meeting, &mut upstream);
        }
        let slope = |y: &F| step.kernel.slope_of_output(y.to_f64()).map(F::from_f64);
        match y.iter().map(slope).collect::<Option<Vec<F>>>() {
            Some(slopes) if R::BY_OUTPUT && !y.is_empty() => {
                let products = upstream.iter().zip(&slopes).map(|(&upstream, &slope)| upstream * slope);
                part.iter_mut().zip(products).for_each(|(part, product)| *part = product);
            }
            _ => call_back(plan, step, input, memory, &y, &upstream, &mut part),
        }
        if meeting.terms > 0 {
            let within =
                if meeting.within > 0.0 { self.sent_from_zero(step, input, memory, &upstream) } else { 0.0 };
            rounder.computed(Meeting { within, ..meeting }, &mut part);
        }
        self.add(to, &mut part, meeting.terms > 0, memory, rounder);
    }

    /// The largest part of what a step sends back to an input of zeros, where nothing is saturated.
    fn sent_from_zero<F: Real>(&self, step: &Step, input: usize, memory: &Memory<F>, upstream: &[F]) -> f64 {
        let mut neutral = memory.clone();
        neutral.floats[self.plan.input_slots(step)[input].range()].fill(F::zero());
        super::run(self.plan, step, &mut neutral);
        let y = neutral.floats[self.plan.slot(step.output).range()].to_vec();
        let mut part = vec![F::zero(); self.plan.input_slots(step)[input].range().len()];
        call_back(self.plan, step, input, &neutral, &y, upstream, &mut part);
        part.iter().fold(0.0, |most, part| part.to_f64().abs().max(most))
    }

    /// Adds a part to the gradient at a value.
    fn add<F: Real, R: Rounder<F>>(
        &mut self,
        to: ValueId,
        part: &mut [F],
        is_rounded: bool,
        memory: &mut Memory<F>,
        rounder: &mut R,
    ) {
        let Some(gradient) = self.plan.gradient(to) else { return };
        let gradient = &mut memory.gradients[gradient];
        rounder.part(to, part);
        if is_rounded {
            rounder.stored(Stored::Gradient(to), part);
        }
        gradient.iter_mut().zip(part).for_each(|(gradient, part)| *gradient += *part);
        if std::mem::replace(&mut self.has_parts[to.index()], true) {
            rounder.stored(Stored::Gradient(to), gradient);
        }
    }

    fn custom<F: Real, R: Rounder<F>>(
        &mut self,
        custom: &CustomSteps,
        memory: &mut Memory<F>,
        rounder: &mut R,
    ) {
        let plan = self.plan;
        for &(output, upstream) in &custom.upstreams {
            self.complete(output, memory, rounder);
            let own = &mut memory.floats[plan.slot(upstream).range()];
            match plan.gradient(output) {
                Some(gradient) => own.copy_from_slice(&memory.gradients[gradient]),
                None => own.fill(F::zero()),
            }
        }
        for &step in &custom.steps {
            run(plan, &plan.steps[step as usize], self.meetings.forward[step as usize], memory, rounder);
        }
        for &(result, to) in &custom.results {
            let mut part = memory.floats[plan.slot(result).range()].to_vec();
            // It was rounded when it was computed.
            self.add(to, &mut part, false, memory, rounder);
        }
    }
}
