//! `tanh`, the hyperbolic tangent.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Tanh;

impl Elementwise<1> for Tanh {
    const CARD: Card = Card {
        name: "tanh",
        sign: None,
        doc: "Squeezes every element into -1 to 1 by the hyperbolic tangent.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = tanh(x)",
        backward: &[("x", "upstream * (1 - y²)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.tanh(x)", jax: "jnp.tanh(x)", onnx: "Tanh" },
        samples: &[
            Sample { call: "tanh([0, 0.5, -2])", output: "[0, 0.46211715726000974, -0.9640275800758169]" },
            Sample { call: "tanh([[-750, 750]])", output: "[[-1, 1]]" },
        ],
        refusals: &[Refusal { call: "tanh([1, 2], [3])", message: "takes 1 input" }],
    };
    const HEAVY: bool = true;
    const SLOPE_OF_OUTPUT: Option<fn(f64) -> f64> = Some(|y| 1.0 - y * y);

    #[inline(always)]
    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        x.tanh()
    }

    #[inline(always)]
    fn forward_block<F: Float, const B: usize>(&self, [x]: [&[F; B]; 1], y: &mut [F; B]) {
        F::tanh_block(x, y);
    }

    #[inline(always)]
    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [upstream * slope(minus_twice_the_size(x).exp())]
    }

    #[inline(always)]
    fn backward_block<F: Float, const B: usize>(
        &self,
        [x]: [&[F; B]; 1],
        _y: &[F; B],
        upstream: &[F; B],
        gradients: &mut [[F; 1]; B],
    ) {
        let (mut exponent, mut power) = ([F::zero(); B], [F::zero(); B]);
        for at in 0..B {
            exponent[at] = minus_twice_the_size(x[at]);
        }
        F::exp_block(&exponent, &mut power);
        for at in 0..B {
            gradients[at] = [upstream[at] * slope(power[at])];
        }
    }
}

#[inline(always)]
fn minus_twice_the_size<F: Float>(x: F) -> F {
    let size = x.abs();
    -(size + size)
}

/// 1 - y² by e^-2|x| alone: the difference would cancel where y is near ±1.
#[inline(always)]
fn slope<F: Float>(power: F) -> F {
    let sum = F::one() + power;
    F::from_f64(4.0) * power / (sum * sum)
}
