//! What is wrong with a `.toml` file as TOML, and what it says all the same.
//!
//! Entries at fault are blanked out of a copy and the rest is parsed again, so
//! that a slip in one line does not take the sections after it away.

use crate::{
    diagnostic::Diagnostic,
    faults::Faults,
    source::Source,
    syntax::{
        ParseOptions,
        excerpt::{Excerpt, first_word, is_word},
        foreign, message,
        tree::Lost,
    },
};
use std::{collections::BTreeMap, ops::Range};
use toml::de::{DeTable, Error};

pub(super) struct Mended {
    /// The text with spaces in place of what is at fault; every place is kept.
    pub text: String,
    pub errors: Faults,
    /// Names whose definition was given up.
    pub broken: Vec<String>,
    /// All words of what was given up.
    pub lost: Lost,
}

/// How often entries are blanked before the rest is taken as it is.
const ROUNDS: usize = 8;

pub(super) fn mend(source: &Source, reading: &ParseOptions) -> Mended {
    let mut mended = Mended {
        text: source.text.to_string(),
        errors: Faults::new(reading.max_errors),
        broken: Vec::new(),
        lost: Lost::default(),
    };
    let mut statement_seen = false;
    for _ in 0..ROUNDS {
        let (_, faults) = DeTable::parse_recoverable(&mended.text);
        if faults.is_empty() {
            break;
        }
        let found = faults_by_entry(&mended.text, &faults);
        for (entry, faults) in found.values() {
            if let Some(error) = message::graph_line(&line(source, entry.start)) {
                // A whole file in the other spelling needs to be told once.
                if !std::mem::replace(&mut statement_seen, true) {
                    mended.errors.push(error);
                }
            } else if let Some(error) = foreign::toml_line(&line(source, entry.start)) {
                mended.errors.push(error);
            } else if let Some(error) = describe(source, entry, faults) {
                mended.errors.push(error);
            }
        }
        for (entry, _) in found.into_values() {
            mended.broken.extend(names_of(&source.text[entry.clone()]));
            mended.lost.add(&source.text[entry.clone()]);
            mended.text.replace_range(entry.clone(), &" ".repeat(entry.len()));
        }
    }
    mended
}

type Reported<'e> = (Range<usize>, &'e str);

/// Faults with the entry (`key = value` or a whole section) that each spoils.
fn faults_by_entry<'e>(
    text: &str,
    faults: &'e [Error],
) -> BTreeMap<usize, (Range<usize>, Vec<Reported<'e>>)> {
    let starts = entry_starts(text);
    let mut found = BTreeMap::new();
    let mut add = |at: usize, fault: Range<usize>, message: &'e str| {
        let index = starts.partition_point(|&start| start <= at).saturating_sub(1);
        let entry = entry(text, &starts, index);
        found.entry(entry.start).or_insert((entry, Vec::new())).1.push((fault, message));
    };
    // An unclosed bracket takes in all that follows: what is said of that comes later.
    let mut until = usize::MAX;
    if faults.iter().any(|fault| fault.message().starts_with("unclosed ")) {
        let bracket = (0..starts.len()).find_map(|index| {
            let end = starts.get(index + 1).map_or(text.len(), |&next| next);
            unclosed(&text[starts[index]..end]).map(|at| starts[index] + at)
        });
        if let Some(bracket) = bracket {
            add(bracket, bracket..bracket + 1, "unclosed");
            until = bracket;
        }
    }
    for fault in faults {
        let span = fault.span().unwrap_or(0..0);
        if span.start < until {
            add(span.start, span, fault.message());
        }
    }
    found
}

/// The entry that begins at a start; a section goes on to the next section.
fn entry(text: &str, starts: &[usize], index: usize) -> Range<usize> {
    let is_section = |start: usize| {
        let line = text[start..].trim_start().lines().next().unwrap_or("");
        line.starts_with('[') || is_bare_section(line)
    };
    let start = starts.get(index).copied().unwrap_or(0);
    let mut later = starts.iter().skip(index + 1);
    let next = later.find(|&&next| !is_section(start) || is_section(next));
    let end = next.map_or(text.len(), |&next| next);
    start..start + text[start..end].trim_end().len()
}

/// The first bracket of an entry that it does not close.
fn unclosed(entry: &str) -> Option<usize> {
    let bytes = entry.as_bytes();
    let (mut at, mut open) = (0, Vec::new());
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'[' | b'{' => open.push(at),
            b']' | b'}' => _ = open.pop(),
            b'#' => at += entry[at..].find('\n').unwrap_or(entry.len() - at) - 1,
            b'"' | b'\'' => {
                let mut escaped = false;
                let end = bytes[at + 1..].iter().position(|&b| {
                    let ends = !escaped && b == byte || b == b'\n';
                    escaped = !escaped && byte == b'"' && b == b'\\';
                    ends
                });
                at += end.map_or(entry.len(), |end| end + 1);
            }
            _ => {}
        }
        at += 1;
    }
    open.first().copied()
}

/// The names that an entry would have defined.
fn names_of(entry: &str) -> Vec<String> {
    let header = entry.lines().next().unwrap_or("").trim_start();
    let of_one = header.contains('.') || !header.starts_with('[');
    let keys = entry.lines().filter_map(key_of);
    if of_one {
        keys.take(1).map(str::to_string).collect()
    } else {
        keys.skip(1).map(str::to_string).collect()
    }
}

/// Where lines begin that look like `key = …` or `[section]`.
fn entry_starts(text: &str) -> Vec<usize> {
    let mut at = 0;
    let mut starts = Vec::new();
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start();
        let section = bare
            .trim_start_matches('[')
            .starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '"' | '\''));
        if bare.starts_with('[') && section
            || key_of(bare).is_some()
            || message::is_graph_line(bare)
            || foreign::is_statement(bare)
            || is_bare_section(bare)
            || is_bare_key(bare)
        {
            starts.push(at);
        }
        at += line.len();
    }
    starts
}

/// `inputs]`: a section without its `[`.
fn is_bare_section(line: &str) -> bool {
    let code = line.split('#').next().unwrap_or("").trim();
    let name = code.strip_suffix(']').unwrap_or("");
    !name.is_empty() && name.chars().all(|c| is_word(c) || matches!(c, '.' | '"' | '-'))
}

/// `x { shape = [3] }`: a key without its `=`.
fn is_bare_key(line: &str) -> bool {
    let word = first_word(line);
    let rest = line[word.len()..].trim_start_matches([' ', '\t']);
    let value =
        rest.starts_with(['"', '\'', '{', '[', '-']) || rest.starts_with(|c: char| c.is_ascii_digit());
    !word.is_empty() && value && rest.len() + word.len() < line.len()
}

/// The last word of the key that a line gives a value, or of its section.
fn key_of(line: &str) -> Option<&str> {
    let bare = line.trim_start();
    let key = match bare.strip_prefix('[') {
        Some(section) => section.split(']').next()?,
        None => bare.split_once('=')?.0,
    };
    let key = key.trim().rsplit('.').next()?.trim().trim_matches(['"', '\'']);
    key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-').then_some(key)
}

/// The line at a place.
fn line(source: &Source, at: usize) -> Excerpt<'_> {
    let line = source.text[at..].lines().next().unwrap_or("");
    let start = at + (line.len() - line.trim_start().len());
    Excerpt::at(line.trim(), source.base + start as u32)
}

fn describe(source: &Source, entry: &Range<usize>, faults: &[Reported]) -> Option<Diagnostic> {
    let text = Excerpt::whole(source);
    let unquoted = faults.iter().find(|(_, message)| message.starts_with("string values must be quoted"));
    let (mut span, message) = unquoted.or(faults.first())?.clone();
    let line = source.text[entry.clone()].lines().next().unwrap_or("");
    let value = line.split_once('=').map_or("", |(_, value)| value.trim());
    // `y = mul(a, b)`: TOML stops after the comma, or after the first word.
    let unquoted = unquoted.is_some()
        || message.starts_with("unexpected key or value")
            && value.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '(' | '-' | '_'));
    if unquoted && !value.is_empty() {
        let start = entry.start + line.trim_end().len() - value.len();
        span = start..start + value.len();
    }
    let here = text.span(span.clone());
    let word = &source.text[span.clone()];
    Some(match message {
        _ if unquoted && word.trim().is_empty() => {
            Diagnostic::error("expected a value, found the end of the line")
                .at(here, "expected a value here")
                .help("write a number, an array, or an expression in quotes")
        }
        _ if foreign::toml_value(&text.part(span.clone())).is_some() => {
            foreign::toml_value(&text.part(span.clone()))?
        }
        _ if unquoted => Diagnostic::error("in TOML an expression stands in quotes")
            .at(here, "not in quotes")
            .help(format!("write `\"{word}\"`")),
        _ if is_bare_section(line) => {
            let place = text.span(entry.start..entry.start + line.trim_end().len());
            let line = line.trim();
            Diagnostic::error("`]` closes nothing")
                .at(place, "no bracket is open here")
                .help(format!("a section is written `[{line}`"))
        }
        _ if word.starts_with(';') || line.trim_end().ends_with(';') => {
            Diagnostic::error("expected the end of the line, found `;`")
                .at(here, "not written here")
                .help("a line ends by itself: leave the `;` out")
        }
        "unclosed" => {
            let closer = if word == "{" { "}" } else { "]" };
            Diagnostic::error(format!("`{word}` is never closed"))
                .at(here, format!("no `{closer}` for this `{word}`"))
                .help(format!("close it with `{closer}`"))
        }
        "duplicate key" => Diagnostic::error(format!("`{word}` is given twice"))
            .at(here, "given already")
            .help(match line.starts_with('[') && !line.contains('.') {
                true => "put the lines of this section under the first one",
                false => "keep one of them",
            }),
        _ if message.starts_with("invalid unquoted key") => {
            Diagnostic::error(format!("the key `{word}` must stand in quotes"))
                .at(here, "TOML takes only A-Z, a-z, 0-9, `_` and `-` without quotes")
                .help(format!("write `\"{word}\" = …`"))
        }
        _ if message.contains("recurs") => {
            Diagnostic::error("arrays and tables of TOML are nested more than 80 deep")
                .at(here, "too deep here")
                .help("write the value as an expression in quotes")
        }
        _ => Diagnostic::error(message).at(here, "TOML cannot go on here"),
    })
}
