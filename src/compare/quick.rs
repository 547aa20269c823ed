//! One random projection a tensor: the slope along a random direction, in a few
//! whole forward runs. It sees much, and not every entry: a fault that is
//! orthogonal to the direction, or small beside the rest, goes by.

use super::{bears_out, stencil::Measured};
use crate::{
    engine::{Memory, backward, branches, complex_step, forward},
    graph::{Graph, ValueId},
    op::{Branches, Complex},
    plan::Plan,
};

/// What one projection showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuickVerdict {
    Ok,
    Wrong,
    /// A kink lies across the direction, the error bar is too wide, or the complex step bears
    /// backward out against the differences.
    Undecided,
}

/// The projection of one leaf's gradient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quick {
    pub leaf: ValueId,
    /// Backward's gradient along the direction.
    pub backward: f64,
    /// The measured slope along the direction, with its error bar.
    pub measured: f64,
    pub bar: f64,
    pub verdict: QuickVerdict,
}

/// Steps tried until the stencil stays clear of kinks.
const STEPS: i32 = 8;

/// The imaginary step of the entry that moves farthest.
const COMPLEX_STEP: f64 = 1e-40;

/// Projects the gradient of every wanted leaf that is not skipped.
pub fn quick(graph: &Graph) -> Vec<Quick> {
    let skipped = |leaf: &&ValueId| !graph.comparison.skip.contains(leaf);
    let wanted: Vec<ValueId> = graph.wanted.iter().filter(skipped).copied().collect();
    let plan = Plan::new(graph, &wanted);
    let mut base = Memory::<f64>::new(&plan);
    forward(&plan, &mut base);
    backward(&plan, &mut base);
    wanted.iter().map(|&leaf| project(&plan, &base, leaf)).collect()
}

fn project(plan: &Plan, base: &Memory<f64>, leaf: ValueId) -> Quick {
    let range = plan.slot(leaf).range();
    let direction = direction(&base.floats[range.clone()]);
    let gradient = base.gradient(plan, leaf).unwrap_or(&[]);
    let along: f64 = gradient.iter().zip(&direction).map(|(g, u)| g * u).sum();
    let size: f64 = gradient.iter().zip(&direction).map(|(g, u)| (g * u).abs()).sum();

    let here = fingerprint(plan, base);
    let at = |t: f64| {
        let mut memory = Memory::<f64>::new(plan);
        for (element, u) in memory.floats[range.clone()].iter_mut().zip(&direction) {
            *element += t * u;
        }
        forward(plan, &mut memory);
        let smooth = fingerprint(plan, &memory) == here;
        (memory.outputs(plan), smooth)
    };
    let rise = |low: &[f64], high: &[f64]| high.iter().zip(low).map(|(high, low)| high - low).sum::<f64>();
    let mut measured = Measured { value: f64::NAN, bar: f64::INFINITY };
    for attempt in 0..STEPS {
        let h = f64::EPSILON.powf(0.2) / 8f64.powi(attempt);
        let points = [-h, -h / 2.0, h / 2.0, h].map(at);
        let finite = points.iter().all(|(outputs, _)| outputs.iter().all(|x| x.is_finite()));
        if !finite || !points.iter().all(|(_, smooth)| *smooth) {
            continue;
        }
        let wide = rise(&points[0].0, &points[3].0) / (2.0 * h);
        let narrow = rise(&points[1].0, &points[2].0) / h;
        let noise: f64 = points[3].0.iter().map(|x| 8.0 * f64::EPSILON * x.abs()).sum();
        let value = (4.0 * narrow - wide) / 3.0;
        let bar = 0.1 * (narrow - wide).abs() / 3.0 + 3.0 * noise / h + 16.0 * f64::EPSILON * size;
        measured = Measured { value, bar };
        break;
    }
    let verdict = match (along - measured.value).abs() <= measured.bar {
        _ if !measured.value.is_finite() || measured.bar > 1e-3 * size => QuickVerdict::Undecided,
        true => QuickVerdict::Ok,
        false => {
            let farthest = direction.iter().fold(0.0, |farthest: f64, u| farthest.max(u.abs()));
            let parts = range.zip(direction.iter().map(|u| u / farthest));
            let complex = complex_step(plan, base, &mut Memory::<Complex>::new(plan), parts, COMPLEX_STEP);
            match complex.is_some_and(|complex| bears_out(farthest * complex, along, size)) {
                true => QuickVerdict::Undecided,
                false => QuickVerdict::Wrong,
            }
        }
    };
    Quick { leaf, backward: along, measured: measured.value, bar: measured.bar, verdict }
}

/// All branches that a run takes.
fn fingerprint(plan: &Plan, memory: &Memory<f64>) -> Vec<Branches> {
    let kinked = plan.steps.iter().filter(|step| step.kernel.card().kinks.is_some());
    kinked.map(|step| branches(plan, step, memory)).collect()
}

/// Signs without a pattern, each times the size of its entry: the same on every run.
fn direction(elements: &[f64]) -> Vec<f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    elements
        .iter()
        .map(|element| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let part = 0.5 + (state >> 11) as f64 / (1u64 << 53) as f64;
            let size = if element.abs() > 1.0 { element.abs() } else { 1.0 };
            size * if state & 1 == 0 { part } else { -part }
        })
        .collect()
}
