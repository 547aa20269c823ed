//! `logsumexp`, ln Σ eˣ over axes.

use crate::op::*;

#[derive(Default)]
pub struct LogSumExp;

impl OfVector for LogSumExp {
    const CARD: Card = Card {
        name: "logsumexp",
        sign: None,
        doc: "Takes the logarithm of the sum of e to the power of the elements along axes, or of all.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: REDUCES,
        forward: "y = ln Σ exp(x)",
        backward: &[("x", "upstream * softmax(x), repeated along the reduced axes")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.logsumexp(x, dim=axis if axis is not None else tuple(range(x.ndim)), keepdim=keepdims)",
            jax: "jax.scipy.special.logsumexp(x, axis=axis, keepdims=keepdims)",
            onnx: "ReduceLogSumExp",
        },
        samples: &[
            Sample { call: "logsumexp([[1.5, -2, 3], [4, 0.5, -6]])", output: "4.3938552911207935" },
            Sample {
                call: "logsumexp([[1, 5, 3], [4, 2, 6]], axis = 0)",
                output: "[4.048587351573742, 5.048587351573742, 6.048587351573742]",
            },
            Sample { call: "logsumexp([[10000, 0]], axis = -1, keepdims = true)", output: "[[10000]]" },
        ],
        refusals: &[Refusal {
            call: "logsumexp([1, 2], axis = 1)",
            message: "axis 1 is outside of shape [2]",
        }],
    };
    const ROUNDING: fn(usize) -> Rounding = Rounding::LogOfSum;

    fn forward<F: Float>(&self, x: &[F], y: &mut [F]) {
        y[0] = match greatest(x) {
            Some((at, greatest)) if greatest.to_f64().is_finite() => greatest + exps(x, at, greatest).ln_1p(),
            Some((_, greatest)) => greatest,
            None => F::from_f64(f64::NEG_INFINITY),
        };
    }

    fn backward<F: Float>(&self, x: &[F], _y: &[F], upstream: &[F], gradient: &mut [F]) {
        // In a sum of nothing but e⁻∞ = 0 no element counts.
        let least = F::from_f64(f64::NEG_INFINITY);
        let Some((at, greatest)) = greatest(x).filter(|&(_, x)| x != least) else { return };
        let total = F::one() + exps(x, at, greatest);
        for (gradient, &x) in gradient.iter_mut().zip(x) {
            *gradient += upstream[0] * ((x - greatest).exp() / total);
        }
    }
}

/// The first of the greatest elements, or of those that are no numbers, and its place.
#[expect(clippy::eq_op, reason = "a NaN is not itself")]
fn greatest<F: Float>(x: &[F]) -> Option<(usize, F)> {
    let better = |a: F, b: F| b > a || b != b && a == a;
    x.iter().copied().enumerate().reduce(|a, b| if better(a.1, b.1) { b } else { a })
}

/// Σ exp(x − greatest) of all but one: what the sum has more than 1, to all digits.
fn exps<F: Float>(x: &[F], but: usize, greatest: F) -> F {
    pairwise_sum_of(x.len(), |at| if at == but { F::zero() } else { (x[at] - greatest).exp() })
}
