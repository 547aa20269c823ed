//! Runs a plan as a kernel does that rounds: between the steps, numbers pass through a [`Rounder`].
//!
//! One step after another, without batches; a gradient is complete before it is sent on.

mod meeting;

pub use meeting::{Meeting, Meetings};

use super::{Memory, seed};
use crate::{
    cancel,
    graph::{Phase, ValueId},
    op::{Groups, Inputs, Output, Real, Rounding, Slot},
    plan::{Back, CustomSteps, Plan, Step},
};

/// What is stored: a value or the gradient at one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stored {
    Value(ValueId),
    Gradient(ValueId),
}

/// What an output was computed from: the first input and the groups of an op along axes.
#[derive(Debug, Clone, Copy)]
pub struct Grouped<'a, F> {
    pub x: &'a [F],
    pub groups: &'a Groups,
}

/// What a part of a gradient was computed from.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a, F> {
    /// The input that it goes to, and the groups of an op along axes.
    pub x: &'a [F],
    pub groups: Option<&'a Groups>,
    /// The output.
    pub y: &'a [F],
    pub output: ValueId,
    pub upstream: &'a [F],
    /// The largest part that comes back to an input of zeros, where nothing is saturated.
    pub from_zero: f64,
    /// The slope was computed from the output.
    pub by_output: bool,
}

/// What becomes of numbers between the steps. By default nothing does.
pub trait Rounder<F> {
    /// It looks at the operands of sums and at upstream gradients; else [`Self::operands`] and
    /// [`Self::upstream`] are not called.
    const TAKES_OPERANDS: bool = false;

    /// Slopes are computed from outputs alone where kernels may do so.
    const BY_OUTPUT: bool = false;

    /// An input of one call.
    fn operands(&mut self, _meeting: Meeting, _input: usize, _x: &mut [F]) {}

    /// What is sent back through a call whose output is `y`.
    fn upstream(&mut self, _meeting: Meeting, _y: &[F], _upstream: &mut [F]) {}

    /// The slopes of an elementwise op, where they are stored before anything is multiplied by them.
    fn stores_slopes(&self) -> bool {
        false
    }

    fn slopes(&mut self, _slopes: &mut [F]) {}

    /// What was computed forward, before it is stored.
    fn computed(&mut self, _meeting: Meeting, _from: Option<Grouped<F>>, _y: &mut [F]) {}

    /// What was computed backward, before it is stored.
    fn sent(&mut self, _meeting: Meeting, _sent: &Sent<F>, _part: &mut [F]) {}

    /// What upstream gradients are off by in a sum of products with the output, where the sum stands for one
    /// over the shares that this product sends gradients to.
    fn off_in_other_sum(&mut self, _upstream: &[F]) -> Option<Vec<F>> {
        None
    }

    /// What that does to the gradients at shares.
    fn other_sum(&mut self, _shares: ValueId, _off: Vec<F>) {}

    /// What is about to be stored; of a gradient a part or a sum of parts.
    fn stored(&mut self, _of: Stored, _y: &mut [F]) {}

    /// What one user of a value sends back to it.
    fn part(&mut self, _to: ValueId, _part: &mut [F]) {}

    /// A value, or a gradient that all has been added to, before it is used.
    fn complete(&mut self, _of: Stored, _y: &mut [F]) {}
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

/// The same, of inputs as the rounder leaves them.
fn call_back_rounded<F: Real, R: Rounder<F>>(
    plan: &Plan,
    (step, input): (&Step, usize),
    meeting: Meeting,
    memory: &Memory<F>,
    (y, upstream): (&[F], &[F]),
    gradient: &mut [F],
    rounder: &mut R,
) {
    // What is only summed is perturbed as the upstream gradient.
    let is_function = meeting.has_factors() || meeting.rounding != Rounding::Once && meeting.has_operands();
    if !(R::TAKES_OPERANDS && is_function) {
        return call_back(plan, step, input, memory, y, upstream, gradient);
    }
    let (slots, operands) = operands(plan, step, meeting, memory, rounder);
    let x = Inputs { slots: &slots, floats: &operands, ints: &memory.ints };
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
    match plan.slot(step.output) {
        slot @ Slot::Float { .. } if R::TAKES_OPERANDS && meeting.has_operands() => {
            let (slots, operands) = operands(plan, step, meeting, memory, rounder);
            let x = Inputs { slots: &slots, floats: &operands, ints: &memory.ints };
            F::calls(step.kernel).call(&x, Output::Float(&mut memory.floats[slot.range()]));
        }
        _ => super::run(plan, step, memory),
    }
    if let slot @ Slot::Float { .. } = plan.slot(step.output)
        && meeting.terms > 0
    {
        let groups = step.kernel.groups();
        let x = groups.map(|_| floats(plan.input_slots(step)[0], memory).to_vec());
        let from = x.as_ref().zip(groups).map(|(x, groups)| Grouped { x, groups });
        let y = &mut memory.floats[slot.range()];
        rounder.computed(meeting, from, y);
        rounder.stored(Stored::Value(step.output), y);
    }
}

/// The floats of a slot; none where it holds ints.
fn floats<F>(slot: Slot, memory: &Memory<F>) -> &[F] {
    match slot {
        Slot::Float { .. } => &memory.floats[slot.range()],
        Slot::Int { .. } => &[],
    }
}

/// The inputs of a step as the rounder leaves them, and where each stands.
fn operands<F: Real, R: Rounder<F>>(
    plan: &Plan,
    step: &Step,
    meeting: Meeting,
    memory: &Memory<F>,
    rounder: &mut R,
) -> (Vec<Slot>, Vec<F>) {
    let mut operands = Vec::new();
    let slots = plan.input_slots(step).iter().enumerate().map(|(input, &slot)| match slot {
        Slot::Float { len, .. } => {
            let start = operands.len();
            operands.extend_from_slice(&memory.floats[slot.range()]);
            rounder.operands(meeting, input, &mut operands[start..]);
            Slot::Float { start, len }
        }
        Slot::Int { .. } => slot,
    });
    (slots.collect(), operands)
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
        if R::TAKES_OPERANDS {
            rounder.upstream(meeting, &y, &mut upstream);
        }
        let slopes = R::BY_OUTPUT.then(|| {
            let slope = |y: &F| step.kernel.slope_of_output(y.to_f64()).map(F::from_f64);
            y.iter().map(slope).collect::<Option<Vec<F>>>()
        });
        let by_output = slopes.flatten().filter(|slopes| !slopes.is_empty());
        let multiply = |slopes: &[F], part: &mut [F]| {
            let products = upstream.iter().zip(slopes).map(|(&upstream, &slope)| upstream * slope);
            part.iter_mut().zip(products).for_each(|(part, product)| *part = product);
        };
        let is_stored = step.kernel.is_elementwise() && meeting.terms == 1 && !meeting.has_plain_slopes;
        match &by_output {
            Some(slopes) => multiply(slopes, &mut part),
            None if is_stored && rounder.stores_slopes() => {
                let mut slopes = part.clone();
                call_back_rounded(
                    plan,
                    (step, input),
                    meeting,
                    memory,
                    (&y, &vec![F::one(); y.len()]),
                    &mut slopes,
                    rounder,
                );
                rounder.slopes(&mut slopes);
                multiply(&slopes, &mut part);
            }
            None => {
                call_back_rounded(plan, (step, input), meeting, memory, (&y, &upstream), &mut part, rounder)
            }
        }
        if meeting.goes_to_shares
            && let Some(off) = rounder.off_in_other_sum(&upstream)
        {
            let mut sent = vec![F::zero(); part.len()];
            call_back(plan, step, input, memory, &y, &off, &mut sent);
            rounder.other_sum(to, sent);
        }
        if meeting.terms > 0 {
            let is_within = matches!(meeting.rounding, Rounding::LogOfSum(_) | Rounding::LogSoftmax(_));
            let from_zero = if is_within { self.sent_from_zero(step, input, memory, &upstream) } else { 0.0 };
            let x = floats(plan.slot(to), memory);
            let groups = step.kernel.groups();
            let sent = Sent {
                x,
                groups,
                y: &y,
                output: step.output,
                upstream: &upstream,
                from_zero,
                by_output: by_output.is_some(),
            };
            rounder.sent(meeting, &sent, &mut part);
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
