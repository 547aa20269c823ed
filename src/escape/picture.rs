//! Words in the languages of other programs that draw.

use super::{line, text};

/// A text of Graphviz, with its quotes. Line breaks stay.
pub fn dot(words: &str) -> String {
    let mut out = String::from("\"");
    for character in text(words).chars() {
        match character {
            '"' => out.push_str("\\\""),
            // `\N` and `\G` would be names of the picture's parts.
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            // Entities are read within quotes too.
            '&' => out.push_str("&amp;"),
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

/// Text in the markup of Graphviz, between `<` and `>`. Line breaks stay.
pub fn dot_markup(words: &str) -> String {
    super::xml(words).replace('\n', "<br/>")
}

/// Text of LaTeX, in a document that says what to do with characters that are no
/// letters of its fonts: those are in `\\sign{…}`, by their code.
pub fn tikz(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for character in line(words).chars() {
        match character {
            '\\' => out.push_str("\\textbackslash{}"),
            '{' | '}' | '$' | '&' | '#' | '%' | '_' => out.extend(['\\', character]),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            // Other signs in the old encoding of TeX's fonts.
            '<' => out.push_str("\\textless{}"),
            '>' => out.push_str("\\textgreater{}"),
            '|' => out.push_str("\\textbar{}"),
            '"' => out.push_str("{\\char34}"),
            '`' => out.push_str("\\textasciigrave{}"),
            // Pairs of these become one.
            '-' | '\'' | ',' | '?' | '!' => out.extend(['{', character, '}']),
            ' '..='~' => out.push(character),
            _ => out.push_str(&format!("\\sign{{{:X}}}{{{character}}}", u32::from(character))),
        }
    }
    out
}

/// Text between quotes of Mermaid, with what Mermaid would read as its own spelt out.
/// Line breaks stay.
pub fn mermaid(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for character in text(words).chars() {
        match character {
            '"' => out.push_str("#quot;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            // Entities, Markdown, escapes, directives, icons.
            '#' | '`' | '\\' | '%' | '{' | '}' | ';' => {
                out.push_str(&format!("#{};", u32::from(character)));
            }
            '\n' => out.push_str("<br>"),
            _ => out.push(character),
        }
    }
    // Mermaid draws nothing for an empty label.
    if out.is_empty() { " ".to_string() } else { out }
}

/// The title in the YAML before a picture of Mermaid, with its quotes.
pub fn mermaid_title(words: &str) -> String {
    let mut out = String::from("\"");
    for character in line(words).chars() {
        // Mermaid looks for tags and directives before it reads the YAML.
        match matches!(character, '"' | '\\' | '<' | '>' | '&' | '#' | '%' | '{' | '}') {
            true => out.push_str(&format!("\\u{:04x}", u32::from(character))),
            false => out.push(character),
        }
    }
    out.push('"');
    out
}
