//! `greater`, `a > b`.

use crate::op::*;

pub struct Greater;

impl Compares for Greater {
    const CARD: Card = Card {
        name: "greater",
        sign: Some(">"),
        doc: "Tells where one tensor is greater than another.",
        inputs: &[
            Edge::number("a", "the tensor left of the sign"),
            Edge::number("b", "what it is held against"),
        ],
        attributes: &[],
        forward: "y = a > b; false beside a NaN",
        backward: &[],
        kinks: Some("at a = b, where the output jumps"),
        elsewhere: Elsewhere { torch: "a > b", jax: "a > b", onnx: "Greater" },
        samples: &[
            Sample { call: "greater([1.5, 2.5, 3.5], 2.5)", output: "[false, false, true]" },
            Sample { call: "greater([[1.0], [3.0]], [2.0, 3.0])", output: "[[false, false], [true, false]]" },
        ],
        refusals: &[Refusal { call: "greater([1, 2], [1, 2, 3])", message: "do not broadcast" }],
    };

    fn holds<T: PartialOrd>(a: T, b: T) -> bool {
        a > b
    }
}
