//! `mul`, `a * b`.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Mul;

impl Elementwise<2> for Mul {
    const CARD: Card = Card {
        name: "mul",
        sign: Some("×"),
        doc: "Multiplies two tensors element by element.",
        inputs: &[Edge::number("a", "one factor"), Edge::number("b", "the other factor")],
        attributes: &[],
        forward: "y = a * b",
        backward: &[("a", "upstream * b"), ("b", "upstream * a")],
        kinks: None,
        elsewhere: Elsewhere { torch: "a * b", jax: "a * b", onnx: "Mul" },
        samples: &[
            Sample { call: "mul(100, 2)", output: "200" },
            Sample { call: "mul([[1, 2], [3, 4]], [10, -1])", output: "[[10, -2], [30, -4]]" },
        ],
        refusals: &[Refusal { call: "mul([1, 2], [1, 2, 3])", message: "do not broadcast" }],
    };
    const INTS: Option<fn([i64; 2]) -> i64> = Some(|[a, b]| a.wrapping_mul(b));

    fn forward<F: Float>(&self, [a, b]: [F; 2]) -> F {
        a * b
    }

    fn backward<F: Float>(&self, [a, b]: [F; 2], _y: F, upstream: F) -> [F; 2] {
        [upstream * b, upstream * a]
    }
}
