//! Ops that only move elements: reshape, transpose, slice and their like.

use super::{Float, Inputs, Output};
use crate::shape::Walk;

/// Every output element is one input element, read by strides.
#[derive(Debug)]
pub struct Rearrangement(Walk<1>);

impl Rearrangement {
    /// Output axes of the given lengths, read from input 0 with these strides.
    pub fn new(shape: &[usize], strides: &[isize], start: usize) -> Self {
        Self(Walk::new(shape, [strides], [start as isize]))
    }

    /// All elements in their order, for an input of `size` elements.
    pub fn same(size: usize) -> Self {
        Self::new(&[size], &[1], 0)
    }

    /// Moves the elements, floats or ints.
    pub fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        match y {
            Output::Float(y) => self.gather(x.float(0), y),
            Output::Int(y) => self.gather(x.int(0), y),
        }
    }

    fn gather<T: Copy>(&self, x: &[T], y: &mut [T]) {
        let mut at = 0;
        self.0.each(|[from]| {
            y[at] = x[from];
            at += 1;
        });
    }

    /// Sends every element of the gradient back to where its value came from.
    pub fn backward<F: Float>(&self, upstream: &[F], gradient: &mut [F]) {
        let mut at = 0;
        self.0.each(|[from]| {
            gradient[from] += upstream[at];
            at += 1;
        });
    }
}
