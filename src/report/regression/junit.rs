//! JUnit XML, one test case a file.

use super::{Entry, FAILURES, Printer, Whole, headline, reason};
use crate::escape;
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
        let tested = &entry.tested;
        let told = tested.failures.iter().take(FAILURES).map(|failure| {
            let (words, place) = headline(failure, tested);
            let words =
                place.map_or(words.clone(), |place| format!("{}:{}: {words}", place.file, place.line));
            escape::line(&words).into_owned()
        });
        let mut headlines: Vec<String> = told.collect();
        let more = tested.failures.len() - headlines.len();
        if more > 0 {
            headlines.push(format!("and {more} more"));
        }
        let status = match (headlines.first(), reason(&tested.missing)) {
            (None, None) => TestCaseStatus::success(),
            (None, Some(reason)) => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(&*escape::line(&reason));
                status
            }
            (Some(first), _) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(first.clone()).set_type("graphrun").set_description(headlines.join("\n"));
                status
            }
        };
        let mut case = TestCase::new(&*escape::line(&entry.case.name), status);
        case.set_classname("graphrun").set_time(entry.took);
        suite.add_test_case(case);
    }
    let mut report = Report::new("graphrun");
    report.add_test_suite(suite);
    report.to_string()
}
