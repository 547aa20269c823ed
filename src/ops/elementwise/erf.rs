//! `erf`, the error function.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Erf;

impl Elementwise<1> for Erf {
    const CARD: Card = Card {
        name: "erf",
        sign: None,
        doc: "Takes the error function of every element.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = erf(x) = 2 / √π * ∫ exp(−t²) dt from 0 to x",
        backward: &[("x", "upstream * 1.1283791670955126 * exp(−x²)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.erf(x)", jax: "jax.scipy.special.erf(x)", onnx: "Erf" },
        samples: &[
            Sample {
                call: "erf([0.5, -1, 2])",
                output: "[0.5204998778130465, -0.8427007929497149, 0.9953222650189527]",
            },
            Sample {
                call: "erf([[-0.125], [3.25]])",
                output: "[[-0.1403162048013338], [0.9999956972205363]]",
            },
        ],
        refusals: &[Refusal { call: "erf([1, 2], [3])", message: "takes 1 input" }],
    };

    const ROUNDING: Rounding = Rounding::Approximated;

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::by_double([x], |[x]| x.erf())
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [upstream * F::by_double([x], |[x]| x.erf_slope())]
    }
}
