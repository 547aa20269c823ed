//! The exponential function, and the hyperbolic tangent made of it.

use super::{
    Double,
    parts::{self, Pair, ROUNDING, power_of_2},
};
use std::f64::consts::LOG2_E;

/// ln 2 in three parts: an integer below 2¹¹ times the first or the second is exact.
pub(super) const LN_2: [f64; 3] =
    [f64::from_bits(0x3fe6_2e42_fefa_3800), 5.49792301870721e-14, 1.1612227229362532e-26];

/// 1/n! in two parts, from n = 2 on.
const INVERSE_FACTORIALS: [[f64; 2]; 9] = [
    [0.5, 0.0],
    [0.16666666666666666, 9.25185853854297e-18],
    [0.041666666666666664, 2.3129646346357427e-18],
    [0.008333333333333333, 1.1564823173178714e-19],
    [0.001388888888888889, -5.300543954373577e-20],
    [0.0001984126984126984, 1.7209558293420705e-22],
    [2.48015873015873e-05, 2.1511947866775882e-23],
    [2.7557319223985893e-06, -1.858393274046472e-22],
    [2.755731922398589e-07, 2.3767714622250297e-23],
];

/// 1/n! from n = 11 on, where the sum needs no more than `f64`.
const LAST_INVERSE_FACTORIALS: [f64; 8] = [
    2.505210838544172e-08,
    2.08767569878681e-09,
    1.6059043836821613e-10,
    1.1470745597729725e-11,
    7.647163731819816e-13,
    4.779477332387385e-14,
    2.8114572543455206e-15,
    1.5619206968586225e-16,
];

/// Below this size eˣ − 1 and x are the same to 2⁻¹¹¹.
const TINY: f64 = power_of_2(-110.0);

impl Double {
    /// eˣ, within 10⁻³¹ of it. Within some 2⁻¹⁰⁷⁴ where the result or its low part is subnormal.
    #[inline(always)]
    pub fn exp(self) -> Self {
        let (hi, lo) = self.limited(-750.0);
        let (r, n) = reduced(hi, lo, 0.0);
        Self::settled(parts::scale(one_more(exp_m1_near(r)), n))
    }

    /// eˣ − 1, within 10⁻³¹ of it, near 0 too.
    #[inline(always)]
    pub fn exp_m1(self) -> Self {
        // Far below 0 the low part says how far it is from −1.
        let (hi, lo) = self.limited(-700.0);
        let (r, n) = reduced(hi, lo, 0.0);
        // eʳ·2ⁿ − 1 = (eʳ − 1 + (1 − 2⁻ⁿ))·2ⁿ, where the bracket loses no more than a bit or two.
        let less = parts::two_sum(1.0, -power_of_2(-n.min(1022.0)));
        let y = Self::settled(parts::scale(parts::add(exp_m1_near(r), less), n));
        Self::select(self.hi.abs() < TINY, self, y)
    }

    /// The hyperbolic tangent, within 10⁻³¹ of it, near 0 too.
    #[inline(always)]
    pub fn tanh(self) -> Self {
        let size = self.abs();
        let twice = Self { hi: -2.0 * size.hi, lo: -2.0 * size.lo };
        // −m/(m + 2) with m = e⁻²ˣ − 1 neither overflows nor cancels.
        let m = twice.exp_m1().pair();
        let y = Self::settled(parts::divide(parts::times(m, -1.0), parts::add(m, (2.0, 0.0))));
        // x³/3 is no matter here, and the remainder of the quotient would be subnormal at last.
        let y = Self::select(size.hi < power_of_2(-55.0), size, y);
        y.flipped(self.hi)
    }

    /// The number, but no greater than 710, from where on eˣ is infinite, and no less than a limit.
    /// A NaN stays one.
    #[inline(always)]
    fn limited(self, least: f64) -> Pair {
        limited(self.pair(), least)
    }
}

/// See [`Double::limited`].
#[inline(always)]
pub(super) fn limited(x: Pair, least: f64) -> Pair {
    let (above, below) = (x.0 > 710.0, x.0 < least);
    let hi = if above { 710.0 } else { x.0 };
    let hi = if below { least } else { hi };
    (hi, if above || below { 0.0 } else { x.1 })
}

/// The sum of three numbers of falling size as r + n·ln 2 with |r| ≤ ln 2 / 2, for sizes below
/// 2¹⁰·ln 2. Within 2⁻¹⁰⁷ of r (W. J. Cody & W. Waite, Software Manual for the Elementary
/// Functions, 1980, with the products exact).
#[inline(always)]
pub(super) fn reduced(x: f64, more: f64, rest: f64) -> (Pair, f64) {
    let n = (x * LOG2_E + ROUNDING) - ROUNDING;
    // Exact, as neither term has bits below the last place of x or of the first part of ln 2.
    let high = x - n * LN_2[0];
    let (sum, lost) = parts::two_sum(high, -(n * LN_2[1]));
    let (sum, more_lost) = parts::two_sum(sum, more);
    let low = lost + more_lost + (rest - n * LN_2[2]);
    (parts::fast_two_sum(sum, low), n)
}

/// eʳ − 1 for |r| ≤ ln 2 / 2, with its relative error kept near 0: Taylor's series of r/4, and then
/// (1 + p)² − 1 = 2p + p² twice (the way of Hida, Li & Bailey 2001).
#[inline(always)]
pub(super) fn exp_m1_near(r: Pair) -> Pair {
    let q = parts::times(r, 0.25);
    let mut sum = (parts::polynomial(LAST_INVERSE_FACTORIALS, q.0), 0.0);
    for factor in INVERSE_FACTORIALS.into_iter().rev() {
        sum = parts::step(factor, q, sum);
    }
    let tail = parts::multiply(parts::multiply(q, q), sum);
    let mut p = sum_of_falling(q, tail);
    for _ in 0..2 {
        p = sum_of_falling(parts::times(p, 2.0), parts::multiply(p, p));
    }
    p
}

/// 1 + p for |p| ≤ 1.
#[inline(always)]
pub(super) fn one_more(p: Pair) -> Pair {
    sum_of_falling((1.0, 0.0), p)
}

/// The sum of two pairs of which the second is smaller than half the first, or both are positive.
#[inline(always)]
fn sum_of_falling(a: Pair, b: Pair) -> Pair {
    let (sum, lost) = parts::fast_two_sum(a.0, b.0);
    parts::fast_two_sum(sum, lost + (a.1 + b.1))
}
