//! `add`, `a + b`.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Add;

impl Elementwise<2> for Add {
    const CARD: Card = Card {
        name: "add",
        sign: Some("+"),
        doc: "Adds two tensors element by element.",
        inputs: &[Edge::number("a", "one term"), Edge::number("b", "the other term")],
        attributes: &[],
        forward: "y = a + b",
        backward: &[("a", "upstream"), ("b", "upstream")],
        kinks: None,
        elsewhere: Elsewhere { torch: "a + b", jax: "a + b", onnx: "Add" },
        samples: &[
            Sample { call: "add([1, -2.5], 0.25)", output: "[1.25, -2.25]" },
            Sample {
                call: "add([[1, 2, 3], [4, 5, 6]], [10, 20, 30])",
                output: "[[11, 22, 33], [14, 25, 36]]",
            },
            Sample { call: "add([[1], [2]], [[-1, 0.5]])", output: "[[0, 1.5], [1, 2.5]]" },
        ],
        refusals: &[Refusal { call: "add([1, 2], [1, 2, 3])", message: "do not broadcast" }],
    };
    const INTS: Option<fn([i64; 2]) -> i64> = Some(|[a, b]| a.wrapping_add(b));

    fn forward<F: Float>(&self, [a, b]: [F; 2]) -> F {
        a + b
    }

    fn backward<F: Float>(&self, _x: [F; 2], _y: F, upstream: F) -> [F; 2] {
        [upstream, upstream]
    }
}
