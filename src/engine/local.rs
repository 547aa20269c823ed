//! One op's part in backward, taken alone.

use super::Memory;
use crate::{
    op::{Complex, Inputs, Output, Slot},
    plan::{Plan, Step},
};
use num_traits::Zero;

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
/// with its slope there, by a complex step of the step alone.
pub fn reached(
    plan: &Plan,
    step: &Step,
    input: usize,
    entry: usize,
    memory: &Memory<f64>,
) -> Vec<(usize, f64)> {
    const SIZE: f64 = 1e-20;
    let Slot::Float { len, .. } = plan.slot(step.output) else { return Vec::new() };
    let mut floats: Vec<Complex> = Vec::new();
    let slots: Vec<Slot> = plan
        .input_slots(step)
        .iter()
        .map(|&slot| match slot {
            Slot::Int { .. } => slot,
            Slot::Float { len, .. } => {
                let start = floats.len();
                floats.extend(memory.floats[slot.range()].iter().map(|&x| Complex::new(x, 0.0)));
                Slot::Float { start, len }
            }
        })
        .collect();
    let Slot::Float { start, .. } = slots[input] else { return Vec::new() };
    floats[start + entry].im = SIZE;
    let mut y = vec![Complex::zero(); len];
    let x = Inputs { slots: &slots, floats: &floats, ints: &memory.ints };
    step.kernel.call(&x, Output::Float(&mut y));
    y.iter().enumerate().map(|(at, y)| (at, y.im / SIZE)).filter(|(_, slope)| *slope != 0.0).collect()
}
