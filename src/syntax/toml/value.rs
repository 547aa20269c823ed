//! Single values of a `.toml` file: what they may be, and what they become.

use crate::{
    diagnostic::Diagnostic,
    faults::Faults,
    source::{Name, Source, Span, Spanned},
    syntax::{
        ParseOptions,
        excerpt::Excerpt,
        literal,
        parallel::in_chunks,
        parts,
        tree::{Dim, Expression, Item, What},
    },
};
use std::ops::Range;
use toml::de::{DeString, DeValue};

pub(super) type Value<'i> = toml::Spanned<DeValue<'i>>;
pub(super) type Key<'i> = toml::Spanned<DeString<'i>>;
pub(super) type Table<'i> = toml::de::DeTable<'i>;

/// Reads values and collects what is wrong with them; `None` where it had to.
pub(in crate::syntax) struct Values<'a> {
    pub source: &'a Source,
    pub reading: &'a ParseOptions<'a>,
    pub errors: Faults,
}

/// What a value is, for messages.
pub(super) fn kind(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

impl<'a> Values<'a> {
    pub fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source.base + range.start as u32, self.source.base + range.end as u32)
    }

    pub fn fail<T>(&mut self, error: Diagnostic) -> Option<T> {
        self.errors.push(error);
        None
    }

    fn take<T>(&mut self, result: Result<T, Vec<Diagnostic>>) -> Option<T> {
        result.map_err(|errors| self.errors.extend(errors)).ok()
    }

    /// Refuses a value of the wrong kind.
    pub fn wrong<T>(&mut self, what: &str, expected: &str, value: &Value, help: &str) -> Option<T> {
        let found = kind(value.get_ref());
        let error = Diagnostic::error(format!("{what} must be {expected}, found {found}"))
            .at(self.span(value.span()), format!("expected {expected}"));
        self.fail(if help.is_empty() { error } else { error.help(help) })
    }

    pub fn unknown(&mut self, what: &str, key: &Key, known: &[&str]) {
        let name = key.get_ref();
        let error = Diagnostic::error(format!("unknown {what} `{name}`"))
            .at(self.span(key.span()), format!("known: {}", known.join(", ")))
            .did_you_mean(name, known.iter().copied());
        self.errors.push(error);
    }

    pub fn table<'v, 'i>(&mut self, what: &str, value: &'v Value<'i>) -> Option<&'v Table<'i>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => self.wrong(what, "a table", value, ""),
        }
    }

    pub fn string(&mut self, what: &str, value: &Value) -> Option<Spanned<String>> {
        match value.get_ref() {
            DeValue::String(text) => Some(Spanned::new(text.to_string(), self.span(value.span()))),
            _ => self.wrong(what, "a string", value, ""),
        }
    }

    /// What `read` makes of the entries of a table; the names of those that
    /// cannot be read go to `broken`.
    pub fn entries<T: Send>(
        &mut self,
        table: &Table,
        broken: &mut Vec<Box<str>>,
        read: impl Fn(&mut Values, &Key, &Value) -> Option<T> + Sync,
    ) -> Vec<T> {
        let entries: Vec<(&Key, &Value)> = table.iter().collect();
        let (source, reading) = (self.source, self.reading);
        let chunks = in_chunks(&entries, |entries| {
            let mut values = Values { source, reading, errors: Faults::new(reading.max_errors) };
            let read: Vec<Option<T>> =
                entries.iter().map(|(key, value)| read(&mut values, key, value)).collect();
            (read, values.errors)
        });
        let mut good = Vec::with_capacity(entries.len());
        let mut keys = entries.iter().map(|(key, _)| key);
        for (read, errors) in chunks {
            self.errors.append(errors);
            for (read, key) in read.into_iter().zip(keys.by_ref()) {
                match read {
                    Some(read) => good.push(read),
                    None => broken.push(key.get_ref().as_ref().into()),
                }
            }
        }
        good
    }

    /// One string, or an array of them.
    pub fn strings<'v, 'i>(&mut self, what: &str, value: &'v Value<'i>) -> Vec<&'v Value<'i>> {
        match value.get_ref() {
            DeValue::String(_) => vec![value],
            DeValue::Array(values) => {
                let is_string = |value: &&Value| matches!(value.get_ref(), DeValue::String(_));
                let (strings, others): (Vec<_>, Vec<_>) = values.iter().partition(is_string);
                for other in others {
                    self.wrong::<()>(what, "an array of strings", other, "");
                }
                strings
            }
            _ => {
                self.wrong::<()>(what, "a string or an array of strings", value, "");
                Vec::new()
            }
        }
    }

    /// What a string says, as a text to parse; empty for anything else.
    pub fn excerpt<'v>(&self, value: &'v Value) -> Excerpt<'v> {
        let raw = self.source.text.get(value.span()).unwrap_or("");
        let text = value.get_ref().as_str().unwrap_or("");
        Excerpt::of_toml(text, raw, self.span(value.span()).start)
    }

    /// A string that names a value, or its inner node.
    pub fn path(&mut self, value: &Value) -> Option<Name> {
        let text = value.get_ref().as_str().unwrap_or("");
        let span = self.span(value.span());
        if text.split('.').all(parts::is_name) {
            return Some(Name::new(text.into(), span));
        }
        self.fail(
            Diagnostic::error(format!("`{text}` is not a name"))
                .at(span, "expected the name of a value")
                .help("a name has letters, digits and `_`, and begins with no digit"),
        )
    }

    /// A key that names something new, or something that exists.
    pub fn name(&mut self, key: &Key) -> Option<Name> {
        let name = Name::new(key.get_ref().as_ref().into(), self.span(key.span()));
        if parts::is_name(&name.value) {
            return Some(name);
        }
        self.fail(
            Diagnostic::error(format!("`{}` is not a name", name.value))
                .at(name.span, "cannot be named so")
                .help("a name has letters, digits and `_`, and begins with no digit"),
        )
    }

    /// A key that names a value, be it an inner one: `"scores.relu1"`.
    pub fn key_path(&mut self, key: &Key) -> Option<Name> {
        let name = Name::new(key.get_ref().as_ref().into(), self.span(key.span()));
        if name.value.split('.').all(parts::is_name) {
            return Some(name);
        }
        self.name(key)
    }

    /// A key that names something new.
    pub fn new_name(&mut self, key: &Key) -> Option<Name> {
        let name = self.name(key)?;
        self.take(parts::free(name).map_err(|error| vec![error]))
    }

    /// A key that names what a node makes: `y`, or `"y, mean"`.
    pub fn new_names(&mut self, key: &Key) -> Option<Vec<Name>> {
        if !key.get_ref().contains(',') {
            return self.new_name(key).map(|name| vec![name]);
        }
        let span = self.span(key.span());
        let names = key.get_ref().split(',').map(|part| Name::new(part.trim().into(), span));
        let names: Vec<Name> = names.collect();
        if let Some(odd) = names.iter().find(|name| !parts::is_name(&name.value)) {
            let message = format!("`{}` is not a name", odd.value);
            return self.fail(
                Diagnostic::error(message)
                    .at(span, "names what a block gives")
                    .help("write `\"y, mean\" = \"norm(x)\"`"),
            );
        }
        let free = names.into_iter().map(parts::free).collect::<Result<Vec<_>, _>>();
        self.take(free.map_err(|error| vec![error]))
    }

    /// A value: a string is an expression, the others are literals.
    pub fn expression(&mut self, what: &str, value: &Value) -> Option<Expression> {
        match value.get_ref() {
            DeValue::String(_) => {
                let result = parts::expression_of(&self.excerpt(value), self.reading);
                self.take(result)
            }
            _ => self.literal(what, value),
        }
    }

    /// A value whose strings are texts.
    pub fn literal(&mut self, what: &str, value: &Value) -> Option<Expression> {
        let mut items = Vec::new();
        self.literal_items(what, value, &mut items)?;
        Some(Expression { items, span: self.span(value.span()) })
    }

    fn literal_items(&mut self, what: &str, value: &Value, items: &mut Vec<Item>) -> Option<()> {
        let span = self.span(value.span());
        let (what, negative) = match value.get_ref() {
            DeValue::String(text) => (What::Text(text.as_ref().into()), false),
            DeValue::Boolean(flag) => (What::Flag(*flag), false),
            DeValue::Integer(_) | DeValue::Float(_) => {
                self.held(value)?;
                number(value.get_ref())
            }
            DeValue::Array(values) => {
                // An expression inside of an array stands for its value there.
                for value in values {
                    self.literal_items(what, value, items)?;
                }
                (What::Array(values.len() as u32), false)
            }
            DeValue::Datetime(_) | DeValue::Table(_) => {
                return self.wrong(what, "a number, an array or an expression in a string", value, "");
            }
        };
        items.push(Item { what, span });
        if negative {
            items.push(Item { what: What::Negate, span });
        }
        Some(())
    }

    /// Refuses a number that no float can hold.
    fn held(&mut self, value: &Value) -> Option<()> {
        let text = match value.get_ref() {
            DeValue::Integer(int) => int.as_str(),
            DeValue::Float(float) => float.as_str(),
            _ => return Some(()),
        };
        let is_infinite = matches!(number(value.get_ref()), (What::Float(size), _) if size.is_infinite());
        match is_infinite && !text.ends_with("inf") {
            true => self.fail(literal::too_large(text, self.span(value.span()))),
            false => Some(()),
        }
    }

    /// A plain finite number.
    pub fn number(&mut self, what: &str, value: &Value) -> Option<Spanned<f64>> {
        self.held(value)?;
        let size = match number(value.get_ref()) {
            (What::Int(int), negative) => (int as f64, negative),
            (What::Float(float), negative) if float.is_finite() => (float, negative),
            _ => return self.wrong(what, "a finite number", value, ""),
        };
        let number = if size.1 { -size.0 } else { size.0 };
        Some(Spanned::new(number, self.span(value.span())))
    }

    /// `[3, "batch"]`.
    pub fn dims(&mut self, what: &str, value: &Value) -> Option<Spanned<Vec<Spanned<Dim>>>> {
        let form = "write it as `[3, 10]` or `[\"batch\", 10]`";
        let DeValue::Array(values) = value.get_ref() else {
            return self.wrong(what, "an array", value, form);
        };
        let mut dims = Vec::new();
        for value in values {
            let dim = match value.get_ref() {
                DeValue::String(text) if parts::is_name(text) => Dim::Name(text.as_ref().into()),
                other => match number(other) {
                    (What::Int(length), false) => Dim::Number(length as usize),
                    _ => return self.wrong(what, "an array of lengths and names", value, form),
                },
            };
            dims.push(Spanned::new(dim, self.span(value.span())));
        }
        Some(Spanned::new(dims, self.span(value.span())))
    }
}

/// The size of a number, and whether a minus stands before it; anything else is
/// no number and becomes a flag.
fn number(value: &DeValue) -> (What, bool) {
    match value {
        DeValue::Integer(int) => {
            let (digits, negative) = match int.as_str().strip_prefix('-') {
                Some(digits) => (digits, true),
                None => (int.as_str().trim_start_matches('+'), false),
            };
            let what = match i64::from_str_radix(digits, int.radix()) {
                Ok(int) => What::Int(int),
                // Too large for an int: a float, as in the other spelling.
                Err(_) if int.radix() == 10 => What::Float(digits.parse().unwrap_or(f64::NAN)),
                Err(_) => {
                    let size = u128::from_str_radix(digits, int.radix());
                    What::Float(size.map_or(f64::INFINITY, |size| size as f64))
                }
            };
            (what, negative)
        }
        DeValue::Float(float) => {
            let float: f64 = float.as_str().parse().unwrap_or(f64::NAN);
            (What::Float(float.abs()), float.is_sign_negative())
        }
        _ => (What::Flag(false), false),
    }
}
