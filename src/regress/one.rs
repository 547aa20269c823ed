//! One graph file as a test: load, forward, backward, expectations, comparison.

use super::judge::{Check, Mismatch, Observed, judge};
use crate::{
    compare::{self, Comparison, compare},
    diagnostic::{Cause, MissingFile, Refusal},
    graph::{Expected, Graph, Origin, ValueId},
    load::{Input, Loaded, load_expecting},
    resolve::{MOST_MESSAGES, Request},
    run::{Direction, Dtype, Run, can_go_backward},
    shape::Shape,
    source::{Source, SourceMap, Span, Spanned},
};
use std::sync::{Arc, atomic::AtomicBool};

/// How files are tested.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Leave the comparison out.
    pub no_check: bool,
    /// Undecided entries do not fail a file.
    pub allow_undecided: bool,
    /// A data file that is missing fails its graph file.
    pub no_skip: bool,
}

/// Why a file fails.
#[derive(Debug)]
pub enum Failure {
    /// It was refused, and did not expect it or not so.
    Refused(Refusal),
    /// It expects to be refused with this message, and was not.
    NotRefused {
        message: String,
        span: Span,
    },
    Mismatch(Mismatch),
    WrongShape {
        name: String,
        span: Span,
        want: Shape,
        got: Shape,
    },
    /// The comparison came to another verdict than `expected`.
    Verdict {
        expected: Option<(String, Span)>,
        got: &'static str,
    },
    /// It took too long.
    Timeout {
        seconds: f64,
    },
    /// This program failed.
    Internal(String),
}

/// How a file fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// A data file is missing: nothing is known of it.
    Skipped,
    /// Nothing is wrong but undecided entries.
    Undecided,
    Failed,
}

impl Outcome {
    /// Somebody has to look at the file.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Undecided | Self::Failed)
    }
}

/// A file that was tested, with all that there is to say of it.
#[derive(Debug, Default)]
pub struct Tested {
    pub failures: Vec<Failure>,
    /// Data files without which it cannot be tested.
    pub missing: Vec<MissingFile>,
    pub observed: Vec<Observed>,
    pub sources: SourceMap,
    /// How many blocks it holds, where it holds nothing to run.
    pub library: Option<usize>,
    /// The file's own text.
    pub source: Option<Source>,
    /// The graph, where there is one.
    pub graph: Option<Graph>,
    pub comparison: Option<Comparison>,
}

impl Tested {
    /// A file of which nothing but a failure is known.
    pub fn failed(failure: Failure) -> Self {
        Self { failures: vec![failure], ..Self::default() }
    }

    pub fn outcome(&self) -> Outcome {
        let is_undecided =
            |failure: &Failure| matches!(failure, Failure::Verdict { expected: None, got: "undecided" });
        match self.failures.iter().all(is_undecided) {
            _ if self.failures.is_empty() && self.missing.is_empty() => Outcome::Passed,
            _ if self.failures.is_empty() => Outcome::Skipped,
            true => Outcome::Undecided,
            false => Outcome::Failed,
        }
    }
}

/// Tests one file.
///
/// The comparison is given up once `cancel` is set; its result then says nothing.
pub fn test(
    input: &Input,
    request: &Request,
    mut sources: SourceMap,
    options: Options,
    cancel: &Arc<AtomicBool>,
) -> Tested {
    let Loaded { graph, expected, source } = load_expecting(input, None, request, &mut sources);
    let mut tested = Tested { sources, source, ..Tested::default() };
    // What is tested is told by its name: the flag is of other commands.
    let of_a_file = |mut refusal: Refusal| {
        refusal
            .0
            .iter_mut()
            .filter(|fault| fault.cause == Cause::Spelling)
            .for_each(|fault| fault.help.truncate(1));
        refusal
    };
    let loaded = graph
        .map_err(of_a_file)
        .and_then(|graph| can_go_backward(&graph).map(|()| graph).map_err(Refusal::from));
    let graph = match loaded {
        Ok(graph) => graph,
        Err(refusal) => {
            // A file that expects a refusal passes when every message it names is
            // there; whatever else is said of a broken file may be said.
            let said = |message: &String| {
                !message.is_empty() && refusal.0.iter().any(|fault| fault.message.contains(message.as_str()))
            };
            tested.library = refusal.only_blocks();
            if tested.library.is_some() {
                tested.failures.extend(expected.into_iter().map(not_refused));
                return tested;
            }
            if expected.is_empty() && !options.no_skip {
                tested.missing = refusal.missing_files();
            }
            let is_expected = (1..=MOST_MESSAGES).contains(&expected.len())
                && expected.iter().all(|message| said(&message.value));
            if !is_expected && tested.missing.is_empty() {
                tested.failures.push(Failure::Refused(refusal));
            }
            return tested;
        }
    };
    tested.failures.extend(expected.into_iter().map(not_refused));
    let run = Run::asking(&graph, Dtype::F64, Direction::Backward, &all_leaves(&graph));
    for check in judge(&graph, &run) {
        match check {
            Check::Numbers(observed) => tested.observed.push(observed),
            Check::RightShape => {}
            Check::Mismatch(mismatch) => tested.failures.push(Failure::Mismatch(mismatch)),
            Check::WrongShape { name, span, want, got } => {
                tested.failures.push(Failure::WrongShape { name, span, want, got });
            }
        }
    }
    drop(run);
    if !options.no_check {
        let settings = compare::Options {
            settings: graph.comparison.clone(),
            measured: false,
            every: false,
            cancel: Some(cancel.clone()),
            progress: None,
        };
        if let Err(fault) = compare::fits(&graph, &graph.wanted, &settings, &request.limits) {
            tested.failures.push(Failure::Refused(fault.into()));
            return tested;
        }
        let comparison = compare(&graph, &graph.wanted, &settings);
        tested.failures.extend(verdict(&graph, &comparison, options));
        tested.comparison = Some(comparison);
    }
    tested.graph = Some(graph);
    tested
}

fn not_refused(message: Spanned<String>) -> Failure {
    Failure::NotRefused { message: message.value, span: message.span }
}

/// Leaves that have a gradient, whichever of them the file asks for: an
/// expectation may be on another.
pub fn all_leaves(graph: &Graph) -> Vec<ValueId> {
    let is_leaf = |id: &ValueId| {
        let value = graph.value(*id);
        value.differentiable && matches!(value.origin, Origin::Leaf { .. })
    };
    graph.ids().filter(is_leaf).collect()
}

/// The failure of a comparison, if it is one.
fn verdict(graph: &Graph, comparison: &Comparison, options: Options) -> Option<Failure> {
    let got = comparison.word();
    let expected = graph.expectations.iter().find_map(|expectation| match &expectation.of {
        Expected::Check(word) => Some((word.to_string(), expectation.span)),
        _ => None,
    });
    let passes = match &expected {
        Some((word, _)) => *word == got,
        None => matches!(got, "ok" | "kink") || (got == "undecided" && options.allow_undecided),
    };
    (!passes).then_some(Failure::Verdict { expected, got })
}
