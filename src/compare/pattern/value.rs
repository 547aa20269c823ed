//! A value of the unit that is missing as a factor, or is one too many.

use super::{
    kind::Pattern,
    sight::{Sight, Subject},
};
use crate::{
    double::Double,
    graph::{Origin, ValueId},
    shape::Shape,
    tensor::Kind,
};
use num_traits::Zero;

/// Values that are tried.
const TRIED: usize = 256;

/// A value whose product with what backward gives is the truth, or the other way round.
pub fn find(subject: &Subject, sights: &[Sight]) -> Option<Pattern> {
    let graph = &subject.alone.graph;
    let shape = &graph.value(subject.leaf).ty.shape;
    let may_be = |id: ValueId| {
        let ty = &graph.value(id).ty;
        let is_upstream = matches!(graph.value(id).origin, Origin::Upstream(_));
        let fits = ty.shape.broadcast(shape).is_some_and(|both| both == *shape);
        ty.kind != Kind::Int
            && fits
            && !is_upstream
            && !subject.is_literal(id)
            && !subject.alone.weights.contains(&id)
    };
    graph.ids().filter(|&id| may_be(id)).take(TRIED).find_map(|id| {
        let of = |sight: &Sight| spread(sight.numbers(id), &graph.value(id).ty.shape, shape);
        let missing = sights.iter().all(|sight| {
            let values = of(sight);
            let is_whole = |at: usize| !values[at].is_zero() || sight.truth[at].is_zero();
            let planted = (0..values.len()).map(|at| match values[at].is_zero() {
                // What is behind a factor 0 cannot be told.
                true => sight.backward[at],
                false => sight.truth[at] / values[at],
            });
            (0..values.len()).all(is_whole) && sight.is_backward(&planted.collect::<Vec<_>>())
        });
        let is_extra = || {
            sights.iter().all(|sight| {
                let planted = sight.truth.iter().zip(of(sight)).map(|(&truth, value)| truth * value);
                sight.is_backward(&planted.collect::<Vec<_>>())
            })
        };
        match missing {
            true => Some(Pattern::MissingFactor { of: subject.said(id) }),
            false => is_extra().then(|| Pattern::ExtraFactor { of: subject.said(id) }),
        }
    })
}

/// The numbers of a value, stretched to a shape that it broadcasts to.
pub fn spread(numbers: &[Double], own: &Shape, shape: &Shape) -> Vec<Double> {
    let strides = own.strides();
    let skipped = shape.rank() - own.rank();
    let from = |at: usize| -> usize {
        let (mut rest, mut place) = (at, 0);
        for axis in (0..shape.rank()).rev() {
            let index = rest % shape[axis];
            rest /= shape[axis];
            if axis >= skipped {
                place += index * strides[axis - skipped];
            }
        }
        place
    };
    (0..shape.size()).map(|at| numbers[from(at)]).collect()
}
