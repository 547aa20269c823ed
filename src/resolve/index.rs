//! `x[…]`: what stands between its brackets, once the bounds are known.

use super::{
    constant::Constant,
    scope::{Operand, Place},
};
use crate::{
    diagnostic::Diagnostic,
    graph::ValueId,
    op::AttributeValue,
    source::Span,
    syntax::{Bound, Subscript},
};

/// Places with their numbers.
pub struct Index {
    places: Vec<Subscript>,
    /// A tensor of ints that chooses along an axis of what the places leave.
    by: Option<(i64, Place)>,
}

/// How many bounds of an index are values on the stack.
pub fn operands(places: &[Subscript<Bound>]) -> usize {
    places.iter().map(Subscript::operands).sum()
}

/// The index of a tensor of this rank. `known` is the whole number that a value of the graph is
/// known to be.
///
/// # Errors
/// A bound that is no whole number, or not known before the run; several tensors of ints.
pub fn of(
    places: &[Subscript<Bound>],
    bounds: Vec<Place>,
    rank: usize,
    known: &dyn Fn(ValueId) -> Option<i64>,
) -> Result<Index, Diagnostic> {
    let mut bounds = bounds.into_iter();
    let mut index = Index { places: Vec::with_capacity(places.len()), by: None };
    let mut first: Option<Span> = None;
    for place in places {
        if let Subscript::At(Bound::Operand) = place {
            let Some(bound) = bounds.next() else { continue };
            let number = match &bound.0 {
                Operand::Constant(constant) => constant.whole(),
                _ => None,
            };
            if let Some(number) = number {
                index.places.push(Subscript::At(number));
                continue;
            }
            chooses(&bound)?;
            if let Some(first) = first {
                return Err(Diagnostic::error("an index has one tensor of ints at most")
                    .at(bound.1, "the second")
                    .at(first, "the first")
                    .help("`gather(x, i, axis = 1)` takes an entry of every row"));
            }
            first = Some(bound.1);
            index.by = Some((index.axis(places.len(), rank), bound));
            index.places.push(Subscript::Range { start: None, stop: None, step: None });
            continue;
        }
        index.places.push(place.try_map(|bound| match bound {
            Bound::Number(number) => Ok(*number),
            Bound::Operand => number(bounds.next(), known),
        })?);
    }
    Ok(index)
}

impl Index {
    /// The axis, of what these places leave, that the next place belongs to. Of `all` places some are
    /// still to come, which `...` leaves their axes.
    fn axis(&self, all: usize, rank: usize) -> i64 {
        let takes = |place: &Subscript| !matches!(place, Subscript::Rest | Subscript::NewAxis);
        let later = all - self.places.len();
        let axes = self.places.iter().map(|place| match place {
            Subscript::At(_) => 0,
            Subscript::Range { .. } | Subscript::NewAxis => 1,
            Subscript::Rest => {
                let taken = self.places.iter().filter(|place| takes(place)).count();
                rank.saturating_sub(taken + later) as i64
            }
        });
        axes.sum()
    }

    /// The ops that take the part, each with its attribute, and the tensor of ints that one takes too.
    pub fn steps(self) -> Vec<(&'static str, (&'static str, AttributeValue), Option<Place>)> {
        let whole = Subscript::Range { start: None, stop: None, step: None };
        let is_whole = self.places.iter().all(|place| matches!(place, Subscript::Rest) || *place == whole);
        let mut steps = Vec::new();
        if self.by.is_none() || !is_whole {
            steps.push(("slice", ("index", AttributeValue::Subscripts(self.places)), None));
        }
        if let Some((axis, by)) = self.by {
            steps.push(("take", ("axis", AttributeValue::Int(axis)), Some(by)));
        }
        steps
    }
}

/// Refuses what can choose nothing.
fn chooses((operand, span): &Place) -> Result<(), Diagnostic> {
    let fault = match operand {
        Operand::Constant(Constant::Text(_)) => "an index is a whole number, found a text",
        Operand::Constant(Constant::Tensor(tensor)) if tensor.to_ints().is_none() => {
            "an index is a whole number, found a fraction"
        }
        _ => return Ok(()),
    };
    Err(Diagnostic::error(fault).at(*span, "no whole number"))
}

/// A bound of a range.
fn number(bound: Option<Place>, known: &dyn Fn(ValueId) -> Option<i64>) -> Result<i64, Diagnostic> {
    let Some((operand, span)) = bound else { return Err(Diagnostic::error("a bound is missing")) };
    let (number, label) = match operand {
        Operand::Constant(constant) => (constant.whole(), "no whole number"),
        Operand::Value(value) => (known(value), "computed in the run"),
        Operand::Several(_) => (None, "several values"),
        Operand::Broken => (None, "refused"),
    };
    number.ok_or_else(|| {
        Diagnostic::error("the bounds of a range are whole numbers that are known before the run")
            .at(span, label)
            .help("a bound is made of numbers, lengths and attributes: `x[:, 0:2 * n]`")
    })
}
