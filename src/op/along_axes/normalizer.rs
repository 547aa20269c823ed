//! What softmax and its logarithm share: the scores of a group made into
//! probabilities, without overflow for scores of any size.

use crate::op::{
    Float, Group,
    along_axes::pairwise::{RUN, halved, sum_run},
};
use std::{cmp::Ordering, ops::Range};

/// softmax(x) = exp(x − max) / Σ exp(x − max), for the scores x of one group.
#[derive(Debug, Clone, Copy)]
pub struct Normalizer<F> {
    greatest: F,
    total: F,
}

impl<F: Float> Normalizer<F> {
    /// Looks at the scores of a group, which must have a member.
    pub fn of(group: Group, x: &[F]) -> Self {
        let greatest = group.best(x, Ordering::Greater);
        let add = |a, b| a + b;
        let total = halved(0..group.size, &add, &|run| {
            exps(greatest, group, x, run, |exps| sum_run(F::zero(), add, 0..exps.len(), |at| exps[at]))
        });
        Self::new(greatest, total)
    }

    /// From the greatest score and the sum of all exp(x − greatest).
    pub fn new(greatest: F, total: F) -> Self {
        Self { greatest, total }
    }

    /// Calls `visit` with each place of the group and the probability there.
    pub fn each_probability(&self, group: Group, x: &[F], mut visit: impl FnMut(usize, F)) {
        for first in (0..group.size).step_by(RUN) {
            let run = first..group.size.min(first + RUN);
            exps(self.greatest, group, x, run.clone(), |exps| {
                run.zip(exps).for_each(|(place, &exp)| visit(place, self.share(exp)));
            });
        }
    }

    pub fn greatest(&self) -> F {
        self.greatest
    }

    pub fn total(&self) -> F {
        self.total
    }

    /// The probability of a score from its exp(x − greatest).
    pub fn share(&self, exp: F) -> F {
        exp / self.total
    }

    /// The probability of a score by itself.
    pub fn probability(&self, x: F) -> F {
        self.share((x - self.greatest).exp())
    }

    /// What makes of a score the logarithm of its probability.
    pub fn ln_probability(self) -> impl Fn(F) -> F {
        let (greatest, ln_total) = (self.greatest, self.total.ln());
        move |x| (x - greatest) - ln_total
    }
}

/// Calls `with` with exp(x − greatest) of a run of at most [`RUN`] members.
fn exps<F: Float, T>(
    greatest: F,
    group: Group,
    x: &[F],
    run: Range<usize>,
    with: impl FnOnce(&[F]) -> T,
) -> T {
    let mut exps = [F::zero(); RUN];
    let exps = &mut exps[..run.len()];
    exps.iter_mut().zip(run).for_each(|(exp, place)| *exp = x[group.at(place)] - greatest);
    F::exp_each(exps);
    with(exps)
}
