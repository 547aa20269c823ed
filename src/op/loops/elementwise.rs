//! Ops that work on one element at a time: they say `f` and its derivative; the buffers are here,
//! the loops among the [strips](crate::op::strips). [`Map`] has loops of its own for each function, as fast
//! as they get; [`Light`](crate::op::Light) has the same ones for all functions, which compile in no time.

use crate::op::{
    Bound, Branches, Call, Card, Cone, Dirty, Float, Inputs, Misuse, Op, Output, Rounding, ScalarBatch,
    cone::{Change, InverseMap, LANES},
    loops::meeting::{Meeting, in_chunks},
    loops::strips::{Along, Backward, Crosses, Forward, Strip},
    pairwise_sum_of, vector,
};
use crate::tensor::{Kind, Type};
use std::ops::Range;

/// So many neighbours are worth a loop of their own.
const WORTH_A_LOOP: usize = 8;

/// A function of `N` numbers.
pub trait Elementwise<const N: usize>: Copy + Default + Send + Sync + 'static {
    const CARD: Card;

    /// Takes so long that a few numbers from here and there are worth gathering for a vector unit.
    const HEAVY: bool = false;

    /// How a usual kernel rounds it.
    const ROUNDING: Rounding = Rounding::Once;

    /// The derivative by the output, as kernels compute it that keep the output and not the input.
    const SLOPE_OF_OUTPUT: Option<fn(f64) -> f64> = None;

    /// The same of ints, for an op whose inputs are [`Takes::Number`](crate::op::Takes); it wraps around as
    /// NumPy's does.
    const INTS: Option<fn([i64; N]) -> i64> = None;

    /// There is more to [`Self::forward_block`], or to [`Self::backward_block`], than a loop, also
    /// for numbers that are not [`Float::IN_BLOCKS`].
    const FORWARD_IN_BLOCKS: bool = false;
    const BACKWARD_IN_BLOCKS: bool = false;

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

    /// [`Self::forward`] of a block, for functions that several loops in turn, or a look at the
    /// whole block, make faster. The bits are the same.
    #[inline(always)]
    fn forward_block<F: Float, const B: usize>(&self, x: [&[F; B]; N], y: &mut [F; B]) {
        for (at, y) in y.iter_mut().enumerate() {
            *y = self.forward(pick(&x, at));
        }
    }

    /// [`Self::backward`] of a block, likewise.
    #[inline(always)]
    fn backward_block<F: Float, const B: usize>(
        &self,
        x: [&[F; B]; N],
        y: &[F; B],
        upstream: &[F; B],
        gradients: &mut [[F; N]; B],
    ) {
        for (at, gradients) in gradients.iter_mut().enumerate() {
            *gradients = self.backward(pick(&x, at), y[at], upstream[at]);
        }
    }

    /// The branch that this element takes, for functions with kinks.
    fn branch<F: Float>(&self, _x: [F; N]) -> usize {
        0
    }
}

/// The elements of the inputs at one place.
#[inline(always)]
pub(in crate::op) fn pick<F: Float, const N: usize, const B: usize>(x: &[&[F; B]; N], at: usize) -> [F; N] {
    // A loop, for the closures of an array's `map` make up a sixth of what is compiled.
    let mut here = [F::zero(); N];
    for (here, x) in here.iter_mut().zip(x) {
        *here = x[at];
    }
    here
}

/// The branch that a comparison with zero takes: below, on it, above, or none (NaN).
pub fn side_of_zero<F: Float>(value: F) -> usize {
    let zero = F::zero();
    usize::from(value < zero) + 2 * usize::from(value == zero) + 3 * usize::from(value > zero)
}

/// The branch of a step with a number, as of a function that rounds; on its jump lies one of its own.
pub fn step<F: Float>(number: F, on_its_jump: bool) -> usize {
    // All digits count: beyond 2^53 a step is smaller than what f64 tells apart.
    let high = number.to_f64();
    let low = (number - F::from_f64(high)).to_f64();
    let bits = high.to_bits() ^ low.to_bits().rotate_left(17);
    (bits as usize).wrapping_mul(2) | usize::from(on_its_jump)
}

/// An elementwise function over whole tensors, broadcast as NumPy does.
#[derive(Debug)]
pub struct Map<E, const N: usize> {
    function: E,
    meeting: Meeting<N>,
}

impl<E: Elementwise<N>, const N: usize> Op for Map<E, N> {
    const CARD: Card = E::CARD;

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let function = E::default().configure(call)?;
        let (meeting, shape) = Meeting::of(call)?;
        let op = Self { function, meeting };
        match call.kind(0) {
            Kind::Int => Ok(Bound { op, output: Type::int(shape), range: None }),
            Kind::Float | Kind::Bool => Ok(Bound::float(op, shape)),
        }
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let y = match y {
            Output::Float(y) => y,
            Output::Int(y) => return self.ints(x, y),
        };
        let x = Self::elements(x);
        if self.meeting.is_long() {
            return in_chunks(y, &|chunk, y| {
                let run = self.meeting.chunk(chunk, y.len(), &x);
                vector::run(Along { run, x, visit: Forward { function: self.function, y } });
            });
        }
        self.meeting.runs(&mut |run| {
            let y = &mut y[run.outputs()];
            vector::run(Along { run, x, visit: Forward { function: self.function, y } });
        });
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, y: &[F], upstream: &[F], gradient: &mut [F]) {
        // With the first input named outright, what the others would get is not computed.
        match input {
            _ if const { N == 1 } => self.send_back(0, |gradients| gradients[0], x, y, upstream, gradient),
            0 => self.send_back(0, |gradients| gradients[0], x, y, upstream, gradient),
            _ => self.send_back(input, |gradients| gradients[input], x, y, upstream, gradient),
        }
    }

    fn is_elementwise(&self) -> bool {
        true
    }

    fn rounding(&self) -> Rounding {
        E::ROUNDING
    }

    fn slope_of_output(&self, y: f64) -> Option<f64> {
        E::SLOPE_OF_OUTPUT.map(|slope| slope(y))
    }

    fn branches<F: Float>(&self, x: &Inputs<F>, taken: &mut Branches) {
        if E::CARD.kinks.is_some() && !x.is_int(0) {
            let x = Self::elements(x);
            self.meeting.runs(&mut |run| run.each(&x, |_, x| taken.take(self.function.branch(x))));
        }
    }

    fn scalar_batch(&self) -> Option<&dyn ScalarBatch> {
        // Without attributes it is the same function in every call.
        (size_of::<E>() == 0).then_some(self as &dyn ScalarBatch)
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let sizes = Self::elements(x).map(<[f64]>::len);
        let inverse_map = self.meeting.broadcast.as_ref().map(|walk| InverseMap::of(walk, sizes));
        Some(Box::new(move |change: &Change, y: &mut Dirty| {
            let now = std::array::from_fn(|lane| Self::elements(&change.now(lane)));
            let before = Self::elements(&change.before);
            for input in 0..N {
                let changed = change.of(input);
                match &inverse_map {
                    Some(inverse_map) => {
                        let reached = changed.iter().flat_map(|&at| inverse_map.reached(input, at));
                        reached.for_each(|&at| {
                            self.follow(&now, &before, inverse_map.sources(at), at as usize, y)
                        });
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
    pub(in crate::op) fn function(&self) -> E {
        self.function
    }

    fn ints<F>(&self, x: &Inputs<F>, y: &mut [i64]) {
        let Some(function) = E::INTS else { return };
        let x: [&[i64]; N] = std::array::from_fn(|input| x.int(input));
        self.meeting.runs(&mut |run| {
            for place in 0..run.length {
                let from = |input: usize| run.from[input] + if run.moves(input) { place } else { 0 };
                y[run.at + place] = function(std::array::from_fn(|input| x[input][from(input)]));
            }
        });
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
        y: &mut Dirty,
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
        y: &mut Dirty,
    ) {
        let run = || Strip::even(places.start, places.len());
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
        if self.meeting.is_long() && x[input].len() == self.meeting.size {
            return in_chunks(gradient, &|chunk, gradient| {
                let run = self.meeting.chunk(chunk, gradient.len(), &x);
                let (y, upstream) = (&y[run.outputs()], &upstream[run.outputs()]);
                let visit = Backward { function: self.function, pick: &pick, y, upstream, gradient };
                vector::run(Along { run, x, visit });
            });
        }
        self.meeting.runs(&mut |run| {
            let (y, upstream) = (&y[run.outputs()], &upstream[run.outputs()]);
            let gradient = &mut gradient[run.from[input]..];
            if run.moves(input) {
                let gradient = &mut gradient[..run.length];
                let visit = Backward { function: self.function, pick: &pick, y, upstream, gradient };
                vector::run(Along { run, x, visit });
            } else {
                // A stretched element was used in the whole run: its gradients add up.
                let part = |at| pick(self.function.backward(run.pick(&x, at), y[at], upstream[at]));
                gradient[0] += pairwise_sum_of(run.length, part);
            }
        });
    }
}
