//! `norm`, the length of the vector that the elements along axes make.

use crate::op::*;

#[derive(Default)]
pub struct Norm {
    ord: Ord,
}

#[derive(Default, Clone, Copy)]
enum Ord {
    #[default]
    Two,
    One,
    Infinity,
}

impl OfVector for Norm {
    const CARD: Card = Card {
        name: "norm",
        sign: None,
        doc: "Takes the length of the vector that the elements along axes make, or all of them.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[
            Reduction::AXIS,
            Reduction::KEEPDIMS,
            Attribute {
                name: "ord",
                kind: AttributeKind::Float,
                default: Some("2"),
                doc: "2 for the root of the sum of squares, 1 for the sum of sizes, inf for the greatest size",
            },
        ],
        forward: "y = sqrt(Σ x²), Σ |x|, or max |x|",
        backward: &[(
            "x",
            "upstream * x / y; for ord = 1 upstream * sign(x); for ord = inf upstream * sign(x) at the first of the greatest |x|, else 0",
        )],
        kinks: Some(
            "at the vector 0, for ord = 1 where an element is 0, and backward gives 0; for ord = inf also where several sizes are greatest",
        ),
        elsewhere: Elsewhere {
            torch: "torch.linalg.vector_norm(x, ord=ord, dim=axis, keepdim=keepdims)",
            jax: "jnp.linalg.vector_norm(x, ord=ord, axis=axis, keepdims=keepdims)",
            onnx: "",
        },
        samples: &[
            Sample { call: "norm([[1.5, -2, 3], [4, 0.5, -6]])", output: "8.215838362577491" },
            Sample { call: "norm([[3, 4], [-6, 8]], axis = 1)", output: "[5, 10]" },
            Sample {
                call: "norm([[1, -5, 3], [4, 2, -6]], axis = 0, keepdims = true, ord = 1)",
                output: "[[5, 7, 9]]",
            },
            Sample { call: "norm([[1, -5, 3], [4, 2, -6]], axis = -1, ord = inf)", output: "[5, 6]" },
        ],
        refusals: &[
            Refusal { call: "norm([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" },
            Refusal { call: "norm([1, 2], ord = 3)", message: "ord is 3; it may be 2, 1 or inf" },
            Refusal { call: "norm([], ord = inf)", message: "there is no greatest of nothing" },
        ],
    };

    fn configure(self, call: &Call, length: usize) -> Result<Self, Misuse> {
        let ord = match call.float("ord").unwrap_or(2.0) {
            2.0 => Ord::Two,
            1.0 => Ord::One,
            f64::INFINITY => Ord::Infinity,
            ord => {
                let message = format!("ord is {ord}; it may be 2, 1 or inf");
                return Err(Misuse::new(Subject::Attribute("ord"), message)
                    .help("another one is written out: `sum(abs(x) ** 3) ** (1 / 3)`"));
            }
        };
        if length == 0 && matches!(ord, Ord::Infinity) {
            let message = format!("there is no greatest of nothing: x has shape {}", call.shape(0));
            return Err(Misuse::new(Subject::Input(0), message));
        }
        Ok(Self { ord })
    }

    fn forward<F: Float>(&self, x: &[F], y: &mut [F]) {
        y[0] = match self.ord {
            Ord::Two => pairwise_sum_of(x.len(), |at| x[at] * x[at]).sqrt(),
            Ord::One => pairwise_sum_of(x.len(), |at| x[at].abs()),
            Ord::Infinity => x[greatest(x).0].abs(),
        };
    }

    fn backward<F: Float>(&self, x: &[F], y: &[F], upstream: &[F], gradient: &mut [F]) {
        match self.ord {
            Ord::Two if y[0] == F::zero() => {}
            Ord::Two => {
                gradient.iter_mut().zip(x).for_each(|(gradient, &x)| *gradient += upstream[0] * (x / y[0]));
            }
            Ord::One => {
                gradient.iter_mut().zip(x).for_each(|(gradient, &x)| *gradient += signed(x, upstream[0]));
            }
            Ord::Infinity => {
                let at = greatest(x).0;
                gradient[at] += signed(x[at], upstream[0]);
            }
        }
    }

    fn branches<F: Float>(&self, x: &[F], taken: &mut Branches) {
        match self.ord {
            Ord::Two => taken.take(usize::from(x.iter().all(|&x| x == F::zero()))),
            Ord::One => x.iter().for_each(|&x| taken.take(side_of_zero(x))),
            Ord::Infinity => {
                let (at, tied) = greatest(x);
                taken.take(2 * at + usize::from(tied));
                taken.take(side_of_zero(x[at]));
            }
        }
    }
}

/// The number with the sign of x; 0 at 0, and NaN for a NaN.
fn signed<F: Float>(x: F, number: F) -> F {
    match side_of_zero(x) {
        1 => -number,
        3 => number,
        _ => number * x,
    }
}

/// Where the first of the greatest sizes stands, a NaN before all, and whether there are more of them.
#[expect(clippy::eq_op, reason = "a NaN is not itself")]
fn greatest<F: Float>(x: &[F]) -> (usize, bool) {
    let (mut best, mut tied) = (0, false);
    for at in 1..x.len() {
        let (size, most) = (x[at].abs(), x[best].abs());
        if size > most || size != size && most == most {
            (best, tied) = (at, false);
        } else if size == most {
            tied = true;
        }
    }
    (best, tied)
}
