//! One graph file as a test: load, forward, backward, expectations, comparison.

use super::judge::{Check, Mismatch, Observed, judge};
use crate::{
    check::Request,
    compare::{self, Comparison, compare},
    diagnostic::Refusal,
    graph::{Expected, Graph},
    load::{Input, load_expecting},
    run::{Direction, Dtype, Run, can_go_backward},
    shape::Shape,
    source::{Sources, Span},
};
use std::path::Path;

/// How files are tested.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Leave the comparison out.
    pub no_check: bool,
    /// Undecided entries do not fail a file.
    pub allow_undecided: bool,
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
    Fault(String),
}

/// How a file fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// Nothing is wrong but undecided entries.
    Undecided,
    Failed,
}

/// A file that was tested, with all that there is to say of it.
#[derive(Debug)]
pub struct Tested {
    pub failures: Vec<Failure>,
    pub observed: Vec<Observed>,
    pub sources: Sources,
    /// The graph, where there is one.
    pub graph: Option<Graph>,
    pub comparison: Option<Comparison>,
}

impl Tested {
    /// A file of which nothing but a failure is known.
    pub fn failed(failure: Failure) -> Self {
        Self {
            failures: vec![failure],
            observed: Vec::new(),
            sources: Sources::default(),
            graph: None,
            comparison: None,
        }
    }

    pub fn outcome(&self) -> Outcome {
        let is_undecided =
            |failure: &Failure| matches!(failure, Failure::Verdict { expected: None, got: "undecided" });
        match self.failures.iter().all(is_undecided) {
            _ if self.failures.is_empty() => Outcome::Passed,
            true => Outcome::Undecided,
            false => Outcome::Failed,
        }
    }
}

/// Tests one file.
pub fn test(path: &Path, request: &Request, mut sources: Sources, options: Options) -> Tested {
    let (loaded, expected) = load_expecting(&Input::File(path), None, request, &mut sources);
    let mut tested =
        Tested { failures: Vec::new(), observed: Vec::new(), sources, graph: None, comparison: None };
    let loaded = loaded.and_then(|graph| can_go_backward(&graph).map(|()| graph).map_err(Refusal::from));
    let graph = match loaded {
        Ok(graph) => graph,
        Err(refusal) => {
            // A file that expects a refusal passes when every message it names is
            // there; whatever else is said of a broken file may be said.
            let said =
                |message: &String| refusal.0.iter().any(|fault| fault.message.contains(message.as_str()));
            if expected.is_empty() || !expected.iter().all(|message| said(&message.value)) {
                tested.failures.push(Failure::Refused(refusal));
            }
            return tested;
        }
    };
    for message in expected {
        tested.failures.push(Failure::NotRefused { message: message.value, span: message.span });
    }
    let run = Run::of(&graph, Dtype::F64, Direction::Backward);
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
        let settings = compare::Options { settings: graph.comparison.clone(), plain: false };
        let comparison = compare(&graph, &graph.wanted, &settings);
        tested.failures.extend(verdict(&graph, &comparison, options));
        tested.comparison = Some(comparison);
    }
    tested.graph = Some(graph);
    tested
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
