//! What the reference tests, the ends, the laws and the measurement share.

mod ends;
mod laws;
mod reference;

use super::Double;

/// A generator of Lehmer's kind with a multiplier of D. E. Knuth (MMIX): the same numbers each run.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The lower bits have short periods.
        self.0 ^ self.0 >> 32
    }

    /// From 0 to 1.
    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn within(&mut self, low: f64, high: f64) -> Double {
        let hi = low + (high - low) * self.unit();
        Double::new(hi, hi * (self.unit() - 0.5) * f64::EPSILON)
    }
}

/// The relative difference of two finite numbers, right to some digits when they are close.
fn apart(a: Double, b: Double) -> f64 {
    let difference = ((a.hi - b.hi) + (a.lo - b.lo)).abs();
    if difference == 0.0 { 0.0 } else { difference / b.hi.abs() }
}
