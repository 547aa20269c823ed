//! `tan`, the tangent.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Tan;

impl Elementwise<1> for Tan {
    const CARD: Card = Card {
        name: "tan",
        sign: None,
        doc: "Takes the tangent of every element, in radians.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = tan(x)",
        backward: &[("x", "upstream * (1 + y ** 2)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.tan(x)", jax: "jnp.tan(x)", onnx: "Tan" },
        samples: &[
            Sample {
                call: "tan([0.5, 1, -1])",
                output: "[0.5463024898437905, 1.5574077246549023, -1.5574077246549023]",
            },
            Sample { call: "tan([[2], [-12.25]])", output: "[[-2.185039863261519], [0.32736626543319597]]" },
        ],
        refusals: &[Refusal { call: "tan([1, 2], [3])", message: "takes 1 input" }],
    };

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::by_double([x], |[x]| x.tan())
    }

    fn backward<F: Float>(&self, [_x]: [F; 1], y: F, upstream: F) -> [F; 1] {
        [upstream * (F::one() + y * y)]
    }
}
