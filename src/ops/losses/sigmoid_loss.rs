//! `sigmoid_loss`, sigmoid and binary cross-entropy in one.

use crate::ops::elementwise::sigmoid::sigmoid;
use crate::{
    op::{cone::Total, *},
    tensor::Kind,
};

pub struct SigmoidLoss {
    size: usize,
    averaging: Averaging,
}

/// −t·ln σ(x) − (1 − t)·ln(1 − σ(x)) = max(x, 0) − t·x + ln(1 + exp(−|x|)).
#[inline(always)]
fn loss<F: Float>(x: F, t: F) -> F {
    // At x = 0 both parts go by the right side, so that their slopes belong together.
    let (minus_size, missed) = if x < F::zero() { (x, t) } else { (-x, F::one() - t) };
    // The share of the other answer times the size: nothing cancels, and a share of 0 counts for
    // nothing, also where the score is infinite.
    let linear = if missed == F::zero() { F::zero() } else { -(missed * minus_size) };
    linear + minus_size.exp().ln_1p()
}

/// The loss' slope for the score, σ(x) − t.
#[inline(always)]
fn slope<F: Float>(x: F, t: F) -> F {
    // For x > 0 as (1 − t) − σ(−x): where the answer is right and sure, all digits of σ(−x) count.
    if x < F::zero() { sigmoid(x) - t } else { (F::one() - t) - sigmoid(-x) }
}

/// The answer for an element: as it is, or from a label; NaN for a label that is neither 0 nor 1.
fn target<F: Float>(x: &Inputs<F>, at: usize) -> F {
    if !x.is_int(1) {
        return x.float(1)[at];
    }
    match x.int(1)[at] {
        0 => F::zero(),
        1 => F::one(),
        _ => F::from_f64(f64::NAN),
    }
}

impl Op for SigmoidLoss {
    const CARD: Card = Card {
        name: "sigmoid_loss",
        sign: None,
        doc: "Takes sigmoid of the scores and the binary cross-entropy with the right answers, averaged over all elements.",
        inputs: &[
            Edge::float("x", "the scores"),
            Edge::either("t", "of the shape of x: int labels, 0 or 1, or floats from 0 to 1"),
        ],
        attributes: &[Averaging::REDUCTION],
        forward: "loss = Σ (max(x, 0) − t * x + ln(1 + exp(−|x|))) / n, for n elements",
        backward: &[("x", "upstream * (sigmoid(x) − t) / n"), ("t", "−upstream * x / n")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.nn.functional.binary_cross_entropy_with_logits(x, t.to(torch.float64), reduction=reduction if reduction != 'mean' else None)",
            jax: "(jax.nn.softplus(x) - t * x) if reduction == 'none' else (jnp.sum if reduction == 'sum' else jnp.mean)((jax.nn.softplus(x) - t * x))",
            onnx: "",
        },
        samples: &[
            Sample {
                call: "sigmoid_loss([[0.5, -1.5], [3, 0.25]], [[1, 0], [0, 1]])",
                output: "1.0750042584038613",
            },
            Sample { call: "sigmoid_loss([0.5, -1.5], [0.25, 1.0])", output: "1.2752451310814297" },
            Sample { call: "sigmoid_loss([10000, -10000], [0, 0])", output: "5000" },
            Sample {
                call: "sigmoid_loss([0.5, -1.5], [0.25, 1.0], reduction = \"none\")",
                output: "[0.8490769841801067, 1.7014132779827524]",
            },
        ],
        refusals: &[
            Refusal {
                call: "sigmoid_loss([1, 2], [[1], [0]])",
                message: "x and t must have one shape; they have [2] and [2, 1]",
            },
            Refusal { call: "sigmoid_loss([1, 2], [0, 2])", message: "label 2 is out of range: t is 0 or 1" },
            Refusal { call: "sigmoid_loss([], [])", message: "nothing to average" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (averaging, shape) = Averaging::of_pair(call, "x", Averaging::Mean)?;
        if call.kind(1) == Kind::Int {
            in_classes(call, 1, 2, || "t is 0 or 1".into())?;
        }
        Ok(Bound::float(Self { size: call.shape(0).size(), averaging }, shape))
    }

    fn rounding(&self) -> Rounding {
        Rounding::LogOfSum(1)
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let of = |at| loss(x.float(0)[at], target(x, at));
        self.averaging.reduce(self.size, y.float(), F::from_f64(self.size as f64), of);
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        let up = self.averaging.upstream(upstream, F::from_f64(self.size as f64));
        for (at, gradient) in gradient.iter_mut().enumerate() {
            let score = x.float(0)[at];
            *gradient += match input {
                0 => slope(score, target(x, at)),
                _ => -score,
            } * up(at);
        }
    }

    fn rule(&self, input: usize) -> Option<&'static str> {
        let sum = Some(if input == 0 { "upstream * (sigmoid(x) − t)" } else { "−upstream * x" });
        self.averaging.rule([None, sum, sum])
    }

    fn rule_values(&self, _input: usize, entry: usize, x: &Inputs<f64>) -> Vec<(&'static str, f64)> {
        // By itself, each element has an upstream of its own.
        if self.averaging == Averaging::Each {
            return Vec::new();
        }
        let scores = x.float(0);
        vec![
            ("sigmoid(x)", sigmoid(scores[entry])),
            ("x", scores[entry]),
            ("t", target(x, entry)),
            ("n", scores.len() as f64),
        ]
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let averaging = self.averaging;
        if averaging == Averaging::Each {
            return None;
        }
        let size = self.size as f64;
        let end = move |total: f64| if averaging == Averaging::Mean { total / size } else { total };
        let term = |x: &Inputs<f64>, at: usize| loss(x.float(0)[at], target(x, at));
        Some(Box::new(Total::new(x, self.size, [1, 1], term, end)))
    }
}
