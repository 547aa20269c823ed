//! Sums of products, many at a time.

use super::{Double, parts};

/// Lanes of [`dot`], each of which sums every eighth product.
const LANES: usize = 8;

/// After so many steps the running sums are settled.
pub(super) const STEPS: usize = 16;

/// A running sum of products, one product further: a sum and what the roundings have lost so far
/// (T. Ogita, S. M. Rump & S. Oishi, Accurate Sum and Dot Product, 2005, for pairs).
///
/// Fourteen operations, of which one addition waits for the step before; the same for a and b
/// exchanged. What was lost is not put back into the sum until [`settle`]: the error after n steps
/// is at most (2n² + 11n)·2⁻¹⁰⁶ of the sum of sizes, and far less as a rule. Where anything
/// overflows, the sum or what was lost becomes infinite or NaN and stays so, and the caller must sum
/// again by the operators.
#[inline(always)]
pub fn dot_step(sum: (f64, f64), a: Double, b: Double) -> (f64, f64) {
    let (product, lost) = parts::two_prod(a.hi, b.hi);
    let (high, low) = parts::two_sum(sum.0, product);
    (high, sum.1 + (low + (lost + (a.hi * b.lo + a.lo * b.hi))))
}

/// Puts what was lost back into a running sum.
#[inline(always)]
pub fn settle(sum: (f64, f64)) -> (f64, f64) {
    parts::two_sum(sum.0, sum.1)
}

/// The sum of a·b over the elements that both have, within 6n·2⁻¹⁰⁶ of the sum of sizes for n of them and
/// within 2⁻¹⁰⁴ of it as a rule. The order of summation depends on their number alone.
///
/// After an overflow on the way it is what the operators give from the first element to the last.
#[inline(always)]
pub fn dot(a: &[Double], b: &[Double]) -> Double {
    let mut sums = [(0.0, 0.0); LANES];
    let whole = a.len().min(b.len()) / LANES * LANES;
    for (a, b) in a[..whole].chunks(LANES * STEPS).zip(b[..whole].chunks(LANES * STEPS)) {
        for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
            for lane in 0..LANES {
                sums[lane] = dot_step(sums[lane], a[lane], b[lane]);
            }
        }
        sums = sums.map(settle);
    }
    let mut sum = (0.0, 0.0);
    for (a, b) in a[whole..].iter().zip(&b[whole..]) {
        sum = dot_step(sum, *a, *b);
    }
    let sum = sums.into_iter().fold(settle(sum), parts::add);
    if sum.0.is_finite() && sum.1.is_finite() {
        Double::new(sum.0, sum.1)
    } else {
        carefully(a.iter().copied().zip(b.iter().copied()))
    }
}

/// By the operators, which make no NaN that `f64` would not make.
#[cold]
#[inline(never)]
pub(super) fn carefully(pairs: impl Iterator<Item = (Double, Double)>) -> Double {
    pairs.fold(Double::from(0.0), |sum, (a, b)| sum + a * b)
}
