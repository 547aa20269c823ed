//! `acos`, the inverse of the cosine.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Acos;

impl Elementwise<1> for Acos {
    const CARD: Card = Card {
        name: "acos",
        sign: None,
        doc: "Takes the inverse of the cosine of every element, from 0 to π.",
        inputs: &[Edge::float("x", "elements from -1 to 1")],
        attributes: &[],
        forward: "y = acos(x)",
        backward: &[("x", "−upstream / sqrt(1 − x²)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.acos(x)", jax: "jnp.arccos(x)", onnx: "Acos" },
        samples: &[
            Sample {
                call: "acos([0.5, 0.25, -0.75])",
                output: "[1.0471975511965979, 1.318116071652818, 2.4188584057763776]",
            },
            Sample {
                call: "acos([[0.125], [-0.9]])",
                output: "[[1.4454684956268313], [2.6905658417935308]]",
            },
        ],
        refusals: &[Refusal { call: "acos([1, 2], [3])", message: "takes 1 input" }],
    };

    const ROUNDING: Rounding = Rounding::SlopeOfParts;

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::by_double([x], |[x]| x.acos())
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [-upstream / ((F::one() - x) * (F::one() + x)).sqrt()]
    }
}
