//! The natural logarithm, in two parts for its own sake and in three for powers.

use super::{
    Double,
    exponential::LN_2,
    logarithm_table::{ABOUT_1, CENTRES},
    parts::{self, Pair, TWO_52, fast_two_sum, power_of_2, two_sum},
};

/// 1/(2n + 1) in two parts, from n = 1 on.
const INVERSE_ODD: [[f64; 2]; 3] = [
    [0.3333333333333333, 1.850371707708594e-17],
    [0.2, -1.1102230246251566e-17],
    [0.14285714285714285, 7.93016446160826e-18],
];

/// 1/(2n + 1) from n = 4 on, where the sum needs no more than `f64`.
const LAST_INVERSE_ODD: [f64; 5] =
    [0.1111111111111111, 0.09090909090909091, 0.07692307692307693, 0.06666666666666667, 0.058823529411764705];

/// Three numbers of falling size that stand for their sum.
pub(super) type Triple = [f64; 3];

impl Double {
    /// The natural logarithm, within 10⁻³¹ of it, next to ln 1 = 0 too and from 2⁻¹⁰⁷⁴ on. Of zeros
    /// it is −∞, of numbers below NaN.
    #[inline(always)]
    pub fn ln(self) -> Self {
        let y = in_two(ln_of_positive([self.hi, self.lo, 0.0]));
        of_kind(y, self.hi, self.hi)
    }

    /// ln(1 + x), within 10⁻³¹ of it, near 0 and near −1 too.
    #[inline(always)]
    pub fn ln_1p(self) -> Self {
        // 1 + x exactly, in three parts that do not overlap.
        let (sum, lost) = two_sum(1.0, self.hi);
        let (lost, rest) = two_sum(lost, self.lo);
        let (sum, lost) = fast_two_sum(sum, lost);
        let (lost, rest) = fast_two_sum(lost, rest);
        let y = in_two(ln_of_positive([sum, lost, rest]));
        // Subnormal numbers, and of zeros the sign, stay as they are.
        let y = Self::select(self.hi.abs() < power_of_2(-110.0), self, y);
        of_kind(y, sum, self.hi)
    }
}

/// A logarithm, or what f64 has for that of no positive number or of `greatest` = ∞.
#[inline(always)]
fn of_kind(y: Double, x: f64, greatest: f64) -> Double {
    let infinite = |by: f64| Double { hi: by, lo: 0.0 };
    let y = Double::select(x == 0.0, infinite(f64::NEG_INFINITY), y);
    let y = Double::select(x >= 0.0, y, infinite(f64::NAN));
    Double::select(greatest == f64::INFINITY, infinite(f64::INFINITY), y)
}

#[inline(always)]
fn in_two([a, b, c]: Triple) -> Double {
    let (hi, lo) = fast_two_sum(a, b + c);
    Double { hi, lo }
}

/// The logarithm of a finite number above 0, within 2⁻¹¹⁰ of it. What it makes of other numbers is of
/// no meaning.
///
/// x = 2ᵏ·m with √½ ≤ m < √2 for the first part of x, and c·m = 1 + f with c of a table: ln x =
/// k·ln 2 − ln c + ln(1 + f). Where m is near 1, c is 1 and f exact, so that the error stays
/// relative (P. T. P. Tang, Table-Driven Implementation of the Logarithm Function, 1990).
#[inline(always)]
pub(super) fn ln_of_positive(x: Triple) -> Triple {
    const SQRT_HALF: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
    // The ends come nearer to the middle, so that 2⁻ᵏ is a normal number.
    let (tiny, huge) = (x[0] < power_of_2(-900.0), x[0] > power_of_2(900.0));
    let factor = if tiny { power_of_2(200.0) } else { 1.0 };
    let factor = if huge { power_of_2(-200.0) } else { factor };
    let shift = if tiny { -200.0 } else { 0.0 };
    let shift = if huge { 200.0 } else { shift };
    let bits = (x[0] * factor).to_bits().wrapping_add(1f64.to_bits() - SQRT_HALF);
    let k = f64::from_bits(TWO_52.to_bits() | bits >> 52) - (TWO_52 + 1023.0);
    let inverse = power_of_2(-k);
    let [m, m_lost, m_rest] = x.map(|part| part * factor * inverse);
    let place = (m.to_bits().wrapping_add(1 << 45) >> 46).wrapping_sub((1f64.to_bits() >> 46) - ABOUT_1);
    let [c, ln, ln_more, ln_rest] = CENTRES[place.min(CENTRES.len() as u64 - 1) as usize];
    let f = m.mul_add(c, -1.0);
    let (more, more_lost) = parts::two_prod(m_lost, c);
    let k = k + shift;
    // Both sums are exact.
    let base = [k * LN_2[0] + ln, k * LN_2[1] + ln_more, k * LN_2[2] + ln_rest];
    ln_of_parts(base, f, more, m_rest.mul_add(c, more_lost))
}

/// A number in three parts and ln(1 + f) for a small f in three parts, of which the second may be the
/// greatest.
///
/// By s = f/(2 + f), ln(1 + f) = 2·artanh s = f − s·(f − 2·(s²/3 + s⁴/5 + …)): all but f itself is
/// so much smaller than f that two parts keep the error beyond that of f.
#[inline(always)]
fn ln_of_parts(base: Triple, f: f64, more: f64, rest: f64) -> Triple {
    let (f, more) = two_sum(f, more);
    let (more, rest) = two_sum(more, rest);
    let s = parts::divide((f, more), add_to_2(f, more));
    let square = parts::multiply(s, s);
    let mut sum = (parts::polynomial(LAST_INVERSE_ODD, square.0), 0.0);
    for factor in INVERSE_ODD.into_iter().rev() {
        sum = parts::step(factor, square, sum);
    }
    let tail = parts::times(parts::multiply(square, sum), -2.0);
    let (less, less_lost) = fast_two_sum(f, tail.0);
    let less = parts::multiply(s, fast_two_sum(less, less_lost + (more + tail.1)));
    // The greatest terms, then what is some 2⁻⁴² of them, then the rest.
    let (high, lost) = two_sum(base[0], f);
    let (high, lost_again) = two_sum(high, -less.0);
    let (low, low_lost) = two_sum(lost, lost_again);
    let mut low = low;
    let mut all_rest = low_lost + (base[2] + rest);
    for term in [base[1], more, -less.1] {
        let (sum, lost) = two_sum(low, term);
        low = sum;
        all_rest += lost;
    }
    let (high, low) = two_sum(high, low);
    let (low, all_rest) = two_sum(low, all_rest);
    [high, low, all_rest]
}

/// 2 + f for |f| < 1.
#[inline(always)]
fn add_to_2(f: f64, more: f64) -> Pair {
    let (sum, lost) = fast_two_sum(2.0, f);
    (sum, lost + more)
}
