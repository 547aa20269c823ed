//! Pairwise sums: halves are summed apart, so that the rounding error grows with the
//! logarithm of the length. In the order of NumPy's `sum`, to the bit.

use crate::op::Float;
use std::ops::Range;

/// A run of at most so many terms is not halved.
pub(in crate::op) const RUN: usize = 128;

/// So many sums go through a run side by side.
const ABREAST: usize = 8;

/// A half of so many elements is worth a thread.
const WORTH_A_THREAD: usize = 1 << 17;

/// The sum of all elements.
pub fn pairwise_sum<F: Float>(x: &[F]) -> F {
    match x.len() {
        0..=RUN => sum_run(F::zero(), |a, b| a + b, 0..x.len(), |at| x[at]),
        length => {
            let (left, right) = x.split_at(middle(length));
            let (left, right) = match length >= 2 * WORTH_A_THREAD {
                true => rayon::join(|| pairwise_sum(left), || pairwise_sum(right)),
                false => (pairwise_sum(left), pairwise_sum(right)),
            };
            left + right
        }
    }
}

/// `term(0) + … + term(count − 1)`.
pub fn pairwise_sum_of<F: Float>(count: usize, term: impl Fn(usize) -> F) -> F {
    let add = |a, b| a + b;
    halved(0..count, &add, &|run| sum_run(F::zero(), add, run, &term))
}

/// A sum of runs, each summed by `sum`.
pub(in crate::op) fn halved<T>(
    terms: Range<usize>,
    add: &impl Fn(T, T) -> T,
    sum: &impl Fn(Range<usize>) -> T,
) -> T {
    if terms.len() <= RUN {
        return sum(terms);
    }
    let middle = terms.start + middle(terms.len());
    add(halved(terms.start..middle, add, sum), halved(middle..terms.end, add, sum))
}

/// Where a sum of more than [`RUN`] terms is halved.
pub(in crate::op) fn middle(length: usize) -> usize {
    length / 2 / ABREAST * ABREAST
}

/// Adds up a run; `term` is asked for each in order.
#[inline(always)]
pub(in crate::op) fn sum_run<T: Copy>(
    zero: T,
    add: impl Fn(T, T) -> T,
    run: Range<usize>,
    mut term: impl FnMut(usize) -> T,
) -> T {
    let whole = if run.len() < ABREAST { run.start } else { run.end - run.len() % ABREAST };
    let mut sum = zero;
    if whole > run.start {
        let mut abreast = [zero; ABREAST];
        for at in (run.start..whole).step_by(ABREAST) {
            for (k, sum) in abreast.iter_mut().enumerate() {
                *sum = add(*sum, term(at + k));
            }
        }
        let [a, b, c, d, e, f, g, h] = abreast;
        sum = add(add(add(a, b), add(c, d)), add(add(e, f), add(g, h)));
    }
    for at in whole..run.end {
        sum = add(sum, term(at));
    }
    sum
}
