//! JSON lines: an object a file as it ends, and one for the whole at the end.

use super::{Entry, Printer, Whole, headline, reason};
use crate::{
    escape,
    regress::{Failure, Outcome},
    report::{JSON_VERSION, json::TOLD, number::indices},
};
use serde_json::{Value, json};
use std::io;

/// An object a line.
pub struct Lines {
    /// With every expectation.
    pub audit: bool,
}

impl Printer for Lines {
    fn keeps_all(&self) -> bool {
        false
    }

    fn file(&self, entry: &Entry) -> String {
        escape::json(&file_line(entry, self.audit)) + "\n"
    }

    fn end(&self, whole: &Whole) -> io::Result<String> {
        Ok(escape::json(&summary_line(whole)) + "\n")
    }
}

/// The object of one file; an audit adds its expectations on numbers that pass.
fn file_line(entry: &Entry, audit: bool) -> Value {
    let tested = &entry.tested;
    let failures = tested.failures.iter().take(TOLD).map(|failure| {
        let (message, place) = headline(failure, tested);
        let mut object = json!({
            "kind": kind(failure),
            "message": message,
            "file": place.as_ref().map(|place| place.file.to_string()),
            "line": place.as_ref().map(|place| place.line),
            "column": place.as_ref().map(|place| place.column),
        });
        if let Failure::Mismatch(mismatch) = failure {
            let number = crate::report::json::float;
            object["name"] = mismatch.name.clone().into();
            object["index"] = indices(mismatch.entry, &mismatch.shape).into();
            object["wanted"] = number(mismatch.want);
            object["got"] = number(mismatch.got);
            object["within"] = number(mismatch.within);
            object["needs"] = number(mismatch.needs);
            object["outside"] = mismatch.outside.into();
        }
        object
    });
    let warnings = tested.graph.iter().flat_map(|graph| &graph.warnings).map(|warning| {
        let place = warning.span().and_then(|span| tested.sources.place(span));
        json!({ "message": warning.message, "line": place.as_ref().map(|place| place.line) })
    });
    let mut object = json!({
        "version": JSON_VERSION,
        "type": "file",
        "name": entry.case.name,
        "path": entry.case.path.display().to_string(),
        "outcome": match tested.outcome() {
            Outcome::Passed => "passed",
            Outcome::Skipped => "skipped",
            Outcome::Undecided => "undecided",
            Outcome::Failed => "failed",
        },
        "seconds": entry.took.as_secs_f64(),
        "verdict": tested.comparison.as_ref().map(|comparison| comparison.word()),
        "failures": failures.collect::<Vec<_>>(),
        "warnings": warnings.take(TOLD).collect::<Vec<_>>(),
        "more_failures": tested.failures.len().saturating_sub(TOLD),
    });
    if let Some(blocks) = tested.library {
        object["library"] = true.into();
        object["blocks"] = blocks.into();
    }
    if let Some(reason) = reason(&tested.missing) {
        object["reason"] = reason.into();
    }
    if audit {
        let number = crate::report::json::float;
        let expectations = tested.observed.iter().map(|observed| {
            json!({
                "name": observed.name,
                "line": tested.sources.place(observed.span).map(|place| place.line),
                "error": number(observed.error),
                "relative": number(observed.relative),
                "within": number(observed.within),
            })
        });
        object["expectations"] = expectations.collect();
    }
    object
}

/// The object of the whole run.
fn summary_line(whole: &Whole) -> Value {
    let counts = whole.counts;
    json!({
        "version": JSON_VERSION,
        "type": "summary",
        "files": counts.all(),
        "passed": counts.passed + counts.libraries,
        "libraries": counts.libraries,
        "skipped": counts.skipped,
        "undecided": counts.undecided,
        "failed": counts.failed,
        "not_run": counts.left,
        "interrupted": whole.interrupted,
        "seconds": whole.took.as_secs_f64(),
    })
}

fn kind(failure: &Failure) -> &'static str {
    match failure {
        Failure::Refused(_) => "refused",
        Failure::NotRefused { .. } => "not refused",
        Failure::Mismatch(_) => "mismatch",
        Failure::WrongShape { .. } => "shape",
        Failure::Verdict { .. } => "verdict",
        Failure::Timeout { .. } => "timeout",
        Failure::Internal(_) => "fault",
    }
}
