//! Many calls of an elementwise function on single numbers, as one call.
//!
//! A graph of scalars is a million calls of next to nothing each: the time goes
//! into getting there. Calls of one op that do not wait for each other lie side
//! by side in the plan, and one loop does them all.

use crate::op::{
    Elementwise, Float, Map,
    loops::vector::{self, Loop},
    number::ScalarCallsOfAll,
};

/// Calls of a heavy function that are computed at a time, all of them or none.
const BLOCK: usize = 16;

/// Stands for sets of wanted inputs without a loop of their own.
const ANY: u8 = u8::MAX;

/// The same function applied in many places of an arena.
pub trait ScalarBatch: ScalarCallsOfAll + Sync {}

/// Forward of a scalar batch on one number type.
pub trait ScalarCalls<F> {
    /// `from` holds the offsets of the inputs in `x`, call by call.
    fn call_scalars(&self, from: &[u32], x: &[F], y: &mut [F]);
}

/// Backward of a scalar batch on one number type.
pub trait ScalarCallsBackward<F> {
    /// Adds to the gradients, from the last call to the first.
    fn call_scalars_backward(&self, calls: &BackwardCalls<F>, gradients: &mut [F]);
}

/// Backward of the calls of one [`ScalarBatch`].
pub struct BackwardCalls<'a, F> {
    pub from: &'a [u32],
    /// The offsets of the inputs' gradients, laid out as `from`.
    pub to: &'a [u32],
    /// Bit `k` is set where input `k` has a gradient.
    pub wanted: u8,
    pub x: &'a [F],
    pub y: &'a [F],
    pub upstream: &'a [F],
}

impl<E: Elementwise<N>, const N: usize> ScalarBatch for Map<E, N> {}

impl<E: Elementwise<N>, F: Float, const N: usize> ScalarCalls<F> for Map<E, N> {
    fn call_scalars(&self, from: &[u32], x: &[F], y: &mut [F]) {
        let from = from.as_chunks::<N>().0;
        if !E::HEAVY {
            for (from, y) in from.iter().zip(y) {
                *y = self.function().forward(from.map(|from| x[from as usize]));
            }
            return;
        }
        let mut block = Block::new(self.function());
        for (from, y) in from.chunks(BLOCK).zip(y.chunks_mut(BLOCK)) {
            block.gather(from, x);
            let results = vector::run(ForwardBlock(&block));
            y.copy_from_slice(&results[..y.len()]);
        }
    }
}

impl<E: Elementwise<N>, F: Float, const N: usize> ScalarCallsBackward<F> for Map<E, N> {
    fn call_scalars_backward(&self, calls: &BackwardCalls<F>, gradients: &mut [F]) {
        match calls.wanted {
            0b01 => self.backward_of::<F, 0b01>(calls, gradients),
            // A function of one number has one input to want.
            _ if const { N == 1 } => {}
            0b10 => self.backward_of::<F, 0b10>(calls, gradients),
            0b11 => self.backward_of::<F, 0b11>(calls, gradients),
            _ => self.backward_of::<F, ANY>(calls, gradients),
        }
    }
}

impl<E: Elementwise<N>, const N: usize> Map<E, N> {
    /// Each set of wanted inputs has a loop of its own.
    #[inline(always)]
    fn backward_of<F: Float, const WANTED: u8>(&self, calls: &BackwardCalls<F>, gradients: &mut [F]) {
        let (from, to) = (calls.from.as_chunks::<N>().0, calls.to.as_chunks::<N>().0);
        let mut add = |to: [u32; N], own: [F; N]| {
            for input in (0..N).filter(|input| (WANTED & calls.wanted) >> input & 1 == 1) {
                gradients[to[input] as usize] += own[input];
            }
        };
        if !E::HEAVY {
            let results = calls.y.iter().zip(calls.upstream);
            for ((&from, &to), (&y, &upstream)) in from.iter().zip(to).zip(results).rev() {
                let x = from.map(|from| calls.x[from as usize]);
                add(to, self.function().backward(x, y, upstream));
            }
            return;
        }
        let mut block = Block::new(self.function());
        let results = calls.y.chunks(BLOCK).zip(calls.upstream.chunks(BLOCK));
        for ((from, to), (y, upstream)) in from.chunks(BLOCK).zip(to.chunks(BLOCK)).zip(results).rev() {
            block.gather(from, calls.x);
            let (mut all_y, mut all_upstream) = ([F::zero(); BLOCK], [F::zero(); BLOCK]);
            all_y[..y.len()].copy_from_slice(y);
            all_upstream[..y.len()].copy_from_slice(upstream);
            let own = vector::run(BackwardBlock { block: &block, y: &all_y, upstream: &all_upstream });
            to.iter().zip(own).rev().for_each(|(&to, own)| add(to, own));
        }
    }
}

/// The inputs of calls, those of the same place side by side. Where there are fewer calls,
/// numbers of no use stand behind them.
struct Block<E, F, const N: usize> {
    function: E,
    x: [[F; BLOCK]; N],
}

impl<E: Elementwise<N>, F: Float, const N: usize> Block<E, F, N> {
    fn new(function: E) -> Self {
        Self { function, x: [[F::zero(); BLOCK]; N] }
    }

    #[inline(always)]
    fn gather(&mut self, from: &[[u32; N]], x: &[F]) {
        for (call, from) in from.iter().enumerate() {
            for input in 0..N {
                self.x[input][call] = x[from[input] as usize];
            }
        }
    }
}

struct ForwardBlock<'a, E, F, const N: usize>(&'a Block<E, F, N>);

impl<E: Elementwise<N>, F: Float, const N: usize> Loop for ForwardBlock<'_, E, F, N> {
    type Output = [F; BLOCK];

    #[inline(always)]
    fn run(self) -> [F; BLOCK] {
        let mut y = [F::zero(); BLOCK];
        self.0.function.forward_block(self.0.x.each_ref(), &mut y);
        y
    }
}

struct BackwardBlock<'a, E, F, const N: usize> {
    block: &'a Block<E, F, N>,
    y: &'a [F; BLOCK],
    upstream: &'a [F; BLOCK],
}

impl<E: Elementwise<N>, F: Float, const N: usize> Loop for BackwardBlock<'_, E, F, N> {
    type Output = [[F; N]; BLOCK];

    #[inline(always)]
    fn run(self) -> [[F; N]; BLOCK] {
        let mut gradients = [[F::zero(); N]; BLOCK];
        self.block.function.backward_block(self.block.x.each_ref(), self.y, self.upstream, &mut gradients);
        gradients
    }
}
