//! What several tests need: samples of cards as graphs of their own.

pub mod folder;
pub mod pictures;

use graphrun::{
    Graph, Spelling,
    load::{Input, load},
    op::{Card, Takes},
    resolve::Request,
    source::SourceMap,
    tensor::Tensor,
};
use std::path::Path;

/// The top-level arguments of a call's text.
pub fn arguments(call: &str) -> Vec<&str> {
    let inside = &call[call.find('(').unwrap() + 1..call.rfind(')').unwrap()];
    let (mut depth, mut start, mut parts, mut quoted) = (0, 0, Vec::new(), false);
    for (at, character) in inside.char_indices() {
        match character {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' | '(' => depth += 1,
            ']' | ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(inside[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(inside[start..].trim());
    parts
}

/// Leaves for the literals of a sample's call, and the call on them: floats are
/// inputs, ints consts.
pub fn with_leaves(card: &Card, call: &str) -> (String, String) {
    let (mut leaves, mut names, mut attributes) = (String::new(), Vec::new(), Vec::new());
    for (index, argument) in arguments(call).into_iter().enumerate() {
        if argument.contains(" = ") {
            attributes.push(argument.to_string());
            continue;
        }
        let is_bool = argument.contains("true") || argument.contains("false");
        let kind = match card.edge(index).takes {
            Takes::Float => "float",
            Takes::Int => "int",
            Takes::Bool => "bool",
            _ if is_bool => "bool",
            Takes::Either if index > 0 && !argument.contains('.') && card.name != "concat" => "int",
            Takes::Number | Takes::Either => "float",
        };
        match kind {
            "float" => leaves += &format!("input a{index} = {argument}\n"),
            kind => leaves += &format!("const a{index}: {kind} = {argument}\n"),
        }
        names.push(format!("a{index}"));
    }
    names.extend(attributes);
    (leaves, format!("{}({})", card.name, names.join(", ")))
}

/// The call gives no ints and no truths, through which no gradient goes.
pub fn gives_floats(call: &str) -> bool {
    !call.contains("to = \"int\"") && !call.contains("to = \"bool\"")
}

/// The graph of a text that must be good.
pub fn read(text: &str) -> Graph {
    graphrun::read(text, Spelling::Graph).unwrap_or_else(|refusal| panic!("{text}\n{refusal}"))
}

/// The graph of a file, with one more folder for its data.
pub fn read_file(path: &Path, data: Option<&Path>) -> Result<Graph, graphrun::Refusal> {
    let folders = path.parent().into_iter().chain(data).map(Path::to_path_buf).collect();
    let request = Request { files: graphrun::initializers::Files::new(folders), ..Request::default() };
    load(&Input::File(path), None, &request, &mut SourceMap::default())
}

/// The value of a constant expression, read as a leaf.
pub fn constant(text: &str) -> Tensor {
    let graph = read(&format!("input c = {text}\ny = identity(c)\n"));
    graphrun::Run::backward(&graph).value("c").unwrap()
}

/// |got − want| ≤ tolerance · max(1, |want|), elementwise; NaN equals NaN.
pub fn close(got: &[f64], want: &[f64], tolerance: f64) -> bool {
    got.len() == want.len()
        && got.iter().zip(want).all(|(got, want)| {
            got == want
                || (got.is_nan() && want.is_nan())
                || (got - want).abs() <= tolerance * want.abs().max(1.0)
        })
}
