//! `cos`, the cosine.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Cos;

impl Elementwise<1> for Cos {
    const CARD: Card = Card {
        name: "cos",
        sign: Some("cos"),
        doc: "Takes the cosine of every element, in radians.",
        inputs: &[Edge::float("x", "angles in radians")],
        attributes: &[],
        forward: "y = cos(x)",
        backward: &[("x", "-upstream * sin(x)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.cos(x)", jax: "jnp.cos(x)", onnx: "Cos" },
        samples: &[
            Sample { call: "cos([0, 1, -2])", output: "[1, 0.5403023058681398, -0.4161468365471424]" },
            Sample { call: "cos([[1.5], [3]])", output: "[[0.0707372016677029], [-0.9899924966004454]]" },
        ],
        refusals: &[Refusal { call: "cos([1, 2], [3])", message: "takes 1 input" }],
    };
    const HEAVY: bool = true;
    const FORWARD_IN_BLOCKS: bool = true;
    const BACKWARD_IN_BLOCKS: bool = true;

    #[inline(always)]
    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        x.cos()
    }

    #[inline(always)]
    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [-upstream * x.sin()]
    }

    #[inline(always)]
    fn forward_block<F: Float, const B: usize>(&self, [x]: [&[F; B]; 1], y: &mut [F; B]) {
        F::cos_block(x, y);
    }

    #[inline(always)]
    fn backward_block<F: Float, const B: usize>(
        &self,
        [x]: [&[F; B]; 1],
        _y: &[F; B],
        upstream: &[F; B],
        gradients: &mut [[F; 1]; B],
    ) {
        let mut sin = [F::zero(); B];
        F::sin_block(x, &mut sin);
        for (gradient, (&sin, &upstream)) in gradients.iter_mut().zip(sin.iter().zip(upstream)) {
            *gradient = [-upstream * sin];
        }
    }
}
