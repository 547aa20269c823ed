//! Leaves whose values are made last: once all is counted, and nothing is refused for its size.

use super::{
    builder::Builder,
    constant::{Constant, Environment, Evaluator},
    meter::Account,
};
use crate::{
    cancel,
    diagnostic::Diagnostic,
    graph::{Origin, ValueId},
    shape::Shape,
    syntax::Expression,
    tensor::{Tensor, Type},
};

/// A value that is known by its type alone.
pub struct Later {
    pub expression: Expression,
    /// The shape of the leaf's annotation, if the expression needs it.
    pub shape: Option<Shape>,
    pub environment: Environment,
    pub ty: Type,
    /// The leaf; none where it was refused.
    pub leaf: Option<ValueId>,
    /// Made already, for the sake of the random stream.
    pub made: Option<Result<Tensor, Diagnostic>>,
}

/// The value of a leaf.
pub enum LeafValue {
    Tensor(Tensor),
    /// The place in [`Evaluator::later`].
    Later(usize),
}

impl Evaluator<'_> {
    /// Makes the values that have been put off until now: what is drawn next comes after them.
    pub fn make_up(&mut self) {
        let mut later = std::mem::take(&mut self.later);
        for value in later.iter_mut().filter(|value| value.made.is_none()) {
            value.made = Some(self.make(value));
        }
        self.later = later;
    }

    fn make(&mut self, value: &Later) -> Result<Tensor, Diagnostic> {
        cancel::check();
        let account = std::mem::replace(&mut self.meter.account, Account::Settled);
        let made = self.evaluate(&value.expression, value.shape.as_ref(), &value.environment);
        self.meter.account = account;
        match made? {
            Constant::Tensor(tensor) if tensor.shape() == value.ty.shape => Ok(tensor.into_float()),
            _ => {
                let words = format!("this value was to be of shape {}", value.ty.shape);
                Err(Diagnostic::error(words).at(value.expression.span, "and is not: a fault of this program"))
            }
        }
    }
}

/// Gives every leaf its value.
pub fn fill(builder: &mut Builder) {
    builder.evaluator.make_up();
    for value in std::mem::take(&mut builder.evaluator.later) {
        match value.made {
            Some(Ok(tensor)) => {
                if let Some(leaf) = value.leaf
                    && let Origin::Leaf { data, .. } = &mut builder.graph.values[leaf.index()].origin
                {
                    **data = tensor;
                }
            }
            Some(Err(fault)) => builder.faults.push(fault),
            None => {}
        }
    }
}
