//! Where backward starts.

use super::{
    Request,
    builder::Builder,
    formula::{names, references},
    names::Statement,
    scope::{Made, Scope},
};
use crate::{
    diagnostic::{Cause, Diagnostic},
    graph::ValueId,
    source::Name,
    syntax::Document,
};

/// Sets the graph's outputs: those named, or the one differentiable node that
/// nothing uses. What a formula of an expectation names is used by it, where another is left.
pub fn choose(builder: &mut Builder, scope: &Scope, document: &Document, request: &Request) {
    let named = if request.outputs.is_empty() { &document.outputs } else { &request.outputs };
    if !named.is_empty() {
        let outputs = named.iter().filter_map(|name| value(builder, scope, name)).collect();
        builder.graph.outputs = outputs;
        return;
    }
    // A fault may have taken the output away: then nothing can be said of it.
    if !builder.faults.is_empty() {
        return;
    }
    // Of what a block gives, all is used where a part is.
    let unused: Vec<ValueId> = scope
        .nodes
        .iter()
        .flatten()
        .map(|made| match made {
            Made::One(value) => vec![*value],
            Made::Several(several) => several.values.iter().map(|&(_, value)| value).collect(),
        })
        .filter(|values| !values.iter().any(|&value| builder.is_used(value)))
        .flatten()
        .collect();
    let ends: Vec<ValueId> =
        unused.iter().copied().filter(|&node| builder.graph.value(node).differentiable).collect();
    let compared_with = references(scope, document.wanted().flat_map(names));
    let others: Vec<ValueId> = ends.iter().copied().filter(|end| !compared_with.contains(end)).collect();
    let ends = if others.is_empty() { ends } else { others };
    match ends[..] {
        [only] => builder.graph.outputs = vec![only],
        [] if unused.is_empty() => builder.faults.push(
            Diagnostic::error("there is no output: this file has no node")
                .cause(Cause::Absent)
                .at(document.span, "no node in this file")
                .help("a node is a line `name = expression`, such as `y = mul(a, b)`"),
        ),
        // Without an input or a param there is no backward to start, and forward needs no start.
        [] => builder.graph.outputs = unused,
        [.., last] => {
            let mut several = Diagnostic::error(format!("{} nodes could be the output", ends.len()));
            for &end in ends.iter().take(4) {
                several = several.at(builder.graph.value(end).span, "nothing uses this node");
            }
            // A loss stands at the end of a file.
            let name = &builder.graph.value(last).name;
            builder.faults.push(
                several.help(format!("say where backward starts: `output {name}`, or `--output {name}`")),
            );
        }
    }
}

/// The value of a name that stands outside of expressions.
pub fn value(builder: &mut Builder, scope: &Scope, name: &Name) -> Option<ValueId> {
    let found = match scope.names.find(&name.value) {
        Some(_) if name.value.contains('.') => builder.find_anywhere(&name.value),
        Some(Statement::Leaf(leaf)) => return scope.leaves[leaf as usize],
        Some(statement @ (Statement::Node(node) | Statement::Part(node, _))) => {
            return match scope.made(Some(statement), node)? {
                Made::One(value) => Some(value),
                Made::Several(several) => {
                    builder.faults.push(several.as_one(&name.value, name.span));
                    None
                }
            };
        }
        Some(Statement::Argument(_) | Statement::Broken) => return None,
        None => None,
    };
    if found.is_none() {
        let fault = scope.no_value(&name.value, name.span);
        // A path leads into a statement that there is: one of its inner nodes may be meant.
        let statement = name.value.split_once('.').map(|(statement, _)| format!("{statement}."));
        let fault = match statement {
            Some(inside) if fault.help.is_empty() => {
                let names = builder.graph.values.iter().map(|value| &*value.name);
                fault.did_you_mean(&name.value, names.filter(|known| known.starts_with(&inside)))
            }
            _ => fault,
        };
        builder.faults.push(fault);
    }
    found
}
