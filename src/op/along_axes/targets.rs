//! Right answers: for every row of a batch the label of its class, or a share
//! for every class.

use crate::op::{
    Attribute, AttributeKind, Averaging, Call, Edge, Float, Group, Groups, Inputs, Misuse, Subject,
    pairwise_sum_of,
};
use crate::{shape::Shape, tensor::Kind};

mod weights;

/// The rows of input 0, `[…, classes]`, and their right answers in input 1:
/// int labels of shape `[…]`, or float shares of the shape of input 0.
#[derive(Debug)]
pub struct Targets {
    groups: Groups,
    pub averaging: Averaging,
    /// Input 2 says how much each class counts.
    weighted: bool,
    /// The label of rows that do not count.
    ignored: Option<i64>,
    /// The part of every answer that is spread evenly over the classes.
    smoothing: f64,
}

impl Targets {
    pub const WEIGHT: Edge = Edge::float(
        "weight",
        "how much each class counts, [classes]; the mean over labels divides by theirs",
    )
    .optional();

    pub const IGNORE_INDEX: Attribute = Attribute {
        name: "ignore_index",
        kind: AttributeKind::Int,
        default: Some(""),
        doc: "the label of rows that do not count",
    };

    /// What a call whose card names input 0 `scores` and input 1 `t` brings.
    ///
    /// # Errors
    /// A batch or a row without elements, answers that do not fit the rows, and
    /// labels outside of the classes, where they are known.
    pub fn of(call: &Call, scores: &str) -> Result<Self, Misuse> {
        let (x, t) = (call.shape(0), call.shape(1));
        let Some((&classes, batch)) = x.split_last() else {
            let message = format!("{scores} must have an axis of classes, […, classes]; it is a scalar");
            return Err(Misuse::new(Subject::Input(0), message));
        };
        if x.contains(&0) {
            let message =
                format!("{scores} has shape {x}: without rows and classes there is nothing to average");
            return Err(Misuse::new(Subject::Input(0), message));
        }
        let labels = Shape::new(batch);
        match call.kind(1) {
            // The ends of the range may be the ignored label, and say nothing of the others.
            Kind::Int if *t == labels && call.int("ignore_index").is_some() => {}
            Kind::Int if *t == labels => in_classes(call, 1, classes, || {
                format!("{scores} has {classes} classes, 0 to {}", classes - 1)
            })?,
            Kind::Float if t == x => {}
            kind => {
                let found = &call.inputs[1].ty;
                let message =
                    format!("t must be labels, int{labels}, or a share for every class, {x}; it is {found}");
                let misuse = Misuse::new(Subject::Input(1), message);
                return Err(match kind {
                    Kind::Int if t == x => {
                        misuse.help("one-hot rows are floats: write 0.0 and 1.0, or leave `int` out")
                    }
                    Kind::Float if *t == labels => {
                        misuse.help("labels are ints: leave the points out").wants_ints()
                    }
                    _ => misuse,
                });
            }
        }
        Self::plain(x).with_options(call, classes)
    }

    /// Without any options.
    fn plain(x: &Shape) -> Self {
        Self {
            groups: Groups::along(x, x.rank() - 1),
            averaging: Averaging::Mean,
            weighted: false,
            ignored: None,
            smoothing: 0.0,
        }
    }

    /// The rows, numbered.
    pub fn rows(&self) -> impl Iterator<Item = (usize, Group<'_>)> {
        self.groups.each().enumerate()
    }

    /// The label of a row; `None` where it is not one of the classes, or where
    /// the answers are shares.
    pub fn label<F: Float>(&self, x: &Inputs<F>, row: usize) -> Option<usize> {
        if !x.is_int(1) {
            return None;
        }
        usize::try_from(x.int(1)[row]).ok().filter(|&label| label < self.groups.size)
    }

    /// The share of a class in the right answer of a row: 1 for its label; NaN
    /// for a label that is not one of the classes. With the class' weight, if there are any.
    #[inline]
    pub fn share<F: Float>(&self, x: &Inputs<F>, row: usize, class: usize) -> F {
        if self.is_plain() {
            return self.plain_share(x, row, class);
        }
        self.share_with_options(x, row, class)
    }

    #[inline]
    fn plain_share<F: Float>(&self, x: &Inputs<F>, row: usize, class: usize) -> F {
        if !x.is_int(1) {
            return x.float(1)[row * self.groups.size + class];
        }
        match self.label(x, row) {
            None => F::from_f64(f64::NAN),
            Some(label) if label == class => F::one(),
            Some(_) => F::zero(),
        }
    }

    /// The shares of a row, summed: 1 for a label that has no weight.
    pub fn total<F: Float>(&self, x: &Inputs<F>, row: usize) -> F {
        if x.is_int(1) && self.is_plain() {
            return F::one();
        }
        pairwise_sum_of(self.groups.size, |class| self.share(x, row, class))
    }

    /// −Σ share · ln p(class), averaged over the rows if nothing else is asked for; `ln` makes of a row
    /// the logarithm of what it holds for each class.
    ///
    /// A share of 0 counts for nothing, also where the logarithm is infinite.
    pub fn cross_entropy<'a, F: Float, L: Fn(usize) -> F>(
        &'a self,
        x: &Inputs<F>,
        y: &mut [F],
        ln: impl Fn(Group<'a>) -> L,
    ) {
        let of_row = |row| self.surprise(x, row, ln(self.groups.group(row)));
        self.averaging.reduce(self.groups.count, y, self.divisor(x), of_row);
    }

    /// −Σ share · ln p(class) of one row.
    pub fn surprise<F: Float>(&self, x: &Inputs<F>, row: usize, ln: impl Fn(usize) -> F) -> F {
        if self.is_plain()
            && let Some(label) = self.label(x, row)
        {
            return -ln(label);
        }
        pairwise_sum_of(self.groups.size, |class| match self.share(x, row, class) {
            share if share == F::zero() => F::zero(),
            share => -(share * ln(class)),
        })
    }

    /// How many elements of each input make a row.
    pub fn widths<F>(&self, x: &Inputs<F>) -> [usize; 2] {
        [self.groups.size, if x.is_int(1) { 1 } else { self.groups.size }]
    }

    /// The rows of input 0.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }
}

/// Refuses an int input that is known to hold something else than a class.
///
/// # Errors
/// The label that is out of range, and `known`: which ones are not.
pub fn in_classes(
    call: &Call,
    input: usize,
    classes: usize,
    known: impl FnOnce() -> String,
) -> Result<(), Misuse> {
    let Some((least, greatest)) = call.inputs[input].range else { return Ok(()) };
    let inside = |label: i64| usize::try_from(label).is_ok_and(|label| label < classes);
    match [greatest, least].into_iter().find(|&label| !inside(label)) {
        None => Ok(()),
        Some(label) => {
            let message = format!("label {label} is out of range: {}", known());
            Err(Misuse::new(Subject::Input(input), message))
        }
    }
}
