//! Pairwise sums of which a few terms change.

use super::{Change, Cone, Dirty, LANES, Lanes, plus};
use crate::op::{
    Inputs,
    along_axes::pairwise::{RUN, middle, sum_run},
};

/// The terms of a pairwise sum with the sums of all its halves, so that a change
/// of one term costs its run and the additions above it.
#[derive(Debug, Clone)]
pub struct PartialSums {
    terms: Vec<f64>,
    /// The halves, each before those within it.
    halves: Vec<Half>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Half {
    sum: f64,
    /// The half that comes after it and all within it.
    next: u32,
}

impl PartialSums {
    /// Of `term(0) + … + term(count − 1)`.
    pub fn of(count: usize, term: impl Fn(usize) -> f64) -> Self {
        let terms = (0..count).map(term).collect();
        let mut sums = Self { terms, halves: Vec::new() };
        sums.fill(0, count);
        sums
    }

    pub fn count(&self) -> usize {
        self.terms.len()
    }

    /// A term without any change.
    pub fn term(&self, at: usize) -> f64 {
        self.terms[at]
    }

    /// The sum with other terms in place of some; `changed` is sorted by place.
    pub fn with(&self, changed: &[(u32, Lanes)]) -> Lanes {
        self.refold(0, self.terms.len(), &mut 0, changed)
    }

    fn fill(&mut self, start: usize, end: usize) -> f64 {
        let own = self.halves.len();
        self.halves.push(Half::default());
        let sum = match end - start {
            0..=RUN => sum_run(0.0, |a, b| a + b, start..end, |at| self.terms[at]),
            length => {
                let middle = start + middle(length);
                self.fill(start, middle) + self.fill(middle, end)
            }
        };
        self.halves[own] = Half { sum, next: self.halves.len() as u32 };
        sum
    }

    /// The sum from `start` to `end`, which is `half`; moves `half` on behind it.
    fn refold(&self, start: usize, end: usize, half: &mut usize, changed: &[(u32, Lanes)]) -> Lanes {
        let Half { sum, next } = self.halves[*half];
        if changed.is_empty() {
            *half = next as usize;
            return [sum; LANES];
        }
        *half += 1;
        if end - start <= RUN {
            let mut changed = changed.iter().peekable();
            return sum_run([0.0; LANES], plus, start..end, |at| {
                let new = changed.next_if(|&&(place, _)| place as usize == at);
                new.map_or_else(|| [self.terms[at]; LANES], |&(_, new)| new)
            });
        }
        let middle = start + middle(end - start);
        let (left, right) =
            changed.split_at(changed.partition_point(|&(place, _)| (place as usize) < middle));
        let left = self.refold(start, middle, half, left);
        plus(left, self.refold(middle, end, half, right))
    }
}

/// The cone of an op whose one output is made from a sum of terms.
pub struct Total<T, E> {
    sums: PartialSums,
    /// For each input how many of its elements make one term.
    widths: [usize; 2],
    term: T,
    end: E,
}

impl<T, E> Total<T, E>
where
    T: Fn(&Inputs<f64>, usize) -> f64 + Send + Sync,
    E: Fn(f64) -> f64 + Send + Sync,
{
    /// `end` makes the output of the sum.
    pub fn new(x: &Inputs<f64>, count: usize, widths: [usize; 2], term: T, end: E) -> Self {
        Self { sums: PartialSums::of(count, |at| term(x, at)), widths, term, end }
    }

    /// The output with other terms in place of some, sorted by place.
    pub fn with(&self, terms: &[(u32, Lanes)]) -> Lanes {
        self.sums.with(terms).map(&self.end)
    }
}

impl<T, E> Cone for Total<T, E>
where
    T: Fn(&Inputs<f64>, usize) -> f64 + Send + Sync,
    E: Fn(f64) -> f64 + Send + Sync,
{
    fn follow(&self, change: &Change, y: &mut Dirty) {
        let mut terms = std::mem::take(&mut y.scratch.terms);
        terms.clear();
        for (changed, width) in change.changed.iter().zip(self.widths) {
            terms.extend(changed.iter().map(|&at| (at / width as u32, [0.0; LANES])));
        }
        terms.sort_unstable_by_key(|&(place, _)| place);
        terms.dedup_by_key(|&mut (place, _)| place);
        for (place, term) in &mut terms {
            *term = std::array::from_fn(|lane| (self.term)(&change.now(lane), *place as usize));
        }
        y.set(0, self.with(&terms));
        y.scratch.terms = terms;
    }
}
