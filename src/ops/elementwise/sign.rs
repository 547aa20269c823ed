//! `sign`, on which side of 0 an element lies.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Sign;

impl Elementwise<1> for Sign {
    const CARD: Card = Card {
        name: "sign",
        sign: None,
        doc: "Gives 1 for positive elements, -1 for negative ones and 0 for zeros.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = 1 where x > 0, −1 where x < 0, else 0",
        backward: &[("x", "0")],
        kinks: Some("at x = 0, where the output jumps"),
        elsewhere: Elsewhere { torch: "torch.sign(x)", jax: "jnp.sign(x)", onnx: "Sign" },
        samples: &[
            Sample { call: "sign([1.5, -2.25, 0.75])", output: "[1, -1, 1]" },
            Sample { call: "sign([[-1e6], [3]])", output: "[[-1], [1]]" },
        ],
        refusals: &[Refusal { call: "sign([1, 2], [3])", message: "takes 1 input" }],
    };
    const ROUNDING: Rounding = Rounding::Exact;

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        if x > F::zero() {
            F::one()
        } else if x < F::zero() {
            -F::one()
        } else {
            // 0, and NaN for a NaN.
            x
        }
    }

    fn backward<F: Float>(&self, [_x]: [F; 1], _y: F, _upstream: F) -> [F; 1] {
        // A step has no slope beside its jump.
        [F::zero()]
    }

    fn branch<F: Float>(&self, [x]: [F; 1]) -> usize {
        side_of_zero(x)
    }
}
