//! `minimum`, the smaller of two, elementwise.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Minimum;

impl Elementwise<2> for Minimum {
    const CARD: Card = Card {
        name: "minimum",
        sign: None,
        doc: "Takes the smaller of two elements at every place.",
        inputs: &[Edge::float("a", "any tensor"), Edge::float("b", "any tensor of a shape that broadcasts")],
        attributes: &[],
        forward: "y = min(a, b); NaN where there is one",
        backward: &[
            ("a", "upstream where a < b, upstream where a = b, else 0"),
            ("b", "upstream where a > b, else 0"),
        ],
        kinks: Some("where a = b, and backward gives a the whole gradient"),
        elsewhere: Elsewhere { torch: "torch.minimum(a, b)", jax: "jnp.minimum(a, b)", onnx: "Min" },
        samples: &[
            Sample { call: "minimum([1.5, -2, 3], [0.5, 4, 2.5])", output: "[0.5, -2, 2.5]" },
            Sample { call: "minimum([[0.5], [-3]], [1, -1])", output: "[[0.5, -1], [-3, -3]]" },
        ],
        refusals: &[Refusal { call: "minimum([1, 2], [1, 2, 3])", message: "do not broadcast" }],
    };
    const ROUNDING: Rounding = Rounding::Exact;

    fn forward<F: Float>(&self, [a, b]: [F; 2]) -> F {
        if first(a, b) { a } else { b }
    }

    fn backward<F: Float>(&self, [a, b]: [F; 2], _y: F, upstream: F) -> [F; 2] {
        if first(a, b) { [upstream, F::zero()] } else { [F::zero(), upstream] }
    }

    fn branch<F: Float>(&self, [a, b]: [F; 2]) -> usize {
        a.partial_cmp(&b).map_or(3, |order| (order as i8 + 1) as usize)
    }
}

/// The first of the two is taken: the smaller one, or that of a tie, or a NaN.
#[expect(clippy::eq_op, reason = "a NaN is not itself")]
fn first<F: Float>(a: F, b: F) -> bool {
    a <= b || a != a
}
