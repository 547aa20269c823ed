//! Many calls of an elementwise function on single numbers, as one call.
//!
//! A graph of scalars is a million calls of next to nothing each: the time goes
//! into getting there. Calls of one op that do not wait for each other lie side
//! by side in the plan, and one loop does them all.

use super::{Elementwise, Float, Map};

/// The same function applied in many places of an arena.
///
/// `from` holds the offsets of the inputs: of all first inputs, then of all second ones.
pub trait Singles: Sync {
    fn forward_f64(&self, from: &[u32], x: &[f64], y: &mut [f64]);
    fn forward_f32(&self, from: &[u32], x: &[f32], y: &mut [f32]);
    /// Adds to the gradients at `to`, laid out as `from`, from the last call to the
    /// first; [`NOWHERE`] stands for an input without one.
    fn backward_f64(&self, calls: &BackwardCalls<f64>, gradients: &mut [f64]);
    fn backward_f32(&self, calls: &BackwardCalls<f32>, gradients: &mut [f32]);
}

/// Where no gradient is asked for.
pub const NOWHERE: u32 = u32::MAX;

/// Backward of the calls of one [`Singles`].
pub struct BackwardCalls<'a, F> {
    pub from: &'a [u32],
    pub to: &'a [u32],
    pub x: &'a [F],
    pub y: &'a [F],
    pub upstream: &'a [F],
}

impl<E: Elementwise<N>, const N: usize> Singles for Map<E, N> {
    fn forward_f64(&self, from: &[u32], x: &[f64], y: &mut [f64]) {
        self.forward_singles(from, x, y);
    }
    fn forward_f32(&self, from: &[u32], x: &[f32], y: &mut [f32]) {
        self.forward_singles(from, x, y);
    }
    fn backward_f64(&self, calls: &BackwardCalls<f64>, gradients: &mut [f64]) {
        self.backward_singles(calls, gradients);
    }
    fn backward_f32(&self, calls: &BackwardCalls<f32>, gradients: &mut [f32]) {
        self.backward_singles(calls, gradients);
    }
}

impl<E: Elementwise<N>, const N: usize> Map<E, N> {
    fn forward_singles<F: Float>(&self, from: &[u32], x: &[F], y: &mut [F]) {
        let from = columns::<N>(from, y.len());
        for (call, y) in y.iter_mut().enumerate() {
            *y = self.function().forward(std::array::from_fn(|input| x[from[input][call] as usize]));
        }
    }

    fn backward_singles<F: Float>(&self, calls: &BackwardCalls<F>, gradients: &mut [F]) {
        let count = calls.upstream.len();
        let (from, to) = (columns::<N>(calls.from, count), columns::<N>(calls.to, count));
        let y = &calls.y[..count];
        for call in (0..count).rev() {
            let x = std::array::from_fn(|input| calls.x[from[input][call] as usize]);
            let own = self.function().backward(x, y[call], calls.upstream[call]);
            for input in 0..N {
                // An index of `NOWHERE` is behind the end.
                if let Some(gradient) = gradients.get_mut(to[input][call] as usize) {
                    *gradient += own[input];
                }
            }
        }
    }
}

fn columns<const N: usize>(offsets: &[u32], count: usize) -> [&[u32]; N] {
    std::array::from_fn(|input| &offsets[input * count..][..count])
}
