//! A name that stands for nothing is one fault, however often it is used; so is a shape that
//! many expectations miss.

use crate::{
    diagnostic::{Cause, Diagnostic, Label},
    faults::Faults,
    source::Span,
};
use foldhash::{HashMap, HashMapExt};

/// Further places that are shown.
const SHOWN: usize = 3;

/// Joins the faults of one name into the first of them.
pub fn join(faults: &mut Faults) {
    let is_name = |fault: &Diagnostic| {
        matches!(fault.cause, Cause::Unresolved(_) | Cause::UnknownOp(_) | Cause::ExpectedShape)
    };
    if faults.iter().filter(|fault| is_name(fault)).count() < 2 {
        return;
    }
    faults.sort();
    let mut firsts: HashMap<(String, String), usize> = HashMap::new();
    let mut places: HashMap<usize, Vec<Span>> = HashMap::new();
    let mut keeps = Vec::with_capacity(faults.len());
    for (index, fault) in faults.iter().enumerate() {
        let key = fault.labels.first().map(|label| (fault.message.clone(), label.text.clone()));
        let first = key.filter(|_| is_name(fault)).map(|key| *firsts.entry(key).or_insert(index));
        keeps.push(first.is_none_or(|first| first == index));
        if let Some(first) = first.filter(|first| *first != index) {
            places.entry(first).or_default().extend(fault.span());
        }
    }
    for (first, places) in places {
        let fault = &mut faults[first];
        fault.labels.extend(places.iter().take(SHOWN).map(|&span| Label { span, text: "and here".into() }));
        if places.len() > SHOWN {
            fault.help.push(format!("it stands in {} places", places.len() + 1));
        }
    }
    let mut keeps = keeps.into_iter();
    faults.retain(|_| keeps.next().unwrap_or(true));
}
