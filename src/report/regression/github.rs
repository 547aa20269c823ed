//! GitHub's annotations and step summary.

use super::{Entry, Human, Printer, Whole, headline, reason};
use crate::regress::Outcome;
use std::io;

/// GitHub shows so many annotations of a step.
const SHOWN: usize = 10;

/// What people read, and marks on the lines.
pub struct Github(pub Human);

impl Printer for Github {
    fn keeps_all(&self) -> bool {
        self.0.keeps_all()
    }

    fn file(&self, entry: &Entry) -> String {
        self.0.file(entry)
    }

    fn end(&self, whole: &Whole) -> io::Result<String> {
        Ok(self.0.end(whole)? + &annotations(whole.kept))
    }
}

/// Workflow commands that mark lines, at most ten; the rest in one.
fn annotations(entries: &[Entry]) -> String {
    let mut all: Vec<String> = Vec::new();
    for entry in entries {
        for failure in &entry.tested.failures {
            let (words, place) = headline(failure, &entry.tested);
            let file = entry.case.path.display().to_string();
            let at = match place {
                Some(place) => {
                    format!("file={},line={},col={}", property(&place.file), place.line, place.column)
                }
                None => format!("file={}", property(&file)),
            };
            all.push(format!("::error {at},title=graphrun::{}\n", data(&words)));
        }
    }
    let count = all.len();
    if count > SHOWN {
        all.truncate(SHOWN - 1);
        all.push(format!("::error title=graphrun::{} more failures are in the log\n", count - all.len()));
    }
    all.concat()
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
    let mut rows = String::new();
    for entry in whole.kept {
        let tested = &entry.tested;
        let outcome = match tested.outcome() {
            Outcome::Passed => continue,
            Outcome::Skipped => "skipped",
            Outcome::Undecided => "undecided",
            Outcome::Failed => "failed",
        };
        let failures = tested.failures.iter().map(|failure| headline(failure, tested));
        for (words, place) in failures.chain(reason(&tested.missing).map(|reason| (reason, None))) {
            let line = place.map_or(String::new(), |place| place.line.to_string());
            rows.push_str(&format!(
                "| {} | {outcome} | {line} | {} |\n",
                entry.case.path.display(),
                words.replace('|', "\\|").replace('\n', " ")
            ));
        }
    }
    if !rows.is_empty() {
        out.push_str("\n| file | outcome | line | what |\n|---|---|---|---|\n");
        out.push_str(&rows);
    }
    out
}

/// Escapes the text of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
