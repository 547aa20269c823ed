//! `var`, the variance over axes.

use crate::op::*;

#[derive(Default)]
pub struct Var {
    spread: Spread,
}

impl OfVector for Var {
    const CARD: Card = Card {
        name: "var",
        sign: None,
        doc: "Takes the variance of the elements along axes, or of all of them.",
        inputs: &[Edge::float("x", "any tensor with elements to average")],
        attributes: &[Reduction::AXIS, Reduction::KEEPDIMS, Spread::DDOF],
        forward: "y = Σ (x − mean x)² / (n − ddof), for n elements",
        backward: &[(
            "x",
            "upstream * 2 * (x − mean x) / (n − ddof), upstream repeated along the reduced axes",
        )],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.var(x, dim=axis if axis is not None else tuple(range(x.ndim)) if keepdims else None, correction=ddof, keepdim=keepdims)",
            jax: "jnp.var(x, axis=axis, ddof=ddof, keepdims=keepdims)",
            onnx: "",
        },
        samples: &[
            Sample { call: "var([[1.5, 2, 3], [4, 5, 6]])", output: "2.5347222222222223" },
            Sample { call: "var([[1, 2, 3], [4, 5.5, 7]], axis = 0)", output: "[2.25, 3.0625, 4]" },
            Sample {
                call: "var([[1, 2, 3], [4, 5, 9]], axis = -1, keepdims = true, ddof = 1)",
                output: "[[1], [7]]",
            },
        ],
        refusals: &[
            Refusal { call: "var([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" },
            Refusal { call: "var([])", message: "there is no variance of nothing" },
            Refusal { call: "var([1, 2], ddof = 2)", message: "ddof is 2, and there are 2 elements" },
        ],
    };

    const ROUNDING: fn(usize) -> Rounding = Rounding::Centered;

    fn configure(self, call: &Call, length: usize) -> Result<Self, Misuse> {
        Ok(Self { spread: Spread::of(call, length, "variance")? })
    }

    fn forward<F: Float>(&self, x: &[F], y: &mut [F]) {
        y[0] = self.spread.variance(x);
    }

    fn backward<F: Float>(&self, x: &[F], _y: &[F], upstream: &[F], gradient: &mut [F]) {
        let (mean, each) = (mean(x), F::from_f64(2.0) * upstream[0] / self.spread.divisor());
        gradient.iter_mut().zip(x).for_each(|(gradient, &x)| *gradient += each * (x - mean));
    }
}

/// How a variance is taken.
#[derive(Default)]
pub struct Spread {
    divisor: f64,
}

impl Spread {
    pub const DDOF: Attribute = Attribute {
        name: "ddof",
        kind: AttributeKind::Int,
        default: Some("0"),
        doc: "how much less the divisor is than the number of elements; 1 for a sample of something larger",
    };

    /// # Errors
    /// Vectors without elements, or with too few of them.
    pub fn of(call: &Call, length: usize, what: &str) -> Result<Self, Misuse> {
        if length == 0 {
            let message = format!("there is no {what} of nothing: x has shape {}", call.shape(0));
            return Err(Misuse::new(Subject::Input(0), message));
        }
        let ddof = call.int("ddof").unwrap_or(0);
        let divisor = length as f64 - ddof as f64;
        if divisor <= 0.0 {
            let elements = if length == 1 { "is 1 element" } else { &format!("are {length} elements") };
            let message = format!("ddof is {ddof}, and there {elements}: there is nothing to divide by");
            return Err(Misuse::new(Subject::Attribute("ddof"), message));
        }
        Ok(Self { divisor })
    }

    /// n − ddof.
    pub fn divisor<F: Float>(&self) -> F {
        F::from_f64(self.divisor)
    }

    pub fn variance<F: Float>(&self, x: &[F]) -> F {
        let mean = mean(x);
        pairwise_sum_of(x.len(), |at| (x[at] - mean) * (x[at] - mean)) / self.divisor()
    }
}

/// The mean, from the first element on: where all are alike, it is exact.
pub fn mean<F: Float>(x: &[F]) -> F {
    x[0] + pairwise_sum_of(x.len(), |at| x[at] - x[0]) / F::from_f64(x.len() as f64)
}
