//! Double-double numbers: the unevaluated sum of two `f64`, some 106 bits or 31 to 32 digits, over
//! the exponents of `f64`.
//!
//! All is made of +, −, ·, /, square root, fused multiply-add and integer work, so that a result
//! has the same bits on any machine. The arithmetic is without branches and inlined: a loop over
//! it compiles for the vector unit that its caller has enabled, and a caller that has enabled the
//! machine's multiply-add saves a call for each.
//!
//! In kind a result is what `f64` would give: infinities, NaN, the signs of zeros. A number that
//! is not finite has 0 as its low part.

mod arithmetic;
pub mod dot;
mod error_function;
mod exponential;
mod hyperbolic;
mod inverse;
mod logarithm;
mod logarithm_table;
pub mod panel;
pub mod parts;
mod power;
mod quarters;
mod rounding;
#[cfg(test)]
mod tests;
mod trigonometric;

pub use quarters::{TURNS, ZEROS};

use num_traits::{One, Zero};
use parts::Pair;

/// ln 2.
pub const LN_2: Double = Double { hi: std::f64::consts::LN_2, lo: 2.3190468138462996e-17 };

/// The sum of two `f64` that do not overlap: `hi` is the `f64` nearest to it, so that |`lo`| is at
/// most half a last place of `hi`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Double {
    // The order of these is that of comparison.
    hi: f64,
    lo: f64,
}

impl Double {
    /// The sum of any two numbers, of which one may be the rest of the other. Exact, unless it
    /// overflows.
    #[inline(always)]
    pub fn new(hi: f64, lo: f64) -> Self {
        let (sum, lost) = parts::two_sum(hi, lo);
        // The sum itself decides what a NaN within the transformation would hide.
        Self { hi: sum, lo: if lost.is_finite() { lost } else { 0.0 } }
    }

    /// The exact sum of two numbers. The same as [`Self::new`].
    #[inline(always)]
    pub fn from_sum(a: f64, b: f64) -> Self {
        Self::new(a, b)
    }

    /// The exact product of two numbers, unless it overflows. What it has below 2⁻¹⁰⁷⁴ is rounded.
    #[inline(always)]
    pub fn from_product(a: f64, b: f64) -> Self {
        let (product, lost) = parts::two_prod(a, b);
        Self { hi: product, lo: if product.is_finite() { lost } else { 0.0 } }
    }

    /// The nearest `f64`.
    #[inline(always)]
    pub const fn hi(self) -> f64 {
        self.hi
    }

    /// What the number has more than the nearest `f64`.
    #[inline(always)]
    pub const fn lo(self) -> f64 {
        self.lo
    }

    /// The nearest `f64`.
    #[inline(always)]
    pub const fn to_f64(self) -> f64 {
        self.hi
    }

    #[inline(always)]
    pub const fn is_finite(self) -> bool {
        self.hi.is_finite()
    }

    #[inline(always)]
    pub const fn is_nan(self) -> bool {
        self.hi.is_nan()
    }

    #[inline(always)]
    pub const fn is_sign_negative(self) -> bool {
        self.hi.is_sign_negative()
    }

    /// |x|, with the sign taken off −0 too.
    #[inline(always)]
    pub fn abs(self) -> Self {
        self.flipped(self.hi)
    }

    /// The number, negated if the sign bit of `by` is set.
    #[inline(always)]
    fn flipped(self, by: f64) -> Self {
        let sign = by.to_bits() & (1 << 63);
        let flip = |part: f64| f64::from_bits(part.to_bits() ^ sign);
        Self { hi: flip(self.hi), lo: flip(self.lo) }
    }

    /// 2ⁿ times the number: exact, or infinite, or within 2⁻¹⁰⁷⁴ where the result or its low part
    /// is subnormal.
    #[inline(always)]
    pub fn scaled(self, n: i32) -> Self {
        // Beyond these limits the smallest number overflows, and the greatest becomes 0.
        let n = f64::from(n.clamp(-2200, 2200));
        let half = n.clamp(-1000.0, 1000.0);
        let pair = parts::times(self.pair(), parts::power_of_2(half));
        Self::settled(parts::scale(pair, n - half))
    }

    #[inline(always)]
    const fn pair(self) -> Pair {
        (self.hi, self.lo)
    }

    /// A result of unguarded arithmetic, of which `plain` is what `f64` alone would give.
    ///
    /// Of a zero the plain result has the right sign; where it is infinite or NaN, the pair is NaN. A
    /// pair can still be infinite by itself, when its two numbers add up to more than any `f64`.
    #[inline(always)]
    fn guarded((hi, lo): Pair, plain: f64) -> Self {
        let size = hi.abs();
        Self {
            hi: if size > 0.0 { hi } else { plain },
            lo: if size > 0.0 && size < f64::INFINITY { lo } else { 0.0 },
        }
    }

    /// The number of a pair that has been scaled, where its second number may have been rounded to just
    /// half a last place of the first.
    #[inline(always)]
    fn settled((hi, lo): Pair) -> Self {
        Self::guarded(parts::fast_two_sum(hi, lo), hi)
    }

    /// One or the other, without a branch.
    #[inline(always)]
    fn select(condition: bool, yes: Self, no: Self) -> Self {
        Self { hi: if condition { yes.hi } else { no.hi }, lo: if condition { yes.lo } else { no.lo } }
    }
}

impl From<f64> for Double {
    #[inline(always)]
    fn from(value: f64) -> Self {
        Self { hi: value, lo: 0.0 }
    }
}

impl Zero for Double {
    #[inline(always)]
    fn zero() -> Self {
        Self::from(0.0)
    }

    #[inline(always)]
    fn is_zero(&self) -> bool {
        self.hi == 0.0
    }
}

impl One for Double {
    #[inline(always)]
    fn one() -> Self {
        Self::from(1.0)
    }
}
