//! `abs`, |x|.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Abs;

impl Elementwise<1> for Abs {
    const CARD: Card = Card {
        name: "abs",
        sign: Some("|x|"),
        doc: "Takes the sign off every element.",
        inputs: &[Edge::number("x", "any tensor")],
        attributes: &[],
        forward: "y = |x|",
        backward: &[("x", "upstream where x > 0, -upstream where x < 0, 0 where x = 0")],
        kinks: Some("at x = 0, where backward takes 0, the middle of the slopes -1 and 1"),
        elsewhere: Elsewhere { torch: "torch.abs(x)", jax: "jnp.abs(x)", onnx: "Abs" },
        samples: &[
            Sample { call: "abs([1.5, -2, 0.25])", output: "[1.5, 2, 0.25]" },
            Sample { call: "abs([[-1e6], [3]])", output: "[[1000000], [3]]" },
        ],
        refusals: &[Refusal { call: "abs([1, 2], [3])", message: "takes 1 input" }],
    };
    const ROUNDING: Rounding = Rounding::Exact;
    const INTS: Option<fn([i64; 1]) -> i64> = Some(|[x]| x.wrapping_abs());

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        x.abs()
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [if x > F::zero() {
            upstream
        } else if x < F::zero() {
            -upstream
        } else {
            // 0 at 0, and NaN for a NaN.
            upstream * x
        }]
    }

    fn branch<F: Float>(&self, [x]: [F; 1]) -> usize {
        side_of_zero(x)
    }
}
