//! Ops that look at one place of every input at a time, in loops where speed is secondary.

use super::{Call, Misuse, Subject};
use crate::shape::{Shape, Walk};

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

/// Which elements of `N` inputs stand at each place of the output.
#[derive(Debug)]
pub struct Broadcast<const N: usize> {
    size: usize,
    /// `None` where all inputs have the output's shape.
    walk: Option<Walk<N>>,
}

impl<const N: usize> Broadcast<N> {
    /// The walk along the inputs of a call, and the shape of its output.
    ///
    /// # Errors
    /// Shapes that do not fit.
    pub fn of(call: &Call) -> Result<(Self, Shape), Misuse> {
        let shape = broadcast_shape(call, N)?;
        let shapes: [&Shape; N] = std::array::from_fn(|input| call.shape(input));
        let stretches = shapes.iter().any(|&input| *input != shape);
        let walk = stretches.then(|| Walk::broadcast(&shape, shapes));
        Ok((Self { size: shape.size(), walk }, shape))
    }

    /// Calls `visit` with each place of the output and those of the inputs.
    pub fn each(&self, mut visit: impl FnMut(usize, [usize; N])) {
        let mut at = 0;
        match &self.walk {
            None => (0..self.size).for_each(|at| visit(at, [at; N])),
            Some(walk) => walk.each(|from| {
                visit(at, from);
                at += 1;
            }),
        }
    }
}
