//! `squared_error`, half the sum of squared differences.

use crate::op::{cone::Total, *};

pub struct SquaredError {
    size: usize,
    averaging: Averaging,
}

impl Op for SquaredError {
    const CARD: Card = Card {
        name: "squared_error",
        sign: None,
        doc: "Takes half the squared differences of two tensors, summed up.",
        inputs: &[Edge::float("y", "the answers"), Edge::float("t", "the right answers, of the shape of y")],
        attributes: &[Averaging::reduction(
            "what becomes of the losses: their mean, their sum, or each by itself; the sum without it",
        )],
        forward: "loss = Σ (y − t)² / 2",
        backward: &[("y", "upstream * (y − t)"), ("t", "upstream * (t − y)")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "(y - t) ** 2 / 2 if reduction == 'none' else torch.mean((y - t) ** 2) / 2 if reduction == 'mean' else torch.sum((y - t) ** 2) / 2",
            jax: "(y - t) ** 2 / 2 if reduction == 'none' else jnp.mean((y - t) ** 2) / 2 if reduction == 'mean' else jnp.sum((y - t) ** 2) / 2",
            onnx: "",
        },
        samples: &[
            Sample { call: "squared_error([[1, 2.5], [0, -1]], [[0, 1], [0, 1]])", output: "3.625" },
            Sample { call: "squared_error(3, 1)", output: "2" },
            Sample { call: "squared_error([1, 2.5], [0, 1], reduction = \"mean\")", output: "0.8125" },
            Sample { call: "squared_error([1, 2.5], [0, 1], reduction = \"none\")", output: "[0.5, 1.125]" },
        ],
        refusals: &[
            Refusal {
                call: "squared_error([[1, 2], [3, 4]], [1, 2])",
                message: "y and t must have one shape; they have [2, 2] and [2]",
            },
            Refusal { call: "squared_error([], [], reduction = \"mean\")", message: "nothing to average" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (averaging, shape) = Averaging::of_pair(call, "y", Averaging::Sum)?;
        Ok(Bound::float(Self { size: call.shape(0).size(), averaging }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let difference = |at| x.float(0)[at] - x.float(1)[at];
        let (y, half) = (y.float(), F::from_f64(0.5));
        let divisor = F::from_f64(self.size as f64);
        self.averaging.reduce(self.size, y, divisor, |at| difference(at) * difference(at));
        y.iter_mut().for_each(|y| *y = half * *y);
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        let (from, to) = (x.float(input), x.float(1 - input));
        let up = self.averaging.upstream(upstream, F::from_f64(self.size as f64));
        for (at, gradient) in gradient.iter_mut().enumerate() {
            *gradient += up(at) * (from[at] - to[at]);
        }
    }

    fn rule(&self, input: usize) -> Option<&'static str> {
        let mean = Some(if input == 0 { "upstream * (y − t) / n" } else { "upstream * (t − y) / n" });
        self.averaging.rule([mean, None, None])
    }

    fn rule_values(&self, _input: usize, entry: usize, x: &Inputs<f64>) -> Vec<(&'static str, f64)> {
        match self.averaging {
            Averaging::Mean => {
                vec![("y", x.float(0)[entry]), ("t", x.float(1)[entry]), ("n", self.size as f64)]
            }
            _ => Vec::new(),
        }
    }

    fn rounding(&self) -> Rounding {
        Rounding::Sums(1)
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let term = |x: &Inputs<f64>, at: usize| (x.float(0)[at] - x.float(1)[at]).powi(2);
        let averaging = self.averaging;
        if averaging == Averaging::Each {
            return None;
        }
        let size = self.size as f64;
        let end = move |total: f64| 0.5 * if averaging == Averaging::Mean { total / size } else { total };
        Some(Box::new(Total::new(x, self.size, [1, 1], term, end)))
    }
}
