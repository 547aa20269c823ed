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
    engine::{Cones, Memory, backward, forward},
    graph::{ComparisonSettings, Graph, ValueId},
    plan::Plan,
};
use entry::{Judge, Judged, Setup};
use noise::Noise;
use rayon::prelude::*;
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use stencil::Scale;

/// How to compare, beside what the file says.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub settings: ComparisonSettings,
    /// Every forward run is a whole one.
    pub plain: bool,
    /// Once it is set, the entries that are left are left out.
    pub cancel: Option<Arc<AtomicBool>>,
    /// Where to count.
    pub progress: Option<Arc<Progress>>,
}

/// How far a comparison is, for others to look at.
#[derive(Debug, Default)]
pub struct Progress {
    /// All entries that are to be compared.
    pub entries: AtomicUsize,
    pub done: AtomicUsize,
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
/// The result does not depend on the number of threads. Where it is cancelled, it
/// says what is known so far, and that it is partial.
///
/// Where something is wrong, it is also located.
pub fn compare(graph: &Graph, wanted: &[ValueId], options: &Options) -> Comparison {
    let mut comparison = entries(graph, wanted, options);
    if comparison.tensors.iter().any(|tensor| tensor.wrong > 0) && !options.is_cancelled() {
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
    let noise = Noise::measure(&plan, &base, again);
    let (outputs, cones) = (base.outputs(&plan), Cones::new(&plan, &base));
    let setup = Setup { plan: &plan, real: &base, outputs: &outputs, noise: &noise, cones: &cones, options };
    let leaves: Vec<Leaf> = wanted.iter().map(|&leaf| Leaf::of(setup, leaf)).collect();
    comparison.asked = leaves.iter().map(|leaf| leaf.entries.len()).sum();
    if let Some(progress) = &options.progress {
        progress.entries.store(comparison.asked, Ordering::Relaxed);
    }
    for (leaf, (summary, faults)) in leaves.iter().zip(judge(setup, &leaves)) {
        let name = &graph.value(leaf.id).name;
        comparison.faults.extend(faults.iter().map(|fault| format!("{name}: {fault}")));
        comparison.tensors.push(summary);
    }
    comparison
}

/// What is to be compared of one leaf.
struct Leaf {
    id: ValueId,
    size: usize,
    scale: Scale,
    entries: Vec<usize>,
}

impl Leaf {
    fn of(setup: Setup, id: ValueId) -> Self {
        let elements = setup.real.float(setup.plan, id);
        let (size, settings) = (elements.len(), &setup.options.settings);
        let entries = match settings.sample {
            Some(n) if n < size => (0..n).map(|k| k * size / n).collect(),
            _ => (0..size).collect(),
        };
        Self { id, size, scale: Scale::of(elements, settings.step), entries }
    }

    /// Entries whose probes are held against whole forward runs.
    fn is_spot_check(&self, entry: usize) -> bool {
        let last = self.entries.len() - 1;
        (0..SPOT_CHECKS).any(|k| self.entries[k * last / (SPOT_CHECKS - 1)] == entry)
    }
}

/// What the verdicts on all entries of every leaf come to, and what went wrong in
/// this program itself.
fn judge(setup: Setup, leaves: &[Leaf]) -> Vec<(TensorComparison, Vec<String>)> {
    let chunks: Vec<(&Leaf, &[usize])> =
        leaves.iter().flat_map(|leaf| leaf.entries.chunks(CHUNK).map(move |chunk| (leaf, chunk))).collect();
    // A judge holds a copy of the run: as many are made as work at a time.
    let judges: Mutex<Vec<Judge>> = Mutex::default();
    let idle = || judges.lock().unwrap_or_else(PoisonError::into_inner);
    let parts: Vec<(TensorComparison, Vec<String>)> = chunks
        .par_iter()
        .map(|(leaf, chunk)| {
            let judge = idle().pop();
            let mut judge = judge.unwrap_or_else(|| Judge::new(setup, leaf.id, leaf.scale));
            judge.turn_to(leaf.id, leaf.scale);
            let (mut summary, mut faults) = (TensorComparison::new(leaf.id, leaf.size), Vec::new());
            for &entry in chunk.iter().take_while(|_| !setup.options.is_cancelled()) {
                let Judged { finding, mut fault } = judge.entry(entry);
                if !setup.options.plain && fault.is_none() && leaf.is_spot_check(entry) {
                    fault = judge.spot_check(entry);
                }
                summary.take(finding);
                faults.extend(fault);
            }
            if let Some(progress) = &setup.options.progress {
                progress.done.fetch_add(summary.compared, Ordering::Relaxed);
            }
            idle().push(judge);
            (summary, faults)
        })
        .collect();
    let mut parts = parts.into_iter();
    let of_leaf = |leaf: &Leaf| {
        let whole = (TensorComparison::new(leaf.id, leaf.size), Vec::new());
        let own = parts.by_ref().take(leaf.entries.len().div_ceil(CHUNK));
        own.fold(whole, |(mut summary, mut faults), (part, more)| {
            summary.join(part);
            faults.extend(more);
            (summary, faults)
        })
    };
    leaves.iter().map(of_leaf).collect()
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

/// Whether a complex step gives what backward does, but for rounding on two ways to it; far below
/// a slip's size. Differences that see something else are no proof of a fault then: neighbouring
/// numbers may lie so far apart that all points are as good as random.
fn bears_out(complex: f64, backward: f64, size: f64) -> bool {
    const ROUNDING: f64 = 1e-6;
    (complex - backward).abs() <= ROUNDING * size.abs()
}

fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}
