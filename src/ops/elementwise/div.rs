//! `div`, `a / b`.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Div;

impl Elementwise<2> for Div {
    const CARD: Card = Card {
        name: "div",
        sign: Some("÷"),
        doc: "Divides one tensor by another element by element.",
        inputs: &[
            Edge::float("a", "the dividend"),
            Edge::float("b", "the divisor; where it is 0, y is inf, -inf or NaN"),
        ],
        attributes: &[],
        forward: "y = a / b",
        backward: &[("a", "upstream / b"), ("b", "-upstream * a / b²")],
        kinks: None,
        elsewhere: Elsewhere { torch: "a / b", jax: "a / b", onnx: "Div" },
        samples: &[
            Sample { call: "div([1, -3], 4)", output: "[0.25, -0.75]" },
            Sample {
                call: "div([[1], [2]], [3, -0.8])",
                output: "[[0.3333333333333333, -1.25], [0.6666666666666666, -2.5]]",
            },
        ],
        refusals: &[Refusal { call: "div([1, 2, 3], [1, 2])", message: "do not broadcast" }],
    };

    fn forward<F: Float>(&self, [a, b]: [F; 2]) -> F {
        a / b
    }

    fn backward<F: Float>(&self, [_a, b]: [F; 2], y: F, upstream: F) -> [F; 2] {
        // a / b² as y / b: a large b squared would overflow, and so would upstream times a large y.
        [upstream / b, -upstream * (y / b)]
    }
}
