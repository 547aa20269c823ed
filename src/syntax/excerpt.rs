//! A piece of text that is parsed by itself, and where its bytes stand in the
//! common numbering: a statement of a `.graph` file, or what a TOML string says.

use crate::source::{Source, Span};
use std::ops::Range;

#[derive(Debug, Clone)]
pub(super) struct Excerpt<'a> {
    pub text: &'a str,
    /// Where runs of bytes stand: (offset in `text`, position), both growing.
    /// Bytes between two entries follow the first one step by step.
    runs: Runs,
}

#[derive(Debug, Clone)]
enum Runs {
    One(u32),
    Many(Vec<(u32, u32)>),
}

impl<'a> Excerpt<'a> {
    pub fn whole(source: &'a Source) -> Self {
        Self { text: &source.text, runs: Runs::One(source.base) }
    }

    /// `text` is found as it is at `position`.
    pub fn at(text: &'a str, position: u32) -> Self {
        Self { text, runs: Runs::One(position) }
    }

    /// What a TOML string says; `raw` is the string as written, with its quotes,
    /// at `position`.
    pub fn of_toml(text: &'a str, raw: &str, position: u32) -> Self {
        let (quotes, escapes) = match raw.as_bytes() {
            [b'"', b'"', b'"', ..] => (3, true),
            [b'\'', b'\'', b'\'', ..] => (3, false),
            [b'"', ..] => (1, true),
            _ => (1, false),
        };
        let inside = raw.get(quotes..).unwrap_or("");
        // TOML drops a line break right after the opening quotes.
        let skipped = match inside {
            _ if quotes == 1 => 0,
            _ if inside.starts_with("\r\n") => 2,
            _ if inside.starts_with('\n') => 1,
            _ => 0,
        };
        let (start, inside) = (quotes + skipped, &inside[skipped..]);
        if inside.starts_with(text) {
            return Self::at(text, position + start as u32);
        }
        let mut runs = vec![(0, position + start as u32)];
        let mut raw = inside.char_indices().peekable();
        for (offset, _) in text.char_indices() {
            if escapes {
                skip_line_continuation(&mut raw);
            }
            let Some((at, c)) = raw.next() else { break };
            runs.push((offset as u32, position + (start + at) as u32));
            match c {
                '\\' if escapes => {
                    let digits = match raw.next() {
                        Some((_, 'x')) => 2,
                        Some((_, 'u')) => 4,
                        Some((_, 'U')) => 8,
                        _ => 0,
                    };
                    (0..digits).for_each(|_| _ = raw.next());
                }
                '\r' => _ = raw.next_if(|&(_, c)| c == '\n'),
                _ => {}
            }
        }
        let end = raw.next().map_or(inside.len(), |(at, _)| at);
        runs.push((text.len() as u32, position + (start + end) as u32));
        Self { text, runs: Runs::Many(runs) }
    }

    /// The span of a range of bytes of the text.
    pub fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.position(range.start), self.position(range.end))
    }

    pub fn position(&self, offset: usize) -> u32 {
        let offset = offset as u32;
        match &self.runs {
            Runs::One(start) => start + offset,
            Runs::Many(runs) => {
                let (from, position) = runs[runs.partition_point(|&(from, _)| from <= offset) - 1];
                position + (offset - from)
            }
        }
    }

    /// A range of this excerpt, as one by itself.
    pub fn part(&self, range: Range<usize>) -> Excerpt<'a> {
        let runs = match &self.runs {
            Runs::One(start) => Runs::One(start + range.start as u32),
            Runs::Many(runs) => {
                let from = range.start as u32;
                let rest = runs.iter().filter(|&&(at, _)| at > from && at <= range.end as u32);
                let first = (0, self.position(range.start));
                Runs::Many(std::iter::once(first).chain(rest.map(|&(at, to)| (at - from, to))).collect())
            }
        };
        Excerpt { text: &self.text[range], runs }
    }
}

/// The word that a text begins with; empty when it begins otherwise.
pub(super) fn first_word(text: &str) -> &str {
    &text[..text.find(|c: char| !is_word(c)).unwrap_or(text.len())]
}

pub(super) fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// A backslash at the end of a line takes all white space after it away.
fn skip_line_continuation(raw: &mut std::iter::Peekable<std::str::CharIndices>) {
    loop {
        let mut ahead = raw.clone();
        if ahead.next().is_none_or(|(_, c)| c != '\\') {
            return;
        }
        while ahead.next_if(|&(_, c)| c == ' ' || c == '\t').is_some() {}
        if ahead.next_if(|&(_, c)| c == '\n' || c == '\r').is_none() {
            return;
        }
        while ahead.next_if(|&(_, c)| c.is_ascii_whitespace()).is_some() {}
        *raw = ahead;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The excerpt of the one string in `toml`, and where `word` of it stands.
    fn found(toml: &str, word: &str) -> usize {
        let table = toml::de::DeTable::parse(toml).unwrap();
        let value = table.get_ref().values().next().unwrap();
        let text = value.get_ref().as_str().unwrap();
        let excerpt = Excerpt::of_toml(text, &toml[value.span()], value.span().start as u32);
        excerpt.position(text.find(word).unwrap()) as usize
    }

    #[test]
    fn words_of_toml_strings_are_found_behind_escapes_and_line_breaks() {
        for toml in [
            r#"x = "りんご + here""#,
            r#"x = "\u308a\u3093ご \t\\ \"q\" \U0001F34E + here""#,
            "x = 'a\\b + here'",
            "x = \"\"\"\na +\n  here\"\"\"",
            "x = \"\"\"\r\na +\r\n  here\"\"\"",
            "x = '''\na # b\n + here'''",
            "x = \"\"\"a \\\n\n   + \\  \r\n \\\n here\"\"\"",
        ] {
            assert_eq!(found(toml, "here"), toml.find("here").unwrap(), "{toml}");
        }
    }

    #[test]
    fn a_part_keeps_its_places() {
        let raw = r#""a\tb\tc d""#;
        let excerpt = Excerpt::of_toml("a\tb\tc d", raw, 10);
        let part = excerpt.part(4..7);
        assert_eq!((part.text, part.position(0), part.position(2)), ("c d", 17, 19));
    }
}
