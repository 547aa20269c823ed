//! `softmax`, scores made into probabilities.

use crate::op::{
    cone::{Change, Scores},
    *,
};

pub struct Softmax {
    groups: Groups,
}

impl Op for Softmax {
    const CARD: Card = Card {
        name: "softmax",
        sign: None,
        doc: "Makes the scores along an axis into probabilities: positive, and 1 in all.",
        inputs: &[Edge::float("x", "the scores, any tensor but a scalar")],
        attributes: &[Groups::AXIS],
        forward: "y = exp(x − max x) / Σ exp(x − max x)",
        backward: &[("x", "y * (upstream − Σ upstream * y)")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.softmax(x, dim=axis)",
            jax: "jax.nn.softmax(x, axis=axis)",
            onnx: "Softmax",
        },
        samples: &[
            Sample {
                call: "softmax([[1, 2, 3], [0, 0, 0]])",
                output: "[[0.09003057317038046, 0.24472847105479764, 0.6652409557748218], [0.3333333333333333, 0.3333333333333333, 0.3333333333333333]]",
            },
            Sample {
                call: "softmax([[0.5, -1], [2, 0]], axis = 0)",
                output: "[[0.18242552380635632, 0.2689414213699951], [0.8175744761936437, 0.7310585786300049]]",
            },
            Sample {
                call: "softmax([10000, 9999, -10000])",
                output: "[0.7310585786300049, 0.2689414213699951, 0]",
            },
        ],
        refusals: &[
            Refusal { call: "softmax([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" },
            Refusal { call: "softmax(1)", message: "it has no axes" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        Ok(Bound::float(Self { groups: Groups::of(call)? }, call.shape(0).clone()))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let (x, y) = (x.float(0), y.float());
        for group in self.groups.each() {
            let softmax = Normalizer::of(group, x);
            softmax.each_probability(group, x, |place, probability| y[group.at(place)] = probability);
        }
    }

    fn backward<F: Float>(&self, _input: usize, _x: &Inputs<F>, y: &[F], upstream: &[F], gradient: &mut [F]) {
        for group in self.groups.each() {
            let mean = pairwise_sum_of(group.size, |place| upstream[group.at(place)] * y[group.at(place)]);
            group.each().for_each(|at| gradient[at] += y[at] * (upstream[at] - mean));
        }
    }

    fn groups(&self) -> Option<&Groups> {
        Some(&self.groups)
    }

    fn rounding(&self) -> Rounding {
        Rounding::Softmax(self.groups.size)
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let scores = Scores::of(&self.groups, x.float(0));
        Some(Box::new(move |change: &Change, y: &mut Dirty| {
            scores.each(change, |index, changed| {
                let group = self.groups.group(index);
                changed.each_exp(|place, exp| {
                    let share = std::array::from_fn(|lane| changed.softmax[lane].share(exp[lane]));
                    y.set(group.at(place), share);
                });
            });
        }))
    }
}
