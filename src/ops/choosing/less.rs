//! `less`, `a < b`.

use crate::op::*;

pub struct Less;

impl Compares for Less {
    const CARD: Card = Card {
        name: "less",
        sign: Some("<"),
        doc: "Tells where one tensor is less than another.",
        inputs: &[
            Edge::number("a", "the tensor left of the sign"),
            Edge::number("b", "what it is held against"),
        ],
        attributes: &[],
        forward: "y = a < b; false beside a NaN",
        backward: &[],
        kinks: Some("at a = b, where the output jumps"),
        elsewhere: Elsewhere { torch: "a < b", jax: "a < b", onnx: "Less" },
        samples: &[
            Sample { call: "less([1.5, 2.5, 3.5], 2.5)", output: "[true, false, false]" },
            Sample { call: "less([[1.0], [3.0]], [2.0, 3.0])", output: "[[true, true], [false, false]]" },
        ],
        refusals: &[Refusal { call: "less([1, 2], [1, 2, 3])", message: "do not broadcast" }],
    };

    fn holds<T: PartialOrd>(a: T, b: T) -> bool {
        a < b
    }
}
