//! `log2`, the logarithm to the base 2.

use crate::{double::LN_2, op::*};

#[derive(Clone, Copy, Default)]
pub struct Log2;

impl Elementwise<1> for Log2 {
    const CARD: Card = Card {
        name: "log2",
        sign: None,
        doc: "Takes the logarithm to the base 2 of every element.",
        inputs: &[Edge::float("x", "elements above 0")],
        attributes: &[],
        forward: "y = ln(x) / ln(2)",
        backward: &[("x", "upstream / (0.6931471805599453 * x)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.log2(x)", jax: "jnp.log2(x)", onnx: "" },
        samples: &[
            Sample { call: "log2([1, 8, 0.125])", output: "[0, 3, -3]" },
            Sample { call: "log2([[10], [0.3]])", output: "[[3.321928094887362], [-1.7369655941662063]]" },
        ],
        refusals: &[Refusal { call: "log2([1, 2], [3])", message: "takes 1 input" }],
    };

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::by_double([x], |[x]| x.log2())
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [upstream / F::by_double([x], |[x]| x * LN_2)]
    }
}
