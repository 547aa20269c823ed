//! How many numbers meet in the elements of each step, which says how a kernel rounds there.

use crate::{
    engine::{Memory, send_back},
    graph::ValueId,
    op::{Rounding, Slot},
    plan::{Back, Plan, Step},
};
use foldhash::{HashMap, HashSet};

/// How much meets in an element that is computed, forward or backward.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meeting {
    /// Numbers that are summed; 1 is a function of a few numbers, 0 none that rounds.
    pub terms: usize,
    pub rounding: Rounding,
    pub goes_back: bool,
    /// What is sent back is shared out among more than it came from.
    pub shares: bool,
    /// No slope is another number than 0, 1 or -1.
    pub has_plain_slopes: bool,
    /// One number meets many.
    pub has_scalar: bool,
    /// It goes on with one of several numbers, such as the greatest.
    pub chooses: bool,
    /// How much larger numbers are from which one for many is subtracted, such as their mean, than what is
    /// left of them; 0 where nothing cancels.
    pub cancels: f64,
    /// The size of a number from which what saturates there, as a sigmoid at 1, is subtracted; 0 elsewhere.
    pub saturates_at: f64,
    /// What is sent back goes to shares, as softmax makes them.
    pub goes_to_shares: bool,
}

impl Meeting {
    pub(super) fn has_factors(self) -> bool {
        matches!(self.rounding, Rounding::Products { .. })
    }

    /// Roundings of its inputs show otherwise than as those of its result.
    pub(super) fn has_operands(self) -> bool {
        self.terms > 1
            || self.chooses
            || matches!(
                self.rounding,
                Rounding::Products { .. }
                    | Rounding::Centered(_)
                    | Rounding::SlopeOfParts
                    | Rounding::Approximated
            )
    }
}

/// How much meets where, in all steps of a plan.
pub struct Meetings {
    pub(super) forward: Vec<Meeting>,
    /// By step and input.
    pub(super) backward: HashMap<(u32, u32), Meeting>,
}

impl Meetings {
    /// Counted once, at the values of a run in `memory`.
    pub fn of(plan: &Plan, memory: &Memory<f64>) -> Self {
        let saturating = plan.steps.iter().filter(|step| step.kernel.slope_of_output(1.0).is_some());
        let saturating: HashSet<ValueId> = saturating.map(|step| step.output).collect();
        let forward = plan.steps.iter().map(|step| Meeting {
            saturates_at: saturates_at(plan, step, memory, &saturating),
            ..forward_meeting(plan, step, memory)
        });
        let forward = forward.collect();
        let parts = plan.backward.iter().filter_map(|part| match part {
            Back::Product { step, input } => Some((*step, *input)),
            Back::Custom(_) => None,
        });
        let is_softmax = |step: &&Step| matches!(step.kernel.rounding(), Rounding::Softmax(_));
        let shares: HashSet<ValueId> = plan.steps.iter().filter(is_softmax).map(|step| step.output).collect();
        let backward = parts.map(|(index, input)| {
            let step = &plan.steps[index as usize];
            let meeting = Meeting {
                goes_to_shares: shares.contains(&plan.inputs(step)[input as usize]),
                ..backward_meeting(plan, step, input as usize, memory)
            };
            ((index, input), meeting)
        });
        Self { forward, backward: backward.collect() }
    }
}

impl Meetings {
    /// Backward looks at the numbers of this value, and not only at what comes back.
    pub fn read_back(&self, plan: &Plan, value: ValueId) -> bool {
        let takes = |step: u32| {
            let step = &plan.steps[step as usize];
            plan.inputs(step).contains(&value) || step.output == value && has_slopes_of_output(step)
        };
        let has_slopes = |meeting: &Meeting| meeting.rounding != Rounding::Exact && !meeting.has_plain_slopes;
        plan.backward.iter().any(|part| match part {
            Back::Product { step, input } => takes(*step) && has_slopes(&self.backward[&(*step, *input)]),
            Back::Custom(custom) => custom.steps.iter().any(|&step| takes(step)),
        })
    }
}

/// Kernels compute its slopes from what came out.
fn has_slopes_of_output(step: &Step) -> bool {
    let is_normalized = matches!(step.kernel.rounding(), Rounding::Softmax(_) | Rounding::LogSoftmax(_));
    is_normalized || step.kernel.slope_of_output(1.0).is_some()
}

fn largest(plan: &Plan, step: &Step) -> usize {
    let inputs = plan.input_slots(step).iter().map(|slot| slot.range().len());
    inputs.chain([plan.slot(step.output).range().len()]).max().unwrap_or(0)
}

fn has_scalar(plan: &Plan, step: &Step) -> bool {
    let mut lengths = plan.input_slots(step).iter().map(|slot| slot.range().len());
    plan.slot(step.output).range().len() > 1 && lengths.any(|length| length == 1)
}

/// How much larger than its result the larger operand of a broadcast sum or difference is.
fn cancels(plan: &Plan, step: &Step, memory: &Memory<f64>) -> f64 {
    let output = plan.slot(step.output).range();
    let inputs = plan.input_slots(step);
    let meets_many = inputs.len() == 2 && inputs.iter().any(|slot| slot.range().len() < output.len());
    if !meets_many {
        return 0.0;
    }
    let is_float = inputs.iter().all(|slot| matches!(slot, Slot::Float { .. }));
    let Some(whole) = inputs.iter().position(|slot| slot.range().len() == output.len()) else { return 0.0 };
    if !is_float || !step.kernel.differentiates(whole) {
        return 0.0;
    }
    let size = |numbers: &[f64]| numbers.iter().map(|x| x * x).sum::<f64>().sqrt();
    let ratio = size(&memory.floats[inputs[whole].range()]) / size(&memory.floats[output]);
    // Not of products.
    if ratio.is_finite() && is_sum(plan, step, whole, memory) { (ratio - 1.0).max(0.0) } else { 0.0 }
}

/// The size of the number that a step adds to what saturates, or subtracts it from.
fn saturates_at(plan: &Plan, step: &Step, memory: &Memory<f64>, saturating: &HashSet<ValueId>) -> f64 {
    let inputs = plan.inputs(step);
    let Some(whole) = inputs.iter().position(|input| saturating.contains(input)) else { return 0.0 };
    let slots = plan.input_slots(step);
    match slots.get(1 - whole.min(1)) {
        Some(slot @ Slot::Float { len: 1, .. }) if slots.len() == 2 && is_sum(plan, step, whole, memory) => {
            memory.floats[slot.range()][0].abs()
        }
        _ => 0.0,
    }
}

/// A step adds or subtracts an input.
fn is_sum(plan: &Plan, step: &Step, input: usize, memory: &Memory<f64>) -> bool {
    if step.kernel.rounding() != Rounding::Once || !step.kernel.is_elementwise() {
        return false;
    }
    let mut slopes = vec![0.0; plan.input_slots(step)[input].range().len()];
    let upstream = vec![1.0; plan.slot(step.output).range().len()];
    send_back(plan, step, input, memory, &upstream, &mut slopes);
    slopes.iter().all(|slope| slope.abs() == 1.0)
}

fn forward_meeting(plan: &Plan, step: &Step, memory: &Memory<f64>) -> Meeting {
    let (largest, own) = (largest(plan, step), plan.slot(step.output).range().len().max(1));
    let rounding = step.kernel.rounding();
    let terms = match rounding {
        Rounding::Exact => 0,
        Rounding::Once | Rounding::SlopeOfParts | Rounding::Approximated => 1,
        Rounding::Sums(terms)
        | Rounding::Centered(terms)
        | Rounding::Softmax(terms)
        | Rounding::LogOfSum(terms)
        | Rounding::LogSoftmax(terms) => terms.max(largest / own),
        // A product and a sum are two operations.
        Rounding::Products { added } => {
            (step.kernel.flops(largest, None) / (2 * own)).max(1) + usize::from(added.is_some())
        }
    };
    Meeting {
        terms,
        rounding,
        goes_back: false,
        shares: false,
        has_plain_slopes: false,
        has_scalar: has_scalar(plan, step),
        chooses: false,
        cancels: cancels(plan, step, memory),
        saturates_at: 0.0,
        goes_to_shares: false,
    }
}

fn backward_meeting(plan: &Plan, step: &Step, input: usize, memory: &Memory<f64>) -> Meeting {
    let (upstream, own) = (plan.slot(step.output).range().len(), plan.input_slots(step)[input].range().len());
    let ratio = upstream / own.max(1);
    let rounding = step.kernel.rounding();
    let shares = upstream < own;
    let counts = || {
        let mut counts = vec![0.0; own];
        send_back(plan, step, input, memory, &vec![1.0; upstream], &mut counts);
        counts
    };
    let mut has_plain_slopes = false;
    let terms = match rounding {
        // As many as come to one place.
        Rounding::Exact => match counts().iter().fold(0.0, |most, count| count.abs().max(most)) {
            most if most <= 1.0 => 0,
            most => most as usize,
        },
        Rounding::Once | Rounding::SlopeOfParts | Rounding::Approximated => {
            has_plain_slopes = counts().iter().all(|x| *x == 0.0 || x.abs() == ratio.max(1) as f64);
            ratio.max(1)
        }
        // What a reduction sends back is shared out.
        Rounding::Sums(_) if shares => 1,
        Rounding::Sums(terms) | Rounding::Centered(terms) | Rounding::Softmax(terms) => {
            terms.max(ratio).max(1)
        }
        Rounding::LogOfSum(terms) | Rounding::LogSoftmax(terms) => terms.max(1),
        Rounding::Products { .. } => {
            let flops = step.kernel.flops(largest(plan, step), Some(input));
            (flops / (2 * own.max(1))).max(1)
        }
    };
    let has_choice = !step.kernel.is_elementwise() || plan.inputs(step).len() > 1;
    Meeting {
        terms,
        rounding,
        goes_back: true,
        shares,
        has_plain_slopes,
        has_scalar: has_scalar(plan, step),
        chooses: rounding == Rounding::Exact && step.kernel.card().kinks.is_some() && has_choice,
        cancels: cancels(plan, step, memory),
        saturates_at: 0.0,
        goes_to_shares: false,
    }
}
