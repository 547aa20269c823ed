//! The picture for Graphviz, which lays it out itself.

use super::{
    label::Label,
    scene::{Form, Item, Scene},
};
use crate::escape;
use std::fmt::Write;

/// A scene in Graphviz's language.
pub fn dot(scene: &Scene) -> String {
    let mut out = String::from(
        "digraph {\n  rankdir=LR\n  graph [fontname=\"sans-serif\"]\n  node [fontname=\"sans-serif\"]\n  edge [fontname=\"sans-serif\"]\n",
    );
    if let Some(title) = &scene.title {
        let _ = writeln!(out, "  label={}\n  labelloc=t", escape::dot(title));
    }
    super::outline(scene, &mut out, &mut |part, depth, out| {
        let indent = "  ".repeat(depth + 1);
        let _ = match part {
            super::Nested::Open(at) => {
                let title = scene.groups[at].heading();
                writeln!(
                    out,
                    "{indent}subgraph cluster_{at} {{\n{indent}  label={}\n{indent}  style=dashed",
                    escape::dot(&title)
                )
            }
            super::Nested::Close => writeln!(out, "{indent}}}"),
            super::Nested::Item(at) => writeln!(out, "{indent}n{at} [{}]", attributes(&scene.items[at])),
        };
    });
    for edge in &scene.edges {
        let lines: Vec<String> = edge
            .above
            .iter()
            .map(Label::with_shape)
            .chain(edge.below.iter().map(|below| format!("← {}", below.text)))
            .collect();
        let port = edge.port.map_or(String::new(), |port| format!(" headlabel={}", escape::dot(port)));
        let _ = writeln!(
            out,
            "  n{} -> n{} [label={}{port} tooltip={}]",
            edge.from,
            edge.to,
            escape::dot(&lines.join("\n")),
            escape::dot(&edge.tip)
        );
    }
    out.push_str("}\n");
    out
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
        Form::Port => "shape=point",
    };
    format!("{shape} label={} tooltip={}", escape::dot(&item.words().join("\n")), escape::dot(&item.tip))
}
