//! `squared_error`, half the sum of squared differences.

use crate::op::{cone::Total, *};

pub struct SquaredError {
    size: usize,
}

impl Op for SquaredError {
    const CARD: Card = Card {
        name: "squared_error",
        sign: None,
        doc: "Sums the squared differences of two tensors and takes half.",
        inputs: &[Edge::float("y", "the answers"), Edge::float("t", "the right answers, of the shape of y")],
        attributes: &[],
        forward: "loss = Σ (y − t)² / 2",
        backward: &[("y", "upstream * (y − t)"), ("t", "upstream * (t − y)")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "0.5 * torch.sum((y - t) ** 2)",
            jax: "0.5 * jnp.sum((y - t) ** 2)",
            onnx: "",
        },
        samples: &[
            Sample { call: "squared_error([[1, 2.5], [0, -1]], [[0, 1], [0, 1]])", output: "3.625" },
            Sample { call: "squared_error(3, 1)", output: "2" },
        ],
        refusals: &[Refusal {
            call: "squared_error([[1, 2], [3, 4]], [1, 2])",
            message: "y and t must have one shape; they have [2, 2] and [2]",
        }],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (y, t) = (call.shape(0), call.shape(1));
        if y != t {
            let message = format!("y and t must have one shape; they have {y} and {t}");
            return Err(Misuse::new(Subject::Call, message)
                .help("a loss does not broadcast, which would compare elements that never met"));
        }
        Ok(Bound::float(Self { size: y.size() }, Default::default()))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let difference = |at| x.float(0)[at] - x.float(1)[at];
        let total = pairwise_sum_of(self.size, |at| difference(at) * difference(at));
        y.float()[0] = F::from_f64(0.5) * total;
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        let (from, to) = (x.float(input), x.float(1 - input));
        for (at, gradient) in gradient.iter_mut().enumerate() {
            *gradient += upstream[0] * (from[at] - to[at]);
        }
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let term = |x: &Inputs<f64>, at: usize| (x.float(0)[at] - x.float(1)[at]).powi(2);
        Some(Box::new(Total::new(x, self.size, [1, 1], term, |total| 0.5 * total)))
    }
}
