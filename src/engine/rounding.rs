//! Runs in which every intermediate result is off by its last bit, to see how
//! much of a result is rounding.
//!
//! Each element is multiplied by 1 ± ε, the sign drawn anew. What a value or a
//! gradient moves by, over a few such runs, is the size of its rounding error,
//! cancellation included (random rounding in the sense of Vignes' CESTAC).

use super::{Memory, backward_from, run};
use crate::{graph::Phase, op::Slot, plan::Plan};

/// A stream of signs; the same seed gives the same signs.
struct Signs(u64);

impl Signs {
    fn round_randomly(&mut self, elements: &mut [f64]) {
        for element in elements {
            // SplitMix64's step and finish.
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *element *= if bits >> 63 == 0 { 1.0 + f64::EPSILON } else { 1.0 - f64::EPSILON };
        }
    }
}

/// A forward run with random last bits, leaves included.
pub fn forward_jiggled(plan: &Plan, memory: &mut Memory<f64>, seed: u64) {
    let mut signs = Signs(seed);
    for &(value, _) in plan.data() {
        if let slot @ Slot::Float { .. } = plan.slot(value) {
            signs.round_randomly(&mut memory.floats[slot.range()]);
        }
    }
    for step in plan.steps.iter().filter(|step| step.phase == Phase::Forward) {
        run(plan, step, memory);
        if let slot @ Slot::Float { .. } = plan.slot(step.output) {
            signs.round_randomly(&mut memory.floats[slot.range()]);
        }
    }
}

/// A backward run with random last bits, at the values in memory.
pub fn backward_jiggled(plan: &Plan, memory: &mut Memory<f64>, seed: u64) {
    let mut signs = Signs(!seed);
    backward_from(plan, memory, 1.0, |gradient| signs.round_randomly(gradient));
}
