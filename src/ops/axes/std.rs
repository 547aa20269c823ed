//! `std`, the standard deviation over axes.

use super::var::{Spread, mean};
use crate::op::*;

#[derive(Default)]
pub struct Std {
    spread: Spread,
}

impl OfVector for Std {
    const CARD: Card = Card {
        name: "std",
        sign: None,
        doc: "Takes the standard deviation of the elements along axes, or of all of them.",
        inputs: &[Edge::float("x", "any tensor with elements to average")],
        attributes: &[Reduction::AXIS, Reduction::KEEPDIMS, Spread::DDOF],
        forward: "y = sqrt(Σ (x − mean x)² / (n − ddof)), for n elements",
        backward: &[(
            "x",
            "upstream * (x − mean x) / (n − ddof) / y, upstream and y repeated along the reduced axes",
        )],
        kinks: Some("where all elements are alike, and backward gives 0"),
        elsewhere: Elsewhere {
            torch: "torch.std(x, dim=axis if axis is not None else tuple(range(x.ndim)) if keepdims else None, correction=ddof, keepdim=keepdims)",
            jax: "jnp.std(x, axis=axis, ddof=ddof, keepdims=keepdims)",
            onnx: "",
        },
        samples: &[
            Sample { call: "std([[1.5, 2, 3], [4, 5, 6]])", output: "1.5920810978785667" },
            Sample { call: "std([[1, 2, 3], [4, 5, 9]], axis = 0)", output: "[1.5, 1.5, 3]" },
            Sample {
                call: "std([[1, 2, 3], [4, 5, 9]], axis = -1, keepdims = true, ddof = 1)",
                output: "[[1], [2.6457513110645907]]",
            },
        ],
        refusals: &[
            Refusal { call: "std([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" },
            Refusal { call: "std([])", message: "there is no standard deviation of nothing" },
            Refusal { call: "std([1], ddof = 1)", message: "ddof is 1, and there is 1 element" },
        ],
    };

    const ROUNDING: fn(usize) -> Rounding = Rounding::Centered;

    fn configure(self, call: &Call, length: usize) -> Result<Self, Misuse> {
        Ok(Self { spread: Spread::of(call, length, "standard deviation")? })
    }

    fn forward<F: Float>(&self, x: &[F], y: &mut [F]) {
        y[0] = self.spread.variance(x).sqrt();
    }

    fn backward<F: Float>(&self, x: &[F], y: &[F], upstream: &[F], gradient: &mut [F]) {
        if y[0] == F::zero() {
            return;
        }
        let (mean, each) = (mean(x), upstream[0] / self.spread.divisor());
        gradient.iter_mut().zip(x).for_each(|(gradient, &x)| *gradient += each * ((x - mean) / y[0]));
    }

    fn branches<F: Float>(&self, x: &[F], taken: &mut Branches) {
        taken.take(usize::from(self.spread.variance(x) == F::zero()));
    }
}
