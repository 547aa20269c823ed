//! Elementary functions in plain arithmetic: loops over them run on vector units,
//! and an element has the same bits in a loop and alone, on any machine.

use std::f64::consts::LOG2_E;

/// ln 2 in two parts: any exponent times the first is exact.
const LN_2: [f64; 2] = [f64::from_bits(0x3fe6_2e42_fee0_0000), 1.908_214_929_270_587_7e-10];

/// Adding and taking it away again rounds a number below 2⁵¹ to an integer.
const ROUNDING: f64 = 1.5 * (1u64 << 52) as f64;

/// 1/2!, 1/3!, … 1/13!: what is left out of eˣ is, for |x| ≤ ln 2 / 2, below 2⁻⁵⁷.
const SERIES: [f64; 12] = {
    let (mut series, mut factorial, mut k) = ([0.0; 12], 1.0, 0);
    while k < series.len() {
        factorial *= (k + 2) as f64;
        series[k] = 1.0 / factorial;
        k += 1;
    }
    series
};

/// eˣ, within 0.61 of the last place.
///
/// eˣ = 2ⁿ·eʳ with |r| ≤ ln 2 / 2 (Cody and Waite, Software Manual for the Elementary
/// Functions, 1980); eʳ by its series.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    // Beyond these it is infinite, or 0. A NaN stays one.
    let x = if x > 710.0 { 710.0 } else { x };
    let x = if x < -746.0 { -746.0 } else { x };
    let n = (x * LOG2_E + ROUNDING) - ROUNDING;
    let (high, low) = (x - n * LN_2[0], n * LN_2[1]);
    let r = high - low;
    let lost = (high - r) - low;
    let tail = SERIES.iter().rev().fold(0.0, |sum, &factor| sum * r + factor);
    let sum = 1.0 + r;
    let lost = lost + (r - (sum - 1.0));
    // In two factors, neither of which overflows or is subnormal.
    let half = (0.5 * n + ROUNDING) - ROUNDING;
    (sum + (lost + r * r * tail)) * power_of_2(half) * power_of_2(n - half)
}

/// 2ⁿ for an integer within the exponents of normal numbers.
#[inline(always)]
fn power_of_2(n: f64) -> f64 {
    const BIAS: f64 = (1u64 << 52) as f64 + 1023.0;
    f64::from_bits((n + BIAS).to_bits() << 52)
}

/// The hyperbolic tangent, within 1 of the last place.
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
    let (near, power) = (size < 0.85, exp(2.0 * size));
    let from = if near { size } else { 1.0 };
    let over = if near { size * part } else { 2.0 };
    let under = if near { under + part } else { power + 1.0 };
    (from - over / under).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::{exp, tanh};

    /// The distance in units of the last place of `right`.
    fn places(value: f64, right: f64) -> f64 {
        (value - right).abs() / (right.abs().next_up() - right.abs())
    }

    #[test]
    fn the_library_is_met_within_a_place() {
        for k in -7_400..7_097 {
            let x = f64::from(k) / 10.0 + 0.012_345_678_9;
            assert!(places(exp(x), x.exp()) <= 1.0, "{x}: {}, {}", exp(x), x.exp());
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
        assert!(tanh(-0.0).is_sign_negative());
        assert!(exp(f64::NAN).is_nan() && tanh(f64::NAN).is_nan());
    }
}
