//! Ops that work on one element at a time: they say `f` and its derivative, and
//! the loops, the broadcasting and the buffers are here.

use super::{
    Bound, Branches, Call, Card, Cone, Float, Inputs, Misuse, Op, Output, Singles, Subject, Touched,
    cone::{Change, Fibres, LANES},
    vector::{self, Loop},
};
use crate::shape::{Shape, Walk};
use rayon::prelude::*;
use std::ops::Range;

/// So many neighbours are worth a loop of their own.
const WORTH_A_LOOP: usize = 8;

/// Elements that a thread takes at a time.
const LONG: usize = 1 << 15;

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

    /// A loop over it runs on vector units where it is inlined, which a long one must
    /// ask for.
    fn forward<F: Float>(&self, x: [F; N]) -> F;

    /// The gradient for each input, given the output and the gradient that arrives at it.
    fn backward<F: Float>(&self, x: [F; N], y: F, upstream: F) -> [F; N];

    /// The branch that this element takes, for functions with kinks.
    fn branch<F: Float>(&self, _x: [F; N]) -> usize {
        0
    }
}

/// The branch that a comparison with zero takes: below, on it, above, or none (NaN).
pub fn side_of_zero<F: Float>(value: F) -> usize {
    let zero = F::zero();
    usize::from(value < zero) + 2 * usize::from(value == zero) + 3 * usize::from(value > zero)
}

/// An elementwise function over whole tensors, broadcast as NumPy does.
#[derive(Debug)]
pub struct Map<E, const N: usize> {
    function: E,
    size: usize,
    /// `None` where all inputs have the output's shape, so that offsets agree.
    broadcast: Option<Box<Walk<N>>>,
    /// Every input has as many elements as the output, or one.
    in_pieces: bool,
}

impl<E: Elementwise<N>, const N: usize> Op for Map<E, N> {
    const CARD: Card = E::CARD;

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let function = E::default().configure(call)?;
        let mut shape = Shape::scalar();
        for input in 0..N {
            shape = shape.broadcast(call.shape(input)).ok_or_else(|| {
                Misuse::new(Subject::Call, "these shapes do not broadcast").help(
                    "shapes are aligned at their last axis; lengths fit when they are equal or one of them is 1",
                )
            })?;
        }
        let shapes: [&Shape; N] = std::array::from_fn(|input| call.shape(input));
        let broadcast =
            shapes.iter().any(|&input| *input != shape).then(|| Box::new(Walk::broadcast(&shape, shapes)));
        let size = shape.size();
        let in_pieces = shapes.iter().all(|input| [1, size].contains(&input.size()));
        Ok(Bound::float(Self { function, size, broadcast, in_pieces }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let y = y.float();
        let x = Self::elements(x);
        if self.in_pieces && self.size >= 2 * LONG {
            y.par_chunks_mut(LONG).enumerate().for_each(|(chunk, y)| {
                let run = self.piece(chunk * LONG, y.len(), &x);
                vector::run(Along { run, x, visit: Forward { function: self.function, y } });
            });
            return;
        }
        self.runs(|run| {
            let y = &mut y[run.outputs()];
            vector::run(Along { run, x, visit: Forward { function: self.function, y } });
        });
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, y: &[F], upstream: &[F], gradient: &mut [F]) {
        // With the first input named outright, what the others would get is not computed.
        match input {
            0 => self.send_back(0, |gradients| gradients[0], x, y, upstream, gradient),
            _ => self.send_back(input, |gradients| gradients[input], x, y, upstream, gradient),
        }
    }

    fn branches<F: Float>(&self, x: &Inputs<F>, taken: &mut Branches) {
        if E::CARD.kinks.is_some() {
            let x = Self::elements(x);
            self.runs(|run| run.each(&x, |_, x| taken.take(self.function.branch(x))));
        }
    }

    fn singles(&self) -> Option<&dyn Singles> {
        // Without attributes it is the same function in every call.
        (size_of::<E>() == 0).then_some(self as &dyn Singles)
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let sizes = Self::elements(x).map(<[f64]>::len);
        let fibres = self.broadcast.as_ref().map(|walk| Fibres::of(walk, sizes));
        Some(Box::new(move |change: &Change, y: &mut Touched| {
            let now = change.now.each_ref().map(Self::elements);
            let before = Self::elements(&change.before);
            for input in 0..N {
                let changed = change.of(input);
                match &fibres {
                    Some(fibres) => {
                        let reached = changed.iter().flat_map(|&at| fibres.reached(input, at));
                        reached
                            .for_each(|&at| self.follow(&now, &before, fibres.sources(at), at as usize, y));
                    }
                    None => {
                        for run in changed.chunk_by(|&at, &next| at + 1 == next) {
                            let places = run[0] as usize..run[0] as usize + run.len();
                            match run.len() >= WORTH_A_LOOP && change.only_in(input) {
                                true => self.follow_run(&now, &before, places, y),
                                false => places.for_each(|at| self.follow(&now, &before, [at; N], at, y)),
                            }
                        }
                    }
                }
            }
        }))
    }
}

impl<E: Elementwise<N>, const N: usize> Map<E, N> {
    pub(super) fn function(&self) -> E {
        self.function
    }

    /// Neighbours in the output, for inputs of as many elements as it has, or one.
    fn piece<F>(&self, start: usize, length: usize, x: &[&[F]; N]) -> Run<N> {
        let moves = |input: usize| x[input].len() == self.size;
        Run {
            at: start,
            from: std::array::from_fn(|input| if moves(input) { start } else { 0 }),
            moving: (0..N).filter(|&input| moves(input)).map(|input| 1 << input).sum(),
            length,
        }
    }

    fn elements<'a, F: Float>(x: &Inputs<'a, F>) -> [&'a [F]; N] {
        std::array::from_fn(|input| x.float(input))
    }

    /// One element of the output where elements of the inputs changed.
    #[inline(always)]
    fn follow(
        &self,
        now: &[[&[f64]; N]; LANES],
        before: &[&[f64]; N],
        from: [usize; N],
        at: usize,
        y: &mut Touched,
    ) {
        let pick = |x: &[&[f64]; N]| std::array::from_fn(|input| x[input][from[input]]);
        y.set(at, std::array::from_fn(|lane| self.function.forward(pick(&now[lane]))));
        if E::CARD.kinks.is_some() {
            let branch = |x| self.function.branch(pick(x));
            y.compare_branches(std::array::from_fn(|lane| branch(&now[lane])), branch(before));
        }
    }

    /// Neighbours at the same places in all tensors.
    fn follow_run(
        &self,
        now: &[[&[f64]; N]; LANES],
        before: &[&[f64]; N],
        places: Range<usize>,
        y: &mut Touched,
    ) {
        let run = || Run::even(places.start, places.len());
        y.set_run(places.clone(), |lane, y| {
            let visit = Forward { function: self.function, y };
            vector::run(Along { run: run(), x: now[lane], visit });
        });
        if E::CARD.kinks.is_some() {
            for (&now, crossed) in now.iter().zip(&mut y.crossed) {
                *crossed |=
                    vector::run(Crosses { function: self.function, run: run(), now, before: *before });
            }
        }
    }

    fn send_back<F: Float>(
        &self,
        input: usize,
        pick: impl Fn([F; N]) -> F + Sync,
        x: &Inputs<F>,
        y: &[F],
        upstream: &[F],
        gradient: &mut [F],
    ) {
        let x = Self::elements(x);
        if self.is_long() {
            gradient.par_chunks_mut(LONG).enumerate().for_each(|(chunk, gradient)| {
                let run = Run::even(chunk * LONG, gradient.len());
                let (y, upstream) = (&y[run.outputs()], &upstream[run.outputs()]);
                let visit = Backward { function: self.function, pick: &pick, y, upstream, gradient };
                vector::run(Along { run, x, visit });
            });
            return;
        }
        self.runs(|run| {
            let (y, upstream) = (&y[run.outputs()], &upstream[run.outputs()]);
            let gradient = &mut gradient[run.from[input]..];
            if run.moves(input) {
                let gradient = &mut gradient[..run.length];
                let visit = Backward { function: self.function, pick: &pick, y, upstream, gradient };
                vector::run(Along { run, x, visit });
            } else {
                // A stretched element was used in the whole run: its gradients add up.
                let mut sum = F::zero();
                run.each(&x, |at, x| sum += pick(self.function.backward(x, y[at], upstream[at])));
                gradient[0] += sum;
            }
        });
    }

    /// All inputs have the output's shape, and enough elements for several threads.
    fn is_long(&self) -> bool {
        self.broadcast.is_none() && self.size >= 2 * LONG
    }

    /// Calls `visit` with each run along the innermost axis, in row-major order.
    fn runs(&self, mut visit: impl FnMut(Run<N>)) {
        let Some(walk) = &self.broadcast else {
            return visit(Run::even(0, self.size));
        };
        let mut at = 0;
        walk.runs(|from, step, length| {
            let moving = (0..N).filter(|&input| step[input] != 0).map(|input| 1 << input).sum();
            visit(Run { at, from, moving, length });
            at += length;
        });
    }
}

/// What is done at every place of a run: a closure, or one of the loops below, which
/// are sure to be inlined.
trait Visit<F, const N: usize> {
    /// `at` counts from the start of the run; `x` are the inputs' elements there.
    fn visit(&mut self, at: usize, x: [F; N]);
}

impl<F, V: FnMut(usize, [F; N]), const N: usize> Visit<F, N> for V {
    #[inline(always)]
    fn visit(&mut self, at: usize, x: [F; N]) {
        self(at, x);
    }
}

struct Forward<'a, E, F> {
    function: E,
    y: &'a mut [F],
}

impl<E: Elementwise<N>, F: Float, const N: usize> Visit<F, N> for Forward<'_, E, F> {
    #[inline(always)]
    fn visit(&mut self, at: usize, x: [F; N]) {
        self.y[at] = self.function.forward(x);
    }
}

/// Backward to an input that moves along with the run.
struct Backward<'a, E, P, F> {
    function: E,
    /// Picks the gradient for the input.
    pick: &'a P,
    y: &'a [F],
    upstream: &'a [F],
    gradient: &'a mut [F],
}

impl<E, P, F, const N: usize> Visit<F, N> for Backward<'_, E, P, F>
where
    E: Elementwise<N>,
    P: Fn([F; N]) -> F,
    F: Float,
{
    #[inline(always)]
    fn visit(&mut self, at: usize, x: [F; N]) {
        self.gradient[at] += (self.pick)(self.function.backward(x, self.y[at], self.upstream[at]));
    }
}

/// A run, gone along on a vector unit.
struct Along<'a, F, V, const N: usize> {
    run: Run<N>,
    x: [&'a [F]; N],
    visit: V,
}

impl<F: Copy, V: Visit<F, N>, const N: usize> Loop for Along<'_, F, V, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.run.each(&self.x, self.visit);
    }
}

/// Whether an element of a run takes another branch.
struct Crosses<'a, E, const N: usize> {
    function: E,
    run: Run<N>,
    now: [&'a [f64]; N],
    before: [&'a [f64]; N],
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
struct Run<const N: usize> {
    at: usize,
    from: [usize; N],
    /// Bit `k` is set where input `k` moves on with the output.
    moving: usize,
    length: usize,
}

impl<const N: usize> Run<N> {
    /// A run of elements that stand at the same place in all tensors.
    fn even(at: usize, length: usize) -> Self {
        Self { at, from: [at; N], moving: (1 << N) - 1, length }
    }

    fn outputs(&self) -> Range<usize> {
        self.at..self.at + self.length
    }

    fn moves(&self, input: usize) -> bool {
        self.moving >> input & 1 == 1
    }

    /// Visits every place.
    #[inline(always)]
    fn each<F: Copy>(&self, x: &[&[F]; N], visit: impl Visit<F, N>) {
        // Each arm is a loop of its own that knows who moves, and so can be vectorised.
        match self.moving {
            0b01 => self.each_of(0b01, x, visit),
            0b10 => self.each_of(0b10, x, visit),
            0b11 => self.each_of(0b11, x, visit),
            moving => self.each_of(moving, x, visit),
        }
    }

    #[inline(always)]
    fn each_of<F: Copy>(&self, moving: usize, x: &[&[F]; N], mut visit: impl Visit<F, N>) {
        let moves = |input: usize| moving >> input & 1 == 1;
        let x: [&[F]; N] = std::array::from_fn(|input| {
            &x[input][self.from[input]..][..if moves(input) { self.length } else { 1 }]
        });
        for at in 0..self.length {
            visit.visit(at, std::array::from_fn(|input| x[input][if moves(input) { at } else { 0 }]));
        }
    }
}
