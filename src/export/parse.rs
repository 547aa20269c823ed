//! Reads the spelling of a card: a Python expression.

use super::python::{Argument, Python, binding};

/// Signs, those first that others begin with.
const SIGNS: &[&str] = &[
    "**", "//", "<=", ">=", "==", "!=", "+", "-", "*", "/", "@", "%", "&", "|", "^", "<", ">", "~", "(", ")",
    "[", "]", ",", ":", ".", "=",
];

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Number(String),
    Text(String),
    Sign(&'static str),
}

/// An expression; `None` where the text is none.
pub fn parse(text: &str) -> Option<Python> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let parsed = parser.expression(0)?;
    (parser.at == parser.tokens.len()).then_some(parsed)
}

/// What stands between the brackets of `x[…]`.
pub fn parse_places(text: &str) -> Option<Vec<Python>> {
    match parse(&format!("x[{text}]"))? {
        Python::Index(_, places) => Some(places),
        _ => None,
    }
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = |is_part: fn(char) -> bool| rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let used = if first.is_alphabetic() || first == '_' {
            let end = length(|c| c.is_alphanumeric() || c == '_');
            tokens.push(Token::Word(rest[..end].into()));
            end
        } else if first.is_ascii_digit() {
            let end = length(|c| c.is_ascii_digit() || c == '.');
            tokens.push(Token::Number(rest[..end].into()));
            end
        } else if first == '\'' || first == '"' {
            let end = rest[1..].find(first)? + 1;
            tokens.push(Token::Text(rest[1..end].into()));
            end + 1
        } else if rest.starts_with("...") {
            tokens.push(Token::Word("...".into()));
            3
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
            tokens.push(Token::Sign(sign));
            sign.len()
        };
        rest = rest[used..].trim_start();
    }
    Some(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is_it = matches!(self.peek(), Some(Token::Sign(own)) if *own == sign);
        self.at += usize::from(is_it);
        is_it
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is_it = matches!(self.peek(), Some(Token::Word(own)) if own == word);
        self.at += usize::from(is_it);
        is_it
    }

    /// The operator that stands next: its sign, and how many tokens it is.
    fn operator(&self) -> Option<(&'static str, usize)> {
        match self.peek()? {
            Token::Sign(sign) if binding::of(sign) != binding::COMPARISON => Some((sign, 1)),
            Token::Sign(sign @ ("<" | "<=" | ">" | ">=" | "==" | "!=")) => Some((sign, 1)),
            Token::Word(word) => match word.as_str() {
                "and" => Some(("and", 1)),
                "or" => Some(("or", 1)),
                "is" if self.tokens.get(self.at + 1) == Some(&Token::Word("not".into())) => {
                    Some(("is not", 2))
                }
                "is" => Some(("is", 1)),
                _ => None,
            },
            _ => None,
        }
    }

    fn expression(&mut self, least: u8) -> Option<Python> {
        let mut left = self.prefix()?;
        while let Some((sign, tokens)) = self.operator().filter(|(sign, _)| binding::of(sign) >= least) {
            self.at += tokens;
            let own = binding::of(sign);
            let right = self.expression(if sign == "**" { binding::UNARY } else { own + 1 })?;
            left = Python::Binary(sign, Box::new(left), Box::new(right));
        }
        if least <= binding::IF && self.takes_word("if") {
            let condition = Box::new(self.expression(binding::IF + 1)?);
            let no = self.takes_word("else").then(|| self.expression(binding::IF))??;
            return Some(Python::If { condition, yes: Box::new(left), no: Box::new(no) });
        }
        Some(left)
    }

    fn prefix(&mut self) -> Option<Python> {
        for sign in ["-", "~"] {
            if self.takes(sign) {
                return Some(Python::Unary(sign, Box::new(self.expression(binding::UNARY)?)));
            }
        }
        if self.takes_word("not") {
            return Some(Python::Unary("not", Box::new(self.expression(4)?)));
        }
        if self.takes("*") {
            return Some(Python::Star(Box::new(self.expression(binding::COMPARISON)?)));
        }
        let mut value = self.atom()?;
        loop {
            if self.takes(".") {
                let Some(Token::Word(name)) = self.peek().cloned() else { return None };
                self.at += 1;
                value = Python::Attribute(Box::new(value), name);
            } else if self.takes("(") {
                value = Python::Call(Box::new(value), self.arguments()?);
            } else if self.takes("[") {
                value = Python::Index(Box::new(value), self.list("]", Self::place)?.0);
            } else {
                return Some(value);
            }
        }
    }

    fn atom(&mut self) -> Option<Python> {
        let token = self.peek()?.clone();
        self.at += 1;
        Some(match token {
            Token::Word(word) => Python::Name(word),
            Token::Number(number) => Python::Number(number),
            Token::Text(text) => Python::Text(text),
            Token::Sign("(") => {
                let (mut items, is_tuple) = self.list(")", |parser| parser.expression(0))?;
                match items.len() == 1 && !is_tuple {
                    true => items.pop()?,
                    false => Python::Tuple(items),
                }
            }
            Token::Sign("[") => Python::List(self.list("]", |parser| parser.expression(0))?.0),
            Token::Sign(_) => return None,
        })
    }

    fn arguments(&mut self) -> Option<Vec<Argument>> {
        let argument = |parser: &mut Self| {
            let name = match (parser.peek(), parser.tokens.get(parser.at + 1)) {
                (Some(Token::Word(name)), Some(Token::Sign("="))) => Some(name.clone()),
                _ => None,
            };
            parser.at += if name.is_some() { 2 } else { 0 };
            Some(Argument { name, value: parser.expression(0)? })
        };
        Some(self.list(")", argument)?.0)
    }

    /// Items up to a bracket, and whether a comma stands behind the last.
    fn list<T>(
        &mut self,
        close: &str,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<(Vec<T>, bool)> {
        let (mut items, mut comma) = (Vec::new(), false);
        while !self.takes(close) {
            if !items.is_empty() && !comma {
                return None;
            }
            items.push(item(self)?);
            comma = self.takes(",");
        }
        Some((items, comma))
    }

    /// A place of an index: an expression or a range.
    fn place(&mut self) -> Option<Python> {
        let mut parts = [None, None, None];
        let mut part = 0;
        loop {
            let ends = matches!(self.peek()?, Token::Sign("]" | ","));
            match (ends, self.takes(":")) {
                (true, _) if part == 0 => return parts[0].take().map(|start: Box<Python>| *start),
                (true, _) => return Some(Python::Range(parts)),
                (false, true) => part += 1,
                (false, false) => *parts.get_mut(part)? = Some(Box::new(self.expression(0)?)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_printed_as_it_stood() {
        for text in [
            "torch.sum(x, dim=axis, keepdim=keepdims)",
            "(a + b) * c - -d**2",
            "x.flatten(1) if x.ndim > 1 else x",
            "x[1:, ..., None, ::2, -1]",
            "f(*x, (axis,), [1, 2])",
            "-(a @ b).T ** f(x)",
            "a - (b - c)",
            "x is not None and not y",
        ] {
            assert_eq!(parse(text).map(|parsed| parsed.print()).as_deref(), Some(text));
        }
        for text in ["", "f(", "a b", "f(a b)", "1 +", "x[", "a if b"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
