//! Backward against measurement: every entry of every input and param.
//!
//! The measurement evaluates forward functions and nothing else. Each entry gets
//! one [`Verdict`], from an error bar that is derived from this run: truncation
//! from two step sizes, rounding from runs with random last bits.

mod entry;
mod locate;
mod noise;
mod pattern;
mod quick;
mod stencil;
mod unit;
mod verdict;

pub use locate::{Guilty, Location};
pub use pattern::Pattern;
pub use quick::{Quick, QuickVerdict, quick};
pub use unit::Unit;
pub use verdict::{
    Comparison, Evidence, Finding, NotFinite, TensorComparison, Undecided, Verdict, ZeroCause,
};

use crate::{
    engine::{Memory, backward, forward},
    graph::{ComparisonSettings, Graph, ValueId},
    plan::Plan,
};
use entry::{Judge, Judged};
use noise::Noise;
use rayon::prelude::*;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use stencil::Scale;

/// How to compare, beside what the file says.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub settings: ComparisonSettings,
    /// Every forward run is a whole one.
    pub plain: bool,
    /// Once it is set, entries are left out: the result then says nothing.
    pub cancel: Option<Arc<AtomicBool>>,
}

impl Options {
    fn is_cancelled(&self) -> bool {
        self.cancel.as_ref().is_some_and(|cancel| cancel.load(Ordering::Relaxed))
    }
}

/// Entries of a tensor that one thread takes at a time.
const CHUNK: usize = 64;

/// Whole forward runs that every tensor's fast probes are held against.
const SPOT_CHECKS: usize = 3;

/// Runs the graph in f64 and compares the gradients of `wanted` entry by entry.
/// The result does not depend on the number of threads.
///
/// Where something is wrong, it is also located.
pub fn compare(graph: &Graph, wanted: &[ValueId], options: &Options) -> Comparison {
    let mut comparison = entries(graph, wanted, options);
    if comparison.tensors.iter().any(|tensor| tensor.wrong > 0) {
        comparison.location = locate::locate(graph);
    }
    comparison
}

/// The verdicts alone.
fn entries(graph: &Graph, wanted: &[ValueId], options: &Options) -> Comparison {
    let skipped = |leaf: &ValueId| options.settings.skip.contains(leaf);
    let wanted: Vec<ValueId> = wanted.iter().copied().filter(|leaf| !skipped(leaf)).collect();
    let plan = Plan::new(graph, &wanted);
    let mut base = Memory::<f64>::new(&plan);
    forward(&plan, &mut base);
    let mut comparison = Comparison {
        output: base.outputs(&plan).iter().sum(),
        settings: options.settings.clone(),
        plain: options.plain,
        ..Comparison::default()
    };
    let mut again = Memory::<f64>::new(&plan);
    forward(&plan, &mut again);
    comparison.repeatable = same_bits(&base.floats, &again.floats) && base.ints == again.ints;

    backward(&plan, &mut base);
    comparison.not_finite = first_not_finite(graph, &plan, &base);
    let noise = Noise::measure(&plan, &base);
    for &leaf in &wanted {
        let tensor = compare_tensor(graph, &plan, &base, &noise, leaf, options);
        comparison.faults.extend(tensor.1);
        comparison.tensors.push(tensor.0);
    }
    comparison
}

fn compare_tensor(
    graph: &Graph,
    plan: &Plan,
    base: &Memory<f64>,
    noise: &Noise,
    leaf: ValueId,
    options: &Options,
) -> (TensorComparison, Vec<String>) {
    let elements = base.float(plan, leaf);
    let size = elements.len();
    let entries: Vec<usize> = match options.settings.sample {
        Some(n) if n < size => (0..n).map(|k| k * size / n).collect(),
        _ => (0..size).collect(),
    };
    let scale = Scale::of(elements, options.settings.step);
    let outputs = base.outputs(plan);
    let judge = || Judge::new(plan, base, noise, leaf, scale, options, &outputs);
    let judged: Vec<Vec<Judged>> = entries
        .par_chunks(CHUNK)
        .map_init(judge, |judge, chunk| {
            let entries = chunk.iter().take_while(|_| !options.is_cancelled());
            entries.map(|&entry| judge.entry(entry)).collect()
        })
        .collect();

    let mut summary = TensorComparison::new(leaf, size);
    let mut faults = Vec::new();
    for judged in judged.into_iter().flatten() {
        if let Some(fault) = &judged.fault {
            faults.push(format!("{}: {fault}", graph.value(leaf).name));
        }
        summary.take(judged.finding);
    }
    if !options.plain && !entries.is_empty() {
        let mut judge = judge();
        for k in 0..SPOT_CHECKS.min(entries.len()) {
            let entry = entries[k * (entries.len() - 1) / (SPOT_CHECKS - 1)];
            if let Some(fault) = judge.spot_check(entry) {
                faults.push(format!("{}: {fault}", graph.value(leaf).name));
            }
        }
    }
    (summary, faults)
}

/// The first value or gradient, in the order of computation, that is NaN or
/// infinite; `None` where the outputs and all gradients asked for are finite, as
/// behind a mask of infinities.
fn first_not_finite(graph: &Graph, plan: &Plan, base: &Memory<f64>) -> Option<NotFinite> {
    let bad = |elements: &[f64]| elements.iter().position(|x| !x.is_finite());
    let outcome = plan.wanted.iter().filter_map(|&leaf| base.gradient(plan, leaf));
    if outcome.chain([&base.outputs(plan)[..]]).all(|elements| bad(elements).is_none()) {
        return None;
    }
    let is_float = |id: ValueId| graph.value(id).ty.kind == crate::tensor::Kind::Float;
    for id in graph.ids().filter(|&id| is_float(id)) {
        if let Some(entry) = bad(base.float(plan, id)) {
            return Some(NotFinite { value: id, entry, gradient: false });
        }
    }
    let gradients = graph.ids().rev().filter_map(|id| Some((id, base.gradient(plan, id)?)));
    for (id, gradient) in gradients {
        if let Some(entry) = bad(gradient) {
            return Some(NotFinite { value: id, entry, gradient: true });
        }
    }
    None
}

fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}
