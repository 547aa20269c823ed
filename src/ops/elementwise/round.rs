//! `round`, to the nearest whole number.

use crate::{double::Double, op::*};

#[derive(Clone, Copy, Default)]
pub struct Round;

impl Elementwise<1> for Round {
    const CARD: Card = Card {
        name: "round",
        sign: None,
        doc: "Takes the whole number nearest to every element; of two, the even one.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = round(x)",
        backward: &[("x", "0")],
        kinks: Some("halfway between whole numbers, where the output jumps"),
        elsewhere: Elsewhere { torch: "torch.round(x)", jax: "jnp.round(x)", onnx: "Round" },
        samples: &[
            Sample { call: "round([1.25, -2.75, 0.75])", output: "[1, -3, 1]" },
            Sample { call: "round([[-1000000.25], [2.75]])", output: "[[-1000000], [3]]" },
        ],
        refusals: &[Refusal { call: "round([1, 2], [3])", message: "takes 1 input" }],
    };
    const ROUNDING: Rounding = Rounding::Exact;

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::by_double([x], |[x]| x.round())
    }

    fn backward<F: Float>(&self, [_x]: [F; 1], _y: F, _upstream: F) -> [F; 1] {
        // A step has no slope beside its jump.
        [F::zero()]
    }

    fn branch<F: Float>(&self, [x]: [F; 1]) -> usize {
        let below = F::by_double([x], |[x]| (x + Double::from(0.5)).floor());
        step(below, below == x + F::from_f64(0.5))
    }
}
