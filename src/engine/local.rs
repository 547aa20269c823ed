//! One op's part in backward, taken alone.

use super::Memory;
use crate::{
    op::{Inputs, Slot, slopes},
    plan::{Plan, Step},
};

/// Adds to `gradient`, of the input's shape, what a step sends back to one of its
/// inputs from `upstream`, of the output's shape: its vector–Jacobian product.
pub fn send_back(
    plan: &Plan,
    step: &Step,
    input: usize,
    memory: &Memory<f64>,
    upstream: &[f64],
    gradient: &mut [f64],
) {
    let x = Inputs { slots: plan.input_slots(step), floats: &memory.floats, ints: &memory.ints };
    let y = &memory.floats[plan.slot(step.output).range()];
    step.kernel.call_backward(input, &x, y, upstream, gradient);
}

/// The words of a step's rule for one of its inputs, as numbers at an entry.
pub fn rule_values(
    plan: &Plan,
    step: &Step,
    input: usize,
    entry: usize,
    memory: &Memory<f64>,
) -> Vec<(&'static str, f64)> {
    let x = Inputs { slots: plan.input_slots(step), floats: &memory.floats, ints: &memory.ints };
    step.kernel.rule_values(input, entry, &x)
}

/// The entries of a step's output that change with one entry of an input, each
/// with its slope there.
pub fn reached(
    plan: &Plan,
    step: &Step,
    input: usize,
    entry: usize,
    memory: &Memory<f64>,
) -> Vec<(usize, f64)> {
    let Slot::Float { len, .. } = plan.slot(step.output) else { return Vec::new() };
    let x = Inputs { slots: plan.input_slots(step), floats: &memory.floats, ints: &memory.ints };
    let slopes = slopes(step.kernel, &x, input, entry, len);
    slopes.into_iter().enumerate().filter(|(_, slope)| *slope != 0.0).collect()
}
