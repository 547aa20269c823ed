//! The tree as text, in either spelling, laid out one way: what `convert` and
//! `expand` write. ParseOptions it again gives the same tree. Comments are not in the
//! tree and not here.

mod expression;
mod graph;
mod toml;

use super::tree::*;
use crate::{
    source::{Span, Spanned, Spelling},
    tensor::{Kind, Tensor},
};

/// The text of a document.
pub fn print(document: &Document, spelling: Spelling) -> String {
    match spelling {
        Spelling::Graph => graph::print(document),
        Spelling::Toml => toml::print(document),
    }
}

/// A text between the quotes of a spelling.
pub fn quoted(text: &str, spelling: Spelling) -> String {
    match spelling {
        Spelling::Graph => expression::quoted(text),
        Spelling::Toml => toml::string(text),
    }
}

/// The text of an expression, with no more brackets than it needs.
pub fn print_expression(expression: &Expression) -> String {
    expression::print(expression, " -> ")
}

/// The operands of an item of an expression, each by itself.
pub fn operands(items: &[Item], at: usize) -> Vec<Expression> {
    expression::operands_of(items, at)
}

/// How a block is called, as its definition says it: `dense(x: [n, in]; units, std = 0.01)`.
pub fn print_signature(block: &Block) -> String {
    let inputs: Vec<String> = block.inputs.iter().map(block_input).collect();
    let attributes: Vec<String> = block.attributes.iter().map(block_attribute).collect();
    let semicolon = if attributes.is_empty() { "" } else { "; " };
    format!("{}({}{semicolon}{})", block.name.value, inputs.join(", "), attributes.join(", "))
}

/// A tensor as a literal of the language; floats without a fraction are written
/// as whole numbers where `whole` allows it.
pub fn literal(tensor: &Tensor, whole: bool) -> Expression {
    let shape = tensor.shape();
    let mut items: Vec<Item> = Vec::new();
    let mut item = |what| items.push(Item { what, span: Span::default() });
    let float = |x: &f64| if whole && is_whole(*x) { What::Int(*x as i64) } else { What::Float(*x) };
    let elements: Vec<What> = match tensor {
        Tensor::Float(array) => array.iter().map(float).collect(),
        Tensor::Int(array) => array.iter().map(|&x| What::Int(x)).collect(),
        Tensor::Bool(array) => array.iter().map(|&x| What::Flag(x == 1)).collect(),
    };
    for (index, element) in elements.into_iter().enumerate() {
        item(element);
        // An array ends behind the last element of each axis that is complete.
        let mut group = 1;
        for &length in shape.iter().rev() {
            group *= length;
            if (index + 1) % group != 0 {
                break;
            }
            item(What::Array(length as u32));
        }
    }
    Expression { items, span: Span::default() }
}

/// `int[3, n]`, `[3]`, `float`.
fn type_note(note: &TypeNote) -> String {
    match (&note.dims, note.kind) {
        (None, kind) => kind.word().into(),
        (Some(dims), Kind::Float) => self::dims(dims),
        (Some(dims), kind) => format!("{}{}", kind.word(), self::dims(dims)),
    }
}

/// `y`, or `y, mean` where a node takes apart what a block gives.
fn names(node: &Node) -> String {
    let names: Vec<&str> = node.names().map(|name| &*name.value).collect();
    names.join(", ")
}

fn dims(dims: &[Spanned<Dim>]) -> String {
    let dims: Vec<String> = dims
        .iter()
        .map(|dim| match &dim.value {
            Dim::Number(length) => length.to_string(),
            Dim::Name(name) => name.to_string(),
        })
        .collect();
    format!("[{}]", dims.join(", "))
}

fn block_input(input: &BlockInput) -> String {
    match &input.ty {
        Some(note) => format!("{}: {}", input.name.value, type_note(note)),
        None => input.name.value.to_string(),
    }
}

fn block_attribute(attribute: &BlockAttribute) -> String {
    match &attribute.default {
        Some(default) => format!("{} = {}", attribute.name.value, print_expression(default)),
        None => attribute.name.value.to_string(),
    }
}

/// It is a short whole number, and an int loses nothing of it.
fn is_whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 1e15 && !(number == 0.0 && number.is_sign_negative())
}

/// A number that is nothing but a number: `100`, `1e-5`.
pub(super) fn plain_number(number: f64) -> String {
    if is_whole(number) { format!("{}", number as i64) } else { format!("{number:?}") }
}
