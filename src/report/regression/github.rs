//! GitHub's annotations and step summary.

use super::{Entry, FAILURES, Human, Printer, Whole, headline, reason};
use crate::{
    diagnostic::Diagnostic,
    escape::{command_data, command_property, markdown},
    regress::{Failure, Outcome},
};
use std::io;

/// GitHub shows so many annotations of a step.
const SHOWN: usize = 10;

/// Rows of the summary: GitHub takes a MiB of it and no more.
const ROWS: usize = 500;

/// Characters of a row's words.
const WORDS: usize = 300;

/// What people read, and marks on the lines.
pub struct Github(pub Human);

impl Printer for Github {
    fn keeps_all(&self) -> bool {
        self.0.keeps_all()
    }

    fn file(&self, entry: &Entry) -> String {
        self.0.file(entry) + &warnings(entry)
    }

    fn end(&self, whole: &Whole) -> io::Result<String> {
        Ok(self.0.end(whole)? + &annotations(whole.kept))
    }
}

/// Workflow commands that mark lines, at most ten; the rest in one.
fn annotations(entries: &[Entry]) -> String {
    let count: usize = entries.iter().map(|entry| entry.tested.failures.len()).sum();
    let shown = if count > SHOWN { SHOWN - 1 } else { count };
    let all =
        entries.iter().flat_map(|entry| entry.tested.failures.iter().map(move |failure| (entry, failure)));
    let mut out: String = all.take(shown).map(|(entry, failure)| annotation(entry, failure)).collect();
    if count > shown {
        out.push_str(&format!("::error title=graphrun::{} more failures are in the log\n", count - shown));
    }
    out
}

/// Workflow commands for what a file is warned of.
fn warnings(entry: &Entry) -> String {
    let found = entry.tested.graph.as_ref().map_or(&[][..], |graph| &graph.warnings);
    let mark = |warning: &Diagnostic| {
        let place = entry.tested.sources.place(warning.span()?)?;
        let (file, words) = (command_property(&place.file), command_data(&warning.message));
        Some(format!(
            "::warning file={file},line={},col={},title=graphrun::{words}\n",
            place.line, place.column
        ))
    };
    found.iter().take(SHOWN).filter_map(mark).collect()
}

fn annotation(entry: &Entry, failure: &Failure) -> String {
    let (words, place) = headline(failure, &entry.tested);
    let at = match place {
        Some(place) => {
            format!("file={},line={},col={}", command_property(&place.file), place.line, place.column)
        }
        None => format!("file={}", command_property(&entry.case.path.to_string_lossy())),
    };
    format!("::error {at},title=graphrun::{}\n", command_data(&words))
}

/// A Markdown table for `GITHUB_STEP_SUMMARY`.
pub fn step_summary(whole: &Whole) -> String {
    let counts = whole.counts;
    let words: Vec<String> =
        counts.words().into_iter().map(|(count, _, word)| format!("{count} {word}")).collect();
    let mut out = format!(
        "### graphrun\n\n{} files: {} in {:.2} s\n",
        counts.all() + counts.left,
        words.join(", "),
        whole.took.as_secs_f64()
    );
    let mut rows = Vec::new();
    let mut more = 0;
    for entry in whole.kept {
        let found = rows_of(entry, ROWS - rows.len());
        more += found.len().max(entry.tested.failures.len()) - found.len();
        rows.extend(found);
    }
    if !rows.is_empty() {
        out.push_str("\n| file | outcome | line | what |\n|---|---|---|---|\n");
        out.push_str(&rows.concat());
    }
    if more > 0 {
        out.push_str(&format!("\n{more} more failures are in the log\n"));
    }
    out
}

/// The rows of a file that did not pass, at most so many.
fn rows_of(entry: &Entry, most: usize) -> Vec<String> {
    let tested = &entry.tested;
    let outcome = match tested.outcome() {
        Outcome::Passed => return Vec::new(),
        Outcome::Skipped => "skipped",
        Outcome::Undecided => "undecided",
        Outcome::Failed => "failed",
    };
    let file = markdown(&entry.case.path.to_string_lossy());
    let failures = tested.failures.iter().take(FAILURES).map(|failure| headline(failure, tested));
    let rows = failures.chain(reason(&tested.missing).map(|reason| (reason, None))).map(|(words, place)| {
        let line = place.map_or(String::new(), |place| place.line.to_string());
        let words: String = words.chars().take(WORDS).collect();
        format!("| {file} | {outcome} | {line} | {} |\n", markdown(&words))
    });
    rows.take(most).collect()
}
