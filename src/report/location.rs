//! Where a wrong gradient comes from and what the numbers show, in words.

use super::number::number;
use crate::{
    compare::{Edge, Factor, Guilty, Location, Move, Pattern, Term, Which},
    graph::{Graph, ValueId},
    source::{Place, SourceMap},
};

/// What is said where nothing explains the entries.
pub const NO_PATTERN: &str = "no pattern in the entries";

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
    /// The backward line that states it, where one does.
    pub place: Option<Place>,
}

/// Puts names and places to what was located.
pub fn culprits<'a>(location: &'a Location, graph: &'a Graph, sources: &SourceMap) -> Vec<Culprit<'a>> {
    location.guilty.iter().map(|guilty| culprit(guilty, graph, sources)).collect()
}

fn culprit<'a>(guilty: &'a Guilty, graph: &'a Graph, sources: &SourceMap) -> Culprit<'a> {
    let output = graph.value(guilty.unit.output());
    let node = &graph.nodes[guilty.unit.nodes.start as usize];
    let card = node.kernel.card();
    let block = guilty.unit.block.map(|id| graph.block(id));
    let line = |input: ValueId| block?.backward.as_ref()?.lines.iter().find(|line| line.to == input);
    let edge = |input: ValueId| {
        let position = node.inputs.iter().position(|&value| value == input).unwrap_or(0);
        card.edge(position).name
    };
    let inputs = guilty.inputs.iter().map(|(input, pattern)| WrongInput {
        name: line(*input).map_or_else(|| edge(*input), |line| &line.name),
        pattern: pattern.as_ref(),
        place: line(*input).and_then(|line| sources.place(line.span)),
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
        Pattern::Ratio { factor, of } => ratio_words(factor, of),
        Pattern::Zero { of } => match of {
            Which::Every => "every entry is 0".to_string(),
            of => format!("{} 0", subject(of)),
        },
        Pattern::MissingFactor { of } => format!("it lacks the factor `{of}`"),
        Pattern::ExtraFactor { of } => format!("it has the factor `{of}` once too often"),
        Pattern::Moved(how) => moved_words(how),
        Pattern::OfAnother { of, times } => match times.value {
            1.0 => format!("it is the true gradient for `{of}`: are the two swapped?"),
            _ => format!("it is {} times the true gradient for `{of}`{}", simple(times.value), source(times)),
        },
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
        Pattern::MissingPath { edges } => {
            let uses = edges.len();
            let mut edges: Vec<String> = edges.iter().map(edge_words).collect();
            edges.dedup();
            match &edges[..] {
                [one] if uses == 1 => format!("it lacks what comes back {one}"),
                [one] => format!("it lacks what comes back {one}, which takes it {uses} times"),
                several => format!(
                    "{} paths are missing: it lacks what comes back {}",
                    several.len(),
                    several.join(", and ")
                ),
            }
        }
        Pattern::ScaledPath { edge, factor } => format!(
            "what comes back {} is {} times the true part{}",
            edge_words(edge),
            simple(factor.value),
            source(factor)
        ),
        Pattern::Instead { is, should, within } => {
            format!("it is right with `{should}` for `{is}` in `{within}`")
        }
        Pattern::Terms(terms) => terms_words(terms),
        Pattern::Unsummed { axis, index } => format!(
            "it holds only what index {index} of axis {axis} of the output sends back: is the sum over that axis \
             missing?"
        ),
        Pattern::SummedTooMuch { axis } => {
            format!("every entry is the sum of the true ones along axis {axis}: one sum too many?")
        }
        Pattern::OneSlice { axis, index } => {
            format!("only entries with index {index} on axis {axis} are wrong")
        }
    }
}

/// How wrong entries are a multiple of the true ones.
pub fn ratio_words(factor: &Factor, of: &Which) -> String {
    let times = match factor.value {
        -1.0 => "−1 times the true one: the sign?".to_string(),
        value => format!("{} times the true one{}", simple(value), source(factor)),
    };
    format!("{} {times}", subject(of))
}

/// The entries that are wrong, as the subject of a sentence.
pub fn subject(of: &Which) -> String {
    match of {
        Which::Every => "every entry is".to_string(),
        Which::One { at } => match &at[..] {
            [at] => format!("only entry {at} is wrong: it is"),
            at => format!("only entry {at:?} is wrong: it is"),
        },
        Which::Slice { axis, first, last } if first == last => {
            format!("only entries with index {first} on axis {axis} are wrong: each is")
        }
        Which::Slice { axis, first, last } => {
            format!("only entries with indices {first} to {last} on axis {axis} are wrong: each is")
        }
        Which::Some { wrong, all } => format!("{wrong} of {all} entries are wrong: every wrong entry is"),
    }
}

/// A factor that is easily read: `1/4`, `3/4`, `1.73205`.
fn simple(value: f64) -> String {
    const DENOMINATORS: i32 = 64;
    let size = value.abs();
    let sign = if value < 0.0 { "−" } else { "" };
    let whole = |x: f64| x.round() >= 1.0 && (x - x.round()).abs() < 1e-9 * x;
    let inverse = 1.0 / size;
    let fraction = (1..=DENOMINATORS).map(f64::from).find(|&by| whole(size * by));
    match fraction {
        Some(1.0) => format!("{sign}{}", number(size.round())),
        Some(by) => format!("{sign}{}/{}", number((size * by).round()), number(by)),
        None if whole(inverse) => format!("{sign}1/{}", number(inverse.round())),
        None => format!("{sign}{}", figure_of_six(size)),
    }
}

/// Six digits of a number, or of what it is off from 1 where no more would be left.
fn figure_of_six(size: f64) -> String {
    let six = |size: f64| -> f64 { format!("{size:.5e}").parse().unwrap_or(size) };
    let more = size - 1.0;
    match six(size) == 1.0 {
        true => {
            let few: f64 = format!("{:.1e}", more.abs()).parse().unwrap_or(more);
            format!("(1 {} {})", if more < 0.0 { '−' } else { '+' }, number(few))
        }
        false => number(six(size)),
    }
}

/// Where a factor may come from, and a guess where nothing in the file is.
fn source(factor: &Factor) -> String {
    let guess = match factor.value.abs() {
        _ if factor.sources.len() == 1 => "",
        2.0 => ": or is ½ forgotten?",
        0.5 => ": or is a factor 2 forgotten, as of a square?",
        _ => "",
    };
    let guess = if factor.sources.is_empty() { guess.replace("or is", "is") } else { guess.to_string() };
    format!("{}{guess}", known_source(factor))
}

/// What in the file has a factor's value.
fn known_source(factor: &Factor) -> String {
    match factor.sources.is_empty() {
        true => String::new(),
        false => format!(" ({} is {})", simple(factor.value.abs()), factor.sources.join(", or ")),
    }
}

fn edge_words(edge: &Edge) -> String {
    match &edge.through {
        Some((node, op)) => format!("to `{}` through `{node}` ({op})", edge.to),
        None => format!("to the output `{0}`, `upstream.{0}`", edge.to),
    }
}

fn moved_words(how: &Move) -> String {
    format!("it is the true gradient's numbers in other places, {}", places(how))
}

/// How numbers have moved.
pub fn places(how: &Move) -> String {
    match how {
        Move::Reversed { axis: None } => "in reverse order".to_string(),
        Move::Reversed { axis: Some(axis) } => format!("in reverse order along axis {axis}"),
        Move::Turned => "turned by 180 degrees in its last two axes".to_string(),
        Move::Rolled { axis, by } => format!("rolled by {by} along axis {axis}"),
        Move::Axes { order } if order == &[1, 0] => "transposed".to_string(),
        Move::Axes { order } => {
            format!("as if its axes were in the order {order:?}: is a transpose missing?")
        }
        Move::Split { shape, order } => format!(
            "as if reshaped to {shape:?} with the axes then in the order {order:?}: are parts of an axis, as heads, \
             not put back?"
        ),
        Move::Somehow => "each once".to_string(),
    }
}

fn terms_words(terms: &[Term]) -> String {
    let alike = |own: &[&Term], term: &Term| {
        own[0].needs == term.needs && own[0].divisor.is_some() == term.divisor.is_some()
    };
    let mut groups: Vec<Vec<&Term>> = Vec::new();
    for term in terms {
        match groups.iter_mut().find(|own| alike(own, term)) {
            Some(group) => group.push(term),
            None => groups.push(vec![term]),
        }
    }
    groups.iter().map(|group| group_words(group)).collect::<Vec<_>>().join("; ")
}

/// Terms that need the same.
fn group_words(terms: &[&Term]) -> String {
    let (is_one, first) = (terms.len() == 1, terms[0]);
    let names: Vec<String> =
        terms.iter().map(|term| format!("the {} term, `{}`,", ordinal(term.number), term.text)).collect();
    let what = names.join(" and ");
    let needs = match (first.needs.value, is_one) {
        (0.0, true) => return format!("{what} does not belong there"),
        (0.0, false) => return format!("{what} do not belong there"),
        (-1.0, true) => return format!("{what} has the wrong sign"),
        (-1.0, false) => return format!("{what} have the wrong sign"),
        (value, true) => format!("{what} needs × {}", simple(value)),
        (value, false) => format!("{what} need × {} each", simple(value)),
    };
    // A plain number may be anything's, and what it is divided by says more.
    let is_plain = matches!(first.needs.value.abs(), 2.0 | 0.5) || first.needs.value.fract() == 0.0;
    let known = if is_plain && first.divisor.is_some() { String::new() } else { known_source(&first.needs) };
    match &first.divisor {
        Some((is, should)) => format!(
            "{needs}{known}: divided by {} where {} is right{}",
            simple(*is),
            simple(should.value),
            known_source(should)
        ),
        None => format!("{needs}{known}"),
    }
}

fn ordinal(number: usize) -> String {
    match ["first", "second", "third", "fourth", "fifth", "sixth"].get(number.wrapping_sub(1)) {
        Some(word) => word.to_string(),
        None => format!("{number}th"),
    }
}

/// The short name of a pattern, for programs.
pub fn kind(pattern: &Pattern) -> &'static str {
    match pattern {
        Pattern::Ratio { .. } => "ratio",
        Pattern::Zero { .. } => "zero",
        Pattern::MissingFactor { .. } => "missing factor",
        Pattern::ExtraFactor { .. } => "extra factor",
        Pattern::Moved(Move::Reversed { .. } | Move::Turned) => "reversed",
        Pattern::Moved(Move::Rolled { .. }) => "rolled",
        Pattern::Moved(Move::Axes { .. }) => "transposed",
        Pattern::Moved(Move::Split { .. } | Move::Somehow) => "moved",
        Pattern::OfAnother { .. } => "of another",
        Pattern::OneSlice { .. } => "one slice",
        Pattern::IgnoresUpstream => "ignores upstream",
        Pattern::UpstreamTwice => "upstream twice",
        Pattern::NotLinear => "not linear",
        Pattern::MissingPath { .. } => "missing path",
        Pattern::ScaledPath { .. } => "scaled path",
        Pattern::Instead { .. } => "instead",
        Pattern::Terms(_) => "terms",
        Pattern::Unsummed { .. } => "unsummed",
        Pattern::SummedTooMuch { .. } => "summed too much",
    }
}
