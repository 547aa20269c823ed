//! `mod`, what a division leaves. Its file cannot have its name, which is this folder's.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Mod;

impl Elementwise<2> for Mod {
    const CARD: Card = Card {
        name: "mod",
        sign: None,
        doc: "Takes what a division to whole numbers leaves, with the sign of the divisor.",
        inputs: &[Edge::float("a", "the dividend"), Edge::float("b", "the divisor")],
        attributes: &[],
        forward: "y = a − b * floor(a / b)",
        backward: &[("a", "upstream"), ("b", "−upstream * floor(a / b)")],
        kinks: Some("where a / b is a whole number, and the output jumps"),
        elsewhere: Elsewhere { torch: "a % b", jax: "a % b", onnx: "Mod" },
        samples: &[
            Sample { call: "mod([5.5, -5.5, 7.25], [2, 2, -3])", output: "[1.5, 0.5, -1.75]" },
            Sample { call: "mod([[-0.5], [3.5]], [1.25, -2])", output: "[[0.75, -0.5], [1, -0.5]]" },
        ],
        refusals: &[Refusal { call: "mod([1, 2], [1, 2, 3])", message: "do not broadcast" }],
    };

    fn forward<F: Float>(&self, [a, b]: [F; 2]) -> F {
        F::by_double([a, b], |[a, b]| a.modulo(b))
    }

    fn backward<F: Float>(&self, [a, b]: [F; 2], _y: F, upstream: F) -> [F; 2] {
        [upstream, -upstream * F::by_double([a, b], |[a, b]| a.floor_quotient(b))]
    }

    fn branch<F: Float>(&self, [a, b]: [F; 2]) -> usize {
        let quotient = F::by_double([a, b], |[a, b]| a.floor_quotient(b));
        let on_a_jump = F::by_double([a, b], |[a, b]| a.modulo(b)) == F::zero();
        step(quotient, on_a_jump)
    }
}
