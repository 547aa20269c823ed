//! `cross_entropy`, how much right answers surprise given probabilities.

use crate::op::{cone::Total, *};

pub struct CrossEntropy {
    targets: Targets,
    delta: f64,
}

impl Op for CrossEntropy {
    const CARD: Card = Card {
        name: "cross_entropy",
        sign: None,
        doc: "Takes the cross-entropy of probabilities with the right answers, averaged over the batch.",
        inputs: &[
            Edge::float("y", "the probabilities, […, classes]; all axes but the last are the batch"),
            Edge::either("t", "int labels […], or a float share for every class […, classes]"),
            Targets::WEIGHT,
        ],
        attributes: &[
            Attribute {
                name: "delta",
                kind: AttributeKind::Float,
                default: Some("0"),
                doc: "added to every probability, so that log 0 is not taken; the textbook adds 1e-7",
            },
            Averaging::REDUCTION,
            Targets::IGNORE_INDEX,
        ],
        forward: "loss = −Σ t * ln(y + delta) / batch, with t one-hot for labels and times weight; batch is Σ weight of the labels then; a share of 0 counts for nothing",
        backward: &[
            ("y", "−upstream * t / (y + delta) / batch"),
            ("t", "−upstream * ln(y + delta) / batch"),
            (
                "weight",
                "−upstream * (Σ t * ln(y + delta) + loss of each row with the label) / Σ weight of the labels",
            ),
        ],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "... if weight is not None or ignore_index is not None else -torch.sum((t if t.ndim == y.ndim else torch.nn.functional.one_hot(t, y.shape[-1])) * torch.log(y + delta)) if reduction == 'sum' else -torch.sum((t if t.ndim == y.ndim else torch.nn.functional.one_hot(t, y.shape[-1])) * torch.log(y + delta), dim=-1) if reduction == 'none' else -torch.mean(torch.sum((t if t.ndim == y.ndim else torch.nn.functional.one_hot(t, y.shape[-1])) * torch.log(y + delta), dim=-1))",
            jax: "... if weight is not None or ignore_index is not None else -jnp.sum((t if t.ndim == y.ndim else jax.nn.one_hot(t, y.shape[-1])) * jnp.log(y + delta)) if reduction == 'sum' else -jnp.sum((t if t.ndim == y.ndim else jax.nn.one_hot(t, y.shape[-1])) * jnp.log(y + delta), axis=-1) if reduction == 'none' else -jnp.mean(jnp.sum((t if t.ndim == y.ndim else jax.nn.one_hot(t, y.shape[-1])) * jnp.log(y + delta), axis=-1))",
            onnx: "",
        },
        samples: &[
            Sample {
                call: "cross_entropy([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0], 2, delta = 1e-7)",
                output: "0.510825457099338",
            },
            Sample {
                call: "cross_entropy([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]], [1, 2])",
                output: "0.9830564281864164",
            },
            Sample {
                call: "cross_entropy([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]], [[0.0, 1.0, 0.0], [0.25, 0.25, 0.5]])",
                output: "0.8178369481886265",
            },
            Sample {
                call: "cross_entropy([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]], [1, 2], [1.0, 2.0, 0.5])",
                output: "0.607227537637806",
            },
            Sample {
                call: "cross_entropy([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]], [1, -100], reduction = \"sum\", ignore_index = -100)",
                output: "0.35667494393873245",
            },
        ],
        refusals: &[
            Refusal {
                call: "cross_entropy([[0.1, 0.9], [0.5, 0.5]], [0, -1])",
                message: "label -1 is out of range: y has 2 classes, 0 to 1",
            },
            Refusal { call: "cross_entropy([[0.1, 0.9]], [[0, 1]])", message: "it is int[1, 2]" },
            Refusal { call: "cross_entropy([0.1, 0.9], 0, delta = -1)", message: "delta is -1" },
            Refusal { call: "cross_entropy([0.1, 0.9], 0, 1e-7)", message: "takes a tensor for `weight`" },
            Refusal { call: "cross_entropy([0.1, 0.9], 0, reduction = \"avg\")", message: "reduction" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let targets = Targets::of(call, "y")?;
        let delta = call.float("delta").unwrap_or(0.0);
        if !(delta.is_finite() && delta >= 0.0) {
            let message = format!("delta is {delta}; it must be 0 or a small positive number");
            return Err(Misuse::new(Subject::Attribute("delta"), message));
        }
        let shape = targets.output(call.shape(0));
        Ok(Bound::float(Self { targets, delta }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let (probabilities, delta) = (x.float(0), F::from_f64(self.delta));
        self.targets
            .cross_entropy(x, y.float(), |row| move |class| (probabilities[row.at(class)] + delta).ln());
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, y: &[F], upstream: &[F], gradient: &mut [F]) {
        let (probabilities, delta) = (x.float(0), F::from_f64(self.delta));
        if input == 2 {
            return self.targets.send_to_weights(x, [y, upstream], gradient, |row| {
                move |class| (probabilities[row.at(class)] + delta).ln()
            });
        }
        let up = self.targets.averaging.upstream(upstream, self.targets.divisor(x));
        for (row, group) in self.targets.rows() {
            let upstream = up(row);
            for class in 0..group.size {
                let at = group.at(class);
                let probability = probabilities[at] + delta;
                gradient[at] -= match (input, self.targets.share(x, row, class)) {
                    (0, share) if share == F::zero() => F::zero(),
                    (0, share) => share / probability * upstream,
                    _ => probability.ln() * self.targets.factor(x, class) * upstream,
                };
            }
        }
    }

    fn rule(&self, input: usize) -> Option<&'static str> {
        let sum = match input {
            0 => Some("−upstream * t / (y + delta)"),
            1 => Some("−upstream * ln(y + delta)"),
            _ => Some("−upstream * Σ t * ln(y + delta)"),
        };
        self.targets.averaging.rule([None, sum, sum])
    }

    fn rule_values(&self, input: usize, entry: usize, x: &Inputs<f64>) -> Vec<(&'static str, f64)> {
        // By itself, each row has an upstream of its own.
        if input > 1 || !self.targets.is_sum_of_rows() {
            return Vec::new();
        }
        let classes = self.targets.groups().size;
        vec![
            ("t", self.targets.share(x, entry / classes, entry % classes)),
            ("y", x.float(0)[entry]),
            ("delta", self.delta),
            ("batch", self.targets.divisor(x)),
        ]
    }

    fn rounding(&self) -> Rounding {
        Rounding::LogOfSum(1)
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        if !self.targets.is_sum_of_rows() {
            return None;
        }
        let term = |x: &Inputs<f64>, row: usize| {
            let group = self.targets.groups().group(row);
            self.targets.surprise(x, row, |class| Float::ln(x.float(0)[group.at(class)] + self.delta))
        };
        let (rows, widths) = (self.targets.groups().count, self.targets.widths(x));
        let (averaging, batch) = (self.targets.averaging, self.targets.divisor(x));
        let end = move |total: f64| if averaging == Averaging::Mean { total / batch } else { total };
        Some(Box::new(Total::new(x, rows, widths, term, end)))
    }
}
