//! The picture for Mermaid, as pages of GitHub and GitLab draw it.

use super::{
    label::Label,
    marks::Mark,
    scene::{Form, Item, Scene},
};
use crate::escape;
use std::fmt::Write;

/// A scene in Mermaid's language.
pub fn mermaid(scene: &Scene) -> String {
    let mut out = String::new();
    if let Some(title) = &scene.title {
        let _ = writeln!(out, "---\ntitle: {}\n---", escape::mermaid_title(title));
    }
    out.push_str("flowchart LR\n");
    super::outline(scene, &mut out, &mut |part, depth, out| {
        let indent = "  ".repeat(depth + 1);
        let _ = match part {
            super::Nested::Open(at) => {
                writeln!(out, "{indent}subgraph g{at}[\"{}\"]", escape::mermaid(&scene.groups[at].heading()))
            }
            super::Nested::Close => writeln!(out, "{indent}end"),
            super::Nested::Item(at) => writeln!(out, "{indent}{}", node(at, &scene.items[at])),
        };
    });
    for edge in &scene.edges {
        let above = edge.above.iter().map(Label::with_shape);
        let lines: Vec<String> =
            above.chain(edge.below.iter().map(|below| format!("← {}", below.text))).collect();
        let label = match lines.is_empty() {
            true => String::new(),
            false => format!("|\"{}\"|", escape::mermaid(&lines.join("\n"))),
        };
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

fn node(at: usize, item: &Item) -> String {
    let label = escape::mermaid(&item.words().join("\n"));
    let (open, close) = match item.form {
        Form::Input | Form::Const => ("([", "])"),
        Form::Param | Form::Fold => ("[[", "]]"),
        Form::Literal | Form::Tag | Form::End => ("[", "]"),
        Form::Circle => ("((", "))"),
        Form::Box => ("[", "]"),
        Form::Port => ("(((", ")))"),
    };
    let class = match (item.mark, item.form) {
        (Some(Mark::Wrong), _) => ":::wrong",
        (_, Form::Const) => ":::const",
        _ => "",
    };
    format!("n{at}{open}\"{label}\"{close}{class}")
}
