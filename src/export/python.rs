//! Python expressions: a tree, and how it is printed on one line or several, in the style of `ruff format`.

use crate::escape;
use std::fmt::Write;

/// Lines are no longer than this.
pub const WIDTH: usize = 88;

/// An expression of the part of Python that spellings are written in.
#[derive(Debug, Clone, PartialEq)]
pub enum Python {
    Name(String),
    /// A number that is not negative, as it is written.
    Number(String),
    /// The words themselves; they are escaped where they are printed.
    Text(String),
    Attribute(Box<Python>, String),
    Call(Box<Python>, Vec<Argument>),
    Index(Box<Python>, Vec<Python>),
    /// `start:stop:step`, within an index.
    Range([Option<Box<Python>>; 3]),
    Unary(&'static str, Box<Python>),
    Binary(&'static str, Box<Python>, Box<Python>),
    /// `yes if condition else no`.
    If {
        condition: Box<Python>,
        yes: Box<Python>,
        no: Box<Python>,
    },
    Tuple(Vec<Python>),
    List(Vec<Python>),
    /// `*items`, within a call or a tuple.
    Star(Box<Python>),
}

/// One argument of a call, by place or by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    pub name: Option<String>,
    pub value: Python,
}

/// `NAME = {"key": value}`.
pub fn dict(constant: &str, pairs: Vec<(String, Python)>) -> String {
    let pair = |(key, value): (String, Python)| format!("{}: {}", escape::python(&key), value.print());
    let pairs: Vec<String> = pairs.into_iter().map(pair).collect();
    let line = format!("{constant} = {{{}}}", pairs.join(", "));
    match line.chars().count() <= WIDTH {
        true => format!("{line}\n"),
        false => format!("{constant} = {{\n    {},\n}}\n", pairs.join(",\n    ")),
    }
}

/// How tightly the operators of Python bind; more binds tighter.
pub mod binding {
    pub const IF: u8 = 1;
    pub const COMPARISON: u8 = 5;
    pub const UNARY: u8 = 12;
    pub const POWER: u8 = 13;
    pub const POSTFIX: u8 = 15;

    /// How tightly a sign between two operands binds.
    pub fn of(sign: &str) -> u8 {
        match sign {
            "or" => 2,
            "and" => 3,
            "|" => 6,
            "^" => 7,
            "&" => 8,
            "+" | "-" => 10,
            "*" | "/" | "@" | "%" | "//" => 11,
            "**" => POWER,
            _ => COMPARISON,
        }
    }
}

impl Python {
    pub fn name(name: impl Into<String>) -> Self {
        Self::Name(name.into())
    }

    pub fn int(value: i64) -> Self {
        match value < 0 {
            true => Self::Unary("-", Box::new(Self::Number(value.unsigned_abs().to_string()))),
            false => Self::Number(value.to_string()),
        }
    }

    /// A number in its shortest form: `2.0`, or `2` where ints do as well; `room` has `inf` and `nan`.
    pub fn float(value: f64, whole: bool, room: &str) -> Self {
        let size = value.abs();
        let digits = match value {
            _ if value.is_nan() => return Self::Attribute(Box::new(Self::name(room)), "nan".into()),
            _ if size.is_infinite() => Self::Attribute(Box::new(Self::name(room)), "inf".into()),
            _ if whole && size.fract() == 0.0 && size < 1e15 => Self::Number(format!("{size}")),
            _ => Self::Number(format!("{size:?}")),
        };
        match value.is_sign_negative() {
            true => Self::Unary("-", Box::new(digits)),
            false => digits,
        }
    }

    pub fn call(callee: Self, arguments: Vec<Self>) -> Self {
        let arguments = arguments.into_iter().map(|value| Argument { name: None, value });
        Self::Call(Box::new(callee), arguments.collect())
    }

    /// `a.b.c`.
    pub fn path(path: &str) -> Self {
        let mut parts = path.split('.');
        let first = Self::name(parts.next().unwrap_or_default());
        parts.fold(first, |of, part| Self::Attribute(Box::new(of), part.into()))
    }

    /// Adds an argument by name.
    pub fn with(self, name: &str, value: Self) -> Self {
        match self {
            Self::Call(callee, mut arguments) => {
                arguments.push(Argument { name: Some(name.into()), value });
                Self::Call(callee, arguments)
            }
            other => other,
        }
    }

    fn binding(&self) -> u8 {
        match self {
            Self::If { .. } => binding::IF,
            Self::Binary(sign, ..) => binding::of(sign),
            Self::Unary("not", _) => 4,
            Self::Unary(..) => binding::UNARY,
            Self::Range(_) | Self::Star(_) => 0,
            _ => binding::POSTFIX,
        }
    }

    /// On one line.
    pub fn print(&self) -> String {
        let mut text = String::new();
        self.put(&mut text);
        text
    }

    fn put_within(&self, text: &mut String, least: u8) {
        // Digits before a point would be read as a fraction.
        let is_number_before_point = least == binding::POSTFIX && matches!(self, Self::Number(_));
        match self.binding() < least || is_number_before_point {
            true => {
                text.push('(');
                self.put(text);
                text.push(')');
            }
            false => self.put(text),
        }
    }

    fn put(&self, text: &mut String) {
        match self {
            Self::Name(name) | Self::Number(name) => text.push_str(name),
            Self::Text(words) => text.push_str(&escape::python(words)),
            Self::Attribute(of, name) => {
                of.put_within(text, binding::POSTFIX);
                let _ = write!(text, ".{name}");
            }
            Self::Call(callee, arguments) => {
                callee.put_within(text, binding::POSTFIX);
                text.push('(');
                between(text, arguments.iter(), |text, argument| argument.put(text));
                text.push(')');
            }
            Self::Index(of, places) => {
                of.put_within(text, binding::POSTFIX);
                text.push('[');
                between(text, places.iter(), |text, place| place.put(text));
                text.push(']');
            }
            Self::Range(parts) => {
                let [start, stop, step] = parts;
                for (sign, part) in [("", start), (":", stop), (if step.is_some() { ":" } else { "" }, step)]
                {
                    text.push_str(sign);
                    if let Some(part) = part {
                        part.put(text);
                    }
                }
            }
            Self::Unary(sign, operand) => {
                text.push_str(sign);
                if *sign == "not" {
                    text.push(' ');
                }
                operand.put_within(text, self.binding());
            }
            Self::Binary("**", base, exponent) => {
                base.put_within(text, binding::POSTFIX - 1);
                let space = if base.is_simple() && exponent.is_simple() { "" } else { " " };
                let _ = write!(text, "{space}**{space}");
                exponent.put_within(text, binding::UNARY);
            }
            Self::Binary(sign, left, right) => {
                let own = binding::of(sign);
                left.put_within(text, own + u8::from(own == binding::COMPARISON));
                let _ = write!(text, " {sign} ");
                right.put_within(text, own + 1);
            }
            Self::If { condition, yes, no } => {
                yes.put_within(text, binding::IF + 1);
                text.push_str(" if ");
                condition.put_within(text, binding::IF + 1);
                text.push_str(" else ");
                no.put_within(text, binding::IF);
            }
            Self::Tuple(items) => {
                text.push('(');
                between(text, items.iter(), |text, item| item.put(text));
                text.push_str(if items.len() == 1 { ",)" } else { ")" });
            }
            Self::List(items) => {
                text.push('[');
                between(text, items.iter(), |text, item| item.put(text));
                text.push(']');
            }
            Self::Star(items) => {
                text.push('*');
                items.put_within(text, binding::POSTFIX);
            }
        }
    }

    /// No spaces stand around `**` between such operands.
    fn is_simple(&self) -> bool {
        match self {
            Self::Name(_) | Self::Number(_) => true,
            Self::Unary(sign, operand) => *sign != "not" && operand.is_simple(),
            Self::Attribute(of, _) => of.is_simple(),
            _ => false,
        }
    }

    /// Fits behind `before`, with so many characters to follow on the line.
    pub fn fits(&self, before: usize, after: usize) -> bool {
        before + self.print().chars().count() + after <= WIDTH
    }

    /// Over as many lines as it needs: `before` stands in front of the first line, `after` behind the last.
    pub fn lines(&self, before: &str, after: &str, indent: usize) -> Vec<String> {
        let width = |text: &str| text.chars().count();
        let (margin, own) = (" ".repeat(indent), width(before) + indent);
        if self.fits(own, width(after)) {
            return vec![format!("{margin}{before}{}{after}", self.print())];
        }
        let one_a_line = |open: String, parts: Vec<(String, &Python)>, close: &str| {
            let mut lines = vec![format!("{margin}{open}")];
            for (name, part) in parts {
                lines.extend(part.lines(&name, ",", indent + 4));
            }
            lines.push(format!("{margin}{close}{after}"));
            lines
        };
        match self {
            Self::Call(callee, arguments) if !arguments.is_empty() => {
                let name = |argument: &Argument| {
                    argument.name.as_ref().map_or_else(String::new, |name| format!("{name}="))
                };
                let parts = arguments.iter().map(|argument| (name(argument), &argument.value)).collect();
                let mut open = before.to_string();
                callee.put_within(&mut open, binding::POSTFIX);
                one_a_line(format!("{open}("), parts, ")")
            }
            Self::Unary(sign, operand) if matches!(**operand, Self::Call(..)) => {
                operand.lines(&format!("{before}{sign}"), after, indent)
            }
            Self::Tuple(items) if !items.is_empty() => one_a_line(format!("{before}("), unnamed(items), ")"),
            Self::List(items) if !items.is_empty() => one_a_line(format!("{before}["), unnamed(items), "]"),
            // A lone operator before a call: the call is taken apart, and no brackets come round all of it.
            Self::Binary(sign, left, right)
                if *sign != "**" && !left.splits_at(sign) && right.ends_in_call() =>
            {
                let mut open = before.to_string();
                let own = binding::of(sign);
                left.put_within(&mut open, own + u8::from(own == binding::COMPARISON));
                let _ = write!(open, " {sign} ");
                match right.binding() > own {
                    true => right.taken_apart(&open, after, indent),
                    false => vec![format!("{margin}{before}{}{after}", self.print())],
                }
            }
            Self::Binary(sign, ..) if *sign != "**" => {
                let mut lines = vec![format!("{margin}{before}(")];
                let mut terms = Vec::new();
                self.terms(binding::of(sign), "", &mut terms);
                for (sign, term, least) in terms {
                    let mut text = sign.to_string();
                    text.push_str(if sign.is_empty() { "" } else { " " });
                    term.put_within(&mut text, least);
                    lines.push(format!("{margin}    {text}"));
                }
                lines.push(format!("{margin}){after}"));
                lines
            }
            _ => vec![format!("{margin}{before}{}{after}", self.print())],
        }
    }

    /// A sign of the same binding joins its operands.
    fn splits_at(&self, sign: &str) -> bool {
        matches!(self, Self::Binary(own, ..) if binding::of(own) == binding::of(sign))
    }

    fn ends_in_call(&self) -> bool {
        match self {
            Self::Call(_, arguments) => !arguments.is_empty(),
            Self::Binary(sign, _, right) => *sign != "**" && right.ends_in_call(),
            _ => false,
        }
    }

    /// The call at the end over several lines, what stands before it on the first.
    fn taken_apart(&self, before: &str, after: &str, indent: usize) -> Vec<String> {
        match self {
            Self::Binary(sign, left, right) => {
                let mut open = before.to_string();
                let own = binding::of(sign);
                left.put_within(&mut open, own);
                let _ = write!(open, " {sign} ");
                right.taken_apart(&open, after, indent)
            }
            call => call.lines(before, after, indent),
        }
    }

    /// The operands of a chain of operators that bind alike, each with the sign before it.
    fn terms<'a>(&'a self, own: u8, sign: &'static str, terms: &mut Vec<(&'static str, &'a Python, u8)>) {
        let mut chain = Vec::new();
        let mut first = self;
        while let Self::Binary(sign, left, right) = first
            && binding::of(sign) == own
        {
            chain.push((*sign, &**right, own + 1));
            first = left;
        }
        terms.push((sign, first, own));
        terms.extend(chain.into_iter().rev());
    }
}

impl Argument {
    fn put(&self, text: &mut String) {
        if let Some(name) = &self.name {
            let _ = write!(text, "{name}=");
        }
        self.value.put(text);
    }
}

fn unnamed(items: &[Python]) -> Vec<(String, &Python)> {
    items.iter().map(|item| (String::new(), item)).collect()
}

fn between<T>(text: &mut String, items: impl Iterator<Item = T>, put: impl Fn(&mut String, T)) {
    for (at, item) in items.enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        put(text, item);
    }
}
