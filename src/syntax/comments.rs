//! The comments of a text, which no tree holds.

use crate::source::{Source, Spelling};

/// How many lines of a text that can be read have a comment.
pub fn comments(source: &Source, spelling: Spelling) -> usize {
    let text: &str = &source.text;
    let (mut count, mut at) = (0, 0);
    while let Some(found) = text[at..].find(['#', '"', '\'']) {
        at += found;
        let rest = &text[at..];
        at += match rest.as_bytes()[0] {
            b'#' => {
                count += 1;
                rest.find('\n').unwrap_or(rest.len())
            }
            b'\'' if spelling == Spelling::Graph => 1,
            _ => text_length(rest, spelling),
        };
    }
    count
}

/// The length of a text in quotes that begins here.
fn text_length(rest: &str, spelling: Spelling) -> usize {
    let quote = &rest[..1];
    let long = quote.repeat(3);
    let quote = if spelling == Spelling::Toml && rest.starts_with(&long) { &*long } else { quote };
    let mut at = quote.len();
    while at < rest.len() && !rest[at..].starts_with(quote) {
        let mut letters = rest[at..].chars();
        // What is escaped ends no text.
        if letters.next() == Some('\\') && !quote.starts_with('\'') {
            letters.next();
        }
        at = rest.len() - letters.as_str().len();
    }
    (at + quote.len()).min(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    #[test]
    fn a_sign_within_a_text_begins_no_comment() {
        let count = |text: &str, spelling| comments(&SourceMap::default().add("f", text).unwrap(), spelling);
        let graph = "# one\ntitle \"a # b \\\" # c\"  # two\ninput x = 3 # three \" # '\n#four";
        assert_eq!(count(graph, Spelling::Graph), 4);
        let toml = "# one\ntitle = 'a # \\'\ny = \"\"\"\n# no \\\"\"\" comment\n\"\"\" # two\nz = '''#'''\nw = \"\\\\\" #";
        assert_eq!(count(toml, Spelling::Toml), 3);
        assert_eq!(count("title \"open # \\", Spelling::Graph), 0);
    }
}
