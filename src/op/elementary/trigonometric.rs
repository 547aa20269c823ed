//! The sine and the cosine.

use super::{ROUNDING, add, add_any, multiply, polynomial, upper};
use crate::double;
use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// (sin r − r + r³/6)/r⁵ for |r| ≤ π/4, in powers of r², lowest first.
const TAIL_OF_SIN: [f64; 6] = [
    0.008333333333333331,
    -0.00019841269841265065,
    2.7557319219339167e-06,
    -2.5052106232447578e-08,
    1.6058531618986147e-10,
    -7.586697117706918e-13,
];

/// (cos r − 1 + r²/2)/r⁴, likewise.
const TAIL_OF_COS: [f64; 6] = [
    0.041666666666666664,
    -0.0013888888888887398,
    2.480158729876569e-05,
    -2.7557317271729793e-07,
    2.08761462684032e-09,
    -1.1382632425521717e-11,
];

/// From here on the quarters of a turn are too many for [`QUARTER`].
const FAR: f64 = 32768.0;

/// Sizes of angles that are not far.
pub(super) const NEAR: [f64; 2] = [0.0, FAR.next_down()];

/// π/2 in three parts: that many times the first or the second is exact.
const QUARTER: [f64; 3] =
    [f64::from_bits(0x3ff9_21fb_5444_0000), f64::from_bits(0x3d86_8c23_4c4c_0000), 1.0562999066987428e-23];

/// What π/2 has more than the nearest f64.
const QUARTER_REST: f64 = 6.123233995736766e-17;

/// One word of zeros is enough here before the bits of [`double::TURNS`].
const FIRST: usize = double::ZEROS - 1;

/// The sine, within 0.81 of the last place.
#[inline(always)]
pub fn sin(x: f64) -> f64 {
    if is_far(x) { sin_after(0, Angle::far(x)) } else { sin_near(x) }
}

/// The cosine, within 0.81 of the last place.
#[inline(always)]
pub fn cos(x: f64) -> f64 {
    if is_far(x) { sin_after(1, Angle::far(x)) } else { cos_near(x) }
}

/// An angle that takes a way of its own, which keeps loops off vector units. Such are rare.
#[inline(always)]
fn is_far(x: f64) -> bool {
    x.abs() >= FAR || x.is_nan()
}

/// The sine of an angle that is not far.
#[inline(always)]
pub(super) fn sin_near(x: f64) -> f64 {
    let y = sin_after(0, Angle::near(x));
    // Of a zero, the sign too.
    if x == 0.0 { x } else { y }
}

/// The cosine of an angle that is not far.
#[inline(always)]
pub(super) fn cos_near(x: f64) -> f64 {
    sin_after(1, Angle::near(x))
}

/// An angle as quarters of a turn and a rest of at most half of one, in two parts.
struct Angle {
    quarters: u64,
    rest: [f64; 2],
}

impl Angle {
    /// After Cody and Waite, Software Manual for the Elementary Functions, 1980.
    #[inline(always)]
    fn near(x: f64) -> Self {
        let rounded = x * FRAC_2_PI + ROUNDING;
        let n = rounded - ROUNDING;
        let (high, middle) = (x - n * QUARTER[0], -(n * QUARTER[1]));
        let (r, lost) = add_any(high, middle);
        Self { quarters: rounded.to_bits(), rest: [r, lost - n * QUARTER[2]] }
    }

    /// x = m·2ᵉ with a whole m; of 2ᵉ/(2π) those bits count that make no whole turns (Payne and
    /// Hanek, Radian Reduction for Trigonometric Functions, 1983).
    #[cold]
    #[inline(never)]
    fn far(x: f64) -> Self {
        if !x.is_finite() {
            return Self { quarters: 0, rest: [f64::NAN; 2] };
        }
        let bits = x.abs().to_bits();
        let m = u128::from(bits & ((1 << 52) - 1) | 1 << 52);
        let skipped = (bits >> 52) as usize + 64 - 1075;
        let word = |k: usize| {
            let at = FIRST + skipped / 64 + k;
            let two = u128::from(double::TURNS[at]) << 64 | u128::from(double::TURNS[at + 1]);
            two << (skipped % 64) >> 64
        };
        // As a part of a turn, in 128 bits: no double is nearer than 2⁻⁶² to a quarter.
        let turn = ((m * word(0)) << 64).wrapping_add(m * word(1)).wrapping_add((m * word(2)) >> 64);
        let turn = if x < 0.0 { turn.wrapping_neg() } else { turn };
        let quarters = turn.wrapping_add(1 << 125) >> 126;
        let rest = turn.wrapping_sub(quarters << 126) as i128;
        let part = rest as f64;
        let scale = 1.0 / (1u128 << 126) as f64;
        let (part, lost) = (part * scale, (rest - part as i128) as f64 * scale);
        let (r, lost_again) = multiply(part, FRAC_PI_2);
        Self { quarters: quarters as u64, rest: [r, lost_again + (part * QUARTER_REST + lost * FRAC_PI_2)] }
    }
}

/// The sine of an angle and so many quarters of a turn.
#[inline(always)]
fn sin_after(quarters: u64, angle: Angle) -> f64 {
    let quarters = angle.quarters.wrapping_add(quarters);
    let [r, rest] = angle.rest;
    let square = r * r;
    let tail = square * polynomial(TAIL_OF_SIN, square) - 1.0 / 6.0;
    let sin = r + (r * square * tail + (rest - 0.5 * square * rest));
    // r²/2 in two parts, from the upper half of the digits of r and the lower one.
    let above = upper(r);
    let half = [0.5 * above * above, 0.5 * (r - above) * (r + above)];
    let (sum, lost) = add(1.0, -half[0]);
    let cos = sum + (lost + (square * square * polynomial(TAIL_OF_COS, square) - half[1] - r * rest));
    // By bits, as a branch would be told wrong half the time.
    let odd = (quarters & 1).wrapping_neg();
    f64::from_bits((sin.to_bits() & !odd | cos.to_bits() & odd) ^ (quarters & 2) << 62)
}

#[cfg(test)]
mod tests {
    use super::{super::places, FAR, cos, sin};
    use std::f64::consts::{FRAC_PI_2, PI};

    #[test]
    fn the_library_is_met_within_a_place() {
        let meets = |x: f64| {
            assert!(places(sin(x), x.sin()) <= 1.0, "{x}: {}, {}", sin(x), x.sin());
            assert!(places(cos(x), x.cos()) <= 1.0, "{x}: {}, {}", cos(x), x.cos());
        };
        for k in 0..20_000 {
            let x = f64::from(k);
            // Near 0, near the multiples of a quarter, on both sides of the border, and of all sizes.
            let size = (0.07 * (x - 1e4)).exp();
            for x in [x / 1000.0, 1.1 * x, x * FRAC_PI_2, FAR + (x - 1e4) / 16.0, size, -size] {
                meets(x);
            }
        }
    }

    #[test]
    fn exact_values_and_ends() {
        assert_eq!([0.0, 5e-324, -1e-300, 1e-9, FRAC_PI_2].map(sin), [0.0, 5e-324, -1e-300, 1e-9, 1.0]);
        assert_eq!([0.0, -0.0, 5e-324, 1e-9, PI].map(cos), [1.0, 1.0, 1.0, 1.0, -1.0]);
        // What π and π/2 have more than the nearest number.
        assert_eq!([sin(PI), cos(FRAC_PI_2)], [1.224_646_799_147_353_2e-16, 6.123_233_995_736_766e-17]);
        assert!(sin(-0.0).is_sign_negative() && !sin(0.0).is_sign_negative());
        assert!(
            [f64::INFINITY, -f64::INFINITY, f64::NAN].into_iter().all(|x| sin(x).is_nan() && cos(x).is_nan())
        );
    }

    #[test]
    fn huge_angles_are_right_to_the_last_place() {
        // By mpmath, to 1300 bits; the third is the nearest of all to a multiple of π/2.
        for (x, right) in [
            (FAR, [0.9278563334139247, 0.37293782932771496]),
            (1e22, [-0.8522008497671888, 0.523214785395139]),
            (6_381_956_970_095_103.0 * 2f64.powi(797), [1.0, -4.687165924254628e-19]),
            (2f64.powi(1023), [0.563127779850884, -0.826369834614148]),
            (f64::MAX, [0.004961954789184062, -0.9999876894265599]),
        ] {
            assert_eq!([sin(x), cos(x), sin(-x), cos(-x)], [right[0], right[1], -right[0], right[1]], "{x}");
        }
    }
}
