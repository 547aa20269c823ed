//! `prod`, the product over axes.

use crate::op::*;

#[derive(Default)]
pub struct Prod;

impl OfVector for Prod {
    const CARD: Card = Card {
        name: "prod",
        sign: None,
        doc: "Multiplies the elements along axes, or all of them.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: REDUCES,
        forward: "y = Π x",
        backward: &[("x", "upstream times the product of all other elements")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.prod(x, dim=axis, keepdim=keepdims) if isinstance(axis, int) else torch.prod(x) if axis is None and not keepdims else ...",
            jax: "jnp.prod(x, axis=axis, keepdims=keepdims)",
            onnx: "ReduceProd",
        },
        samples: &[
            Sample { call: "prod([[1.5, -2, 3], [4, 0.5, -6]])", output: "108" },
            Sample { call: "prod([[1, 2, 0], [4, 5, 6]], axis = 0)", output: "[4, 10, 0]" },
            Sample { call: "prod([[1, 2, 3], [0, 0, 6]], axis = -1, keepdims = true)", output: "[[6], [0]]" },
        ],
        refusals: &[Refusal { call: "prod([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" }],
    };

    fn forward<F: Float>(&self, x: &[F], y: &mut [F]) {
        y[0] = x.iter().fold(F::one(), |product, &x| product * x);
    }

    fn backward<F: Float>(&self, x: &[F], _y: &[F], upstream: &[F], gradient: &mut [F]) {
        // Products of those before and those behind, without a division: x may be 0.
        let mut behind = vec![F::one(); x.len()];
        for at in (1..x.len()).rev() {
            behind[at - 1] = behind[at] * x[at];
        }
        let mut before = upstream[0];
        for at in 0..x.len() {
            gradient[at] += before * behind[at];
            before = before * x[at];
        }
    }
}
