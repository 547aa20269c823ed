//! What a block gives: the names of its outputs, within it and in the graph, and their values.

use super::{
    builder::{Builder, Site},
    names::Statement,
    node,
    scope::{Operand, Output, Scope},
};
use crate::{
    diagnostic::{Cause, Diagnostic},
    graph::ValueId,
    source::Name,
    syntax::Block,
};

/// The names of what a block gives.
///
/// # Errors
/// It names none, or one twice.
pub fn outputs(block: &Block) -> Result<&[Name], Diagnostic> {
    let outputs = &block.outputs[..];
    if outputs.is_empty() {
        return Err(Diagnostic::error(format!("the block `{}` has no output", block.name.value))
            .cause(Cause::Absent)
            .at(block.name.span, "what does it give?")
            .help("write `output NAME` in it"));
    }
    for (at, name) in outputs.iter().enumerate() {
        if let Some(first) = outputs[..at].iter().find(|first| first.value == name.value) {
            return Err(Diagnostic::error(format!("`{}` is an output twice", name.value))
                .at(name.span, "the second time")
                .at(first.span, "the first time"));
        }
        if name.value.contains('.') {
            return Err(Diagnostic::error(format!("the output `{}` is inside of a statement", name.value))
                .at(name.span, "has no name of its own")
                .help("give it one: `y = …`, then `output y`"));
        }
    }
    Ok(outputs)
}

/// The names of the outputs within the block and in the graph.
pub fn names_of_outputs(block: &Block, outputs: &[Name], site: &Site) -> Result<Vec<Output>, Diagnostic> {
    let full = |at: usize, name: &Name| match (&site.parts[..], outputs) {
        (_, [_]) => site.name.clone(),
        ([], _) => format!("{}.{}", site.name, name.value).into(),
        (parts, _) => parts[at].clone(),
    };
    if !site.parts.is_empty() && site.parts.len() != outputs.len() {
        return Err(not_apart(&block.name.value, outputs.iter().map(|name| &*name.value), site));
    }
    Ok(outputs.iter().enumerate().map(|(at, name)| (name.value.clone(), full(at, name))).collect())
}

/// The refusal of more or fewer names than there are values.
pub fn not_apart<'a>(of: &str, gives: impl Iterator<Item = &'a str>, site: &Site) -> Diagnostic {
    let gives: Vec<&str> = gives.collect();
    let values = |count: usize| if count == 1 { "one value".to_string() } else { format!("{count} values") };
    let named = site.parts.len();
    let fault =
        Diagnostic::error(format!("`{of}` gives {}, and {named} names stand for it", values(gives.len())))
            .at(site.name_span.unwrap_or(site.span), format!("{named} names"));
    match gives.len() {
        0 | 1 => fault.help("write one name before the `=`"),
        _ => fault.help(format!("write `{} = {of}(…)`", gives.join(", "))),
    }
}

/// The refusal of a block that gives the same whatever it is called with.
pub fn constant_output(output: &Name) -> Diagnostic {
    Diagnostic::error(format!("`{}` is a constant, and a block gives what it computes", output.value))
        .at(output.span, "uses no value")
        .help("compute it from an argument or a param of the block")
}

/// The value that a block gives.
pub fn output_of(builder: &mut Builder, scope: &Scope, output: &Name) -> Option<ValueId> {
    let statement = scope.names.find(&output.value);
    let found = scope.value(builder, &output.value, statement, output.span);
    if let Operand::Several(several) = found {
        builder.faults.push(several.as_one(&output.value, output.span));
        return None;
    }
    if let Some(Statement::Node(_) | Statement::Part(..)) = statement {
        return match found {
            Operand::Value(value) if builder.graph.maker(value).is_none() => {
                builder.faults.push(constant_output(output));
                None
            }
            Operand::Value(value) => Some(value),
            _ => None,
        };
    }
    // An argument or a param handed through: the call still makes a node of its own.
    let name = scope.full_name(&output.value).into();
    let site = Site { span: output.span, name, name_span: Some(output.span), parts: Vec::new() };
    match node::identity(builder, scope, (found, output.span), site) {
        Operand::Value(value) => Some(value),
        _ => None,
    }
}
