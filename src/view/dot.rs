//! The picture for Graphviz, which lays it out itself.

use super::{
    label::Label,
    outline::{Nested, outline},
    place::Axis,
    scene::{Edge, Form, Item, Scene},
    theme::LIGHT,
};
use crate::escape;
use std::fmt::Write;

/// A scene in Graphviz's language.
pub fn dot(scene: &Scene, axis: Axis) -> String {
    let direction = if axis == Axis::Down { "TB" } else { "LR" };
    let mut out = format!(
        "digraph {{\n  rankdir={direction}\n  graph [fontname=\"sans-serif\"]\n  node [fontname=\"sans-serif\"]\n  edge [fontname=\"sans-serif\"]\n",
    );
    if let Some(title) = &scene.title {
        let _ = writeln!(out, "  label={}\n  labelloc=t", escape::dot(title));
    }
    outline(scene, &mut out, &mut |part, depth, out| {
        let indent = "  ".repeat(depth + 1);
        let _ = match part {
            Nested::Open(at) => {
                let title = scene.groups[at].heading();
                writeln!(
                    out,
                    "{indent}subgraph cluster_{at} {{\n{indent}  label={}\n{indent}  style=dashed",
                    escape::dot(&title)
                )
            }
            Nested::Close => writeln!(out, "{indent}}}"),
            Nested::Item(at) => writeln!(out, "{indent}n{at} [{}]", attributes(&scene.items[at])),
        };
    });
    for edge in &scene.edges {
        let _ = writeln!(
            out,
            "  n{} -> n{} [label={} tooltip={}]",
            edge.from,
            edge.to,
            label(edge),
            escape::dot(&edge.tip)
        );
    }
    out.push_str("}\n");
    out
}

/// Value and gradient, each in its colour, and what the op calls the input: beside the
/// head of an edge, Graphviz would put it on another.
fn label(edge: &Edge) -> String {
    let coloured = |colour: &str, sign: &str, label: &Label| {
        format!(
            "<font color=\"{colour}\">{}</font>",
            escape::dot_markup(&format!("{sign}{}", label.nested()))
        )
    };
    let kept = |label: &Option<Label>| {
        let kept = label.as_ref().and_then(|label| label.kept.as_ref());
        kept.map(|kept| {
            let colour = LIGHT.of(kept.grade);
            format!("<font color=\"{colour}\">{}</font>", escape::dot_markup(&kept.words))
        })
    };
    let above = edge.above.iter().map(|label| coloured(LIGHT.value, "", label)).chain(kept(&edge.above));
    let below = edge.below.iter().map(|label| format!("<i>{}</i>", coloured(LIGHT.gradient, "← ", label)));
    let port = edge
        .port
        .map(|port| format!("<font color=\"{}\">as {}</font>", LIGHT.faint, escape::dot_markup(port)));
    let lines: Vec<String> = above.chain(below).chain(kept(&edge.below)).chain(port).collect();
    if lines.is_empty() { escape::dot("") } else { format!("<{}>", lines.join("<br/>")) }
}

fn attributes(item: &Item) -> String {
    let shape = match item.form {
        Form::Input => "shape=box style=rounded",
        Form::Param => "shape=box peripheries=2",
        Form::Const => "shape=box style=\"rounded,dashed\"",
        Form::Literal | Form::Tag | Form::End => "shape=plaintext",
        Form::Circle => "shape=circle",
        Form::Box => "shape=box",
        Form::Fold => "shape=box3d",
        Form::Port | Form::Turn => "shape=point",
    };
    format!("{shape} label={} tooltip={}", escape::dot(&item.words().join("\n")), escape::dot(&item.tip))
}
