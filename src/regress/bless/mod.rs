//! Writing what came out into the file as what is expected, layout and comments kept.

mod arrays;
mod blessed;
mod read_back;

pub use blessed::Blessed;

use super::{
    judge,
    one::{Failure, all_leaves},
    walk::Case,
};
use crate::{
    compare::Comparison,
    graph::{Expected, Graph, ValueId},
    resolve::Request,
    run::{Direction, Dtype, Run},
    source::{Source, SourceMap, Span, Spelling},
    syntax::{literal, print_expression, quoted},
    tensor::Tensor,
};
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blessing {
    /// Expectations that are missing.
    New,
    /// Those, and the ones that fail.
    All,
}

/// Arrays with more elements are kept beside the file.
const INLINE: usize = 20;

/// One value to be written down.
struct Entry {
    /// `loss`, `grad(W1)`.
    name: String,
    of: Expected,
    got: Tensor,
    /// Where the old value stands; `None` for a new expectation.
    written: Option<Span>,
}

/// A file that was tested, to be blessed.
pub struct Subject<'a> {
    pub case: &'a Case,
    pub graph: &'a Graph,
    pub sources: &'a SourceMap,
    pub source: &'a Source,
    pub comparison: Option<&'a Comparison>,
    pub failures: &'a [Failure],
    /// How the file is read.
    pub request: &'a Request,
}

/// Why a file is not blessed.
#[derive(Debug, Clone, PartialEq)]
pub enum NotBlessed {
    /// What came out is not to be expected by anybody.
    Unfit(String),
    /// It cannot be written down.
    Failed(String),
}

impl From<String> for NotBlessed {
    fn from(why: String) -> Self {
        Self::Failed(why)
    }
}

/// The file with its expectations brought up to date; `None` where nothing is to
/// change.
///
/// # Errors
/// Why this file cannot be blessed: a value that is NaN, a comparison that is wrong or undecided and
/// not expected to be, or what would be written does not read back to the same graph.
pub fn bless(subject: &Subject, blessing: Blessing) -> Result<Option<Blessed>, NotBlessed> {
    let &Subject { case, graph, sources, source, failures, .. } = subject;
    let unfit = |why: String| Err(NotBlessed::Unfit(format!("not blessed: {why}")));
    match subject.comparison.map(Comparison::word) {
        Some("ok" | "kink") => {}
        Some(word) => return unfit(format!("the comparison is {word}")),
        None => return unfit("the comparison was left out".to_string()),
    }
    let run = Run::asking(graph, Dtype::F64, Direction::Backward, &all_leaves(graph));
    let entries = entries(graph, &run, failures, blessing);
    if entries.is_empty() {
        return Ok(None);
    }
    if let Some(bad) = entries.iter().find(|entry| entry.got.to_floats().iter().any(|x| x.is_nan())) {
        return unfit(format!("`{}` is NaN", bad.name));
    }
    let spelling = Spelling::of(&source.name).unwrap_or(Spelling::Graph);
    let beside = beside(&case.path);
    let mut after = source.text.to_string();

    // From the end, so that the places before an edit stay right.
    let mut updates: Vec<(std::ops::Range<usize>, String)> = entries
        .iter()
        .filter_map(|entry| {
            let (_, range) = sources.find(entry.written?)?;
            Some(replacement(&source.text, range, &value_text(entry, &beside), spelling))
        })
        .collect();
    updates.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    for (range, text) in updates {
        after.replace_range(range, &text);
    }
    let new: Vec<&Entry> = entries.iter().filter(|entry| entry.written.is_none()).collect();
    after = match spelling {
        Spelling::Graph => with_lines(after, &new, &beside),
        Spelling::Toml => with_keys(&after, graph, &new, &beside)?,
    };
    let arrays = arrays::beside(&entries, &beside)?;
    let blessed = Blessed { case: case.clone(), before: source.text.to_string(), after, arrays };
    read_back::try_out(&blessed, spelling, subject)?;
    Ok(Some(blessed))
}

/// What is to be written: values that fail, and, in a file that expects none of
/// the kind, the outputs' values and all wanted gradients.
fn entries(graph: &Graph, run: &Run, failures: &[Failure], blessing: Blessing) -> Vec<Entry> {
    let mut entries = Vec::new();
    if blessing == Blessing::All {
        let failing = failures.iter().filter_map(|failure| match failure {
            Failure::Mismatch(mismatch) => Some(mismatch.span),
            _ => None,
        });
        let failing: HashSet<Span> = failing.collect();
        for expectation in graph.expectations.iter().filter(|expectation| failing.contains(&expectation.span))
        {
            if let Some(got) = judge::got(graph, run, &expectation.of) {
                let name = judge::name(graph, &expectation.of);
                let (of, written) = (expectation.of.clone(), Some(expectation.written));
                entries.push(Entry { name, of, got, written });
            }
        }
    }
    let has =
        |wanted: fn(&Expected) -> bool| graph.expectations.iter().any(|expectation| wanted(&expectation.of));
    let within = crate::resolve::WITHIN;
    let mut add = |of: Expected| {
        if let Some(got) = judge::got(graph, run, &of) {
            entries.push(Entry { name: judge::name(graph, &of), of, got, written: None });
        }
    };
    let value = |of: ValueId| Expected::Value { of, want: run.value_of(of), within };
    let gradient = |of: ValueId| Expected::Gradient { of, want: judge::gradient(graph, run, of), within };
    if !has(|of| matches!(of, Expected::Value { .. })) {
        graph.outputs.iter().for_each(|&output| add(value(output)));
    }
    if !has(|of| matches!(of, Expected::Gradient { .. })) {
        graph.wanted.iter().for_each(|&leaf| add(gradient(leaf)));
    }
    entries
}

/// `net.graph` keeps its arrays in `net.graph.expect.npz`.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}.expect.npz"))
}

/// The key of an array beside the file.
fn key(name: &str) -> String {
    name.replace(['(', ')'], ".").trim_end_matches('.').to_string()
}

/// A value as the language writes it.
fn value_text(entry: &Entry, beside: &Path) -> String {
    if entry.got.shape().size() > INLINE {
        let file = beside.file_name().unwrap_or_default().to_string_lossy();
        let text = |text: &str| quoted(text, Spelling::Graph);
        return format!("npz({}, {})", text(&file), text(&key(&entry.name)));
    }
    print_expression(&literal(&entry.got, true))
}

/// Where a new value goes, and what is written there.
fn replacement(
    text: &str,
    range: std::ops::Range<usize>,
    value: &str,
    spelling: Spelling,
) -> (std::ops::Range<usize>, String) {
    if spelling == Spelling::Graph {
        return (range, value.to_string());
    }
    let is_quote = |byte: Option<u8>| matches!(byte, Some(b'"' | b'\''));
    let before = range.start.checked_sub(1).and_then(|at| text.as_bytes().get(at).copied());
    let range = match is_quote(before) && is_quote(text.as_bytes().get(range.end).copied()) {
        true => range.start - 1..range.end + 1,
        false => range,
    };
    (range, toml_value(value))
}

/// A call in TOML is a string.
fn toml_value(value: &str) -> String {
    if value.contains('"') { quoted(value, Spelling::Toml) } else { value.to_string() }
}

/// New lines at the end of a `.graph` file.
fn with_lines(mut text: String, new: &[&Entry], beside: &Path) -> String {
    if new.is_empty() {
        return text;
    }
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push_str(end);
    }
    let last = text.lines().last().unwrap_or("");
    if !last.trim().is_empty() && !last.trim_start().starts_with("expect ") {
        text.push_str(end);
    }
    for entry in new {
        text.push_str(&format!("expect {} = {}{end}", entry.name, value_text(entry, beside)));
    }
    text
}

/// New keys under `[expect]` and `[expect.grad]` of a `.toml` file.
fn with_keys(text: &str, graph: &Graph, new: &[&Entry], beside: &Path) -> Result<String, String> {
    if new.is_empty() {
        return Ok(text.to_string());
    }
    let mut document: toml_edit::DocumentMut =
        text.parse().map_err(|fault| format!("not blessed: the file cannot be edited: {fault}"))?;
    let table = || toml_edit::Item::Table(toml_edit::Table::new());
    let mut expect = document.entry("expect").or_insert_with(table);
    for entry in new {
        let (of, under) = match &entry.of {
            Expected::Value { of, .. } => (*of, None),
            Expected::Gradient { of, .. } => (*of, Some("grad")),
            Expected::Shape { .. } | Expected::Check(_) => continue,
        };
        let value: toml_edit::Value = toml_value(&value_text(entry, beside))
            .parse()
            .map_err(|fault| format!("not blessed: the value cannot be written: {fault}"))?;
        let place = match under {
            None => &mut *expect,
            Some(name) => {
                let held = expect.as_table_like_mut().ok_or("not blessed: `expect` is no table")?;
                held.entry(name).or_insert_with(table)
            }
        };
        let place = place.as_table_like_mut().ok_or("not blessed: `expect.grad` is no table")?;
        place.insert(&graph.value(of).name, toml_edit::Item::Value(value));
        expect = document.entry("expect").or_insert_with(table);
    }
    Ok(document.to_string())
}
