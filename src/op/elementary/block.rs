//! Functions of all numbers of a block, with the bits of each alone.
//!
//! Numbers that need a way of their own are rare, so that the block is looked at as a whole:
//! a loop over ordinary numbers does without ends, subnormal numbers and far angles.

use super::{exponential, power, trigonometric};
use num_traits::AsPrimitive;

/// Defines the function of a block by that of one ordinary number and that of any number. They are
/// called by name, as a function that is handed on may not be inlined.
macro_rules! of_each {
    ($(#[$doc:meta])* $name:ident, $within:ident($range:expr) => $ordinary:path, _ => $any:path) => {
        $(#[$doc])*
        #[inline(always)]
        pub fn $name<R: AsPrimitive<f64>, const B: usize>(x: &[R; B], y: &mut [R; B])
        where
            f64: AsPrimitive<R>,
        {
            if $within(x, $range) {
                for at in 0..B {
                    y[at] = $ordinary(x[at].as_()).as_();
                }
            } else {
                for at in 0..B {
                    y[at] = $any(x[at].as_()).as_();
                }
            }
        }
    };
}

of_each!(
    /// The natural logarithm of each.
    ln, all_within(NORMAL) => exponential::ln_of_normal, _ => exponential::ln
);
of_each!(
    /// The sine of each.
    sin, sizes_within(trigonometric::NEAR) => trigonometric::sin_near, _ => trigonometric::sin
);
of_each!(
    /// The cosine of each.
    cos, sizes_within(trigonometric::NEAR) => trigonometric::cos_near, _ => trigonometric::cos
);

/// aᵇ of each.
#[inline(always)]
pub fn pow<R: AsPrimitive<f64>, const B: usize>(a: &[R; B], b: &[R; B], y: &mut [R; B])
where
    f64: AsPrimitive<R>,
{
    let is_positive = all_within(a, NORMAL);
    let is_normal = is_positive || sizes_within(a, NORMAL);
    // In several loops, each of which is short enough for its turns to overlap.
    let (mut exponent, mut rest) = ([0.0; B], [0.0; B]);
    if is_normal {
        for at in 0..B {
            [exponent[at], rest[at]] = power::ln_of_normal(a[at].as_().abs());
        }
        for at in 0..B {
            [exponent[at], rest[at]] = power::times([exponent[at], rest[at]], b[at].as_());
        }
    }
    let is_near = is_normal && sizes_within(&exponent, exponential::NEAR);
    if is_near {
        for at in 0..B {
            y[at] = exponential::exp_of_near_sum(exponent[at], rest[at]).as_();
        }
    } else {
        for at in 0..B {
            [exponent[at], rest[at]] = power::exponent(a[at].as_(), b[at].as_());
        }
        for at in 0..B {
            y[at] = exponential::exp_of_sum(exponent[at], rest[at]).as_();
        }
    }
    if !(is_near && is_positive) {
        for at in 0..B {
            y[at] = power::from_size(a[at].as_(), b[at].as_(), y[at].as_()).as_();
        }
    }
}

/// Numbers above 0 that are neither subnormal nor infinite.
const NORMAL: [f64; 2] = [f64::MIN_POSITIVE, f64::MAX];

/// Whether all numbers lie within a range that begins at 0 or above.
#[inline(always)]
fn all_within<R: AsPrimitive<f64>, const B: usize>(x: &[R; B], range: [f64; 2]) -> bool {
    bits_within(x, !0, range)
}

/// Whether the sizes of all numbers do.
#[inline(always)]
fn sizes_within<R: AsPrimitive<f64>, const B: usize>(x: &[R; B], range: [f64; 2]) -> bool {
    bits_within(x, i64::MAX, range)
}

/// As integers, the bits of numbers from 0 on are in order, and a sign or a NaN is out of it.
#[inline(always)]
fn bits_within<R: AsPrimitive<f64>, const B: usize>(x: &[R; B], mask: i64, range: [f64; 2]) -> bool {
    let [low, high] = range.map(|end| end.to_bits() as i64);
    // Without a way out, so that several can be looked at at a time.
    let mut signs = 0;
    for x in x {
        let bits = x.as_().to_bits() as i64 & mask;
        signs |= bits.wrapping_sub(low) | high.wrapping_sub(bits);
    }
    signs >= 0
}

#[cfg(test)]
mod tests {
    use super::{all_within, sizes_within};

    #[test]
    fn a_range_is_told_by_bits() {
        let within = |x: f64| all_within(&[1.5, x], [1.0, 2.0]);
        assert!([1.0, 1.5, 2.0].into_iter().all(within));
        let others = [
            0.0,
            -0.0,
            1f64.next_down(),
            2f64.next_up(),
            f64::MAX,
            f64::INFINITY,
            f64::NAN,
            -f64::NAN,
            5e-324,
            -5e-324,
            -1.0,
            -1.5,
            -2.0,
            -f64::MAX,
            f64::NEG_INFINITY,
        ];
        assert!(!others.into_iter().any(within));
        let within = |x: f64| sizes_within(&[x, 0.0], [0.0, 2.0]);
        assert!([0.0, -0.0, 5e-324, -2.0].into_iter().all(within));
        assert!(![2f64.next_up(), -3.0, f64::NAN, -f64::NAN, f64::NEG_INFINITY].into_iter().any(within));
    }
}
