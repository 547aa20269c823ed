//! Tests of elementwise ops that have no loops of their own: steps, limits, and what a division leaves.

use super::tests::{row, run, trial};
use crate::op::AttributeValue::Float;

#[test]
fn steps_are_flat_and_their_jumps_are_branches() {
    let x = [row(&[-2.5, -0.5, -0.0, 0.5, 1.5, 2.5, f64::NAN, 1e300])];
    let bits = |y: Vec<f64>| y.into_iter().map(f64::to_bits).collect::<Vec<_>>();
    for (op, right) in [
        ("floor", [-3.0, -1.0, -0.0, 0.0, 1.0, 2.0, f64::NAN, 1e300]),
        ("ceil", [-2.0, -0.0, -0.0, 1.0, 2.0, 3.0, f64::NAN, 1e300]),
        ("round", [-2.0, -0.0, -0.0, 0.0, 2.0, 2.0, f64::NAN, 1e300]),
        ("sign", [-1.0, -1.0, -0.0, 1.0, 1.0, 1.0, f64::NAN, 1.0]),
    ] {
        let (y, gradients) = run(op, &x, &[]);
        assert_eq!(bits(y), bits(right.to_vec()), "{op}");
        assert_eq!(gradients[0], [0.0; 8], "{op}");
    }
    for (op, jump) in [("floor", 2.0), ("ceil", -3.0), ("round", 0.5), ("sign", 0.0)] {
        let branches = [jump - 1e-9, jump, jump + 1e-9].map(|x| trial(op, &[row(&[x])], &[]).branches());
        assert!(
            branches[0] != branches[1] && branches[1] != branches[2] && branches[0] != branches[2],
            "{op}"
        );
        assert_eq!(branches[0], trial(op, &[row(&[jump - 0.25])], &[]).branches());
    }
}

#[test]
fn what_a_division_leaves_has_the_divisors_sign() {
    let a = [7.0, -7.0, 7.0, -7.0, 0.0, -0.0, 5.0, -1.0, f64::INFINITY, 3.0];
    let b = [3.0, 3.0, -3.0, -3.0, -2.0, 2.0, f64::INFINITY, f64::INFINITY, 2.0, 0.0];
    let (y, gradients) = run("mod", &[row(&a), row(&b)], &[]);
    assert_eq!(y[..8], [1.0, 2.0, -2.0, -1.0, 0.0, 0.0, 5.0, f64::INFINITY]);
    assert!(y[4].is_sign_negative() && y[5].is_sign_positive() && y[8].is_nan() && y[9].is_nan());
    assert_eq!(gradients[0], [1.0; 10]);
    assert_eq!(gradients[1][..7], [-2.0, 3.0, 3.0, -2.0, 0.0, 0.0, 0.0]);
}

#[test]
fn of_a_tie_the_first_gets_the_gradient_and_a_nan_wins() {
    let pair = [row(&[1.0, 2.0, f64::NAN, 0.0]), row(&[1.0, 3.0, 0.0, f64::NAN])];
    for (op, second) in [("maximum", 3.0), ("minimum", 2.0)] {
        let (y, gradients) = run(op, &pair, &[]);
        assert_eq!(y[..2], [1.0, second]);
        assert!(y[2].is_nan() && y[3].is_nan(), "{op}");
        let of_first = f64::from(u8::from(second == 2.0));
        assert_eq!(gradients, [vec![1.0, of_first, 1.0, 0.0], vec![0.0, 1.0 - of_first, 0.0, 1.0]], "{op}");
        let at = |b: f64| trial(op, &[row(&[1.0]), row(&[b])], &[]).branches();
        assert!(at(0.9) != at(1.0) && at(1.0) != at(1.1) && at(0.9) == at(0.5));
    }
    let limits = [("min", Float(-1.0)), ("max", Float(1.0))];
    let (y, gradients) = run("clip", &[row(&[-2.0, -1.0, 0.5, 1.0, 3.0])], &limits);
    assert_eq!((y, gradients[0].clone()), (vec![-1.0, -1.0, 0.5, 1.0, 1.0], vec![0.0, 0.0, 1.0, 0.0, 0.0]));
    assert!(run("clip", &[row(&[f64::NAN])], &limits).0[0].is_nan());
}
