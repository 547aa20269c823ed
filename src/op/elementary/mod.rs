//! Elementary functions in plain arithmetic: loops over them run on vector units,
//! and an element has the same bits in a loop and alone, on any machine. The polynomials
//! and how near the functions come are from `tests/reference/elementary.py`.

pub mod block;
mod exponential;
mod power;
mod trigonometric;

pub use exponential::{exp, ln, ln_1p, tanh};
pub use power::pow;
pub use trigonometric::{cos, sin};

/// ln 2 in two parts: any exponent times the first is exact.
const LN_2: [f64; 2] = [f64::from_bits(0x3fe6_2e42_fee0_0000), 1.908_214_929_270_587_7e-10];

/// From here on f64s are integers, and the last bits are their units.
const TWO_52: f64 = (1u64 << 52) as f64;

/// Adding and taking it away again rounds a number below 2⁵¹ to an integer.
const ROUNDING: f64 = 1.5 * TWO_52;

/// The sum of two or more factors times powers of x, lowest first: the even ones beside the odd ones,
/// which do not wait for each other.
#[inline(always)]
fn polynomial<const N: usize>(factors: [f64; N], x: f64) -> f64 {
    let square = x * x;
    let (mut even, mut odd) = match N % 2 {
        0 => (factors[N - 2], factors[N - 1]),
        _ => (factors[N - 1], factors[N - 2]),
    };
    for power in (0..N - 2).rev() {
        let sum = if power % 2 == 0 { &mut even } else { &mut odd };
        *sum = *sum * square + factors[power];
    }
    even + x * odd
}

/// A sum and what its rounding lost, for |a| ≥ |b| or a = 0 (T. J. Dekker, A Floating-Point
/// Technique for Extending the Available Precision, 1971).
#[inline(always)]
fn add(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    (sum, b - (sum - a))
}

/// A sum and what its rounding lost (D. E. Knuth, The Art of Computer Programming 2, 1969).
#[inline(always)]
fn add_any(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

/// A product and what its rounding lost (T. J. Dekker, likewise).
#[inline(always)]
fn multiply(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    let ([a, a_rest], [b, b_rest]) = ([upper(a), a - upper(a)], [upper(b), b - upper(b)]);
    (product, ((a * b - product) + (a * b_rest + a_rest * b)) + a_rest * b_rest)
}

/// The upper half of the digits: the product of two such numbers is exact.
#[inline(always)]
fn upper(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & !0x7ff_ffff)
}

/// x = 2ᵏ·m with √½ ≤ m < √2, as (k, m), for a number above 0.
#[inline(always)]
fn parts(x: f64) -> (f64, f64) {
    // Subnormal numbers have their exponent elsewhere.
    let is_tiny = x < f64::MIN_POSITIVE;
    let (k, m) = parts_of_normal(if is_tiny { x * (1u64 << 54) as f64 } else { x });
    (if is_tiny { k - 54.0 } else { k }, m)
}

/// [`parts`] of a number that is not subnormal.
#[inline(always)]
fn parts_of_normal(x: f64) -> (f64, f64) {
    const SQRT_HALF: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
    const FRACTION: u64 = (1 << 52) - 1;
    let bits = x.to_bits().wrapping_add(1f64.to_bits() - SQRT_HALF);
    let k = f64::from_bits(TWO_52.to_bits() | bits >> 52) - (TWO_52 + 1023.0);
    (k, f64::from_bits((bits & FRACTION) + SQRT_HALF))
}

/// The distance in units of the last place of `right`.
#[cfg(test)]
fn places(value: f64, right: f64) -> f64 {
    (value - right).abs() / (right.abs().next_up() - right.abs())
}
