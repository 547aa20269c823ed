//! For people: a line a file, failures at the end, and the audit of tolerances.

use super::{
    Counts, Entry, FAILURES, Printer, Whole, remark,
    told::{Told, error_text, needed, slack, told},
};
use crate::{
    diagnostic::render_some,
    escape,
    precision::Precision,
    regress::{Failure, Outcome, Tested},
    report::{Style, comparison, number::figure},
    syntax::Tolerance,
};
use std::{io, time::Duration};

/// Lines and tables.
pub struct Human {
    pub style: Style,
    /// Say nothing of files that pass.
    pub quiet: bool,
    /// Seconds after which a file is called slow.
    pub slow: Option<f64>,
    /// List every expectation.
    pub audit: bool,
}

impl Printer for Human {
    fn keeps_all(&self) -> bool {
        self.audit
    }

    fn file(&self, entry: &Entry) -> String {
        match self.quiet && !entry.tested.outcome().is_bad() {
            true => String::new(),
            false => line(entry, self.slow, self.style) + &warnings(entry, self.style),
        }
    }

    fn end(&self, whole: &Whole) -> io::Result<String> {
        let bad = whole.kept.iter().filter(|entry| entry.tested.outcome().is_bad());
        let mut out: String = bad.map(|entry| failures(entry, self.style)).collect();
        if self.audit {
            out.push('\n');
            out.push_str(&audit(whole.kept, self.style));
        }
        out.push_str(&slowest(whole, self.style));
        out.push_str(&names(whole, self.style));
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&summary(whole.counts, whole.took, self.style));
        Ok(out)
    }
}

/// How a file fared, in one word.
fn label(tested: &Tested, style: Style) -> String {
    match tested.outcome() {
        Outcome::Failed if matches!(tested.failures[..], [Failure::Unexpected { .. }]) => style.bad("XPASS"),
        Outcome::Passed => style.good("ok"),
        Outcome::Skipped => style.doubtful("skip"),
        Outcome::Xfailed => style.doubtful("xfail"),
        Outcome::Undecided => style.doubtful("??"),
        Outcome::Refused => style.bad("REFUSED"),
        Outcome::Failed => style.bad("FAIL"),
    }
}

/// The longest of the labels.
const LABEL: usize = "REFUSED".len();

/// A label in a column.
fn column(tested: &Tested, style: Style) -> String {
    let length = label(tested, Style { color: false }).len();
    format!("{}{}", label(tested, style), " ".repeat(LABEL - length))
}

/// One line for one file; slow ones are marked.
fn line(entry: &Entry, slow: Option<f64>, style: Style) -> String {
    let word = column(&entry.tested, style);
    let seconds = entry.took.as_secs_f64();
    let mark = match slow {
        Some(limit) if seconds > limit => format!("  {}", style.doubtful("slow")),
        _ => String::new(),
    };
    let remark = remark(&entry.tested).map_or(String::new(), |remark| format!("  {}", escape::line(&remark)));
    format!("{word}  {seconds:>7.3} s  {}{remark}{mark}\n", path_of(entry))
}

/// What the file is warned of.
fn warnings(entry: &Entry, style: Style) -> String {
    let found = entry.tested.graph.as_ref().map_or(&[][..], |graph| &graph.warnings);
    render_some(found, &entry.tested.sources, style.color)
}

/// The path of a file, as it is shown.
fn path_of(entry: &Entry) -> String {
    escape::line(&entry.case.path.to_string_lossy()).into_owned()
}

/// Everything about the first failures of one file, and how many more there are.
pub fn failures(entry: &Entry, style: Style) -> String {
    let tested = &entry.tested;
    let mut out = format!("\n{}  {}\n", label(tested, style), style.bold(&path_of(entry)));
    for failure in tested.failures.iter().take(FAILURES) {
        let Told { title, place, facts, .. } = told(failure, tested);
        let place =
            place.map_or(String::new(), |place| format!("{}:{}  ", escape::line(&place.file), place.line));
        let title = format!("{place}{}\n", escape::line(&title));
        match failure {
            Failure::Refused(refusal) => {
                out.push_str(&render_some(&refusal.0, &tested.sources, style.color));
            }
            Failure::Verdict { .. } => {
                out.push_str(&title);
                if let (Some(compared), Some(graph)) = (&tested.comparison, &tested.graph) {
                    let seconds = entry.took.as_secs_f64();
                    let text = comparison(compared, graph, &tested.sources, Precision::F64, seconds, style);
                    out.extend(text.lines().map(|line| format!("    {line}\n")));
                }
            }
            _ => {
                out.push_str(&title);
                out.extend(facts.iter().map(|fact| format!("    {}\n", escape::line(fact))));
            }
        }
    }
    let more = tested.failures.len().saturating_sub(FAILURES);
    if more > 0 {
        out.push_str(&format!("… and {more} more failure{}\n", if more == 1 { "" } else { "s" }));
    }
    out
}

/// The files that took longest.
fn slowest(whole: &Whole, style: Style) -> String {
    if whole.slowest.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", style.bold("slowest"));
    for (took, path) in whole.slowest {
        let path = path.to_string_lossy();
        out.push_str(&format!("{:>8.3} s  {}\n", took.as_secs_f64(), escape::line(&path)));
    }
    out
}

/// Where several files are bad, their names once more, where one looks first.
fn names(whole: &Whole, style: Style) -> String {
    let bad: Vec<&Entry> = whole.kept.iter().filter(|entry| entry.tested.outcome().is_bad()).collect();
    if bad.len() < 2 {
        return String::new();
    }
    let name = |entry: &&Entry| format!("{}  {}\n", column(&entry.tested, style), path_of(entry));
    std::iter::once("\n".to_string()).chain(bad.iter().map(name)).collect()
}

/// The last line.
fn summary(counts: &Counts, took: Duration, style: Style) -> String {
    let parts: Vec<String> = counts
        .words()
        .into_iter()
        .map(|(count, outcome, word)| {
            let text = format!("{count} {word}");
            match outcome {
                Some(Outcome::Passed) => text,
                Some(Outcome::Failed | Outcome::Refused) => style.bad(&text),
                Some(_) | None => style.doubtful(&text),
            }
        })
        .collect();
    let files = if counts.all() + counts.left == 1 { "file" } else { "files" };
    format!("{} {files}: {}  {:.2} s\n", counts.all() + counts.left, parts.join(", "), took.as_secs_f64())
}

/// A tolerance this many times wider than its error is called slack.
const SLACK: f64 = 1000.0;

/// A tolerance that hides a relative error as large as this is warned of.
const HIDDEN: f64 = 1e-3;

/// Every expectation on numbers with its error, tolerance and slack, in the order of
/// the files; those that fail are there too.
fn audit(entries: &[Entry], style: Style) -> String {
    let mut table = style.table(["expectation", "error", "tolerance", "slack", ""]);
    for entry in entries {
        let line = |span| entry.tested.sources.place(span).map_or(0, |place| place.line);
        let mut rows = Vec::new();
        for observed in &entry.tested.observed {
            let place = line(observed.span);
            let times = slack(observed.within, observed.error);
            let is_plain = matches!(observed.within, Tolerance::Part(most) if most > crate::resolve::WITHIN);
            let is_derived = matches!(observed.within, Tolerance::Rounding(_));
            let mut warnings = Vec::new();
            if times > SLACK && is_plain {
                let needed = needed(observed.within, observed.error.max(1e-15));
                warnings.push(format!("slack: `within {needed}` would do"));
            }
            if observed.relative > HIDDEN && !is_derived {
                warnings.push(format!("hides a relative error of {}", figure(observed.relative)));
            }
            rows.push((
                place,
                [
                    format!("{}:{place} {}", escape::line(&entry.case.name), observed.name),
                    error_text(observed.within, observed.error),
                    observed.within.to_string(),
                    if times.is_finite() { figure(times) } else { "exact".to_string() },
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
                    format!("{}:{place} {}", escape::line(&entry.case.name), mismatch.name),
                    error_text(mismatch.within, mismatch.needs),
                    mismatch.within.to_string(),
                    figure(slack(mismatch.within, mismatch.needs)),
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
