//! `square`, x².

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Square;

impl Elementwise<1> for Square {
    const CARD: Card = Card {
        name: "square",
        sign: Some("x²"),
        doc: "Multiplies every element by itself.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = x²",
        backward: &[("x", "upstream * 2 * x")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.square(x)", jax: "jnp.square(x)", onnx: "" },
        samples: &[
            Sample { call: "square([3, -2, 0])", output: "[9, 4, 0]" },
            Sample { call: "square([[-0.1, 1.7]])", output: "[[0.010000000000000002, 2.8899999999999997]]" },
        ],
        refusals: &[Refusal { call: "square([1, 2], [3])", message: "takes 1 input" }],
    };

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        x * x
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [upstream * F::from_f64(2.0) * x]
    }
}
