//! `cumprod`, running products along an axis.

use crate::op::*;

#[derive(Default)]
pub struct CumProd;

impl OfVector for CumProd {
    const CARD: Card = Card {
        name: "cumprod",
        sign: None,
        doc: "Multiplies up along an axis: every element by all before it.",
        inputs: &[Edge::float("x", "any tensor but a scalar")],
        attributes: &[Groups::AXIS],
        forward: "y[k] = x[0] * … * x[k], along the axis",
        backward: &[(
            "x",
            "from every upstream[k] behind it, k itself included, that times the other factors of y[k]",
        )],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.cumprod(x, dim=axis)",
            jax: "jnp.cumprod(x, axis=axis)",
            onnx: "",
        },
        samples: &[
            Sample { call: "cumprod([1.5, -2, 3])", output: "[1.5, -3, -9]" },
            Sample { call: "cumprod([[1, 2, 3], [4, 5, 6]], axis = 0)", output: "[[1, 2, 3], [4, 10, 18]]" },
            Sample { call: "cumprod([2, 0, 3, 0.5])", output: "[2, 0, 0, 0]" },
        ],
        refusals: &[Refusal { call: "cumprod([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" }],
    };
    const KEEPS_LENGTH: bool = true;

    fn forward<F: Float>(&self, x: &[F], y: &mut [F]) {
        let mut product = F::one();
        for (y, &x) in y.iter_mut().zip(x) {
            product = product * x;
            *y = product;
        }
    }

    fn backward<F: Float>(&self, x: &[F], _y: &[F], upstream: &[F], gradient: &mut [F]) {
        // behind[i] = upstream[i] + x[i + 1]·upstream[i + 1] + x[i + 1]·x[i + 2]·upstream[i + 2] + …,
        // without a division: x may be 0.
        let mut behind = upstream.to_vec();
        for at in (1..x.len()).rev() {
            behind[at - 1] = behind[at - 1] + x[at] * behind[at];
        }
        let mut before = F::one();
        for at in 0..x.len() {
            gradient[at] += before * behind[at];
            before = before * x[at];
        }
    }
}
