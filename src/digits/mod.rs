//! How many decimal digits a run in a precision keeps of every value and gradient, where they are lost,
//! and why.
//!
//! # The route
//!
//! ```text
//! graph ──▶ errors ──▶ kept ──▶ lost ──▶ cause
//! ```
//!
//! - `errors` says how far runs lie from the precise one, element by element: runs in which every
//!   rounding is drawn at random, by [`simulate`](crate::simulate), and one that rounds to the nearest number,
//!   which knows where the format ends.
//! - `kept` makes digits of it: of a tensor as a whole, and of its worst entry.
//! - `cause` tells what is lost at a node: terms that cancel, long sums, numbers beyond the format, inputs that
//!   had to be rounded; [`compare`](crate::compare) finds the node.
//! - `memory` counts what all that takes before it begins.

mod cause;
mod errors;
mod kept;
mod memory;

pub use cause::Cause;
pub use kept::Kept;
pub use memory::fits;

use crate::{
    compare::{Loss, LossPlace, NotFinite, Trace, first_not_finite, lost_digits},
    engine::Stored,
    graph::{Graph, Origin, Phase, ValueId},
    plan::Plan,
    precision::Precision,
    simulate::{Arithmetic, Centre},
    tensor::Kind,
};
use errors::{Errors, Zeros};
use kept::kept;

/// The precisions among which the least is looked for, from the coarsest to the finest.
pub const CANDIDATES: [Precision; 5] =
    [Precision::Bf16, Precision::F16, Precision::Tf32, Precision::F32, Precision::F64];

/// Digits lost at one node that are worth a word.
const TOLD: f64 = 1.0;

/// A tensor that keeps all but so many of the digits of its format has lost none.
const WHOLE: f64 = 1.0;

/// Places that are told.
const MOST_LOST: usize = 4;

/// Outputs and gradients that are followed to such places, those that keep the least.
const MOST_FOLLOWED: usize = 64;

/// What is asked of a graph.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    pub precision: Precision,
    /// Sums are accumulated in the format that results are stored in, not in f32.
    pub accumulate_same: bool,
    /// Decimal digits that outputs and their gradients should keep.
    pub keep: f64,
}

impl Options {
    fn arithmetic(&self, precision: Precision) -> Arithmetic {
        // Of the formulas that stand in the graph.
        let usual = Arithmetic { has_other_formulas: false, ..Arithmetic::of(precision) };
        match self.accumulate_same {
            true => Arithmetic { accumulate: usual.storage, ..usual },
            false => usual,
        }
    }
}

/// What a run in a precision keeps.
pub struct Digits {
    pub options: Options,
    pub arithmetic: Arithmetic,
    /// By value; `None` for ints, which are exact.
    values: Vec<Option<Kept>>,
    /// By value; `None` where no gradient is computed.
    gradients: Vec<Option<Kept>>,
    /// Where digits are lost on the way to the outputs and their gradients; what costs the most first.
    pub lost: Vec<Lost>,
    /// An output or gradient that is not finite in any format.
    pub not_finite: Option<NotFinite>,
    /// What each of the [`CANDIDATES`] keeps.
    pub precisions: Vec<Keeps>,
}

/// A node that loses digits.
#[derive(Debug, Clone, PartialEq)]
pub struct Lost {
    pub loss: Loss,
    /// Where the digits are missing.
    pub at: Stored,
    pub cause: Cause,
    /// The output or gradient that keeps too few of them.
    pub seen: Stored,
}

/// What a precision keeps of the output or gradient of which it keeps the least.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Keeps {
    pub precision: Precision,
    pub digits: f64,
    /// `None` where nothing is rounded.
    pub of: Option<Stored>,
}

impl Digits {
    pub fn of(&self, stored: Stored) -> Option<&Kept> {
        match stored {
            Stored::Value(value) => self.values.get(value.index())?.as_ref(),
            Stored::Gradient(value) => self.gradients.get(value.index())?.as_ref(),
        }
    }

    /// All values and gradients that have digits.
    pub fn all(&self) -> impl Iterator<Item = (Stored, &Kept)> {
        let id = |at: usize| ValueId(at as u32);
        let values = self.values.iter().enumerate().map(move |(at, kept)| (Stored::Value(id(at)), kept));
        let gradients =
            self.gradients.iter().enumerate().map(move |(at, kept)| (Stored::Gradient(id(at)), kept));
        values.chain(gradients).filter_map(|(stored, kept)| Some((stored, kept.as_ref()?)))
    }

    /// As many decimal digits as a number of the format has.
    pub fn most(&self) -> f64 {
        digits_of(self.arithmetic.storage)
    }

    /// The digits that are asked for, or nearly all of a format that has fewer.
    pub fn wanted(&self) -> f64 {
        self.options.keep.min(self.most() - WHOLE)
    }

    /// The coarsest precision that keeps as many digits as are asked for.
    pub fn least(&self) -> Option<Precision> {
        let enough = |keeps: &&Keeps| self.not_finite.is_none() && keeps.digits >= self.options.keep;
        self.precisions.iter().find(enough).map(|keeps| keeps.precision)
    }

    /// Leaves and numbers within expressions that the format does not hold well, be they too large or too small.
    pub fn unheld(&self, graph: &Graph) -> Vec<ValueId> {
        let is_data =
            |id: &ValueId| matches!(graph.value(*id).origin, Origin::Leaf { .. } | Origin::Literal(_));
        let lacks =
            |id: &ValueId| self.of(Stored::Value(*id)).is_some_and(|kept| kept.digits < self.most() - WHOLE);
        graph.ids().filter(is_data).filter(lacks).collect()
    }

    /// Digits are lost first where this value or gradient is computed.
    pub fn is_lost_first(&self, stored: Stored) -> bool {
        self.lost.first().is_some_and(|lost| lost.at == stored)
    }
}

/// The decimal digits of a format: those of its unit roundoff.
pub fn digits_of(precision: Precision) -> f64 {
    -precision.unit().log10()
}

/// Runs a graph in all precisions.
pub fn digits(graph: &Graph, options: Options) -> Digits {
    let plan = Plan::new(graph, &graph.wanted);
    let centre = Centre::new(graph, &plan);
    let asked = asked(graph, &plan);
    // What cancels to nothing in 32 digits is 0 in any format.
    let finest = Errors::of(graph, &plan, &centre, &options.arithmetic(Precision::F64));
    let zeros = Zeros::of(&centre.exact, &finest);
    let keeps = |precision: Precision, errors: &Errors| {
        let of = |stored: Stored| {
            kept(&plan, &centre.exact, errors, &zeros, stored, &options.arithmetic(precision))
        };
        let all = asked.iter().filter_map(|&stored| Some((stored, of(stored)?)));
        let least =
            all.filter(|(_, kept)| !kept.is_zero).min_by(|(_, a), (_, b)| a.digits.total_cmp(&b.digits));
        let digits = least.as_ref().map_or(f64::INFINITY, |(_, kept)| kept.digits);
        Keeps { precision, digits, of: least.map(|(stored, _)| stored) }
    };
    let mut precisions = Vec::new();
    let mut own = None;
    for precision in CANDIDATES {
        let errors = match precision {
            Precision::F64 => None,
            _ => Some(Errors::of(graph, &plan, &centre, &options.arithmetic(precision))),
        };
        precisions.push(keeps(precision, errors.as_ref().unwrap_or(&finest)));
        if precision == options.precision {
            own = errors;
        }
    }
    let arithmetic = options.arithmetic(options.precision);
    let errors = match own {
        Some(errors) => errors,
        None if options.precision == Precision::F64 => finest,
        None => Errors::of(graph, &plan, &centre, &arithmetic),
    };
    let of = |stored: Stored| kept(&plan, &centre.exact, &errors, &zeros, stored, &arithmetic);
    let mut found = Digits {
        options,
        values: graph.ids().map(|id| of(Stored::Value(id))).collect(),
        gradients: graph.ids().map(|id| of(Stored::Gradient(id))).collect(),
        lost: Vec::new(),
        not_finite: first_not_finite(graph, &plan, &centre.exact),
        precisions,
        arithmetic,
    };
    found.lost = lost(graph, &plan, &centre, &errors, &found, &asked);
    found
}

/// The outputs, and the gradients that are asked for.
fn asked(graph: &Graph, plan: &Plan) -> Vec<Stored> {
    let is_float = |id: &ValueId| graph.value(*id).ty.kind == Kind::Float;
    let outputs = graph.outputs.iter().copied().filter(is_float).map(Stored::Value);
    let gradients = graph.wanted.iter().copied().filter(|&id| plan.gradient(id).is_some());
    outputs.chain(gradients.map(Stored::Gradient)).collect()
}

/// The nodes at which outputs and gradients lose their digits.
fn lost(
    graph: &Graph,
    plan: &Plan,
    centre: &Centre,
    errors: &Errors,
    found: &Digits,
    asked: &[Stored],
) -> Vec<Lost> {
    let lacking = |stored: &Stored| {
        let kept = found.of(*stored).filter(|kept| !kept.is_zero)?;
        (kept.digits < found.most() - WHOLE).then_some((kept.digits, *stored))
    };
    let mut lacking: Vec<(f64, Stored)> = asked.iter().filter_map(lacking).collect();
    lacking.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let error =
        |stored: Stored| found.of(stored).filter(|kept| !kept.is_zero).map_or(0.0, |kept| kept.relative);
    let least = found.arithmetic.storage.unit();
    let mut inputs = None;
    let mut lost: Vec<Lost> = Vec::new();
    let trace = Trace::new(graph, plan, &centre.exact);
    for (_, seen) in lacking.into_iter().take(MOST_FOLLOWED) {
        if lost.len() == MOST_LOST {
            break;
        }
        let Some(loss) = lost_digits(&trace, seen, least, TOLD, &error) else { continue };
        if lost.iter().any(|known| known.loss.place == loss.place) {
            continue;
        }
        let at = missing_at(graph, &loss, &error);
        let place = cause::Place { graph, plan, exact: &centre.exact, errors, arithmetic: &found.arithmetic };
        let inputs = inputs.get_or_insert_with(|| errors::of_inputs(centre, &found.arithmetic));
        let cause = place.cause(&loss, at, inputs);
        lost.push(Lost { loss, at, cause, seen });
    }
    lost
}

/// What a place of loss computes.
fn missing_at(graph: &Graph, loss: &Loss, error: &dyn Fn(Stored) -> f64) -> Stored {
    match loss.place {
        LossPlace::Node(node) => Stored::Value(graph.node(node).outputs[0]),
        LossPlace::Sum(value) => Stored::Gradient(value),
        LossPlace::Back(node) => {
            let inputs = graph.node(node).inputs.iter().map(|&input| Stored::Gradient(input));
            let worst = inputs.max_by(|&a, &b| error(a).total_cmp(&error(b)));
            worst.unwrap_or(Stored::Gradient(graph.node(node).outputs[0]))
        }
    }
}

/// What is told of a graph: leaves, and the nodes of forward, inner ones only with `all`; and where digits
/// are lost.
pub fn is_told(graph: &Graph, digits: &Digits, id: ValueId, all: bool) -> bool {
    let is_lost = digits
        .lost
        .iter()
        .any(|lost| matches!(lost.at, Stored::Value(at) | Stored::Gradient(at) if at == id));
    match graph.value(id).origin {
        Origin::Leaf { .. } => true,
        Origin::Literal(_) | Origin::Upstream(_) => is_lost,
        Origin::Node(node) => {
            let node = graph.node(node);
            is_lost || node.phase == Phase::Forward && (all || node.named)
        }
    }
}
