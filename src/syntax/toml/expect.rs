//! `[expect]`: values, gradients, shapes, the verdict, the refusal.

use super::value::{Key, Table, Value, Values};
use crate::{
    diagnostic::Diagnostic,
    source::{Name, Spanned},
    syntax::{tolerance::Tolerance, tree::*},
};
use toml::de::DeValue;

pub(super) fn expectations(values: &mut Values, table: &Table, out: &mut Vec<Expectation>) {
    for (key, value) in table {
        expectation(values, key, value, out);
    }
}

fn expectation(values: &mut Values, key: &Key, value: &Value, out: &mut Vec<Expectation>) -> Option<()> {
    let span = values.span(key.span()).to(values.span(value.span()));
    match key.get_ref().as_ref() {
        "check" => {
            let Spanned { value, span: place } = values.string("`check` under `expect`", value)?;
            let of = Expected::Check(Name::new(value.into(), place));
            out.push(Expectation { of, within: None, span });
        }
        "error" => {
            for text in values.strings("`error` under `expect`", value) {
                let text = values.string("`error` under `expect`", text)?;
                let span = text.span;
                out.push(Expectation { of: Expected::Error(text), within: None, span });
            }
        }
        "grad" => {
            for (name, value) in named(values, "`grad` under `expect`", value)? {
                let span = name.span.to(values.span(value.span()));
                if let Some((value, within)) = wanted(values, &name, value) {
                    out.push(Expectation { of: Expected::Gradient { name, value }, within, span });
                }
            }
        }
        "shape" => {
            for (name, value) in named(values, "`shape` under `expect`", value)? {
                let span = name.span.to(values.span(value.span()));
                if let Some(shape) = values.dims(&format!("the shape of `{}`", name.value), value) {
                    out.push(Expectation { of: Expected::Shape { name, shape }, within: None, span });
                }
            }
        }
        _ => {
            let mut found = Vec::new();
            collect(values, None, key, value, &mut found);
            for (name, value) in found {
                let span = name.span.to(values.span(value.span()));
                if let Some((value, within)) = wanted(values, &name, value) {
                    out.push(Expectation { of: Expected::Value { name, value }, within, span });
                }
            }
        }
    }
    Some(())
}

type Named<'v, 'i> = Vec<(Name, &'v Value<'i>)>;

/// The entries of a table under `expect` by their names.
fn named<'v, 'i>(values: &mut Values, what: &str, value: &'v Value<'i>) -> Option<Named<'v, 'i>> {
    let DeValue::Table(table) = value.get_ref() else {
        return values.wrong(what, "a table", value, "write `grad.x = 2.5` or `shape.x = [3, 10]`");
    };
    let mut found = Vec::new();
    for (key, value) in table {
        collect(values, None, key, value, &mut found);
    }
    Some(found)
}

/// A dotted key is a path to an inner node, `scores.relu1 = 3`: to TOML a table
/// in a table.
fn collect<'v, 'i>(
    values: &mut Values,
    prefix: Option<&Name>,
    key: &Key<'i>,
    value: &'v Value<'i>,
    out: &mut Named<'v, 'i>,
) {
    let key_span = values.span(key.span());
    let word = key.get_ref();
    if !word.split('.').all(crate::syntax::parts::is_name) {
        let error = Diagnostic::error(format!("`{word}` is not a name"))
            .at(key_span, "expected the name of a value")
            .help("a name has letters, digits and `_`, and begins with no digit");
        return values.errors.push(error);
    }
    let name = match prefix {
        Some(prefix) => Name::new(format!("{}.{word}", prefix.value).into(), prefix.span.to(key_span)),
        None => Name::new(word.as_ref().into(), key_span),
    };
    match value.get_ref() {
        DeValue::Table(table)
            if !table.is_empty() && !table.contains_key("value") && !table.contains_key("within") =>
        {
            for (key, value) in table {
                collect(values, Some(&name), key, value, out);
            }
        }
        _ => out.push((name, value)),
    }
}

/// `within = 1e-6`.
pub(super) fn tolerance(values: &mut Values, value: &Value) -> Option<Spanned<f64>> {
    let number = values.number("`within`", value)?;
    if number.value < 0.0 {
        let error =
            Diagnostic::error("`within` must not be negative").at(number.span, "a tolerance of 0 or more");
        return values.fail(error);
    }
    Some(number)
}

/// `1e-6`, `"f32"` or `"4 ulp of f32"`.
fn any_tolerance(values: &mut Values, value: &Value) -> Option<Spanned<Tolerance>> {
    let DeValue::String(text) = value.get_ref() else {
        let number = tolerance(values, value)?;
        return Some(Spanned::new(Tolerance::Part(number.value), number.span));
    };
    let span = values.span(value.span());
    match Tolerance::of(text) {
        Ok(tolerance) => Some(Spanned::new(tolerance, span)),
        Err(none) => values.fail(none.at(span, "within what?")),
    }
}

/// `220`, `"npy(…)"`, or `{ value = 220, within = 1e-6 }`.
fn wanted(
    values: &mut Values,
    name: &Name,
    value: &Value,
) -> Option<(Expression, Option<Spanned<Tolerance>>)> {
    let what = format!("what is expected of `{}`", name.value);
    let DeValue::Table(table) = value.get_ref() else {
        return Some((values.expression(&what, value)?, None));
    };
    let (mut wanted, mut within) = (None, None);
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "value" => wanted = Some(values.expression(&what, value)?),
            "within" => within = Some(any_tolerance(values, value)?),
            _ => values.unknown("key", key, &["value", "within"]),
        }
    }
    match wanted {
        Some(wanted) => Some((wanted, within)),
        None => {
            let error = Diagnostic::error(format!("nothing is expected of `{}`", name.value))
                .at(name.span, "has no `value`")
                .help("write `{ value = 220, within = 1e-6 }`");
            values.fail(error)
        }
    }
}
