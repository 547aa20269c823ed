//! `relu`, max(0, x).

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Relu;

impl Elementwise<1> for Relu {
    const CARD: Card = Card {
        name: "relu",
        sign: None,
        doc: "Passes positive elements on and makes the others zero.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = max(0, x)",
        backward: &[("x", "upstream where x > 0, else 0")],
        kinks: Some("at x = 0, where backward takes the slope on the left, 0"),
        elsewhere: Elsewhere { torch: "torch.relu(x)", jax: "jax.nn.relu(x)", onnx: "Relu" },
        samples: &[Sample { call: "relu([[1.0, -0.5], [-2.0, 3.0]])", output: "[[1, 0], [0, 3]]" }],
        refusals: &[Refusal { call: "relu([1, 2], [3])", message: "takes 1 input" }],
    };
    const ROUNDING: Rounding = Rounding::Exact;

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        // A NaN goes through: it is neither above nor below.
        if x <= F::zero() { F::zero() } else { x }
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [if x <= F::zero() { F::zero() } else { upstream }]
    }

    fn branch<F: Float>(&self, [x]: [F; 1]) -> usize {
        side_of_zero(x)
    }
}
