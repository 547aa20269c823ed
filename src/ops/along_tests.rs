//! Tests of ops that work on vectors along axes.

use super::{find, trial::*};
use crate::{
    op::AttributeValue::{self, Flag, Float, Int, Ints},
    op::{Argument, Call},
    shape::Shape,
    tensor::Type,
};

fn of(op: &str, elements: &[f64], attributes: &[(&'static str, AttributeValue)]) -> Trial {
    Trial::new(op, &[floats(&[elements.len()], elements)], attributes, true).unwrap()
}

#[test]
fn what_comes_of_vectors_agrees_with_its_slopes() {
    let orders = [("ord", Float(1.0)), ("ord", Float(f64::INFINITY))];
    for op in ["logsumexp", "var", "std", "norm", "prod"] {
        for axis in [&[0][..], &[-1], &[0, 2], &[0, 1, 2]] {
            let axis = [("axis", Ints(axis.to_vec()))];
            Trial::new(op, &[noise(&[3, 2, 4], 1)], &axis, true).unwrap().slopes_agree();
        }
        Trial::new(op, &[noise(&[200], 1)], &[], true).unwrap().slopes_agree();
    }
    for order in orders {
        Trial::new("norm", &[noise(&[3, 4], 1)], &[("axis", Ints(vec![1])), order], true)
            .unwrap()
            .slopes_agree();
    }
    for op in ["cumsum", "cumprod", "sort"] {
        for axis in [0, 1, -1] {
            Trial::new(op, &[noise(&[3, 2, 4], 1)], &[("axis", Int(axis))], true).unwrap().slopes_agree();
        }
    }
    Trial::new("sort", &[noise(&[9], 1)], &[("descending", Flag(true))], true).unwrap().slopes_agree();
}

#[test]
fn a_product_with_zeros_has_its_slopes() {
    for x in [&[2.0, 0.0, 3.0][..], &[0.0, 4.0, 0.0, 5.0], &[0.0], &[-1.5, 2.0]] {
        of("prod", x, &[]).slopes_agree();
        of("cumprod", x, &[]).slopes_agree();
    }
    assert_eq!(of("prod", &[2.0, 0.0, 3.0], &[]).backward(0, &[1.0]), [0.0, 6.0, 0.0]);
    assert_eq!(of("cumprod", &[2.0, 0.0, 3.0], &[]).backward(0, &[1.0; 3]), [1.0, 8.0, 0.0]);
}

#[test]
fn nothing_gives_what_a_sum_or_a_product_begins_with() {
    let empty = |op| Trial::new(op, &[floats(&[0, 2], &[])], &[("axis", Ints(vec![0]))], true);
    for (op, right) in [("prod", 1.0), ("norm", 0.0), ("logsumexp", f64::NEG_INFINITY)] {
        let trial = empty(op).unwrap();
        assert_eq!(trial.forward(), [right; 2], "{op}");
        assert_eq!(trial.backward(0, &[1.0; 2]), [0.0; 0]);
    }
    assert!(empty("var").is_err() && empty("std").is_err());
    for op in ["cumsum", "cumprod", "sort", "argsort"] {
        assert_eq!(Trial::new(op, &[floats(&[3, 0], &[])], &[], true).unwrap().forward(), [0.0; 0], "{op}");
    }
}

#[test]
fn scores_of_any_size_have_a_log_of_their_sum() {
    const INFINITY: f64 = f64::INFINITY;
    let sum = |x: &[f64]| of("logsumexp", x, &[]).forward()[0];
    assert_eq!(sum(&[1e300, -1e300]), 1e300);
    assert_eq!(sum(&[-INFINITY, -INFINITY]), -INFINITY);
    assert_eq!(sum(&[-INFINITY, 2.0]), 2.0);
    assert_eq!(sum(&[INFINITY, 2.0]), INFINITY);
    assert!(sum(&[f64::NAN, 2.0]).is_nan());
    // Where one is far ahead, what the others add keeps its digits.
    assert!((sum(&[-50.0, 0.0]) / (-50f64).exp() - 1.0).abs() < 1e-15);
    assert_eq!(of("logsumexp", &[-INFINITY; 2], &[]).backward(0, &[1.0]), [0.0; 2]);
    assert_eq!(of("logsumexp", &[-INFINITY, 2.0], &[]).backward(0, &[1.0]), [0.0, 1.0]);
}

#[test]
fn kinks_along_axes_have_branches() {
    let branches = |op, x: &[f64], ord: Option<f64>| {
        let attributes: Vec<_> = ord.map(|ord| ("ord", Float(ord))).into_iter().collect();
        of(op, x, &attributes).branches()
    };
    // A third of 0.1 + 0.1 + 0.1 is not 0.1, and yet the deviation is 0.
    assert_eq!(of("std", &[0.1; 3], &[]).forward(), [0.0]);
    assert_eq!(of("std", &[0.1; 3], &[]).backward(0, &[1.0]), [0.0; 3]);
    assert!(branches("std", &[0.1; 3], None) != branches("std", &[0.1, 0.1, 0.2], None));
    assert!(branches("norm", &[0.0; 2], None) != branches("norm", &[0.0, 1e-9], None));
    assert!(branches("norm", &[0.0, 1.0], Some(1.0)) != branches("norm", &[1e-9, 1.0], Some(1.0)));
    let greatest = |x: &[f64]| branches("norm", x, Some(f64::INFINITY));
    assert!(
        greatest(&[-2.0, 1.0]) != greatest(&[-2.0, 2.0]) && greatest(&[-2.0, 2.0]) != greatest(&[-2.0, 3.0])
    );
    for op in ["sort", "argsort"] {
        assert!(branches(op, &[1.0, 1.0], None) != branches(op, &[1.0, 1.1], None));
        assert!(branches(op, &[1.0, 1.0], None) != branches(op, &[1.0, 0.9], None));
        assert_eq!(branches(op, &[1.0, 1.1], None), branches(op, &[1.0, 5.0], None));
    }
}

#[test]
fn equal_elements_keep_their_order_and_nan_is_the_greatest() {
    let x = [2.0, f64::NAN, 1.0, 2.0, f64::NEG_INFINITY, 0.0, -0.0];
    assert_eq!(of("argsort", &x, &[]).forward(), [4.0, 5.0, 6.0, 2.0, 0.0, 3.0, 1.0]);
    let down = [("descending", Flag(true))];
    assert_eq!(of("argsort", &x, &down).forward(), [1.0, 0.0, 3.0, 2.0, 5.0, 6.0, 4.0]);
    assert_eq!(of("argsort", &x, &down).range, Some((0, 6)));
    assert_eq!(of("sort", &[2.0, 1.0, 2.0], &down).backward(0, &[1.0, 2.0, 3.0]), [1.0, 3.0, 2.0]);
    assert_eq!(of("argmin", &[2.0, 1.0, 1.0], &[]).forward(), [1.0]);
}

#[test]
fn absurd_lengths_beside_an_empty_axis_do_no_harm() {
    let far = usize::MAX / 3;
    let x = Argument { ty: Type::float(Shape::new(&[0, far, far])), range: None };
    for op in ["logsumexp", "var", "std", "norm", "prod", "cumsum", "cumprod", "sort", "argsort", "argmin"] {
        for axis in [Ints(vec![0]), Ints(vec![1, 2]), Int(0), Int(1)] {
            let call = Call { inputs: std::slice::from_ref(&x), attributes: &[("axis", axis)] };
            // Bound or refused, but not a panic.
            let _ = find(op).unwrap().bind(&call);
        }
    }
}
