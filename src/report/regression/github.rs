//! GitHub's annotations and step summary.

use super::{
    Entry, FAILURES, Human, Printer, Whole, reason,
    told::{Told, told},
};
use crate::{
    diagnostic::Diagnostic,
    escape::{command_data, command_property, markdown},
    regress::{Failure, Outcome},
    source::Place,
};
use std::io;

/// GitHub shows so many annotations of a step.
const SHOWN: usize = 10;

/// Rows of the summary: GitHub takes a MiB of it and no more.
const ROWS: usize = 500;

/// Characters of a line in a row.
const WORDS: usize = 300;

/// Lines in a row.
const LINES: usize = 12;

/// Letters of an annotation.
const LETTERS: usize = 4000;

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

/// Workflow commands that mark lines of the files that somebody has to look at, at most ten; the
/// rest in one.
fn annotations(entries: &[Entry]) -> String {
    let bad = || entries.iter().filter(|entry| entry.tested.outcome().is_bad());
    let failures = bad().flat_map(|entry| entry.tested.failures.iter().map(move |failure| (entry, failure)));
    // No more are put into words than are shown; the others count as one each.
    let mut marks: Vec<String> = Vec::new();
    let mut count = 0;
    for (entry, failure) in failures {
        if marks.len() > SHOWN {
            count += 1;
            continue;
        }
        let own = annotation(entry, failure);
        count += own.len();
        marks.extend(own);
    }
    if count <= SHOWN {
        return marks.concat();
    }
    let shown = SHOWN - 1;
    marks.truncate(shown);
    marks.concat() + &format!("::error title=graphrun::{} more failures are in the log\n", count - shown)
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

/// The marks of one failure: on the guilty line with all that is known, and on further ones.
fn annotation(entry: &Entry, failure: &Failure) -> Vec<String> {
    let Told { words, place, facts, elsewhere, .. } = told(failure, &entry.tested);
    let on = |place: &Place| {
        format!("file={},line={},col={}", command_property(&place.file), place.line, place.column)
    };
    let at = match &place {
        Some(place) => on(place),
        None => format!("file={}", command_property(&entry.case.path.to_string_lossy())),
    };
    let head: String = words.chars().take(LETTERS).collect();
    let mut left = LETTERS.saturating_sub(head.len());
    let facts = facts.into_iter().take_while(|fact| {
        left = left.saturating_sub(fact.len());
        left > 0
    });
    let lines = std::iter::once(head).chain(facts);
    // A line break in the text of a command is written so.
    let text = lines.map(|line| command_data(&line)).collect::<Vec<_>>().join("%0A");
    let title = format!("title=graphrun {}", label(failure));
    let first = format!("::error {at},{title}::{text}\n");
    let others = elsewhere.iter().map(|(place, words)| {
        let words: String = words.chars().take(WORDS).collect();
        format!("::error {},{title}::{}\n", on(place), command_data(&words))
    });
    std::iter::once(first).chain(others).collect()
}

/// What kind of failure it is, in a word.
fn label(failure: &Failure) -> &'static str {
    match failure {
        Failure::Refused(_) => "REFUSED",
        Failure::Unexpected { .. } => "XPASS",
        Failure::Verdict { expected: None, got: "undecided" } => "UNDECIDED",
        _ => "FAIL",
    }
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
        let failures = if entry.tested.outcome().is_bad() { entry.tested.failures.len() } else { 0 };
        more += failures.saturating_sub(found.len());
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
    let shown = match tested.outcome() {
        Outcome::Passed => return Vec::new(),
        Outcome::Xfailed => 0,
        _ => FAILURES,
    };
    let (file, outcome) = (markdown(&entry.case.path.to_string_lossy()), tested.outcome().word());
    let failures = tested.failures.iter().take(shown).map(|failure| {
        let Told { words, place, facts, .. } = told(failure, tested);
        (std::iter::once(words).chain(facts).take(LINES).collect::<Vec<_>>(), place)
    });
    let rows = reason(tested).map(|reason| (vec![reason], None)).into_iter().chain(failures);
    let cell = |words: &String| markdown(&words.chars().take(WORDS).collect::<String>());
    let rows = rows.map(|(lines, place)| {
        let line = place.map_or(String::new(), |place| place.line.to_string());
        let words: Vec<String> = lines.iter().map(cell).collect();
        format!("| {file} | {outcome} | {line} | {} |\n", words.join("<br>"))
    });
    rows.take(most).collect()
}
