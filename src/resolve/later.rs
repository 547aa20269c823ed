//! Leaves whose values are made last: once all is counted, and nothing is refused for its size.

use super::{
    builder::Builder,
    constant::{Constant, Environment, Evaluator, calls_anything},
    meter::Account,
    sketch::{Sketch, sketch},
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

    /// Counts what a value is going to be, as far as that is known before it is made.
    ///
    /// # Errors
    /// A limit is reached.
    pub fn count(
        &mut self,
        expression: &Expression,
        shape: Option<&Shape>,
        environment: &Environment,
    ) -> Result<Option<Sketch>, Diagnostic> {
        // What stands in the text is no larger than the text.
        if !calls_anything(expression) {
            return Ok(None);
        }
        let sketch = sketch(self, expression, shape, environment)?;
        if let Some(Sketch { cost, .. }) = &sketch {
            self.meter.leaf(cost).map_err(|excess| excess.at(expression.span))?;
        }
        Ok(sketch)
    }

    /// Makes a value at once; what was not counted before is counted as it is made.
    ///
    /// # Errors
    /// As [`Evaluator::evaluate`].
    pub fn make_now(
        &mut self,
        expression: &Expression,
        shape: Option<&Shape>,
        environment: &Environment,
        is_counted: bool,
    ) -> Result<Constant, Diagnostic> {
        cancel::check();
        let account = if is_counted { Account::Settled } else { Account::Leaf };
        let account = std::mem::replace(&mut self.meter.account, account);
        let made = self.evaluate(expression, shape, environment);
        self.meter.account = account;
        made
    }

    fn make(&mut self, value: &Later) -> Result<Tensor, Diagnostic> {
        match self.make_now(&value.expression, value.shape.as_ref(), &value.environment, true)? {
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
