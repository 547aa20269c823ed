//! Ops that tell true from false: comparisons of numbers, and the logic of what they give.

use crate::op::{
    Bound, Branches, Call, Card, Float, Inputs, Meeting, Misuse, Op, Output, Rounding, side_of_zero,
};
use crate::tensor::{Kind, Type};
use std::marker::PhantomData;

/// A truth as it lies among the floats.
fn truth<F: Float>(holds: bool) -> F {
    if holds { F::one() } else { F::zero() }
}

/// A comparison of two numbers.
pub trait Compares: Send + Sync + 'static {
    const CARD: Card;

    /// Whether it holds of two numbers.
    fn holds<T: PartialOrd>(a: T, b: T) -> bool;
}

/// A comparison over whole tensors, broadcast as NumPy does.
pub struct Comparison<C> {
    pairs: Meeting<2>,
    comparison: PhantomData<C>,
}

impl<C: Compares> Op for Comparison<C> {
    const CARD: Card = C::CARD;

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (pairs, shape) = Meeting::of(call)?;
        Ok(Bound { op: Self { pairs, comparison: PhantomData }, output: Type::bool(shape), range: None })
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let y = y.float();
        if x.is_int(0) {
            let (a, b) = (x.int(0), x.int(1));
            self.pairs.each(|at, [i, j]| y[at] = truth(C::holds(a[i], b[j])));
        } else {
            self.pairs.fill([x.float(0), x.float(1)], y, |[a, b]| truth(C::holds(a, b)));
        }
    }

    fn backward<F: Float>(&self, _: usize, _: &Inputs<F>, _: &[F], _: &[F], _: &mut [F]) {}

    fn branches<F: Float>(&self, x: &Inputs<F>, taken: &mut Branches) {
        if !x.is_int(0) {
            let (a, b) = (x.float(0), x.float(1));
            self.pairs.each(|_, [i, j]| taken.take(side_of_zero(a[i] - b[j])));
        }
    }

    fn is_elementwise(&self) -> bool {
        true
    }

    fn rounding(&self) -> Rounding {
        Rounding::Exact
    }
}

/// A function of `N` truths.
pub trait Decides<const N: usize>: Send + Sync + 'static {
    const CARD: Card;

    fn decide(x: [bool; N]) -> bool;
}

/// Logic over whole tensors, broadcast as NumPy does.
pub struct Logic<D, const N: usize> {
    places: Meeting<N>,
    decision: PhantomData<D>,
}

impl<D: Decides<N>, const N: usize> Op for Logic<D, N> {
    const CARD: Card = D::CARD;

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        debug_assert!((0..N).all(|input| call.kind(input) == Kind::Bool));
        let (places, shape) = Meeting::of(call)?;
        Ok(Bound { op: Self { places, decision: PhantomData }, output: Type::bool(shape), range: None })
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let y = y.float();
        let x: [&[F]; N] = std::array::from_fn(|input| x.float(input));
        self.places.fill(x, y, |x| truth(D::decide(x.map(|x| x != F::zero()))));
    }

    fn backward<F: Float>(&self, _: usize, _: &Inputs<F>, _: &[F], _: &[F], _: &mut [F]) {}

    fn is_elementwise(&self) -> bool {
        true
    }

    fn rounding(&self) -> Rounding {
        Rounding::Exact
    }
}
