//! Elementwise functions whose speed matters less than the time to compile them: the loops are
//! compiled once for all of them, and call the function of an element through a pointer.

use crate::op::{
    Bound, Branches, Call, Card, Cone, Dirty, Elementwise, Float, Inputs, Misuse, Op, Output, Rounding,
    cone::{Change, InverseMap, LANES},
    loops::meeting::{Meeting, in_chunks},
};

/// An elementwise function over whole tensors, as [`Map`](crate::op::Map), for functions that are rare or
/// take long for each element anyway.
#[derive(Debug)]
pub struct Light<E, const N: usize> {
    function: E,
    meeting: Meeting<N>,
}

impl<E: Elementwise<N>, const N: usize> Op for Light<E, N> {
    const CARD: Card = E::CARD;

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let function = E::default().configure(call)?;
        let (meeting, shape) = Meeting::of(call)?;
        Ok(Bound::float(Self { function, meeting }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        forward(&self.meeting, x, y.float(), &|x| self.function.forward(x));
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, y: &[F], upstream: &[F], gradient: &mut [F]) {
        let slope = |x, y, upstream| self.function.backward(x, y, upstream);
        backward(&self.meeting, input, x, [y, upstream], gradient, &slope);
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
        if E::CARD.kinks.is_some() {
            branches(&self.meeting, x, taken, &|x| self.function.branch(x));
        }
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let forward = Box::new(|x| self.function.forward(x));
        let branch = E::CARD.kinks.is_some().then(|| Box::new(|x| self.function.branch(x)) as Of<N, usize>);
        Some(cone(&self.meeting, x, forward, branch))
    }
}

/// What a cone asks of the elements at one place.
type Of<'a, const N: usize, T> = Box<dyn Fn([f64; N]) -> T + Send + Sync + 'a>;

fn elements<'a, F: Float, const N: usize>(x: &Inputs<'a, F>) -> [&'a [F]; N] {
    std::array::from_fn(|input| x.float(input))
}

fn forward<F: Float, const N: usize>(
    meeting: &Meeting<N>,
    x: &Inputs<F>,
    y: &mut [F],
    function: &(dyn Fn([F; N]) -> F + Sync),
) {
    let x = elements(x);
    if meeting.is_long() {
        return in_chunks(y, &|chunk, y| {
            let run = meeting.chunk(chunk, y.len(), &x);
            y.iter_mut().enumerate().for_each(|(at, y)| *y = function(run.pick(&x, at)));
        });
    }
    meeting.runs(&mut |run| {
        y[run.outputs()].iter_mut().enumerate().for_each(|(at, y)| *y = function(run.pick(&x, at)));
    });
}

fn backward<F: Float, const N: usize>(
    meeting: &Meeting<N>,
    input: usize,
    x: &Inputs<F>,
    [y, upstream]: [&[F]; 2],
    gradient: &mut [F],
    slope: &(dyn Fn([F; N], F, F) -> [F; N] + Sync),
) {
    let x = elements(x);
    if meeting.is_long() && x[input].len() == meeting.size {
        return in_chunks(gradient, &|chunk, gradient| {
            let run = meeting.chunk(chunk, gradient.len(), &x);
            let (y, upstream) = (&y[run.outputs()], &upstream[run.outputs()]);
            for (at, gradient) in gradient.iter_mut().enumerate() {
                *gradient += slope(run.pick(&x, at), y[at], upstream[at])[input];
            }
        });
    }
    meeting.runs(&mut |run| {
        let (y, upstream) = (&y[run.outputs()], &upstream[run.outputs()]);
        let gradient = &mut gradient[run.from[input]..];
        let own = |at: usize| slope(run.pick(&x, at), y[at], upstream[at])[input];
        if run.moves(input) {
            gradient[..run.length].iter_mut().enumerate().for_each(|(at, gradient)| *gradient += own(at));
        } else {
            // A stretched element was used in the whole run: its gradients add up.
            gradient[0] += (0..run.length).fold(F::zero(), |sum, at| sum + own(at));
        }
    });
}

fn branches<F: Float, const N: usize>(
    meeting: &Meeting<N>,
    x: &Inputs<F>,
    taken: &mut Branches,
    branch: &dyn Fn([F; N]) -> usize,
) {
    let x = elements(x);
    meeting.runs(&mut |run| (0..run.length).for_each(|at| taken.take(branch(run.pick(&x, at)))));
}

fn cone<'a, const N: usize>(
    meeting: &'a Meeting<N>,
    x: &Inputs<f64>,
    forward: Of<'a, N, f64>,
    branch: Option<Of<'a, N, usize>>,
) -> Box<dyn Cone + 'a> {
    let sizes = elements(x).map(<[f64]>::len);
    let inverse_map: Option<InverseMap<N>> =
        meeting.broadcast.as_ref().map(|walk| InverseMap::of(walk, sizes));
    Box::new(move |change: &Change, y: &mut Dirty| {
        let now: [[&[f64]; N]; LANES] = std::array::from_fn(|lane| elements(&change.now(lane)));
        let before = elements(&change.before);
        let mut follow = |from: [usize; N], at: usize| {
            let pick = |x: &[&[f64]; N]| std::array::from_fn(|input| x[input][from[input]]);
            y.set(at, std::array::from_fn(|lane| forward(pick(&now[lane]))));
            if let Some(branch) = &branch {
                let taken = std::array::from_fn(|lane| branch(pick(&now[lane])));
                y.compare_branches(taken, branch(pick(&before)));
            }
        };
        for input in 0..N {
            for &changed in change.of(input) {
                match &inverse_map {
                    Some(map) => map
                        .reached(input, changed)
                        .iter()
                        .for_each(|&at| follow(map.sources(at), at as usize)),
                    None => follow([changed as usize; N], changed as usize),
                }
            }
        }
    })
}
