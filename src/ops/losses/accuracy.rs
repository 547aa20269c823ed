//! `accuracy`, the share of rows that are classified right.

use crate::op::*;
use std::cmp::Ordering;

pub struct Accuracy {
    targets: Targets,
}

impl Op for Accuracy {
    const CARD: Card = Card {
        name: "accuracy",
        sign: None,
        doc: "Tells the share of rows whose greatest score stands at the right class.",
        inputs: &[
            Edge::float("y", "scores or probabilities, […, classes]; all axes but the last are the batch"),
            Edge::either("t", "int labels […], or a float share for every class […, classes]"),
        ],
        attributes: &[],
        forward: "share = Σ (argmax y = t) / batch, with argmax t for shares",
        backward: &[],
        kinks: Some("where several scores are greatest: the output jumps; elsewhere it is constant"),
        elsewhere: Elsewhere {
            torch: "(torch.argmax(y, dim=-1) == (torch.argmax(t, dim=-1) if t.ndim == y.ndim else t)).to(torch.float64).mean()",
            jax: "jnp.mean(jnp.argmax(y, axis=-1) == (jnp.argmax(t, axis=-1) if t.ndim == y.ndim else t), dtype=jnp.float64)",
            onnx: "",
        },
        samples: &[
            Sample {
                call: "accuracy([[1, 5, 3], [4, 2, 6], [7, 0, 1], [0, 1, 2]], [1, 2, 0, 1])",
                output: "0.75",
            },
            Sample { call: "accuracy([[0.1, 0.9], [0.8, 0.2]], [[0.0, 1.0], [0.0, 1.0]])", output: "0.5" },
        ],
        refusals: &[
            Refusal {
                call: "accuracy([[1, 2, 3], [4, 5, 6]], [2, 3])",
                message: "label 3 is out of range: y has 3 classes, 0 to 2",
            },
            Refusal { call: "accuracy([[1, 2]], [0, 1])", message: "t must be labels, int[1]" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        Ok(Bound::float(Self { targets: Targets::of(call, "y")? }, Default::default()))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let hits = self.targets.rows().fold(F::zero(), |hits, (row, group)| {
            let answer = group.winner(x.float(0), Ordering::Greater).place;
            let right = if x.is_int(1) {
                self.targets.label(x, row)
            } else {
                Some(group.winner(x.float(1), Ordering::Greater).place)
            };
            hits + match right {
                None => F::from_f64(f64::NAN),
                Some(right) if right == answer => F::one(),
                Some(_) => F::zero(),
            }
        });
        y.float()[0] = hits / self.targets.divisor(x);
    }

    fn backward<F: Float>(
        &self,
        _input: usize,
        _x: &Inputs<F>,
        _y: &[F],
        _upstream: &[F],
        _gradient: &mut [F],
    ) {
    }

    fn rounding(&self) -> Rounding {
        Rounding::Sums(1)
    }

    fn branches<F: Float>(&self, x: &Inputs<F>, taken: &mut Branches) {
        for (_, group) in self.targets.rows() {
            for input in (0..2).filter(|&input| !x.is_int(input)) {
                taken.take(group.winner(x.float(input), Ordering::Greater).branch());
            }
        }
    }
}
