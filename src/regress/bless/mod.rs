//! Writing what came out into the file as what is expected, layout and comments kept.

mod arrays;
mod blessed;
mod change;
mod read_back;

pub use blessed::Blessed;
pub use change::{Change, Place, Stated};

use super::{case::Case, one::all_leaves, tested::Failure};
use crate::{
    compare::Comparison,
    graph::Graph,
    precision::Precision,
    resolve::Request,
    run::{Direction, Run},
    source::{Source, SourceMap, Spelling},
    syntax::{literal, print_expression, quoted},
};
use change::changes;
use std::path::{Path, PathBuf};

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

/// A file that was tested, to be blessed.
pub struct Subject<'a> {
    pub case: &'a Case,
    pub graph: &'a Graph,
    pub sources: &'a SourceMap,
    pub source: &'a Source,
    pub comparison: Option<&'a Comparison>,
    pub failures: &'a [Failure],
    /// It says so of itself.
    pub is_expected_to_fail: bool,
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

/// The file with its expectations brought up to date, as far as `take` takes the changes;
/// `None` where nothing is to change.
///
/// # Errors
/// Why this file cannot be blessed: a value that is NaN, a comparison that is wrong or undecided and
/// not expected to be, or what would be written does not read back to the same graph.
pub fn bless(
    subject: &Subject,
    blessing: Blessing,
    take: &mut dyn FnMut(&Change) -> bool,
) -> Result<Option<Blessed>, NotBlessed> {
    let &Subject { case, graph, sources, source, failures, .. } = subject;
    let unfit = |why: String| Err(NotBlessed::Unfit(format!("not blessed: {why}")));
    match subject.comparison.map(Comparison::word) {
        Some("ok" | "kink") => {}
        Some(word) => return unfit(format!("the comparison is {word}")),
        None => return unfit("the comparison was left out".to_string()),
    }
    let run = Run::asking(graph, Precision::F64, Direction::Backward, &all_leaves(graph));
    let mut changes = changes(graph, &run, failures, blessing);
    if changes.is_empty() {
        return Ok(None);
    }
    if subject.is_expected_to_fail {
        return unfit("it is expected to fail".to_string());
    }
    if let Some(bad) = changes.iter().find(|change| change.is_nan()) {
        return unfit(format!("`{}` is NaN", bad.name));
    }
    changes.retain(take);
    if changes.is_empty() {
        return Ok(None);
    }
    let spelling = Spelling::of(&source.name).unwrap_or(Spelling::Graph);
    let beside = beside(&case.path);
    let mut after = source.text.to_string();

    // From the end, so that the places before an edit stay right.
    let mut updates: Vec<(std::ops::Range<usize>, String)> = changes
        .iter()
        .filter_map(|change| {
            let (_, range) = sources.find(change.written?)?;
            Some(replacement(&source.text, range, &text_of(change, &beside), spelling))
        })
        .collect();
    updates.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    for (range, text) in updates {
        after.replace_range(range, &text);
    }
    let new: Vec<&Change> = changes.iter().filter(|change| change.written.is_none()).collect();
    after = match spelling {
        Spelling::Graph => with_lines(after, &new, &beside),
        Spelling::Toml => with_keys(&after, graph, &new, &beside)?,
    };
    let arrays = arrays::beside(&changes, &beside)?;
    let blessed = Blessed { case: case.clone(), before: source.text.to_string(), after, arrays, changes };
    read_back::try_out(&blessed, spelling, subject)?;
    Ok(Some(blessed))
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

/// What a change states, as the language writes it.
fn text_of(change: &Change, beside: &Path) -> String {
    match &change.after {
        Stated::Shape(shape) => shape.to_string(),
        Stated::Numbers(_) if change.size() > INLINE => {
            let file = beside.file_name().unwrap_or_default().to_string_lossy();
            let text = |text: &str| quoted(text, Spelling::Graph);
            format!("npz({}, {})", text(&file), text(&key(&change.name)))
        }
        Stated::Numbers(tensor) => print_expression(&literal(tensor, true)),
    }
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
fn with_lines(mut text: String, new: &[&Change], beside: &Path) -> String {
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
    for change in new {
        text.push_str(&format!("expect {} = {}{end}", change.name, text_of(change, beside)));
    }
    text
}

/// New keys under `[expect]` and `[expect.grad]` of a `.toml` file.
fn with_keys(text: &str, graph: &Graph, new: &[&Change], beside: &Path) -> Result<String, String> {
    if new.is_empty() {
        return Ok(text.to_string());
    }
    let mut document: toml_edit::DocumentMut =
        text.parse().map_err(|fault| format!("not blessed: the file cannot be edited: {fault}"))?;
    let table = || toml_edit::Item::Table(toml_edit::Table::new());
    let mut expect = document.entry("expect").or_insert_with(table);
    for change in new {
        let (of, under) = match change.place {
            Place::Value(of) => (of, None),
            Place::Gradient(of) => (of, Some("grad")),
            Place::Shape(of) => (of, Some("shape")),
        };
        let value: toml_edit::Value = toml_value(&text_of(change, beside))
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
