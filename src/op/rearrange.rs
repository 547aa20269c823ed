//! Ops that only move elements: reshape, transpose, slice and their like.

use super::{Bound, Call, Cone, Float, Inputs, Op, Output, cone::Reached};
use crate::{
    shape::{Shape, Walk},
    tensor::Type,
};

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

    /// Sends every element of the gradient back to where its value came from.
    pub fn backward<F: Float>(&self, upstream: &[F], gradient: &mut [F]) {
        let mut upstream = upstream;
        self.0.runs(&mut |[from], [step], length| {
            let (run, rest) = upstream.split_at(length);
            upstream = rest;
            if step == 1 {
                gradient[from..][..length].iter_mut().zip(run).for_each(|(to, &up)| *to += up);
            } else {
                (0..).map(|k| offset(from, step, k)).zip(run).for_each(|(to, &up)| gradient[to] += up);
            }
        });
    }

    /// The cone of an op that moves the elements of a float input of so many.
    pub fn cone(&self, size: usize) -> Box<dyn Cone> {
        let mut pairs = Vec::new();
        self.0.each(|[from]| pairs.push((from as u32, pairs.len() as u32)));
        Reached::of(&pairs, size).into_cone()
    }

    fn gather<T: Copy>(&self, x: &[T], y: &mut [T]) {
        let mut at = 0;
        self.0.runs(&mut |[from], [step], length| {
            let run = &mut y[at..][..length];
            at += length;
            if step == 1 {
                run.copy_from_slice(&x[from..][..length]);
            } else {
                run.iter_mut().enumerate().for_each(|(k, y)| *y = x[offset(from, step, k)]);
            }
        });
    }
}

fn offset(from: usize, step: isize, count: usize) -> usize {
    (from as isize + step * count as isize) as usize
}

impl<T: Op> Bound<T> {
    /// An output of the kind of input 0, and with all of its elements.
    pub fn rearranged(op: T, call: &Call, shape: Shape) -> Self {
        Self { op, output: Type { kind: call.kind(0), shape }, range: call.inputs[0].range }
    }
}
