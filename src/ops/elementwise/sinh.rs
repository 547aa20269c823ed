//! `sinh`, the hyperbolic sine.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Sinh;

impl Elementwise<1> for Sinh {
    const CARD: Card = Card {
        name: "sinh",
        sign: None,
        doc: "Takes the hyperbolic sine of every element.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = (exp(x) − exp(−x)) / 2",
        backward: &[("x", "upstream * cosh(x)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.sinh(x)", jax: "jnp.sinh(x)", onnx: "Sinh" },
        samples: &[
            Sample {
                call: "sinh([0.5, 1, -1])",
                output: "[0.5210953054937474, 1.1752011936438014, -1.1752011936438014]",
            },
            Sample {
                call: "sinh([[0.125], [-3.25]])",
                output: "[[0.12532577524111546], [-12.87578285468067]]",
            },
        ],
        refusals: &[Refusal { call: "sinh([1, 2], [3])", message: "takes 1 input" }],
    };

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::by_double([x], |[x]| x.sinh())
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [upstream * F::by_double([x], |[x]| x.cosh())]
    }
}
