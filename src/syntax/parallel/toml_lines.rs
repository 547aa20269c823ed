//! The plain lines of a large `[nodes]`, read ahead of the rest.
//!
//! Nearly all of a large file is made of lines `name = "expression"`. TOML takes each
//! of them by itself, so that pieces of some lines can be cut out and read side by
//! side, and no table of them all is held.

use crate::{
    faults::Faults,
    source::Source,
    syntax::{
        ParseOptions,
        toml::{leaf, value::Values},
        tree::Node,
    },
};
use rayon::prelude::*;
use std::{borrow::Cow, ops::Range, sync::Arc};
use toml::de::DeTable;

/// A text of so many bytes is worth it.
const LARGE: usize = 1 << 18;

/// The bytes of a piece, up to the end of its last line.
const PIECE: usize = 1 << 15;

/// Nodes that were read ahead.
pub(in crate::syntax) struct Nodes {
    pub good: Vec<Node>,
    /// The names of those that could not be read.
    pub broken: Vec<Box<str>>,
    pub errors: Faults,
}

impl Nodes {
    fn none(reading: &ParseOptions) -> Self {
        Self { good: Vec::new(), broken: Vec::new(), errors: Faults::new(reading.max_errors) }
    }
}

/// What could be read ahead, and the text with spaces in its place, so that every
/// other place is kept.
pub(in crate::syntax) fn read<'a>(source: &'a Source, reading: &ParseOptions) -> (Nodes, Cow<'a, str>) {
    let text = &*source.text;
    // Within a string of several lines, any line may look plain.
    let may_be = text.len() >= LARGE && !text.contains("\"\"\"") && !text.contains("'''");
    let Some(start) = may_be.then(|| after_header(text)).flatten() else {
        return (Nodes::none(reading), text.into());
    };
    let pieces = pieces(text, start);
    let read: Vec<_> = pieces.par_iter().map(|piece| read_piece(source, piece.clone(), reading)).collect();
    // What follows a piece that is not plain may belong to it.
    let read: Vec<Nodes> = read.into_iter().map_while(|read| read).collect();
    let end = pieces[..read.len()].last().map_or(start, |piece| piece.end);
    let rest = [&text[..start], &" ".repeat(end - start), &text[end..]].concat();

    let count = read.iter().map(|nodes| nodes.good.len()).sum();
    let mut all = Nodes { good: Vec::with_capacity(count), ..Nodes::none(reading) };
    for Nodes { good, broken, errors } in read {
        all.good.extend(good);
        all.broken.extend(broken);
        all.errors.append(errors);
    }
    (all, rest.into())
}

/// Where the line after `[nodes]` begins.
fn after_header(text: &str) -> Option<usize> {
    let mut end = 0;
    let mut lines = text.split_inclusive('\n');
    lines.find(|line| {
        end += line.len();
        line.trim_end() == "[nodes]"
    })?;
    Some(end)
}

/// Cuts the text from `start` on behind the ends of lines.
fn pieces(text: &str, start: usize) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = start;
    while start < text.len() {
        let least = (start + PIECE).min(text.len());
        let line_end = text.as_bytes()[least..].iter().position(|&byte| byte == b'\n');
        let end = line_end.map_or(text.len(), |at| least + at + 1);
        pieces.push(start..end);
        start = end;
    }
    pieces
}

/// Reads a piece that has plain lines alone, and nothing wrong with them as TOML.
fn read_piece(source: &Source, piece: Range<usize>, reading: &ParseOptions) -> Option<Nodes> {
    let text = &source.text[piece.clone()];
    if !text.lines().all(is_plain) {
        return None;
    }
    let part = Source::new(source.name.clone(), Arc::new(text.into()), source.base + piece.start as u32);
    let (table, faults) = DeTable::parse_recoverable(&part.text);
    if !faults.is_empty() {
        return None;
    }
    let (mut values, mut broken) =
        (Values { source: &part, reading, errors: Faults::new(reading.max_errors) }, Vec::new());
    let good = values.entries(table.get_ref(), &mut broken, leaf::node);
    Some(Nodes { good, broken, errors: values.errors })
}

/// `name = "expression"`, an empty line or a comment.
fn is_plain(line: &str) -> bool {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return true;
    }
    let is_bare = |key: &str| key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    let parts = || {
        let (key, value) = line.split_once('=')?;
        let (inside, behind) = value.trim_start().strip_prefix('"')?.split_once('"')?;
        let behind = behind.trim_start();
        Some(
            is_bare(key.trim_end())
                && !inside.contains('\\')
                && (behind.is_empty() || behind.starts_with('#')),
        )
    };
    parts().unwrap_or(false)
}
