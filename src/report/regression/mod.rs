//! Results of `graphrun test`, in the formats that people and CI servers read: one
//! printer a format.

mod github;
mod human;
#[cfg(feature = "cli")]
mod junit;
mod lines;

pub use github::{Github, step_summary};
pub use human::Human;
#[cfg(feature = "cli")]
pub use junit::{Junit, junit};
pub use lines::Lines;

use super::{
    location::{NO_PATTERN, culprits, words},
    not_finite::origin,
    number::number,
};
use crate::{
    diagnostic::MissingFile,
    regress::{Case, Failure, Outcome, Tested},
    source::Place,
};
use std::{io, time::Duration};

/// Of a file's failures so many are shown to people; the rest is counted.
pub const FAILURES: usize = 20;

/// A file with its result.
pub struct Entry {
    pub case: Case,
    pub tested: Tested,
    pub took: Duration,
}

/// A run of many files that has ended.
pub struct Whole<'a> {
    /// The files that are looked at again, in their order.
    pub kept: &'a [Entry],
    pub counts: &'a Counts,
    pub took: Duration,
    pub interrupted: bool,
}

/// One format of the results.
pub trait Printer {
    /// Files that passed are needed at the end, too.
    fn keeps_all(&self) -> bool;

    /// What is said of a file when it ends.
    fn file(&self, entry: &Entry) -> String;

    /// What is said at the end.
    ///
    /// # Errors
    /// The XML writer's, which are none in practice.
    fn end(&self, whole: &Whole) -> io::Result<String>;
}

/// How many files fared how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    /// Files that only hold blocks, and are sound.
    pub libraries: usize,
    pub skipped: usize,
    pub undecided: usize,
    pub failed: usize,
    /// Found, and not begun when the run ended.
    pub left: usize,
}

impl Counts {
    pub fn take(&mut self, tested: &Tested) {
        match tested.outcome() {
            Outcome::Passed if tested.library.is_some() => self.libraries += 1,
            Outcome::Passed => self.passed += 1,
            Outcome::Skipped => self.skipped += 1,
            Outcome::Undecided => self.undecided += 1,
            Outcome::Failed => self.failed += 1,
        }
    }

    pub fn all(&self) -> usize {
        self.passed + self.libraries + self.skipped + self.undecided + self.failed
    }

    /// How many there are of each kind, with its word; of passed always, of others where there are any.
    pub fn words(&self) -> Vec<(usize, Option<Outcome>, &'static str)> {
        let all = [
            (self.passed, Some(Outcome::Passed), "passed"),
            (
                self.libraries,
                Some(Outcome::Passed),
                if self.libraries == 1 { "library" } else { "libraries" },
            ),
            (self.skipped, Some(Outcome::Skipped), "skipped"),
            (self.undecided, Some(Outcome::Undecided), "undecided"),
            (self.failed, Some(Outcome::Failed), "failed"),
            (self.left, None, "not run"),
        ];
        all.into_iter().filter(|&(count, _, word)| count > 0 || word == "passed").collect()
    }
}

/// What there is to say of a file that did not fail: why it was skipped, or that it is a library.
fn remark(tested: &Tested) -> Option<String> {
    match tested.library {
        Some(1) => Some("library: 1 block".to_string()),
        Some(blocks) => Some(format!("library: {blocks} blocks")),
        None => reason(&tested.missing),
    }
}

/// Why a file was skipped.
fn reason(missing: &[MissingFile]) -> Option<String> {
    let first = missing.first()?;
    let folders: Vec<String> = first.folders.iter().map(|folder| folder.display().to_string()).collect();
    let more = match missing.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    Some(format!("no data file {:?}: looked in {}{more}", first.name, folders.join(" and ")))
}

/// A failure in one line, with its place.
pub fn headline(failure: &Failure, tested: &Tested) -> (String, Option<Place>) {
    let place = |span| tested.sources.place(span);
    match failure {
        Failure::Refused(refusal) => {
            let (first, more) = refusal.told(1);
            let first = first.first();
            let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
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
            let (Some(comparison), Some(graph)) = (&tested.comparison, &tested.graph) else {
                return (format!("the comparison is {got}"), None);
            };
            // The first to blame, with its first wrong gradient.
            let culprit = culprits(&comparison.location, graph, &tested.sources).into_iter().next();
            let why = culprit.as_ref().and_then(|culprit| {
                let input = culprit.inputs.first()?;
                let words = input.pattern.map_or(NO_PATTERN.to_string(), words);
                Some(format!(": `{}`, its gradient for {}: {words}", culprit.of, input.name))
            });
            let not_finite = || {
                let found = comparison.not_finite.as_ref()?;
                Some(format!(": {}", origin(found, graph, &tested.sources)))
            };
            let why = why.or_else(not_finite).unwrap_or_default();
            (format!("the comparison is {got}{why}"), culprit.and_then(|culprit| culprit.place))
        }
        Failure::Timeout { seconds } => (format!("timed out after {} s", number(*seconds)), None),
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
