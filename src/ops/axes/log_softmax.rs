//! `log_softmax`, the logarithm of softmax.

use crate::op::{
    cone::{Change, Scores},
    *,
};

pub struct LogSoftmax {
    groups: Groups,
}

impl Op for LogSoftmax {
    const CARD: Card = Card {
        name: "log_softmax",
        sign: None,
        doc: "Takes the logarithm of softmax without ever forming a probability that is too small to hold.",
        inputs: &[Edge::float("x", "the scores, any tensor but a scalar")],
        attributes: &[Groups::AXIS],
        forward: "y = x − max x − ln Σ exp(x − max x)",
        backward: &[("x", "upstream − exp(y) * Σ upstream")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.log_softmax(x, dim=axis)",
            jax: "jax.nn.log_softmax(x, axis=axis)",
            onnx: "LogSoftmax",
        },
        samples: &[
            Sample {
                call: "log_softmax([[1, 2, 3], [0, 0, 0]])",
                output: "[[-2.4076059644443806, -1.4076059644443804, -0.4076059644443804], [-1.0986122886681098, -1.0986122886681098, -1.0986122886681098]]",
            },
            Sample {
                call: "log_softmax([[0.5, -1], [2, 0]], axis = 0)",
                output: "[[-1.7014132779827524, -1.3132616875182228], [-0.20141327798275246, -0.31326168751822286]]",
            },
            Sample {
                call: "log_softmax([10000, 9999, -10000])",
                output: "[-0.31326168751822286, -1.3132616875182228, -20000.31326168752]",
            },
        ],
        refusals: &[
            Refusal { call: "log_softmax([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" },
            Refusal { call: "log_softmax(1)", message: "it has no axes" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        Ok(Bound::float(Self { groups: Groups::of(call)? }, call.shape(0).clone()))
    }

    fn groups(&self) -> Option<&Groups> {
        Some(&self.groups)
    }

    fn rounding(&self) -> Rounding {
        Rounding::LogSoftmax(self.groups.size)
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let (x, y) = (x.float(0), y.float());
        for group in self.groups.each() {
            let ln = Normalizer::of(group, x).ln_probability();
            group.each().for_each(|at| y[at] = ln(x[at]));
        }
    }

    fn backward<F: Float>(&self, _input: usize, _x: &Inputs<F>, y: &[F], upstream: &[F], gradient: &mut [F]) {
        for group in self.groups.each() {
            let total = pairwise_sum_of(group.size, |place| upstream[group.at(place)]);
            group.each().for_each(|at| gradient[at] += upstream[at] - y[at].exp() * total);
        }
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let scores = Scores::of(&self.groups, x.float(0));
        Some(Box::new(move |change: &Change, y: &mut Dirty| {
            let x = change.float(0);
            scores.each(change, |index, changed| {
                let (group, ln) = (self.groups.group(index), changed.ln_probability());
                group.each().for_each(|at| y.set(at, std::array::from_fn(|lane| ln(lane, x[lane][at]))));
            });
        }))
    }
}
