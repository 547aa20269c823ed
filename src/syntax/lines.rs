//! The statements of a `.graph` text: one light scan for strings, comments and
//! brackets, so that every statement can be read by itself.
//!
//! A statement ends with its line, except inside brackets and before a line that
//! begins with `->`. Brackets that do not match are found first, over the whole
//! text, and then ignored: an unclosed one spoils its own statement and no other.
//! Nesting is measured here too, before anything that recurses sees the text.

use super::{ParseOptions, excerpt::Excerpt};
use crate::{
    diagnostic::{Cause, Diagnostic},
    faults::Faults,
    limits::{self, Limits},
};
use std::ops::Range;

/// Bytes of memory that reading a statement takes, at most, for each of its own.
const STATEMENT: u64 = 330;

/// What the scan stops at.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mark {
    Open(u8),
    Close(u8),
    Comment,
    Line,
    /// A quote whose string does not end on its line.
    Unterminated,
}

struct Marks<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Marks<'_> {
    fn skip_line(&mut self) {
        self.at +=
            self.bytes[self.at..].iter().position(|&b| b == b'\n').unwrap_or(self.bytes.len() - self.at);
    }
}

impl Iterator for Marks<'_> {
    type Item = (usize, Mark);

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(&byte) = self.bytes.get(self.at) {
            let at = self.at;
            self.at += 1;
            let mark = match byte {
                b'(' | b'[' | b'{' => Mark::Open(byte),
                b')' | b']' | b'}' => Mark::Close(byte),
                b'\n' => Mark::Line,
                b'#' => {
                    self.skip_line();
                    Mark::Comment
                }
                b'"' => {
                    let mut escaped = false;
                    let end = self.bytes[self.at..].iter().position(|&b| match b {
                        _ if b == b'\n' => true,
                        _ if escaped => {
                            escaped = false;
                            false
                        }
                        b'\\' => {
                            escaped = true;
                            false
                        }
                        _ => b == b'"',
                    });
                    self.at = end.map_or(self.bytes.len(), |end| self.at + end);
                    if self.bytes.get(self.at) == Some(&b'"') {
                        self.at += 1;
                        continue;
                    }
                    Mark::Unterminated
                }
                _ => continue,
            };
            return Some((at, mark));
        }
        None
    }
}

fn closer(opener: u8) -> u8 {
    match opener {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}

/// Brackets without a partner: their offsets, growing, and an error for the first
/// fault of each kind on a line.
fn unmatched(text: &Excerpt, most: usize) -> (Vec<usize>, Faults) {
    let (mut bad, mut errors) = (Vec::new(), Faults::new(most));
    let mut open: Vec<(usize, u8, usize)> = Vec::new();
    let mut unclosed: Vec<(usize, u8, usize)> = Vec::new();
    let mut count = [0usize; 256];
    let (mut line, mut last_stray) = (0, usize::MAX);
    for (at, mark) in (Marks { bytes: text.text.as_bytes(), at: 0 }) {
        match mark {
            Mark::Line => line += 1,
            Mark::Open(byte) => {
                open.push((at, byte, line));
                count[closer(byte) as usize] += 1;
            }
            Mark::Close(byte) if count[byte as usize] > 0 => {
                while let Some(opener) = open.pop() {
                    count[closer(opener.1) as usize] -= 1;
                    if closer(opener.1) == byte {
                        break;
                    }
                    unclosed.push(opener);
                }
            }
            Mark::Close(byte) => {
                bad.push(at);
                // On one line the wrong kind of bracket is the likelier slip.
                let wrong = open.pop_if(|&mut (_, _, on)| on == line);
                if let Some((start, opener, _)) = wrong {
                    count[closer(opener) as usize] -= 1;
                    bad.push(start);
                }
                if std::mem::replace(&mut last_stray, line) != line {
                    errors.push(stray(text, at, byte, wrong.map(|(start, opener, _)| (start, opener))));
                }
            }
            Mark::Comment | Mark::Unterminated => {}
        }
    }
    unclosed.append(&mut open);
    unclosed.sort_unstable();
    bad.extend(unclosed.iter().map(|&(at, ..)| at));
    bad.sort_unstable();
    unclosed.dedup_by_key(|&mut (_, _, line)| line);
    errors.extend(unclosed.into_iter().map(|(at, opener, _)| {
        let (opener, closer) = (opener as char, closer(opener) as char);
        Diagnostic::error(format!("`{opener}` is never closed"))
            .cause(Cause::Unbalanced)
            .at(text.span(at..at + 1), format!("no `{closer}` for this `{opener}`"))
            .help(format!("close it with `{closer}`"))
    }));
    (bad, errors)
}

/// A closing bracket that closes nothing, or an opener of another kind.
fn stray(text: &Excerpt, at: usize, found: u8, opener: Option<(usize, u8)>) -> Diagnostic {
    let (place, found) = (text.span(at..at + 1), found as char);
    match opener {
        Some((start, opener)) => {
            let (opener, closer) = (opener as char, closer(opener) as char);
            Diagnostic::error(format!("expected `{closer}`, found `{found}`"))
                .cause(Cause::Unbalanced)
                .at(place, format!("expected `{closer}`"))
                .at(text.span(start..start + 1), format!("to close this `{opener}`"))
        }
        None => Diagnostic::error(format!("`{found}` closes nothing"))
            .cause(Cause::Unbalanced)
            .at(place, "no bracket is open here")
            .help("remove it, or open the bracket that it closes"),
    }
}

/// One thing that the text is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    Statement(Statement),
    /// The head of `block …` or `check`, up to its `{`, and whether that is ever closed.
    Opens(Statement, bool),
    /// A `}` at this offset.
    Closes(usize),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Statement {
    /// Without white space and comments around it.
    pub range: Range<usize>,
    /// How deep its brackets are nested.
    pub depth: usize,
    /// An error is known already: it is not worth parsing.
    pub broken: bool,
}

pub(super) struct Lines<'a> {
    text: &'a Excerpt<'a>,
    at: usize,
    bad: Vec<usize>,
    max_depth: usize,
    max_memory: u64,
    pub errors: Faults,
}

impl<'a> Lines<'a> {
    pub fn new(text: &'a Excerpt<'a>, reading: &ParseOptions) -> Self {
        let (bad, errors) = unmatched(text, reading.max_errors);
        let at = if text.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, at, bad, max_depth: reading.max_depth, max_memory: reading.max_memory, errors }
    }

    fn is_bad(&self, at: usize) -> bool {
        !self.bad.is_empty() && self.bad.binary_search(&at).is_ok()
    }

    /// Where the next thing that is no white space and no comment stands.
    fn skip_gap(&self, mut at: usize) -> usize {
        let bytes = self.text.text.as_bytes();
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                b'#' => {
                    let mut marks = Marks { bytes, at };
                    marks.skip_line();
                    at = marks.at;
                }
                _ => break,
            }
        }
        at
    }

    fn has_body(&self, at: usize) -> bool {
        let rest = &self.text.text[at..];
        ["block", "check"]
            .iter()
            .any(|word| rest.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '\t', '\r', '{'])))
    }

    /// Scans one statement from `start` on, and finds the `{` that ends it, if one does.
    fn statement(&mut self, start: usize) -> (Statement, Option<usize>) {
        let has_body = self.has_body(start);
        let bytes = self.text.text.as_bytes();
        let mut marks = Marks { bytes, at: start };
        let (mut depth, mut deepest, mut broken) = (0usize, 0, false);
        let mut brace = None;
        let mut last_comment = None;
        let end = loop {
            let Some((at, mark)) = marks.next() else { break bytes.len() };
            match mark {
                Mark::Comment if depth == 0 => last_comment = Some(at),
                Mark::Comment => {}
                Mark::Line if depth == 0 => {
                    let next = self.skip_gap(at);
                    if !bytes[next..].starts_with(b"->") {
                        break at;
                    }
                    last_comment = None;
                    marks.at = next;
                }
                Mark::Line => {}
                Mark::Unterminated => {
                    broken = true;
                    let end = self.text.text[at..].lines().next().map_or(at + 1, |line| at + line.len());
                    self.errors.push(
                        Diagnostic::error("a text is not closed on its line")
                            .cause(Cause::OpenText)
                            .at(self.text.span(at..end), "no `\"` ends it")
                            .help("end it with `\"`; a line break inside of a text is written `\\n`"),
                    );
                }
                Mark::Open(b'{') if has_body && depth == 0 => {
                    brace = Some(at);
                    break at;
                }
                Mark::Open(_) | Mark::Close(_) if self.is_bad(at) => broken = true,
                Mark::Open(_) => {
                    depth += 1;
                    if depth > self.max_depth && deepest <= self.max_depth {
                        broken = true;
                        self.errors.push(too_deep(self.text, at, self.max_depth));
                    }
                    deepest = deepest.max(depth);
                }
                Mark::Close(_) if depth == 0 => break at,
                Mark::Close(_) => depth -= 1,
            }
        };
        self.at = brace.map_or(end, |brace| brace + 1);
        let end = last_comment.unwrap_or(end);
        let end = start + self.text.text[start..end].trim_end_matches([' ', '\t', '\r', '\n']).len();
        let needs = ((end - start) as u64).saturating_mul(STATEMENT);
        if needs > self.max_memory && !broken {
            broken = true;
            let most = Limits { bytes: self.max_memory, ..Limits::default() };
            let what = format!("this statement is too long, reading it may take {}", limits::bytes(needs));
            let excess = most.exceeded("bytes", needs, what);
            self.errors.push(
                excess.at(self.text.span(start..start + 1)).help("large arrays belong into a data file"),
            );
        }
        (Statement { range: start..end, depth: deepest, broken }, brace)
    }
}

impl Iterator for Lines<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            let start = self.skip_gap(self.at);
            self.at = start + 1;
            match self.text.text.as_bytes().get(start)? {
                b'}' if self.is_bad(start) => {}
                b'}' => return Some(Piece::Closes(start)),
                _ => {
                    let (statement, opens) = self.statement(start);
                    return Some(match opens {
                        Some(brace) => Piece::Opens(statement, !self.is_bad(brace)),
                        None => Piece::Statement(statement),
                    });
                }
            }
        }
    }
}

fn too_deep(text: &Excerpt, at: usize, max_depth: usize) -> Diagnostic {
    Diagnostic::error(format!("brackets are nested more than {max_depth} deep"))
        .at(text.span(at..at + 1), format!("bracket number {} inside of each other", max_depth + 1))
        .help(format!(
            "give inner parts names of their own, or raise the limit: `--limit depth={}`",
            2 * max_depth
        ))
}

/// Checks the brackets and texts of a single expression; how deep they are nested.
///
/// # Errors
/// Brackets that do not match, a text that does not end, or nesting beyond the limit.
pub(super) fn nesting(text: &Excerpt, reading: &ParseOptions) -> Result<usize, Vec<Diagnostic>> {
    let max_depth = reading.max_depth;
    let (_, mut errors) = unmatched(text, reading.max_errors);
    let (mut depth, mut deepest) = (0usize, 0);
    for (at, mark) in (Marks { bytes: text.text.as_bytes(), at: 0 }) {
        match mark {
            Mark::Open(_) => depth += 1,
            Mark::Close(_) => depth = depth.saturating_sub(1),
            Mark::Unterminated => errors.push(
                Diagnostic::error("a text is not closed")
                    .cause(Cause::OpenText)
                    .at(text.span(at..text.text.len()), "no `\"` ends it")
                    .help("end it with `\"`"),
            ),
            Mark::Comment | Mark::Line => {}
        }
        if depth > max_depth && deepest <= max_depth && errors.is_empty() {
            errors.push(too_deep(text, at, max_depth));
        }
        deepest = deepest.max(depth);
    }
    // Brackets within a text that is not closed are none.
    if errors.iter().any(|error| error.cause == Cause::OpenText) {
        errors.retain(|error| error.cause != Cause::Unbalanced);
    }
    if errors.is_empty() { Ok(deepest) } else { Err(errors.into_iter().collect()) }
}
