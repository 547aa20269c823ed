//! Tests of the softmax family, the losses and the ops on labels.

use super::trial::*;
use crate::{
    op::AttributeValue::{self, Choice, Float, Int},
    op::Misuse,
    tensor::Tensor,
};

fn call(op: &str, tensors: &[Tensor]) -> Trial {
    Trial::new(op, tensors, &[], true).unwrap()
}

fn refused(op: &str, tensors: &[Tensor]) -> Misuse {
    Trial::new(op, tensors, &[], true).err().unwrap()
}

/// Positive rows that need not sum to 1.
fn shares(shape: &[usize], seed: u64) -> Tensor {
    let elements: Vec<f64> = noise(shape, seed).to_floats().iter().map(|v| v.abs() / 2.0 + 0.01).collect();
    floats(shape, &elements)
}

#[test]
fn softmax_agrees_with_its_slopes_along_any_axis() {
    for op in ["softmax", "log_softmax"] {
        for axis in -3..3 {
            let trial = Trial::new(op, &[noise(&[3, 2, 4], 5)], &[("axis", Int(axis))], true).unwrap();
            trial.slopes_agree();
        }
        call(op, &[noise(&[150], 5)]).slopes_agree();
        assert_eq!(call(op, &[floats(&[3, 0], &[])]).forward(), [0.0; 0]);
    }
}

#[test]
fn losses_agree_with_their_slopes() {
    for (x, labels) in [(&[3, 4][..], ints(&[3], &[2, 0, 3])), (&[4], ints(&[], &[1]))] {
        call("softmax_loss", &[noise(x, 1), labels.clone()]).slopes_agree();
        call("softmax_loss", &[noise(x, 1), noise(x, 2)]).slopes_agree();
        call("cross_entropy", &[shares(x, 1), labels]).slopes_agree();
        call("cross_entropy", &[shares(x, 1), noise(x, 2)]).slopes_agree();
        call("squared_error", &[noise(x, 1), noise(x, 2)]).slopes_agree();
        call("sigmoid_loss", &[noise(x, 1), shares(x, 2)]).slopes_agree();
    }
    let deep = ints(&[2, 3], &[0, 1, 1, 0, 1, 0]);
    call("softmax_loss", &[noise(&[2, 3, 2], 1), deep.clone()]).slopes_agree();
    call("sigmoid_loss", &[noise(&[2, 3], 1), deep]).slopes_agree();
    call("sigmoid_loss", &[floats(&[2], &[0.0, -0.0]), ints(&[2], &[0, 1])]).slopes_agree();
}

#[test]
fn one_hot_rows_and_labels_give_the_same_bits() {
    let labels = ints(&[3], &[2, 0, 1]);
    let rows = Trial::new("one_hot", std::slice::from_ref(&labels), &[("classes", Int(3))], true).unwrap();
    let rows = floats(&[3, 3], &rows.forward());
    for (op, x) in [("softmax_loss", noise(&[3, 3], 1)), ("cross_entropy", shares(&[3, 3], 1))] {
        let (by_label, by_row) = (call(op, &[x.clone(), labels.clone()]), call(op, &[x, rows.clone()]));
        assert_eq!(by_label.forward(), by_row.forward());
        assert_eq!(by_label.backward(0, &[1.0]), by_row.backward(0, &[1.0]));
    }
}

#[test]
fn huge_scores_neither_overflow_nor_lose_the_loss() {
    let x = floats(&[2, 3], &[1e4, 0.0, -1e4, -1e4, -1e4, -1e4]);
    let softmax = call("softmax", std::slice::from_ref(&x)).forward();
    assert_eq!(softmax[..3], [1.0, 0.0, 0.0]);
    let third = 3f64.ln();
    assert_eq!(
        call("log_softmax", std::slice::from_ref(&x)).forward(),
        [0.0, -1e4, -2e4, -third, -third, -third]
    );
    let loss = call("softmax_loss", &[x, ints(&[2], &[2, 0])]);
    assert_eq!(loss.forward(), [(2e4 + third) / 2.0]);
    assert_eq!(loss.backward(0, &[2.0])[..3], [1.0, 0.0, -1.0]);
    let sigmoid = call("sigmoid_loss", &[floats(&[4], &[1e4, -1e4, 1e4, -1e4]), ints(&[4], &[1, 0, 0, 1])]);
    assert_eq!(sigmoid.forward(), [5e3]);
    assert_eq!(sigmoid.backward(0, &[4.0]), [0.0, 0.0, 1.0, -1.0]);
    // Right and sure: what is left of the loss is not rounded away against the score.
    let sure = call("sigmoid_loss", &[floats(&[1], &[30.0]), ints(&[1], &[1])]).forward()[0];
    assert_eq!(sure, (-30f64).exp().ln_1p());
    // Nor is what is left of its slope, nor of an answer that is nearly 1.
    let right_and_sure = [floats(&[2], &[40.0, -40.0]), ints(&[2], &[1, 0])];
    let slopes = call("sigmoid_loss", &right_and_sure).backward(0, &[2.0]);
    assert!((slopes[1] / (-40f64).exp() - 1.0).abs() < 1e-15);
    assert_eq!(slopes[0], -slopes[1]);
    let nearly = call("sigmoid_loss", &[floats(&[1], &[40.0]), floats(&[1], &[1.0 - f64::EPSILON])]);
    assert!((nearly.forward()[0] / (40.0 * f64::EPSILON + (-40f64).exp()) - 1.0).abs() < 1e-15);
    // An infinite score costs nothing where it is right.
    let infinite = [f64::INFINITY, f64::NEG_INFINITY];
    let right = call("sigmoid_loss", &[floats(&[2], &infinite), ints(&[2], &[1, 0])]);
    assert_eq!((right.forward(), right.backward(0, &[2.0])), (vec![0.0], vec![0.0; 2]));
    let wrong = call("sigmoid_loss", &[floats(&[2], &infinite), ints(&[2], &[0, 1])]);
    assert_eq!((wrong.forward(), wrong.backward(0, &[2.0])), (vec![f64::INFINITY], vec![1.0, -1.0]));
}

#[test]
fn a_masked_score_costs_nothing_where_its_share_is_zero() {
    let masked = floats(&[3], &[1.0, f64::NEG_INFINITY, 1.0]);
    let loss = call("softmax_loss", &[masked, floats(&[3], &[1.0, 0.0, 0.0])]);
    assert_eq!(loss.forward(), [2f64.ln()]);
    assert_eq!(loss.backward(0, &[1.0]), [-0.5, 0.0, 0.5]);
    let sure = call("cross_entropy", &[floats(&[2], &[1.0, 0.0]), floats(&[2], &[1.0, 0.0])]);
    assert_eq!((sure.forward()[0].abs(), sure.backward(0, &[1.0])), (0.0, vec![-1.0, 0.0]));
}

#[test]
fn the_textbooks_cross_entropy_adds_delta() {
    use crate::op::AttributeValue::Float;
    let y = floats(&[3], &[0.1, 0.0, 0.9]);
    let with =
        |delta| Trial::new("cross_entropy", &[y.clone(), ints(&[], &[1])], &[("delta", Float(delta))], true);
    assert_eq!(with(1e-7).unwrap().forward(), [-(1e-7f64).ln()]);
    assert_eq!(with(0.0).unwrap().forward(), [f64::INFINITY]);
    for delta in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(with(delta).err().unwrap().message.contains("delta is"));
    }
}

#[test]
fn a_nan_goes_through() {
    for x in [[f64::NAN, 1.0, 2.0], [1.0, 2.0, f64::NAN]] {
        let x = floats(&[3], &x);
        for op in ["softmax", "log_softmax"] {
            assert!(call(op, std::slice::from_ref(&x)).forward().iter().all(|y| y.is_nan()), "{op}");
        }
        assert!(call("softmax_loss", &[x.clone(), ints(&[], &[1])]).forward()[0].is_nan());
        assert!(call("squared_error", &[x.clone(), noise(&[3], 1)]).forward()[0].is_nan());
        assert!(call("sigmoid_loss", &[x, ints(&[3], &[0, 1, 0])]).forward()[0].is_nan());
    }
}

#[test]
fn labels_outside_of_the_classes_are_refused() {
    for (op, name) in [("softmax_loss", "x"), ("cross_entropy", "y"), ("accuracy", "y")] {
        for label in [10, -1, i64::MAX, i64::MIN] {
            let labels = ints(&[3], &[0, label, 9]);
            assert_eq!(
                refused(op, &[noise(&[3, 10], 1), labels]).message,
                format!("label {label} is out of range: {name} has 10 classes, 0 to 9")
            );
        }
        call(op, &[noise(&[2, 10], 1), ints(&[2], &[0, 9])]);
    }
}

#[test]
fn labels_that_come_as_a_surprise_make_nan() {
    for label in [3, -1, i64::MAX, i64::MIN] {
        let labels = ints(&[2], &[0, label]);
        let one_hot = Trial::new("one_hot", std::slice::from_ref(&labels), &[("classes", Int(3))], false);
        let rows = one_hot.unwrap().forward();
        assert_eq!(rows[..3], [1.0, 0.0, 0.0]);
        assert!(rows[3..].iter().all(|v| v.is_nan()));
        for op in ["softmax_loss", "cross_entropy", "accuracy"] {
            let trial = Trial::new(op, &[shares(&[2, 3], 1), labels.clone()], &[], false).unwrap();
            assert!(trial.forward()[0].is_nan(), "{op}");
            assert!(op == "accuracy" || trial.backward(0, &[1.0])[3..].iter().all(|v| v.is_nan()), "{op}");
        }
        let sigmoid = Trial::new("sigmoid_loss", &[noise(&[2], 1), labels], &[], false).unwrap();
        assert!(sigmoid.forward()[0].is_nan());
    }
}

#[test]
fn answers_of_the_wrong_kind_are_told_from_answers_of_the_wrong_shape() {
    let x = || noise(&[2, 3], 1);
    let help = |t| refused("softmax_loss", &[x(), t]).help.unwrap_or_default();
    assert!(help(ints(&[2, 3], &[0, 0, 1, 1, 0, 0])).contains("one-hot rows are floats"));
    assert!(help(floats(&[2], &[2.0, 0.0])).contains("labels are ints"));
    assert_eq!(help(ints(&[3], &[0, 1, 2])), "");
    assert_eq!(
        refused("softmax_loss", &[x(), noise(&[3, 2], 1)]).message,
        "t must be labels, int[2], or a share for every class, [2, 3]; it is [3, 2]"
    );
}

#[test]
fn losses_of_nothing_are_refused() {
    for op in ["softmax_loss", "cross_entropy", "accuracy"] {
        assert!(refused(op, &[floats(&[0, 3], &[]), ints(&[0], &[])]).message.contains("nothing to average"));
        assert!(
            refused(op, &[floats(&[1, 0], &[]), ints(&[1], &[0])]).message.contains("nothing to average")
        );
        assert!(refused(op, &[floats(&[], &[1.0]), ints(&[], &[0])]).message.contains("scalar"));
    }
    assert!(
        refused("sigmoid_loss", &[floats(&[0], &[]), floats(&[0], &[])])
            .message
            .contains("nothing to average")
    );
    assert_eq!(call("squared_error", &[floats(&[0], &[]), floats(&[0], &[])]).forward(), [0.0]);
}

#[test]
fn accuracy_counts_rows_and_notices_a_tie() {
    let accuracy = |y: &[f64]| call("accuracy", &[floats(&[2, 2], y), ints(&[2], &[0, 1])]);
    assert_eq!(accuracy(&[1.0, 1.0, 0.0, 0.0]).forward(), [0.5]);
    let base = accuracy(&[1.0, 1.0, 0.0, 2.0]).branches();
    assert_ne!(accuracy(&[1.0, 1.1, 0.0, 2.0]).branches(), base);
    assert_eq!(accuracy(&[1.0, 1.0, 0.0, 2.1]).branches(), base);
    let by_rows = call("accuracy", &[noise(&[5, 3], 1), noise(&[5, 3], 1)]);
    assert_eq!(by_rows.forward(), [1.0]);
}

#[test]
fn one_hot_needs_a_class() {
    for classes in [0, -1, i64::MIN] {
        let refused = Trial::new("one_hot", &[ints(&[1], &[0])], &[("classes", Int(classes))], true);
        assert!(refused.err().unwrap().message.contains("there must be one or more"));
    }
    let vast = Trial::new("one_hot", &[ints(&[2], &[0, 1])], &[("classes", Int(i64::MAX))], true).unwrap();
    assert_eq!(vast.output.shape[..], [2, i64::MAX as usize]);
}

#[test]
fn losses_with_options_agree_with_their_slopes() {
    let (x, weight) = (shares(&[3, 4], 1), shares(&[4], 3));
    for answers in [ints(&[3], &[2, 0, 2]), shares(&[3, 4], 2)] {
        for reduction in ["mean", "sum", "none"] {
            for op in ["softmax_loss", "cross_entropy"] {
                let mut attributes: Vec<(&'static str, AttributeValue)> =
                    vec![("reduction", Choice(reduction))];
                let tensors = [x.clone(), answers.clone(), weight.clone()];
                Trial::new(op, &tensors[..2], &attributes, true).unwrap().slopes_agree();
                Trial::new(op, &tensors, &attributes, true).unwrap().slopes_agree();
                if op == "softmax_loss" {
                    attributes.push(("label_smoothing", Float(0.1)));
                    Trial::new(op, &tensors, &attributes, true).unwrap().slopes_agree();
                }
            }
        }
    }
    for op in ["huber_loss", "sigmoid_loss", "squared_error"] {
        for reduction in ["mean", "sum", "none"] {
            let attributes = [("reduction", Choice(reduction))];
            Trial::new(op, &[noise(&[3, 2], 1), shares(&[3, 2], 2)], &attributes, true)
                .unwrap()
                .slopes_agree();
        }
    }
}

#[test]
fn ignored_rows_count_for_nothing() {
    let (x, t) = (noise(&[3, 4], 1), ints(&[3], &[2, -7, 1]));
    let ignored = [("ignore_index", Int(-7))];
    for tensors in [vec![x.clone(), t.clone()], vec![x.clone(), t, shares(&[4], 3)]] {
        let trial = Trial::new("softmax_loss", &tensors, &ignored, true).unwrap();
        trial.slopes_agree();
        assert_eq!(trial.backward(0, &[1.0])[4..8], [0.0; 4]);
    }
    // Of a label that is none and is not ignored nothing is known.
    let wrong = Trial::new("softmax_loss", &[x.clone(), ints(&[3], &[2, -1, 1])], &ignored, true).unwrap();
    assert!(wrong.forward()[0].is_nan());
    // The mean of nothing.
    let all = Trial::new("softmax_loss", &[x, ints(&[3], &[-7; 3])], &ignored, true).unwrap();
    assert!(all.forward()[0].is_nan());
}
