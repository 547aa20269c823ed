//! Angles as quarters of a turn and a rest, with the digits of the rest kept next to multiples of π/2.

use super::parts::{self, Pair, ROUNDING, fast_two_sum, power_of_2, two_prod, two_sum};
use std::f64::consts::{FRAC_2_PI, FRAC_PI_2, TAU};

/// From here on an angle takes the way of [`Angle::far`], which is not for vector units.
pub(super) const FAR: f64 = 32768.0;

/// π/2 in five parts.
const QUARTER: [f64; 5] =
    [FRAC_PI_2, 6.123233995736766e-17, -1.4973849048591698e-33, 5.562271104316826e-50, 2.836115989820158e-66];

/// 2π in three parts.
const TURN: [f64; 3] = [TAU, 2.4492935982947064e-16, -5.989539619436679e-33];

/// Words of zeros before those of [`TURNS`].
pub const ZEROS: usize = 4;

/// The bits of 1/(2π) behind the point, after [`ZEROS`].
pub static TURNS: [u64; ZEROS + 21] = [
    0,
    0,
    0,
    0,
    0x28be_60db_9391_054a,
    0x7f09_d5f4_7d4d_3770,
    0x36d8_a566_4f10_e410,
    0x7f94_58ea_f7ae_f158,
    0x6dc9_1b8e_9093_74b8,
    0x0192_4bba_8274_6487,
    0x3f87_7ac7_2c4a_69cf,
    0xba20_8d7d_4bae_d121,
    0x3a67_1c09_ad17_df90,
    0x4e64_758e_60d4_ce7d,
    0x2721_17e2_ef7e_4a0e,
    0xc7fe_25ff_f781_6603,
    0xfbcb_c462_d682_9b47,
    0xdb4d_9fb3_c9f2_c26d,
    0xd3d1_8fd9_a797_fa8b,
    0x5d49_eeb1_faf9_7c5e,
    0xcf41_ce7d_e294_a4ba,
    0x9afe_d7ec_47e3_5742,
    0x1580_cc11_bf1e_daea,
    0xfc33_ef08_26bd_0d87,
    0x6a78_e458_57b9_86c2,
];

/// An angle as quarters of a turn, of which the last two bits count, and a rest of at most half a
/// quarter or little more.
pub(super) struct Angle {
    pub quarters: u64,
    pub rest: Pair,
}

impl Angle {
    /// Of an angle below [`FAR`], within 2⁻¹⁰⁵ of the rest.
    ///
    /// x − n·π/2 with each product of n and a part of π/2 in two exact parts (W. J. Cody & W. Waite,
    /// Software Manual for the Elementary Functions, 1980), summed up in five that do not overlap:
    /// of the leading ones so many cancel as x has digits of a multiple of π/2.
    #[inline(always)]
    pub fn near((hi, lo): Pair) -> Self {
        let rounded = hi * FRAC_2_PI + ROUNDING;
        let n = rounded - ROUNDING;
        let [(a, a_lost), (b, b_lost), (c, c_lost), (d, d_lost)] =
            [QUARTER[0], QUARTER[1], QUARTER[2], QUARTER[3]].map(|part| two_prod(-n, part));
        // Exact, as −a is within a factor of 2 of hi, or 0, or both are below 1.
        let mut sum = [hi + a, 0.0, 0.0, 0.0, 0.0];
        for mut term in [lo, a_lost, b, b_lost, c, c_lost, d, (-n).mul_add(QUARTER[4], d_lost)] {
            for part in &mut sum[..4] {
                (*part, term) = two_sum(*part, term);
            }
            sum[4] += term;
        }
        // From the smallest up, so that the first holds all that an f64 can; again, as the first two may
        // have cancelled and left the third its neighbour.
        for at in [3, 2, 1, 0, 3, 2, 1, 0] {
            (sum[at], sum[at + 1]) = two_sum(sum[at], sum[at + 1]);
        }
        let rest = fast_two_sum(sum[0], sum[1] + (sum[2] + (sum[3] + sum[4])));
        Self { quarters: rounded.to_bits(), rest }
    }

    /// Of any angle, within 2⁻¹⁰⁴ of the rest. Of an infinity or NaN the rest is NaN.
    ///
    /// Each part of the angle is m·2ᵉ with a whole m; of 2ᵉ/(2π) those bits count that make no whole
    /// turns (M. H. Payne & R. N. Hanek, Radian Reduction for Trigonometric Functions, 1983).
    #[cold]
    #[inline(never)]
    pub fn far((hi, lo): Pair) -> Self {
        if !hi.is_finite() {
            return Self { quarters: 0, rest: (f64::NAN, 0.0) };
        }
        let turn = add(part_of_turn(hi), part_of_turn(lo));
        // Rounded to quarters: the first two bits, and one more if half a quarter is left.
        let quarters = (turn[0] >> 62) + (turn[0] >> 61 & 1);
        let mut rest = turn;
        rest[0] = rest[0].wrapping_sub(quarters << 62);
        let is_below = rest[0] >> 63 == 1;
        let size = if is_below { negated(rest) } else { rest };
        let (rest, sign) = (parts_of(size), if is_below { -1.0 } else { 1.0 });
        let (product, lost) = two_prod(rest[0], TURN[0]);
        let last = rest[2].mul_add(TURN[0], rest[1].mul_add(TURN[1], rest[0] * TURN[2]));
        let (one, one_lost) = two_prod(rest[0], TURN[1]);
        let (other, other_lost) = two_prod(rest[1], TURN[0]);
        let (low, low_lost) = two_sum(one, other);
        let (low, low_lost_again) = two_sum(low, lost);
        let low = low + (last + one_lost + other_lost + low_lost + low_lost_again);
        Self { quarters, rest: parts::times(fast_two_sum(product, low), sign) }
    }
}

/// x/(2π) less whole turns, as 256 bits behind the point, the highest first. Within some of its last
/// units: no pair is nearer than 2⁻¹³⁰ or so to a multiple of a quarter, in turns.
fn part_of_turn(x: f64) -> [u64; 4] {
    let bits = x.abs().to_bits();
    let (exponent, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
    let m = if exponent == 0 { fraction } else { fraction | 1 << 52 };
    // x = m·2^(skipped − 64·ZEROS); so small a number is nothing in 256 bits.
    let skipped = exponent.max(1) as i64 - 1075 + 64 * ZEROS as i64;
    let Ok(skipped) = usize::try_from(skipped) else { return [0; 4] };
    let mut product = [0; 4];
    let mut carry = 0;
    for k in (0..5).rev() {
        let pair = u128::from(TURNS[skipped / 64 + k]) << 64 | u128::from(TURNS[skipped / 64 + k + 1]);
        let word = (pair << (skipped % 64) >> 64) * u128::from(m) + carry;
        carry = word >> 64;
        if k < 4 {
            product[k] = word as u64;
        }
    }
    if x < 0.0 { negated(product) } else { product }
}

fn add(a: [u64; 4], b: [u64; 4]) -> [u64; 4] {
    let mut sum = [0; 4];
    let mut carry = 0;
    for k in (0..4).rev() {
        let all = u128::from(a[k]) + u128::from(b[k]) + carry;
        sum[k] = all as u64;
        carry = all >> 64;
    }
    sum
}

fn negated(a: [u64; 4]) -> [u64; 4] {
    add(a.map(|word| !word), [0, 0, 0, 1])
}

/// The first 159 bits from the first that is set, as three numbers.
fn parts_of(a: [u64; 4]) -> [f64; 3] {
    let zeros = a.iter().take_while(|word| **word == 0).count();
    let word = |k: usize| a.get(zeros + k).copied().unwrap_or_default();
    let shift = word(0).leading_zeros();
    let shifted = |k: usize| {
        let pair = u128::from(word(k)) << 64 | u128::from(word(k + 1));
        (pair << shift >> 64) as u64
    };
    let words = [shifted(0), shifted(1), shifted(2)];
    let chunks = [
        words[0] >> 11,
        (words[0] & 0x7ff) << 42 | words[1] >> 22,
        (words[1] & 0x3f_ffff) << 31 | words[2] >> 33,
    ];
    // At most 255 bits of zeros, and an all-zero number is 0 times that.
    let unit = power_of_2(-53.0 - (64 * zeros) as f64 - f64::from(shift));
    let mut scale = unit;
    chunks.map(|chunk| {
        let part = chunk as f64 * scale;
        scale *= power_of_2(-53.0);
        part
    })
}
