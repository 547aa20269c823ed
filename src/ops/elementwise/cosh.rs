//! `cosh`, the hyperbolic cosine.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Cosh;

impl Elementwise<1> for Cosh {
    const CARD: Card = Card {
        name: "cosh",
        sign: None,
        doc: "Takes the hyperbolic cosine of every element.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = (exp(x) + exp(−x)) / 2",
        backward: &[("x", "upstream * sinh(x)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.cosh(x)", jax: "jnp.cosh(x)", onnx: "Cosh" },
        samples: &[
            Sample {
                call: "cosh([0.5, 1, -1])",
                output: "[1.1276259652063807, 1.5430806348152437, 1.5430806348152437]",
            },
            Sample {
                call: "cosh([[0.125], [-3.25]])",
                output: "[[1.0078226778257109], [12.914557062512392]]",
            },
        ],
        refusals: &[Refusal { call: "cosh([1, 2], [3])", message: "takes 1 input" }],
    };

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::by_double([x], |[x]| x.cosh())
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [upstream * F::by_double([x], |[x]| x.sinh())]
    }
}
