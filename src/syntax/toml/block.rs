//! `[blocks.NAME]`: a reusable group of nodes.

use super::{
    leaf,
    value::{Key, Table, Value, Values},
};
use crate::syntax::{
    excerpt::Excerpt,
    grammar::Rule,
    parts::{self, PairReader},
    tree::*,
};
use pest::iterators::Pair;
use toml::de::DeValue;

const KEYS: &[&str] =
    &["inputs", "attributes", "params", "consts", "nodes", "output", "backward", "surrogate"];

pub(super) fn block(values: &mut Values, key: &Key, value: &Value) -> Option<Block> {
    let name = values.new_name(key);
    let table = values.table(&format!("the block `{}`", key.get_ref()), value)?;
    let mut block = Block {
        name: name?,
        inputs: Vec::new(),
        attributes: Vec::new(),
        leaves: Vec::new(),
        nodes: Vec::new(),
        outputs: Vec::new(),
        backward: Vec::new(),
        broken: Vec::new(),
        span: values.span(key.span()),
    };
    for (key, value) in table {
        part(values, &mut block, key, value);
    }
    block.leaves.sort_by_key(|leaf| leaf.name.span);
    block.nodes.sort_by_key(|node| node.name.span);
    block.backward.sort_by_key(|backward| backward.name.span);
    Some(block)
}

fn part(values: &mut Values, block: &mut Block, key: &Key, value: &Value) -> Option<()> {
    match key.get_ref().as_ref() {
        "inputs" => {
            if matches!(value.get_ref(), DeValue::Table(_)) {
                let help = "write `inputs = [\"x\", \"y: [n, 3]\"]`";
                return values.wrong("`inputs` of a block", "an array of strings", value, help);
            }
            for note in values.strings("`inputs` of a block", value) {
                let read = |parts: PairReader, pair: Pair<Rule>| parts.block_input(pair);
                block.inputs.extend(noted(values, Rule::input_note, note, read));
            }
        }
        "attributes" => match value.get_ref() {
            DeValue::Table(table) => attributes(values, block, table),
            _ => {
                for note in values.strings("`attributes` of a block", value) {
                    let read = |parts: PairReader, pair: Pair<Rule>| parts.block_attribute(pair);
                    block.attributes.extend(noted(values, Rule::attribute_note, note, read));
                }
            }
        },
        section @ ("params" | "consts") => {
            let table = values.table(&format!("`{section}`"), value)?;
            let role = leaf::role(section);
            let read = |values: &mut Values, key: &Key, value: &Value| leaf::leaf(values, role, key, value);
            block.leaves.extend(values.entries(table, &mut block.broken, read));
        }
        "nodes" => {
            let table = values.table("`nodes`", value)?;
            block.nodes.extend(values.entries(table, &mut block.broken, leaf::node));
        }
        "output" => {
            for text in values.strings("`output`", value) {
                block.outputs.extend(values.path(text));
            }
        }
        section @ ("backward" | "surrogate") => {
            let surrogate = section == "surrogate";
            for (key, value) in values.table(&format!("`{section}`"), value)? {
                let span = values.span(key.span()).to(values.span(value.span()));
                let what = format!("the backward of `{}`", key.get_ref());
                if let (Some(name), Some(value)) = (values.name(key), values.expression(&what, value)) {
                    block.backward.push(Backward { name, value, surrogate, span });
                }
            }
        }
        _ => values.unknown("key of a block", key, KEYS),
    }
    Some(())
}

/// `{ std = 0.01, units = {} }`: an empty table is an attribute without a default.
fn attributes(values: &mut Values, block: &mut Block, table: &Table) {
    for (key, value) in table {
        let none = matches!(value.get_ref(), DeValue::Table(table) if table.is_empty());
        let what = format!("the default of `{}`", key.get_ref());
        let default = if none { Some(None) } else { values.expression(&what, value).map(Some) };
        if let (Some(name), Some(default)) = (values.new_name(key), default) {
            block.attributes.push(BlockAttribute { name, default });
        }
    }
}

/// A string in the words of the other spelling: `"x: [n, 3]"`, `"std = 0.01"`.
fn noted<T>(
    values: &mut Values,
    rule: Rule,
    value: &Value,
    read: impl Fn(PairReader, Pair<Rule>) -> Result<T, crate::diagnostic::Diagnostic>,
) -> Option<T> {
    let text: Excerpt = values.excerpt(value);
    let parts = PairReader { text: &text, reading: values.reading };
    let result = parts::whole(rule, &text, values.reading).and_then(|mut pairs| match pairs.next() {
        Some(pair) => read(parts, pair).map_err(|error| vec![error]),
        None => Err(Vec::new()),
    });
    result.map_err(|errors| values.errors.extend(errors)).ok()
}
