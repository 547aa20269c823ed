//! `exp`, eˣ.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Exp;

impl Elementwise<1> for Exp {
    const CARD: Card = Card {
        name: "exp",
        sign: Some("exp"),
        doc: "Raises e to the power of every element.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = exp(x)",
        backward: &[("x", "upstream * y")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.exp(x)", jax: "jnp.exp(x)", onnx: "Exp" },
        samples: &[
            Sample { call: "exp([0, 1, -1])", output: "[1, 2.718281828459045, 0.36787944117144233]" },
            Sample {
                call: "exp([[-20.5], [3.25]])",
                output: "[[1.2501528663867426e-09], [25.790339917193062]]",
            },
        ],
        refusals: &[Refusal { call: "exp([1, 2], [3])", message: "takes 1 input" }],
    };
    const HEAVY: bool = true;

    #[inline(always)]
    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        x.exp()
    }

    #[inline(always)]
    fn forward_block<F: Float, const B: usize>(&self, [x]: [&[F; B]; 1], y: &mut [F; B]) {
        F::exp_block(x, y);
    }

    fn backward<F: Float>(&self, [_x]: [F; 1], y: F, upstream: F) -> [F; 1] {
        [upstream * y]
    }
}
