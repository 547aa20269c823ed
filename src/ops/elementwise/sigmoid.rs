//! `sigmoid`, 1 / (1 + e⁻ˣ).

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Sigmoid;

/// 1 / (1 + e⁻ˣ), of the two ways to write it by the one whose exponential cannot overflow.
#[inline(always)]
pub fn sigmoid<F: Float>(x: F) -> F {
    of_power(x, minus_size(x).exp())
}

/// −|x|.
#[inline(always)]
fn minus_size<F: Float>(x: F) -> F {
    if x < F::zero() { x } else { -x }
}

/// The sigmoid by e^-|x|.
#[inline(always)]
fn of_power<F: Float>(x: F, power: F) -> F {
    let above = if x < F::zero() { power } else { F::one() };
    above / (F::one() + power)
}

/// y * (1 - y) by e^-|x| alone: 1 - y would cancel where y is near 1.
#[inline(always)]
fn slope<F: Float>(power: F) -> F {
    let sum = F::one() + power;
    power / (sum * sum)
}

/// e^-|x| of each.
#[inline(always)]
fn powers<F: Float, const B: usize>(x: &[F; B], power: &mut [F; B]) {
    let mut exponent = [F::zero(); B];
    for at in 0..B {
        exponent[at] = minus_size(x[at]);
    }
    F::exp_block(&exponent, power);
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
    const SLOPE_OF_OUTPUT: Option<fn(f64) -> f64> = Some(|y| y * (1.0 - y));

    #[inline(always)]
    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        sigmoid(x)
    }

    #[inline(always)]
    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [upstream * slope(minus_size(x).exp())]
    }

    #[inline(always)]
    fn forward_block<F: Float, const B: usize>(&self, [x]: [&[F; B]; 1], y: &mut [F; B]) {
        powers(x, y);
        for at in 0..B {
            y[at] = of_power(x[at], y[at]);
        }
    }

    #[inline(always)]
    fn backward_block<F: Float, const B: usize>(
        &self,
        [x]: [&[F; B]; 1],
        _y: &[F; B],
        upstream: &[F; B],
        gradients: &mut [[F; 1]; B],
    ) {
        let mut power = [F::zero(); B];
        powers(x, &mut power);
        for at in 0..B {
            gradients[at] = [upstream[at] * slope(power[at])];
        }
    }
}
