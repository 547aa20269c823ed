//! A document as a `.toml` file.

use super::{block_attribute, block_input, plain_number, print_expression};
use crate::{
    escape::must_be_spelt,
    source::Name,
    syntax::{tolerance::Tolerance, tree::*},
    tensor::Kind,
};
use std::fmt::Write;

pub(super) fn print(document: &Document) -> String {
    let mut out = Writer::default();
    if let Some(title) = &document.title {
        out.line(&format!("title = {}", string(&title.value)));
    }
    if let Some(seed) = &document.seed {
        out.line(&format!("seed = {}", seed.value));
    }
    let Testing { tags, skip, xfail, within } = &document.testing;
    if !tags.is_empty() {
        out.line(&format!("tags = {}", names(tags)));
    }
    for (word, reason) in [("skip", skip), ("xfail", xfail)] {
        if let Some(reason) = reason {
            out.line(&format!("{word} = {}", string(&reason.value)));
        }
    }
    if let Some(within) = within {
        out.line(&format!("within = {}", plain_number(within.value)));
    }
    if !document.uses.is_empty() {
        out.line(&format!("use = {}", strings(document.uses.iter().map(|file| &*file.value))));
    }
    if !document.outputs.is_empty() {
        out.line(&format!("output = {}", names(&document.outputs)));
    }
    out.leaves("", &document.leaves);
    let upstreams = document.upstreams.iter().map(|upstream| (&*upstream.name.value, &upstream.value));
    out.values("upstream", upstreams);
    out.nodes("nodes", &document.nodes);
    for block in &document.blocks {
        out.block(block);
    }
    out.section("check", document.settings.iter().map(setting));
    out.expectations(&document.expectations);
    out.text
}

#[derive(Default)]
struct Writer {
    text: String,
}

impl Writer {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn header(&mut self, section: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        _ = writeln!(self.text, "[{section}]");
    }

    fn section(&mut self, section: &str, lines: impl Iterator<Item = String>) {
        let mut lines = lines.peekable();
        if lines.peek().is_some() {
            self.header(section);
        }
        lines.for_each(|line| self.line(&line));
    }

    fn values<'d>(&mut self, section: &str, values: impl Iterator<Item = (&'d str, &'d Expression)>) {
        self.section(section, values.map(|(name, value)| format!("{} = {}", key(name), self::value(value))));
    }

    fn nodes(&mut self, section: &str, nodes: &[Node]) {
        let names: Vec<String> = nodes.iter().map(super::names).collect();
        self.values(section, names.iter().map(String::as_str).zip(nodes.iter().map(|node| &node.value)));
    }

    /// Leaves by their roles. Where those take turns, a section for each would
    /// lose the order, in which random draws are made: then dotted keys keep it.
    fn leaves(&mut self, prefix: &str, leaves: &[Leaf]) {
        let runs: Vec<&[Leaf]> = leaves.chunk_by(|a, b| a.role == b.role).collect();
        let mut roles: Vec<&str> = runs.iter().map(|run| run[0].role.word()).collect();
        roles.sort_unstable();
        roles.dedup();
        if roles.len() < runs.len() {
            for leaf in leaves {
                let line = format!("{}s.{}", leaf.role.word(), self::leaf(leaf));
                self.line(&line);
            }
            return;
        }
        for run in runs {
            self.section(&format!("{prefix}{}s", run[0].role.word()), run.iter().map(self::leaf));
        }
    }

    fn block(&mut self, block: &Block) {
        let section = format!("blocks.{}", key(&block.name.value));
        self.header(&section);
        let list = |texts: Vec<String>| {
            let texts: Vec<String> = texts.iter().map(|text| string(text)).collect();
            format!("[{}]", texts.join(", "))
        };
        if !block.inputs.is_empty() {
            self.line(&format!("inputs = {}", list(block.inputs.iter().map(block_input).collect())));
        }
        if !block.attributes.is_empty() {
            let attributes = block.attributes.iter().map(block_attribute).collect();
            self.line(&format!("attributes = {}", list(attributes)));
        }
        if !block.outputs.is_empty() {
            self.line(&format!("output = {}", names(&block.outputs)));
        }
        self.leaves(&format!("{section}."), &block.leaves);
        self.nodes(&format!("{section}.nodes"), &block.nodes);
        for (key, surrogate) in [("backward", false), ("surrogate", true)] {
            let lines = block.backward.iter().filter(|line| line.surrogate == surrogate);
            self.values(&format!("{section}.{key}"), lines.map(|line| (&*line.name.value, &line.value)));
        }
    }

    fn expectations(&mut self, expectations: &[Expectation]) {
        let errors: Vec<&str> = expectations
            .iter()
            .filter_map(|expectation| match &expectation.of {
                Expected::Error(text) => Some(text.value.as_str()),
                _ => None,
            })
            .collect();
        let mut errors_written = false;
        let lines = expectations.iter().filter_map(|expectation| {
            let wanted = |value: &Expression| match &expectation.within {
                Some(within) => {
                    let within = match within.value {
                        part @ Tolerance::Part(_) => part.to_string(),
                        words => string(&words.to_string()),
                    };
                    format!("{{ value = {}, within = {within} }}", self::value(value))
                }
                None => self::value(value),
            };
            Some(match &expectation.of {
                Expected::Value { name, value } => format!("{} = {}", key(&name.value), wanted(value)),
                Expected::Gradient { name, value } => {
                    format!("grad.{} = {}", key(&name.value), wanted(value))
                }
                Expected::Shape { name, shape } => {
                    format!("shape.{} = {}", key(&name.value), dims(&shape.value))
                }
                Expected::Check(verdict) => format!("check = {}", string(&verdict.value)),
                Expected::Error(_) if std::mem::replace(&mut errors_written, true) => return None,
                Expected::Error(_) => format!("error = {}", strings(errors.iter().copied())),
            })
        });
        self.section("expect", lines);
    }
}

fn leaf(leaf: &Leaf) -> String {
    let name = key(&leaf.name.value);
    let mut parts = Vec::new();
    if let Some(note) = &leaf.ty {
        if note.dims.is_none() || note.kind != Kind::Float {
            parts.push(format!("type = \"{}\"", note.kind.word()));
        }
        parts.extend(note.dims.iter().map(|dims| format!("shape = {}", self::dims(dims))));
    }
    let value = leaf.value.as_ref().map(self::value);
    match value {
        Some(value) if parts.is_empty() => format!("{name} = {value}"),
        None if parts.is_empty() => format!("{name} = {{}}"),
        value => {
            parts.extend(value.map(|value| format!("value = {value}")));
            format!("{name} = {{ {} }}", parts.join(", "))
        }
    }
}

fn dims(dims: &[crate::source::Spanned<Dim>]) -> String {
    let dims: Vec<String> = dims
        .iter()
        .map(|dim| match &dim.value {
            Dim::Number(length) => length.to_string(),
            Dim::Name(name) => string(name),
        })
        .collect();
    format!("[{}]", dims.join(", "))
}

fn setting(setting: &Setting) -> String {
    let value = match &setting.value {
        SettingValue::Number(number) => plain_number(number.value),
        SettingValue::Names(list) => names(list),
    };
    format!("{} = {value}", key(&setting.name.value))
}

/// A value: a literal as it is, anything else as an expression in a string.
fn value(value: &Expression) -> String {
    let text = print_expression(value);
    if is_literal(value) { text } else { string(&text) }
}

/// Whether TOML itself has this value: numbers, flags and arrays of them.
fn is_literal(value: &Expression) -> bool {
    /// TOML's readers refuse arrays that are much deeper.
    const DEEPEST: usize = 64;
    let mut depths: Vec<usize> = Vec::new();
    for (at, item) in value.items.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| &value.items[before].what);
        match (&item.what, before) {
            (What::Int(_) | What::Float(_) | What::Flag(_), _) => depths.push(0),
            (What::Negate, Some(What::Int(_) | What::Float(_))) => {}
            (What::Array(count), _) => {
                let inside = depths.split_off(depths.len().saturating_sub(*count as usize));
                depths.push(1 + inside.into_iter().max().unwrap_or(0));
            }
            _ => return false,
        }
    }
    depths.len() == 1 && depths[0] <= DEEPEST
}

fn key(name: &str) -> String {
    let bare = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if bare { name.to_string() } else { string(name) }
}

fn names(list: &[Name]) -> String {
    strings(list.iter().map(|name| &*name.value))
}

/// A lone string, or an array of them.
fn strings<'s>(texts: impl Iterator<Item = &'s str>) -> String {
    let texts: Vec<String> = texts.map(string).collect();
    match texts.as_slice() {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    }
}

/// A string in the quotes that need fewer escapes.
pub(super) fn string(text: &str) -> String {
    let plain = !text.char_indices().any(|(at, c)| c == '\'' || must_be_spelt(&text[at..]));
    if plain && text.contains(['"', '\\']) {
        return format!("'{text}'");
    }
    let mut out = String::from("\"");
    for (at, c) in text.char_indices() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if must_be_spelt(&text[at..]) => {
                _ = match u32::from(c) {
                    code @ ..=0xffff => write!(out, "\\u{code:04X}"),
                    code => write!(out, "\\U{code:08X}"),
                };
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
