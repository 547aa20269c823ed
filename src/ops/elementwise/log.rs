//! `log`, the natural logarithm.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Log;

impl Elementwise<1> for Log {
    const CARD: Card = Card {
        name: "log",
        sign: Some("log"),
        doc: "Takes the natural logarithm of every element.",
        inputs: &[Edge::float("x", "a tensor of positive numbers; 0 gives -inf and a negative number NaN")],
        attributes: &[],
        forward: "y = ln(x)",
        backward: &[("x", "upstream / x")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.log(x)", jax: "jnp.log(x)", onnx: "Log" },
        samples: &[
            Sample { call: "log([1, 2, 0.5])", output: "[0, 0.6931471805599453, -0.6931471805599453]" },
            Sample { call: "log([[0.3], [40]])", output: "[[-1.2039728043259361], [3.6888794541139363]]" },
        ],
        refusals: &[Refusal { call: "log([1, 2], [3])", message: "takes 1 input" }],
    };
    const HEAVY: bool = true;
    const FORWARD_IN_BLOCKS: bool = true;

    #[inline(always)]
    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        x.ln()
    }

    #[inline(always)]
    fn forward_block<F: Float, const B: usize>(&self, [x]: [&[F; B]; 1], y: &mut [F; B]) {
        F::ln_block(x, y);
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [upstream / x]
    }
}
