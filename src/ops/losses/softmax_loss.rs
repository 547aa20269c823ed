//! `softmax_loss`, softmax and cross-entropy in one: the loss of a classifier.

use crate::op::{
    cone::{Change, Lanes, Scores, Total},
    *,
};

pub struct SoftmaxLoss {
    targets: Targets,
}

impl Op for SoftmaxLoss {
    const CARD: Card = Card {
        name: "softmax_loss",
        sign: None,
        doc: "Takes softmax of the scores and the cross-entropy with the right answers, averaged over the batch.",
        inputs: &[
            Edge::float("x", "the scores, […, classes]; all axes but the last are the batch"),
            Edge::either("t", "int labels […], or a float share for every class […, classes]"),
            Targets::WEIGHT,
        ],
        attributes: &[
            Averaging::REDUCTION,
            Targets::IGNORE_INDEX,
            Attribute {
                name: "label_smoothing",
                kind: AttributeKind::Float,
                default: Some(""),
                doc: "the part of every answer that is spread evenly over the classes; nothing without it",
            },
        ],
        forward: "y = −Σ t * ln softmax(x) / batch, with t one-hot for labels and times weight; batch is Σ weight of the labels then",
        backward: &[
            ("x", "upstream * (softmax(x) * Σ t − t) / batch"),
            ("t", "−upstream * ln softmax(x) / batch"),
            (
                "weight",
                "−upstream * (Σ t * ln softmax(x) + y of each row with the label) / Σ weight of the labels",
            ),
        ],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.nn.functional.cross_entropy(x, t, weight=weight, ignore_index=ignore_index, reduction=reduction if reduction != 'mean' else None, label_smoothing=label_smoothing) if x.ndim <= 2 else ... if reduction == 'none' else torch.nn.functional.cross_entropy(x.reshape(-1, x.shape[-1]), t.reshape(-1) if t.ndim < x.ndim else t.reshape(-1, t.shape[-1]), weight=weight, ignore_index=ignore_index, reduction=reduction if reduction != 'mean' else None, label_smoothing=label_smoothing)",
            jax: "... if weight is not None or ignore_index is not None or label_smoothing is not None else -jnp.sum((t if t.ndim == x.ndim else jax.nn.one_hot(t, x.shape[-1])) * jax.nn.log_softmax(x)) if reduction == 'sum' else -jnp.sum((t if t.ndim == x.ndim else jax.nn.one_hot(t, x.shape[-1])) * jax.nn.log_softmax(x), axis=-1) if reduction == 'none' else -jnp.mean(jnp.sum((t if t.ndim == x.ndim else jax.nn.one_hot(t, x.shape[-1])) * jax.nn.log_softmax(x), axis=-1))",
            onnx: "SoftmaxCrossEntropyLoss",
        },
        samples: &[
            Sample {
                call: "softmax_loss([[0.3, 2.9, 4.0], [0.2, 1.1, 0.6]], [2, 0])",
                output: "0.9526952230111501",
            },
            Sample {
                call: "softmax_loss([[0.3, 2.9, 4.0], [0.2, 1.1, 0.6]], [[0.0, 0.0, 1.0], [0.5, 0.25, 0.25]])",
                output: "0.7901952230111501",
            },
            Sample { call: "softmax_loss([10000, 0, -10000], 1)", output: "10000" },
            Sample {
                call: "softmax_loss([[0.3, 2.9, 4.0], [0.2, 1.1, 0.6]], [2, 0], [1.0, 2.0, 0.5])",
                output: "1.1683554757440493",
            },
            Sample {
                call: "softmax_loss([[0.3, 2.9, 4.0], [0.2, 1.1, 0.6]], [2, 0], reduction = \"none\", label_smoothing = 0.1)",
                output: "[0.46571446481245204, 1.5563426478765148]",
            },
            Sample {
                call: "softmax_loss([[0.3, 2.9, 4.0], [0.2, 1.1, 0.6]], [2, -1], ignore_index = -1)",
                output: "0.30571446481245207",
            },
        ],
        refusals: &[
            Refusal {
                call: "softmax_loss([[1, 2, 3], [4, 5, 6]], [2, 3])",
                message: "label 3 is out of range: x has 3 classes, 0 to 2",
            },
            Refusal { call: "softmax_loss([[1, 2]], [[0, 1]])", message: "it is int[1, 2]" },
            Refusal { call: "softmax_loss([[1, 2]], [1.0])", message: "t must be labels, int[1]" },
            Refusal { call: "softmax_loss([[1, 2]])", message: "takes 2 or 3 inputs, got 1" },
            Refusal {
                call: "softmax_loss([[1, 2]], [1], [1.0, 2.0, 3.0])",
                message: "weight must have a number for each of the 2 classes, [2]",
            },
            Refusal { call: "softmax_loss([[1, 2]], [1], label_smoothing = 2)", message: "from 0 to 1" },
            Refusal {
                call: "softmax_loss([[1, 2]], [[0.0, 1.0]], ignore_index = 0)",
                message: "t has no labels",
            },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let targets = Targets::of(call, "x")?;
        let shape = targets.output(call.shape(0));
        Ok(Bound::float(Self { targets }, shape))
    }

    fn rounding(&self) -> Rounding {
        Rounding::LogOfSum(1)
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let scores = x.float(0);
        self.targets.cross_entropy(x, y.float(), |row| {
            let ln = Normalizer::of(row, scores).ln_probability();
            move |class| ln(scores[row.at(class)])
        });
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, y: &[F], upstream: &[F], gradient: &mut [F]) {
        let scores = x.float(0);
        if input == 2 {
            return self.targets.send_to_weights(x, [y, upstream], gradient, |row| {
                let ln = Normalizer::of(row, scores).ln_probability();
                move |class| ln(scores[row.at(class)])
            });
        }
        let up = self.targets.averaging.upstream(upstream, self.targets.divisor(x));
        for (row, group) in self.targets.rows() {
            let (softmax, upstream) = (Normalizer::of(group, scores), up(row));
            if input == 1 {
                let ln = softmax.ln_probability();
                for (class, at) in group.each().enumerate() {
                    gradient[at] += -ln(scores[at]) * self.targets.factor(x, class) * upstream;
                }
                continue;
            }
            let total = self.targets.total(x, row);
            softmax.each_probability(group, scores, |class, probability| {
                let share = self.targets.share(x, row, class);
                gradient[group.at(class)] += (probability * total - share) * upstream;
            });
        }
    }

    fn rule(&self, input: usize) -> Option<&'static str> {
        let sum = match input {
            0 => Some("upstream * (softmax(x) * Σ t − t)"),
            1 => Some("−upstream * ln softmax(x)"),
            _ => Some("−upstream * Σ t * ln softmax(x)"),
        };
        self.targets.averaging.rule([None, sum, sum])
    }

    fn rule_values(&self, input: usize, entry: usize, x: &Inputs<f64>) -> Vec<(&'static str, f64)> {
        // By itself, each row has an upstream of its own.
        if input > 1 || !self.targets.is_sum_of_rows() {
            return Vec::new();
        }
        let (scores, groups) = (x.float(0), self.targets.groups());
        let (row, class) = (entry / groups.size, entry % groups.size);
        let softmax = Normalizer::of(groups.group(row), scores);
        vec![
            ("ln softmax(x)", softmax.ln_probability()(scores[entry])),
            ("softmax(x)", softmax.probability(scores[entry])),
            ("Σ t", self.targets.total(x, row)),
            ("t", self.targets.share(x, row, class)),
            ("batch", self.targets.divisor(x)),
        ]
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        if !self.targets.is_sum_of_rows() {
            return None;
        }
        let groups = self.targets.groups();
        let of_row = |x: &Inputs<f64>, row: usize| {
            let (scores, group) = (x.float(0), groups.group(row));
            let ln = Normalizer::of(group, scores).ln_probability();
            self.targets.surprise(x, row, |class| ln(scores[group.at(class)]))
        };
        let (averaging, batch) = (self.targets.averaging, self.targets.divisor(x));
        let end = move |total: f64| if averaging == Averaging::Mean { total / batch } else { total };
        let total = Total::new(x, groups.count, self.targets.widths(x), of_row, end);
        let scores = Scores::of(groups, x.float(0));
        Some(Box::new(move |change: &Change, y: &mut Dirty| {
            if !change.only_in(0) {
                return total.follow(change, y);
            }
            let mut rows = std::mem::take(&mut y.scratch.terms);
            rows.clear();
            scores.each(change, |row, changed| {
                let (group, ln) = (groups.group(row), changed.ln_probability());
                let mut term = Lanes::default();
                for (lane, term) in term.iter_mut().enumerate() {
                    let now = change.now(lane);
                    *term = self.targets.surprise(&now, row, |class| ln(lane, now.float(0)[group.at(class)]));
                }
                rows.push((row as u32, term));
            });
            y.set(0, total.with(&rows));
            y.scratch.terms = rows;
        }))
    }
}
