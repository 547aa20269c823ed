//! One call of an op in the words of a framework: the spelling of its card, with the call's attributes put in
//! and all that is known of its shapes worked out.
//!
//! A spelling is a Python expression over the names of the card's inputs and attributes, as
//! [`Elsewhere`](crate::op::Elsewhere) describes. What it asks of them, `x.ndim == 4` say, is answered here, so
//! that `a if x.ndim == 4 else b` becomes one of the two.

use super::{
    framework::Framework,
    parse::{parse, parse_places},
    python::{Argument, Python},
};
use crate::{
    graph::{Graph, Node},
    op::{AttributeValue, Card, Many},
    shape::Shape,
};

/// Stands for an input of the call, by its place.
const MARK: char = '\u{1}';

/// The call; its inputs are [`input`]s. `None` where the card has no spelling, or none for such a call.
pub fn spell(framework: Framework, graph: &Graph, node: &Node) -> Option<Python> {
    let shapes: Vec<&Shape> = node.inputs.iter().map(|&id| &graph.value(id).ty.shape).collect();
    let card = node.kernel.card();
    let call = Call { framework, card, attributes: &node.attributes, shapes: &shapes, asks: false };
    call.put_in(&parse(framework.spelling(card))?)
}

/// The place of the input that an expression stands for.
pub fn input(expression: &Python) -> Option<usize> {
    match expression {
        Python::Name(name) => name.strip_prefix(MARK)?.parse().ok(),
        _ => None,
    }
}

fn marked(input: usize) -> Python {
    Python::Name(format!("{MARK}{input}"))
}

#[derive(Clone, Copy)]
struct Call<'a> {
    framework: Framework,
    card: &'static Card,
    attributes: &'a [(&'static str, AttributeValue)],
    shapes: &'a [&'a Shape],
    /// Within a condition, where shapes are numbers.
    asks: bool,
}

impl Call<'_> {
    fn put_in(&self, expression: &Python) -> Option<Python> {
        let each = |items: &[Python]| items.iter().map(|item| self.put_in(item)).collect::<Option<Vec<_>>>();
        Some(match expression {
            // No such call can be spelled.
            Python::Name(name) if name == "..." => return None,
            Python::Name(name) => self.name(name)?,
            Python::Number(_) | Python::Text(_) => expression.clone(),
            Python::Attribute(of, name) => {
                let of = self.put_in(of)?;
                if name == "float64" {
                    return Some(Python::name("DTYPE"));
                }
                if let Python::Tuple(places) = &of {
                    match name.as_str() {
                        "step" => return least_step(places).map(Python::int),
                        "flips" => return Some(flips(places)),
                        _ => {}
                    }
                }
                match (input(&of).and_then(|input| self.shapes.get(input)), name.as_str()) {
                    (Some(shape), "ndim") => Python::int(shape.rank() as i64),
                    (Some(shape), "shape") if self.asks => ints(shape.iter().map(|&length| length as i64)),
                    _ => Python::Attribute(Box::new(of), name.clone()),
                }
            }
            Python::Call(callee, arguments) => {
                let mut put: Vec<Argument> = Vec::new();
                for Argument { name, value } in arguments {
                    let value = self.put_in(value)?;
                    match (name, value) {
                        // What a keyword argument is without being given, in both frameworks.
                        (Some(_), Python::Name(word)) if word == "None" || word == "False" => {}
                        (None, Python::Star(items)) => {
                            let items = spread(*items)?.into_iter();
                            put.extend(items.map(|value| Argument { name: None, value }));
                        }
                        (name, value) => put.push(Argument { name: name.clone(), value }),
                    }
                }
                folded_call(self.put_in(callee)?, put)
            }
            Python::Index(of, places) => match (self.put_in(of)?, each(places)?) {
                (Python::Tuple(items), places) if places.len() == 1 => at(&items, &places[0])?,
                (of, places) if places.len() == 1 => match places.into_iter().next()? {
                    Python::Tuple(places) if !places.is_empty() => Python::Index(Box::new(of), places),
                    place => Python::Index(Box::new(of), vec![place]),
                },
                (of, places) => Python::Index(Box::new(of), places),
            },
            Python::Range(parts) => {
                let part = |part: &Option<Box<Python>>| match part {
                    Some(part) => self.put_in(part).map(|part| Some(Box::new(part))),
                    None => Some(None),
                };
                Python::Range([part(&parts[0])?, part(&parts[1])?, part(&parts[2])?])
            }
            Python::Unary(sign, operand) => match (*sign, self.put_in(operand)?) {
                ("not", operand) => truth(!is_true(&operand)?),
                (sign, operand) => Python::Unary(sign, Box::new(operand)),
            },
            Python::Binary(sign, left, right) => folded(sign, self.put_in(left)?, self.put_in(right)?),
            Python::If { condition, yes, no } => {
                let answer = Self { asks: true, ..*self }.put_in(condition)?;
                self.put_in(if is_true(&answer)? { yes } else { no })?
            }
            Python::Tuple(items) => Python::Tuple(together(each(items)?)?),
            Python::List(items) => Python::List(together(each(items)?)?),
            Python::Star(items) => Python::Star(Box::new(self.put_in(items)?)),
        })
    }

    /// What a name of the card stands for in this call.
    fn name(&self, name: &str) -> Option<Python> {
        if let Some(edge) = self.card.inputs.iter().position(|edge| edge.name == name) {
            return Some(match self.card.inputs[edge].many {
                Many::OnceOrMore => Python::Tuple((edge..self.shapes.len()).map(marked).collect()),
                Many::AtMostOnce if edge >= self.shapes.len() => Python::name("None"),
                Many::Once | Many::AtMostOnce => marked(edge),
            });
        }
        if !self.card.attributes.iter().any(|attribute| attribute.name == name) {
            return Some(Python::name(name));
        }
        let given = self.attributes.iter().find(|(known, _)| *known == name);
        Some(match given.map(|(_, value)| value) {
            None => Python::name("None"),
            Some(AttributeValue::Int(value)) => Python::int(*value),
            Some(AttributeValue::Float(value)) => Python::float(*value, true, self.framework.room()),
            Some(AttributeValue::Flag(value)) => truth(*value),
            Some(AttributeValue::Ints(values)) => match values[..] {
                [value] => Python::int(value),
                _ => ints(values.iter().copied()),
            },
            Some(AttributeValue::Subscripts(places)) => {
                let places: Vec<String> = places.iter().map(ToString::to_string).collect();
                Python::Tuple(parse_places(&places.join(", "))?)
            }
            Some(AttributeValue::Text(text)) => Python::Text(text.to_string()),
            Some(AttributeValue::Choice(word)) => Python::Text((*word).into()),
        })
    }
}

fn ints(values: impl Iterator<Item = i64>) -> Python {
    Python::Tuple(values.map(Python::int).collect())
}

fn truth(holds: bool) -> Python {
    Python::name(if holds { "True" } else { "False" })
}

/// A whole number that stands as it is.
pub fn int(expression: &Python) -> Option<i64> {
    match expression {
        Python::Number(number) => number.parse().ok(),
        Python::Unary("-", operand) => int(operand).map(|value| -value),
        _ => None,
    }
}

/// Whether a condition holds; `None` where that is not known.
fn is_true(expression: &Python) -> Option<bool> {
    match expression {
        Python::Name(word) if word == "True" => Some(true),
        Python::Name(word) if word == "False" || word == "None" => Some(false),
        Python::Tuple(items) => Some(!items.is_empty()),
        Python::Text(text) => Some(!text.is_empty()),
        _ => int(expression).map(|value| value != 0),
    }
}

/// It is known here, and equal to another where it looks the same.
fn is_plain(expression: &Python) -> bool {
    match expression {
        Python::Tuple(items) => items.iter().all(is_plain),
        Python::Name(word) => matches!(word.as_str(), "None" | "True" | "False"),
        Python::Text(_) | Python::Number(_) => true,
        Python::Unary(_, operand) => is_plain(operand),
        _ => false,
    }
}

fn folded(sign: &'static str, left: Python, right: Python) -> Python {
    let compared = match (sign, int(&left), int(&right)) {
        ("<", Some(left), Some(right)) => Some(left < right),
        ("<=", Some(left), Some(right)) => Some(left <= right),
        (">", Some(left), Some(right)) => Some(left > right),
        (">=", Some(left), Some(right)) => Some(left >= right),
        ("==" | "is", ..) if is_plain(&left) && is_plain(&right) => Some(left == right),
        ("!=" | "is not", ..) if is_plain(&left) && is_plain(&right) => Some(left != right),
        // An input is something.
        ("is", ..) if input(&left).is_some() => Some(false),
        ("is not", ..) if input(&left).is_some() => Some(true),
        _ => None,
    };
    if let Some(holds) = compared {
        return truth(holds);
    }
    let counted = match (sign, int(&left), int(&right)) {
        ("+", Some(left), Some(right)) => left.checked_add(right),
        ("-", Some(left), Some(right)) => left.checked_sub(right),
        ("*", Some(left), Some(right)) => left.checked_mul(right),
        ("%", Some(left), Some(right)) => left.checked_rem_euclid(right),
        // Towards zero is Python's way where nothing is negative.
        ("//", Some(left), Some(right)) if left >= 0 && right > 0 => Some(left / right),
        _ => None,
    };
    if let Some(count) = counted {
        return Python::int(count);
    }
    match (sign, left, right) {
        ("*", left, one) if int(&one) == Some(1) => left,
        ("+" | "-", left, none) if int(&none) == Some(0) => left,
        ("+", left, Python::Unary("-", less)) => Python::Binary("-", Box::new(left), less),
        ("and", left, right) if is_plain(&left) => {
            if is_true(&left) == Some(true) {
                right
            } else {
                left
            }
        }
        ("or", left, right) if is_plain(&left) => {
            if is_true(&left) == Some(true) {
                left
            } else {
                right
            }
        }
        ("+", Python::Tuple(mut left), Python::Tuple(right)) => {
            left.extend(right);
            Python::Tuple(left)
        }
        ("*", Python::Tuple(items), times) if int(&times).is_some_and(|times| times < 64) => {
            let times = int(&times).and_then(|times| usize::try_from(times).ok()).unwrap_or(0);
            Python::Tuple(std::iter::repeat_n(items, times).flatten().collect())
        }
        (sign, left, right) => Python::Binary(sign, Box::new(left), Box::new(right)),
    }
}

/// A call of what Python itself knows is worked out, where its arguments are known.
fn folded_call(callee: Python, arguments: Vec<Argument>) -> Python {
    let values: Vec<&Python> = arguments.iter().map(|argument| &argument.value).collect();
    let Python::Name(name) = &callee else { return Python::Call(Box::new(callee), arguments) };
    let whole: Option<Vec<i64>> = values.iter().map(|value| int(value)).collect();
    let folded = match (name.as_str(), &values[..], whole.as_deref()) {
        ("isinstance", [value, _], _) => Some(truth(int(value).is_some())),
        ("slice", [Python::Name(none)], _) if none == "None" => Some(Python::Range([None, None, None])),
        ("len", [Python::Tuple(items)], _) => Some(Python::int(items.len() as i64)),
        ("tuple", [Python::Tuple(items)], _) => Some(Python::Tuple(items.clone())),
        ("range", _, Some([stop])) => Some(ints(0..*stop)),
        ("range", _, Some([start, stop])) => Some(ints(*start..*stop)),
        _ => None,
    };
    folded.unwrap_or_else(|| Python::Call(Box::new(callee), arguments))
}

/// The items that `*items` stands for; a lone number is one.
fn spread(items: Python) -> Option<Vec<Python>> {
    match items {
        Python::Tuple(items) => Some(items),
        item if int(&item).is_some() => Some(vec![item]),
        _ => None,
    }
}

/// Items, those behind a star one by one.
fn together(items: Vec<Python>) -> Option<Vec<Python>> {
    let mut all = Vec::new();
    for item in items {
        match item {
            Python::Star(items) => all.extend(spread(*items)?),
            item => all.push(item),
        }
    }
    Some(all)
}

/// The least step of the ranges among the places of an index.
fn least_step(places: &[Python]) -> Option<i64> {
    let steps = places.iter().map(|place| match place {
        Python::Range([_, _, Some(step)]) => int(step),
        _ => Some(1),
    });
    steps.collect::<Option<Vec<i64>>>()?.into_iter().min()
}

/// The axes that `::-1` turns round, where all other places are `:`; else `None`.
fn flips(places: &[Python]) -> Python {
    let mut axes = Vec::new();
    for (axis, place) in (0..).zip(places) {
        match place {
            Python::Range([None, None, None]) => {}
            Python::Range([None, None, Some(step)]) if int(step) == Some(-1) => axes.push(Python::int(axis)),
            _ => return Python::name("None"),
        }
    }
    Python::Tuple(axes)
}

/// `items[place]`.
fn at(items: &[Python], place: &Python) -> Option<Python> {
    let from_end = |at: i64| if at < 0 { at + items.len() as i64 } else { at };
    match place {
        Python::Range([None, None, Some(step)]) => match int(step)? {
            -1 => Some(Python::Tuple(items.iter().rev().cloned().collect())),
            step => Some(Python::Tuple(items.iter().step_by(usize::try_from(step).ok()?).cloned().collect())),
        },
        Python::Range([start, stop, None]) => {
            let bound = |bound: &Option<Box<Python>>, usual: usize| match bound {
                Some(bound) => usize::try_from(from_end(int(bound)?)).ok(),
                None => Some(usual),
            };
            let (start, stop) = (bound(start, 0)?, bound(stop, items.len())?);
            Some(Python::Tuple(items.get(start..stop.min(items.len()))?.to_vec()))
        }
        place => items.get(usize::try_from(from_end(int(place)?)).ok()?).cloned(),
    }
}
