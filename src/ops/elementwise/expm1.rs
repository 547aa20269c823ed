//! `expm1`, eˣ − 1.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Expm1;

impl Elementwise<1> for Expm1 {
    const CARD: Card = Card {
        name: "expm1",
        sign: None,
        doc: "Raises e to the power of every element and takes 1 away, exact for small ones.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = exp(x) − 1",
        backward: &[("x", "upstream * exp(x)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.expm1(x)", jax: "jnp.expm1(x)", onnx: "" },
        samples: &[
            Sample {
                call: "expm1([0.5, 1, -1])",
                output: "[0.6487212707001282, 1.7182818284590453, -0.6321205588285577]",
            },
            Sample {
                call: "expm1([[1e-10], [-20.5]])",
                output: "[[1.00000000005e-10], [-0.9999999987498471]]",
            },
        ],
        refusals: &[Refusal { call: "expm1([1, 2], [3])", message: "takes 1 input" }],
    };

    const SLOPE_OF_OUTPUT: Option<fn(f64) -> f64> = Some(|y| y + 1.0);

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::by_double([x], |[x]| x.exp_m1())
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [upstream * x.exp()]
    }
}
