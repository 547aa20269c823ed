//! Where the time of a run goes.

use super::{
    Memory, Real, add_results, backward, forward, lay_down_upstreams, multiply, run_part, run_part_back, seed,
};
use crate::{
    graph::Phase,
    plan::{Back, Plan},
};
use std::time::Instant;

/// Runs are repeated until they took so long together, in seconds.
const LONG_ENOUGH: f64 = 0.5;

/// But no more often than this.
const MOST_RUNS: usize = 1000;

/// The best of several runs, in seconds.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    pub runs: usize,
    /// Whole runs without a look at the clock in between.
    pub forward: f64,
    pub backward: f64,
    /// For each step of the plan.
    pub steps: Vec<StepProfile>,
}

/// What one step costs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StepProfile {
    /// The best of several runs, in seconds. A call in a batch has its share of it, and so has a line
    /// of a backward by hand of what gradients take that come to the block and go from it.
    pub forward: f64,
    pub backward: f64,
    /// Bytes of all that is read and written, each tensor counted once a call and
    /// gradients that are added to twice.
    pub forward_bytes: usize,
    pub backward_bytes: usize,
    /// Operations on numbers: additions, multiplications, and functions as one each.
    pub forward_flops: usize,
    pub backward_flops: usize,
}

/// Runs a plan often enough to tell where its time goes.
pub fn profile<F: Real>(plan: &Plan, memory: &mut Memory<F>) -> Profile {
    let mut profile =
        Profile { forward: f64::INFINITY, backward: f64::INFINITY, ..count(plan, size_of::<F>()) };
    // The whole runs come first: what a look at the clock at every step leaves in the caches is in
    // nobody's way then.
    let started = Instant::now();
    while profile.runs < MOST_RUNS && (profile.runs == 0 || started.elapsed().as_secs_f64() < LONG_ENOUGH) {
        profile.forward = profile.forward.min(timed(|| forward(plan, memory)));
        profile.backward = profile.backward.min(timed(|| backward(plan, memory)));
        profile.runs += 1;
    }
    for run in 0..profile.runs {
        steps_forward(plan, memory, &mut profile.steps, run == 0);
        steps_backward(plan, memory, &mut profile.steps, run == 0);
    }
    profile
}

fn timed(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}

fn keep(best: &mut f64, seconds: f64, first: bool) {
    *best = if first { seconds } else { best.min(seconds) };
}

fn steps_forward<F: Real>(plan: &Plan, memory: &mut Memory<F>, steps: &mut [StepProfile], first: bool) {
    match plan.stages() {
        None => {
            for (index, step) in
                plan.steps.iter().enumerate().filter(|(_, step)| step.phase == Phase::Forward)
            {
                let seconds = timed(|| super::run(plan, step, memory));
                keep(&mut steps[index].forward, seconds, first);
            }
        }
        Some(parts) => {
            for part in parts.iter() {
                let seconds = timed(|| run_part(plan, parts, part, memory));
                for &step in parts.steps(part) {
                    keep(&mut steps[step as usize].forward, seconds / parts.steps(part).len() as f64, first);
                }
            }
        }
    }
}

fn steps_backward<F: Real>(plan: &Plan, memory: &mut Memory<F>, steps: &mut [StepProfile], first: bool) {
    seed(plan, memory);
    let mut once = vec![0.0; plan.steps.len()];
    match plan.stages() {
        None => {
            for back in &plan.backward {
                match back {
                    Back::Product { step, input } => {
                        let product = || multiply(plan, &plan.steps[*step as usize], *input as usize, memory);
                        once[*step as usize] += timed(product);
                    }
                    Back::Custom(hand) => {
                        let mut around = timed(|| lay_down_upstreams(plan, hand, memory));
                        for &step in &hand.steps {
                            let line = || super::run(plan, &plan.steps[step as usize], memory);
                            once[step as usize] += timed(line);
                        }
                        around += timed(|| add_results(plan, hand, memory));
                        for &step in &hand.steps {
                            once[step as usize] += around / hand.steps.len() as f64;
                        }
                    }
                }
            }
        }
        Some(parts) => {
            for part in parts.iter().rev() {
                let seconds = timed(|| run_part_back(plan, parts, part, memory));
                let steps = parts.steps(part);
                steps.iter().for_each(|&step| once[step as usize] += seconds / steps.len() as f64);
            }
        }
    }
    for (step, seconds) in steps.iter_mut().zip(once) {
        keep(&mut step.backward, seconds, first);
    }
}

/// Bytes and operations, which need no clock.
fn count(plan: &Plan, number: usize) -> Profile {
    let size = |value| plan.slot(value).range().len();
    let mut steps = vec![StepProfile::default(); plan.steps.len()];
    for (step, own) in plan.steps.iter().zip(&mut steps) {
        let (inputs, output) = (plan.inputs(step).iter().map(|&input| size(input)), size(step.output));
        let (read, most) = (inputs.clone().sum::<usize>(), inputs.chain([output]).max().unwrap_or(0));
        if step.phase == Phase::Forward {
            own.forward_bytes = number * (read + output);
            own.forward_flops = step.kernel.flops(most, None);
        }
    }
    for back in &plan.backward {
        match back {
            Back::Product { step, input } => {
                let (step, own) = (&plan.steps[*step as usize], &mut steps[*step as usize]);
                let inputs = plan.inputs(step);
                let read: usize = inputs.iter().map(|&input| size(input)).sum();
                let (output, gradient) = (size(step.output), size(inputs[*input as usize]));
                let most = inputs.iter().map(|&input| size(input)).max().unwrap_or(0).max(output);
                own.backward_bytes += number * (read + 2 * output + 2 * gradient);
                own.backward_flops += step.kernel.flops(most, Some(*input as usize));
            }
            Back::Custom(hand) => {
                for &index in &hand.steps {
                    let (step, own) = (&plan.steps[index as usize], &mut steps[index as usize]);
                    let inputs = plan.inputs(step).iter().map(|&input| size(input));
                    let most = inputs.clone().chain([size(step.output)]).max().unwrap_or(0);
                    own.backward_bytes += number * (inputs.sum::<usize>() + size(step.output));
                    own.backward_flops += step.kernel.flops(most, None);
                }
            }
        }
    }
    Profile { steps, ..Profile::default() }
}
