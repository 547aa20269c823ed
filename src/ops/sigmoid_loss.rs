//! `sigmoid_loss`, sigmoid and binary cross-entropy in one.

use super::sigmoid::sigmoid;
use crate::{
    op::{cone::Total, *},
    tensor::Kind,
};

pub struct SigmoidLoss {
    size: usize,
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
        attributes: &[],
        forward: "loss = Σ (max(x, 0) − t * x + ln(1 + exp(−|x|))) / n, for n elements",
        backward: &[("x", "upstream * (sigmoid(x) − t) / n"), ("t", "−upstream * x / n")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.nn.functional.binary_cross_entropy_with_logits(x, t.to(x.dtype))",
            jax: "jnp.mean(jax.nn.softplus(x) - t * x)",
            onnx: "",
        },
        samples: &[
            Sample {
                call: "sigmoid_loss([[0.5, -1.5], [3, 0.25]], [[1, 0], [0, 1]])",
                output: "1.0750042584038613",
            },
            Sample { call: "sigmoid_loss([0.5, -1.5], [0.25, 1.0])", output: "1.2752451310814297" },
            Sample { call: "sigmoid_loss([10000, -10000], [0, 0])", output: "5000" },
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
        let (x, t) = (call.shape(0), call.shape(1));
        if x != t {
            let message = format!("x and t must have one shape; they have {x} and {t}");
            return Err(Misuse::new(Subject::Call, message)
                .help("a loss does not broadcast, which would compare elements that never met"));
        }
        if x.size() == 0 {
            let message = format!("x has shape {x}: without elements there is nothing to average");
            return Err(Misuse::new(Subject::Input(0), message));
        }
        if call.kind(1) == Kind::Int {
            in_classes(call, 1, 2, || "t is 0 or 1".into())?;
        }
        Ok(Bound::float(Self { size: x.size() }, Default::default()))
    }

    fn rounds_within(&self) -> bool {
        true
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let total = pairwise_sum_of(self.size, |at| loss(x.float(0)[at], target(x, at)));
        y.float()[0] = total / F::from_f64(self.size as f64);
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        let upstream = upstream[0] / F::from_f64(self.size as f64);
        for (at, gradient) in gradient.iter_mut().enumerate() {
            let score = x.float(0)[at];
            *gradient += match input {
                0 => slope(score, target(x, at)),
                _ => -score,
            } * upstream;
        }
    }

    fn rule_values(&self, _input: usize, entry: usize, x: &Inputs<f64>) -> Vec<(&'static str, f64)> {
        let scores = x.float(0);
        vec![
            ("sigmoid(x)", sigmoid(scores[entry])),
            ("x", scores[entry]),
            ("t", target(x, entry)),
            ("n", scores.len() as f64),
        ]
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let term = |x: &Inputs<f64>, at: usize| loss(x.float(0)[at], target(x, at));
        Some(Box::new(Total::new(x, self.size, [1, 1], term, |total| total / self.size as f64)))
    }
}
