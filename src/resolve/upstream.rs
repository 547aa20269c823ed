//! The gradient that backward starts from, where it is given instead of ones.

use super::{Request, builder::Builder, expect, output, scope::Scope};
use crate::{
    diagnostic::Diagnostic,
    graph::ValueId,
    source::Name,
    syntax::{Document, Expression},
    tensor::Tensor,
};

/// Sets the upstream gradients of the graph's outputs; those of the file belong to its own outputs.
pub fn read(builder: &mut Builder, scope: &Scope, document: &Document, request: &Request) {
    // Why there is no output is another fault.
    if builder.graph.outputs.is_empty() {
        return;
    }
    let own = document.upstreams.iter().filter(|_| request.outputs.is_empty());
    let own = own.map(|upstream| (&upstream.name, &upstream.value));
    for (name, value) in own.chain(request.upstreams.iter().map(|(name, value)| (name, value))) {
        if let Some(given) = one(builder, scope, name, value) {
            builder.graph.upstreams.retain(|(of, _)| *of != given.0);
            builder.graph.upstreams.push(given);
        }
    }
}

fn one(builder: &mut Builder, scope: &Scope, name: &Name, value: &Expression) -> Option<(ValueId, Tensor)> {
    let of = output::value(builder, scope, name)?;
    if !builder.graph.outputs.contains(&of) {
        let written: Vec<&str> =
            builder.graph.outputs.iter().map(|&output| &*builder.graph.value(output).name).collect();
        let fault = Diagnostic::error(format!("backward does not start at `{}`", name.value))
            .at(name.span, "no output")
            .help(format!(
                "the output is `{}`; `--output {}` makes this one",
                written.join("`, `"),
                name.value
            ));
        builder.faults.push(fault);
        return None;
    }
    if !builder.graph.value(of).differentiable {
        let fault = Diagnostic::error(format!("`{}` has no gradient", name.value))
            .at(name.span, "it depends on no input and no param");
        builder.faults.push(fault);
        return None;
    }
    let given = expect::like(builder, of, value, "the upstream gradient")?;
    let shape = &builder.ty(of).shape;
    if given.shape() != *shape {
        let fault = Diagnostic::error(format!(
            "the upstream gradient has shape {}, the value has shape {shape}",
            given.shape()
        ));
        let fault = fault.at(value.span, format!("shape {}", given.shape()));
        let fault = fault.at(builder.graph.value(of).span, format!("shape {shape}"));
        builder.faults.push(fault);
        return None;
    }
    if given.to_floats().iter().any(|x| !x.is_finite()) {
        let fault = Diagnostic::error("an upstream gradient is finite").at(value.span, "not finite");
        builder.faults.push(fault);
        return None;
    }
    Some((of, given))
}
