//! `huber_loss`, squares of small differences and multiples of large ones.

use crate::op::{cone::Total, *};

pub struct HuberLoss {
    size: usize,
    averaging: Averaging,
    delta: f64,
}

impl Op for HuberLoss {
    const CARD: Card = Card {
        name: "huber_loss",
        sign: None,
        doc: "Takes half the squares of small differences and a multiple of large ones, averaged over all elements.",
        inputs: &[Edge::float("y", "the answers"), Edge::float("t", "the right answers, of the shape of y")],
        attributes: &[
            Attribute {
                name: "delta",
                kind: AttributeKind::Float,
                default: Some("1"),
                doc: "the size of a difference from which on it is large",
            },
            Averaging::REDUCTION,
        ],
        forward: "loss = Σ ((y − t)² / 2 where |y − t| < delta, else delta * (|y − t| − delta / 2)) / n, for n elements",
        backward: &[
            ("y", "upstream * (y − t, kept between −delta and delta) / n"),
            ("t", "−upstream * (y − t, kept between −delta and delta) / n"),
        ],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.nn.functional.huber_loss(y, t, delta=delta if delta != 1 else None, reduction=reduction if reduction != 'mean' else None)",
            jax: "jnp.where(jnp.abs(y - t) < delta, (y - t) ** 2 / 2, delta * (jnp.abs(y - t) - delta / 2)) if reduction == 'none' else (jnp.sum if reduction == 'sum' else jnp.mean)(jnp.where(jnp.abs(y - t) < delta, (y - t) ** 2 / 2, delta * (jnp.abs(y - t) - delta / 2)))",
            onnx: "",
        },
        samples: &[
            Sample { call: "huber_loss([[1, 2.5], [0, -1]], [[0.5, 5], [0.25, 1]])", output: "0.9140625" },
            Sample {
                call: "huber_loss([3, 1], [1, 1.5], delta = 0.75, reduction = \"none\")",
                output: "[1.21875, 0.125]",
            },
            Sample { call: "huber_loss([3, 1], [1, 1.5], reduction = \"sum\")", output: "1.625" },
        ],
        refusals: &[
            Refusal { call: "huber_loss([1, 2], [1, 2, 3])", message: "y and t must have one shape" },
            Refusal { call: "huber_loss([1, 2], [1, 3], delta = 0)", message: "delta is 0" },
            Refusal { call: "huber_loss([], [])", message: "nothing to average" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (averaging, shape) = Averaging::of_pair(call, "y", Averaging::Mean)?;
        let delta = call.float("delta").unwrap_or(1.0);
        if !(delta.is_finite() && delta > 0.0) {
            let message = format!("delta is {delta}; it must be a positive number");
            return Err(Misuse::new(Subject::Attribute("delta"), message));
        }
        Ok(Bound::float(Self { size: call.shape(0).size(), averaging, delta }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let divisor = F::from_f64(self.size as f64);
        self.averaging.reduce(self.size, y.float(), divisor, |at| self.loss(x, at));
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        let (from, to) = (x.float(input), x.float(1 - input));
        let (up, delta) =
            (self.averaging.upstream(upstream, F::from_f64(self.size as f64)), F::from_f64(self.delta));
        for (at, gradient) in gradient.iter_mut().enumerate() {
            let difference = from[at] - to[at];
            *gradient += up(at)
                * if difference > delta {
                    delta
                } else if difference < -delta {
                    -delta
                } else {
                    difference
                };
        }
    }

    fn rounding(&self) -> Rounding {
        Rounding::Sums(1)
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let (averaging, size) = (self.averaging, self.size as f64);
        if averaging == Averaging::Each {
            return None;
        }
        let term = |x: &Inputs<f64>, at: usize| self.loss(x, at);
        let end = move |total: f64| if averaging == Averaging::Mean { total / size } else { total };
        Some(Box::new(Total::new(x, self.size, [1, 1], term, end)))
    }
}

impl HuberLoss {
    fn loss<F: Float>(&self, x: &Inputs<F>, at: usize) -> F {
        let (difference, delta, half) =
            (x.float(0)[at] - x.float(1)[at], F::from_f64(self.delta), F::from_f64(0.5));
        let size = difference.abs();
        if size > delta { delta * (size - half * delta) } else { half * difference * difference }
    }
}
