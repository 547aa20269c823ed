//! What becomes of the losses of rows or elements: their mean, their sum, or nothing.

use crate::op::{Attribute, AttributeKind, Call, Float, Misuse, Subject, pairwise_sum_of};
use crate::shape::Shape;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Averaging {
    Mean,
    Sum,
    /// Each stays by itself.
    Each,
}

impl Averaging {
    /// The attribute of every loss.
    pub const REDUCTION: Attribute = Self::reduction(
        "what becomes of the losses: their mean, their sum, or each by itself; the mean without it",
    );

    /// The attribute with another doc, which says what happens without it.
    pub const fn reduction(doc: &'static str) -> Attribute {
        let kind = AttributeKind::Choice(&["mean", "sum", "none"]);
        Attribute { name: "reduction", kind, default: Some(""), doc }
    }

    /// What a call asks for.
    pub fn of(call: &Call, default: Self) -> Self {
        match call.choice("reduction") {
            "mean" => Self::Mean,
            "sum" => Self::Sum,
            "none" => Self::Each,
            _ => default,
        }
    }

    /// What a call of a loss of two tensors of one shape asks for, and the shape of its output.
    ///
    /// # Errors
    /// Two shapes, or a mean of nothing.
    pub fn of_pair(call: &Call, name: &str, default: Self) -> Result<(Self, Shape), Misuse> {
        let (x, t) = (call.shape(0), call.shape(1));
        let averaging = Self::of(call, default);
        if x != t {
            let message = format!("{name} and t must have one shape; they have {x} and {t}");
            return Err(Misuse::new(Subject::Call, message)
                .help("a loss does not broadcast, which would compare elements that never met"));
        }
        if x.size() == 0 && averaging == Self::Mean {
            let message = format!("{name} has shape {x}: without elements there is nothing to average");
            return Err(Misuse::new(Subject::Input(0), message));
        }
        Ok((averaging, if averaging == Self::Each { x.clone() } else { Shape::scalar() }))
    }

    /// Fills the output from the losses; `divisor` is that of the mean.
    pub fn reduce<F: Float>(self, count: usize, y: &mut [F], divisor: F, loss: impl Fn(usize) -> F) {
        match self {
            Self::Mean => y[0] = pairwise_sum_of(count, loss) / divisor,
            Self::Sum => y[0] = pairwise_sum_of(count, loss),
            Self::Each => y.iter_mut().enumerate().for_each(|(at, y)| *y = loss(at)),
        }
    }

    /// What makes of a loss' place the gradient that arrives there.
    pub fn upstream<F: Float>(self, upstream: &[F], divisor: F) -> impl Fn(usize) -> F {
        let all = match self {
            Self::Mean => upstream[0] / divisor,
            Self::Sum => upstream[0],
            Self::Each => F::zero(),
        };
        move |at| if self == Self::Each { upstream[at] } else { all }
    }

    /// One of the rules for the mean, for the sum, and for each by itself.
    pub fn rule(self, [mean, sum, each]: [Option<&'static str>; 3]) -> Option<&'static str> {
        match self {
            Self::Mean => mean,
            Self::Sum => sum,
            Self::Each => each,
        }
    }
}
