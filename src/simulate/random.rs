//! Roundings at random, the same ones for the same seed.

use super::{Arithmetic, runs::Tap};
use crate::{
    engine::{Meeting, Rounder, Stored},
    precision::Precision,
};

/// What hardware flushes to zero is below the least normal number of these.
fn floor(precision: Precision) -> f64 {
    match precision {
        Precision::F64 | Precision::F32 | Precision::Tf32 | Precision::Bf16 => precision.least_normal(),
        Precision::F16 | Precision::E4m3 | Precision::E5m2 => precision.least(),
    }
}

/// The part of a rounding that may be the same in all elements, as that of an approximation.
const COMMON: f64 = 0.3;

/// Draws every rounding of one run.
pub struct Random<'a> {
    pub arithmetic: &'a Arithmetic,
    seed: u64,
    /// Goes up with every call, so that no two draws are alike.
    calls: u64,
    /// All roundings are so many times as large as they are.
    scale: f64,
    pub tap: Tap<'a, f64>,
}

impl<'a> Random<'a> {
    pub fn new(arithmetic: &'a Arithmetic, seed: u64, scale: f64, tap: Tap<'a, f64>) -> Self {
        Self { arithmetic, seed: mix(seed.wrapping_add(1)), calls: 0, scale, tap }
    }

    /// Random bits for each element of one call.
    fn bits(&mut self) -> impl Fn(usize) -> u64 + use<> {
        self.calls += 1;
        let key = mix(self.seed ^ self.calls.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        move |at| mix(key.wrapping_add((at as u64).wrapping_mul(0xd1b5_4a32_d192_ed03)))
    }

    /// Rounds each number to a grid as that of a format, but shifted at random: as when it is rounded to the
    /// format, equal numbers are off by the same.
    pub fn round(&mut self, precision: Precision, x: &mut [f64]) {
        let shift = uniform(self.bits()(0)) / 2.0;
        let flushed = self.scale * floor(precision) * uniform(self.bits()(0));
        for x in x.iter_mut().filter(|x| **x != 0.0 && x.is_finite()) {
            let spacing = self.scale * precision.ulp(*x);
            let rounded = ((*x / spacing + shift).round() - shift) * spacing;
            *x = rounded + flushed;
        }
    }
}

impl Rounder<f64> for Random<'_> {
    const TAKES_OPERANDS: bool = true;
    const BY_OUTPUT: bool = true;

    fn operands(&mut self, meeting: Meeting, x: &mut [f64]) {
        if let (true, Some(factors)) = (meeting.products, self.arithmetic.factors) {
            self.round_factors(factors, x);
        }
        if meeting.terms > 1 {
            let part = self.scale * self.arithmetic.accumulate.unit() * (meeting.terms as f64).sqrt();
            let bits = self.bits();
            x.iter_mut().enumerate().for_each(|(at, x)| *x += *x * part * normal(bits(at)));
        }
    }

    fn computed(&mut self, meeting: Meeting, y: &mut [f64]) {
        let unit = self.scale * self.arithmetic.accumulate.unit();
        let (part, within) = (unit * (meeting.terms as f64).sqrt(), unit * meeting.within);
        let bits = self.bits();
        // What a kernel does to one number it may do to all.
        let common = COMMON * normal(bits(usize::MAX));
        for (at, y) in y.iter_mut().enumerate() {
            *y += (y.abs() * part + within) * (normal(bits(at)) + common);
        }
    }

    fn stored(&mut self, of: Stored, y: &mut [f64]) {
        self.round(self.arithmetic.format(of), y);
    }

    fn complete(&mut self, of: Stored, y: &mut [f64]) {
        self.tap.complete(of, y);
    }
}

impl Random<'_> {
    /// Some hardware cuts digits off. Factors of 8 bits are scaled so that the largest has the largest exponent.
    fn round_factors(&mut self, factors: Precision, x: &mut [f64]) {
        self.round(factors, x);
        let cut = self.scale * factors.unit() * uniform(self.bits()(0));
        x.iter_mut().for_each(|x| *x -= *x * cut);
        if matches!(factors, Precision::E4m3 | Precision::E5m2) {
            let largest = x.iter().fold(0.0, |most: f64, x| x.abs().max(most));
            let least = self.scale * largest / factors.greatest() * factors.least() / 2.0;
            let bits = self.bits();
            x.iter_mut().enumerate().for_each(|(at, x)| *x += least * uniform(bits(at)));
        }
    }
}

/// A finalizer of splitmix64: every bit in reaches every bit out.
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Between -1 and 1.
fn uniform(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// Of mean 0 and variance 1: the sum of four uniform numbers, within 3.5.
fn normal(bits: u64) -> f64 {
    let part = |at: u32| f64::from((bits >> (16 * at)) as u16) - 32767.5;
    // The variance of one is 2^32 / 12.
    (part(0) + part(1) + part(2) + part(3)) * (3f64.sqrt() / 65536.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_their_mean_and_variance() {
        let draws = |of: fn(u64) -> f64| -> Vec<f64> { (0..100_000).map(|at| of(mix(at))).collect() };
        for (draws, variance) in [(draws(uniform), 1.0 / 3.0), (draws(normal), 1.0)] {
            let n = draws.len() as f64;
            let mean = draws.iter().sum::<f64>() / n;
            let own = draws.iter().map(|x| x * x).sum::<f64>() / n;
            assert!(mean.abs() < 0.01 && (own / variance - 1.0).abs() < 0.02, "{mean} {own}");
        }
    }
}
