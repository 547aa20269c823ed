//! Errors that only follow from others: of a bracket that is missing, or of a text that is not
//! closed, one error is told.

use crate::{
    diagnostic::{Cause, Diagnostic},
    faults::Faults,
    source::Source,
};
use std::{collections::HashSet, ops::Range};

/// So many ranges before a place are looked at.
const NEAR: usize = 16;

/// Drops what only follows; the errors stand in the order of the text.
pub(super) fn drop(source: &Source, errors: &mut Faults) {
    let text = &*source.text;
    let ranges: Vec<Range<usize>> = errors.iter().filter_map(|error| spoiled(source, text, error)).collect();
    if ranges.is_empty() {
        return;
    }
    let mut told = vec![false; ranges.len()];
    let open_texts: HashSet<usize> = errors
        .iter()
        .filter(|error| error.cause == Cause::OpenText)
        .filter_map(|error| place(source, error))
        .map(|at| line_start(text, at))
        .collect();
    errors.retain(|error| {
        let Some(at) = place(source, error) else { return true };
        // Brackets within a text that is not closed are none.
        if error.cause == Cause::Unbalanced && open_texts.contains(&line_start(text, at)) {
            return false;
        }
        // The ranges begin in the order of the errors; those that hold a place are near it.
        let from = ranges.partition_point(|range| range.start <= at).saturating_sub(NEAR);
        let within = ranges
            .iter()
            .skip(from)
            .take(NEAR)
            .position(|range| range.contains(&at))
            .map(|found| from + found);
        within.is_none_or(|range| !std::mem::replace(&mut told[range], true))
    });
}

/// The lines that a bracket without a partner makes unreadable.
fn spoiled(source: &Source, text: &str, error: &Diagnostic) -> Option<Range<usize>> {
    if !matches!(error.cause, Cause::Unbalanced) {
        return None;
    }
    let at = place(source, error)?;
    let line = line_start(text, at);
    let own = indent(&text[line..]);
    let closes = text[at..].starts_with([')', ']', '}']);
    let mut start = line;
    // What a bracket at the beginning of a line closes began above.
    if closes && text[line..at].trim().is_empty() {
        while start > 0 {
            let above = line_start(text, start - 1);
            start = above;
            let is_empty = text[above..].lines().next().is_none_or(|line| line.trim().is_empty());
            if !is_empty && indent(&text[above..]) <= own {
                break;
            }
        }
    }
    let mut end = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
    if !closes {
        while end < text.len() && indent(&text[end..]) > own && !text[end..].starts_with('\n') {
            end += text[end..].find('\n').map_or(text.len() - end, |length| length + 1);
        }
    }
    Some(start..end)
}

fn place(source: &Source, error: &Diagnostic) -> Option<usize> {
    let at = error.span()?.start.checked_sub(source.base)? as usize;
    (at <= source.text.len()).then_some(at)
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}
