//! Calls as they would have been accepted: what was given by position as attributes by
//! their names.

use crate::{
    initializers::InitializerCard,
    op::{self, AttributeKind, Card, Many, Takes},
    ops,
    phrasebook::{ATTRIBUTES, find},
    syntax::{Binary, Block, BlockAttribute, Call, Expression, Item, What, operands, print_expression},
};

/// A longer call helps nobody.
const LONGEST: usize = 300;

/// A call so far behind in an expression is not rewritten: for each, all before it is looked at.
const FARTHEST: usize = 2000;

/// A call of an expression, and what it was called with.
#[derive(Clone, Copy)]
pub struct Written<'e> {
    pub call: &'e Call,
    items: &'e [Item],
    place: usize,
}

impl<'e> Written<'e> {
    /// The call at a place of an expression.
    pub fn at(items: &'e [Item], place: usize, call: &'e Call) -> Self {
        Self { call, items, place }
    }

    /// Another call at the same place.
    pub fn with<'o>(&self, call: &'o Call) -> Written<'o>
    where
        'e: 'o,
    {
        Written { call, items: self.items, place: self.place }
    }

    /// What it was called with; nothing where that is not known.
    pub fn inputs(&self) -> Vec<Expression> {
        if self.place > FARTHEST { Vec::new() } else { operands(self.items, self.place) }
    }

    /// The last input is a whole number as it is written.
    pub fn ends_with_a_whole_number(&self) -> bool {
        matches!(self.last(), Some(What::Int(_)))
    }

    /// The last input is a number as it is written.
    pub fn ends_with_a_number(&self) -> bool {
        matches!(self.last(), Some(What::Int(_) | What::Float(_)))
    }

    /// What the last input ends with, a sign before it apart.
    fn last(&self) -> Option<&What> {
        let before = |back: usize| self.place.checked_sub(back).map(|at| &self.items[at].what);
        before(1).filter(|what| !matches!(what, What::Negate)).or_else(|| before(2))
    }

    /// The op in `op -> x`, which is meant the other way round.
    pub fn op_before_the_arrow(&self) -> Option<String> {
        match &self.inputs().first()?.items[..] {
            [Item { what: What::Name(name), .. }] if self.call.piped && ops::find(name).is_some() => {
                Some(name.to_string())
            }
            _ => None,
        }
    }

    /// The text is another than the call that was refused.
    pub fn differs(&self, text: &str) -> bool {
        let given: Vec<(&str, String)> = self
            .call
            .attributes
            .iter()
            .map(|given| (&*given.name.value, print_expression(&given.value)))
            .collect();
        call_text(&self.call.name.value, self.call.piped, &self.inputs(), &given).as_deref() != Some(text)
    }
}

/// The same call of an op, with what was given by position as attributes; none where it
/// cannot be told what was meant.
pub fn of_op(card: &Card, call: &Call, inputs: &[Expression]) -> Option<String> {
    let inputs = match inputs {
        // NumPy takes a list of tensors.
        [list, rest @ ..] if is_many(card) && has_names(list) => {
            elements(list).into_iter().flatten().chain(rest.iter().cloned()).collect()
        }
        inputs => inputs.to_vec(),
    };
    // `axis == 0` is a name with its value, and not a comparison.
    let named = |input: &Expression| match &input.items[..] {
        [Item { what: What::Name(name), .. }, value @ .., Item { what: What::Binary(Binary::Equal), .. }] => {
            let known = card.attributes.iter().find(|known| *known.name == **name)?;
            Some((known.name, value_text(&Expression { items: value.to_vec(), span: input.span })?))
        }
        _ => None,
    };
    let by_name: Vec<(&str, String)> = inputs.iter().filter_map(named).collect();
    let inputs: Vec<Expression> = inputs.into_iter().filter(|input| named(input).is_none()).collect();
    let edges = card.inputs.len();
    let tensors = match is_many(card) {
        true => {
            inputs.len()
                - inputs.iter().rev().take(card.attributes.len()).take_while(|input| is_whole(input)).count()
        }
        // A number does not stand for a tensor that may be left out.
        false => {
            let numbers =
                inputs.iter().skip(card.least_inputs()).take_while(|input| !is_number(input)).count();
            inputs.len().min(card.least_inputs() + numbers).min(edges)
        }
    };
    let (tensors, surplus) = inputs.split_at(tensors);
    if tensors.len() < card.least_inputs() || card.name == "slice" {
        return None;
    }
    let mut given: Vec<(&str, String)> = Vec::new();
    for attribute in &call.attributes {
        let typed = &*attribute.name.value;
        let known = known_as(typed, card.attributes.iter().map(|attribute| attribute.name))?;
        if let Some(value) = value_text(&attribute.value) {
            given.push((known, value));
        }
    }
    given.extend(by_name);
    by_position(card, surplus, &mut given)?;
    let missing = card
        .attributes
        .iter()
        .any(|known| known.default.is_none() && given.iter().all(|(name, _)| *name != known.name));
    if missing {
        return None;
    }
    given.sort_by_key(|(name, _)| card.attributes.iter().position(|known| known.name == *name));
    call_text(card.name, call.piped, tensors, &given)
}

/// The same call of an initializer, with its shape by name.
pub fn of_initializer(card: &InitializerCard, call: &Call, inputs: &[Expression]) -> Option<String> {
    let mut given: Vec<(&str, String)> = Vec::new();
    for attribute in &call.attributes {
        let names = card.parameters.iter().map(|known| known.name).chain(card.shaped.then_some("shape"));
        given.push((known_as(&attribute.name.value, names)?, value_text(&attribute.value)?));
    }
    let mut inputs = inputs.to_vec();
    if card.shaped && given.iter().all(|(name, _)| *name != "shape") {
        let lengths: Vec<String> = inputs.iter().map(print_expression).collect();
        if let Some(list) = inputs.iter().position(|input| elements(input).is_some()) {
            given.push(("shape", print_expression(&inputs.remove(list))));
        } else if inputs.len() > card.by_position().len() && inputs.iter().all(is_number) {
            let lengths = if let [one] = &lengths[..]
                && card.name == "eye"
            {
                format!("{one}, {one}")
            } else {
                lengths.join(", ")
            };
            given.push(("shape", format!("[{lengths}]")));
            inputs.clear();
        }
    }
    let is_given = |name: &str| given.iter().any(|(given, _)| *given == name);
    let mut behind = card.parameters.iter().skip(inputs.len());
    let fits = inputs.len() <= card.by_position().len()
        && behind.all(|known| known.default.is_some() || is_given(known.name));
    fits.then_some(())?;
    call_text(card.name, false, &inputs, &given)
}

/// The call with its one whole number as a seed, where it could be meant as one.
pub fn with_seed(card: &InitializerCard, call: &Call, inputs: &[Expression]) -> Option<String> {
    let takes = card.parameters.len() > card.by_position().len() && call.attributes.is_empty();
    match inputs {
        [Expression { items, .. }] if takes && matches!(items[..], [Item { what: What::Int(_), .. }]) => {
            call_text(card.name, false, &[], &[("seed", print_expression(&inputs[0]))])
        }
        _ => None,
    }
}

/// The same call of a block, with what was given by position as attributes.
pub fn of_block(block: &Block, call: &Call, inputs: &[Expression]) -> Option<String> {
    let (tensors, surplus) = inputs.split_at_checked(block.inputs.len())?;
    let mut given: Vec<(&str, String)> = Vec::new();
    for attribute in &call.attributes {
        let name = &*attribute.name.value;
        block.attributes.iter().any(|known| *known.name.value == *name).then_some(())?;
        given.push((name, value_text(&attribute.value)?));
    }
    let names = block.attributes.iter().map(|attribute| &*attribute.name.value);
    let free: Vec<&str> = names.filter(|name| given.iter().all(|(given, _)| given != name)).collect();
    (surplus.len() <= free.len()).then_some(())?;
    for (name, value) in free.into_iter().zip(surplus) {
        given.push((name, value_text(value)?));
    }
    let needed = block.attributes.iter().filter(|attribute| attribute.default.is_none());
    let is_given = |attribute: &BlockAttribute| given.iter().any(|(name, _)| *name == &*attribute.name.value);
    needed.into_iter().all(is_given).then_some(())?;
    call_text(&block.name.value, call.piped, tensors, &given)
}

/// The name among `known` that an attribute has here.
pub fn known_as<'a>(typed: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let mut same = known.clone().filter(|name| *name == typed);
    same.next().or_else(|| {
        let names = find(ATTRIBUTES, typed)?;
        let mut known = known;
        known.find(|name| names.split(' ').any(|candidate| candidate == *name))
    })
}

/// Gives values without a name the attributes that they fit, in the card's order.
fn by_position<'a>(card: &Card, surplus: &[Expression], given: &mut Vec<(&'a str, String)>) -> Option<()>
where
    'static: 'a,
{
    // Whether two axes are exchanged or all are named, only their author knows.
    if card.name == "transpose" && surplus.len() == 2 {
        let mut axes: Vec<String> = surplus.iter().map(print_expression).collect();
        axes.sort_unstable();
        (axes == ["0", "1"]).then_some(())?;
        given.push(("axes", "[1, 0]".into()));
        return Some(());
    }
    let mut lists: Vec<(&str, Vec<String>)> = Vec::new();
    for value in surplus {
        let is_free = |known: &&op::Attribute| {
            given.iter().all(|(name, _)| *name != known.name)
                && lists.iter().all(|(name, _)| *name != known.name)
        };
        let next = card.attributes.iter().find(is_free).filter(|known| fits(known.kind, value));
        let text = value_text(value);
        match (next, lists.last_mut(), text) {
            (_, _, None) if next.is_some() => {}
            (Some(known), _, Some(text)) => lists.push((known.name, vec![text])),
            (None, Some((name, list)), Some(text)) if is_number(value) => {
                let joins = |known: &op::Attribute| known.name == *name && known.kind == AttributeKind::Ints;
                card.attributes.iter().any(joins).then_some(())?;
                list.push(text);
            }
            _ => return None,
        }
    }
    given.extend(lists.into_iter().map(|(name, list)| match &list[..] {
        [one] => (name, one.clone()),
        _ => (name, format!("[{}]", list.join(", "))),
    }));
    Some(())
}

fn fits(kind: AttributeKind, value: &Expression) -> bool {
    let word = match &value.items[..] {
        [Item { what: What::Name(word), .. }] => Some(&**word),
        _ => None,
    };
    match kind {
        AttributeKind::Flag => {
            matches!(value.items[..], [Item { what: What::Flag(_), .. }])
                || matches!(word, Some("True" | "False"))
        }
        AttributeKind::Int => is_whole(value) || word == Some("None"),
        AttributeKind::Float => is_number(value) || word == Some("None"),
        AttributeKind::Ints => is_whole(value) || elements(value).is_some() || word == Some("None"),
        AttributeKind::Subscripts | AttributeKind::Text | AttributeKind::Choice(_) => {
            matches!(value.items[..], [Item { what: What::Text(_), .. }])
        }
    }
}

/// The value of an attribute as it is written here; none for `None`.
fn value_text(value: &Expression) -> Option<String> {
    match &value.items[..] {
        [Item { what: What::Name(word), .. }] => match &**word {
            "None" => None,
            "True" => Some("true".into()),
            "False" => Some("false".into()),
            word => Some(word.into()),
        },
        _ => Some(print_expression(value)),
    }
}

fn call_text(name: &str, piped: bool, inputs: &[Expression], given: &[(&str, String)]) -> Option<String> {
    let shown = inputs.iter().skip(usize::from(piped)).map(print_expression);
    let given = given.iter().map(|(name, value)| format!("{name} = {value}"));
    let inside = shown.chain(given).collect::<Vec<_>>().join(", ");
    let text = format!("{}{name}({inside})", if piped { "-> " } else { "" });
    (text.len() <= LONGEST).then_some(text)
}

pub fn is_many(card: &Card) -> bool {
    card.inputs.last().is_some_and(|edge| edge.many == Many::OnceOrMore && edge.takes != Takes::Int)
}

/// A whole number as it is written.
fn is_whole(value: &Expression) -> bool {
    is_number(value) && matches!(value.items[0].what, What::Int(_))
}

/// A number as it is written.
pub fn is_number(value: &Expression) -> bool {
    matches!(
        value.items[..],
        [Item { what: What::Int(_) | What::Float(_), .. }]
            | [Item { what: What::Int(_) | What::Float(_), .. }, Item { what: What::Negate, .. }]
    )
}

/// A list of values of the graph.
fn has_names(list: &Expression) -> bool {
    elements(list).is_some()
        && list.items.iter().any(|item| matches!(item.what, What::Name(_) | What::Call(_)))
}

/// The elements of a list.
fn elements(value: &Expression) -> Option<Vec<Expression>> {
    match value.items.last()?.what {
        What::Array(_) => Some(operands(&value.items, value.items.len() - 1)),
        _ => None,
    }
}
