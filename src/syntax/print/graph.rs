//! A document as a `.graph` file.

use super::{dims, expression, names, plain_number, print_expression, print_signature, type_note};
use crate::syntax::tree::*;
use unicode_width::UnicodeWidthStr;

/// A chain that is wider than this goes on new lines.
const WIDTH: usize = 100;

pub(super) fn print(document: &Document) -> String {
    let mut groups: Vec<Vec<String>> = Vec::new();
    let mut head = Vec::new();
    head.extend(document.title.iter().map(|title| format!("title {}", expression::quoted(&title.value))));
    head.extend(document.seed.iter().map(|seed| format!("seed {}", seed.value)));
    let Testing { tags, skip, xfail, within } = &document.testing;
    if !tags.is_empty() {
        head.push(format!("tags {}", tags.iter().map(|tag| &*tag.value).collect::<Vec<_>>().join(", ")));
    }
    for (word, reason) in [("skip", skip), ("xfail", xfail)] {
        head.extend(reason.iter().map(|reason| format!("{word} {}", expression::quoted(&reason.value))));
    }
    head.extend(within.iter().map(|within| format!("within {}", plain_number(within.value))));
    head.extend(document.uses.iter().map(|file| format!("use {}", expression::quoted(&file.value))));
    groups.push(head);
    groups.extend(document.blocks.iter().map(|block| vec![self::block(block)]));
    groups.push(document.leaves.iter().map(|leaf| self::leaf(leaf, "")).collect());
    groups.push(document.nodes.iter().map(|node| define(&names(node), &node.value, "")).collect());
    let upstreams = document.upstreams.iter();
    let upstreams =
        upstreams.map(|upstream| define(&format!("upstream {}", upstream.name.value), &upstream.value, ""));
    groups.push(output(&document.outputs, "").into_iter().chain(upstreams).collect());
    if !document.settings.is_empty() {
        let settings: String = document.settings.iter().map(setting).collect();
        groups.push(vec![format!("check {{\n{settings}}}")]);
    }
    groups.push(document.expectations.iter().map(expectation).collect());
    let groups = groups.iter().filter(|group| !group.is_empty());
    groups.map(|group| group.join("\n") + "\n").collect::<Vec<_>>().join("\n")
}

fn leaf(leaf: &Leaf, indent: &str) -> String {
    let mut left = format!("{} {}", leaf.role.word(), leaf.name.value);
    if let Some(note) = &leaf.ty {
        left.push_str(": ");
        left.push_str(&type_note(note));
    }
    match &leaf.value {
        Some(value) => define(&left, value, indent),
        None => format!("{indent}{left}"),
    }
}

/// `left = value`, on more lines where the value is a long chain.
fn define(left: &str, value: &Expression, indent: &str) -> String {
    let line = format!("{indent}{left} = {}", print_expression(value));
    if line.width() <= WIDTH {
        return line;
    }
    let arrow = if indent.is_empty() { "\n    -> " } else { "\n        -> " };
    format!("{indent}{left} = {}", expression::print(value, arrow))
}

fn output(names: &[crate::source::Name], indent: &str) -> Option<String> {
    let names: Vec<&str> = names.iter().map(|name| &*name.value).collect();
    (!names.is_empty()).then(|| format!("{indent}output {}", names.join(", ")))
}

fn block(block: &Block) -> String {
    let mut lines = vec![format!("block {} {{", print_signature(block))];
    let indent = "    ";
    lines.extend(block.leaves.iter().map(|leaf| self::leaf(leaf, indent)));
    lines.extend(block.nodes.iter().map(|node| define(&names(node), &node.value, indent)));
    lines.extend(output(&block.outputs, indent));
    lines.extend(block.backward.iter().map(|backward| {
        let surrogate = if backward.surrogate { "surrogate " } else { "" };
        define(&format!("{surrogate}backward {}", backward.name.value), &backward.value, indent)
    }));
    lines.push("}".into());
    lines.join("\n")
}

fn setting(setting: &Setting) -> String {
    let value = match &setting.value {
        SettingValue::Number(number) => plain_number(number.value),
        SettingValue::Names(names) => {
            let names: Vec<&str> = names.iter().map(|name| &*name.value).collect();
            format!("[{}]", names.join(", "))
        }
    };
    format!("    {} = {value}\n", setting.name.value)
}

fn expectation(expectation: &Expectation) -> String {
    let line = match &expectation.of {
        Expected::Value { name, value } => define(&format!("expect {}", name.value), value, ""),
        Expected::Gradient { name, value } => define(&format!("expect grad({})", name.value), value, ""),
        Expected::Shape { name, shape } => format!("expect shape({}) = {}", name.value, dims(&shape.value)),
        Expected::Check(verdict) => format!("expect check = {}", verdict.value),
        Expected::Error(text) => format!("expect error {}", expression::quoted(&text.value)),
    };
    match &expectation.within {
        Some(within) => format!("{line} within {}", within.value),
        None => line,
    }
}
