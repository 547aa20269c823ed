//! Calls as they would have been accepted: attributes by their names, ops under the names
//! that they have here.

use super::{fold, report::misuse};
use crate::{
    diagnostic::{Cause, Diagnostic},
    initializers::{self, InitializerCard},
    op::{self, AttributeKind, Card, Many},
    ops,
    phrasebook::{self, ATTRIBUTES, MODULES, NAMES, OPS, PROPERTIES, fill, find},
    source::Span,
    syntax::{Block, BlockAttribute, Call, Expression, Item, What, operands, print_expression},
};

/// A longer call helps nobody.
const LONGEST: usize = 300;

/// A call of an expression, and what it was called with.
#[derive(Clone)]
pub struct Written<'e> {
    pub call: &'e Call,
    inputs: Vec<Expression>,
}

impl<'e> Written<'e> {
    /// The call at a place of an expression.
    pub fn at(items: &[Item], place: usize, call: &'e Call) -> Self {
        Self { call, inputs: operands(items, place) }
    }

    /// The op in `op -> x`, which is meant the other way round.
    pub fn op_before_the_arrow(&self) -> Option<&str> {
        match &self.inputs.first()?.items[..] {
            [Item { what: What::Name(name), .. }] if self.call.piped && ops::find(name).is_some() => Some(name),
            _ => None,
        }
    }

    /// The text is another than the call that was refused.
    pub fn differs(&self, text: &str) -> bool {
        let given: Vec<(&str, String)> =
            self.call.attributes.iter().map(|given| (&*given.name.value, print_expression(&given.value))).collect();
        call_text(&self.call.name.value, self.call.piped, &self.inputs, &given).as_deref() != Some(text)
    }
}

/// Holds the inputs of a call against the card.
///
/// # Errors
/// Too few or too many; where some are attributes, the call with their names.
pub fn arity<'e>(card: &Card, span: Span, written: impl Fn() -> Written<'e>) -> Result<(), Diagnostic> {
    let written = written();
    let fault = match fold::arity(card, written.call.inputs as usize) {
        Err(fault) => {
            // Of a table in TOML, `inputs` may be what could not be read.
            let cause = if written.call.inputs == 0 { Cause::Absent } else { Cause::Said };
            misuse(fault, span, &[], &written.call.attributes).cause(cause)
        }
        Ok(()) if is_many(card) && written.inputs.last().is_some_and(is_whole) && written.inputs.len() > 1 => {
            Diagnostic::error(format!("`{}` joins tensors, and a number has no axes", card.name)).at(span, "in this call")
        }
        Ok(()) => return Ok(()),
    };
    let by_name = of_op(card, &written).filter(|text| written.differs(text));
    let by_name = by_name.map(|text| format!("attributes are given by name: `{text}`"));
    Err(match by_name.or_else(|| other_meaning(card, &written)) {
        Some(help) => fault.instead(help),
        None => fault,
    })
}

/// The same call of an op, with what was given by position as attributes; none where it
/// cannot be told what was meant.
pub fn of_op(card: &Card, written: &Written) -> Option<String> {
    let inputs = match &written.inputs[..] {
        // NumPy takes a list of tensors.
        [list] if is_many(card) => elements(list).unwrap_or_else(|| vec![list.clone()]),
        inputs => inputs.to_vec(),
    };
    let edges = card.inputs.len();
    let tensors = match is_many(card) {
        true => inputs.len() - inputs.iter().rev().take(card.attributes.len()).take_while(|input| is_whole(input)).count(),
        false => inputs.len().min(edges),
    };
    let (tensors, surplus) = inputs.split_at(tensors);
    if tensors.len() < edges || card.name == "slice" {
        return None;
    }
    let mut given: Vec<(&str, String)> = Vec::new();
    for attribute in &written.call.attributes {
        let typed = &*attribute.name.value;
        let known = known_as(typed, card.attributes.iter().map(|attribute| attribute.name))?;
        if let Some(value) = value_text(&attribute.value) {
            given.push((known, value));
        }
    }
    by_position(card, surplus, &mut given)?;
    let missing = card.attributes.iter().any(|known| known.default.is_none() && given.iter().all(|(name, _)| *name != known.name));
    if missing {
        return None;
    }
    given.sort_by_key(|(name, _)| card.attributes.iter().position(|known| known.name == *name));
    call_text(card.name, written.call.piped, tensors, &given)
}

/// The same call of an initializer, with its shape by name.
pub fn of_initializer(card: &InitializerCard, written: &Written) -> Option<String> {
    let mut given: Vec<(&str, String)> = Vec::new();
    for attribute in &written.call.attributes {
        let names = card.parameters.iter().map(|known| known.name).chain(card.shaped.then_some("shape"));
        given.push((known_as(&attribute.name.value, names)?, value_text(&attribute.value)?));
    }
    let mut inputs = written.inputs.clone();
    if card.shaped && given.iter().all(|(name, _)| *name != "shape") {
        let lengths: Vec<String> = inputs.iter().map(print_expression).collect();
        if let Some(list) = inputs.iter().position(|input| elements(input).is_some()) {
            given.push(("shape", print_expression(&inputs.remove(list))));
        } else if inputs.len() > card.parameters.len() && inputs.iter().all(is_number) {
            let lengths = if let [one] = &lengths[..] && card.name == "eye" { format!("{one}, {one}") } else { lengths.join(", ") };
            given.push(("shape", format!("[{lengths}]")));
            inputs.clear();
        }
    }
    let is_given = |name: &str| given.iter().any(|(given, _)| *given == name);
    let mut behind = card.parameters.iter().skip(inputs.len());
    let fits = inputs.len() <= card.parameters.len() && behind.all(|known| known.default.is_some() || is_given(known.name));
    fits.then_some(())?;
    call_text(card.name, false, &inputs, &given)
}

/// The same call of a block, with what was given by position as attributes.
pub fn of_block(block: &Block, written: &Written) -> Option<String> {
    let (tensors, surplus) = written.inputs.split_at_checked(block.inputs.len())?;
    let mut given: Vec<(&str, String)> = Vec::new();
    for attribute in &written.call.attributes {
        given.push((&*attribute.name.value, value_text(&attribute.value)?));
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
    call_text(&block.name.value, written.call.piped, tensors, &given)
}

/// The refusal of a call that is neither op nor initializer nor block.
pub fn unknown<'a>(written: &Written, blocks: impl Iterator<Item = &'a str>) -> Diagnostic {
    let typed = &*written.call.name.value;
    let fault = |label: &str| {
        Diagnostic::error(format!("unknown op `{typed}`"))
            .cause(Cause::UnknownOp(typed.into()))
            .at(written.call.name.span, label)
    };
    let (name, inputs, label) = match typed.rsplit_once('.') {
        Some(_) if MODULES.contains(&typed.split('.').next().unwrap_or("")) => {
            (phrasebook::without_modules(typed), written.inputs.clone(), "ops have no module before them")
        }
        Some((of, method)) => {
            let receiver = Expression {
                items: vec![Item { what: What::Name(of.into()), span: written.call.name.span }],
                span: written.call.name.span,
            };
            let inputs = std::iter::once(receiver).chain(written.inputs.iter().cloned()).collect();
            (method, inputs, "an op stands before its inputs, without a point")
        }
        None => (typed, written.inputs.clone(), "not an op, a block or a source"),
    };
    let snake = phrasebook::snake_case(name);
    let here = [name, &snake].into_iter().find(|name| ops::find(name).is_some() || initializers::find(name).is_some());
    let mut call = Call { piped: written.call.piped && !typed.contains('.'), ..written.call.clone() };
    if let Some(known) = here.or_else(|| phrasebook::alias(name)) {
        call.name.value = known.into();
        let meant = Written { call: &call, inputs };
        let text = match ops::find(known) {
            Some(entry) => of_op(entry.card, &meant),
            None => initializers::find(known).and_then(|source| of_initializer(source.card(), &meant)),
        };
        let called = if known == name { String::new() } else { format!("here it is called `{known}`: ") };
        return fault(label).help(match (text, ops::find(known)) {
            (Some(text), _) => format!("{called}write `{text}`"),
            (None, Some(entry)) => format!("{called}it takes `{}`", entry.card.signature()),
            (None, None) => format!("{called}`graphrun ops {known}` says what it takes"),
        });
    }
    if let Some(here) = phrasebook::op(name) {
        return fault(label).help(fill(here, &words(&simple(&inputs))));
    }
    let known = ops::ALL
        .iter()
        .map(|entry| entry.card.name)
        .chain(blocks)
        .chain(initializers::ALL.iter().map(|source| source.card().name));
    fault(label).did_you_mean(name, known).help("`graphrun ops` lists them all")
}

/// What a known op cannot do, where another call of the same name is common elsewhere:
/// `max(a, b)`.
pub fn other_meaning(card: &Card, written: &Written) -> Option<String> {
    let typed = match (card.name, written.inputs.len()) {
        ("max", 2) => "maximum",
        ("min", 2) => "minimum",
        ("transpose", 3) => "swapaxes",
        _ => return None,
    };
    Some(fill(find(OPS, typed)?, &words(&simple(&written.inputs))))
}

/// What to write for a name that other languages have.
pub fn name(name: &str) -> Option<String> {
    let bare = phrasebook::without_modules(name);
    match bare.rsplit_once('.') {
        Some((of, property)) => Some(fill(find(PROPERTIES, property)?, &[('x', of)])),
        None => Some(fill(find(NAMES, bare)?, &[])),
    }
}

/// The advice for an attribute that is called otherwise here, or means nothing.
pub fn attribute<'a>(typed: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    match known_as(typed, known) {
        Some(name) => Some(format!("here it is called `{name}`")),
        None => find(phrasebook::LEFT_OUT, typed).map(|here| fill(here, &[])),
    }
}

/// The name among `known` that an attribute has here.
fn known_as<'a>(typed: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
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
            given.iter().all(|(name, _)| *name != known.name) && lists.iter().all(|(name, _)| *name != known.name)
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
            matches!(value.items[..], [Item { what: What::Flag(_), .. }]) || matches!(word, Some("True" | "False"))
        }
        AttributeKind::Int => is_whole(value) || word == Some("None"),
        AttributeKind::Float => is_number(value) || word == Some("None"),
        AttributeKind::Ints => is_whole(value) || elements(value).is_some() || word == Some("None"),
        AttributeKind::Subscripts => matches!(value.items[..], [Item { what: What::Text(_), .. }]),
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

fn is_many(card: &Card) -> bool {
    card.inputs.last().is_some_and(|edge| edge.many == Many::OnceOrMore)
}

/// A whole number as it is written.
fn is_whole(value: &Expression) -> bool {
    is_number(value) && matches!(value.items[0].what, What::Int(_))
}

/// A number as it is written.
fn is_number(value: &Expression) -> bool {
    matches!(
        value.items[..],
        [Item { what: What::Int(_) | What::Float(_), .. }]
            | [Item { what: What::Int(_) | What::Float(_), .. }, Item { what: What::Negate, .. }]
    )
}

/// The elements of a list.
fn elements(value: &Expression) -> Option<Vec<Expression>> {
    match value.items.last()?.what {
        What::Array(_) => Some(operands(&value.items, value.items.len() - 1)),
        _ => None,
    }
}

/// Of each input the text, where it is a name or a number.
fn simple(inputs: &[Expression]) -> Vec<Option<String>> {
    let is_simple = |input: &Expression| matches!(input.items[..], [Item { what: What::Name(_), .. }]) || is_number(input);
    inputs.iter().map(|input| is_simple(input).then(|| print_expression(input))).collect()
}

/// What the letters of an advice stand for.
fn words(inputs: &[Option<String>]) -> Vec<(char, &str)> {
    let is_name = |text: &&str| text.starts_with(|c: char| c == '_' || c.is_alphabetic());
    let mut texts = inputs.iter().map(Option::as_deref);
    let first = match inputs.len() {
        3 => texts.next(),
        _ => None,
    };
    let x = inputs.iter().flatten().map(String::as_str).find(is_name);
    let given = [Some('a').zip(texts.next().flatten()), Some('b').zip(texts.next().flatten())];
    let pairs = match inputs.len() {
        0 => [None, None, None],
        1 => [Some('x').zip(x), None, None],
        2 | 3 => [Some('x').zip(first.flatten().or(x)), given[0], given[1]],
        _ => [Some('x').zip(x), None, None],
    };
    pairs.into_iter().flatten().collect()
}
