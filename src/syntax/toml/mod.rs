//! A `.toml` file: its sections become the statements of the tree.
//!
//! Every string that stands for a value is an expression of the one grammar;
//! numbers, flags and arrays are literals. Order across sections is the order of
//! the text, whichever way TOML groups it.

mod block;
mod expect;
pub(in crate::syntax) mod leaf;
mod recover;
pub(in crate::syntax) mod value;

use super::{ParseOptions, Parsed, parallel::toml_lines, parts, tree::*};
use crate::{
    diagnostic::{Cause, Diagnostic},
    faults::Faults,
    limits::{Excess, Limits, bytes},
    source::{Name, Source, Span, Spanned, Spelling},
};
use toml::de::{DeTable, DeValue};
use value::{Key, Table, Value, Values};

const SECTIONS: &[&str] = &[
    "title", "seed", "use", "tags", "skip", "xfail", "within", "inputs", "params", "consts", "nodes",
    "output", "upstream", "blocks", "expect", "check",
];

pub(super) fn parse(source: &Source, reading: &ParseOptions) -> Parsed {
    let mut reader = Reader {
        values: Values { source, reading, errors: Faults::new(reading.max_errors) },
        document: Document { spelling: Some(Spelling::Toml), span: source.span(), ..Document::default() },
    };
    let (ahead, rest) = toml_lines::read(source, reading);
    if let Err(excess) = fits(&rest, reading) {
        reader.values.errors.push(excess.at(Span::new(source.span().start, source.span().start)));
        return Parsed { document: reader.document, errors: reader.values.errors };
    }
    let (table, faults) = DeTable::parse_recoverable(&rest);
    if faults.is_empty() {
        (reader.document.nodes, reader.document.broken) = (ahead.good, ahead.broken);
        reader.values.errors = ahead.errors;
        reader.sections(table.get_ref());
    } else {
        let mended = recover::mend(source, reading);
        let (table, _) = DeTable::parse_recoverable(&mended.text);
        reader.sections(table.get_ref());
        // What is missing is among what was blanked.
        reader.values.errors.retain(|error| error.cause != Cause::Absent);
        reader.values.errors.append(mended.errors);
        reader.document.broken.extend(mended.broken.into_iter().map(Box::from));
        reader.document.lost = mended.lost;
    }
    let Reader { mut values, mut document } = reader;
    document.leaves.sort_by_key(|leaf| leaf.name.span);
    document.nodes.sort_by_key(|node| node.name.span);
    document.blocks.sort_by_key(|block| block.name.span);
    document.expectations.sort_by_key(|expectation| expectation.span);
    document.settings.sort_by_key(|setting| setting.name.span);
    values.errors.sort();
    Parsed { document, errors: values.errors }
}

/// Bytes of memory that an entry of a table or of an array takes to be read, at most.
const ENTRY: u64 = 700;

/// Bytes of memory that reading a text as TOML may take, which is read as a whole.
pub(super) fn memory(text: &str) -> u64 {
    let entries = text.bytes().filter(|byte| matches!(byte, b',' | b'=' | b'[')).count() as u64;
    entries.saturating_mul(ENTRY)
}

fn fits(text: &str, reading: &ParseOptions) -> Result<(), Excess> {
    let needs = memory(text);
    let limits = Limits { bytes: reading.max_memory, ..Limits::default() };
    limits.hold("bytes", needs, || format!("this file is too long, reading it may take {}", bytes(needs)))
}

struct Reader<'a> {
    values: Values<'a>,
    document: Document,
}

impl Reader<'_> {
    fn sections(&mut self, table: &Table) {
        for (key, value) in table {
            self.section(key, value);
        }
    }

    fn section(&mut self, key: &Key, value: &Value) -> Option<()> {
        let values = &mut self.values;
        match key.get_ref().as_ref() {
            "title" => self.document.title = values.string("`title`", value),
            "seed" => self.document.seed = seed(values, value),
            "use" => {
                for text in values.strings("`use`", value) {
                    self.document.uses.extend(values.string("`use`", text));
                }
            }
            "tags" => {
                for text in values.strings("`tags`", value) {
                    self.document.testing.tags.extend(tag(values, text));
                }
            }
            "skip" => self.document.testing.skip = values.string("`skip`", value),
            "xfail" => self.document.testing.xfail = values.string("`xfail`", value),
            "within" => self.document.testing.within = expect::tolerance(values, value),
            "output" => {
                for text in values.strings("`output`", value) {
                    self.document.outputs.extend(values.path(text));
                }
            }
            "upstream" => {
                for (key, value) in values.table("`upstream`", value)? {
                    let span = values.span(key.span()).to(values.span(value.span()));
                    let what = format!("the upstream gradient of `{}`", key.get_ref());
                    if let (Some(name), Some(value)) = (values.key_path(key), values.expression(&what, value))
                    {
                        self.document.upstreams.push(Upstream { name, value, span });
                    }
                }
            }
            section @ ("inputs" | "params" | "consts") => {
                let role = leaf::role(section);
                let table = values.table(&format!("`{section}`"), value)?;
                let read =
                    |values: &mut Values, key: &Key, value: &Value| leaf::leaf(values, role, key, value);
                self.document.leaves.extend(values.entries(table, &mut self.document.broken, read));
            }
            "nodes" => {
                let table = values.table("`nodes`", value)?;
                self.document.nodes.extend(values.entries(table, &mut self.document.broken, leaf::node));
            }
            "blocks" => {
                for (key, value) in values.table("`blocks`", value)? {
                    match block::block(values, key, value) {
                        Some(block) => self.document.blocks.push(block),
                        None => self.document.broken.push(key.get_ref().as_ref().into()),
                    }
                }
            }
            "expect" => {
                let table = values.table("`expect`", value)?;
                expect::expectations(values, table, &mut self.document.expectations);
            }
            "check" => {
                for (key, value) in values.table("`check`", value)? {
                    self.document.settings.extend(setting(values, key, value));
                }
            }
            _ => {
                let what = match value.get_ref() {
                    DeValue::Table(table) => {
                        let names = table.keys().map(|name| name.get_ref().as_ref().into());
                        self.document.broken.extend(names);
                        "section"
                    }
                    _ => "key",
                };
                values.unknown(what, key, SECTIONS);
            }
        }
        Some(())
    }
}

fn tag(values: &mut Values, value: &Value) -> Option<Name> {
    let Spanned { value: text, span } = values.string("a tag", value)?;
    if parts::is_tag(&text) {
        return Some(Name::new(text.into(), span));
    }
    values.fail(
        Diagnostic::error(format!("`{text}` is not a tag"))
            .at(span, "expected one word")
            .help("a tag has letters, digits, `_` and `-`, and begins with no digit"),
    )
}

fn seed(values: &mut Values, value: &Value) -> Option<Spanned<u64>> {
    let seed = match value.get_ref() {
        DeValue::Integer(int) => u64::from_str_radix(int.as_str().trim_start_matches('+'), int.radix()).ok(),
        _ => None,
    };
    match seed {
        Some(seed) => Some(Spanned::new(seed, values.span(value.span()))),
        None => {
            let found = values.source.text.get(value.span()).unwrap_or("");
            let error = Diagnostic::error(format!("the seed must be a whole number, found {found}"))
                .at(values.span(value.span()), "no whole number below 2^64")
                .help("write `seed = 0`");
            values.fail(error)
        }
    }
}

/// One setting of `[check]`: a number, a name, or an array of names.
fn setting(values: &mut Values, key: &Key, value: &Value) -> Option<Setting> {
    let name = values.name(key)?;
    let what = format!("the setting `{}`", name.value);
    let value = match value.get_ref() {
        DeValue::Integer(_) | DeValue::Float(_) => SettingValue::Number(values.number(&what, value)?),
        DeValue::String(_) | DeValue::Array(_) => {
            let strings = values.strings(&what, value);
            SettingValue::Names(strings.into_iter().filter_map(|text| values.path(text)).collect())
        }
        _ => return values.wrong(&what, "a number, a name or an array of names", value, ""),
    };
    Some(Setting { name, value })
}
