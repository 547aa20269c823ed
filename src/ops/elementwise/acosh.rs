//! `acosh`, the inverse of the hyperbolic cosine.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Acosh;

impl Elementwise<1> for Acosh {
    const CARD: Card = Card {
        name: "acosh",
        sign: None,
        doc: "Takes the inverse of the hyperbolic cosine of every element.",
        inputs: &[Edge::float("x", "elements from 1 on")],
        attributes: &[],
        forward: "y = acosh(x)",
        backward: &[("x", "upstream / sqrt(x² − 1)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.acosh(x)", jax: "jnp.arccosh(x)", onnx: "Acosh" },
        samples: &[
            Sample {
                call: "acosh([1.5, 2, 10])",
                output: "[0.9624236501192069, 1.3169578969248168, 2.993222846126381]",
            },
            Sample {
                call: "acosh([[1.125], [30.5]])",
                output: "[[0.4949329230945269], [4.110605010811753]]",
            },
        ],
        refusals: &[Refusal { call: "acosh([1, 2], [3])", message: "takes 1 input" }],
    };

    const ROUNDING: Rounding = Rounding::SlopeOfParts;

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::by_double([x], |[x]| x.acosh())
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        // Of a large x the square overflows, and 1 is no matter beside it.
        let is_large = x.abs() > F::from_f64(1e17);
        [upstream / if is_large { x.abs() } else { ((x - F::one()) * (x + F::one())).sqrt() }]
    }
}
