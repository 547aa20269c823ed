//! Zeros, infinities, NaN, and the greatest and least numbers.

use super::super::{
    Double,
    dot::{dot, dot_step, settle},
};
use super::Random;
use num_traits::{One, Zero};

const INFINITY: f64 = f64::INFINITY;
const ODD: f64 = (1u64 << 53) as f64 - 1.0;

const SPECIAL: [f64; 20] = [
    0.0,
    5e-324,
    f64::MIN_POSITIVE,
    1e-310,
    1e-300,
    1e-160,
    0.3,
    0.5,
    1.0,
    1.5,
    2.0,
    3.0,
    7.5,
    1e5,
    1e160,
    ODD,
    1e300,
    f64::MAX,
    INFINITY,
    f64::NAN,
];

fn specials() -> impl Iterator<Item = f64> + Clone {
    SPECIAL.into_iter().flat_map(|x| [x, -x])
}

/// The same kind: the same zero with its sign, the same infinity, NaN, or a number. Of a number the low
/// part does not overlap, of any other it is 0.
fn assert_kind(got: Double, right: f64, what: &str) {
    let same = if right.is_finite() && right != 0.0 {
        got.hi.is_finite() && got.hi + got.lo == got.hi
    } else {
        let sign = got.is_sign_negative() == right.is_sign_negative() || right.is_nan();
        (got.hi == right || got.is_nan() && right.is_nan()) && sign && got.lo == 0.0
    };
    assert!(same, "{what}: {got:?}, not {right:?}");
}

#[test]
fn operators_give_the_kind_that_f64_gives() {
    for a in specials() {
        assert_kind(-Double::from(a), -a, "neg");
        assert_kind(Double::from(a).sqrt(), a.sqrt(), &format!("sqrt {a:e}"));
        assert_kind(Double::from(a).abs(), a.abs(), &format!("abs {a:e}"));
        for b in specials() {
            let (x, y) = (Double::from(a), Double::from(b));
            assert_kind(x + y, a + b, &format!("{a:e} + {b:e}"));
            assert_kind(x - y, a - b, &format!("{a:e} - {b:e}"));
            assert_kind(x * y, a * b, &format!("{a:e} * {b:e}"));
            assert_kind(x / y, a / b, &format!("{a:e} / {b:e}"));
            assert_kind(Double::new(a, b), a + b, &format!("new {a:e}, {b:e}"));
            assert_kind(Double::from_sum(a, b), a + b, &format!("from_sum {a:e}, {b:e}"));
            assert_kind(Double::from_product(a, b), a * b, &format!("from_product {a:e}, {b:e}"));
            assert_eq!(x.partial_cmp(&y), a.partial_cmp(&b), "{a:e}, {b:e}");
            assert_eq!(x == y, a == b, "{a:e}, {b:e}");
        }
    }
}

#[test]
fn functions_give_the_kind_that_f64_gives() {
    type Case = (&'static str, fn(Double) -> Double, fn(f64) -> f64);
    let cases: [Case; 7] = [
        ("exp", Double::exp, f64::exp),
        ("exp_m1", Double::exp_m1, f64::exp_m1),
        ("ln", Double::ln, f64::ln),
        ("ln_1p", Double::ln_1p, f64::ln_1p),
        ("tanh", Double::tanh, f64::tanh),
        ("sin", Double::sin, f64::sin),
        ("cos", Double::cos, f64::cos),
    ];
    let more = [-1.0f64.next_up(), -1.0f64.next_down(), 709.0, 711.0, 1e4, -708.0, -744.0, -746.0, -1e4];
    for (name, function, right) in cases {
        for x in specials().chain(more) {
            let got = function(Double::from(x));
            assert_kind(got, right(x), &format!("{name} {x:e}"));
            let off = (got.hi - right(x)).abs();
            assert!(!right(x).is_finite() || off <= 4e-16 * right(x).abs() + 5e-324, "{name} {x:e}: {got:?}");
        }
    }
}

#[test]
fn powers_end_as_in_c() {
    for a in specials() {
        for b in specials().chain([1e-20, 1074.0, ODD + 1.0, -1022.0, 1023.0]) {
            let (got, right) = (Double::from(a).powf(Double::from(b)), a.powf(b));
            assert_kind(got, right, &format!("{a:e} ** {b:e}"));
            let off = (got.hi - right).abs();
            assert!(
                !right.is_finite() || off <= 4e-16 * right.abs() + 5e-324,
                "{a:e} ** {b:e}: {got:?}, {right:e}"
            );
        }
    }
    // Whether an exponent is odd is told by its low part too, as is whether it is an integer at all.
    let minus_one = Double::from(-1.0);
    let big = (1u64 << 60) as f64;
    assert_eq!(minus_one.powf(Double::new(big, 1.0)), minus_one);
    assert_eq!(minus_one.powf(Double::new(big, -2.0)), Double::from(1.0));
    assert!(minus_one.powf(Double::new(big, 0.5)).is_nan());
    assert!(minus_one.powf(Double::new(3.0, 1e-20)).is_nan());
    assert_eq!(Double::from(-0.0).powf(Double::new(big, 1.0)).hi.to_bits(), (-0.0f64).to_bits());
    assert_eq!(Double::new(1.0, 1e-20).powf(Double::from(INFINITY)), Double::from(INFINITY));
    assert_eq!(Double::new(1.0, -1e-20).powf(Double::from(INFINITY)), Double::from(0.0));
    assert_eq!(Double::new(-1.0, 1e-20).powf(Double::from(-INFINITY)), Double::from(INFINITY));
    assert_eq!(Double::from(f64::NAN).powf(Double::zero()), Double::one());
    assert_eq!(Double::one().powf(Double::from(f64::NAN)), Double::one());
}

#[test]
fn short_powers_are_exact() {
    for base in 2..60u64 {
        for (power, right) in
            (0..96u32).map_while(|power| Some((power, u128::from(base).checked_pow(power)?)))
        {
            if right >> 96 == 0 {
                let high = right as f64;
                let right = Double::new(high, (right as i128 - high as i128) as f64);
                let (x, y) = (Double::from(base as f64), Double::from(f64::from(power)));
                assert_eq!(x.powf(y), right, "{base}, {power}");
                let sign = if power % 2 == 0 { right } else { -right };
                assert_eq!((-x).powf(y), sign, "-{base}, {power}");
                if right.lo == 0.0 && right.hi < 9e7 {
                    assert_eq!((right * right).powf(Double::from(0.5)), right, "{base}, {power}");
                }
            }
        }
    }
    for power in -1074..1024 {
        let right = Double::one().scaled(power);
        assert_eq!(Double::from(2.0).powf(Double::from(f64::from(power))), right);
        assert_eq!(Double::from(0.5).powf(Double::from(f64::from(-power))), right);
    }
    let x = Double::new(1.0, 1e-31);
    assert_eq!([x.powf(Double::one()), x.powf(Double::from(2.0))], [x, x * x]);
    assert_eq!((-x).powf(Double::one()), -x);
}

#[test]
fn values_that_are_exact() {
    let one = Double::one();
    assert_eq!([0.0, -0.0].map(|x| Double::from(x).exp()), [one, one]);
    assert_eq!([0.0, -0.0].map(|x| Double::from(x).cos()), [one, one]);
    assert_eq!(one.ln(), Double::zero());
    assert!(!one.ln().is_sign_negative());
    // The constants, in two parts each.
    assert_eq!(one.exp(), Double::new(std::f64::consts::E, 1.445_646_891_729_250_2e-16));
    assert_eq!(Double::from(2.0).ln(), Double::new(std::f64::consts::LN_2, 2.319_046_813_846_299_6e-17));
    // What π has more than two f64s.
    let pi = Double::new(std::f64::consts::PI, 1.224_646_799_147_353_2e-16);
    assert_eq!(pi.sin().hi, -2.994_769_809_718_339_7e-33);
    assert_eq!(Double::from(pi.hi).sin(), Double::new(pi.lo, -2.994_769_809_718_34e-33));
    assert_eq!(Double::from(5e-324).sqrt(), one.scaled(-537));
    assert_eq!(Double::new(1.0, 1e-20).ln(), Double::new(1e-20, -5e-41));
}

#[test]
fn powers_of_2_are_exact_factors() {
    let mut random = Random(5);
    for _ in 0..1000 {
        let x = random.within(-2.0, 2.0);
        assert_eq!(x.scaled(0), x);
        for n in [1, -1, 100, 900, -900, 1022] {
            assert_eq!(x.scaled(n).scaled(-n), x, "{x:?}, {n}");
        }
        assert_eq!(x.scaled(5), x * Double::from(32.0));
    }
    assert_eq!(Double::from(5e-324).scaled(2097), Double::one().scaled(1023));
    assert_eq!(Double::one().scaled(1023).scaled(-2097), Double::from(5e-324));
    assert_eq!(Double::from(5e-324).scaled(i32::MAX), Double::from(INFINITY));
    assert_eq!(Double::from(-f64::MAX).scaled(i32::MIN).hi.to_bits(), (-0.0f64).to_bits());
    assert_eq!(Double::new(f64::MAX, 1e290).scaled(1), Double::from(INFINITY));
}

#[test]
fn comparison_looks_at_the_low_part_too() {
    let (low, high) = (Double::new(1.0, -1e-20), Double::new(1.0, 1e-20));
    assert!(low < Double::one() && Double::one() < high);
    assert!(high > low);
    assert_ne!(low, high);
    assert!(Double::from(0.0) == Double::from(-0.0));
    let nan = Double::from(f64::NAN);
    assert_ne!(nan, nan);
    assert_eq!([nan.partial_cmp(&low), low.partial_cmp(&nan)], [None; 2]);
}

#[test]
fn sums_that_end_at_the_greatest_number() {
    let max = f64::MAX;
    let unit = max - max.next_down();
    // The low part would make it round to infinity.
    assert_eq!(Double::new(max, 0.49 * unit) + Double::from(0.49 * unit), Double::from(INFINITY));
    assert_eq!(Double::new(max, 0.25 * unit) + Double::from(0.125 * unit), Double::new(max, 0.375 * unit));
    assert_eq!(Double::new(max, 0.25 * unit) - Double::from(max), Double::from(0.25 * unit));
    assert_eq!(Double::from(max) * Double::from(1.0), Double::from(max));
    assert_eq!(Double::new(max, 0.25 * unit) * Double::one(), Double::new(max, 0.25 * unit));
    assert_eq!(Double::new(max, 0.25 * unit) / Double::one(), Double::new(max, 0.25 * unit));
    let root = Double::from(max.next_down()).sqrt();
    assert!((root * root.scaled(-1)).hi == 0.5 * max.next_down());
}

#[test]
fn dots_that_overflow_on_the_way() {
    let all = |values: &[f64]| values.iter().map(|x| Double::from(*x)).collect::<Vec<_>>();
    let a = all(&[1e200, 1.0, -1e200]);
    assert_eq!(dot(&a, &all(&[1e200, 1.0, 2.0])), Double::from(INFINITY));
    assert!(dot(&a, &all(&[1e200, 1.0, 1e200])).is_nan());
    // Products that are finite, but a sum that is not; in order it is.
    assert_eq!(dot(&all(&[1e308, -1e308, 1e308]), &all(&[1.0; 3])), Double::from(1e308));
    assert_eq!(dot(&[], &[]), Double::zero());
    assert!(dot(&all(&[f64::NAN; 9]), &all(&[1.0; 9])).is_nan());
    let sum = dot_step(dot_step((0.0, 0.0), a[1], a[1]), Double::from(1e-30), a[1]);
    assert_eq!(settle(sum), (1.0, 1e-30));
}
