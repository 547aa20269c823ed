//! `check { … }`, and which gradients are asked for.

use super::{Request, builder::Builder, output, scope::Scope};
use crate::{
    diagnostic::Diagnostic,
    graph::{Origin, ValueId},
    source::Name,
    syntax::{Document, Role, Setting, SettingValue},
    tensor::Kind,
};
use foldhash::{HashSet, HashSetExt};

const KNOWN: [&str; 7] = ["step", "rtol", "atol", "skip", "wrt", "sample", "digits"];

/// Reads the file's settings of the comparison, and fixes the wanted gradients.
pub fn read(builder: &mut Builder, scope: &Scope, document: &Document, request: &Request) {
    let mut wrt: Option<Vec<ValueId>> = None;
    for (index, setting) in document.settings.iter().enumerate() {
        let name = &*setting.name.value;
        if document.settings[..index].iter().any(|before| *before.name.value == *name) {
            let fault =
                Diagnostic::error(format!("`{name}` is set twice")).at(setting.name.span, "the second time");
            builder.faults.push(fault);
            continue;
        }
        match (name, &setting.value) {
            ("step", SettingValue::Number(_)) => builder.graph.comparison.step = positive(builder, setting),
            ("rtol", SettingValue::Number(_)) => builder.graph.comparison.rtol = positive(builder, setting),
            ("atol", SettingValue::Number(_)) => builder.graph.comparison.atol = positive(builder, setting),
            ("digits", SettingValue::Number(_)) => {
                builder.graph.comparison.digits = positive(builder, setting)
            }
            ("sample", SettingValue::Number(number)) => match number.value {
                n if n >= 1.0 && n.fract() == 0.0 && n < 1e15 => {
                    builder.graph.comparison.sample = Some(n as usize)
                }
                _ => builder.faults.push(
                    Diagnostic::error("`sample` must be a whole number of entries, at least 1")
                        .at(number.span, "here"),
                ),
            },
            ("skip", SettingValue::Names(names)) => {
                builder.graph.comparison.skip = leaves(builder, scope, names);
            }
            ("wrt", SettingValue::Names(names)) => wrt = Some(leaves(builder, scope, names)),
            _ if KNOWN.contains(&name) => {
                let wanted = if matches!(name, "skip" | "wrt") { "a list of names" } else { "a number" };
                let example = if wanted == "a number" { "1e-4" } else { "[W1, b1]" };
                builder.faults.push(
                    Diagnostic::error(format!("`{name}` must be {wanted}"))
                        .at(setting.name.span, "this setting")
                        .help(format!("for example `{name} = {example}`")),
                );
            }
            _ => builder.faults.push(
                Diagnostic::error(format!("unknown setting `{name}`"))
                    .at(setting.name.span, "not a setting of `check`")
                    .did_you_mean(name, KNOWN)
                    .help(format!("the settings are {}", KNOWN.map(|known| format!("`{known}`")).join(", "))),
            ),
        }
    }
    if !request.wrt.is_empty() {
        wrt = Some(leaves(builder, scope, &request.wrt));
    }
    builder.graph.wanted = wrt.unwrap_or_else(|| {
        let asked = |id: &ValueId| {
            let value = builder.graph.value(*id);
            value.differentiable && matches!(value.origin, Origin::Leaf { .. })
        };
        builder.graph.ids().filter(asked).collect()
    });
}

fn positive(builder: &mut Builder, setting: &Setting) -> Option<f64> {
    let SettingValue::Number(number) = &setting.value else { return None };
    if number.value > 0.0 && number.value.is_finite() {
        return Some(number.value);
    }
    let name = &setting.name.value;
    builder.faults.push(
        Diagnostic::error(format!("`{name}` must be a positive number"))
            .at(number.span, format!("not {}", number.value)),
    );
    None
}

/// Leaves with a gradient, by name.
fn leaves(builder: &mut Builder, scope: &Scope, names: &[Name]) -> Vec<ValueId> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for name in names {
        let Some(id) = output::value(builder, scope, name) else { continue };
        let value = builder.graph.value(id);
        let why = match &value.origin {
            Origin::Leaf { role: Role::Const, .. } => "it is a const: make it an `input` or a `param`",
            Origin::Leaf { .. } if value.ty.kind != Kind::Float => "it is no float: gradients are of floats",
            Origin::Leaf { .. } => {
                if seen.insert(id) {
                    found.push(id);
                }
                continue;
            }
            _ => "it is a node: gradients are compared at inputs and params",
        };
        builder.faults.push(
            Diagnostic::error(format!("no gradient is asked for at `{}`", name.value))
                .at(name.span, "here")
                .help(why),
        );
    }
    found
}
