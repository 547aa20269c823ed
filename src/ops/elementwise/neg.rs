//! `neg`, −x.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Neg;

impl Elementwise<1> for Neg {
    const CARD: Card = Card {
        name: "neg",
        sign: Some("−x"),
        doc: "Flips the sign of every element.",
        inputs: &[Edge::number("x", "any tensor")],
        attributes: &[],
        forward: "y = -x",
        backward: &[("x", "-upstream")],
        kinks: None,
        elsewhere: Elsewhere { torch: "-x", jax: "-x", onnx: "Neg" },
        samples: &[
            Sample { call: "neg([1.5, -2, 0.25])", output: "[-1.5, 2, -0.25]" },
            Sample { call: "neg([[3], [-4]])", output: "[[-3], [4]]" },
        ],
        refusals: &[Refusal { call: "neg([1, 2], [3])", message: "takes 1 input" }],
    };
    const ROUNDING: Rounding = Rounding::Exact;
    const INTS: Option<fn([i64; 1]) -> i64> = Some(|[x]| x.wrapping_neg());

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        -x
    }

    fn backward<F: Float>(&self, [_x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [-upstream]
    }
}
