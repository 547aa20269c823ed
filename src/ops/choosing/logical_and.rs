//! `logical_and`, a and b.

use crate::op::*;

pub struct LogicalAnd;

impl Decides<2> for LogicalAnd {
    const CARD: Card = Card {
        name: "logical_and",
        sign: Some("∧"),
        doc: "Tells where both tensors are true.",
        inputs: &[Edge::bool("a", "true or false"), Edge::bool("b", "true or false")],
        attributes: &[],
        forward: "y = a and b",
        backward: &[],
        kinks: None,
        elsewhere: Elsewhere { torch: "a & b", jax: "a & b", onnx: "And" },
        samples: &[
            Sample {
                call: "logical_and([true, true, false, false], [true, false, true, false])",
                output: "[true, false, false, false]",
            },
            Sample { call: "logical_and([[true], [false]], true)", output: "[[true], [false]]" },
        ],
        refusals: &[Refusal {
            call: "logical_and([1.5, 2], true)",
            message: "takes true or false for `a`, got floats",
        }],
    };

    fn decide([a, b]: [bool; 2]) -> bool {
        a && b
    }
}
