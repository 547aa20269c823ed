//! Syntax errors in words: what was found, what could have stood there, what to do.

use super::{
    excerpt::{Excerpt, first_word, is_word},
    foreign,
    grammar::Rule,
    parts::{STATEMENTS, is_reserved},
};
use crate::diagnostic::{Diagnostic, closest};
use pest::error::{Error, ErrorVariant};
use std::ops::Range;

/// Puts the parser's error at the farthest place it came to into words.
pub(super) fn explain(rule: Rule, text: &Excerpt, error: &Error<Rule>) -> Diagnostic {
    let whole = text.span(0..text.text.len());
    if let ErrorVariant::CustomError { .. } = error.variant {
        return Diagnostic::error("brackets are nested too deep for the memory at hand")
            .at(whole, "in this statement")
            .help("give inner parts names of their own");
    }
    let Some(attempts) = error.parse_attempts() else {
        return Diagnostic::error("this statement cannot be read").at(whole, "in here");
    };
    let tokens: Vec<String> = attempts.expected_tokens().iter().map(ToString::to_string).collect();
    let found = Found::at(text.text, attempts.max_position, rule);
    let expected = Expected::of(&tokens, &found, rule, text.text);
    let foreign = foreign::recognise(rule, text, &found.range, expected.value);
    if let Some(error) = foreign.or_else(|| unknown_statement(rule, text, &found)) {
        return error;
    }
    let message = match found.odd_number(text.text) {
        Some(word) => format!("`{word}` is neither a number nor a name"),
        None => format!("expected {}, found {}", expected.words(), found.words),
    };
    let label = match found.is_end(text.text) {
        _ if found.odd_number(text.text).is_some() => "a name begins with a letter or `_`".to_string(),
        true => format!("expected {} here", expected.words()),
        false => format!("expected {}", expected.words()),
    };
    let error = Diagnostic::error(message).at(text.span(found.range.clone()), label);
    match advice(rule, text.text, &found, &expected) {
        Some(help) => error.help(help),
        None => error,
    }
}

/// What stands at the place of an error.
struct Found {
    range: Range<usize>,
    words: String,
}

const SIGNS: &[&str] = &["->", "**", "==", ":=", "!=", "<=", ">=", "=>", "&&", "||", "//", "+=", "-=", "*="];

impl Found {
    fn at(text: &str, mut at: usize, rule: Rule) -> Self {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        // The parser tells `->` and `==` from `-` and `=` by the character after.
        let before = &text[..at];
        if before.ends_with('-') && text[at..].starts_with('>')
            || before.ends_with('=') && text[at..].starts_with('=')
        {
            at -= 1;
        }
        // Inside of a word: all of it.
        if text[at..].starts_with(is_word) {
            at = before.trim_end_matches(is_word).len().min(at);
        }
        let rest = &text[at..];
        let Some(first) = rest.chars().next() else {
            let words = match rule {
                Rule::expression | Rule::subscripts | Rule::input_note | Rule::attribute_note => "the end",
                _ => "the end of the statement",
            };
            return Self { range: at..at, words: words.into() };
        };
        let length = if is_word(first) {
            rest.find(|c: char| !is_word(c)).unwrap_or(rest.len())
        } else if first == '"' {
            rest[1..].find('"').map_or(rest.len(), |end| end + 2)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            sign.len()
        } else {
            first.len_utf8()
        };
        let word = &rest[..length];
        let words = match first {
            '"' => "a text".to_string(),
            '\n' => "the end of the line".to_string(),
            _ if first.is_whitespace() || first.is_control() => {
                format!("the character U+{:04X}", u32::from(first))
            }
            _ if word.chars().count() > 40 => format!("`{}…`", word.chars().take(40).collect::<String>()),
            _ => format!("`{word}`"),
        };
        Self { range: at..at + length, words }
    }

    fn is_end(&self, text: &str) -> bool {
        self.range.start >= text.len()
    }

    /// A word that begins like a number: `3x`.
    fn odd_number<'a>(&self, text: &'a str) -> Option<&'a str> {
        let word = &text[self.range.clone()];
        let odd = word.starts_with(|c: char| c.is_ascii_digit()) && word.contains(char::is_alphabetic);
        odd.then_some(word)
    }
}

/// What could have stood at the place of an error.
struct Expected {
    choices: Vec<String>,
    value: bool,
    operator: bool,
}

impl Expected {
    fn of(tokens: &[String], found: &Found, rule: Rule, text: &str) -> Self {
        let has = |token: &str| tokens.iter().any(|known| known == token);
        let value = has("\"") && has("[") && has("-");
        let operator = has("*") && has("+");
        let inside = has(")") || has("]");
        let thing = match () {
            _ if value => "a value",
            _ if operator => "an operator",
            _ if has("-") && has("_") && has("[") => "a number, a name or a list of names",
            _ if has("-") && has("0..9") && !has("+") => "an index",
            _ if has("[") && has("int") => "a type",
            _ if has("0..9") && has("BUILTIN_RULE") => "a dimension",
            _ if has("0..9") && has(".") && !has(",") => "a number",
            _ if has("0..9") && !inside && !has(",") && !has("=") => "a digit",
            _ if has("BUILTIN_RULE") && has("_") => "a name",
            _ if has("\"") => "a text in `\"`",
            _ if has("[") && !inside => "`[`",
            _ => "",
        };
        let mut choices: Vec<String> = Vec::from_iter((!thing.is_empty()).then(|| thing.to_string()));
        for sign in ["=", ":", ",", ";", ")", "]", "("] {
            // A value may begin with a bracket and a call goes on with one, and
            // `name = value` is a value too inside of a call.
            let implied = match sign {
                "(" => value || operator,
                ")" | "]" => value,
                "=" | ":" => operator,
                // One name is the rule.
                "," => rule == Rule::definition_line && has("=") && !inside,
                _ => false,
            };
            if has(sign) && !implied {
                choices.push(format!("`{sign}`"));
            }
        }
        let end = if rule == Rule::expression { "the end" } else { "the end of the statement" };
        if choices.is_empty() {
            let words = match found.words.as_str() {
                "`==`" => "one `=`",
                "`->`" => "a value",
                _ if found.words != end => {
                    if rule == Rule::leaf_line {
                        "a type"
                    } else {
                        end
                    }
                }
                _ => operand_of(rule, text),
            };
            choices.push(words.into());
        }
        if operator && !inside {
            choices.push(end.into());
        }
        Self { value: value || found.words == "`->`", operator, choices }
    }

    fn words(&self) -> String {
        match self.choices.as_slice() {
            [] => "something else".into(),
            [one] => one.clone(),
            [some @ .., last] => format!("{} or {last}", some.join(", ")),
        }
    }

    fn has(&self, sign: &str) -> bool {
        self.choices.iter().any(|choice| choice.trim_matches('`') == sign)
    }
}

/// What a statement needs after its word.
fn operand_of(rule: Rule, text: &str) -> &'static str {
    match rule {
        Rule::title_line | Rule::use_line | Rule::reason_line => "a text in `\"`",
        Rule::seed_line | Rule::tolerance_line => "a number",
        Rule::tags_line => "a tag",
        Rule::expect_line if text.ends_with("within") => "a number",
        _ => "a name",
    }
}

/// What to do about it, where that can be guessed.
fn advice(rule: Rule, text: &str, found: &Found, expected: &Expected) -> Option<String> {
    let rest = &text[found.range.start..];
    let before = text[..found.range.start].trim_end();
    let first = rest.chars().next();
    if let Some(ascii) = first.and_then(plain_twin) {
        return Some(format!("this is a wide character; write the plain `{ascii}`"));
    }
    if rest.starts_with("==") {
        return Some("a value is given with one `=`; `==` compares two values within an expression".into());
    }
    if let Some(word) = found.odd_number(text)
        && expected.operator
    {
        let digits = word.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(word.len());
        return Some(format!("for a product write `{} * {}`", &word[..digits], &word[digits..]));
    }
    // `2 x`, `2(x)`.
    let number = before.rsplit(|c: char| !(is_word(c) || c == '.')).next().unwrap_or("");
    let is_number = number.starts_with(|c: char| c.is_ascii_digit());
    if is_number && expected.operator && !expected.has(",") && first.is_some_and(|c| is_word(c) || c == '(') {
        let factor = if first == Some('(') { "(…)" } else { &text[found.range.clone()] };
        return Some(format!("for a product write `{number} * {factor}`"));
    }
    match first {
        None if rule == Rule::leaf_line && expected.value => {
            return Some("give it a value, or leave the `=` out and give the value at the run".into());
        }
        None if before.ends_with("->") => {
            return Some("a chain goes on with a line that begins with `->`".into());
        }
        None if expected.has("=") => return Some("a value is given with `name = value`".into()),
        Some(';') if rest.trim_end() == ";" => {
            return Some("a statement ends with its line: leave the `;` out".into());
        }
        Some(';') if text[..found.range.start].contains('(') => {
            return Some("in a call a comma stands before the attributes too".into());
        }
        Some(';') => return Some("a statement ends with its line; write each on a line of its own".into()),
        Some('\'') => return Some("a text stands between `\"`".into()),
        Some('\\') => {
            return Some(
                "inside of brackets line breaks are free, and a line that begins with `->` goes on with the one above"
                    .into(),
            );
        }
        Some('+') if expected.value => return Some("a number needs no `+`".into()),
        Some('=') if rule == Rule::block_line => {
            return Some("attributes stand after a `;`: `block f(x; n = 3)`".into());
        }
        Some('{') => return Some("a list stands between `[` and `]`".into()),
        _ => {}
    }
    let begins_value = first.is_some_and(|c| is_word(c) || matches!(c, '"' | '(' | '['));
    if expected.has(",") && begins_value {
        return Some("is a comma missing before it?".into());
    }
    if rest.starts_with(',') && before.ends_with(',') {
        return Some("is a value missing between the commas?".into());
    }
    match rule {
        _ if expected.has("a type") => Some(
            "a type is a shape in square brackets, `x: [2, 3]`; ints have a word before it, `x: int[2, 3]`, floats none"
                .into(),
        ),
        Rule::definition_line if first == Some(':') => {
            Some("only `input`, `param` and `const` take a type; the shape of a node follows".into())
        }
        Rule::definition_line if expected.has("=") => Some("a node is written `name = expression`".into()),
        Rule::expect_line if expected.has("(") => Some("write `expect grad(NAME) = 2.5`".into()),
        _ => None,
    }
}

/// The ASCII character that a full-width one stands for.
fn plain_twin(c: char) -> Option<char> {
    match c {
        '\u{3000}' => Some(' '),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '\u{2212}' | '\u{2013}' | '\u{2014}' => Some('-'),
        '\u{d7}' => Some('*'),
        '\u{201c}' | '\u{201d}' => Some('"'),
        _ => None,
    }
}

/// `inptu x = 3`: the first word was meant to begin a statement.
fn unknown_statement(rule: Rule, text: &Excerpt, found: &Found) -> Option<Diagnostic> {
    let word = first_word(text.text);
    let second = text.text[word.len()..].trim_start_matches([' ', '\t']);
    let at = text.text.len() - second.len();
    if rule != Rule::definition_line || found.range.start != at || word.len() == at || second.is_empty() {
        return None;
    }
    closest(word, STATEMENTS.iter().copied()).map(|known| {
        Diagnostic::error(format!("unknown statement `{word}`"))
            .at(text.span(0..word.len()), "no statement begins with this word")
            .help(format!("did you mean `{known}`?"))
    })
}

/// `[nodes]` in a `.graph` file.
pub(super) fn toml_line(text: &Excerpt) -> Diagnostic {
    Diagnostic::error("expected a statement, found a section as in a `.toml` file")
        .at(text.span(0..text.text.len()), "a `.graph` file has no sections")
        .help("name the file `.toml` if it is meant as one; else write `input x = 1`, `y = relu(x)`")
}

/// `input x = 1` in a `.toml` file.
pub(super) fn graph_line(text: &Excerpt) -> Option<Diagnostic> {
    is_graph_line(text.text).then(|| {
        Diagnostic::error(format!("found a statement as in a `.graph` file, `{} …`", first_word(text.text)))
            .at(text.span(0..text.text.len()), "expected `key = value` or a `[section]`")
            .help("name the file `.graph` if it is meant as one")
    })
}

pub(super) fn is_graph_line(line: &str) -> bool {
    let word = first_word(line);
    let rest = line[word.len()..].trim_start_matches([' ', '\t']);
    STATEMENTS.contains(&word)
        && rest.len() + word.len() < line.len()
        && rest.starts_with(|c: char| is_word(c) || c == '"' || c == '{')
}

/// `-> relu` with nothing above it.
pub(super) fn loose_chain(text: &Excerpt) -> Diagnostic {
    Diagnostic::error("expected a statement, found `->`")
        .at(text.span(0..2), "no statement begins with it")
        .help("it goes on with the line above, and there is no statement above it")
}

/// `input = 3`, `upstream = 1`: a reserved word in the place of a name.
pub(super) fn reserved_as_name(text: &Excerpt, word: &str) -> Option<Diagnostic> {
    let rest = text.text[word.len()..].trim_start_matches([' ', '\t']);
    if !is_reserved(word) || !rest.starts_with('=') || rest.starts_with("==") {
        return None;
    }
    let help = match word {
        "within" => "write `within 1e-6`, or choose another name".to_string(),
        "title" | "use" => format!("write `{word} \"…\"`, or choose another name"),
        "seed" => "write `seed 0`, or choose another name".to_string(),
        "output" => "write `output NAME`, or choose another name".to_string(),
        "upstream" => "write `upstream NAME = …`, or choose another name".to_string(),
        "input" | "param" | "const" | "backward" => {
            format!("write `{word} NAME = …`, or choose another name")
        }
        "surrogate" => "write `surrogate backward NAME = …`, or choose another name".to_string(),
        _ => format!("choose another name, `{word}_1` for one"),
    };
    Some(
        Diagnostic::error(format!("`{word}` is a reserved word"))
            .at(text.span(0..word.len()), "cannot be a name")
            .help(help),
    )
}

/// `block` or `check` without its `{`.
pub(super) fn no_body(text: &Excerpt, word: &str) -> Diagnostic {
    let end = text.text.len();
    let form = match word {
        "block" => "block NAME(x) { … }",
        _ => "check { … }",
    };
    Diagnostic::error(format!("`{word}` has no body"))
        .at(text.span(end..end), "expected `{` here")
        .help(format!("write `{form}`, with the `{{` on the same line"))
}
