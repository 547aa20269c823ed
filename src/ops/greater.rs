//! `greater`, 1 where a > b: the mask of a hand-written relu.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Greater;

impl Elementwise<2> for Greater {
    const CARD: Card = Card {
        name: "greater",
        sign: Some(">"),
        doc: "Gives 1 where one tensor is greater than another and 0 elsewhere.",
        inputs: &[
            Edge::float("a", "the tensor that may be greater"),
            Edge::float("b", "what it is held against"),
        ],
        attributes: &[],
        forward: "y = 1 where a > b, else 0",
        backward: &[],
        kinks: Some("at a = b, where the output jumps"),
        elsewhere: Elsewhere {
            torch: "torch.gt(a, b).to(a.dtype)",
            jax: "jnp.greater(a, b).astype(a.dtype)",
            onnx: "Greater",
        },
        samples: &[
            Sample { call: "greater([1, -2, 0.5], 0)", output: "[1, 0, 1]" },
            Sample { call: "greater([[1, 2], [3, 4]], [2, 2])", output: "[[0, 0], [1, 1]]" },
        ],
        refusals: &[Refusal { call: "greater([1, 2], [1, 2, 3])", message: "do not broadcast" }],
    };

    fn forward<F: Float>(&self, [a, b]: [F; 2]) -> F {
        if a > b { F::one() } else { F::zero() }
    }

    fn backward<F: Float>(&self, _x: [F; 2], _y: F, _upstream: F) -> [F; 2] {
        // A step has no slope beside its jump.
        [F::zero(); 2]
    }

    fn branch<F: Float>(&self, [a, b]: [F; 2]) -> usize {
        side_of_zero(a - b)
    }
}
