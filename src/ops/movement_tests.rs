//! Ops that move elements: the ranges of ints, what is refused, and lengths that are absurd.

use super::{
    find,
    trial::{Trial, floats, ints, noise},
};
use crate::{
    op::{
        Argument,
        AttributeValue::{self, Choice, Float, Int, Ints},
        Call, Inputs, Output, Slot,
    },
    shape::Shape,
    tensor::{Tensor, Type},
};

type Attributes<'a> = &'a [(&'static str, AttributeValue)];

fn trial(op: &str, x: &Tensor, attributes: Attributes) -> Trial {
    Trial::new(op, std::slice::from_ref(x), attributes, true).unwrap()
}

fn refusal(op: &str, x: &Tensor, attributes: Attributes) -> String {
    Trial::new(op, std::slice::from_ref(x), attributes, true).err().unwrap().message
}

fn list(given: &[i64]) -> AttributeValue {
    Ints(given.to_vec())
}

#[test]
fn only_what_is_moved_whole_keeps_its_range() {
    let x = ints(&[2, 2], &[3, -1, 4, 1]);
    let range = |op: &str, attributes: Attributes| trial(op, &x, attributes).range;
    for (op, attributes) in [
        ("squeeze", vec![]),
        ("unsqueeze", vec![("axis", list(&[0]))]),
        ("broadcast_to", vec![("shape", list(&[3, 2, 2]))]),
        ("tile", vec![("reps", list(&[2]))]),
        ("repeat_interleave", vec![("repeats", Int(2))]),
        ("flip", vec![]),
        ("roll", vec![("shift", list(&[3]))]),
        ("stack", vec![]),
    ] {
        assert_eq!(range(op, &attributes), Some((-1, 4)), "{op}");
    }
    for (op, attributes) in [
        ("tile", vec![("reps", list(&[0]))]),
        ("repeat_interleave", vec![("repeats", Int(0))]),
        ("tril", vec![]),
        ("diagonal", vec![]),
        ("pad", vec![("widths", list(&[1]))]),
    ] {
        assert_eq!(range(op, &attributes), None, "{op}");
    }
}

#[test]
fn slopes_are_what_backward_says() {
    let x = noise(&[2, 3, 1], 1);
    for (op, attributes) in [
        ("broadcast_to", vec![("shape", list(&[2, 2, 3, 2]))]),
        ("tile", vec![("reps", list(&[2, 1, 2]))]),
        ("repeat_interleave", vec![("repeats", Int(3)), ("axis", Int(1))]),
        ("flip", vec![("axis", list(&[1]))]),
        ("roll", vec![("shift", list(&[2])), ("axis", list(&[1]))]),
        ("tril", vec![("k", Int(-1))]),
        ("diagonal", vec![("offset", Int(-1))]),
        ("pad", vec![("widths", list(&[3, 4])), ("mode", Choice("reflect"))]),
    ] {
        trial(op, &x, &attributes).slopes_agree();
    }
}

#[test]
fn constants_fit_what_they_stand_among() {
    let widths = ("widths", list(&[0, 1]));
    let padded =
        |x: &Tensor, value: f64| trial("pad", x, &[widths.clone(), ("value", Float(value))]).forward();
    assert_eq!(padded(&floats(&[1], &[1.0]), f64::NEG_INFINITY), [1.0, f64::NEG_INFINITY]);
    assert_eq!(padded(&ints(&[1], &[1]), -7.0), [1.0, -7.0]);
    for value in [0.5, f64::NAN, f64::INFINITY] {
        let given = [widths.clone(), ("value", Float(value))];
        assert!(refusal("pad", &ints(&[1], &[1]), &given).contains("x holds ints"));
    }
    // A scalar has no ends.
    assert_eq!(trial("pad", &floats(&[], &[2.0]), &[("widths", list(&[3]))]).forward(), [2.0]);
}

#[test]
fn far_diagonals_are_empty_and_far_triangles_whole() {
    let x = noise(&[2, 2], 1);
    for far in [i64::MIN, -2, 2, i64::MAX] {
        assert_eq!(trial("diagonal", &x, &[("offset", Int(far))]).output.shape[..], [0]);
        let kept = |op: &str| trial(op, &x, &[("k", Int(far))]).forward() == x.to_floats();
        assert_eq!((kept("tril"), kept("triu")), (far > 0, far < 0), "{far}");
    }
}

#[test]
fn absurd_lengths_do_no_harm() {
    let far = usize::MAX / 3;
    let many = i64::MAX;
    for (op, shape, attributes) in [
        ("squeeze", vec![0, far, far, 1], vec![]),
        ("unsqueeze", vec![0, far, far], vec![("axis", list(&[1]))]),
        ("broadcast_to", vec![0, far, 1], vec![("shape", list(&[0, far as i64, many]))]),
        ("tile", vec![0, far], vec![("reps", list(&[2, 2]))]),
        ("repeat_interleave", vec![0, far, far], vec![("repeats", Int(2)), ("axis", Int(1))]),
        ("flip", vec![0, far, far], vec![]),
        ("roll", vec![0, far, far], vec![("shift", list(&[many])), ("axis", list(&[1]))]),
        ("tril", vec![far, 0, far], vec![("k", Int(1))]),
        ("triu", vec![0, far, far], vec![("k", Int(i64::MIN))]),
        ("diagonal", vec![0, far, far], vec![("offset", Int(1))]),
        ("pad", vec![0, far], vec![("widths", list(&[0, 0, 5, 5]))]),
        ("stack", vec![0, far, far], vec![]),
    ] {
        let inputs = [Argument { ty: Type::float(Shape::new(&shape)), range: None }];
        let bound = find(op).unwrap().bind(&Call { inputs: &inputs, attributes: &attributes }).unwrap();
        assert_eq!(bound.output.shape.checked_size(), Some(0), "{op}");
        let slots = [Slot::Float { start: 0, len: 0 }];
        bound.op.call(&Inputs { slots: &slots, floats: &[0.0f64; 0], ints: &[] }, Output::Float(&mut []));
    }
    let x = floats(&[2], &[1.0, 2.0]);
    assert!(refusal("tile", &floats(&[3], &[0.0; 3]), &[("reps", list(&[many]))]).contains("too large"));
    let whole = trial("broadcast_to", &x, &[("shape", list(&[many, many, 2]))]);
    assert_eq!(whole.output.shape.checked_size(), None);
    let wide = trial("pad", &x, &[("widths", list(&[many, 1]))]);
    assert!(wide.output.shape[0] > many as usize);
}
