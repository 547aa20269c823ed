//! Ops that work on one element at a time: they say `f` and its derivative, and
//! the loops, the broadcasting and the buffers are here.

use super::{Bound, Branches, Call, Card, Float, Inputs, Misuse, Op, Output, Subject};
use crate::shape::{Shape, Walk};

/// A function of `N` numbers.
pub trait Elementwise<const N: usize>: Copy + Default + Send + Sync + 'static {
    const CARD: Card;

    /// Takes over the attributes of a call.
    ///
    /// # Errors
    /// An attribute's value that makes no sense.
    fn configure(self, _call: &Call) -> Result<Self, Misuse> {
        Ok(self)
    }

    fn forward<F: Float>(&self, x: [F; N]) -> F;

    /// The gradient for each input, given the output and the gradient that arrives at it.
    fn backward<F: Float>(&self, x: [F; N], y: F, upstream: F) -> [F; N];

    /// The branch that this element takes, for functions with kinks.
    fn branch<F: Float>(&self, _x: [F; N], _taken: &mut Branches) {}
}

/// An elementwise function over whole tensors, broadcast as NumPy does.
#[derive(Debug)]
pub struct Map<E, const N: usize> {
    function: E,
    /// `None` where all inputs have the output's shape, so that offsets agree.
    broadcast: Option<Box<Walk<N>>>,
}

impl<E: Elementwise<N>, const N: usize> Map<E, N> {
    /// Calls `visit` with the output's offset and the inputs' offsets, element by element.
    fn each(&self, size: usize, mut visit: impl FnMut(usize, [usize; N])) {
        match &self.broadcast {
            None => (0..size).for_each(|at| visit(at, [at; N])),
            Some(walk) => {
                let mut at = 0;
                walk.each(|inputs| {
                    visit(at, inputs);
                    at += 1;
                });
            }
        }
    }
}

impl<E: Elementwise<N>, const N: usize> Op for Map<E, N> {
    const CARD: Card = E::CARD;

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let function = E::default().configure(call)?;
        let mut shape = Shape::scalar();
        for input in 0..N {
            shape = shape.broadcast(call.shape(input)).ok_or_else(|| {
                Misuse::new(Subject::Call, "these shapes do not broadcast").help(
                    "shapes are aligned at their last axis; two lengths fit when they are equal or one of them is 1",
                )
            })?;
        }
        let shapes: [&Shape; N] = std::array::from_fn(|input| call.shape(input));
        let broadcast =
            shapes.iter().any(|&input| *input != shape).then(|| Box::new(Walk::broadcast(&shape, shapes)));
        Ok(Bound::float(Self { function, broadcast }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let y = y.float();
        let x: [&[F]; N] = std::array::from_fn(|input| x.float(input));
        self.each(y.len(), |at, from| {
            y[at] = self.function.forward(std::array::from_fn(|k| x[k][from[k]]));
        });
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, y: &[F], upstream: &[F], gradient: &mut [F]) {
        let x: [&[F]; N] = std::array::from_fn(|input| x.float(input));
        // A stretched axis is walked over and over: that sums the gradient back.
        self.each(y.len(), |at, from| {
            let here = std::array::from_fn(|k| x[k][from[k]]);
            gradient[from[input]] += self.function.backward(here, y[at], upstream[at])[input];
        });
    }

    fn branches<F: Float>(&self, x: &Inputs<F>, taken: &mut Branches) {
        if E::CARD.kinks.is_none() {
            return;
        }
        let x: [&[F]; N] = std::array::from_fn(|input| x.float(input));
        let size = match &self.broadcast {
            None => x[0].len(),
            Some(_) => 0,
        };
        self.each(size, |_, from| {
            self.function.branch(std::array::from_fn(|k| x[k][from[k]]), taken);
        });
    }
}
