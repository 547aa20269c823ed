//! Where digits are lost, in words.

use crate::{
    compare::{Loss, LossPlace},
    graph::{Graph, NodeId, ValueId},
    source::{Place, SourceMap},
};

/// The node that loses digits, how many, and what is usually computed instead.
pub fn loss(loss: &Loss, graph: &Graph, sources: &SourceMap) -> String {
    let digits = format!("{} digits", loss.digits.round());
    let place = place(loss, graph, sources);
    let place = place.map_or(String::new(), |place| format!(" ({}:{})", place.file, place.line));
    let remedy = loss.remedy.map_or(String::new(), |remedy| format!(": better {remedy}"));
    let what = match loss.place {
        LossPlace::Node(node) => {
            let verb = match graph.node(node).kernel.card().name {
                "add" | "sub" | "sum" | "mean" | "matmul" => "cancels",
                _ => "loses",
            };
            format!("`{}` {verb} {digits}", expression(graph, node))
        }
        LossPlace::Back(node) => format!("going back through `{}` loses {digits}", expression(graph, node)),
        LossPlace::Sum(value) => {
            format!(
                "the gradients that come back to `{}` from its uses cancel {digits}",
                graph.value(value).name
            )
        }
    };
    format!("{what}{place}{remedy}")
}

/// Where the loss is in the file.
pub fn place(loss: &Loss, graph: &Graph, sources: &SourceMap) -> Option<Place> {
    sources.place(match loss.place {
        LossPlace::Node(node) | LossPlace::Back(node) => graph.node(node).span,
        LossPlace::Sum(value) => graph.value(value).span,
    })
}

/// A node as it may be written, of the names of its inputs.
pub(super) fn expression(graph: &Graph, id: NodeId) -> String {
    let node = graph.node(id);
    // The innermost block comes first.
    let block = graph.blocks.iter().find(|block| block.nodes.contains(&id.0));
    let name = |value: ValueId| -> &str {
        let name = &*graph.value(value).name;
        match block {
            Some(block) if block.gives(value).is_some() => block.gives(value).unwrap_or(name),
            Some(block) => {
                name.strip_prefix(&*block.name).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name)
            }
            None => name,
        }
    };
    let names: Vec<&str> = node.inputs.iter().map(|&input| name(input)).collect();
    let sign = match node.kernel.card().name {
        "add" => "+",
        "sub" => "-",
        "mul" => "*",
        "div" => "/",
        "pow" => "**",
        "matmul" => "@",
        op => return format!("{op}({})", names.join(", ")),
    };
    names.join(&format!(" {sign} "))
}
