//! The exponential function, logarithms, and what is made of them.

use super::{LN_2, ROUNDING, TWO_52, add, add_any, parts, parts_of_normal, polynomial, upper};
use std::f64::consts::LOG2_E;

/// (eʳ − 1 − r)/r² for |r| ≤ ln 2 / 2, lowest power first.
const TAIL_OF_EXP: [f64; 11] = [
    0.5,
    0.1666666666666667,
    0.04166666666666667,
    0.008333333333326141,
    0.0013888888888883752,
    0.00019841269874800493,
    2.4801587325533363e-05,
    2.7557255425746435e-06,
    2.7557273661348637e-07,
    2.510520637395701e-08,
    2.0914679376583935e-09,
];

/// (2·artanh s − 2s)/s³ for |s| ≤ (√2 − 1)/(√2 + 1), in powers of s², lowest first.
const TAIL_OF_ARTANH: [f64; 7] = [
    0.666666666666667,
    0.39999999999899505,
    0.28571428625975487,
    0.2222221113479508,
    0.18182889125261723,
    0.15331721600556042,
    0.14616449685043406,
];

/// Sizes of numbers whose powers of e are normal numbers.
pub(super) const NEAR: [f64; 2] = [0.0, 700.0];

/// eˣ, within 0.66 of the last place.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    exp_of_sum(limited(x), 0.0)
}

/// Beyond these limits eˣ is infinite, or 0. A NaN stays one.
#[inline(always)]
pub(super) fn limited(x: f64) -> f64 {
    let x = if x > 710.0 { 710.0 } else { x };
    if x < -746.0 { -746.0 } else { x }
}

/// e to the power of a number within 1000 of 0, and of what it lacks, less than 2⁻¹⁵.
#[inline(always)]
pub(super) fn exp_of_sum(x: f64, rest: f64) -> f64 {
    let (y, n) = exp_in_factors(x, rest);
    // In two factors, neither of which overflows or is subnormal.
    let half = (0.5 * n + ROUNDING) - ROUNDING;
    y * power_of_2(half) * power_of_2(n - half)
}

/// [`exp_of_sum`] of a number that is [`NEAR`], or of NaN.
#[inline(always)]
pub(super) fn exp_of_near_sum(x: f64, rest: f64) -> f64 {
    let (y, n) = exp_in_factors(x, rest);
    y * power_of_2(n)
}

/// e to the power of a sum as a number near 1 and the exponent of a power of 2.
///
/// eˣ = 2ⁿ·eʳ with |r| ≤ ln 2 / 2 (Cody and Waite, Software Manual for the Elementary
/// Functions, 1980); eʳ as 1 + r + r²·P(r).
#[inline(always)]
fn exp_in_factors(x: f64, rest: f64) -> (f64, f64) {
    let n = (x * LOG2_E + ROUNDING) - ROUNDING;
    let (high, low) = (x - n * LN_2[0], n * LN_2[1]);
    let (r, lost) = add(high, rest - low);
    let tail = polynomial(TAIL_OF_EXP, r);
    let (sum, more) = add(1.0, r);
    (sum + (lost + more + r * r * tail), n)
}

/// 2ⁿ for an integer within the exponents of normal numbers.
#[inline(always)]
fn power_of_2(n: f64) -> f64 {
    f64::from_bits((n + (TWO_52 + 1023.0)).to_bits() << 52)
}

/// The natural logarithm, within 0.65 of the last place.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    let (k, m) = parts(x);
    let y = ln_of_parts(k, m - 1.0, 0.0);
    let y = if x == f64::INFINITY { x } else { y };
    let y = if x == 0.0 { f64::NEG_INFINITY } else { y };
    if x >= 0.0 { y } else { f64::NAN }
}

/// The natural logarithm of a number above 0 that is neither subnormal nor infinite.
#[inline(always)]
pub(super) fn ln_of_normal(x: f64) -> f64 {
    let (k, m) = parts_of_normal(x);
    ln_of_parts(k, m - 1.0, 0.0)
}

/// ln(1 + x), within 0.65 of the last place.
#[inline(always)]
pub fn ln_1p(x: f64) -> f64 {
    let (u, lost) = add_any(1.0, x);
    let (k, m) = parts_of_normal(u);
    let near = k == 0.0;
    // Near 0 the fraction is x itself; beyond, ln(u + lost) = ln u + lost/u.
    let y = ln_of_parts(k, if near { x } else { m - 1.0 }, if near { 0.0 } else { lost / u });
    // Of zeros and the tiniest numbers, which it leaves as they are, the sign too.
    let y = if x == f64::INFINITY { x } else { y.copysign(x) };
    let y = if x == -1.0 { f64::NEG_INFINITY } else { y };
    if x >= -1.0 { y } else { f64::NAN }
}

/// k·ln 2 + ln(1 + f) + rest, for √½ ≤ 1 + f < √2 and a rest that is nothing beside it.
///
/// By s = f/(2 + f), ln(1 + f) = 2·artanh s = f − f²/2 + s·(f²/2 + R), with R = s²·P(s²)
/// (K. C. Ng's way in fdlibm, 1993).
#[inline(always)]
fn ln_of_parts(k: f64, f: f64, rest: f64) -> f64 {
    let s = f / (2.0 + f);
    let square = s * s;
    let tail = square * polynomial(TAIL_OF_ARTANH, square);
    // f²/2 in two parts, from the upper half of the digits of f and the lower one.
    let above = upper(f);
    let half = [0.5 * above * above, 0.5 * (f - above) * (f + above)];
    // Each part is small beside what it is added to.
    let (sum, lost) = add(k * LN_2[0], f);
    let (sum, more) = add(sum, -half[0]);
    sum + (lost + more + (s * (half[0] + half[1] + tail) - half[1] + (k * LN_2[1] + rest)))
}

/// The hyperbolic tangent, within 1.1 of the last place.
///
/// Near 0 by Lambert's continued fraction, tanh x = x/(1 + x²/(3 + x²/(5 + …))); beyond
/// as 1 − 2/(e²ˣ + 1). Both end in a number less a quotient, so that one division does.
#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    let size = x.abs();
    // From here on it is 1.
    let size = if size > 22.0 { 22.0 } else { size };
    let square = size * size;
    // x²/(3 + …) = x²·over/under.
    let (mut over, mut under) = (1.0, 19.0);
    for odd in [17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        (over, under) = (under, odd * under + square * over);
    }
    let part = square * over;
    let (near, power) = (size < 0.85, exp_of_near_sum(2.0 * size, 0.0));
    let from = if near { size } else { 1.0 };
    let over = if near { size * part } else { 2.0 };
    let under = if near { under + part } else { power + 1.0 };
    (from - over / under).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::{super::places, exp, ln, ln_1p, tanh};

    #[test]
    fn the_library_is_met_within_a_place() {
        for k in -7_400..7_097 {
            let x = f64::from(k) / 10.0 + 0.012_345_678_9;
            assert!(places(exp(x), x.exp()) <= 1.0, "{x}: {}, {}", exp(x), x.exp());
            let power = x.exp();
            assert!(places(ln(power), power.ln()) <= 1.0, "{power}: {}, {}", ln(power), power.ln());
            assert!(places(ln_1p(power), power.ln_1p()) <= 1.0, "{power}: {}", ln_1p(power));
            if power < 1.0 {
                assert!(places(ln_1p(-power), (-power).ln_1p()) <= 1.0, "{}: {}", -power, ln_1p(-power));
            }
            let x = x / 35.0;
            assert!(places(tanh(x), x.tanh()) <= 2.0, "{x}: {}, {}", tanh(x), x.tanh());
        }
    }

    #[test]
    fn exact_values_and_ends() {
        assert_eq!([0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY].map(exp), [1.0, 1.0, f64::INFINITY, 0.0]);
        assert_eq!(exp(1.0), std::f64::consts::E);
        // The last finite one, the least normal and the least of all.
        assert_eq!(exp(709.782712893384), 1.797_693_134_862_273_2e308);
        assert_eq!(exp(709.782_712_893_384_1), f64::INFINITY);
        assert_eq!([-708.4, -745.13, -745.14].map(exp), [-708.4f64, -745.13, -745.14].map(f64::exp));
        assert_eq!(
            [0.0, 1e-300, 5e-324, 40.0, f64::INFINITY, -1e9].map(tanh),
            [0.0, 1e-300, 5e-324, 1.0, 1.0, -1.0]
        );
        assert_eq!(
            [0.0, -0.0, 1.0, f64::INFINITY, f64::MAX, 5e-324, 1e-310].map(ln),
            [
                f64::NEG_INFINITY,
                f64::NEG_INFINITY,
                0.0,
                f64::INFINITY,
                709.782712893384,
                -744.4400719213812,
                1e-310f64.ln()
            ]
        );
        assert_eq!(
            [0.0, 5e-324, -1e-300, 1e-17, -1.0, f64::INFINITY, f64::MAX].map(ln_1p),
            [0.0, 5e-324, -1e-300, 1e-17, f64::NEG_INFINITY, f64::INFINITY, 709.782712893384]
        );
        // Where the sum with 1 loses half a unit, and on both sides of where it is taken apart.
        let (unit, sum) = (f64::EPSILON, std::f64::consts::SQRT_2 - 1.0);
        let hard = [0.5 * unit, 0.75 * unit, -0.25 * unit, sum.next_down(), sum, sum.next_up(), -0.292_893_3];
        assert_eq!(hard.map(ln_1p), hard.map(f64::ln_1p));
        assert!(ln_1p(-0.0).is_sign_negative() && !ln_1p(0.0).is_sign_negative());
        assert!(
            [-1.0f64.next_up(), -2.0, f64::NEG_INFINITY, f64::NAN].into_iter().all(|x| ln_1p(x).is_nan())
        );
        assert!([-1.0, -5e-324, f64::NEG_INFINITY, f64::NAN].into_iter().all(|x| ln(x).is_nan()));
        assert!(tanh(-0.0).is_sign_negative());
        assert!(exp(f64::NAN).is_nan() && tanh(f64::NAN).is_nan());
    }
}
