//! Characters of a file that are not seen, or that show it in another order than it is
//! read: what a reviewer sees must be what is run.

use crate::{
    diagnostic::Diagnostic,
    escape::{is_control, is_invisible, turns_direction},
    faults::Faults,
    source::{Source, Span, Spelling},
};

/// The first such character of every line. Those that turn the text, and controls, are
/// refused; those that only take no room are warned of. At most so many are kept.
pub fn hidden(source: &Source, spelling: Spelling, most: usize) -> Faults {
    let mut found = Faults::new(most);
    let text: &str = &source.text;
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\t' | b'\n');
    if text.bytes().all(is_plain) {
        return found;
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.strip_suffix("\r\n").or(line.strip_suffix('\n')).unwrap_or(line);
        // A mark of the byte order may stand before the first line.
        let begin = if start == 0 && bare.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        if !bare.bytes().all(is_plain) {
            let first = bare[begin..].char_indices().find_map(|(at, character)| {
                Some((begin + at, character, kind(bare, begin + at, character, spelling)?))
            });
            found.extend(first.map(|(at, character, kind)| {
                let at = source.base + (start + at) as u32;
                described(kind, character, Span::new(at, at + character.len_utf8() as u32), spelling)
            }));
        }
        start += line.len();
    }
    found
}

#[derive(Clone, Copy)]
enum Kind {
    Control,
    Turning,
    Invisible,
}

fn kind(line: &str, at: usize, character: char, spelling: Spelling) -> Option<Kind> {
    match character {
        '\t' => None,
        // TOML itself refuses these.
        _ if character.is_ascii_control() && spelling == Spelling::Toml => None,
        _ if is_control(character) => Some(Kind::Control),
        _ if turns_direction(character) => Some(Kind::Turning),
        '\u{200c}' | '\u{200d}' if joins(line, at, character) => None,
        _ if is_invisible(character) => Some(Kind::Invisible),
        _ => None,
    }
}

/// Between letters of scripts that need it, and within emoji, a joiner is part of the word.
fn joins(line: &str, at: usize, joiner: char) -> bool {
    let before = line[..at].chars().next_back();
    let after = line[at + joiner.len_utf8()..].chars().next();
    let is_joined = |c: char| !c.is_ascii() && !is_invisible(c);
    before.is_some_and(is_joined) && after.is_some_and(is_joined)
}

fn described(kind: Kind, character: char, span: Span, spelling: Spelling) -> Diagnostic {
    let code = u32::from(character);
    let found = match kind {
        Kind::Control => Diagnostic::error(format!("this line holds the control character U+{code:04X}"))
            .at(span, "a terminal or an editor takes it for a command"),
        Kind::Turning => {
            Diagnostic::error(format!("this line holds U+{code:04X}, which turns its direction"))
                .at(span, "what follows is shown in another order than it is read")
        }
        Kind::Invisible => Diagnostic::warning(format!("this line holds U+{code:04X}, which nobody sees"))
            .at(span, "takes no room"),
    };
    found.help(match (spelling, code) {
        (Spelling::Graph, _) => format!("delete it; within a text write `\\u{{{code:x}}}`"),
        (Spelling::Toml, ..=0xffff) => format!("delete it; within a string write `\\u{code:04X}`"),
        (Spelling::Toml, _) => format!("delete it; within a string write `\\U{code:08X}`"),
    })
}
