//! Where a wrong gradient comes from and what the numbers show, in words.

use super::number::number;
use crate::{
    compare::{Guilty, Location, Pattern},
    graph::{Graph, ValueId},
    source::{Place, SourceMap},
};

/// A guilty node or block for people and for programs alike.
pub struct Culprit<'a> {
    /// The node that the op or the block makes.
    pub name: &'a str,
    /// The op's or the block's name.
    pub of: &'a str,
    pub is_block: bool,
    pub place: Option<Place>,
    pub inputs: Vec<WrongInput<'a>>,
}

/// A wrong gradient of a guilty node or block.
pub struct WrongInput<'a> {
    /// As the author of the backward calls it.
    pub name: &'a str,
    pub pattern: Option<&'a Pattern>,
}

/// Puts names and places to what was located.
pub fn culprits<'a>(location: &'a Location, graph: &'a Graph, sources: &SourceMap) -> Vec<Culprit<'a>> {
    location.guilty.iter().map(|guilty| culprit(guilty, graph, sources)).collect()
}

fn culprit<'a>(guilty: &'a Guilty, graph: &'a Graph, sources: &SourceMap) -> Culprit<'a> {
    let output = graph.value(guilty.unit.output);
    let node = &graph.nodes[guilty.unit.nodes.start as usize];
    let card = node.kernel.card();
    let block = guilty.unit.block.map(|id| &graph.blocks[id.index()]);
    let line = |input: ValueId| block?.backward.as_ref()?.lines.iter().find(|line| line.to == input);
    let edge = |input: ValueId| {
        let position = node.inputs.iter().position(|&value| value == input).unwrap_or(0);
        card.edge(position).name
    };
    let inputs = guilty.inputs.iter().map(|(input, pattern)| WrongInput {
        name: line(*input).map_or_else(|| edge(*input), |line| &line.name),
        pattern: pattern.as_ref(),
    });
    let first_line = guilty.inputs.first().and_then(|&(input, _)| line(input));
    Culprit {
        name: &output.name,
        of: block.map_or(card.name, |block| &block.of),
        is_block: block.is_some(),
        place: sources.place(first_line.map_or(node.span, |line| line.span)),
        inputs: inputs.collect(),
    }
}

/// What a pattern says, and what the slip may be.
pub fn words(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Ratio { ratio, length } => ratio_words(*ratio, *length),
        Pattern::Zero => "every entry is 0".to_string(),
        Pattern::Transposed => "it is the transpose of the measured gradient".to_string(),
        Pattern::OneSlice { axis, index } => {
            format!("only entries with index {index} on axis {axis} are wrong")
        }
        Pattern::IgnoresUpstream => {
            "it does not change with the upstream gradient: is a factor `upstream` missing?".to_string()
        }
        Pattern::UpstreamTwice => {
            "it grows with the square of the upstream gradient: is `upstream` a factor twice?".to_string()
        }
        Pattern::NotLinear => {
            "it is not linear in the upstream gradient, as every gradient is: does a term stand outside of \
             the product with `upstream`?"
                .to_string()
        }
        Pattern::MissingPath { through } => format!("it lacks what comes back through `{through}`"),
        Pattern::Unsummed { index } => format!(
            "it holds only what index {index} of the first axis sends back: is the sum over that axis missing?"
        ),
    }
}

fn ratio_words(ratio: f64, length: Option<usize>) -> String {
    let size = match (ratio.abs(), 1.0 / ratio.abs()) {
        (1.0, _) => return "every entry is −1 times the measured one: the sign?".to_string(),
        (_, inverse) if inverse.fract() == 0.0 => format!("1/{}", number(inverse)),
        (size, _) => number(size),
    };
    let sign = if ratio < 0.0 { "−" } else { "" };
    let mut guesses = Vec::new();
    if let Some(length) = length {
        guesses.push(match ratio.abs() > 1.0 {
            true => format!("an axis is {length} long: a mean over it forgotten?"),
            false => format!(
                "an axis is {length} long: divided by it once too often, or a mean where a sum belongs?"
            ),
        });
    }
    if ratio.abs() == 2.0 {
        guesses.push("a factor ½ forgotten?".to_string());
    }
    if ratio.abs() == 0.5 {
        guesses.push("a factor 2 forgotten, as of a square?".to_string());
    }
    let guess = if guesses.is_empty() { String::new() } else { format!(": {}", guesses.join(" or ")) };
    format!("every entry is {sign}{size} times the measured one{guess}")
}

/// The short name of a pattern, for programs.
pub fn kind(pattern: &Pattern) -> &'static str {
    match pattern {
        Pattern::Ratio { .. } => "ratio",
        Pattern::Zero => "zero",
        Pattern::Transposed => "transposed",
        Pattern::OneSlice { .. } => "one slice",
        Pattern::IgnoresUpstream => "ignores upstream",
        Pattern::UpstreamTwice => "upstream twice",
        Pattern::NotLinear => "not linear",
        Pattern::MissingPath { .. } => "missing path",
        Pattern::Unsummed { .. } => "unsummed",
    }
}
