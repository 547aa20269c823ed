//! Runs of neighbours, and the loops of elementwise functions along them.

use crate::op::{Elementwise, Float, loops::elementwise::pick, loops::vector::Loop};
use std::ops::Range;

/// Places that are visited as one where that is faster.
const BLOCK: usize = 64;

/// What is done at every place of a run: a closure, or one of the loops below, which
/// are sure to be inlined.
pub trait Visit<F, const N: usize> {
    /// Whole blocks go to [`Self::visit_block`].
    const IN_BLOCKS: bool = false;

    /// `at` counts from the start of the run; `x` are the inputs' elements there.
    fn visit(&mut self, at: usize, x: [F; N]);

    /// [`Self::visit`] of so many places in turn.
    #[inline(always)]
    fn visit_block(&mut self, at: usize, x: [&[F; BLOCK]; N])
    where
        F: Float,
    {
        for place in 0..BLOCK {
            self.visit(at + place, pick(&x, place));
        }
    }
}

impl<F, V: FnMut(usize, [F; N]), const N: usize> Visit<F, N> for V {
    #[inline(always)]
    fn visit(&mut self, at: usize, x: [F; N]) {
        self(at, x);
    }
}

pub struct Forward<'a, E, F> {
    pub function: E,
    pub y: &'a mut [F],
}

impl<E: Elementwise<N>, F: Float, const N: usize> Visit<F, N> for Forward<'_, E, F> {
    const IN_BLOCKS: bool = E::FORWARD_IN_BLOCKS || E::HEAVY && F::IN_BLOCKS;

    #[inline(always)]
    fn visit(&mut self, at: usize, x: [F; N]) {
        self.y[at] = self.function.forward(x);
    }

    #[inline(always)]
    fn visit_block(&mut self, at: usize, x: [&[F; BLOCK]; N]) {
        let (blocks, _) = self.y[at..].as_chunks_mut();
        self.function.forward_block(x, &mut blocks[0]);
    }
}

/// Forward by a closure.
pub struct Fill<'a, C, F> {
    pub function: C,
    pub y: &'a mut [F],
}

impl<C: Fn([F; N]) -> F, F: Float, const N: usize> Visit<F, N> for Fill<'_, C, F> {
    #[inline(always)]
    fn visit(&mut self, at: usize, x: [F; N]) {
        self.y[at] = (self.function)(x);
    }
}

/// Backward to an input that moves along with the run.
pub struct Backward<'a, E, P, F> {
    pub function: E,
    /// Picks the gradient for the input.
    pub pick: &'a P,
    pub y: &'a [F],
    pub upstream: &'a [F],
    pub gradient: &'a mut [F],
}

impl<E, P, F, const N: usize> Visit<F, N> for Backward<'_, E, P, F>
where
    E: Elementwise<N>,
    P: Fn([F; N]) -> F,
    F: Float,
{
    const IN_BLOCKS: bool = E::BACKWARD_IN_BLOCKS || E::HEAVY && F::IN_BLOCKS;

    #[inline(always)]
    fn visit(&mut self, at: usize, x: [F; N]) {
        self.gradient[at] += (self.pick)(self.function.backward(x, self.y[at], self.upstream[at]));
    }

    #[inline(always)]
    fn visit_block(&mut self, at: usize, x: [&[F; BLOCK]; N]) {
        let (y, upstream) = (&self.y[at..].as_chunks().0[0], &self.upstream[at..].as_chunks().0[0]);
        let mut gradients = [[F::zero(); N]; BLOCK];
        self.function.backward_block(x, y, upstream, &mut gradients);
        for (gradient, own) in self.gradient[at..].iter_mut().zip(gradients) {
            *gradient += (self.pick)(own);
        }
    }
}

/// A run, gone along on a vector unit.
pub struct Along<'a, F, V, const N: usize> {
    pub run: Strip<N>,
    pub x: [&'a [F]; N],
    pub visit: V,
}

impl<F: Float, V: Visit<F, N>, const N: usize> Loop for Along<'_, F, V, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.run.each(&self.x, self.visit);
    }
}

/// Whether an element of a run takes another branch.
pub struct Crosses<'a, E, const N: usize> {
    pub function: E,
    pub run: Strip<N>,
    pub now: [&'a [f64]; N],
    pub before: [&'a [f64]; N],
}

impl<'a, E: Elementwise<N>, const N: usize> Loop for Crosses<'a, E, N> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let part = |x: &'a [f64]| &x[self.run.outputs()];
        let (now, before) = (self.now.map(part), self.before.map(part));
        let mut crosses = false;
        for at in 0..self.run.length {
            let branch = |x: &[&[f64]; N]| self.function.branch(std::array::from_fn(|input| x[input][at]));
            // Without a way out, so that several can be looked at at a time.
            crosses |= branch(&now) != branch(&before);
        }
        crosses
    }
}

/// Neighbours in the output, and where they come from: in each input neighbours
/// too, or one element that is stretched over the run.
pub struct Strip<const N: usize> {
    pub at: usize,
    pub from: [usize; N],
    /// Bit `k` is set where input `k` moves on with the output.
    pub moving: usize,
    pub length: usize,
}

impl<const N: usize> Strip<N> {
    /// A run of elements that stand at the same place in all tensors.
    pub fn even(at: usize, length: usize) -> Self {
        Self { at, from: [at; N], moving: (1 << N) - 1, length }
    }

    pub fn outputs(&self) -> Range<usize> {
        self.at..self.at + self.length
    }

    pub fn moves(&self, input: usize) -> bool {
        self.moving >> input & 1 == 1
    }

    /// The inputs' elements at a place.
    pub fn pick<F: Float>(&self, x: &[&[F]; N], at: usize) -> [F; N] {
        std::array::from_fn(|input| x[input][self.from[input] + if self.moves(input) { at } else { 0 }])
    }

    /// Visits every place.
    #[inline(always)]
    pub fn each<F: Float>(&self, x: &[&[F]; N], visit: impl Visit<F, N>) {
        // Each arm is a loop of its own that knows who moves, and so can be vectorised.
        match self.moving {
            0b01 => self.each_of(0b01, x, visit),
            0b10 if const { N > 1 } => self.each_of(0b10, x, visit),
            0b11 if const { N > 1 } => self.each_of(0b11, x, visit),
            0b101 if const { N > 2 } => self.each_of(0b101, x, visit),
            0b111 if const { N > 2 } => self.each_of(0b111, x, visit),
            moving => self.each_of(moving, x, visit),
        }
    }

    #[inline(always)]
    fn each_of<F: Float, V: Visit<F, N>>(&self, moving: usize, x: &[&[F]; N], mut visit: V) {
        let moves = |input: usize| moving >> input & 1 == 1;
        let x: [&[F]; N] = std::array::from_fn(|input| {
            &x[input][self.from[input]..][..if moves(input) { self.length } else { 1 }]
        });
        // Read before the loop: what is written there could be the same place, for all that the compiler knows.
        let mut stretched = [F::zero(); N];
        for input in 0..N {
            if !moves(input) {
                stretched[input] = x[input][0];
            }
        }
        let mut done = 0;
        if V::IN_BLOCKS && self.length >= BLOCK {
            let stretched: [[F; BLOCK]; N] = stretched.map(|x| [x; BLOCK]);
            while done + BLOCK <= self.length {
                let block = std::array::from_fn(|input| match moves(input) {
                    true => &x[input][done..].as_chunks().0[0],
                    false => &stretched[input],
                });
                visit.visit_block(done, block);
                done += BLOCK;
            }
        }
        // No iterator's closures here, which may not be inlined.
        while done < self.length {
            let mut here = stretched;
            for input in 0..N {
                if moves(input) {
                    here[input] = x[input][done];
                }
            }
            visit.visit(done, here);
            done += 1;
        }
    }
}
