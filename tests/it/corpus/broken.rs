//! Slips in backward lines of blocks, planted in their text.

use super::layers::Layer;

/// What is done to a backward line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Slip {
    /// All of it times 1 + this.
    Factor(f64),
    Sign,
    /// Its last entry times 1 + this.
    OneEntry(f64),
    UpstreamForgotten,
    UpstreamTwice,
    Transposed,
    Reversed,
    NegativesOnly,
    /// Another line's expression, where the shapes are alike.
    OfAnother,
    MeanForgotten,
}

pub const SLIPS: [Slip; 14] = [
    Slip::Factor(1e-3),
    Slip::Factor(1e-6),
    Slip::Factor(1e-9),
    Slip::Sign,
    Slip::OneEntry(1e-3),
    Slip::OneEntry(1e-6),
    Slip::OneEntry(1e-9),
    Slip::UpstreamForgotten,
    Slip::UpstreamTwice,
    Slip::Transposed,
    Slip::Reversed,
    Slip::NegativesOnly,
    Slip::OfAnother,
    Slip::MeanForgotten,
];

/// The argument names and the expressions of the backward lines.
pub fn lines(layer: &Layer) -> Vec<(&str, &str)> {
    let lines = layer.definition.lines().filter_map(|line| line.trim().strip_prefix("backward "));
    lines.filter_map(|line| line.split_once(" = ")).collect()
}

/// The definition with one line broken; `None` where the slip does not fit it.
pub fn broken(layer: &Layer, number: usize, slip: Slip) -> Option<String> {
    let lines = lines(layer);
    let (name, right) = lines[number];
    let shape = shape_of(layer, name);
    let wrong = match slip {
        Slip::Factor(by) => format!("({right}) * {:?}", 1.0 + by),
        Slip::Sign => format!("-({right})"),
        Slip::OneEntry(by) => format!("({right}) * {}", all_but_the_last(shape, 1.0 + by)),
        Slip::UpstreamForgotten => {
            let names = ["upstream"];
            let definition = definition_with(layer, |line| {
                names.iter().fold(line.to_string(), |line, name| line.replace(name, "(upstream * 0 + 1)"))
            });
            return Some(definition);
        }
        Slip::UpstreamTwice => format!("({right}) * mean(upstream)"),
        Slip::Transposed if shape.len() == 2 && shape[0] == shape[1] => format!("transpose({right})"),
        Slip::Reversed if !shape.is_empty() => format!("({right})[::-1]"),
        Slip::NegativesOnly => format!("({right}) * (1 + 0.001 * greater(0, {name}))"),
        Slip::OfAnother => {
            let (_, other) = lines
                .iter()
                .find(|(other, text)| *other != name && shape_of(layer, other) == shape && text != &right)?;
            other.to_string()
        }
        Slip::MeanForgotten => {
            let at = right.find(" - mean(").or_else(|| right.find(" - sum("))?;
            let end = right[at..].find(')').map(|end| at + end + 1)?;
            format!("{}{}", &right[..at], &right[end..])
        }
        Slip::Transposed | Slip::Reversed => return None,
    };
    let line = format!("backward {name} = {right}");
    Some(layer.definition.replace(&line, &format!("backward {name} = {wrong}")))
}

fn definition_with(layer: &Layer, change: impl Fn(&str) -> String) -> String {
    layer.definition.lines().map(change).collect::<Vec<_>>().join("\n")
}

fn shape_of(layer: &Layer, name: &str) -> &'static [usize] {
    let head = layer.definition.lines().next().unwrap_or_default();
    let inside = &head[head.find('(').unwrap() + 1..head.rfind(')').unwrap()];
    let mut names = Vec::new();
    let mut depth = 0;
    let mut own = String::new();
    for character in inside.chars().chain([',']) {
        match character {
            '[' => depth += 1,
            ']' => depth -= 1,
            ',' | ';' if depth == 0 => names.push(std::mem::take(&mut own)),
            _ => own.push(character),
        }
    }
    let at = names.iter().position(|own| own.split(':').next().unwrap_or_default().trim() == name).unwrap();
    layer.arguments[at].0
}

/// Ones of a shape, and this for the last entry.
fn all_but_the_last(shape: &[usize], last: f64) -> String {
    let size: usize = shape.iter().product();
    let mut at = 0;
    super::draw::literal(shape, &mut || {
        at += 1;
        if at == size { last } else { 1.0 }
    })
}
