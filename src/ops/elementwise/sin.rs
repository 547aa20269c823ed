//! `sin`, the sine.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Sin;

impl Elementwise<1> for Sin {
    const CARD: Card = Card {
        name: "sin",
        sign: Some("sin"),
        doc: "Takes the sine of every element, in radians.",
        inputs: &[Edge::float("x", "angles in radians")],
        attributes: &[],
        forward: "y = sin(x)",
        backward: &[("x", "upstream * cos(x)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.sin(x)", jax: "jnp.sin(x)", onnx: "Sin" },
        samples: &[
            Sample { call: "sin([0, 1, -2])", output: "[0, 0.8414709848078965, -0.9092974268256817]" },
            Sample { call: "sin([[1.5707963267948966], [3]])", output: "[[1], [0.1411200080598672]]" },
        ],
        refusals: &[Refusal { call: "sin([1, 2], [3])", message: "takes 1 input" }],
    };
    const HEAVY: bool = true;
    const FORWARD_IN_BLOCKS: bool = true;
    const BACKWARD_IN_BLOCKS: bool = true;

    #[inline(always)]
    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        x.sin()
    }

    #[inline(always)]
    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [upstream * x.cos()]
    }

    #[inline(always)]
    fn forward_block<F: Float, const B: usize>(&self, [x]: [&[F; B]; 1], y: &mut [F; B]) {
        F::sin_block(x, y);
    }

    #[inline(always)]
    fn backward_block<F: Float, const B: usize>(
        &self,
        [x]: [&[F; B]; 1],
        _y: &[F; B],
        upstream: &[F; B],
        gradients: &mut [[F; 1]; B],
    ) {
        let mut cos = [F::zero(); B];
        F::cos_block(x, &mut cos);
        for (gradient, (&cos, &upstream)) in gradients.iter_mut().zip(cos.iter().zip(upstream)) {
            *gradient = [upstream * cos];
        }
    }
}
