//! Pairwise sums of which a few terms change.

use super::{Change, Cone, Touched};
use crate::op::{
    Inputs,
    reduce::{RUN, middle},
};

/// The terms of a pairwise sum with the sums of all its halves, so that a change
/// of one term costs one run and the additions above it.
#[derive(Debug, Clone)]
pub struct PartialSums {
    terms: Vec<f64>,
    /// The sums of the halves, each before the sums within it.
    sums: Vec<f64>,
}

impl PartialSums {
    /// Of `term(0) + … + term(count − 1)`.
    pub fn of(count: usize, term: impl Fn(usize) -> f64) -> Self {
        let mut sums = Self { terms: (0..count).map(term).collect(), sums: Vec::new() };
        sums.fill(0, count);
        sums
    }

    /// A term without any change.
    pub fn term(&self, at: usize) -> f64 {
        self.terms[at]
    }

    /// The sum with other terms in place of some; `changed` is sorted by place.
    pub fn with(&self, changed: &[(u32, f64)]) -> f64 {
        self.refold(0, self.terms.len(), &mut 0, changed)
    }

    fn fill(&mut self, start: usize, end: usize) -> f64 {
        let node = self.sums.len();
        self.sums.push(0.0);
        let sum = match end - start {
            0..=RUN => self.terms[start..end].iter().fold(0.0, |sum, term| sum + term),
            length => {
                let middle = start + middle(length);
                self.fill(start, middle) + self.fill(middle, end)
            }
        };
        self.sums[node] = sum;
        sum
    }

    fn refold(&self, start: usize, end: usize, node: &mut usize, changed: &[(u32, f64)]) -> f64 {
        if changed.is_empty() {
            let sum = self.sums[*node];
            *node += nodes(end - start);
            return sum;
        }
        *node += 1;
        if end - start <= RUN {
            let mut changed = changed.iter().copied().peekable();
            return (start..end).fold(0.0, |sum, at| {
                let new = changed.next_if(|&(place, _)| place as usize == at);
                sum + new.map_or(self.terms[at], |(_, term)| term)
            });
        }
        let middle = start + middle(end - start);
        let (left, right) =
            changed.split_at(changed.partition_point(|&(place, _)| (place as usize) < middle));
        self.refold(start, middle, node, left) + self.refold(middle, end, node, right)
    }
}

/// How many sums a pairwise sum of so many terms is made of.
fn nodes(length: usize) -> usize {
    match length {
        0..=RUN => 1,
        length => 1 + nodes(middle(length)) + nodes(length - middle(length)),
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
    pub fn with(&self, terms: &[(u32, f64)]) -> f64 {
        (self.end)(self.sums.with(terms))
    }
}

impl<T, E> Cone for Total<T, E>
where
    T: Fn(&Inputs<f64>, usize) -> f64 + Send + Sync,
    E: Fn(f64) -> f64 + Send + Sync,
{
    fn follow(&self, change: &Change, y: &mut Touched) {
        let mut terms = std::mem::take(&mut y.scratch.terms);
        terms.clear();
        for (changed, width) in change.changed.iter().zip(self.widths) {
            terms.extend(changed.iter().map(|&at| (at / width as u32, 0.0)));
        }
        terms.sort_unstable_by_key(|&(place, _)| place);
        terms.dedup_by_key(|&mut (place, _)| place);
        for (place, term) in &mut terms {
            *term = (self.term)(&change.now, *place as usize);
        }
        y.set(0, self.with(&terms));
        y.scratch.terms = terms;
    }
}
