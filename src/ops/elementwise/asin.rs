//! `asin`, the inverse of the sine.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Asin;

impl Elementwise<1> for Asin {
    const CARD: Card = Card {
        name: "asin",
        sign: None,
        doc: "Takes the inverse of the sine of every element, from −π/2 to π/2.",
        inputs: &[Edge::float("x", "elements from -1 to 1")],
        attributes: &[],
        forward: "y = asin(x)",
        backward: &[("x", "upstream / sqrt(1 − x²)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.asin(x)", jax: "jnp.arcsin(x)", onnx: "Asin" },
        samples: &[
            Sample {
                call: "asin([0.5, 0.25, -0.75])",
                output: "[0.5235987755982989, 0.25268025514207865, -0.848062078981481]",
            },
            Sample {
                call: "asin([[0.125], [-0.9]])",
                output: "[[0.1253278311680654], [-1.1197695149986342]]",
            },
        ],
        refusals: &[Refusal { call: "asin([1, 2], [3])", message: "takes 1 input" }],
    };

    const ROUNDING: Rounding = Rounding::SlopeOfParts;

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::by_double([x], |[x]| x.asin())
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [upstream / ((F::one() - x) * (F::one() + x)).sqrt()]
    }
}
