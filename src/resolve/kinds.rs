//! How a value is made a tensor of ints, in the words of its file.

use crate::{
    diagnostic::{Cause, Diagnostic},
    graph::Graph,
    shape::Shape,
    source::{Span, Spelling},
    syntax::{Document, Expression, TypeNote, What, print_expression},
};

/// A longer value is not written out.
const LONGEST: usize = 200;

/// Where ints are wanted and a float value is given: says how its statement would make it ints.
pub fn advise(fault: &mut Diagnostic, document: &Document, graph: &Graph) {
    let Cause::WantsInts(made) = fault.cause else { return };
    let Some(statement) = Statement::find(document, made) else {
        fault.help = vec![
            "a node is a float: `cast(x, to = \"int\")` makes ints of it; a leaf may hold ints, \
             `const labels: int[2] = [2, 0]`"
                .into(),
        ];
        return;
    };
    let shape = graph.values.iter().find(|value| value.span == made).map(|value| &value.ty.shape);
    let spelling = document.spelling.unwrap_or(Spelling::Graph);
    let Some(text) = statement.as_ints(shape, spelling) else {
        fault.help = vec![format!("`{}` holds fractions; ints are whole numbers", statement.name)];
        return;
    };
    let section = if spelling == Spelling::Toml && !statement.is_const { ", under `[consts]`" } else { "" };
    let why = match statement.has_points {
        true => "ints are written without points",
        false => "a value is float unless its type says `int`",
    };
    fault.help = vec![format!("{why}: `{text}`{section}")];
}

/// The leaf, or the node that is a constant, of a name.
struct Statement<'a> {
    name: &'a str,
    ty: Option<&'a TypeNote>,
    value: Option<&'a Expression>,
    is_const: bool,
    has_points: bool,
}

impl<'a> Statement<'a> {
    fn find(document: &'a Document, name: Span) -> Option<Self> {
        let blocks = document.blocks.iter();
        let leaves = blocks.clone().flat_map(|block| &block.leaves).chain(&document.leaves);
        let leaves = leaves.map(|leaf| {
            (&leaf.name, leaf.ty.as_ref(), leaf.value.as_ref(), leaf.role == crate::syntax::Role::Const)
        });
        let nodes = blocks.flat_map(|block| &block.nodes).chain(&document.nodes);
        let is_constant = |value: &Expression| {
            value.items.iter().all(|item| !matches!(item.what, What::Name(_) | What::Call(_)))
        };
        let constants = nodes
            .filter(|node| is_constant(&node.value))
            .map(|node| (&node.name, None, Some(&node.value), false));
        let (name, ty, value, is_const) = leaves.chain(constants).find(|(known, ..)| known.span == name)?;
        let items = || value.into_iter().flat_map(|value| &value.items);
        let has_points = items().any(|item| matches!(item.what, What::Float(_)));
        Some(Self { name: &name.value, ty, value, is_const, has_points })
    }

    /// The statement with the type `int`; none where its value has fractions.
    fn as_ints(&self, shape: Option<&Shape>, spelling: Spelling) -> Option<String> {
        let mut value = self.value.cloned();
        for item in value.iter_mut().flat_map(|value| &mut value.items) {
            if let What::Float(size) = item.what {
                item.what = What::Int((size.fract() == 0.0 && size.abs() < 1e15).then_some(size as i64)?);
            }
        }
        let written = value.as_ref().map(print_expression);
        let is_literal = value
            .iter()
            .flat_map(|value| &value.items)
            .all(|item| matches!(item.what, What::Int(_) | What::Negate | What::Array(_)));
        let written = written.map(|text| if text.len() > LONGEST { "…".to_string() } else { text });
        let dims = self.ty.and_then(|note| note.dims.as_ref()).map(|dims| {
            let dims = dims.iter().map(|dim| match &dim.value {
                crate::syntax::Dim::Number(length) => length.to_string(),
                crate::syntax::Dim::Name(name) if spelling == Spelling::Toml => format!("\"{name}\""),
                crate::syntax::Dim::Name(name) => name.to_string(),
            });
            format!("[{}]", dims.collect::<Vec<_>>().join(", "))
        });
        Some(match spelling {
            Spelling::Graph => {
                let dims = dims.or(shape.map(Shape::to_string)).unwrap_or_default();
                let value = written.map_or_else(String::new, |text| format!(" = {text}"));
                format!("const {}: int{}{value}", self.name, if dims == "[]" { "" } else { &dims })
            }
            Spelling::Toml => {
                let quoted = |text: String| {
                    if is_literal || text == "…" { text } else { crate::syntax::quoted(&text, spelling) }
                };
                let parts = [
                    Some("type = \"int\"".to_string()),
                    dims.map(|dims| format!("shape = {dims}")),
                    written.map(|text| format!("value = {}", quoted(text))),
                ];
                let parts: Vec<String> = parts.into_iter().flatten().collect();
                format!("{} = {{ {} }}", self.name, parts.join(", "))
            }
        })
    }
}
