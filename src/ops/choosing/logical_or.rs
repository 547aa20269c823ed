//! `logical_or`, a or b.

use crate::op::*;

pub struct LogicalOr;

impl Decides<2> for LogicalOr {
    const CARD: Card = Card {
        name: "logical_or",
        sign: Some("∨"),
        doc: "Tells where one of two tensors is true, or both.",
        inputs: &[Edge::bool("a", "true or false"), Edge::bool("b", "true or false")],
        attributes: &[],
        forward: "y = a or b",
        backward: &[],
        kinks: None,
        elsewhere: Elsewhere { torch: "a | b", jax: "a | b", onnx: "Or" },
        samples: &[
            Sample {
                call: "logical_or([true, true, false, false], [true, false, true, false])",
                output: "[true, true, true, false]",
            },
            Sample { call: "logical_or([[true], [false]], true)", output: "[[true], [true]]" },
        ],
        refusals: &[Refusal {
            call: "logical_or([1.5, 2], true)",
            message: "takes true or false for `a`, got floats",
        }],
    };

    fn decide([a, b]: [bool; 2]) -> bool {
        a || b
    }
}
