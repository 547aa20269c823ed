//! Laws that hold among the operations, at random places.

use super::super::{Double, dot::dot};
use super::{Random, apart};
use num_traits::One;

/// Some last places of a number.
const NEAR: f64 = 4e-31;

fn assert_near(a: Double, b: Double, bound: f64, at: &[Double]) {
    assert!(apart(a, b) <= bound, "{a:?} and {b:?} part by {:e} at {at:?}", apart(a, b));
}

#[test]
fn arithmetic_undoes_itself() {
    let mut random = Random(1);
    for turn in 0..100_000 {
        let scale = (turn % 900) - 450;
        let a = random.within(-2.0, 2.0).scaled(scale);
        let b = random.within(-2.0, 2.0).scaled(scale % 7);
        assert_near(a * b / b, a, NEAR, &[a, b]);
        assert_near(a / b * b, a, NEAR, &[a, b]);
        assert_eq!([a + b, a * b], [b + a, b * a]);
        assert_eq!(-(a - b), b - a);
        let c = random.within(1.0, 2.0).scaled(scale);
        assert_eq!(a * c, c * a);
        assert_near((a + c) - c, a, NEAR * c.hi / a.hi.abs(), &[a, c]);
        assert_near((a + c) * b, a * b + c * b, NEAR * 4.0 * c.hi / (a + c).hi.abs(), &[a, b, c]);
        let root = a.abs().sqrt();
        assert_near(root * root, a.abs(), NEAR, &[a]);
        assert_near((a * a).sqrt(), a.abs(), NEAR, &[a]);
    }
}

#[test]
fn results_do_not_overlap() {
    let mut random = Random(2);
    let is_whole = |x: Double| x.hi + x.lo == x.hi && (x.hi.is_finite() || x.lo == 0.0);
    for _ in 0..200_000 {
        let [a, b] = [(); 2].map(|()| {
            let hi = f64::from_bits(random.bits());
            Double::new(hi, hi * f64::EPSILON * (random.unit() - 0.5))
        });
        for x in
            [a + b, a - b, a * b, a / b, a.sqrt(), a.exp(), a.ln(), a.ln_1p(), a.sin(), a.tanh(), a.powf(b)]
        {
            assert!(is_whole(x) || x.is_nan() && x.lo == 0.0, "{x:?} of {a:?}, {b:?}");
        }
        // In kind as f64, and near it unless the leading digits cancel.
        let size = a.hi.abs().max(b.hi.abs());
        for (got, plain, off) in [
            (a + b, a.hi + b.hi, 1e-15 * size),
            (a * b, a.hi * b.hi, 1e-15 * (a.hi * b.hi).abs()),
            (a / b, a.hi / b.hi, 1e-15 * (a.hi / b.hi).abs()),
        ] {
            let is_near =
                got.hi == plain || got.is_nan() && plain.is_nan() || (got.hi - plain).abs() <= off + 1e-323;
            assert!(is_near, "{got:?}, {plain:e} of {a:?}, {b:?}");
        }
    }
}

#[test]
fn functions_undo_each_other() {
    let mut random = Random(3);
    let one = Double::one();
    for _ in 0..50_000 {
        let x = random.within(-600.0, 600.0);
        let size = x.hi.abs().max(1.0);
        assert_near(x.exp().ln(), x, NEAR / x.hi.abs().min(1.0), &[x]);
        assert_near(x.abs().ln().exp(), x.abs(), NEAR * 7.0, &[x]);
        let half = x.scaled(-1);
        assert_near(half.exp() * (-half).exp(), one, NEAR, &[half]);
        let (sin, cos) = (x.sin(), x.cos());
        assert_near(sin * sin + cos * cos, one, NEAR, &[x]);
        let twice = x.scaled(1);
        let bound = NEAR / twice.sin().hi.abs();
        assert_near((sin * cos).scaled(1), twice.sin(), bound, &[x]);
        let small = random.within(-1.0, 1.0).scaled(-((size as i32) % 60));
        assert_near(small.ln_1p().exp_m1(), small, NEAR * 4.0, &[small]);
        assert_near(small.exp_m1().ln_1p(), small, NEAR * 4.0, &[small]);
        let tanh = small.tanh();
        let by_powers = (small.exp_m1() - (-small).exp_m1()) / (small.exp() + (-small).exp());
        assert_near(tanh, by_powers, NEAR, &[small]);
        assert_eq!((-small).tanh(), -tanh);
        assert_eq!([(-x).sin(), (-x).cos()], [-sin, cos]);
        let (a, y) = (random.within(0.1, 5.0), random.within(-20.0, 20.0));
        assert_near(a.powf(y) * a.powf(-y), one, NEAR, &[a, y]);
        assert_near(a.powf(y), (y * a.ln()).exp(), NEAR * 40.0, &[a, y]);
        assert_near(a.powf(Double::from(3.0)), a * a * a, NEAR, &[a]);
        assert_near(a.powf(Double::from(0.5)), a.sqrt(), NEAR, &[a]);
        assert_near(a.powf(-one), one / a, NEAR, &[a]);
    }
}

#[test]
fn the_ways_of_near_and_far_angles_meet() {
    use super::super::quarters::Angle;
    let mut random = Random(4);
    for _ in 0..50_000 {
        let x = random.within(1.0, 32768.0);
        let (near, far) = (Angle::near(x.pair()), Angle::far(x.pair()));
        let [a, b] = [near.rest, far.rest].map(|(hi, lo)| Double { hi, lo });
        // At half a quarter the two may round to either side.
        if a.hi.abs() < 0.785 {
            assert_eq!(near.quarters & 3, far.quarters & 3, "{x:?}");
            assert_near(a, b, 1e-31, &[x]);
        }
    }
}

/// Where tanh is 1 in f64 and beyond, its low part still says by how much it is not: else 1 − y·y would be
/// rounding alone, of which large factors make a slope.
#[test]
fn saturated_functions_keep_what_lacks_to_one() {
    for x in [20.0, 37.0, 40.0, 76.0, 90.0, 300.0] {
        let y = Double::from(x).tanh();
        let lacks = (Double::from(1.0) - y * y).hi();
        let right = 4.0 * (-2.0 * x).exp();
        assert!((lacks - right).abs() <= 1e-5 * right, "{x}: {lacks:e} {right:e}");
    }
    for x in [1e3, 1e17, f64::INFINITY] {
        let y = Double::from(x).tanh();
        assert!((Double::from(1.0) - y * y).hi().abs() < 1e-300, "{x}");
    }
}

#[test]
fn dots_are_those_of_the_operators() {
    let mut random = Random(6);
    for length in 0..300 {
        let [a, b] = [(); 2].map(|()| (0..length).map(|_| random.within(-2.0, 2.0)).collect::<Vec<_>>());
        let right = a.iter().zip(&b).fold(Double::from(0.0), |sum, (a, b)| sum + *a * *b);
        let size: f64 = a.iter().zip(&b).map(|(a, b)| (a.hi * b.hi).abs()).sum();
        let got = dot(&a, &b);
        assert_near(got, right, 1e-31 * size / right.hi.abs().max(1e-300), &[]);
        // What the shorter one does not have is left out.
        if length > 9 {
            assert_eq!(dot(&a, &b[..9]), dot(&a[..9], &b[..9]));
        }
    }
}

#[test]
fn bits_are_the_same_on_any_machine() {
    let mut random = Random(8);
    let mut sum = 0u64;
    let mut add = |x: Double| {
        for part in [x.hi, x.lo] {
            // A NaN may have any bits.
            let bits = if part.is_nan() { 1 } else { part.to_bits() };
            sum = sum.rotate_left(5).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ bits;
        }
    };
    for turn in 0..20_000 {
        let any = [(); 2].map(|()| Double::from(f64::from_bits(random.bits())));
        let near = [(); 2].map(|()| random.within(-30.0, 30.0));
        let [x, y] = if turn % 2 == 0 { any } else { near };
        let signed = [x + y, x - y, x * y, x / y, x.sqrt(), x.exp(), x.exp_m1(), x.tanh()];
        let more = [
            x.ln(),
            x.abs().ln(),
            x.ln_1p(),
            x.sin(),
            x.cos(),
            x.powf(y),
            x.abs().powf(y),
            dot(&[x, y, x], &[y, x, x]),
        ];
        signed.into_iter().chain(more).for_each(&mut add);
    }
    assert_eq!(sum, 0x495c_e8a5_5562_b310, "{sum:#x}");
}
