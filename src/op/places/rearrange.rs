//! Ops that only move elements: reshape, transpose, slice, pad and their like.

use crate::op::{
    Bound, Call, Card, Cone, Float, Inputs, Misuse, Op, Output, Rounding, Sides, Triangle, cone::Reached,
    places::strided,
};
use crate::{
    shape::{Shape, Walk},
    tensor::Type,
};
use std::marker::PhantomData;

/// An op whose output elements are elements of input 0 in other places, or a constant: it says
/// which, and [`Move`] does the rest.
pub trait Movement: Send + Sync + 'static {
    const CARD: Card;

    /// As [`Op::bind`].
    ///
    /// # Errors
    /// Shapes or attributes that do not fit.
    fn bind(call: &Call) -> Result<Bound<Rearrangement>, Misuse>;
}

/// The op of a [`Movement`].
pub struct Move<M>(Rearrangement, PhantomData<fn() -> M>);

impl<M: Movement> Op for Move<M> {
    const CARD: Card = M::CARD;

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let Bound { op, output, range } = M::bind(call)?;
        Ok(Bound { op: Self(op, PhantomData), output, range })
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        self.0.forward(x, y);
    }

    fn backward<F: Float>(
        &self,
        _input: usize,
        _x: &Inputs<F>,
        _y: &[F],
        upstream: &[F],
        gradient: &mut [F],
    ) {
        self.0.backward(upstream, gradient);
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        Some(self.0.cone(x.float(0).len()))
    }

    fn rounding(&self) -> Rounding {
        Rounding::Exact
    }

    fn flops(&self, _elements: usize, _backward: Option<usize>) -> usize {
        0
    }
}

/// Where every output element comes from in input 0.
#[derive(Debug)]
pub struct Rearrangement {
    places: Places,
    /// What stands where no element of the input does.
    constant: f64,
}

#[derive(Debug)]
enum Places {
    Strided(Walk<1>),
    Sides(Sides),
    Triangle(Triangle),
}

/// Neighbours of an output: so many, from this element of the input on and this far apart there; or
/// a constant.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    pub from: Option<usize>,
    pub step: isize,
    pub length: usize,
}

impl Run {
    /// The place of an element in the input, if it has one there.
    fn at(from: usize, step: isize, count: usize) -> usize {
        (from as isize + step * count as isize) as usize
    }
}

impl Rearrangement {
    /// Output axes of the given lengths, read from input 0 with these strides.
    pub fn new(shape: &[usize], strides: &[isize], start: usize) -> Self {
        let walk = Walk::new(shape, [strides], [start as isize]);
        Self { places: Places::Strided(walk), constant: 0.0 }
    }

    /// All elements in their order, for an input of `size` elements.
    pub fn same(size: usize) -> Self {
        Self::new(&[size], &[1], 0)
    }

    /// Axes that go on beyond their ends, with a constant where they do not.
    pub fn sides(sides: Sides, constant: f64) -> Self {
        Self { places: Places::Sides(sides), constant }
    }

    /// One side of a diagonal, and zeros on the other.
    pub fn triangle(triangle: Triangle) -> Self {
        Self { places: Places::Triangle(triangle), constant: 0.0 }
    }

    /// Moves the elements, floats or ints.
    pub fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        match y {
            Output::Float(y) => self.gather(x.float(0), y, F::from_f64(self.constant)),
            Output::Int(y) => self.gather(x.int(0), y, self.constant as i64),
        }
    }

    /// Sends every element of the gradient back to where its value came from.
    pub fn backward<F: Float>(&self, upstream: &[F], gradient: &mut [F]) {
        if let Places::Strided(walk) = &self.places {
            return strided::add_back(walk, upstream, gradient);
        }
        let mut upstream = upstream;
        self.runs(&mut |Run { from, step, length }| {
            let (run, rest) = upstream.split_at(length);
            upstream = rest;
            match (from, step) {
                (None, _) => {}
                (Some(from), 1) => {
                    gradient[from..][..length].iter_mut().zip(run).for_each(|(to, &up)| *to += up);
                }
                (Some(from), _) => {
                    let places = (0..).map(|k| Run::at(from, step, k));
                    places.zip(run).for_each(|(to, &up)| gradient[to] += up);
                }
            }
        });
    }

    /// The cone of an op that moves the elements of a float input of so many.
    pub fn cone(&self, size: usize) -> Box<dyn Cone> {
        let (mut pairs, mut to) = (Vec::new(), 0u32);
        self.runs(&mut |Run { from, step, length }| {
            for k in 0..length {
                pairs.extend(from.map(|from| (Run::at(from, step, k) as u32, to)));
                to += 1;
            }
        });
        Reached::of(&pairs, size).into_cone()
    }

    fn gather<T: Copy>(&self, x: &[T], y: &mut [T], constant: T) {
        if let Places::Strided(walk) = &self.places {
            return strided::gather(walk, x, y);
        }
        let mut at = 0;
        self.runs(&mut |Run { from, step, length }| {
            let run = &mut y[at..][..length];
            at += length;
            match (from, step) {
                (None, _) => run.fill(constant),
                (Some(from), 1) => run.copy_from_slice(&x[from..][..length]),
                (Some(from), _) => {
                    run.iter_mut().enumerate().for_each(|(k, y)| *y = x[Run::at(from, step, k)]);
                }
            }
        });
    }

    /// Calls `visit` with run after run of the output.
    fn runs(&self, visit: &mut dyn FnMut(Run)) {
        match &self.places {
            Places::Strided(walk) => {
                walk.runs(&mut |[from], [step], length| visit(Run { from: Some(from), step, length }))
            }
            Places::Sides(sides) => sides.runs(visit),
            Places::Triangle(triangle) => triangle.runs(visit),
        }
    }
}

impl<T> Bound<T> {
    /// An output of the kind of input 0, and with all of its elements.
    pub fn rearranged(op: T, call: &Call, shape: Shape) -> Self {
        // Of an output without elements nothing can be out of range.
        let range = call.inputs[0].range.filter(|_| shape.size() > 0);
        Self { op, output: Type { kind: call.kind(0), shape }, range }
    }

    /// As [`Self::rearranged`], with some of the elements or with others among them, so that the
    /// range of ints is not known.
    pub fn rearranged_in_part(op: T, call: &Call, shape: Shape) -> Self {
        Self { range: None, ..Self::rearranged(op, call, shape) }
    }
}
