//! Words and signs of other languages, found where a statement cannot be read.
//!
//! What is known of them stands in [`crate::phrasebook`]; here is only where they may stand.

use super::{
    excerpt::{Excerpt, first_word, is_word},
    grammar::Rule,
};
use crate::{
    diagnostic::Diagnostic,
    phrasebook::{NAMES, OPS, PROPERTIES, SIGNS, STATEMENTS, SUBSCRIPTS, WORDS, at_start, fill, find},
};
use std::ops::Range;

/// What stands at `found`, where the parser could not go on, if another language has it.
/// `value` says that a value could have stood there.
pub(super) fn recognise(rule: Rule, text: &Excerpt, found: &Range<usize>, value: bool) -> Option<Diagnostic> {
    let place = Place { rule, text, start: found.start, found: found.clone(), value };
    place
        .statement()
        .or_else(|| place.number())
        .or_else(|| place.subscript())
        .or_else(|| place.method())
        .or_else(|| place.sign())
        .or_else(|| place.word())
        .or_else(|| place.tuple())
}

/// A line of a `.toml` file that begins as a statement of another language does.
pub(super) fn toml_line(text: &Excerpt) -> Option<Diagnostic> {
    let word = first_word(text.text);
    let here = find(STATEMENTS, word).filter(|_| is_statement(text.text))?;
    Some(no_statement(text, word, here))
}

/// A line begins with a word that begins a statement in another language.
pub(super) fn is_statement(line: &str) -> bool {
    let word = first_word(line);
    let rest = line[word.len()..].trim_start();
    find(STATEMENTS, word).is_some() && !rest.starts_with(['=', '.', ']'])
}

/// A value of a `.toml` file that is one in another language: `True`.
pub(super) fn toml_value(text: &Excerpt) -> Option<Diagnostic> {
    let here = find(NAMES, text.text)?;
    let fault = Diagnostic::error(format!("`{}` has no meaning in a graph file", text.text));
    Some(fault.at(text.span(0..text.text.len()), "not a value here").help(fill(here, &[])))
}

fn no_statement(text: &Excerpt, word: &str, here: &str) -> Diagnostic {
    Diagnostic::error(format!("there is no `{word}` in a graph file"))
        .at(text.span(0..word.len()), "begins no statement")
        .help(fill(here, &[]))
}

struct Place<'a> {
    rule: Rule,
    text: &'a Excerpt<'a>,
    start: usize,
    found: Range<usize>,
    value: bool,
}

impl Place<'_> {
    fn rest(&self) -> &str {
        &self.text.text[self.start..]
    }

    fn before(&self) -> &str {
        &self.text.text[..self.start]
    }

    fn word_found(&self) -> &str {
        &self.text.text[self.found.clone()]
    }

    /// `for i in …`, `loss.backward()`, `a, b = …`, `x[0] = …`: the line as a whole.
    fn statement(&self) -> Option<Diagnostic> {
        let text = self.text.text;
        let word = first_word(text);
        let behind = text[word.len()..].trim_start_matches([' ', '\t']);
        if self.rule != Rule::definition_line || self.start != text.len() - behind.len() {
            return None;
        }
        if let Some(here) = find(STATEMENTS, word) {
            return Some(no_statement(self.text, word, here));
        }
        let line = || self.text.span(0..text.lines().next().unwrap_or("").trim_end().len());
        if word.is_empty() {
            return self.sign();
        }
        let call = behind.starts_with(['.', '(']) && behind.contains('(');
        let assigned = behind.split(['(', '[']).next().is_some_and(|start| start.contains('='));
        if call && !assigned {
            let path = &text[..text.find(['(', ' ']).unwrap_or(text.len())];
            let last = path.rsplit('.').next().unwrap_or(path);
            let here = find(OPS, last).unwrap_or("a line gives a name its value: `y = relu(x)`");
            let fault = Diagnostic::error(format!("`{path}(…)` alone is no statement"));
            return Some(fault.at(line(), "gives no name a value").help(fill(here, &[])));
        }
        let (message, help) = match behind.chars().next()? {
            '[' if behind.contains("] =") || behind.contains("]=") => (
                "a part of a value is not given one by itself",
                "a value is made whole; `concat(a, b, axis = 0)` joins parts",
            ),
            ',' => ("a line gives one name its value", "write a line for each name"),
            _ => return None,
        };
        Some(Diagnostic::error(message).at(line(), "found here").help(help))
    }

    /// The innermost bracket that is open here: where it stands, and whether a value stands
    /// right before it.
    fn bracket(&self) -> Option<(usize, u8, bool)> {
        let (mut open, mut in_text, mut in_comment) = (Vec::new(), false, false);
        for (at, byte) in self.before().bytes().enumerate() {
            match byte {
                b'\n' => in_comment = false,
                _ if in_comment => {}
                b'"' => in_text = !in_text,
                _ if in_text => {}
                b'#' => in_comment = true,
                b'(' | b'[' => open.push((at, byte)),
                b')' | b']' => _ = open.pop(),
                _ => {}
            }
        }
        let (at, byte) = open.pop()?;
        let before = self.text.text[..at].chars().next_back();
        Some((at, byte, before.is_some_and(|c| c == '_' || c.is_alphanumeric() || matches!(c, ')' | ']'))))
    }

    /// `x[..., 0]`, `x[:, None]`, `x[i]`.
    fn subscript(&self) -> Option<Diagnostic> {
        let open = match (self.rule, self.bracket()) {
            (Rule::subscripts, _) => 0,
            (_, Some((open, b'[', true))) => open,
            _ => return None,
        };
        let (typed, here) = match at_start(SUBSCRIPTS, self.rest()) {
            Some((typed, here)) if !typed.starts_with(char::is_alphabetic) => (typed, here),
            _ if self.rest().starts_with(|c: char| c == '_' || c.is_alphabetic()) => {
                let word = self.word_found();
                let other = "a place is a whole number as it is, `{x}[1]` or `{x}[-1]`; rows are chosen by a product, `one_hot(t, classes = 2) @ {x}`";
                (word, find(SUBSCRIPTS, word).unwrap_or(other))
            }
            _ => return None,
        };
        let place = self.text.span(self.start..self.start + typed.len());
        let fault = Diagnostic::error(format!("`{typed}` cannot stand in an index"));
        let of = &self.text.text[..open];
        let of = &of[of.trim_end_matches(is_word).len()..];
        let words: &[(char, &str)] = if of.is_empty() { &[] } else { &[('x', of)] };
        Some(fault.at(place, "expected a whole number or a range").help(fill(here, words)))
    }

    /// `a <= b`, `!a`, `a += 1`.
    fn sign(&self) -> Option<Diagnostic> {
        let mut start = self.start;
        // The parser takes `/` and `*` for signs before it sees that another one follows.
        if self.value && self.rest().starts_with(['/', '*']) && self.before().ends_with('/') {
            start -= 1;
        }
        // Signs that are letters elsewhere stand within words here.
        if let Some((at, _)) = self
            .word_found()
            .char_indices()
            .find(|(_, c)| !c.is_alphabetic() && !c.is_ascii() && c.is_alphanumeric())
        {
            start = self.found.start + at;
        }
        let rest = &self.text.text[start..];
        let (typed, here) = match rest {
            // What is compared stands behind the `=` of its statement and outside of a call.
            _ if rest.starts_with("==") => {
                let is_value = self.rule == Rule::expression
                    || self.rule == Rule::definition_line && self.before().contains('=');
                let compared = is_value && self.bracket().is_none() && !self.value;
                ("==", compared.then(|| find(WORDS, "is"))??)
            }
            _ => at_start(SIGNS, rest)?,
        };
        match typed {
            "*" | "**" => {
                let alone = self.value && self.before().trim_end().ends_with(['(', ',']);
                alone.then_some(())?;
            }
            "'" if self.value => return None,
            _ => {}
        }
        let place = self.text.span(start..start + typed.len());
        let fault = Diagnostic::error(format!("`{typed}` has no meaning in a graph file"));
        let words = if typed.starts_with('*') { Vec::new() } else { self.sides(start, start + typed.len()) };
        Some(fault.at(place, "not written so here").help(fill(here, &words)))
    }

    /// The words beside a sign, where nothing else belongs to them.
    fn sides(&self, start: usize, end: usize) -> Vec<(char, &str)> {
        let is_part = |c: char| is_word(c) || c == '.';
        let (before, behind) = (self.text.text[..start].trim_end(), self.text.text[end..].trim_start());
        let left = &before[before.trim_end_matches(is_part).len()..];
        let right = &behind[..behind.find(|c| !is_part(c)).unwrap_or(behind.len())];
        let outside = before[..before.len() - left.len()].trim_end().chars().next_back();
        let beyond = behind[right.len()..].trim_start_matches([' ', '\t']).chars().next();
        let alone = outside.is_none_or(|c| matches!(c, '=' | '(' | ',' | '['))
            && beyond.is_none_or(|c| matches!(c, ')' | ',' | ']' | '\n' | '#'));
        let is_name = |word: &str| word.starts_with(|c: char| c == '_' || c.is_alphabetic());
        match (left, right) {
            _ if !alone => Vec::new(),
            ("", right) if is_name(right) => vec![('x', right)],
            (left, "") if is_name(left) => vec![('x', left)],
            ("", _) | (_, "") => Vec::new(),
            (left, right) => vec![('a', left), ('b', right), ('x', if is_name(left) { left } else { "x" })],
        }
    }

    /// `(x + 1).sum()`
    fn method(&self) -> Option<Diagnostic> {
        let name = self.rest().strip_prefix('.').filter(|_| !self.value)?;
        let name = first_word(name);
        name.starts_with(char::is_alphabetic).then_some(())?;
        let place = self.text.span(self.start..self.start + 1 + name.len());
        let fault = Diagnostic::error(format!("`.{name}` cannot stand behind a value"));
        let here = find(PROPERTIES, name).or_else(|| find(OPS, name));
        let here = here
            .unwrap_or("an op stands before its inputs, `relu({x} + 1)`, or behind an arrow, `{x} -> relu`");
        Some(fault.at(place, "nothing stands behind a point here").help(fill(here, &[])))
    }

    /// `a if b else c`, `not a`, `[i for i in x]`.
    fn word(&self) -> Option<Diagnostic> {
        let is_note = matches!(
            self.rule,
            Rule::input_note | Rule::attribute_note | Rule::block_line | Rule::subscripts
        );
        if is_note || self.rule == Rule::leaf_line && !self.before().contains('=') {
            return None;
        }
        let before = self.before().trim_end();
        let last = before.len()
            - before.chars().rev().take_while(|&c| is_word(c)).map(char::len_utf8).sum::<usize>();
        let candidates = [self.found.clone(), last..before.len()];
        let (place, here) = candidates
            .into_iter()
            .find_map(|range| Some((range.clone(), find(WORDS, &self.text.text[range])?)))?;
        let word = &self.text.text[place.clone()];
        // `x = lambda` alone is a name as any other.
        if self.start >= self.text.text.len() {
            return None;
        }
        let fault = Diagnostic::error(format!("there is no `{word}` in a graph file"));
        Some(fault.at(self.text.span(place), "has no meaning here").help(fill(here, &[])))
    }

    /// `1e3f`, `0x1F`, `2j`.
    fn number(&self) -> Option<Diagnostic> {
        let text = self.text.text;
        let is_exponent_sign = |at: usize| {
            let before = &text.as_bytes()[..at];
            matches!(before, [.., b'0'..=b'9' | b'.', b'e' | b'E'])
        };
        let mut start = self.start;
        while let Some(c) = text[..start].chars().next_back() {
            let at = start - c.len_utf8();
            if !(is_word(c) || c == '.' || matches!(c, '+' | '-') && is_exponent_sign(at)) {
                break;
            }
            start = at;
        }
        let length = text[start..].find(|c: char| !(is_word(c) || c == '.')).unwrap_or(text.len() - start);
        let word = &text[start..(start + length).max(self.found.end).min(text.len())];
        let (size, suffix) = word.split_at(number_length(word)?);
        let help = match suffix {
            "f" | "F" | "d" | "D" | "l" | "L" | "u" | "U" | "h" | "f32" | "f64" | "_f32" | "_f64" => {
                format!("a number has no letter behind it: write `{size}`")
            }
            "j" | "J" => "there are no complex numbers".to_string(),
            _ if size == "0" && suffix.starts_with(['x', 'X', 'b', 'B', 'o', 'O']) => {
                let radix = match suffix.as_bytes()[0].to_ascii_lowercase() {
                    b'x' => 16,
                    b'o' => 8,
                    _ => 2,
                };
                format!("numbers are decimal: write `{}`", i64::from_str_radix(&suffix[1..], radix).ok()?)
            }
            _ => return None,
        };
        Some(
            Diagnostic::error(format!("`{word}` is neither a number nor a name"))
                .at(self.text.span(start..start + word.len()), "no number is written so")
                .help(help),
        )
    }

    /// `(2, 3)`.
    fn tuple(&self) -> Option<Diagnostic> {
        let Some((open, b'(', false)) = self.bracket() else { return None };
        let is_last = self.rest().starts_with(')') && self.before().trim_end().ends_with(',');
        if !is_last && (self.value || !self.rest().starts_with(',')) {
            return None;
        }
        let inside = &self.text.text[open + 1..];
        let mut depth = 0usize;
        let end = inside.find(|c: char| {
            depth += usize::from(matches!(c, '(' | '['));
            let closes = depth == 0 && c == ')';
            depth = depth.saturating_sub(usize::from(matches!(c, ')' | ']')));
            closes
        })?;
        let list = inside[..end].trim().trim_end_matches(',');
        let place = self.text.span(open..open + end + 2);
        let help = match list.contains(['(', '"', '\n', '#']) || list.len() > 60 {
            true => "a list stands between `[` and `]`".to_string(),
            false => format!("a list stands between `[` and `]`: `[{list}]`"),
        };
        Some(
            Diagnostic::error("there are no tuples in a graph file")
                .at(place, "a list in round brackets")
                .help(help),
        )
    }
}

/// The bytes at the beginning of a word that are a number.
fn number_length(word: &str) -> Option<usize> {
    let digits = |from: usize| word[from..].bytes().take_while(|b| b.is_ascii_digit() || *b == b'_').count();
    let mut end = digits(0);
    if word[end..].starts_with('.') {
        end += 1 + digits(end + 1);
    }
    if !word[..end].contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if word[end..].starts_with(['e', 'E']) {
        let sign = usize::from(word[end + 1..].starts_with(['+', '-']));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    Some(end)
}
