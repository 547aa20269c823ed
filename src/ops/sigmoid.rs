//! `sigmoid`, 1 / (1 + e⁻ˣ).

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Sigmoid;

impl Elementwise<1> for Sigmoid {
    const CARD: Card = Card {
        name: "sigmoid",
        sign: None,
        doc: "Squeezes every element into 0 to 1 by the logistic function.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = 1 / (1 + exp(-x))",
        backward: &[("x", "upstream * y * (1 - y)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.sigmoid(x)", jax: "jax.nn.sigmoid(x)", onnx: "Sigmoid" },
        samples: &[
            Sample {
                call: "sigmoid([0, 1, -2.5])",
                output: "[0.5, 0.7310585786300049, 0.07585818002124355]",
            },
            Sample {
                call: "sigmoid([[-750, -30, 30, 750]])",
                output: "[[0, 9.357622968839299e-14, 0.9999999999999065, 1]]",
            },
        ],
        refusals: &[Refusal { call: "sigmoid([1, 2], [3])", message: "takes 1 input" }],
    };

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        // Of the two ways to write it, the one whose exponential cannot overflow.
        if x < F::zero() {
            let e = x.exp();
            e / (F::one() + e)
        } else {
            F::one() / (F::one() + (-x).exp())
        }
    }

    fn backward<F: Float>(&self, _x: [F; 1], y: F, upstream: F) -> [F; 1] {
        [upstream * y * (F::one() - y)]
    }
}
