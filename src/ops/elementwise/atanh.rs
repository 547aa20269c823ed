//! `atanh`, the inverse of the hyperbolic tangent.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Atanh;

impl Elementwise<1> for Atanh {
    const CARD: Card = Card {
        name: "atanh",
        sign: None,
        doc: "Takes the inverse of the hyperbolic tangent of every element.",
        inputs: &[Edge::float("x", "elements from -1 to 1")],
        attributes: &[],
        forward: "y = ln((1 + x) / (1 − x)) / 2",
        backward: &[("x", "upstream / (1 − x²)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.atanh(x)", jax: "jnp.arctanh(x)", onnx: "Atanh" },
        samples: &[
            Sample {
                call: "atanh([0.5, 0.25, -0.75])",
                output: "[0.5493061443340549, 0.25541281188299536, -0.9729550745276566]",
            },
            Sample {
                call: "atanh([[0.125], [-0.9]])",
                output: "[[0.12565721414045303], [-1.4722194895832204]]",
            },
        ],
        refusals: &[Refusal { call: "atanh([1, 2], [3])", message: "takes 1 input" }],
    };

    const ROUNDING: Rounding = Rounding::SlopeOfParts;

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::by_double([x], |[x]| x.atanh())
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [upstream / ((F::one() - x) * (F::one() + x))]
    }
}
