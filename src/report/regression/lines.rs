//! JSON lines: an object a file as it ends, and one for the whole at the end.

use super::{
    Entry, FAILURES, Printer, Whole, reason,
    told::{Told, short, told},
};
use crate::{
    diagnostic::Diagnostic,
    escape,
    regress::{Failure, Off, Tested},
    report::{JSON_VERSION, comparison_object, float, json::TOLD, number::indices},
    syntax::Tolerance,
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
    let failures = tested.failures.iter().take(TOLD).map(|failure| failure_object(failure, entry));
    let warnings = tested.graph.iter().flat_map(|graph| &graph.warnings).map(|warning| {
        let place = warning.span().and_then(|span| tested.sources.place(span));
        json!({ "message": warning.message, "line": place.as_ref().map(|place| place.line) })
    });
    let mut object = json!({
        "version": JSON_VERSION,
        "type": "file",
        "name": entry.case.name,
        "path": entry.case.path.display().to_string(),
        "outcome": tested.outcome().word(),
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
    if let Some(reason) = reason(tested) {
        object["reason"] = reason.into();
    }
    if audit {
        let expectations = tested.observed.iter().map(|observed| {
            json!({
                "name": observed.name,
                "line": tested.sources.place(observed.span).map(|place| place.line),
                "error": float(observed.error),
                "relative": float(observed.relative),
                "within": within_value(observed.within),
            })
        });
        object["expectations"] = expectations.collect();
    }
    object
}

/// The object of one failure: what every format says, and its numbers.
fn failure_object(failure: &Failure, entry: &Entry) -> Value {
    let tested = &entry.tested;
    let Told { kind, words, place, facts, .. } = told(failure, tested);
    let mut object = json!({
        "kind": kind,
        "message": words,
        "file": place.as_ref().map(|place| place.file.to_string()),
        "line": place.as_ref().map(|place| place.line),
        "column": place.as_ref().map(|place| place.column),
        "facts": facts,
    });
    match failure {
        Failure::Mismatch(mismatch) => {
            let Off { entry, want, got } = mismatch.farthest;
            object["name"] = mismatch.name.clone().into();
            object["formula"] = mismatch.formula.clone().into();
            object["index"] = indices(entry, &mismatch.shape).into();
            object["wanted"] = float(want);
            object["got"] = float(got);
            object["within"] = within_value(mismatch.within);
            object["needs"] = float(mismatch.needs);
            object["outside"] = mismatch.outside.into();
            object["first"] = json!({
                "index": indices(mismatch.first.entry, &mismatch.shape),
                "wanted": float(mismatch.first.want),
                "got": float(mismatch.first.got),
            });
        }
        Failure::WrongShape { name, want, got, .. } => {
            object["name"] = name.clone().into();
            object["wanted"] = want.to_vec().into();
            object["got"] = got.to_vec().into();
        }
        Failure::Verdict { expected, got } => {
            object["wanted"] = expected.as_ref().map(|(word, _)| word.clone()).into();
            object["got"] = (*got).into();
            if let (Some(comparison), Some(graph)) = (&tested.comparison, &tested.graph) {
                object["compare"] = comparison_object(comparison, graph, &tested.sources);
            }
        }
        Failure::Refused(refusal) => {
            let shown = refusal.told(FAILURES).0;
            object["errors"] = shown.iter().map(|fault| error_object(fault, tested)).collect();
        }
        _ => {}
    }
    object
}

fn error_object(fault: &Diagnostic, tested: &Tested) -> Value {
    let place = fault.span().and_then(|span| tested.sources.place(span));
    json!({
        "message": short(&fault.message),
        "file": place.as_ref().map(|place| place.file.to_string()),
        "line": place.as_ref().map(|place| place.line),
        "column": place.as_ref().map(|place| place.column),
        "help": fault.help.iter().map(|help| short(help)).collect::<Vec<_>>(),
    })
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
        "xfailed": counts.xfailed,
        "undecided": counts.undecided,
        "refused": counts.refused,
        "failed": counts.failed,
        "not_run": counts.left,
        "interrupted": whole.interrupted,
        "seconds": whole.took.as_secs_f64(),
        "slowest": whole.slowest.iter().map(|(took, path)| {
            json!({ "path": path.display().to_string(), "seconds": took.as_secs_f64() })
        }).collect::<Vec<_>>(),
    })
}

/// A number, or the words of the language.
fn within_value(within: Tolerance) -> Value {
    match within {
        Tolerance::Part(part) => float(part),
        words => words.to_string().into(),
    }
}
