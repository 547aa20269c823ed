//! JUnit XML, one test case a file.

use super::{
    Entry, FAILURES, Printer, Whole, reason,
    told::{Told, told},
};
use crate::{escape, regress::Outcome};
use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};
use std::io;

/// The report alone.
pub struct Junit;

impl Printer for Junit {
    fn keeps_all(&self) -> bool {
        true
    }

    fn file(&self, _: &Entry) -> String {
        String::new()
    }

    fn end(&self, whole: &Whole) -> io::Result<String> {
        Ok(junit(whole.kept).map_err(io::Error::other)? + "\n")
    }
}

/// The report of a run.
///
/// # Errors
/// The XML writer's, which are none in practice.
pub fn junit(entries: &[Entry]) -> Result<String, SerializeError> {
    let mut suite = TestSuite::new("graphrun");
    for entry in entries {
        let mut case = TestCase::new(&*escape::line(&entry.case.name), status(entry));
        case.set_classname("graphrun").set_time(entry.took);
        suite.add_test_case(case);
    }
    let mut report = Report::new("graphrun");
    report.add_test_suite(suite);
    report.to_string()
}

/// A file that is refused is an error, as a test that cannot begin.
fn status(entry: &Entry) -> TestCaseStatus {
    let tested = &entry.tested;
    let kind = match tested.outcome() {
        Outcome::Passed => return TestCaseStatus::success(),
        Outcome::Skipped | Outcome::Xfailed => {
            let reason = reason(tested).unwrap_or_default();
            let mut status = TestCaseStatus::skipped();
            status.set_message(&*escape::line(&reason)).set_type(tested.outcome().word());
            if let Some((_, description)) = described(entry) {
                status.set_description(description);
            }
            return status;
        }
        Outcome::Refused => NonSuccessKind::Error,
        Outcome::Undecided | Outcome::Failed => NonSuccessKind::Failure,
    };
    let mut status = TestCaseStatus::non_success(kind);
    if let Some((message, description)) = described(entry) {
        status.set_message(message).set_description(description);
    }
    status.set_type(tested.outcome().word());
    status
}

/// The first failure in a line, and all of them with all that is known; none where there are none.
fn described(entry: &Entry) -> Option<(String, String)> {
    let tested = &entry.tested;
    let mut first = None;
    let mut lines = Vec::new();
    for failure in tested.failures.iter().take(FAILURES) {
        let Told { words, place, facts, .. } = told(failure, tested);
        let words = place.map_or(words.clone(), |place| format!("{}:{}: {words}", place.file, place.line));
        let words = escape::line(&words).into_owned();
        first.get_or_insert_with(|| words.clone());
        lines.push(words);
        lines.extend(facts.iter().map(|fact| format!("    {}", escape::line(fact))));
    }
    let more = tested.failures.len().saturating_sub(FAILURES);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    Some((first?, lines.join("\n")))
}
