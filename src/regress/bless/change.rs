//! What a blessing writes: one expectation after the other, old and new.

use super::Blessing;
use crate::{
    graph::{Expectation, Expected, Graph, ValueId, Want},
    regress::{judge, tested::Failure},
    run::Run,
    shape::Shape,
    source::Span,
    tensor::Tensor,
};
use std::collections::HashSet;

/// What stands, or is to stand, at an expectation.
#[derive(Debug, Clone, PartialEq)]
pub enum Stated {
    Numbers(Tensor),
    Shape(Shape),
}

/// Whose expectation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Value(ValueId),
    Gradient(ValueId),
    Shape(ValueId),
}

/// One expectation as it is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// `loss`, `grad(W1)`, `shape(loss)`.
    pub name: String,
    pub place: Place,
    /// `None` for a new expectation.
    pub before: Option<Stated>,
    pub after: Stated,
    /// The statement, where there is one already.
    pub span: Option<Span>,
    /// Where what it states is written.
    pub(super) written: Option<Span>,
}

impl Change {
    /// A change that no text is about yet.
    pub fn new(name: String, place: Place, before: Option<Stated>, after: Stated) -> Self {
        Self { name, place, before, after, span: None, written: None }
    }

    /// Elements that are to be written.
    pub(super) fn size(&self) -> usize {
        match &self.after {
            Stated::Numbers(tensor) => tensor.shape().size(),
            Stated::Shape(_) => 0,
        }
    }

    pub(super) fn is_nan(&self) -> bool {
        matches!(&self.after, Stated::Numbers(tensor) if tensor.to_floats().iter().any(|x| x.is_nan()))
    }
}

/// What is to be written: expectations that fail, and, in a file that expects none of
/// the kind, the outputs' values and all wanted gradients. A formula stays as it is: its author
/// derived it, and what came out would say nothing of it.
pub(super) fn changes(graph: &Graph, run: &Run, failures: &[Failure], blessing: Blessing) -> Vec<Change> {
    let mut changes = match blessing {
        Blessing::New => Vec::new(),
        Blessing::All => failing(graph, run, failures),
    };
    let has =
        |wanted: fn(&Expected) -> bool| graph.expectations.iter().any(|expectation| wanted(&expectation.of));
    let new = |name: String, place: Place, got: Tensor| Change::new(name, place, None, Stated::Numbers(got));
    let name = |of: ValueId| graph.value(of).name.to_string();
    if !has(|of| matches!(of, Expected::Value { .. })) {
        let outputs = graph.outputs.iter();
        changes.extend(outputs.map(|&of| new(name(of), Place::Value(of), run.value_of(of))));
    }
    if !has(|of| matches!(of, Expected::Gradient { .. })) {
        let gradient = |of: ValueId| judge::gradient(graph, run, of);
        let wanted = graph.wanted.iter();
        changes
            .extend(wanted.map(|&of| new(format!("grad({})", name(of)), Place::Gradient(of), gradient(of))));
    }
    changes
}

fn failing(graph: &Graph, run: &Run, failures: &[Failure]) -> Vec<Change> {
    let failing: HashSet<Span> = failures.iter().filter_map(Failure::blessable).collect();
    let found = graph.expectations.iter().filter(|expectation| failing.contains(&expectation.span));
    let change = |expectation: &Expectation| {
        let numbers = |want: &Want| match want {
            Want::Numbers(tensor) => Some(Stated::Numbers(tensor.clone())),
            Want::Formula(_) => None,
        };
        let (place, before, after) = match &expectation.of {
            Expected::Value { of, want, .. } => {
                (Place::Value(*of), numbers(want)?, Stated::Numbers(run.value_of(*of)))
            }
            Expected::Gradient { of, want, .. } => {
                (Place::Gradient(*of), numbers(want)?, Stated::Numbers(judge::gradient(graph, run, *of)))
            }
            Expected::Shape { of, want } => {
                let got = graph.value(*of).ty.shape.clone();
                (Place::Shape(*of), Stated::Shape(want.clone()), Stated::Shape(got))
            }
            Expected::Check(_) => return None,
        };
        let name = judge::name(graph, &expectation.of);
        let (span, written) = (Some(expectation.span), Some(expectation.written));
        Some(Change { span, written, ..Change::new(name, place, Some(before), after) })
    };
    found.filter_map(change).collect()
}
