//! Backward against measurement: every entry of every input and param, and every line of a
//! backward written by hand.
//!
//! # The route
//!
//! ```text
//! measure ──▶ judge ──────────────▶ locate ──▶ explain
//!  line       place, leaves, blocks   alone      pattern
//! ```
//!
//! - `measure` takes slopes along a line from forward runs in double-double alone, and never a
//!   derivative; `slope` chooses among those at several steps.
//! - `place` holds the gradient that backward gives in double-double against such a slope.
//! - `leaves` does so for every entry of every leaf: all at once along a few directions, and one
//!   by one only where a direction disagrees; `tied` does for entries that meet in a kink. `blocks`
//!   tries every block with a custom backward alone.
//! - `locate` finds whose backward is wrong, `pattern` what the slip may be.
//! - `not_finite` traces a NaN or an infinity to the node that made it.
//! - `digits` finds the node at which a number loses its digits; `remedy` knows what is usually
//!   computed instead.
//! - `display` measures entries one by one in f64, for people to look at.
//!
//! Each entry of the gradient in f64 is then held against the one in double-double: that is a
//! count of digits kept, never a slip.

mod abrupt;
mod alike;
mod alone;
mod blocks;
mod by_ops;
mod comparison;
mod derived;
mod digits;
mod display;
mod leaves;
mod linear;
mod locate;
mod measure;
mod memory;
mod not_finite;
mod pattern;
mod place;
mod remedy;
mod slope;
mod surrogate;
mod tied;
mod verdict;

pub use blocks::{BlockTrial, LineTrial, Outcome, Slip};
pub use comparison::{Comparison, TensorComparison};
pub use digits::{BLUNT, Loss, LossPlace, lost, lost_digits};
pub use locate::{Guilty, Location};
pub use memory::{fits, hold};
pub use not_finite::{Made, NotFinite, Trace, first as first_not_finite};
pub use pattern::{Edge, Factor, Move, Moves, Pattern, Term, Which, ways};
pub use remedy::instead_of_overflow;
pub use surrogate::Surrogate;
pub use verdict::{Evidence, Finding, Undecided, Verdict, ZeroCause};

use crate::{
    double::Double,
    engine::{Memory, backward, forward},
    graph::{ComparisonSettings, Graph, ValueId},
    plan::Plan,
    run::Run,
};
use digits::{Kept, Runs};
use display::Shown;
use leaves::{Judge, Leaf};
use place::Place;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// How to compare, beside what the file says.
#[derive(Debug, Clone)]
pub struct Options {
    pub settings: ComparisonSettings,
    /// Measure entries one by one in f64 too, where it takes a second or two.
    pub measured: bool,
    /// Measure them however long it takes.
    pub every: bool,
    /// Once it is set, the entries that are left are left out.
    pub cancel: Option<Arc<AtomicBool>>,
    /// Where to count.
    pub progress: Option<Arc<Progress>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            settings: ComparisonSettings::default(),
            measured: true,
            every: false,
            cancel: None,
            progress: None,
        }
    }
}

/// How far a comparison is, for others to look at.
#[derive(Debug, Default)]
pub struct Progress {
    /// All entries that are to be measured in f64.
    pub entries: AtomicUsize,
    pub done: AtomicUsize,
}

impl Options {
    fn is_cancelled(&self) -> bool {
        self.cancel.as_ref().is_some_and(|cancel| cancel.load(Ordering::Relaxed))
    }
}

/// Judges the gradients of `wanted` entry by entry, and every block with a custom backward. The
/// result does not depend on the number of threads. Where it is cancelled, it says what is known so
/// far, and that it is partial.
///
/// Where something is wrong, it is also located.
pub fn compare(graph: &Graph, wanted: &[ValueId], options: &Options) -> Comparison {
    let asked: Vec<ValueId> =
        wanted.iter().copied().filter(|leaf| !options.settings.skip.contains(leaf)).collect();
    let surrogates = surrogate::find(graph, &asked);
    let is_compared = |leaf: &ValueId| surrogates.iter().all(|surrogate| surrogate.leaf != *leaf);
    let wanted: Vec<ValueId> = asked.into_iter().filter(is_compared).collect();
    let plan = Plan::new(graph, &wanted);
    let mut base = Memory::<f64>::new(&plan);
    forward(&plan, &mut base);
    let once = Memory { gradients: Vec::new(), ..base.clone() };
    forward(&plan, &mut base);
    let repeatable = same_bits(&base.floats, &once.floats) && base.ints == once.ints;
    drop(once);
    backward(&plan, &mut base);

    let precise = Place::new(&plan, Memory::<Double>::new(&plan)).weigh_blocks(graph);
    let leaves = Judge::new(graph, &precise, options).leaves(&wanted);
    let looked_at = |&leaf: &ValueId| options.settings.looked_at(plan.slot(leaf).range().len());
    let asked = wanted.iter().map(looked_at).sum();
    if let Some(progress) = &options.progress {
        progress.entries.store(asked, Ordering::Relaxed);
    }
    let measured = display::measure(&plan, &base, &leaves, options);
    let mut comparison = Comparison {
        output: base.outputs(&plan).iter().zip(plan.upstream()).map(|(y, upstream)| y * upstream).sum(),
        settings: options.settings.clone(),
        asked,
        repeatable,
        not_finite: not_finite::first(graph, &plan, &base),
        faults: measured.faults,
        partial: options.is_cancelled(),
        surrogates,
        ..Comparison::default()
    };
    let runs = Runs { trace: Trace::new(graph, &plan, &base), exact: &precise.memory };
    for (index, leaf) in leaves.iter().enumerate() {
        let shown = measured.leaves.get(index).map(Vec::as_slice);
        let mut tensor = summary(leaf, &plan, &base, &precise, shown);
        if let Some(entry) = tensor.bluntest {
            tensor.loss = runs.loss(leaf.id, entry);
        }
        comparison.tensors.push(tensor);
    }
    if !options.is_cancelled() && (blocks::any(graph) || comparison.is_wrong()) {
        let run = Run::backward(graph);
        comparison.blocks = blocks::try_all(graph, &run, &precise);
        if comparison.is_wrong() {
            let leaves_wrong = comparison.tensors.iter().any(|tensor| tensor.wrong > 0);
            comparison.location = locate::locate(graph, &run, &precise, &comparison.blocks, leaves_wrong);
        }
    }
    comparison
}

/// What the verdicts on the entries of one leaf come to.
fn summary(
    leaf: &Leaf,
    plan: &Plan,
    base: &Memory<f64>,
    precise: &Place,
    shown: Option<&[Option<Shown>]>,
) -> TensorComparison {
    let mut tensor = TensorComparison::new(leaf.id, plan.slot(leaf.id).range().len());
    if shown.is_some() {
        tensor.slopes = vec![None; tensor.size];
    }
    let (plain, exact) = (base.gradient(plan, leaf.id), precise.gradient(leaf.id));
    let mut digits = Kept::default();
    let no_gradient = if exact.is_empty() { ZeroCause::NoPath } else { ZeroCause::Flat };
    for number in 0..leaf.count {
        let (entry, known) = (leaf.entry(number), leaf.known(number));
        let backward = plain.map_or(0.0, |plain| plain[entry]);
        let exact = exact.get(entry).copied().unwrap_or_default();
        let shown = shown.and_then(|shown| shown[number]);
        let verdict = match known.verdict {
            Verdict::Kink { .. } => Verdict::Kink { step: shown.and_then(|shown| shown.crossed) },
            // What is finite in f64 left the range of numbers only on the way.
            Verdict::Wrong if backward.is_finite() && !exact.is_finite() => {
                Verdict::Undecided(Undecided::NotFinite)
            }
            Verdict::Ok if !backward.is_finite() => Verdict::Undecided(Undecided::NotFinite),
            Verdict::Ok if exact.to_f64() == 0.0 => {
                Verdict::Zero(shown.and_then(|shown| shown.stopped).unwrap_or(no_gradient))
            }
            verdict => verdict,
        };
        if let Some(slope) = shown.and_then(|shown| shown.slope) {
            tensor.take_measured(entry, backward, slope);
        }
        if verdict == Verdict::Ok {
            digits.take(entry, backward, exact);
        }
        tensor.take(Finding { entry, backward, verdict, evidence: known.evidence });
    }
    tensor.digits = digits.least_and_median();
    tensor.blunt = digits.blunt();
    tensor.bluntest = digits.bluntest();
    tensor
}

fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}
