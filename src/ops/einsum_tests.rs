//! `einsum`: equations in every form, what they refuse, and slopes.

use super::{
    find,
    trial::{Trial, noise},
};
use crate::{
    op::{Argument, AttributeValue, Call, Inputs, Output, Slot},
    shape::Shape,
    tensor::{Tensor, Type},
};

fn equation(text: &str) -> [(&'static str, AttributeValue); 1] {
    [("equation", AttributeValue::Text(text.into()))]
}

fn of(text: &str, shapes: &[&[usize]]) -> Result<Trial, String> {
    let tensors: Vec<Tensor> = shapes.iter().zip(1..).map(|(shape, seed)| noise(shape, seed)).collect();
    Trial::new("einsum", &tensors, &equation(text), true).map_err(|misuse| misuse.message)
}

#[test]
fn slopes_are_what_backward_says() {
    let cases: [(&str, &[&[usize]]); 8] = [
        ("ij,jk->ki", &[&[2, 3], &[3, 4]]),
        ("bij,bkj->bik", &[&[2, 3, 2], &[2, 2, 2]]),
        ("iij,jk->ik", &[&[2, 2, 3], &[3, 2]]),
        ("ij,jk->k", &[&[2, 3], &[3, 2]]),
        ("ij,ij,j->i", &[&[2, 3], &[2, 3], &[3]]),
        ("...i,i", &[&[2, 3], &[3]]),
        ("ij,j->ij", &[&[2, 1], &[3]]),
        ("iij->j", &[&[2, 2, 3]]),
    ];
    for (text, shapes) in cases {
        of(text, shapes).unwrap().slopes_agree();
    }
}

#[test]
fn an_output_that_is_not_told_has_the_letters_that_stand_once() {
    let shape = |text: &str, shapes: &[&[usize]]| of(text, shapes).unwrap().output.shape.to_vec();
    assert_eq!(shape("ba", &[&[2, 3]]), [3, 2]);
    assert_eq!(shape("ab,bc", &[&[2, 3], &[3, 4]]), [2, 4]);
    assert_eq!(shape("b...a,b", &[&[2, 5, 6, 3], &[2]]), [5, 6, 3]);
    assert_eq!(shape("ii", &[&[3, 3]]), [0usize; 0]);
    assert_eq!(shape("a...,a...->a...", &[&[2, 1], &[2, 4, 3]]), [2, 4, 3]);
}

#[test]
fn what_is_no_equation_is_refused() {
    let refusal = |text: &str, shapes: &[&[usize]]| of(text, shapes).err().unwrap();
    assert!(refusal("", &[&[2]]).contains("names 0 axes of an operand with 1"));
    assert!(refusal("i->", &[&[2], &[2]]).contains("tells of 1 operands, and 2 are given"));
    assert!(refusal("i->i->i", &[&[2]]).contains("`-` stands for no axis"));
    assert!(refusal("i......", &[&[2]]).contains("`.` stands for no axis"));
    assert!(refusal("ij...", &[&[2]]).contains("names 2 axes or more of an operand with 1"));
    assert!(refusal("ii", &[&[2, 3]]).contains("`i` has length 3 here and 2 before"));
    let long: &[usize] = &[1 << 14];
    assert!(refusal("a,b,c->", &[long, long, long]).contains("more than"));
}

#[test]
fn absurd_lengths_beside_an_empty_axis_do_no_harm() {
    let far = usize::MAX / 3;
    for (text, shapes) in [
        ("abc,abd->acd", [[far, far, 0], [far, far, 0]]),
        ("abc,abd->cd", [[far, 0, far], [far, 0, 0]]),
        ("abc,dbe->a", [[0, far, far], [far, far, 0]]),
    ] {
        let argument = |shape: &[usize; 3]| Argument { ty: Type::float(Shape::new(shape)), range: None };
        let inputs = shapes.each_ref().map(argument);
        let bound =
            find("einsum").unwrap().bind(&Call { inputs: &inputs, attributes: &equation(text) }).unwrap();
        assert_eq!(bound.output.shape.checked_size(), Some(0), "{text}");
        let slots = [Slot::Float { start: 0, len: 0 }; 2];
        bound.op.call(&Inputs { slots: &slots, floats: &[0.0f64; 0], ints: &[] }, Output::Float(&mut []));
    }
}
