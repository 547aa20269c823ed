//! Words in marked-up text.

use super::{line, text};

/// Words in a paragraph or a cell of a table of Markdown: no character is left that
/// means something there, not even to the extensions of GitHub.
pub fn markdown(words: &str) -> String {
    let words = line(words);
    let mut out = String::with_capacity(words.len());
    let mut rest = words.chars().peekable();
    while let Some(character) = rest.next() {
        let stays = match character {
            ',' | '-' | '/' => true,
            // `www.` begins an address.
            '.' => !out.ends_with(['w', 'W']),
            _ => !character.is_ascii_punctuation(),
        };
        match stays {
            true => out.push(character),
            false => out.push_str(&format!("&#{};", u32::from(character))),
        }
        // An address of mail is looked for once the entities are read.
        if character == '@' && rest.peek().is_some_and(|next| next.is_alphanumeric()) {
            out.push_str("<wbr>");
        }
    }
    out
}

/// Text of XML, SVG or HTML, between tags or as an attribute. Line breaks stay.
pub fn xml(words: &str) -> String {
    let words = text(words);
    let mut out = String::with_capacity(words.len());
    for character in words.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
    out
}
