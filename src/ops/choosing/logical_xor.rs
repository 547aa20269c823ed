//! `logical_xor`, a or b, and not both.

use crate::op::*;

pub struct LogicalXor;

impl Decides<2> for LogicalXor {
    const CARD: Card = Card {
        name: "logical_xor",
        sign: Some("⊕"),
        doc: "Tells where just one of two tensors is true.",
        inputs: &[Edge::bool("a", "true or false"), Edge::bool("b", "true or false")],
        attributes: &[],
        forward: "y = a or b, and not both",
        backward: &[],
        kinks: None,
        elsewhere: Elsewhere { torch: "a ^ b", jax: "a ^ b", onnx: "Xor" },
        samples: &[
            Sample {
                call: "logical_xor([true, true, false, false], [true, false, true, false])",
                output: "[false, true, true, false]",
            },
            Sample { call: "logical_xor([[true], [false]], true)", output: "[[false], [true]]" },
        ],
        refusals: &[Refusal {
            call: "logical_xor([1.5, 2], true)",
            message: "takes true or false for `a`, got floats",
        }],
    };

    fn decide([a, b]: [bool; 2]) -> bool {
        a != b
    }
}
