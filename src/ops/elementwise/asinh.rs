//! `asinh`, the inverse of the hyperbolic sine.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Asinh;

impl Elementwise<1> for Asinh {
    const CARD: Card = Card {
        name: "asinh",
        sign: None,
        doc: "Takes the inverse of the hyperbolic sine of every element.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = asinh(x)",
        backward: &[("x", "upstream / sqrt(1 + x²)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.asinh(x)", jax: "jnp.arcsinh(x)", onnx: "Asinh" },
        samples: &[
            Sample {
                call: "asinh([0.5, 1, -2])",
                output: "[0.48121182505960347, 0.881373587019543, -1.4436354751788103]",
            },
            Sample {
                call: "asinh([[0.125], [-30.5]])",
                output: "[[0.12467674692144275], [-4.111142500863216]]",
            },
        ],
        refusals: &[Refusal { call: "asinh([1, 2], [3])", message: "takes 1 input" }],
    };

    const ROUNDING: Rounding = Rounding::SlopeOfParts;

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::by_double([x], |[x]| x.asinh())
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        // Beside a large square 1 is no matter, and the square overflows.
        let is_large = x.abs() > F::from_f64(1e17);
        [upstream / if is_large { x.abs() } else { (F::one() + x * x).sqrt() }]
    }
}
