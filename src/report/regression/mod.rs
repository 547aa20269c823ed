//! Results of `graphrun test`, in the formats that people and CI servers read.

mod github;
mod human;
#[cfg(feature = "cli")]
mod junit;
mod lines;

pub use github::{annotations, step_summary};
pub use human::{audit, failures, line, summary};
#[cfg(feature = "cli")]
pub use junit::junit;
pub use lines::{file_line, summary_line};

use super::number::number;
use crate::{
    regress::{Case, Failure, Outcome, Tested},
    source::Place,
};
use std::time::Duration;

/// A file with its result.
pub struct Entry {
    pub case: Case,
    pub tested: Tested,
    pub took: Duration,
}

/// How many files fared how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub undecided: usize,
    pub failed: usize,
    /// Found, and not begun when the run ended.
    pub left: usize,
}

impl Counts {
    pub fn take(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Undecided => self.undecided += 1,
            Outcome::Failed => self.failed += 1,
        }
    }

    pub fn all(&self) -> usize {
        self.passed + self.undecided + self.failed
    }
}

/// A failure in one line, with its place.
pub fn headline(failure: &Failure, tested: &Tested) -> (String, Option<Place>) {
    let place = |span| tested.sources.place(span);
    match failure {
        Failure::Refused(refusal) => {
            let first = refusal.0.first();
            let more = match refusal.0.len() {
                0 | 1 => String::new(),
                count => format!(" (and {} more)", count - 1),
            };
            let message = first.map_or("refused", |fault| fault.message.as_str());
            (format!("{message}{more}"), first.and_then(|fault| fault.span()).and_then(place))
        }
        Failure::NotRefused { message, span } => {
            (format!("expected to be refused with \"{message}\", and was not"), place(*span))
        }
        Failure::Mismatch(mismatch) => {
            let index = super::number::index(mismatch.entry, &mismatch.shape);
            let (want, got) = (number(mismatch.want), number(mismatch.got));
            (format!("{}{index}: wanted {want}, got {got}", mismatch.name), place(mismatch.span))
        }
        Failure::WrongShape { name, span, want, got } => {
            (format!("{name}: wanted {want}, got {got}"), place(*span))
        }
        Failure::Verdict { expected: Some((expected, span)), got } => {
            (format!("the comparison was expected to be {expected}, and is {got}"), place(*span))
        }
        Failure::Verdict { expected: None, got } => {
            let wrong = tested.comparison.iter().flat_map(|comparison| &comparison.location.guilty).next();
            let at = wrong
                .zip(tested.graph.as_ref())
                .map(|(guilty, graph)| graph.nodes[guilty.unit.nodes.start as usize].span);
            (format!("the comparison is {got}"), at.and_then(place))
        }
        Failure::Timeout { seconds } => (format!("took longer than {} s", number(*seconds)), None),
        Failure::Internal(words) => (format!("graphrun itself failed: {words}"), None),
    }
}

/// The smallest tolerance of two digits that would pass.
pub fn tolerance_text(needs: f64) -> String {
    if !needs.is_finite() {
        return "none".to_string();
    }
    // Nearest first, then up: a tolerance just under the error would fail again.
    let near: f64 = format!("{needs:.1e}").parse().unwrap_or(needs);
    let step = 10f64.powi(near.abs().log10().floor() as i32 - 1);
    let above: f64 = format!("{:.1e}", near + step).parse().unwrap_or(needs);
    match (near >= needs, above >= needs && above.is_finite()) {
        (true, _) => number(near),
        (false, true) => number(above),
        (false, false) => number(needs),
    }
}

#[cfg(test)]
mod unit {
    #[test]
    fn tolerances_are_rounded_up() {
        let texts = [0.04761, 1e-9, 3.0001e-7].map(super::tolerance_text);
        assert_eq!(texts, ["0.048", "1e-9", "3.1e-7"]);
        assert_eq!(super::tolerance_text(f64::INFINITY), "none");
        // 1.1 - 1 is a little more than 0.1.
        assert_eq!(super::tolerance_text(1.1 - 1.0), "0.11");
        for needs in [1.1 - 1.0, 0.99 + f64::EPSILON, 9.96, 12345.0, 1e-320, 5e-324, f64::MAX] {
            let text = super::tolerance_text(needs);
            assert!(text.parse::<f64>().is_ok_and(|within| within >= needs), "{needs:e}: {text}");
        }
    }
}
