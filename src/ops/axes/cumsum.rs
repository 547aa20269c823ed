//! `cumsum`, running sums along an axis.

use crate::op::*;

#[derive(Default)]
pub struct CumSum;

impl OfVector for CumSum {
    const CARD: Card = Card {
        name: "cumsum",
        sign: None,
        doc: "Sums up along an axis: every element with all before it.",
        inputs: &[Edge::float("x", "any tensor but a scalar")],
        attributes: &[Groups::AXIS],
        forward: "y[k] = x[0] + … + x[k], along the axis",
        backward: &[("x", "upstream summed up along the axis from the end")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.cumsum(x, dim=axis)",
            jax: "jnp.cumsum(x, axis=axis)",
            onnx: "CumSum",
        },
        samples: &[
            Sample { call: "cumsum([1.5, -2, 3])", output: "[1.5, -0.5, 2.5]" },
            Sample { call: "cumsum([[1, 2, 3], [4, 5, 6]], axis = 0)", output: "[[1, 2, 3], [5, 7, 9]]" },
        ],
        refusals: &[Refusal { call: "cumsum([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" }],
    };
    const KEEPS_LENGTH: bool = true;

    fn forward<F: Float>(&self, x: &[F], y: &mut [F]) {
        let mut sum = F::zero();
        for (y, &x) in y.iter_mut().zip(x) {
            sum += x;
            *y = sum;
        }
    }

    fn backward<F: Float>(&self, _x: &[F], _y: &[F], upstream: &[F], gradient: &mut [F]) {
        let mut sum = F::zero();
        for (gradient, &upstream) in gradient.iter_mut().zip(upstream).rev() {
            sum += upstream;
            *gradient += sum;
        }
    }
}
