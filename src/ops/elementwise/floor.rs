//! `floor`, down to a whole number.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Floor;

impl Elementwise<1> for Floor {
    const CARD: Card = Card {
        name: "floor",
        sign: None,
        doc: "Takes the greatest whole number that is not above every element.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = floor(x)",
        backward: &[("x", "0")],
        kinks: Some("at whole numbers, where the output jumps"),
        elsewhere: Elsewhere { torch: "torch.floor(x)", jax: "jnp.floor(x)", onnx: "Floor" },
        samples: &[
            Sample { call: "floor([1.5, -2.25, 0.75])", output: "[1, -3, 0]" },
            Sample { call: "floor([[-1000000.25], [2.5]])", output: "[[-1000001], [2]]" },
        ],
        refusals: &[Refusal { call: "floor([1, 2], [3])", message: "takes 1 input" }],
    };
    const ROUNDING: Rounding = Rounding::Exact;

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        F::by_double([x], |[x]| x.floor())
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
