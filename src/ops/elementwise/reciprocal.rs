//! `reciprocal`, 1 / x.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Reciprocal;

impl Elementwise<1> for Reciprocal {
    const CARD: Card = Card {
        name: "reciprocal",
        sign: Some("1/x"),
        doc: "Divides 1 by every element.",
        inputs: &[Edge::float("x", "a tensor of numbers other than 0")],
        attributes: &[],
        forward: "y = 1 / x",
        backward: &[("x", "-upstream * y²")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.reciprocal(x)", jax: "jnp.reciprocal(x)", onnx: "Reciprocal" },
        samples: &[
            Sample { call: "reciprocal([2, -4, 3])", output: "[0.5, -0.25, 0.3333333333333333]" },
            Sample {
                call: "reciprocal([[-0.3], [0.7]])",
                output: "[[-3.3333333333333335], [1.4285714285714286]]",
            },
        ],
        refusals: &[Refusal { call: "reciprocal([1, 2], [3])", message: "takes 1 input" }],
    };

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::one() / x
    }

    fn backward<F: Float>(&self, [_x]: [F; 1], y: F, upstream: F) -> [F; 1] {
        [-upstream * y * y]
    }
}
