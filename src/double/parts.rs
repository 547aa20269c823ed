//! Error-free transformations, and unguarded arithmetic on pairs of `f64`.
//!
//! A pair stands for the sum of its two numbers. What is here makes no case of zeros, infinities
//! or overflow: the operators of [`super::Double`] and the elementary functions see to those.

/// Two numbers that stand for their sum, the second at most about a last place of the first.
pub(super) type Pair = (f64, f64);

/// a + b and what its rounding lost, exactly, unless the sum overflows (D. E. Knuth, The Art of
/// Computer Programming 2, 1969; also O. Møller 1965).
#[inline(always)]
pub fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

/// [`two_sum`] for |a| ≥ |b| or a = 0 (T. J. Dekker, A Floating-Point Technique for Extending the
/// Available Precision, 1971).
#[inline(always)]
pub fn fast_two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    (sum, b - (sum - a))
}

/// a·b and what its rounding lost: exactly, unless the product overflows or the loss lies below
/// 2⁻¹⁰⁷⁴, of which it is the nearest multiple then.
#[inline(always)]
pub fn two_prod(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    (product, a.mul_add(b, -product))
}

/// The sum of two pairs, within 3·2⁻¹⁰⁶ of it, however much cancels (AccurateDWPlusDW of Joldes,
/// Muller & Popescu, Tight and Rigorous Error Bounds for Basic Building Blocks of Double-Word
/// Arithmetic, 2017; the "IEEE" sum of Hida, Li & Bailey 2001).
#[inline(always)]
pub(super) fn add(a: Pair, b: Pair) -> Pair {
    let (sum, lost) = two_sum(a.0, b.0);
    let (low, low_lost) = two_sum(a.1, b.1);
    let (sum, lost) = fast_two_sum(sum, lost + low);
    fast_two_sum(sum, lost + low_lost)
}

/// The product of two pairs, within 5·2⁻¹⁰⁶ of it and the same in either order (DWTimesDW1 of Joldes,
/// Muller & Popescu 2017, bound by Muller & Rideau 2022, with the product of the low parts added).
#[inline(always)]
pub(super) fn multiply(a: Pair, b: Pair) -> Pair {
    let (product, lost) = two_prod(a.0, b.0);
    let cross = a.0 * b.1 + a.1 * b.0;
    fast_two_sum(product, lost + a.1.mul_add(b.1, cross))
}

/// The quotient of two pairs, within 11·2⁻¹⁰⁶ of it, where neither the remainder nor the quotient
/// leaves the range of normal numbers (DWDivDW2 of Joldes, Muller & Popescu 2017, with the
/// remainder by one exact multiply-add).
///
/// The count: the remainder is at most 3u of the dividend with u = 2⁻⁵³, and its low part, its
/// sum, its quotient and the divisor's low part cost 2u², 3u², 3u² and 3u².
#[inline(always)]
pub(super) fn divide(a: Pair, b: Pair) -> Pair {
    let quotient = a.0 / b.0;
    let remainder = (-quotient).mul_add(b.0, a.0) + (-quotient).mul_add(b.1, a.1);
    fast_two_sum(quotient, remainder / b.0)
}

/// `factor + x·sum` for a product that is smaller than the factor, one step of Horner's scheme.
/// The second number of the result may be some last places of the first.
#[inline(always)]
pub(super) fn step(factor: [f64; 2], x: Pair, sum: Pair) -> Pair {
    let (product, lost) = two_prod(x.0, sum.0);
    let (high, low) = fast_two_sum(factor[0], product);
    let rest = lost + x.1.mul_add(sum.0, x.0 * sum.1);
    (high, low + (rest + factor[1]))
}

/// The sum of factors times powers of x, lowest first, in plain `f64`.
#[inline(always)]
pub(super) fn polynomial<const N: usize>(factors: [f64; N], x: f64) -> f64 {
    let mut sum = factors[N - 1];
    for factor in factors.iter().rev().skip(1) {
        sum = sum.mul_add(x, *factor);
    }
    sum
}

/// A pair times an exact factor, such as a power of 2.
#[inline(always)]
pub(super) fn times(a: Pair, factor: f64) -> Pair {
    (a.0 * factor, a.1 * factor)
}

/// From here on the `f64`s are integers, and their last bits are units.
pub(super) const TWO_52: f64 = (1u64 << 52) as f64;

/// Adding it and taking it away again rounds a number below 2⁵¹ to an integer.
pub(super) const ROUNDING: f64 = 1.5 * TWO_52;

/// 2ⁿ for an integer from −1022 to 1023.
#[inline(always)]
pub(super) const fn power_of_2(n: f64) -> f64 {
    f64::from_bits((n + (TWO_52 + 1023.0)).to_bits() << 52)
}

/// 2ⁿ times a pair, in two factors so that an n from −2044 to 2046 does; only the last of them
/// rounds, where the result is subnormal.
#[inline(always)]
pub(super) fn scale(a: Pair, n: f64) -> Pair {
    let half = (0.5 * n + ROUNDING) - ROUNDING;
    times(times(a, power_of_2(half)), power_of_2(n - half))
}
