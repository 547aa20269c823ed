//! `log1p`, ln(1 + x).

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Log1p;

impl Elementwise<1> for Log1p {
    const CARD: Card = Card {
        name: "log1p",
        sign: None,
        doc: "Takes the natural logarithm of 1 more than every element, exact for small ones.",
        inputs: &[Edge::float("x", "elements above -1")],
        attributes: &[],
        forward: "y = ln(1 + x)",
        backward: &[("x", "upstream / (1 + x)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.log1p(x)", jax: "jnp.log1p(x)", onnx: "" },
        samples: &[
            Sample { call: "log1p([0, 1, -0.5])", output: "[0, 0.6931471805599453, -0.6931471805599453]" },
            Sample {
                call: "log1p([[1e-10], [3]])",
                output: "[[9.999999999500001e-11], [1.3862943611198906]]",
            },
        ],
        refusals: &[Refusal { call: "log1p([1, 2], [3])", message: "takes 1 input" }],
    };

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        x.ln_1p()
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [upstream / (F::one() + x)]
    }
}
