//! Ops that work on the elements along some axes, each time as on one vector: they say what comes of
//! a vector, and its derivative. Which elements meet, and the buffers, are here; the loops are
//! compiled once for all such ops.

use crate::op::{
    Attribute, Bound, Branches, Call, Card, Cone, Dirty, Float, Groups, Inputs, Misuse, Op, Output,
    Reduction, Rounding,
    cone::{Change, LANES, Membership, across},
};
use crate::shape::Shape;

/// A function of a vector: one number, or a vector of the same length.
pub trait OfVector: Default + Send + Sync + 'static {
    const CARD: Card;

    /// What comes of a vector is as long as it is. Then the op works along one axis, [`Groups::AXIS`];
    /// else it reduces any axes, [`Reduction::AXIS`].
    const KEEPS_LENGTH: bool = false;

    /// How a usual kernel rounds it, of so many numbers.
    const ROUNDING: fn(usize) -> Rounding = Rounding::Sums;

    /// Takes over the attributes of a call on vectors of a length.
    ///
    /// # Errors
    /// An attribute's value that makes no sense, a length that is of no use.
    fn configure(self, _call: &Call, _length: usize) -> Result<Self, Misuse> {
        Ok(self)
    }

    /// Fills `y`, of one number or as long as `x`.
    fn forward<F: Float>(&self, x: &[F], y: &mut [F]);

    /// Adds what `upstream` sends back to `gradient`.
    fn backward<F: Float>(&self, x: &[F], y: &[F], upstream: &[F], gradient: &mut [F]);

    /// Tells the branches that a vector takes, for functions with kinks.
    fn branches<F: Float>(&self, _x: &[F], _taken: &mut Branches) {}
}

/// The attributes of a reduction without more.
pub const REDUCES: &[Attribute] = &[Reduction::AXIS, Reduction::KEEPDIMS];

/// A function of vectors, along axes of whole tensors.
pub struct Along<T> {
    function: T,
    groups: Groups,
}

impl<T: OfVector> Op for Along<T> {
    const CARD: Card = T::CARD;

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (groups, shape) = groups(call, T::KEEPS_LENGTH)?;
        let function = T::default().configure(call, groups.size)?;
        Ok(Bound::float(Self { function, groups }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let into = Into { groups: &self.groups, keeps_length: T::KEEPS_LENGTH };
        into.forward(x.float(0), y.float(), &|x, y| self.function.forward(x, y));
    }

    fn backward<F: Float>(&self, _input: usize, x: &Inputs<F>, y: &[F], upstream: &[F], gradient: &mut [F]) {
        let into = Into { groups: &self.groups, keeps_length: T::KEEPS_LENGTH };
        into.backward(x.float(0), [y, upstream], gradient, &|x, y, upstream, gradient| {
            self.function.backward(x, y, upstream, gradient);
        });
    }

    fn groups(&self) -> Option<&Groups> {
        Some(&self.groups)
    }

    fn rounding(&self) -> Rounding {
        T::ROUNDING(self.groups.size)
    }

    fn branches<F: Float>(&self, x: &Inputs<F>, taken: &mut Branches) {
        if T::CARD.kinks.is_some() {
            let mut vector = Vec::new();
            for index in 0..self.groups.count {
                gather(&self.groups, index, x.float(0), &mut vector);
                self.function.branches(&vector, taken);
            }
        }
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let into = Into { groups: &self.groups, keeps_length: T::KEEPS_LENGTH };
        let forward = Box::new(|x: &[f64], y: &mut [f64]| self.function.forward(x, y));
        let branches = T::CARD
            .kinks
            .is_some()
            .then(|| Box::new(|x: &[f64], taken: &mut Branches| self.function.branches(x, taken)) as _);
        Some(into.cone(x.float(0).len(), forward, branches))
    }
}

/// The vectors of a call, and the shape of what comes of them.
fn groups(call: &Call, keeps_length: bool) -> Result<(Groups, Shape), Misuse> {
    if keeps_length {
        return Ok((Groups::of(call)?, call.shape(0).clone()));
    }
    let (over, shape) = Reduction::of(call)?;
    let mut groups = over.groups;
    // Of vectors without elements something may come, too.
    if groups.size == 0 {
        groups.count = shape.size();
    }
    Ok((groups, shape))
}

/// The elements of a vector, side by side.
fn gather<F: Float>(groups: &Groups, index: usize, from: &[F], vector: &mut Vec<F>) {
    vector.clear();
    if groups.size > 0 {
        vector.extend(groups.group(index).each().map(|at| from[at]));
    }
}

/// Where what comes of vectors goes.
#[derive(Clone, Copy)]
struct Into<'a> {
    groups: &'a Groups,
    keeps_length: bool,
}

/// As [`OfVector::backward`].
type SendsBack<'a, F> = dyn Fn(&[F], &[F], &[F], &mut [F]) + 'a;

type Forward<'a> = Box<dyn Fn(&[f64], &mut [f64]) + Send + Sync + 'a>;
type TakeBranches<'a> = Box<dyn Fn(&[f64], &mut Branches) + Send + Sync + 'a>;

impl<'a> Into<'a> {
    /// How many numbers come of a vector.
    fn length(self) -> usize {
        if self.keeps_length { self.groups.size } else { 1 }
    }

    /// Where in the output the number at a place goes.
    fn at(self, index: usize, place: usize) -> usize {
        if self.keeps_length { self.groups.group(index).at(place) } else { index }
    }

    fn forward<F: Float>(self, x: &[F], y: &mut [F], function: &dyn Fn(&[F], &mut [F])) {
        let (mut vector, mut result) = (Vec::new(), vec![F::zero(); self.length()]);
        for index in 0..self.groups.count {
            gather(self.groups, index, x, &mut vector);
            function(&vector, &mut result);
            result.iter().enumerate().for_each(|(place, &result)| y[self.at(index, place)] = result);
        }
    }

    fn backward<F: Float>(
        self,
        x: &[F],
        [y, upstream]: [&[F]; 2],
        gradient: &mut [F],
        function: &SendsBack<F>,
    ) {
        let mut vector = Vec::new();
        let mut own = vec![F::zero(); self.groups.size];
        for index in 0..self.groups.count {
            gather(self.groups, index, x, &mut vector);
            let pick = |from: &[F]| (0..self.length()).map(|place| from[self.at(index, place)]).collect();
            let (y, upstream): (Vec<F>, Vec<F>) = (pick(y), pick(upstream));
            own.fill(F::zero());
            function(&vector, &y, &upstream, &mut own);
            for (place, &own) in own.iter().enumerate() {
                gradient[self.groups.group(index).at(place)] += own;
            }
        }
    }

    /// Whatever changed in a vector, all that comes of it is computed anew.
    fn cone(
        self,
        size: usize,
        forward: Forward<'a>,
        branches: Option<TakeBranches<'a>>,
    ) -> Box<dyn Cone + 'a> {
        let of = Membership::of(self.groups, size);
        Box::new(move |change: &Change, y: &mut Dirty| {
            let (now, before) = (change.float(0), change.before.float(0));
            let mut vector = Vec::new();
            let mut results: [Vec<f64>; LANES] = std::array::from_fn(|_| vec![0.0; self.length()]);
            of.each(change.of(0), |index, _| {
                let taken = |vector: &[f64]| {
                    let mut taken = Branches::default();
                    branches.iter().for_each(|branches| branches(vector, &mut taken));
                    taken
                };
                gather(self.groups, index, before, &mut vector);
                let before = taken(&vector);
                for lane in 0..LANES {
                    gather(self.groups, index, now[lane], &mut vector);
                    forward(&vector, &mut results[lane]);
                    y.crossed[lane] |= taken(&vector) != before;
                }
                let results = results.each_ref().map(|results| &results[..]);
                for place in 0..self.length() {
                    y.set(self.at(index, place), across(results, place));
                }
            });
        })
    }
}
