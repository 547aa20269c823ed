//! Powers.

use super::{
    LN_2, TWO_52, add,
    exponential::{exp_of_sum, limited},
    parts, parts_of_normal, polynomial, upper,
};

/// (artanh s / s − 1 − s²/3)/s⁴ for |s| ≤ 0.06, in powers of s², lowest first.
const TAIL_OF_ARTANH: [f64; 5] =
    [0.20000000000000007, 0.14285714285608594, 0.11111111348371633, 0.09090722750759526, 0.07751988003225678];

/// Below and above them, a number from √½ to √2 is told by its ratio to a centre.
const BORDERS: [f64; 2] = [0.8926785535678563, 1.1215224028078976];

/// The centres: that of the numbers below, of those between, and above.
const CENTRES: [f64; 3] = [0.796875, 1.0, 1.2578125];

/// Their logarithms in two parts: the first as coarse as that of ln 2, so that multiples
/// of both add up exactly.
const LN_OF_CENTRES: [[f64; 3]; 2] = [
    [f64::from_bits(0xbfcd_1037_f280_0000), 0.0, f64::from_bits(0x3fcd_5c21_6b80_0000)],
    [4.844138023690714e-11, 0.0, -8.779773137173949e-11],
];

/// A third in two parts, the first of half the digits.
const THIRD: [f64; 2] = [0.3333333283662796, 4.967053731282552e-09];

/// aᵇ, within 0.77 of the last place, at the ends as C99 has it (annex F.9.4.4).
///
/// |a|ᵇ = e^(b·ln |a|), with the logarithm and the product in two parts.
#[inline(always)]
pub fn pow(a: f64, b: f64) -> f64 {
    let [x, rest] = exponent(a, b);
    from_size(a, b, exp_of_sum(x, rest))
}

/// b·ln |a| in two parts, within the limits of [`exp_of_sum`].
#[inline(always)]
pub(super) fn exponent(a: f64, b: f64) -> [f64; 2] {
    let size = a.abs();
    let ln = ln_in_two(parts(size));
    let log = if size < f64::INFINITY { ln[0] } else { size };
    let log = if size == 0.0 { f64::NEG_INFINITY } else { log };
    // So far out the rest is no matter, and may be that of an infinite product.
    let product = b * log;
    if product.abs() < 800.0 { times(ln, b) } else { [limited(product), 0.0] }
}

/// The logarithm in two parts of a number above 0 that is neither subnormal nor infinite.
#[inline(always)]
pub(super) fn ln_of_normal(x: f64) -> [f64; 2] {
    ln_in_two(parts_of_normal(x))
}

/// A logarithm times b.
#[inline(always)]
pub(super) fn times(ln: [f64; 2], b: f64) -> [f64; 2] {
    let (by, part) = (upper(b), upper(ln[0]));
    [by * part, by * ((ln[0] - part) + ln[1]) + (b - by) * ln[0]]
}

/// aᵇ by |a|ᵇ.
#[inline(always)]
pub(super) fn from_size(a: f64, b: f64, y: f64) -> f64 {
    let size = a.abs();
    // Of 1 and −1 the infinite powers too; to the power of 0, NaN too.
    let y = if size == 1.0 && !b.is_nan() || b == 0.0 { 1.0 } else { y };
    let from_even = from_even(b);
    let y = if a.is_sign_negative() && from_even == 1.0 { -y } else { y };
    let is_fraction = from_even != 0.0 && from_even != 1.0;
    let y = if a < 0.0 && is_fraction && size < f64::INFINITY { f64::NAN } else { y };
    if a == 1.0 { 1.0 } else { y }
}

/// How far a number is from the even ones: 1 for an odd one.
#[inline(always)]
fn from_even(x: f64) -> f64 {
    // From here on all are even.
    const LIMIT: f64 = 2.0 * TWO_52;
    let size = if x.abs() > LIMIT { LIMIT } else { x.abs() };
    (size - ((size + LIMIT) - LIMIT)).abs()
}

/// The logarithm of 2ᵏ·m with √½ ≤ m < √2 in two parts, within 2⁻⁶⁷ of it.
///
/// With the nearest centre c and s = (m − c)/(m + c), ln(m/c) = 2·artanh s =
/// 2s·(1 + s²/3 + s⁴·P(s²)), where s, s² and the bracket have two parts (after W. J. Cody and
/// W. Waite's power function, Software Manual for the Elementary Functions, 1980).
#[inline(always)]
fn ln_in_two((k, m): (f64, f64)) -> [f64; 2] {
    let (below, above) = (m < BORDERS[0], m > BORDERS[1]);
    let of_centre = |[lowest, middle, highest]: [f64; 3]| {
        // By bits, as a choice within a choice would become a look-up, which vector units are slow at.
        let change = |to: f64, chosen: bool| if chosen { to.to_bits() ^ middle.to_bits() } else { 0 };
        f64::from_bits(middle.to_bits() ^ change(lowest, below) ^ change(highest, above))
    };
    let (centre, [ln, ln_rest]) = (of_centre(CENTRES), LN_OF_CENTRES.map(of_centre));
    let (over, under) = (m - centre, m + centre);
    let inverse = 1.0 / under;
    let near = over * inverse;
    let tail = (near * near) * (near * near) * polynomial(TAIL_OF_ARTANH, near * near);
    let s = upper(near);
    let under_part = upper(under);
    let s_rest = ((over - s * under_part) - s * (m - (under_part - centre))) * inverse;
    let square = upper(s * s);
    let square_rest = (s * s - square) + s_rest * (2.0 * s + s_rest);
    // What the bracket adds to 1.
    let (part, part_rest) =
        (square * THIRD[0], square * THIRD[1] + square_rest * (THIRD[0] + THIRD[1]) + tail);
    let all = part + part_rest;
    let more = upper(all);
    let more_rest = (part - more) + part_rest;
    // Each part is small beside what it is added to.
    let (sum, lost) = add(k * LN_2[0] + ln, 2.0 * s);
    let (sum, lost_again) = add(sum, 2.0 * s * more);
    let rest = 2.0 * (s_rest + (s * more_rest + s_rest * all));
    let (sum, rest) = add(sum, lost + lost_again + (rest + (k * LN_2[1] + ln_rest)));
    [sum, rest]
}

#[cfg(test)]
mod tests {
    use super::{super::places, pow};

    const INFINITY: f64 = f64::INFINITY;

    #[test]
    fn the_library_is_met_within_a_place() {
        for k in 1..4_000 {
            let base = f64::from(k) * f64::from(k) / 1000.0 + 0.000_123_456_789;
            for j in -40..41 {
                let power = f64::from(j) * 0.987_654_321;
                let right = base.powf(power);
                assert!(places(pow(base, power), right) <= 1.0, "{base}, {power}: {}", pow(base, power));
                // So near 1 that the greatest exponents count.
                let (base, power) = (1.0 + 1e-6 * base, power * 1e6 / base);
                let right = base.powf(power);
                assert!(places(pow(base, power), right) <= 1.0, "{base}, {power}: {}", pow(base, power));
            }
        }
    }

    #[test]
    fn what_a_number_can_hold_is_exact() {
        assert_eq!([pow(2.0, 3.0), pow(9.0, 0.5), pow(0.5, -2.0), pow(-3.0, 3.0)], [8.0, 3.0, 4.0, -27.0]);
        for base in 2..60u64 {
            for (power, right) in (0..53).map_while(|power| Some((power, base.checked_pow(power)?))) {
                if right < 1 << 26 {
                    let (base, power, right) = (base as f64, f64::from(power), right as f64);
                    assert_eq!(pow(base, power), right, "{base}, {power}");
                    assert_eq!(pow(right * right, 0.5), right, "{right}");
                }
            }
        }
        for exponent in -1074..1024 {
            let right = match exponent {
                ..-1022 => 1u64 << (exponent + 1074),
                _ => ((exponent + 1023) as u64) << 52,
            };
            let (right, exponent) = (f64::from_bits(right), f64::from(exponent));
            assert_eq!(pow(2.0, exponent), right);
            assert_eq!(pow(-0.5, -exponent), if exponent % 2.0 == 0.0 { right } else { -right });
        }
    }

    #[test]
    fn ends_are_those_of_the_library() {
        let odd = (1u64 << 53) as f64 - 1.0;
        let bases = [0.0, 5e-324, 0.3, 0.999_999, 1.0, 1.000_001, 2.5, 1e300, f64::MAX, INFINITY, f64::NAN];
        let powers = [0.0, 5e-324, 0.5, 1.0, 2.0, 3.0, 7.5, 1e5, odd, odd + 1.0, 1e300, INFINITY, f64::NAN];
        let signed = |all: &[f64]| all.iter().flat_map(|&x| [x, -x]).collect::<Vec<_>>();
        for &base in &signed(&bases) {
            for &power in &signed(&powers) {
                let (got, right) = (pow(base, power), base.powf(power));
                let same = got.is_nan() && right.is_nan()
                    || got == right && got.is_sign_negative() == right.is_sign_negative()
                    || places(got, right) <= 1.0;
                assert!(same, "{base}, {power}: {got}, not {right}");
            }
        }
        // The last finite one and the least of all.
        assert_eq!([pow(2.0, 1024.0f64.next_down()), pow(2.0, 1024.0)].map(f64::is_finite), [true, false]);
        assert_eq!([pow(0.5, 1074.0), pow(0.5, 1075.1), pow(-0.5, 1077.0)], [5e-324, 0.0, 0.0]);
        assert!(pow(-0.5, 1077.0).is_sign_negative());
    }
}
