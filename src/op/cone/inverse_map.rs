//! Which output elements every input element reaches, and from where every
//! output element comes, as tables.

use super::{Change, Cone, Dirty, across};
use crate::shape::Walk;

/// The elements of `N` inputs that meet in each element of an output.
#[derive(Debug)]
pub struct InverseMap<const N: usize> {
    /// For each output element its offset in each input.
    sources: Vec<[u32; N]>,
    reached: [Reached; N],
}

/// For each input element the output elements that it reaches, one list behind
/// the other.
#[derive(Debug)]
pub struct Reached {
    ends: Vec<u32>,
    outputs: Vec<u32>,
}

impl<const N: usize> InverseMap<N> {
    /// Of a walk over the output, for inputs of so many elements.
    pub fn of(walk: &Walk<N>, sizes: [usize; N]) -> Self {
        let mut sources = Vec::new();
        walk.each(|at| sources.push(at.map(|at| at as u32)));
        let reached = std::array::from_fn(|input| {
            let pairs: Vec<_> = (0..).zip(&sources).map(|(output, at)| (at[input], output)).collect();
            Reached::of(&pairs, sizes[input])
        });
        Self { sources, reached }
    }

    /// The output elements that an input element reaches.
    pub fn reached(&self, input: usize, at: u32) -> &[u32] {
        self.reached[input].by(at as usize)
    }

    /// Where an output element comes from, in each input.
    pub fn sources(&self, output: u32) -> [usize; N] {
        self.sources[output as usize].map(|at| at as usize)
    }
}

impl Reached {
    /// Of pairs of an input element and an output element that it reaches, for an input of `size`
    /// elements. Each list has the order of the pairs.
    pub fn of(pairs: &[(u32, u32)], size: usize) -> Self {
        // Counting sort: how many each has, where each begins, then each in its place.
        let mut ends = vec![0u32; size];
        pairs.iter().for_each(|&(at, _)| ends[at as usize] += 1);
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum - *end;
        }
        let mut outputs = vec![0u32; sum as usize];
        for &(at, output) in pairs {
            let end = &mut ends[at as usize];
            outputs[*end as usize] = output;
            *end += 1;
        }
        Self { ends, outputs }
    }

    /// The output elements that an input element reaches.
    pub fn by(&self, at: usize) -> &[u32] {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.outputs[start as usize..self.ends[at] as usize]
    }

    /// The cone of an op whose output elements are elements of input 0 in other places.
    pub fn into_cone(self) -> Box<dyn Cone> {
        Box::new(move |change: &Change, y: &mut Dirty| {
            let x = change.float(0);
            for &at in change.of(0) {
                let moved = across(x, at as usize);
                self.by(at as usize).iter().for_each(|&to| y.set(to as usize, moved));
            }
        })
    }
}
