//! `sub`, `a - b`.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Sub;

impl Elementwise<2> for Sub {
    const CARD: Card = Card {
        name: "sub",
        sign: Some("−"),
        doc: "Subtracts one tensor from another element by element.",
        inputs: &[Edge::number("a", "what is subtracted from"), Edge::number("b", "what is subtracted")],
        attributes: &[],
        forward: "y = a - b",
        backward: &[("a", "upstream"), ("b", "-upstream")],
        kinks: None,
        elsewhere: Elsewhere { torch: "a - b", jax: "a - b", onnx: "Sub" },
        samples: &[
            Sample { call: "sub([1, -2.5], 0.25)", output: "[0.75, -2.75]" },
            Sample {
                call: "sub([[1, 2, 3], [4, 5, 6]], [[10], [20]])",
                output: "[[-9, -8, -7], [-16, -15, -14]]",
            },
        ],
        refusals: &[Refusal { call: "sub([[1, 2], [3, 4]], [1, 2, 3])", message: "do not broadcast" }],
    };
    const INTS: Option<fn([i64; 2]) -> i64> = Some(|[a, b]| a.wrapping_sub(b));

    fn forward<F: Float>(&self, [a, b]: [F; 2]) -> F {
        a - b
    }

    fn backward<F: Float>(&self, _x: [F; 2], _y: F, upstream: F) -> [F; 2] {
        [upstream, -upstream]
    }
}
