//! Attributes of ops and parameters of sources: names known, values of their kind.

use super::{
    constant::{Constant, Environment, Evaluator},
    elsewhere,
};
use crate::{
    diagnostic::{Cause, Diagnostic},
    initializers::{InitializerCard, ParameterKind, ParameterValue},
    op::{self, AttributeKind, AttributeValue, Card, Misuse, Subject},
    shape::Shape,
    source::{Name, Span},
    syntax::{self, Attribute, Call},
    tensor::Tensor,
};

/// The attributes of a call of an op, defaults filled in.
///
/// # Errors
/// Every attribute that is unknown, given twice, missing or of another kind.
pub fn of_op(
    card: &Card,
    given: &[Attribute],
    call: Span,
    evaluator: &mut Evaluator,
    environment: &Environment,
) -> Result<Vec<(&'static str, AttributeValue)>, Vec<Diagnostic>> {
    if given.is_empty() && card.attributes.is_empty() {
        return Ok(Vec::new());
    }
    let mut faults = Vec::new();
    let mut typed: Vec<(&'static str, AttributeValue)> = Vec::new();
    for attribute in given {
        let name = &*attribute.name.value;
        match card.attributes.iter().find(|known| known.name == name) {
            None => faults.push(unknown(&attribute.name, card.name, card.attributes.iter().map(|a| a.name))),
            Some(known) if typed.iter().any(|(before, _)| *before == known.name) => {
                faults.push(twice(&attribute.name));
            }
            Some(known) => {
                let value = evaluator
                    .evaluate(&attribute.value, None, environment)
                    .and_then(|value| attribute_value(known, value, &attribute.value));
                match value {
                    Ok(value) => typed.push((known.name, value)),
                    Err(fault) => faults.push(fault),
                }
            }
        }
    }
    // What seems to be missing may be there under a name that is refused.
    let is_refused = !faults.is_empty();
    for known in card.attributes {
        let is_given = given.iter().any(|attribute| &*attribute.name.value == known.name);
        match known.default {
            _ if is_given => {}
            Some("") => {}
            Some(default) => {
                typed.extend(default_value(known.kind, default).map(|value| (known.name, value)))
            }
            None if is_refused => {}
            None => faults.push(
                Diagnostic::error(format!("`{}` needs the attribute `{}`", card.name, known.name))
                    .at(call, "in this call")
                    .help(format!("`{}` is {}: `{} = …`", known.name, known.doc, known.name)),
            ),
        }
    }
    if faults.is_empty() { Ok(typed) } else { Err(faults) }
}

fn attribute_value(
    known: &op::Attribute,
    value: Constant,
    written: &syntax::Expression,
) -> Result<AttributeValue, Diagnostic> {
    let wrong = || {
        Diagnostic::error(format!("`{}` must be {}", known.name, known.kind.word()))
            .at(written.span, format!("not {}", known.kind.word()))
    };
    match (known.kind, value) {
        (AttributeKind::Flag, Constant::Flag(flag)) => Ok(AttributeValue::Flag(flag)),
        (AttributeKind::Subscripts, Constant::Text(text)) => {
            let subscripts = syntax::parse_subscripts(&text, written.span)?;
            Ok(AttributeValue::Subscripts(subscripts.into_vec()))
        }
        (AttributeKind::Text, Constant::Text(text)) => Ok(AttributeValue::Text((*text).into())),
        (AttributeKind::Choice(words), Constant::Text(text)) => {
            let same = words.iter().find(|word| **word == &*text);
            same.map(|word| AttributeValue::Choice(word))
                .ok_or_else(|| wrong().did_you_mean(&text, words.iter().copied()))
        }
        (AttributeKind::Int, Constant::Tensor(tensor)) if tensor.shape().is_scalar() => {
            tensor.to_ints().map(|ints| AttributeValue::Int(ints[0])).ok_or_else(wrong)
        }
        (AttributeKind::Float, Constant::Tensor(tensor)) if tensor.shape().is_scalar() => {
            Ok(AttributeValue::Float(tensor.to_floats()[0]))
        }
        (AttributeKind::Ints, Constant::Tensor(tensor)) if tensor.shape().rank() <= 1 => {
            tensor.to_ints().map(AttributeValue::Ints).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

fn default_value(kind: AttributeKind, text: &str) -> Option<AttributeValue> {
    Some(match kind {
        AttributeKind::Int => AttributeValue::Int(text.parse().ok()?),
        AttributeKind::Float => AttributeValue::Float(text.parse().ok()?),
        AttributeKind::Flag => AttributeValue::Flag(text.parse().ok()?),
        AttributeKind::Ints => AttributeValue::Ints(vec![text.parse().ok()?]),
        AttributeKind::Subscripts => return None,
        AttributeKind::Text => AttributeValue::Text(text.trim_matches('"').into()),
        AttributeKind::Choice(words) => {
            AttributeValue::Choice(words.iter().find(|word| **word == text.trim_matches('"'))?)
        }
    })
}

/// What an initializer was called with.
pub struct Given {
    pub parameters: Vec<(&'static str, ParameterValue)>,
    pub shape: Option<Shape>,
    pub places: Places,
}

/// Where each parameter stands.
pub struct Places(Vec<(&'static str, Span)>);

impl Places {
    /// An initializer's refusal with its place.
    pub fn diagnostic(&self, fault: Misuse, call: Span) -> Diagnostic {
        let place = match fault.subject {
            Subject::Attribute(name) => {
                self.0.iter().find(|(known, _)| *known == name).map(|&(_, span)| span)
            }
            _ => None,
        };
        let diagnostic = Diagnostic::error(fault.message).at(place.unwrap_or(call), "here");
        let diagnostic = match fault.limit {
            Some(limit) => diagnostic.cause(Cause::Limit(limit)),
            None => diagnostic,
        };
        match fault.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

/// The parameters of a call of an initializer, by position and by name.
///
/// # Errors
/// The first parameter that is unknown, given twice, missing, too many, or of
/// another kind.
pub fn of_source(
    card: &InitializerCard,
    call: &Call,
    operands: Vec<(Constant, Span)>,
    span: Span,
    evaluator: &mut Evaluator,
    environment: &Environment,
) -> Result<Given, Diagnostic> {
    let most = card.by_position().len();
    if operands.len() > most {
        let message = format!("`{}` takes at most {most} values, got {}", card.name, operands.len());
        let surplus = operands[most].1;
        return Err(Diagnostic::error(message)
            .at(surplus, "one too many")
            .help(format!("for example: `{}`", card.example)));
    }
    let mut given = Given { parameters: Vec::new(), shape: None, places: Places(Vec::new()) };
    for (known, (value, at)) in card.parameters.iter().zip(operands) {
        given.parameters.push((known.name, parameter_value(card, known.name, known.kind, value, at)?));
        given.places.0.push((known.name, at));
    }
    for attribute in &call.attributes {
        let name = &*attribute.name.value;
        let value = evaluator.evaluate(&attribute.value, None, environment)?;
        let at = attribute.value.span;
        if name == "shape" && card.shaped {
            if given.shape.is_some() {
                return Err(twice(&attribute.name));
            }
            given.shape = Some(shape(value, at)?);
            continue;
        }
        let names = card.parameters.iter().map(|known| known.name).chain(card.shaped.then_some("shape"));
        let Some(known) = card.parameters.iter().find(|known| known.name == name) else {
            return Err(unknown(&attribute.name, card.name, names));
        };
        if given.parameters.iter().any(|(before, _)| *before == known.name) {
            return Err(twice(&attribute.name));
        }
        given.parameters.push((known.name, parameter_value(card, known.name, known.kind, value, at)?));
        given.places.0.push((known.name, at));
    }
    for known in card.parameters {
        if given.parameters.iter().any(|(before, _)| *before == known.name) {
            continue;
        }
        match known.default {
            Some("") => {}
            Some(default) => {
                let value = match known.kind {
                    ParameterKind::Int => default.parse().ok().map(ParameterValue::Int),
                    ParameterKind::Number => default.parse().ok().map(ParameterValue::Number),
                    ParameterKind::Flag => default.parse().ok().map(ParameterValue::Flag),
                    ParameterKind::Text => Some(ParameterValue::Text(default.trim_matches('"').to_string())),
                };
                given.parameters.extend(value.map(|value| (known.name, value)));
            }
            None => {
                return Err(Diagnostic::error(format!(
                    "`{}` needs `{}`, {}",
                    card.name, known.name, known.doc
                ))
                .at(span, "in this call")
                .help(format!("for example: `{}`", card.example)));
            }
        }
    }
    Ok(given)
}

fn parameter_value(
    card: &InitializerCard,
    name: &str,
    kind: ParameterKind,
    value: Constant,
    at: Span,
) -> Result<ParameterValue, Diagnostic> {
    let number = match &value {
        Constant::Tensor(tensor) if tensor.shape().is_scalar() => Some(tensor),
        _ => None,
    };
    let typed = match (kind, number, &value) {
        (ParameterKind::Int, Some(tensor), _) => tensor.to_ints().map(|ints| ParameterValue::Int(ints[0])),
        (ParameterKind::Number, Some(Tensor::Int(array)), _) => {
            array.first().map(|&int| ParameterValue::Int(int))
        }
        (ParameterKind::Number, Some(Tensor::Float(array)), _) => {
            array.first().map(|&float| ParameterValue::Number(float))
        }
        (ParameterKind::Text, _, Constant::Text(text)) => Some(ParameterValue::Text(text.to_string())),
        (ParameterKind::Flag, _, Constant::Flag(flag)) => Some(ParameterValue::Flag(*flag)),
        _ => None,
    };
    typed.ok_or_else(|| {
        let word = match kind {
            ParameterKind::Int => "a whole number",
            ParameterKind::Number => "a number",
            ParameterKind::Text => "text in quotes",
            ParameterKind::Flag => "true or false",
        };
        Diagnostic::error(format!("`{name}` of `{}` must be {word}", card.name)).at(at, format!("not {word}"))
    })
}

fn shape(value: Constant, at: Span) -> Result<Shape, Diagnostic> {
    let lengths = match &value {
        Constant::Tensor(tensor) if tensor.shape().rank() <= 1 => tensor.to_ints(),
        _ => None,
    };
    lengths
        .and_then(|lengths| lengths.into_iter().map(|n| usize::try_from(n).ok()).collect::<Option<Shape>>())
        .ok_or_else(|| {
            Diagnostic::error("a shape is a list of lengths, none negative")
                .at(at, "not a shape")
                .help("for example `shape = [2, 3]`, or `shape = []` for a scalar")
        })
}

/// The refusal of an attribute that `of` does not have.
pub fn unknown<'a>(name: &Name, of: &str, known: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let list = known.clone().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let diagnostic = Diagnostic::error(format!("unknown attribute `{}` of `{of}`", name.value))
        .at(name.span, "not an attribute");
    let diagnostic = match elsewhere::attribute(&name.value, known.clone()) {
        Some(help) => diagnostic.help(help),
        None => diagnostic.did_you_mean(&name.value, known),
    };
    match list.is_empty() {
        true => diagnostic.help(format!("`{of}` has no attributes")),
        false => diagnostic.help(format!("`{of}` has {list}")),
    }
}

/// The refusal of an attribute given a second time.
pub fn twice(name: &Name) -> Diagnostic {
    Diagnostic::error(format!("`{}` is given twice", name.value)).at(name.span, "the second time")
}
