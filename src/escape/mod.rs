//! Words of strangers, on their way out: one function for each destination.
//!
//! A graph file may come from anybody. What it says (titles, names, texts, comments), what
//! it is called, and what a library says of it may hold characters that a terminal, a CI
//! log, a browser or a picture takes for its own. Whoever prints such words passes them
//! through the function of the place where they go:
//!
//! | destination | function |
//! |---|---|
//! | a terminal or a log, within a line | [`line()`] |
//! | a terminal or a log, several lines | [`text`] |
//! | lines of a file, with places in them | [`excerpt`] |
//! | a shell's command line | [`shell`] |
//! | GitHub's workflow commands | [`command_data`], [`command_property`] |
//! | Markdown | [`markdown`] |
//! | JSON for programs, JSON inside of a page | [`json`], [`json_lines`], [`json_part`], [`script`] |
//! | XML, SVG and HTML, attributes too | [`xml`] |
//! | Graphviz, Mermaid | [`dot`], [`dot_markup`], [`mermaid`], [`mermaid_title`] |
//! | LaTeX | [`tikz`] |
//! | Python: a text, a docstring, a path; a comment is a [`line()`] | [`python`], [`python_doc`], [`python_path`] |
//!
//! Ordinary letters of any script, signs and emoji stay as they are. The two spellings
//! of a graph have escapes of their own: their printers ask [`must_be_spelt`].

mod command;
mod json;
mod markup;
mod picture;
mod python;

pub use command::{command_data, command_property, shell};
pub use json::{json, json_lines, json_part, script};
pub use markup::{markdown, xml};
pub use picture::{dot, dot_markup, mermaid, mermaid_title, tikz};
pub use python::{python, python_doc, python_path};

use std::borrow::Cow;

/// Whether a character is not seen, or turns what is seen: controls, marks of
/// direction, characters without a width, line separators, tags, noncharacters.
pub fn is_hidden(character: char) -> bool {
    is_control(character) || turns_direction(character) || is_invisible(character)
}

/// A control character, or another that ends a line.
pub fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

/// Embeddings, overrides and isolates: behind one of them a text is shown in another
/// order than it is read.
pub fn turns_direction(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Takes no room where it stands. The selectors behind emoji are left out.
pub fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{fe00}'..='\u{fe0d}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{fffe}'..='\u{ffff}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    ) || u32::from(character) & 0xfffe == 0xfffe
}

/// A word or a sentence within a line of a terminal or a log: `\u{202e}` for what is
/// hidden, `\n` for a line break, and nothing that a CI server takes for a command.
pub fn line(words: &str) -> Cow<'_, str> {
    match is_plain(words) {
        true => Cow::Borrowed(words),
        false => Cow::Owned(shown(words, Within::Line).0),
    }
}

/// As [`line()`], for text of several lines.
pub fn text(words: &str) -> Cow<'_, str> {
    match is_plain(words) {
        true => Cow::Borrowed(words),
        false => Cow::Owned(shown(words, Within::Lines).0),
    }
}

/// Lines of a file as they are shown behind line numbers, and where each place of the
/// file is in them.
pub fn excerpt(lines: &str) -> Excerpt<'_> {
    match is_plain(lines) {
        true => Excerpt { text: Cow::Borrowed(lines), grown: Vec::new() },
        false => {
            let (text, grown) = shown(lines, Within::Excerpt);
            Excerpt { text: Cow::Owned(text), grown }
        }
    }
}

/// Lines with what is hidden in them spelt out.
pub struct Excerpt<'a> {
    pub text: Cow<'a, str>,
    /// Behind each of these places, how much longer all before it has become.
    grown: Vec<(usize, usize)>,
}

impl Excerpt<'_> {
    /// Where a place of the lines is in [`Self::text`].
    pub fn place(&self, at: usize) -> usize {
        let before = self.grown.partition_point(|&(place, _)| place < at);
        at + before.checked_sub(1).map_or(0, |last| self.grown[last].1)
    }
}

/// Where words are shown.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Line,
    Lines,
    /// Behind line numbers: no line begins with what stands in it.
    Excerpt,
}

/// Most words hold nothing to look at twice.
fn is_plain(words: &str) -> bool {
    words.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'#' | b':'))
}

/// The words as they are shown, and behind which places they have grown by how much.
fn shown(words: &str, within: Within) -> (String, Vec<(usize, usize)>) {
    let mut out = String::with_capacity(words.len() + 16);
    let mut grown = Vec::new();
    let mut is_blank = true;
    for (at, character) in words.char_indices() {
        let rest = &words[at..];
        let stays = match character {
            '\n' => within != Within::Line,
            '\r' => within == Within::Excerpt && rest.starts_with("\r\n"),
            '\t' => within == Within::Excerpt,
            ':' => within == Within::Excerpt || !is_blank || !rest.starts_with("::"),
            _ => !must_be_spelt(rest),
        };
        match stays {
            true => out.push(character),
            false => {
                out.push_str(&spelt(character));
                grown.push((at, out.len() - at - character.len_utf8()));
            }
        }
        is_blank = match character {
            '\n' if within == Within::Lines => true,
            _ => is_blank && stays && character.is_whitespace(),
        };
    }
    (out, grown)
}

/// A character in the escapes of a graph file.
fn spelt(character: char) -> String {
    match character {
        '\n' => "\\n".to_string(),
        '\r' => "\\r".to_string(),
        '\t' => "\\t".to_string(),
        _ => format!("\\u{{{:x}}}", u32::from(character)),
    }
}

/// Whether the first character of a text must be spelt out, wherever the text is shown.
pub fn must_be_spelt(rest: &str) -> bool {
    match rest.chars().next() {
        Some('#') => begins_command(rest),
        first => first.is_some_and(is_hidden),
    }
}

/// `##[group]` and `##vso[…]` are commands of CI servers wherever they stand in a line.
fn begins_command(rest: &str) -> bool {
    let word = rest.strip_prefix("##").map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()));
    word.is_some_and(|rest| rest.starts_with('['))
}

#[cfg(test)]
mod tests;
