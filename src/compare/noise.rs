//! How much of this run's outputs and gradients is rounding.

use crate::{
    engine::{Memory, backward_jiggled, forward_jiggled},
    graph::ValueId,
    plan::Plan,
};
use std::ops::Range;

/// Runs with random last bits; more would narrow the estimate only slowly.
const RUNS: u64 = 4;

/// Rounding of one forward evaluation is at least this many units in the last
/// place of the result, whatever the runs show.
const OUTPUT_ULPS: f64 = 4.0;

/// How far beyond the widest run an output may lie.
const OUTPUT_MARGIN: f64 = 2.0;

/// How far beyond the widest run a gradient may lie.
const GRADIENT_MARGIN: f64 = 16.0;

/// Bounds of the rounding errors of one run.
pub struct Noise {
    /// Of each element of the outputs, one output behind the other.
    outputs: Vec<f64>,
    /// Of each element of the gradient arena.
    gradients: Vec<f64>,
}

impl Noise {
    /// `base` holds a forward and a backward run; `memory` is overwritten.
    pub fn measure(plan: &Plan, base: &Memory<f64>, memory: Memory<f64>) -> Self {
        let exact = base.outputs(plan);
        let widest = |seeds: Range<u64>, mut memory: Memory<f64>| {
            let mut noise =
                Self { outputs: vec![0.0; exact.len()], gradients: vec![0.0; base.gradients.len()] };
            for seed in seeds {
                memory.set_leaves(plan);
                forward_jiggled(plan, &mut memory, seed);
                widen(&mut noise.outputs, &memory.outputs(plan), &exact);
                backward_jiggled(plan, &mut memory, seed);
                widen(&mut noise.gradients, &memory.gradients, &base.gradients);
            }
            noise
        };
        let (mut noise, other) =
            rayon::join(|| widest(0..RUNS / 2, memory), || widest(RUNS / 2..RUNS, Memory::new(plan)));
        for ((noise, other), value) in noise.outputs.iter_mut().zip(other.outputs).zip(&exact) {
            let widest = OUTPUT_MARGIN * noise.max(other);
            *noise = widest.max(OUTPUT_ULPS * f64::EPSILON * value.abs());
        }
        for (noise, other) in noise.gradients.iter_mut().zip(other.gradients) {
            *noise = GRADIENT_MARGIN * noise.max(other);
        }
        noise
    }

    /// Of each element of the outputs.
    pub fn outputs(&self) -> &[f64] {
        &self.outputs
    }

    /// Of one entry of a leaf's gradient.
    pub fn gradient(&self, plan: &Plan, leaf: ValueId, entry: usize) -> f64 {
        plan.gradient(leaf).map_or(0.0, |range| self.gradients[range.start + entry])
    }
}

fn widen(noise: &mut [f64], rounded: &[f64], exact: &[f64]) {
    for ((noise, rounded), exact) in noise.iter_mut().zip(rounded).zip(exact) {
        *noise = noise.max((rounded - exact).abs());
    }
}
