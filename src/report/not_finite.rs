//! Where a NaN or an infinity comes from, in words.

use super::number::{index, number};
use crate::{
    compare::{Made, NotFinite},
    graph::{Graph, Origin, ValueId},
    source::SourceMap,
};

/// What is not finite, which node made it of what, and why.
pub fn origin(found: &NotFinite, graph: &Graph, sources: &SourceMap) -> String {
    let value = graph.value(found.value);
    let what = if found.gradient { "the gradient of " } else { "" };
    let place = index(found.entry, &value.ty.shape);
    let head = format!("{what}{}{place} = {}", value.name, number(found.number));
    let Some(made) = &found.made_by else {
        return match found.gradient {
            true => format!("{head}: what comes back from its uses adds up to it"),
            false => format!("{head} is in the data"),
        };
    };
    let node = graph.node(made.node);
    let is_literal = |input: ValueId| matches!(graph.value(input).origin, Origin::Literal(_));
    let given = made.inputs.iter().filter(|(input, ..)| !is_literal(*input)).map(|&(input, at, x)| {
        let input = graph.value(input);
        format!("{}{} = {}", input.name, index(at, &input.ty.shape), number(x))
    });
    let given: Vec<String> = given.collect();
    let place = sources.place(node.span).map(|place| format!(" ({}:{})", place.file, place.line));
    let by = match found.gradient {
        true => format!("sent back by {} ({})", graph.value(node.outputs[0]).name, node.kernel.card().name),
        false => format!("made by {}", node.kernel.card().name),
    };
    let given = if given.is_empty() { String::new() } else { format!(", where {}", given.join(", ")) };
    let cause = cause(found, made, graph);
    format!("{head}, {by}{given}: {cause}{}", place.unwrap_or_default())
}

/// Why a node makes no finite number of these.
pub fn cause(found: &NotFinite, made: &Made, graph: &Graph) -> String {
    let numbers: Vec<f64> = made.inputs.iter().map(|&(_, _, x)| x).collect();
    let op = graph.node(made.node).kernel.card().name;
    let infinite = numbers.iter().any(|x| x.is_infinite());
    let why = match (op, &numbers[..], made.to) {
        ("sqrt", [0.0], Some(_)) => "the square root is infinitely steep at 0",
        ("log", [0.0], Some(_)) => "the slope 1/x at 0",
        ("pow", [0.0, ..], Some(0)) => "this power is infinitely steep at 0",
        ("pow", [0.0, ..], Some(_)) => "the logarithm of a base 0",
        ("div", [_, 0.0], Some(_)) | ("reciprocal", [0.0], Some(_)) => "division by zero",
        (_, _, Some(_)) if infinite => "a product with an infinity",
        (_, _, Some(_)) => "its slope times upstream is beyond the greatest number, or none",
        ("log", [0.0], None) => "the logarithm of 0",
        ("log", [x], None) if *x < 0.0 => "the logarithm of a negative number",
        ("sqrt", [x], None) if *x < 0.0 => "the square root of a negative number",
        ("div", [0.0, 0.0], None) => "0/0",
        ("div", [_, 0.0], None) | ("reciprocal", [0.0], None) => "division by zero",
        ("div", [a, b], None) if a.is_infinite() && b.is_infinite() => "infinity/infinity",
        ("exp", ..) => "e to this power is beyond the greatest number: overflow",
        ("pow", [x, p], None) if *x < 0.0 && p.fract() != 0.0 => {
            "a negative base to a power that is not a whole number"
        }
        ("pow", [0.0, p], None) if *p < 0.0 => "0 to a negative power: division by zero",
        ("add" | "sub", ..) if infinite && found.number.is_nan() => "infinity − infinity",
        ("mul", ..) if infinite && found.number.is_nan() => "0 times infinity",
        _ if infinite && found.number.is_nan() => {
            "infinities that cancel, or 0 times infinity, among its terms"
        }
        _ if found.number.is_nan() => "no number comes of these",
        _ => "beyond the greatest number: overflow",
    };
    why.to_string()
}
