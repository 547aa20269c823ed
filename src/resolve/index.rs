//! `x[…]`: what stands between its brackets, once the bounds are known.

use super::{
    constant::Constant,
    scope::{Operand, Place},
};
use crate::{
    diagnostic::Diagnostic,
    graph::ValueId,
    op::AttributeValue,
    syntax::{Bound, Subscript},
};

/// Places with their numbers.
pub struct Index {
    places: Vec<Subscript>,
    /// Tensors of ints that choose along neighbouring axes of what the places leave, and the first of
    /// these axes.
    by: Vec<Place>,
    axis: i64,
}

/// How many bounds of an index are values on the stack.
pub fn operands(places: &[Subscript<Bound>]) -> usize {
    places.iter().map(Subscript::operands).sum()
}

/// The index of a tensor of this rank. `known` is the whole number that a value of the graph is
/// known to be.
///
/// # Errors
/// A bound that is no whole number, or not known before the run; tensors of ints that are apart.
pub fn of(
    places: &[Subscript<Bound>],
    bounds: Vec<Place>,
    rank: usize,
    known: &dyn Fn(ValueId) -> Option<i64>,
) -> Result<Index, Diagnostic> {
    let mut bounds = bounds.into_iter();
    let mut index = Index { places: Vec::with_capacity(places.len()), by: Vec::new(), axis: 0 };
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
            let axis = index.axis(places.len(), rank);
            match index.by.last() {
                None => index.axis = axis,
                Some((_, before)) if axis != index.axis + index.by.len() as i64 => {
                    return Err(Diagnostic::error("tensors of ints stand side by side in an index")
                        .at(bound.1, "this one is apart")
                        .at(*before, "from this one")
                        .help("`transpose` brings the axes together"));
                }
                Some(_) => {}
            }
            index.by.push(bound);
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

    /// The ops that take the part, each with its attribute, and the tensors of ints that one takes too.
    pub fn steps(self) -> Vec<(&'static str, (&'static str, AttributeValue), Vec<Place>)> {
        let whole = Subscript::Range { start: None, stop: None, step: None };
        let is_whole = self.places.iter().all(|place| matches!(place, Subscript::Rest) || *place == whole);
        let mut steps = Vec::new();
        if self.by.is_empty() || !is_whole {
            steps.push(("slice", ("index", AttributeValue::Subscripts(self.places)), Vec::new()));
        }
        if !self.by.is_empty() {
            steps.push(("take", ("axis", AttributeValue::Int(self.axis)), self.by));
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
