//! Reductions over axes: which output element every input element goes to.

use super::{Call, Float, Misuse};
use crate::shape::{Shape, Walk};

/// A reduction of input 0 over the axes of the attribute `axis` (all without it).
#[derive(Debug)]
pub struct Reduction {
    /// Input offset and output offset, in the input's order.
    pub walk: Walk<2>,
    /// How many input elements meet in one output element.
    pub count: usize,
    /// The reduced axes are the innermost ones: each output element comes from
    /// `count` neighbours.
    pub contiguous: bool,
}

impl Reduction {
    /// The reduction that a call asks for, and the shape of its output.
    ///
    /// # Errors
    /// An axis that the input does not have.
    pub fn of(call: &Call) -> Result<(Self, Shape), Misuse> {
        let input = call.shape(0);
        let reduced = call.axes()?;
        let keep: Shape = input.iter().zip(&reduced).map(|(&n, &r)| if r { 1 } else { n }).collect();
        let output = if call.flag("keepdims") {
            keep.clone()
        } else {
            input.iter().zip(&reduced).filter(|&(_, &r)| !r).map(|(&n, _)| n).collect()
        };
        let count = input.iter().zip(&reduced).filter(|&(_, &r)| r).map(|(&n, _)| n).product();
        let first = reduced.iter().position(|&r| r).unwrap_or(reduced.len());
        let contiguous = reduced[first..].iter().all(|&r| r);
        Ok((Self { walk: Walk::broadcast(input, [input, &keep]), count, contiguous }, output))
    }

    /// Sums the input elements of every output element.
    pub fn sum<F: Float>(&self, x: &[F], y: &mut [F]) {
        y.fill(F::zero());
        if self.contiguous && self.count > 0 {
            for (y, x) in y.iter_mut().zip(x.chunks_exact(self.count)) {
                *y = pairwise_sum(x);
            }
        } else {
            self.walk.each(|[from, to]| y[to] += x[from]);
        }
    }
}

/// A sum whose rounding error grows with the logarithm of the length: halves
/// are summed apart, down to runs of 64.
pub fn pairwise_sum<F: Float>(x: &[F]) -> F {
    if x.len() <= 64 {
        return x.iter().fold(F::zero(), |sum, &x| sum + x);
    }
    let (left, right) = x.split_at((x.len() / 2).next_multiple_of(64).min(x.len() - 1));
    pairwise_sum(left) + pairwise_sum(right)
}
