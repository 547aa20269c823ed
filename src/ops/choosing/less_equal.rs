//! `less_equal`, `a <= b`.

use crate::op::*;

pub struct LessEqual;

impl Compares for LessEqual {
    const CARD: Card = Card {
        name: "less_equal",
        sign: Some("≤"),
        doc: "Tells where one tensor is not greater than another.",
        inputs: &[
            Edge::number("a", "the tensor left of the sign"),
            Edge::number("b", "what it is held against"),
        ],
        attributes: &[],
        forward: "y = a <= b; false beside a NaN",
        backward: &[],
        kinks: Some("at a = b, where the output jumps"),
        elsewhere: Elsewhere { torch: "a <= b", jax: "a <= b", onnx: "LessOrEqual" },
        samples: &[
            Sample { call: "less_equal([1.5, 2.5, 3.5], 2.5)", output: "[true, true, false]" },
            Sample {
                call: "less_equal([[1.0], [3.0]], [2.0, 3.0])",
                output: "[[true, true], [false, true]]",
            },
        ],
        refusals: &[Refusal { call: "less_equal([1, 2], [1, 2, 3])", message: "do not broadcast" }],
    };

    fn holds<T: PartialOrd>(a: T, b: T) -> bool {
        a <= b
    }
}
