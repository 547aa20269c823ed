//! Answers that do not all count the same: weights of classes, rows that are ignored, and answers that are
//! spread a little over all classes.

use super::Targets;
use crate::{
    op::{Averaging, Call, Float, Group, Inputs, Misuse, Subject, pairwise_sum_of},
    shape::Shape,
    tensor::Kind,
};

impl Targets {
    /// Takes over the options of a call.
    pub(super) fn with_options(self, call: &Call, classes: usize) -> Result<Self, Misuse> {
        let weighted = call.inputs.len() > 2;
        if weighted && call.shape(2)[..] != [classes] {
            let message = format!(
                "weight must have a number for each of the {classes} classes, [{classes}]; it is {}",
                call.inputs[2].ty
            );
            return Err(Misuse::new(Subject::Input(2), message));
        }
        let ignored = call.int("ignore_index");
        if ignored.is_some() && call.kind(1) == Kind::Float {
            let message = "ignore_index is the label of rows to ignore, and t has no labels but shares";
            return Err(Misuse::new(Subject::Attribute("ignore_index"), message)
                .help("a row whose shares are all 0 counts for nothing in the sum"));
        }
        let smoothing = call.float("label_smoothing").unwrap_or(0.0);
        if !(0.0..=1.0).contains(&smoothing) {
            let message = format!("label_smoothing is {smoothing}; it is a part of the answer, from 0 to 1");
            return Err(Misuse::new(Subject::Attribute("label_smoothing"), message));
        }
        let averaging = Averaging::of(call, Averaging::Mean);
        Ok(Self { averaging, weighted, ignored, smoothing, ..self })
    }

    /// The output's shape: that of the batch, or a single number.
    pub fn output(&self, scores: &Shape) -> Shape {
        match self.averaging {
            Averaging::Each => Shape::new(&scores[..scores.rank() - 1]),
            _ => Shape::scalar(),
        }
    }

    /// All rows and classes count the same, and the answers are taken as they are.
    #[inline]
    pub fn is_plain(&self) -> bool {
        !self.weighted && self.ignored.is_none() && self.smoothing == 0.0
    }

    /// A change of some scores or shares changes single terms of one sum.
    pub fn is_sum_of_rows(&self) -> bool {
        self.is_plain() && self.averaging != Averaging::Each
    }

    /// What the sum of the rows is divided by for the mean: how many they are, or what the weights of
    /// their labels come to.
    pub fn divisor<F: Float>(&self, x: &Inputs<F>) -> F {
        let is_even = !self.weighted && self.ignored.is_none();
        if self.averaging != Averaging::Mean || is_even || !x.is_int(1) {
            return F::from_f64(self.groups.count as f64);
        }
        pairwise_sum_of(self.groups.count, |row| self.weight_of_row(x, row))
    }

    fn weight_of_row<F: Float>(&self, x: &Inputs<F>, row: usize) -> F {
        match self.label(x, row) {
            _ if self.is_ignored(x, row) => F::zero(),
            Some(label) => self.weight(x, label),
            None => F::from_f64(f64::NAN),
        }
    }

    fn weight<F: Float>(&self, x: &Inputs<F>, class: usize) -> F {
        if self.weighted { x.float(2)[class] } else { F::one() }
    }

    fn is_ignored<F: Float>(&self, x: &Inputs<F>, row: usize) -> bool {
        self.ignored.is_some_and(|ignored| x.int(1)[row] == ignored)
    }

    /// A share with all that the options make of it.
    pub(super) fn share_with_options<F: Float>(&self, x: &Inputs<F>, row: usize, class: usize) -> F {
        if self.is_ignored(x, row) {
            return F::zero();
        }
        self.smoothed(x, row, class) * self.weight(x, class)
    }

    fn smoothed<F: Float>(&self, x: &Inputs<F>, row: usize, class: usize) -> F {
        let even = F::from_f64(self.smoothing) / F::from_f64(self.groups.size as f64);
        self.plain_share(x, row, class) * self.kept() + even
    }

    /// The part of an answer that is not spread.
    fn kept<F: Float>(&self) -> F {
        F::one() - F::from_f64(self.smoothing)
    }

    /// How much a loss changes with a share, beside the logarithm.
    pub fn factor<F: Float>(&self, x: &Inputs<F>, class: usize) -> F {
        if self.is_plain() { F::one() } else { self.weight(x, class) * self.kept() }
    }

    /// Adds to the gradient of the weights; `ln` as for [`Targets::cross_entropy`].
    pub fn send_to_weights<'a, F: Float, L: Fn(usize) -> F>(
        &'a self,
        x: &Inputs<F>,
        [y, upstream]: [&[F]; 2],
        gradient: &mut [F],
        ln: impl Fn(Group<'a>) -> L,
    ) {
        let up = self.averaging.upstream(upstream, self.divisor(x));
        for (row, group) in self.rows().filter(|&(row, _)| !self.is_ignored(x, row)) {
            let ln = ln(group);
            for (class, gradient) in gradient.iter_mut().enumerate() {
                let share = self.smoothed(x, row, class);
                if share != F::zero() {
                    *gradient -= up(row) * (share * ln(class));
                }
            }
            // The mean over labels is divided by the weights, too.
            if let (Averaging::Mean, Some(label)) = (self.averaging, self.label(x, row)) {
                gradient[label] -= up(row) * y[0];
            }
        }
    }
}
