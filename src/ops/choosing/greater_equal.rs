//! `greater_equal`, `a >= b`.

use crate::op::*;

pub struct GreaterEqual;

impl Compares for GreaterEqual {
    const CARD: Card = Card {
        name: "greater_equal",
        sign: Some("≥"),
        doc: "Tells where one tensor is not less than another.",
        inputs: &[
            Edge::number("a", "the tensor left of the sign"),
            Edge::number("b", "what it is held against"),
        ],
        attributes: &[],
        forward: "y = a >= b; false beside a NaN",
        backward: &[],
        kinks: Some("at a = b, where the output jumps"),
        elsewhere: Elsewhere { torch: "a >= b", jax: "a >= b", onnx: "GreaterOrEqual" },
        samples: &[
            Sample { call: "greater_equal([1.5, 2.5, 3.5], 2.5)", output: "[false, true, true]" },
            Sample {
                call: "greater_equal([[1.0], [3.0]], [2.0, 3.0])",
                output: "[[false, false], [true, true]]",
            },
        ],
        refusals: &[Refusal { call: "greater_equal([1, 2], [1, 2, 3])", message: "do not broadcast" }],
    };

    fn holds<T: PartialOrd>(a: T, b: T) -> bool {
        a >= b
    }
}
