//! `not_equal`, `a != b`.

use crate::op::*;

pub struct NotEqual;

impl Compares for NotEqual {
    const CARD: Card = Card {
        name: "not_equal",
        sign: Some("≠"),
        doc: "Tells where two tensors differ.",
        inputs: &[
            Edge::number("a", "the tensor left of the sign"),
            Edge::number("b", "what it is held against"),
        ],
        attributes: &[],
        forward: "y = a != b; NaN differs from everything",
        backward: &[],
        kinks: Some("at a = b, where the output jumps"),
        elsewhere: Elsewhere { torch: "a != b", jax: "a != b", onnx: "" },
        samples: &[
            Sample { call: "not_equal([1.5, 2.5, 3.5], 2.5)", output: "[true, false, true]" },
            Sample { call: "not_equal([[1.0], [3.0]], [2.0, 3.0])", output: "[[true, true], [true, false]]" },
        ],
        refusals: &[Refusal { call: "not_equal([1, 2], [1, 2, 3])", message: "do not broadcast" }],
    };

    fn holds<T: PartialOrd>(a: T, b: T) -> bool {
        a != b
    }
}
