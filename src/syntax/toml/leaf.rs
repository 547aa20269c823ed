//! Leaves and nodes of a `.toml` file.

use super::value::{Key, Table, Value, Values};
use crate::{
    diagnostic::{Cause, Diagnostic, closest},
    source::{Name, Span, Spanned},
    syntax::{parts, tree::*},
    tensor::Kind,
};
use toml::de::DeValue;

pub(super) fn role(section: &str) -> Role {
    match section {
        "inputs" => Role::Input,
        "params" => Role::Param,
        _ => Role::Const,
    }
}

/// `apple = 100`, `W = "randn()"`, or a table with `shape`, `value` and `type`.
pub(super) fn leaf(values: &mut Values, role: Role, key: &Key, value: &Value) -> Option<Leaf> {
    let span = values.span(key.span()).to(values.span(value.span()));
    let name = values.new_name(key);
    let (ty, value) = match value.get_ref() {
        DeValue::Table(table) => typed(values, key, value, table)?,
        _ => (None, Some(values.expression(&format!("`{}`", key.get_ref()), value)?)),
    };
    Some(Leaf { role, name: name?, ty, value, span })
}

fn typed(
    values: &mut Values,
    key: &Key,
    whole: &Value,
    table: &Table,
) -> Option<(Option<TypeNote>, Option<Expression>)> {
    const KEYS: &[&str] = &["shape", "value", "type"];
    let what = |part: &str| format!("the {part} of `{}`", key.get_ref());
    let (mut kind, mut dims, mut given) = (None, None, None);
    let (mut span, mut good) = (None::<Span>, true);
    for (key, value) in table {
        let here = values.span(value.span());
        let fine = match key.get_ref().as_ref() {
            "shape" => {
                dims = values.dims(&what("shape"), value);
                span = Some(span.map_or(here, |span| span.to(here)));
                dims.is_some()
            }
            "value" => {
                given = values.expression(&what("value"), value);
                given.is_some()
            }
            "type" => {
                kind = match value.get_ref().as_str().and_then(Kind::of) {
                    None => values.wrong(&what("type"), "\"float\", \"int\" or \"bool\"", value, ""),
                    known => known,
                };
                span = Some(span.map_or(here, |span| span.to(here)));
                kind.is_some()
            }
            _ => {
                values.unknown("key", key, KEYS);
                false
            }
        };
        good &= fine;
    }
    let claimed = kind.is_some() || dims.is_some();
    let note = claimed.then(|| TypeNote {
        kind: kind.unwrap_or(Kind::Float),
        dims: dims.map(|dims| dims.value),
        span: span.unwrap_or(values.span(whole.span())),
    });
    good.then_some((note, given))
}

/// `price = "mul(a, b)"`, or a table with `op`, `inputs` and the op's attributes.
pub(in crate::syntax) fn node(values: &mut Values, key: &Key, value: &Value) -> Option<Node> {
    let span = values.span(key.span()).to(values.span(value.span()));
    let names = values.new_names(key);
    let value = match value.get_ref() {
        DeValue::Table(table) => call(values, key, value, table)?,
        _ => values.expression(&format!("`{}`", key.get_ref()), value)?,
    };
    let mut names = names?.into_iter();
    Some(Node { name: names.next()?, others: names.collect(), value, span })
}

fn call(values: &mut Values, key: &Key, whole: &Value, table: &Table) -> Option<Expression> {
    let what = format!("the node `{}`", key.get_ref());
    let Some(op) = table.get("op") else {
        let mut keys = table.keys().map(|key| key.get_ref().as_ref());
        let typo = keys.find(|key| closest(key, ["op"]).is_some());
        let error = Diagnostic::error(format!("{what} has no `op`"))
            .cause(Cause::Absent)
            .at(values.span(key.span()), "which op makes it?")
            .help(match typo {
                Some(typo) => format!("is `{typo}` meant to be `op`?"),
                None => "write `op = \"mul\"`, or the node as one string, `\"mul(a, b)\"`".to_string(),
            });
        return values.fail(error);
    };
    let op = op_name(values, op);
    let (mut items, mut inputs, mut attributes) = (Vec::new(), 0, Vec::new());
    let mut good = true;
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "op" => {}
            "inputs" => {
                let lone = std::slice::from_ref(value);
                let all = match value.get_ref() {
                    DeValue::Array(all) => all.iter().as_slice(),
                    _ => lone,
                };
                for input in all {
                    match values.expression(&format!("an input of {what}"), input) {
                        Some(expression) => items.extend(expression.items),
                        None => good = false,
                    }
                }
                inputs = all.len() as u32;
            }
            typed if inputs == 0 && is_inputs(typed) && !table.contains_key("inputs") => {
                let fault = Diagnostic::error(format!("{what} has `{typed}` in place of `inputs`"))
                    .at(values.span(key.span()), "its inputs")
                    .help("write `inputs = …`");
                values.fail::<()>(fault);
                good = false;
            }
            _ => match (values.name(key), values.literal(&format!("`{}` of {what}", key.get_ref()), value)) {
                (Some(name), Some(value)) => attributes.push(Attribute { name, value }),
                _ => good = false,
            },
        }
    }
    let name = op?;
    let span = name.span;
    let call = Call { name, inputs, piped: false, runs: None, named: Vec::new(), attributes };
    items.push(Item { what: What::Call(Box::new(call)), span });
    good.then(|| Expression { items, span: values.span(whole.span()) })
}

/// Words for `inputs` that are no attribute of any op.
fn is_inputs(typed: &str) -> bool {
    matches!(typed, "input" | "args" | "arguments" | "operands" | "in")
}

/// The op's name with underscores, however it was spelled.
fn op_name(values: &mut Values, value: &Value) -> Option<Name> {
    let Spanned { value: text, span } = values.string("`op`", value)?;
    let name = text.replace('-', "_");
    if parts::is_name(&name) {
        return Some(Name::new(name.into(), span));
    }
    values.fail(
        Diagnostic::error(format!("`{text}` is not the name of an op"))
            .at(span, "expected one word")
            .help("its inputs stand in `inputs`; or write the node as one string, `\"mul(a, b)\"`"),
    )
}
