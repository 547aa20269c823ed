//! Slips in how a line uses the upstream gradient, and sums over axes.

use super::{
    kind::Pattern,
    sight::{Sight, Subject},
};
use crate::{
    compare::{linear, place::part},
    double::Double,
    shape::Shape,
};
use num_traits::Zero;

/// Two gradients are the same, beside the largest entry.
const SAME: f64 = 1e-12;

/// Not linear in the upstream gradient, as every gradient is.
pub fn find(subject: &Subject, sights: &[Sight]) -> Option<Pattern> {
    if sights.iter().all(|sight| linear::are_linear(&sight.place, subject.alone, &[subject.leaf])[0]) {
        return None;
    }
    let every = |law: &dyn Fn(&Sight) -> bool| sights.iter().all(law);
    if every(&|sight| {
        let other = sight.written_for(subject, |at| part(at as u64, 11));
        same(&other, &sight.backward, 1.0)
    }) {
        return Some(Pattern::IgnoresUpstream);
    }
    let is_square = |sight: &Sight| {
        let upstream = sight.upstream(subject);
        let times = |factor: f64| sight.written_for(subject, |at| factor * upstream[at]);
        same(&times(2.0), &sight.backward, 4.0) && same(&times(-3.0), &sight.backward, 9.0)
    };
    Some(if every(&is_square) { Pattern::UpstreamTwice } else { Pattern::NotLinear })
}

fn same(a: &[Double], b: &[Double], factor: f64) -> bool {
    let factor = Double::from(factor);
    let size = a.iter().fold(0.0f64, |size, x| size.max(x.to_f64().abs()));
    a.iter().zip(b).all(|(&a, &b)| (a - factor * b).to_f64().abs() <= SAME * size)
}

/// Only what comes from one index of an axis of the output, or the sum along an axis everywhere.
pub fn sums(subject: &Subject, sights: &[Sight]) -> Option<Pattern> {
    unsummed(subject, sights).or_else(|| summed_too_much(subject, sights))
}

fn unsummed(subject: &Subject, sights: &[Sight]) -> Option<Pattern> {
    if !sights.iter().all(|sight| sight.by_ops) {
        return None;
    }
    let shape = subject.alone.output_shape();
    let axes = (0..shape.rank()).filter(|&axis| shape[axis] > 1);
    let ends = axes.flat_map(|axis| [(axis, 0), (axis, shape[axis] - 1)]);
    let mut found = ends.filter(|&(axis, index)| {
        let inner: usize = shape[axis + 1..].iter().product();
        sights.iter().all(|sight| {
            let upstream = sight.upstream(subject);
            let masked = |at: usize| if at / inner % shape[axis] == index { upstream[at] } else { 0.0 };
            sight.is_backward(&sight.truth_for(subject, masked))
        })
    });
    found.next().map(|(axis, index)| Pattern::Unsummed { axis, index })
}

fn summed_too_much(subject: &Subject, sights: &[Sight]) -> Option<Pattern> {
    let shape = &subject.alone.graph.value(subject.leaf).ty.shape;
    let mut axes = (0..shape.rank()).filter(|&axis| shape[axis] > 1);
    let axis =
        axes.find(|&axis| sights.iter().all(|sight| sight.is_backward(&summed(shape, &sight.truth, axis))))?;
    Some(Pattern::SummedTooMuch { axis })
}

fn summed(shape: &Shape, numbers: &[Double], axis: usize) -> Vec<Double> {
    let inner: usize = shape[axis + 1..].iter().product();
    let start = |at: usize| at - at / inner % shape[axis] * inner;
    let mut sums = vec![Double::zero(); numbers.len()];
    for (at, &number) in numbers.iter().enumerate() {
        sums[start(at)] += number;
    }
    (0..numbers.len()).map(|at| sums[start(at)]).collect()
}
