//! `sigmoid`, 1 / (1 + e⁻ˣ).

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Sigmoid;

/// 1 / (1 + e⁻ˣ), of the two ways to write it by the one whose exponential cannot overflow.
#[inline(always)]
pub fn sigmoid<F: Float>(x: F) -> F {
    let below = x < F::zero();
    let power = if below { x } else { -x }.exp();
    let above = if below { power } else { F::one() };
    above / (F::one() + power)
}

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
    const HEAVY: bool = true;

    #[inline(always)]
    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        sigmoid(x)
    }

    #[inline(always)]
    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        // y * (1 - y) by e^-|x| alone: 1 - y would cancel where y is near 1.
        let power = (-x.abs()).exp();
        let sum = F::one() + power;
        [upstream * (power / (sum * sum))]
    }
}
