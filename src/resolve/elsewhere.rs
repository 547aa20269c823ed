//! Calls, names and attributes of other languages: how they are refused, and what to write here.
//!
//! What is known of them stands in [`crate::phrasebook`].

use super::{
    fold,
    report::misuse,
    rewrite::{Written, is_many, is_number, known_as, of_initializer, of_op},
};
use crate::{
    diagnostic::{Cause, Diagnostic, closest},
    gallery, initializers,
    op::Card,
    ops,
    phrasebook::{self, MODULES, NAMES, OPS, PROPERTIES, fill, find},
    source::Span,
    syntax::{Call, Expression, Item, What, print_expression},
};

/// Holds the inputs of a call against the card.
///
/// # Errors
/// Too few or too many; where some are attributes, the call with their names.
pub fn arity(card: &Card, span: Span, written: &Written) -> Result<(), Diagnostic> {
    let fault = match fold::arity(card, written.call.inputs as usize) {
        Err(fault) => {
            // Of a table in TOML, `inputs` may be what could not be read.
            let cause = if written.call.inputs == 0 { Cause::Absent } else { Cause::Said };
            misuse(fault, span, &[], &written.call.attributes).cause(cause)
        }
        Ok(()) if is_many(card) && written.call.inputs > 1 && written.ends_with_a_whole_number() => {
            Diagnostic::error(format!("`{}` joins tensors, and a number has no axes", card.name))
                .at(span, "in this call")
        }
        Ok(())
            if written.call.inputs as usize > card.least_inputs()
                && !is_many(card)
                && written.ends_with_a_number() =>
        {
            let edge = card.edge(written.call.inputs as usize - 1).name;
            Diagnostic::error(format!("`{}` takes a tensor for `{edge}`, and this is a number", card.name))
                .at(span, "in this call")
        }
        Ok(()) => return Ok(()),
    };
    let inputs = written.inputs();
    let by_name = of_op(card, written.call, &inputs).filter(|text| written.differs(text));
    let by_name = by_name.map(|text| format!("attributes are given by name: `{text}`"));
    Err(match (by_name, other_meaning(card, &inputs)) {
        (Some(by_name), Some(other)) => fault.instead(by_name).help(other),
        (Some(help), None) | (None, Some(help)) => fault.instead(help),
        (None, None) => fault,
    })
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
            (phrasebook::without_modules(typed), written.inputs(), "ops have no module before them")
        }
        Some((of, method)) => {
            let receiver = Expression {
                items: vec![Item { what: What::Name(of.into()), span: written.call.name.span }],
                span: written.call.name.span,
            };
            let inputs = std::iter::once(receiver).chain(written.inputs()).collect();
            (method, inputs, "an op stands before its inputs, without a point")
        }
        None => (typed, written.inputs(), "not an op, a block or a source"),
    };
    let snake = phrasebook::snake_case(name);
    let here = [name, &snake]
        .into_iter()
        .find(|name| ops::find(name).is_some() || initializers::find(name).is_some());
    let mut call = Call { piped: written.call.piped && !typed.contains('.'), ..written.call.clone() };
    if let Some(known) = here.or_else(|| phrasebook::alias(name)) {
        call.name.value = known.into();
        let text = match ops::find(known) {
            Some(entry) => of_op(entry.card, &call, &inputs),
            None => {
                initializers::find(known).and_then(|source| of_initializer(source.card(), &call, &inputs))
            }
        };
        let called = if known == name { String::new() } else { format!("here it is called `{known}`: ") };
        return fault(label).help(match (text, ops::find(known)) {
            (Some(text), _) => format!("{called}write `{text}`"),
            (None, Some(entry)) => format!("{called}it takes `{}`", entry.card.signature()),
            (None, None) => format!("{called}`graphrun ops {known}` says what it takes"),
        });
    }
    let advice = phrasebook::op(name).map(|here| fill(here, &words(&simple(&inputs))));
    if let Some(entry) = phrasebook::block(name) {
        let taken_in = format!("`{}` takes in the block `{}`", entry.used(), entry.signature());
        return advice.into_iter().fold(fault(label).help(taken_in), Diagnostic::help);
    }
    if let Some(advice) = advice {
        return fault(label).help(advice);
    }
    let known = ops::ALL
        .iter()
        .map(|entry| entry.card.name)
        .chain(blocks)
        .chain(initializers::ALL.iter().map(|source| source.card().name));
    // What is there without `use` is nearer.
    let library = gallery::entries().iter().map(|entry| entry.name);
    let near = closest(name, known).map(|near| format!("did you mean `{near}`?"));
    let near = near.or_else(|| {
        let entry = gallery::entry(closest(name, library)?)?;
        Some(format!("did you mean the block `{}`? `{}` takes it in", entry.name, entry.used()))
    });
    near.into_iter().fold(fault(label), Diagnostic::help).help("`graphrun ops` lists them all")
}

/// What a known op cannot do, where another call of the same name is common elsewhere:
/// `max(a, b)`.
fn other_meaning(card: &Card, inputs: &[Expression]) -> Option<String> {
    let here = match (card.name, inputs.len()) {
        ("max", 2) => "the larger of two, elementwise, is `maximum({a}, {b})`",
        ("min", 2) => "the smaller of two, elementwise, is `minimum({a}, {b})`",
        ("transpose", 3) => find(OPS, "swapaxes")?,
        _ => return None,
    };
    Some(fill(here, &words(&simple(inputs))))
}

/// What to write for a name that other languages have.
pub fn name(name: &str) -> Option<String> {
    let bare = phrasebook::without_modules(name);
    match bare.rsplit_once('.') {
        Some((of, property)) => Some(fill(find(PROPERTIES, property)?, &[('x', of)])),
        None if bare != name && matches!(bare, "inf" | "nan") => Some(format!("it is written `{bare}`")),
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

/// Of each input the text, where it is a name or a number.
fn simple(inputs: &[Expression]) -> Vec<Option<String>> {
    let is_simple = |input: &Expression| {
        matches!(input.items[..], [Item { what: What::Name(_), .. }]) || is_number(input)
    };
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
