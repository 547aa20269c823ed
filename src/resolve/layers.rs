//! `enc = dense(units = 8)`: a block with its params, which several calls use.

use super::{blocks::Blocks, builder::Builder, constant::Environment, dims::Dims, leaf, scope::Scope};
use crate::{
    diagnostic::{Cause, Diagnostic},
    graph::ValueId,
    source::Span,
    syntax::{Block, Call, Item, Node, What},
};
use std::collections::HashMap;

/// A statement that names a block's params and computes nothing by itself.
#[derive(Clone, Copy)]
pub struct Layer<'a> {
    pub block: &'a Block,
    /// The call without inputs, which says the attributes.
    pub call: &'a Call,
    /// The statement.
    pub span: Span,
}

/// The layers of a scope, by name.
pub type Layers<'a> = HashMap<&'a str, Layer<'a>>;

/// The layers among statements.
pub fn of<'a>(nodes: &'a [Node], blocks: &Blocks<'a>) -> Layers<'a> {
    if !blocks.any() {
        return Layers::new();
    }
    nodes.iter().filter_map(|node| Some((&*node.name.value, layer(node, blocks)?))).collect()
}

fn layer<'a>(node: &'a Node, blocks: &Blocks<'a>) -> Option<Layer<'a>> {
    let [Item { what: What::Call(call), .. }] = &node.value.items[..] else { return None };
    let block = blocks.find(&call.name.value)?;
    let is_layer = call.inputs == 0 && call.runs.is_none() && !block.inputs.is_empty();
    is_layer.then_some(Layer { block, call, span: node.name.span })
}

impl Layer<'_> {
    /// The refusal of a layer where a value is needed.
    pub fn as_value(&self, name: &str, span: Span) -> Diagnostic {
        let inputs: Vec<&str> = self.block.inputs.iter().map(|input| &*input.name.value).collect();
        Diagnostic::error(format!("`{name}` is a layer, and no value"))
            .at(span, "a value is needed here")
            .at(self.span, format!("`{}` without its inputs", self.block.name.value))
            .help(format!("call it: `{name}({})`", inputs.join(", ")))
    }

    /// The refusal of attributes in a call of it.
    pub fn with_attributes(&self, name: &str, given: Span) -> Diagnostic {
        Diagnostic::error(format!("the attributes of `{name}` are given where it is named"))
            .at(given, "given again here")
            .at(self.span, "named here")
    }
}

/// Refuses layers that nothing calls: their params would be nowhere.
pub fn all_called(builder: &mut Builder, scope: &Scope) {
    if builder.faults.iter().any(|fault| !fault.warning) {
        return;
    }
    let mut lone: Vec<(&str, Layer)> = scope
        .layers
        .iter()
        .filter(|(name, _)| !builder.layers.contains_key(&*scope.full_name(name)))
        .map(|(name, layer)| (*name, *layer))
        .collect();
    lone.sort_by_key(|(_, layer)| layer.span);
    for (name, layer) in lone {
        let inputs: Vec<&str> = layer.block.inputs.iter().map(|input| &*input.name.value).collect();
        let of = &layer.block.name.value;
        builder.faults.push(
            Diagnostic::error(format!("`{of}` takes {}, and nothing calls `{name}`", inputs.join(", ")))
                .cause(Cause::Unused)
                .at(layer.span, "a layer that is never called")
                .help(format!("call it, `y = {name}({0})`, or call `{of}({0})` here", inputs.join(", "))),
        );
    }
}

/// The params of a use that shares them: those of the first use, held against what this one says of
/// their shapes.
pub fn shared_leaves(
    builder: &mut Builder,
    block: &Block,
    owner: &str,
    dims: &mut Dims,
    environment: &Environment,
) -> Option<Vec<Option<ValueId>>> {
    let Some(known) = builder.layers.get(owner).cloned() else {
        let full_name = |name: &str| format!("{owner}.{name}").into();
        let made = leaf::add(builder, &block.leaves, |_| true, dims, environment, full_name);
        builder.layers.insert(owner.into(), made.clone());
        return Some(made);
    };
    for (leaf, value) in block.leaves.iter().zip(&known) {
        let (Some(note), Some(value)) = (&leaf.ty, value) else { continue };
        let made = builder.graph.value(*value);
        if let Err(fault) = dims.matches(note, &made.ty.shape.clone(), made.span) {
            builder.faults.push(fault);
            return None;
        }
    }
    Some(known)
}
