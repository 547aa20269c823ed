//! For people: a line a file, failures at the end, and the audit of tolerances.

use super::{Counts, Entry, headline, tolerance_text};
use crate::{
    diagnostic::render,
    regress::{Case, Failure, Outcome, Tested},
    report::{
        Style, comparison,
        number::{figure, index, number},
    },
    run::Dtype,
};
use std::time::Duration;

/// One line for one file; slow ones are marked.
pub fn line(case: &Case, tested: &Tested, took: Duration, slow: Option<f64>, style: Style) -> String {
    let word = match tested.outcome() {
        Outcome::Passed => style.good("  ok"),
        Outcome::Undecided => style.doubtful("  ??"),
        Outcome::Failed => style.bad("FAIL"),
    };
    let seconds = took.as_secs_f64();
    let mark = match slow {
        Some(limit) if seconds > limit => format!("  {}", style.doubtful("slow")),
        _ => String::new(),
    };
    format!("{word}  {seconds:>7.3} s  {}{mark}\n", case.path.display())
}

/// Everything about the failures of one file.
pub fn failures(entry: &Entry, style: Style) -> String {
    let tested = &entry.tested;
    let mut out =
        format!("\n{}  {}\n", style.bad("FAIL"), style.bold(&entry.case.path.display().to_string()));
    for failure in &tested.failures {
        let (words, place) = headline(failure, tested);
        let place = place.map_or(String::new(), |place| format!("{}:{}  ", place.file, place.line));
        match failure {
            Failure::Refused(refusal) => {
                out.push_str(&render(&refusal.0, &tested.sources, style.color));
            }
            Failure::Mismatch(mismatch) => {
                let at = index(mismatch.entry, &mismatch.shape);
                out.push_str(&format!(
                    "{place}{}{at}\n    wanted      {}\n    got         {}\n    difference  {}\n    tolerance   {}",
                    mismatch.name,
                    number(mismatch.want),
                    number(mismatch.got),
                    figure((mismatch.got - mismatch.want).abs()),
                    number(mismatch.within),
                ));
                out.push_str(&match mismatch.needs.is_finite() {
                    true => format!("; it would pass `within {}`\n", tolerance_text(mismatch.needs)),
                    false => "; no tolerance would pass\n".to_string(),
                });
                if mismatch.outside > 1 {
                    let all = mismatch.shape.size();
                    out.push_str(&format!("    {} of {all} entries are outside of it\n", mismatch.outside));
                }
            }
            Failure::Verdict { .. } => {
                out.push_str(&format!("{place}{words}\n"));
                if let (Some(compared), Some(graph)) = (&tested.comparison, &tested.graph) {
                    let seconds = entry.took.as_secs_f64();
                    let text = comparison(compared, graph, &tested.sources, Dtype::F64, seconds, style);
                    out.extend(text.lines().map(|line| format!("    {line}\n")));
                }
            }
            _ => out.push_str(&format!("{place}{words}\n")),
        }
    }
    out
}

/// The last line.
pub fn summary(counts: &Counts, took: Duration, style: Style) -> String {
    let mut parts = vec![format!("{} passed", counts.passed)];
    if counts.undecided > 0 {
        parts.push(style.doubtful(&format!("{} undecided", counts.undecided)));
    }
    if counts.failed > 0 {
        parts.push(style.bad(&format!("{} failed", counts.failed)));
    }
    if counts.left > 0 {
        parts.push(style.doubtful(&format!("{} not run", counts.left)));
    }
    let files = if counts.all() + counts.left == 1 { "file" } else { "files" };
    format!("{} {files}: {}  {:.2} s\n", counts.all() + counts.left, parts.join(", "), took.as_secs_f64())
}

/// A tolerance this many times wider than its error is called slack.
const SLACK: f64 = 1000.0;

/// A tolerance that hides a relative error as large as this is warned of.
const HIDDEN: f64 = 1e-3;

/// Every expectation on numbers with its error, tolerance and slack, in the order of
/// the files; those that fail are there too.
pub fn audit(entries: &[Entry], style: Style) -> String {
    let mut table = style.table(["expectation", "error", "tolerance", "slack", ""]);
    for entry in entries {
        let line = |span| entry.tested.sources.place(span).map_or(0, |place| place.line);
        let mut rows = Vec::new();
        for observed in &entry.tested.observed {
            let place = line(observed.span);
            let slack = observed.within / observed.error;
            let is_default = observed.within <= crate::resolve::WITHIN;
            let mut warnings = Vec::new();
            if slack > SLACK && !is_default {
                warnings
                    .push(format!("slack: `within {}` would do", tolerance_text(observed.error.max(1e-15))));
            }
            if observed.relative > HIDDEN {
                warnings.push(format!("hides a relative error of {}", figure(observed.relative)));
            }
            rows.push((
                place,
                [
                    format!("{}:{place} {}", entry.case.name, observed.name),
                    figure(observed.error),
                    number(observed.within),
                    if slack.is_finite() { figure(slack) } else { "exact".to_string() },
                    style.doubtful(&warnings.join("; ")),
                ],
            ));
        }
        for failure in &entry.tested.failures {
            let Failure::Mismatch(mismatch) = failure else { continue };
            let place = line(mismatch.span);
            rows.push((
                place,
                [
                    format!("{}:{place} {}", entry.case.name, mismatch.name),
                    figure(mismatch.needs),
                    number(mismatch.within),
                    figure(mismatch.within / mismatch.needs),
                    style.bad("fails"),
                ],
            ));
        }
        rows.sort_by_key(|(place, _)| *place);
        for (_, row) in rows {
            table.add_row(row);
        }
    }
    style.laid_out(&table)
}
