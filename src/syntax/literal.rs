//! Literals: what numbers, texts and subscripts say.

use super::{excerpt::Excerpt, tree::What};
use crate::{diagnostic::Diagnostic, source::Span};

/// A number as the grammar accepts it. Without a point and an exponent it is an
/// int; one too large for an int is a float.
pub(super) fn number(text: &str) -> What {
    let plain: std::borrow::Cow<str> =
        if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    match plain.parse::<i64>() {
        Ok(int) => What::Int(int),
        Err(_) => What::Float(plain.parse().unwrap_or(f64::NAN)),
    }
}

/// The refusal of a number that no float can hold.
pub(super) fn too_large(text: &str, span: Span) -> Diagnostic {
    // A number of a thousand digits is not worth showing.
    let shown: String = text.chars().take(40).collect();
    let more = if shown.len() < text.len() { "…" } else { "" };
    Diagnostic::error(format!("the number {shown}{more} is too large"))
        .at(span, "beyond all floats")
        .help("the largest float is about 1.8e308; infinity is written `inf`")
}

/// A number where only its size matters.
pub(super) fn float(text: &str) -> f64 {
    match number(text) {
        What::Int(int) => int as f64,
        What::Float(float) => float,
        _ => f64::NAN,
    }
}

/// A word that stands for a value of its own, not for a name.
pub(super) fn constant(word: &str) -> Option<What> {
    match word {
        "true" => Some(What::Flag(true)),
        "false" => Some(What::Flag(false)),
        "inf" => Some(What::Float(f64::INFINITY)),
        "nan" => Some(What::Float(f64::NAN)),
        _ => None,
    }
}

/// What a text between quotes says.
///
/// # Errors
/// An escape that does not exist.
pub(super) fn text(quoted: &Excerpt) -> Result<String, Diagnostic> {
    let end = quoted.text.len() - 1;
    let mut out = String::with_capacity(end);
    let mut chars = quoted.text[..end].char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let escaped = match chars.next() {
            Some((_, 'n')) => Some('\n'),
            Some((_, 't')) => Some('\t'),
            Some((_, c @ ('"' | '\\'))) => Some(c),
            Some((_, 'u')) => {
                let digits = quoted.text[at + 2..end].strip_prefix('{').and_then(|rest| rest.split_once('}'));
                digits.and_then(|(digits, _)| {
                    (0..digits.chars().count() + 2).for_each(|_| _ = chars.next());
                    u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
                })
            }
            _ => None,
        };
        match escaped {
            Some(c) => out.push(c),
            None => {
                let length = quoted.text[at + 1..].chars().next().map_or(0, char::len_utf8);
                return Err(Diagnostic::error("a text has an escape that does not exist")
                    .at(quoted.span(at..at + 1 + length), "unknown escape")
                    .help(
                        "the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{…}`; a backslash is `\\\\`",
                    ));
            }
        }
    }
    Ok(out)
}
