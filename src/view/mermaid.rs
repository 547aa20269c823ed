//! The picture for Mermaid, as pages of GitHub and GitLab draw it.

use super::{
    label::Label,
    marks::Mark,
    outline::{Nested, outline},
    place::Axis,
    scene::{Edge, Form, Item, Scene},
    theme::LIGHT,
};
use crate::escape;
use std::fmt::Write;

/// A scene in Mermaid's language.
pub fn mermaid(scene: &Scene, axis: Axis) -> String {
    let mut out = String::new();
    if let Some(title) = &scene.title {
        let _ = writeln!(out, "---\ntitle: {}\n---", escape::mermaid_title(title));
    }
    let _ = writeln!(out, "flowchart {}", if axis == Axis::Down { "TD" } else { "LR" });
    outline(scene, &mut out, &mut |part, depth, out| {
        let indent = "  ".repeat(depth + 1);
        let _ = match part {
            Nested::Open(at) => {
                writeln!(out, "{indent}subgraph g{at}[\"{}\"]", escape::mermaid(&scene.groups[at].heading()))
            }
            Nested::Close => writeln!(out, "{indent}end"),
            Nested::Item(at) => writeln!(out, "{indent}{}", node(at, &scene.items[at])),
        };
    });
    for edge in &scene.edges {
        let label = label(edge);
        let label = if label.is_empty() { label } else { format!("|\"{label}\"|") };
        let _ = writeln!(out, "  n{} -->{label} n{}", edge.from, edge.to);
    }
    out.push_str("  classDef const stroke-dasharray: 4 3\n  classDef wrong stroke-width: 4px\n");
    for (at, group) in scene.groups.iter().enumerate() {
        if group.mark == Some(Mark::Wrong) {
            let _ = writeln!(out, "  class g{at} wrong");
        }
    }
    out
}

/// Value and gradient, each in its colour, whose `#` Mermaid would take for its own.
fn label(edge: &Edge) -> String {
    let words_in = |colour: &str, more: &str, words: &str| {
        let channel = |at: usize| u8::from_str_radix(&colour[at..at + 2], 16).unwrap_or(0);
        let words = escape::mermaid(words);
        format!("<span style='color:rgb({},{},{}){more}'>{words}</span>", channel(1), channel(3), channel(5))
    };
    let coloured = |colour: &str, more: &str, sign: &str, label: &Label| {
        words_in(colour, more, &format!("{sign}{}", label.nested()))
    };
    let kept = |label: &Option<Label>| {
        let kept = label.as_ref().and_then(|label| label.kept.as_ref());
        kept.map(|kept| words_in(LIGHT.of(kept.grade), "", &kept.words))
    };
    let above = edge.above.iter().map(|label| coloured(LIGHT.value, "", "", label)).chain(kept(&edge.above));
    let below = edge.below.iter().map(|label| coloured(LIGHT.gradient, ";font-style:italic", "← ", label));
    above.chain(below).chain(kept(&edge.below)).collect::<Vec<_>>().join("<br>")
}

fn node(at: usize, item: &Item) -> String {
    let label = escape::mermaid(&item.words().join("\n"));
    let (open, close) = match item.form {
        Form::Input | Form::Const => ("([", "])"),
        Form::Param | Form::Fold => ("[[", "]]"),
        Form::Literal | Form::Tag | Form::End => ("[", "]"),
        Form::Circle => ("((", "))"),
        Form::Box => ("[", "]"),
        Form::Port | Form::Turn => ("(((", ")))"),
    };
    let class = match (item.mark, item.form) {
        (Some(Mark::Wrong), _) => ":::wrong",
        (_, Form::Const) => ":::const",
        _ => "",
    };
    format!("n{at}{open}\"{label}\"{close}{class}")
}
