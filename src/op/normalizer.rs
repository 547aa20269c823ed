//! What softmax and its logarithm share: the scores of a group made into
//! probabilities, without overflow for scores of any size.

use super::{Float, Group, pairwise_sum_of};
use std::cmp::Ordering;

/// softmax(x) = exp(x − max) / Σ exp(x − max), for the scores x of one group.
#[derive(Debug, Clone, Copy)]
pub struct Normalizer<F> {
    greatest: F,
    total: F,
    ln_total: F,
}

impl<F: Float> Normalizer<F> {
    /// Looks at the scores of a group, which must have a member.
    pub fn of(group: Group, x: &[F]) -> Self {
        // The shift cancels whatever it is, so it need not carry a derivative.
        let greatest = F::from_f64(x[group.winner(x, Ordering::Greater).at].to_f64());
        Self::new(greatest, pairwise_sum_of(group.size, |place| (x[group.at(place)] - greatest).exp()))
    }

    /// From the greatest score and the sum of all exp(x − greatest).
    pub fn new(greatest: F, total: F) -> Self {
        Self { greatest, total, ln_total: total.ln() }
    }

    /// The probability of a score.
    pub fn probability(&self, x: F) -> F {
        self.share(self.exp(x))
    }

    /// exp(x − greatest) of a score.
    pub fn exp(&self, x: F) -> F {
        (x - self.greatest).exp()
    }

    /// The probability of a score whose [`Self::exp`] is known.
    pub fn share(&self, exp: F) -> F {
        exp / self.total
    }

    /// The logarithm of the probability of a score.
    pub fn ln_probability(&self, x: F) -> F {
        (x - self.greatest) - self.ln_total
    }
}
