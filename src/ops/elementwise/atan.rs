//! `atan`, the inverse of the tangent.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Atan;

impl Elementwise<1> for Atan {
    const CARD: Card = Card {
        name: "atan",
        sign: None,
        doc: "Takes the inverse of the tangent of every element, from −π/2 to π/2.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = atan(x)",
        backward: &[("x", "upstream / (1 + x²)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.atan(x)", jax: "jnp.arctan(x)", onnx: "Atan" },
        samples: &[
            Sample {
                call: "atan([0.5, 1, -2])",
                output: "[0.4636476090008061, 0.7853981633974483, -1.1071487177940904]",
            },
            Sample {
                call: "atan([[0.125], [-30.5]])",
                output: "[[0.12435499454676144], [-1.5380211823908208]]",
            },
        ],
        refusals: &[Refusal { call: "atan([1, 2], [3])", message: "takes 1 input" }],
    };

    const ROUNDING: Rounding = Rounding::SlopeOfParts;

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::by_double([x], |[x]| x.atan())
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [upstream / (F::one() + x * x)]
    }
}
