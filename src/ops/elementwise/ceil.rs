//! `ceil`, up to a whole number.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Ceil;

impl Elementwise<1> for Ceil {
    const CARD: Card = Card {
        name: "ceil",
        sign: None,
        doc: "Takes the least whole number that is not below every element.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = ceil(x)",
        backward: &[("x", "0")],
        kinks: Some("at whole numbers, where the output jumps"),
        elsewhere: Elsewhere { torch: "torch.ceil(x)", jax: "jnp.ceil(x)", onnx: "Ceil" },
        samples: &[
            Sample { call: "ceil([1.5, -2.25, 0.75])", output: "[2, -2, 1]" },
            Sample { call: "ceil([[-1000000.25], [2.5]])", output: "[[-1000000], [3]]" },
        ],
        refusals: &[Refusal { call: "ceil([1, 2], [3])", message: "takes 1 input" }],
    };
    const ROUNDING: Rounding = Rounding::Exact;

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::by_double([x], |[x]| x.ceil())
    }

    fn backward<F: Float>(&self, [_x]: [F; 1], _y: F, _upstream: F) -> [F; 1] {
        // A step has no slope beside its jump.
        [F::zero()]
    }

    fn branch<F: Float>(&self, [x]: [F; 1]) -> usize {
        let below = F::by_double([x], |[x]| x.floor());
        step(below, below == x)
    }
}
