//! What a wrong gradient has in common with the right one. Nothing is guessed
//! that the numbers do not show.

use super::{
    leaves::derived_paths,
    locate::measure,
    unit::{Alone, Unit},
};
use crate::{
    engine::{Memory, backward, forward},
    graph::{Graph, ValueId},
    plan::{Back, Plan},
    run::Run,
    shape::Shape,
};

/// A likely slip.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// Every entry is this many times the measured one; `length` is an axis of
    /// the unit that is as long as the ratio or its inverse says.
    Ratio { ratio: f64, length: Option<usize> },
    /// Every entry is 0.
    Zero,
    /// It is the transpose of the measured gradient.
    Transposed,
    /// Only entries with this index on this axis are wrong.
    OneSlice { axis: usize, index: usize },
    /// It does not change with the upstream gradient.
    IgnoresUpstream,
    /// It grows with the square of the upstream gradient.
    UpstreamTwice,
    /// It is not 0 where the upstream gradient is, or not additive in it.
    NotLinear,
    /// It lacks what comes back through this node.
    MissingPath { through: Box<str> },
    /// It holds only what comes from one index of the output's first axis.
    Unsummed { index: usize },
}

/// Two numbers are the same but for rounding and measuring.
const NEAR: f64 = 1e-6;

/// Edges that are left out in turn, at most.
const PATHS: usize = 64;

/// What the entries of a unit's wrong gradient show, at one of its leaves.
pub fn find(
    unit: &Unit,
    alone: &Alone,
    leaf: ValueId,
    backward: &[f64],
    measured: &[f64],
) -> Option<Pattern> {
    let shape = &alone.graph.value(leaf).ty.shape;
    if backward.iter().all(|&x| x == 0.0) {
        return Some(Pattern::Zero);
    }
    // A change of the upstream gradient says most: a ratio may be chance.
    let mut changed = alone.clone();
    changed.set_weights(|_, weight| 2.0 * weight);
    let doubled = gradient(&changed.graph, leaf);
    if near(&doubled, backward) {
        return Some(Pattern::IgnoresUpstream);
    }
    let times = |factor: f64| backward.iter().map(|x| factor * x).collect::<Vec<f64>>();
    if near(&doubled, &times(4.0)) {
        return Some(Pattern::UpstreamTwice);
    }
    if let Some(ratio) = ratio(backward, measured) {
        return Some(Pattern::Ratio { ratio, length: length(alone, ratio) });
    }
    if is_transposed(shape, backward, measured) {
        return Some(Pattern::Transposed);
    }
    missing_path(unit, alone, leaf, backward)
        .or_else(|| unsummed(alone, leaf, backward))
        .or_else(|| one_slice(shape, backward, measured))
}

fn gradient(graph: &Graph, leaf: ValueId) -> Vec<f64> {
    Run::backward(graph).gradient_of(leaf).map(<[f64]>::to_vec).unwrap_or_default()
}

/// All elements agree, beside the largest of them.
fn near(a: &[f64], b: &[f64]) -> bool {
    let size = a.iter().chain(b).fold(0.0f64, |size, x| size.max(x.abs()));
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= NEAR * size)
}

/// The one factor between all entries, if there is one other than 1.
fn ratio(backward: &[f64], measured: &[f64]) -> Option<f64> {
    let (at, largest) = measured
        .iter()
        .enumerate()
        .max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()))
        .filter(|(_, value)| value.is_finite() && **value != 0.0)?;
    let ratio = backward[at] / largest;
    let scaled: Vec<f64> = measured.iter().map(|x| ratio * x).collect();
    (near(backward, &scaled) && (ratio - 1.0).abs() > NEAR).then(|| tidy(ratio))
}

/// A ratio that is a simple one but for rounding, as the simple one.
fn tidy(ratio: f64) -> f64 {
    let whole = |x: f64| (x.round() != 0.0 && (x - x.round()).abs() <= NEAR * x.abs()).then(|| x.round());
    whole(ratio).or_else(|| whole(1.0 / ratio).map(|inverse| 1.0 / inverse)).unwrap_or(ratio)
}

/// The length of a first axis within the unit that a ratio may come from.
fn length(alone: &Alone, ratio: f64) -> Option<usize> {
    let size = ratio.abs().max(1.0 / ratio.abs());
    let lengths = alone.graph.values.iter().filter_map(|value| value.ty.shape.first().copied());
    lengths.filter(|&length| length > 1).find(|&length| (length as f64 - size).abs() <= NEAR * size)
}

fn is_transposed(shape: &Shape, backward: &[f64], measured: &[f64]) -> bool {
    let &[rows, columns] = &shape[..] else { return false };
    if rows != columns || rows < 2 {
        return false;
    }
    let turned: Vec<f64> =
        (0..rows * columns).map(|at| measured[(at % columns) * columns + at / columns]).collect();
    near(backward, &turned) && !near(backward, measured)
}

/// Wrong entries lie in one slice of an axis of several.
fn one_slice(shape: &Shape, backward: &[f64], measured: &[f64]) -> Option<Pattern> {
    let size = measured.iter().fold(0.0f64, |size, x| size.max(x.abs()));
    let wrong: Vec<usize> =
        (0..measured.len()).filter(|&at| (backward[at] - measured[at]).abs() > NEAR * size).collect();
    let first = *wrong.first()?;
    (0..shape.rank()).find_map(|axis| {
        let inner: usize = shape[axis + 1..].iter().product();
        let index = |at: usize| at / inner % shape[axis];
        let alike = shape[axis] > 1 && wrong.iter().all(|&at| index(at) == index(first));
        alike.then(|| Pattern::OneSlice { axis, index: index(first) })
    })
}

/// The derived gradient without one of the edges behind which a value is used
/// several times.
fn missing_path(unit: &Unit, alone: &Alone, leaf: ValueId, wrong: &[f64]) -> Option<Pattern> {
    unit.block?;
    let mut derived = alone.graph.clone();
    derived.blocks.clear();
    derived_paths(&mut derived);
    let mut plan = Plan::new(&derived, &[leaf]);
    let mut memory = Memory::<f64>::new(&plan);
    forward(&plan, &mut memory);
    let whole = std::mem::take(&mut plan.backward);
    let source = |part: &Back| match part {
        Back::Product { step, input } => Some(plan.inputs(&plan.steps[*step as usize])[*input as usize]),
        Back::Custom(_) => None,
    };
    let sources: Vec<Option<ValueId>> = whole.iter().map(source).collect();
    let is_fan_out = |at: usize| sources.iter().filter(|&&other| other == sources[at]).count() > 1;
    let candidates: Vec<usize> = (0..whole.len()).filter(|&at| is_fan_out(at)).take(PATHS).collect();
    for at in candidates {
        let others = whole.iter().enumerate().filter(|&(other, _)| other != at);
        plan.go_back_by(others.map(|(_, part)| part.clone()).collect());
        backward(&plan, &mut memory);
        if memory.gradient(&plan, leaf).is_some_and(|gradient| near(gradient, wrong))
            && let Back::Product { step, .. } = whole[at]
        {
            let through = derived.value(plan.steps[step as usize].output);
            return Some(Pattern::MissingPath { through: through.name.clone() });
        }
    }
    None
}

/// What one index of the output's first axis sends back alone.
fn unsummed(alone: &Alone, leaf: ValueId, wrong: &[f64]) -> Option<Pattern> {
    let &[length, ref rest @ ..] = &alone.output_shape()[..] else { return None };
    let row: usize = rest.iter().product();
    if length < 2 || row == 0 {
        return None;
    }
    [0, length - 1].into_iter().find_map(|index| {
        let mut masked = alone.clone();
        masked.set_weights(|at, weight| if at / row == index { weight } else { 0.0 });
        near(&measure(&masked.graph, leaf), wrong).then_some(Pattern::Unsummed { index })
    })
}
