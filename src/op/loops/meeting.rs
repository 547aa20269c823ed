//! Where the elements of several inputs meet in one output: NumPy's broadcasting.

use crate::op::{
    Call, Float, Misuse, Subject,
    loops::strips::{Along, Fill, Strip},
    vector,
};
use crate::shape::{Shape, Walk};
use rayon::prelude::*;

/// Elements that a thread takes at a time.
const LONG: usize = 1 << 15;

/// The way through `N` inputs and an output that they are stretched to.
#[derive(Debug)]
pub struct Meeting<const N: usize> {
    /// The elements of the output.
    pub size: usize,
    /// `None` where all inputs have the output's shape, so that offsets agree.
    pub broadcast: Option<Box<Walk<N>>>,
    /// Every input has as many elements as the output, or one.
    is_flat: bool,
}

impl<const N: usize> Meeting<N> {
    /// Of the inputs of a call, and the shape of the output.
    ///
    /// # Errors
    /// Shapes that do not broadcast.
    pub fn of(call: &Call) -> Result<(Self, Shape), Misuse> {
        let shape = broadcast_shape(call, N)?;
        let shapes: [&Shape; N] = std::array::from_fn(|input| call.shape(input));
        let broadcast =
            shapes.iter().any(|&input| *input != shape).then(|| Box::new(Walk::broadcast(&shape, shapes)));
        let size = shape.size();
        let is_flat = shapes.iter().all(|input| [1, size].contains(&input.size()));
        Ok((Self { size, broadcast, is_flat }, shape))
    }

    /// Calls `visit` with each place of the output and those of the inputs, where speed is secondary.
    pub fn each(&self, mut visit: impl FnMut(usize, [usize; N])) {
        let mut at = 0;
        match &self.broadcast {
            None => (0..self.size).for_each(|at| visit(at, [at; N])),
            Some(walk) => walk.each(|from| {
                visit(at, from);
                at += 1;
            }),
        }
    }

    /// Computes every element of an output from those of the inputs that meet there.
    pub fn fill<F: Float>(&self, x: [&[F]; N], y: &mut [F], function: impl Fn([F; N]) -> F + Copy + Sync) {
        if self.is_long() {
            return in_chunks(y, &|chunk, y| {
                let run = self.chunk(chunk, y.len(), &x);
                vector::run(Along { run, x, visit: Fill { function, y } });
            });
        }
        self.runs(&mut |run| {
            let y = &mut y[run.outputs()];
            vector::run(Along { run, x, visit: Fill { function, y } });
        });
    }

    /// There are enough elements for several threads, and runs as long as one likes.
    pub fn is_long(&self) -> bool {
        self.is_flat && self.size >= 2 * LONG
    }

    /// What a thread takes of a long call.
    pub fn chunk<F>(&self, chunk: usize, length: usize, x: &[&[F]; N]) -> Strip<N> {
        let (at, moves) = (chunk * LONG, |input: usize| x[input].len() == self.size);
        let from = std::array::from_fn(|input| if moves(input) { at } else { 0 });
        let moving = (0..N).filter(|&input| moves(input)).map(|input| 1 << input).sum();
        Strip { at, from, moving, length }
    }

    /// Calls `visit` with each run along the innermost axis, in row-major order.
    pub fn runs(&self, visit: &mut dyn FnMut(Strip<N>)) {
        let Some(walk) = &self.broadcast else {
            return visit(Strip::even(0, self.size));
        };
        let mut at = 0;
        walk.runs(&mut |from, step, length| {
            let moving = (0..N).filter(|&input| step[input] != 0).map(|input| 1 << input).sum();
            visit(Strip { at, from, moving, length });
            at += length;
        });
    }
}

/// The shape of the first inputs together.
///
/// # Errors
/// Shapes that do not fit.
pub fn broadcast_shape(call: &Call, inputs: usize) -> Result<Shape, Misuse> {
    (0..inputs).try_fold(Shape::scalar(), |shape, input| {
        shape.broadcast(call.shape(input)).ok_or_else(|| {
            Misuse::new(Subject::Call, "these shapes do not broadcast").help(
                "shapes are aligned at their last axis; lengths fit when they are equal or one of them is 1",
            )
        })
    })
}

/// Shares a long slice out among threads. Not generic in the work, so that what it takes to
/// hand work to threads is compiled once.
pub fn in_chunks<F: Send>(long: &mut [F], work: &(dyn Fn(usize, &mut [F]) + Sync)) {
    long.par_chunks_mut(LONG).enumerate().for_each(|(chunk, part)| work(chunk, part));
}

/// Hands out parts of so many elements, each to be worked on by itself, to threads where they are worth it.
pub fn in_parts<F: Send>(all: &mut [F], length: usize, work: &(dyn Fn(usize, &mut [F]) + Sync)) {
    if all.len() < 2 * LONG {
        return all.chunks_mut(length).enumerate().for_each(|(at, part)| work(at, part));
    }
    all.par_chunks_mut(length).enumerate().for_each(|(at, part)| work(at, part));
}
