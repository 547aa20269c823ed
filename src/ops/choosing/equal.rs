//! `equal`, `a == b`.

use crate::op::*;

pub struct Equal;

impl Compares for Equal {
    const CARD: Card = Card {
        name: "equal",
        sign: Some("="),
        doc: "Tells where two tensors are equal.",
        inputs: &[
            Edge::number("a", "the tensor left of the sign"),
            Edge::number("b", "what it is held against"),
        ],
        attributes: &[],
        forward: "y = a == b; false beside a NaN",
        backward: &[],
        kinks: Some("at a = b, where the output jumps"),
        elsewhere: Elsewhere { torch: "a == b", jax: "a == b", onnx: "Equal" },
        samples: &[
            Sample { call: "equal([1.5, 2.5, 3.5], 2.5)", output: "[false, true, false]" },
            Sample { call: "equal([[1.0], [3.0]], [2.0, 3.0])", output: "[[false, false], [false, true]]" },
        ],
        refusals: &[Refusal { call: "equal([1, 2], [1, 2, 3])", message: "do not broadcast" }],
    };

    fn holds<T: PartialOrd>(a: T, b: T) -> bool {
        a == b
    }
}
