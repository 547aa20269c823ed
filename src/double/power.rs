//! Powers.

use super::{
    Double,
    exponential::{exp_m1_near, limited, one_more, reduced},
    logarithm::{Triple, ln_of_positive},
    parts::{self, Pair, TWO_52, two_prod, two_sum},
};

/// Products of an exponent and a logarithm beyond this size are powers of 0 or ∞.
const LIMIT: f64 = 800.0;

impl Double {
    /// xʸ, within 10⁻³¹ of it, also where y is huge, at the ends as C99 has it (annex F.9.4.4).
    /// Within some 2⁻¹⁰⁷⁴ where the result or its low part is subnormal.
    ///
    /// |x|ʸ = e^(y·ln |x|), with the logarithm and the product in three parts, as a product near 700
    /// takes ten bits from them. x¹ is x, and x² is x·x. Of an `f64` x and an integer or half an
    /// integer y, a power of at most 96 bits is exact.
    #[inline(always)]
    pub fn powf(self, y: Self) -> Self {
        let size = self.abs();
        let [x, more, rest] = exponent(size, y);
        let (r, n) = reduced(x, more, rest);
        let power = one_more(exp_m1_near(r));
        let half = from_even(2.0 * y.hi);
        let may_be_short = (half == 0.0 || half == 1.0) && y.lo == 0.0 && self.lo == 0.0;
        let power = (power.0, if may_be_short { to_short(power.1) } else { power.1 });
        let power = Self::settled(parts::scale(power, n));
        let power = Self::select(y == Self::from(1.0), size, power);
        let power = Self::select(y == Self::from(2.0), size * size, power);
        self.by_size(size, y, power)
    }

    /// xʸ by |x|ʸ.
    #[inline(always)]
    fn by_size(self, size: Self, y: Self, power: Self) -> Self {
        let (one, nan) = (Self::from(1.0), Self::from(f64::NAN));
        // Of 1 and −1 the infinite powers too; to the power of 0, NaN too.
        let power = Self::select(size == one && !y.is_nan() || y.hi == 0.0, one, power);
        let (high, low) = (from_even(y.hi), from_even(y.lo));
        let is_integer = (high == 0.0 || high == 1.0) && (low == 0.0 || low == 1.0);
        let power = Self::select(is_integer && high != low && self.is_sign_negative(), -power, power);
        let power = Self::select(self.hi < 0.0 && !is_integer && self.is_finite(), nan, power);
        Self::select(self == one, one, power)
    }
}

/// y·ln x for an x from 0 on: in three parts, or where it is NaN or beyond [`LIMIT`], in one.
#[inline(always)]
fn exponent(x: Double, y: Double) -> Triple {
    let ln = ln_of_positive([x.hi, x.lo, 0.0]);
    let log = if x.hi < f64::INFINITY { ln[0] } else { x.hi };
    let log = if x.hi == 0.0 { f64::NEG_INFINITY } else { log };
    let product = y.hi * log;
    // So far out the rest is no matter, and may be that of an infinite product.
    let is_near = product.abs() < LIMIT;
    let [_, more, rest] = times(ln, y.pair());
    let (hi, lo) = limited((product, if is_near { more } else { 0.0 }), -750.0);
    [hi, lo, if is_near { rest } else { 0.0 }]
}

/// A logarithm times a pair.
#[inline(always)]
fn times(ln: Triple, y: Pair) -> Triple {
    let (product, lost) = two_prod(y.0, ln[0]);
    let (first, first_lost) = two_prod(y.0, ln[1]);
    let (second, second_lost) = two_prod(y.1, ln[0]);
    let rest = y.0.mul_add(ln[2], y.1 * ln[1]) + (first_lost + second_lost);
    let (low, low_lost) = two_sum(first, second);
    let (low, low_lost_again) = two_sum(low, lost);
    [product, low, rest + (low_lost + low_lost_again)]
}

/// The second part of a number near 1, or the multiple of 2⁻⁹⁶ that is within 2⁻¹⁰⁴ of it.
///
/// The error of a power is less, so that one of at most 96 bits becomes exact. One in 128 of the others
/// moves too, by no more than that.
#[inline(always)]
fn to_short(low: f64) -> f64 {
    const UNITS: f64 = 1.5 * TWO_52 * parts::power_of_2(-96.0);
    let short = (low + UNITS) - UNITS;
    if (low - short).abs() < parts::power_of_2(-104.0) { short } else { low }
}

/// How far a number is from the even ones: 1 for an odd one, 0 for an infinity, NaN for NaN.
#[inline(always)]
fn from_even(x: f64) -> f64 {
    // From here on all are even.
    const LIMIT: f64 = 2.0 * TWO_52;
    let size = if x.abs() > LIMIT { LIMIT } else { x.abs() };
    (size - ((size + LIMIT) - LIMIT)).abs()
}
