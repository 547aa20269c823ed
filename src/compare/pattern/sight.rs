//! A gradient line at one place, as written and as it should be, both in double-double.

use crate::{
    compare::{
        alone::Alone,
        blocks,
        derived::derived_paths,
        measure::{Along, Line, Moves},
        place::{Found, Place, part},
    },
    double::Double,
    engine::Memory,
    graph::{Graph, Origin, Unit, ValueId},
    plan::Plan,
    tensor::Kind,
};
use num_traits::Zero;

/// Entries that are looked at one by one where the ops' own backward is no help.
const ONE_BY_ONE: usize = 1024;

/// Two numbers are the same, beside their size.
const SAME: f64 = 1e-12;

/// Two numbers are the same, beside the largest of all.
const SAME_BESIDE_LARGEST: f64 = 1e-13;

/// Rounding in double-double, beside the largest entry.
const ROUNDING: f64 = 1e-26;

/// The line that is to be explained.
pub struct Subject<'a> {
    /// The graph that the unit is taken from.
    pub graph: &'a Graph,
    pub unit: &'a Unit,
    pub alone: &'a Alone,
    /// The same without the backward lines: its gradient is that of the ops within.
    pub derived: &'a Graph,
    pub plan: &'a Plan<'a>,
    pub derived_plan: &'a Plan<'a>,
    pub leaf: ValueId,
}

impl Subject<'_> {
    pub fn is_float(&self, id: ValueId) -> bool {
        self.alone.graph.value(id).ty.kind != Kind::Int
    }

    /// The value is a number or an array within an expression.
    pub fn is_literal(&self, id: ValueId) -> bool {
        // Cut out, a literal is a leaf.
        let outer = self.alone.leaves.iter().find(|(leaf, _)| *leaf == id);
        outer.is_some_and(|&(_, outer)| matches!(self.graph.value(outer).origin, Origin::Literal(_)))
    }
}

/// The gradient at one place.
pub struct Sight<'a> {
    /// The unit as written.
    pub place: Place<'a>,
    /// The unit by its ops' own backward.
    pub right: Place<'a>,
    pub backward: Vec<Double>,
    pub truth: Vec<Double>,
    pub wrong: Vec<usize>,
    /// The truth is what the ops' own backward gives: so it is for other upstreams.
    pub by_ops: bool,
    /// How far each entry of the truth may be off.
    error: Vec<f64>,
    tolerance: Vec<f64>,
}

/// The unit's graph with the ops' own backward alone.
pub fn derived(alone: &Alone) -> Graph {
    let mut derived = alone.graph.clone();
    derived.blocks.clear();
    derived_paths(&mut derived);
    derived
}

impl<'a> Sight<'a> {
    /// Looks at one of the places of [`blocks::values`]; `None` where nothing can be said there.
    pub fn new(subject: &Subject<'a>, whole: &Place, number: u64) -> Option<Self> {
        let values = |plan| blocks::values(subject.graph, subject.alone, plan, whole, number);
        Self::at(subject, values(subject.plan), values(subject.derived_plan))
    }

    fn at(subject: &Subject<'a>, written: Memory<Double>, derived: Memory<Double>) -> Option<Self> {
        let place = Place::new(subject.plan, written);
        let right = Place::new(subject.derived_plan, derived);
        let backward = place.gradient(subject.leaf).to_vec();
        if backward.iter().any(|g| !g.is_finite()) || !place.outputs_are_finite() {
            return None;
        }
        let found = is_true(&right, subject.leaf);
        let (truth, error) = match found {
            Some(Found::Agrees | Found::Between { .. }) => {
                let truth = right.gradient(subject.leaf).to_vec();
                let error = vec![ROUNDING * largest(&truth); truth.len()];
                (truth, error)
            }
            _ => measured(&place, subject.leaf)?,
        };
        if truth.len() != backward.len() || truth.iter().any(|g| !g.is_finite()) {
            return None;
        }
        let apart = |at: usize| (backward[at] - truth[at]).to_f64().abs();
        let differs = |at: &usize| apart(*at) > SAME * truth[*at].to_f64().abs() + error[*at];
        let mut wrong: Vec<usize> = (0..truth.len()).filter(differs).collect();
        if matches!(found, Some(Found::Between { .. })) && wrong.len() <= ONE_BY_ONE {
            // On a kink the ops' choice is one of many.
            let scales = place.scales(subject.leaf);
            let mut line = Line::new(place.plan, &place.memory);
            let single = |at: usize| [Moves { leaf: subject.leaf, by: vec![(at, scales[at])] }];
            wrong.retain(|&at| place.judge(&mut line, &single(at)).is_wrong());
        }
        let largest = largest(&backward).max(largest(&truth));
        let mut tolerance: Vec<f64> = (0..truth.len())
            .map(|at| SAME * backward[at].to_f64().abs() + error[at] + SAME_BESIDE_LARGEST * largest)
            .collect();
        for &at in &wrong {
            // A small entry beside large ones is explained as well, not drowned.
            let size = backward[at].to_f64().abs();
            tolerance[at] = SAME * size + error[at] + (SAME_BESIDE_LARGEST * largest).min(1e-3 * apart(at));
        }
        let by_ops = found == Some(Found::Agrees);
        Some(Self { place, right, backward, truth, wrong, by_ops, error, tolerance })
    }

    /// These numbers are what backward gives.
    pub fn is_backward(&self, planted: &[Double]) -> bool {
        let pairs = planted.iter().zip(&self.backward).zip(&self.tolerance);
        planted.len() == self.backward.len()
            && pairs.into_iter().all(|((a, b), tolerance)| (*a - *b).to_f64().abs() <= *tolerance)
    }

    /// These numbers are the truth.
    pub fn is_truth(&self, numbers: &[Double]) -> bool {
        let most = largest(&self.truth);
        let near = |(at, &x): (usize, &Double)| {
            let bound = SAME * self.truth[at].to_f64().abs() + SAME_BESIDE_LARGEST * most + self.error[at];
            (x - self.truth[at]).to_f64().abs() <= bound
        };
        numbers.len() == self.truth.len() && numbers.iter().enumerate().all(near)
    }

    /// What backward gives at a wrong entry is so many times the truth.
    pub fn is_times(&self, at: usize, factor: Double) -> bool {
        let apart = (self.backward[at] - factor * self.truth[at]).to_f64().abs();
        apart <= 10.0 * SAME * self.backward[at].to_f64().abs() + self.error[at]
    }

    /// What backward gives too much.
    pub fn surplus(&self) -> Vec<Double> {
        self.backward.iter().zip(&self.truth).map(|(&got, &right)| got - right).collect()
    }

    /// The gradient as written for another upstream.
    pub fn written_for(&self, subject: &Subject, upstream: impl Fn(usize) -> f64) -> Vec<Double> {
        rerun(&self.place, subject, upstream)
    }

    /// The true gradient for another upstream, where `by_ops` is set.
    pub fn truth_for(&self, subject: &Subject, upstream: impl Fn(usize) -> f64) -> Vec<Double> {
        rerun(&self.right, subject, upstream)
    }

    /// The upstream gradient of the first output.
    pub fn upstream(&self, subject: &Subject) -> Vec<f64> {
        self.place
            .memory
            .float(self.place.plan, subject.alone.weights[0])
            .iter()
            .map(|u| u.to_f64())
            .collect()
    }

    /// The true gradient of another leaf of the unit.
    pub fn truth_of(&self, leaf: ValueId) -> Option<&[Double]> {
        (is_true(&self.right, leaf) == Some(Found::Agrees)).then(|| self.right.gradient(leaf))
    }
}

fn rerun(place: &Place, subject: &Subject, upstream: impl Fn(usize) -> f64) -> Vec<Double> {
    let mut memory = place.memory.clone();
    let range = place.plan.slot(subject.alone.weights[0]).range();
    for (at, weight) in memory.floats[range].iter_mut().enumerate() {
        *weight = Double::from(upstream(at));
    }
    Place::new(place.plan, memory).gradient(subject.leaf).to_vec()
}

/// The size of the largest element.
pub fn largest(own: &[Double]) -> f64 {
    own.iter().fold(0.0, |most, x| most.max(x.to_f64().abs()))
}

/// What the measurement says of all entries of a leaf along two directions, the worse of both;
/// `None` where there is no gradient.
fn is_true(place: &Place, leaf: ValueId) -> Option<Found> {
    let scales = place.scales(leaf);
    if place.gradient(leaf).len() != scales.len() {
        return None;
    }
    let mut line = Line::new(place.plan, &place.memory);
    let mut worst = Found::Agrees;
    for seed in [1, 2] {
        let by = scales.iter().enumerate().map(|(at, scale)| (at, scale * part(at as u64, seed)));
        match place.judge(&mut line, &[Moves { leaf, by: by.collect() }]) {
            Found::Agrees | Found::Blurred => {}
            between @ Found::Between { .. } => worst = between,
            other => return Some(other),
        }
    }
    Some(worst)
}

/// The gradient entry by entry, each with its error.
fn measured(place: &Place, leaf: ValueId) -> Option<(Vec<Double>, Vec<f64>)> {
    let scales = place.scales(leaf);
    if scales.len() > ONE_BY_ONE {
        return None;
    }
    let mut line = Line::new(place.plan, &place.memory);
    let entries = scales.iter().enumerate().map(|(entry, &scale)| {
        let direction = [Moves { leaf, by: vec![(entry, scale)] }];
        match line.glance(&direction).map_or_else(|| line.along(&direction), Along::Smooth) {
            Along::Smooth(slope) | Along::OneSide(slope) => {
                Some((slope.value / Double::from(scale), 100.0 * slope.error / scale))
            }
            // On a kink any slope between is right.
            Along::Kink { .. } => {
                let own = place.gradient(leaf).get(entry).copied().unwrap_or_else(Double::zero);
                Some((own, f64::INFINITY))
            }
            Along::Jump | Along::Unknown => None,
        }
    });
    Some(entries.collect::<Option<Vec<_>>>()?.into_iter().unzip())
}
