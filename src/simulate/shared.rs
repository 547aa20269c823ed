//! What numbers along an axis share: a mean or a sum that is rounded once for all that it goes into.

use super::{
    draws::uniform,
    random::{OTHER_ORDER, Random},
};
use crate::{
    engine::{Meeting, Sent},
    op::{Groups, Rounding},
};

impl Random<'_> {
    /// Adds to each number of a group the same draw, times what is said of it.
    pub(super) fn perturb_groups(
        &mut self,
        groups: &Groups,
        x: &mut [f64],
        deviation: impl Fn(usize, f64) -> f64,
    ) {
        let bits = self.bits();
        for index in 0..groups.count {
            let draw = uniform(bits(index));
            for at in (0..groups.size).map(|place| groups.group(index).at(place)) {
                let by = draw * deviation(at, x[at]);
                x[at] += if by.is_finite() { by } else { 0.0 };
            }
        }
    }

    /// Shares that are computed as exp(x - ln Σ exp x), as for backward by kernels that keep the logarithm
    /// alone, err by a part of it and of x.
    pub(super) fn take_from_log_of_sum(&mut self, x: &[f64], groups: &Groups, y: &mut [f64]) {
        let unit = self.unit();
        let log_of_sum: Vec<f64> = x.iter().zip(&*y).map(|(x, y)| (x - y.ln()).abs()).collect();
        self.perturb(y, |at, y| y * unit * x[at].abs());
        self.perturb_groups(groups, y, |at, y| y * unit * log_of_sum[at]);
    }

    /// Sums and means of a group are rounded once for all that they go into.
    pub(super) fn perturb_what_groups_share(
        &mut self,
        meeting: Meeting,
        groups: &Groups,
        &Sent { x, y, upstream, output, .. }: &Sent<f64>,
        part: &mut [f64],
    ) {
        let (unit, between) = (self.unit(), self.unit_between());
        let count = part.len();
        let of_groups = |of: &dyn Fn(usize) -> f64| -> Vec<f64> {
            let mut all = vec![0.0; count];
            for index in 0..groups.count {
                let places = || (0..groups.size).map(|place| groups.group(index).at(place));
                let own: f64 = places().map(of).sum();
                places().for_each(|at| all[at] = own);
            }
            all
        };
        match meeting.rounding {
            // The sum of y * upstream, whose terms may be other products.
            Rounding::Softmax(_) => {
                let sizes = of_groups(&|at| (y[at] * upstream[at]).abs());
                let sums = of_groups(&|at| y[at] * upstream[at]);
                let own = |at: usize| OTHER_ORDER * unit * sizes[at] + between * sums[at].abs();
                self.perturb_groups(groups, part, |at, _| y[at] * own(at));
                if let Some(off) = self.other_sums.remove(&output) {
                    let off = of_groups(&|at| y[at] * off[at]);
                    part.iter_mut().zip(y).zip(off).for_each(|((part, y), off)| *part -= y * off);
                }
            }
            Rounding::LogSoftmax(_) => {
                let shared: Vec<f64> =
                    part.iter().zip(upstream).map(|(part, upstream)| upstream - part).collect();
                self.perturb_groups(groups, part, |at, _| shared[at] * unit.max(between));
            }
            // The mean that is subtracted; what that does to a part is its slope by the number itself.
            Rounding::Centered(_) => {
                let means = of_groups(&|at| x[at] / groups.size as f64);
                let steepest = |at: usize| (x[at] - means[at]).abs();
                let largest = of_groups(&|at| steepest(at).powi(2));
                let sent = of_groups(&|at| part[at].powi(2));
                let slope = |at: usize| if largest[at] > 0.0 { (sent[at] / largest[at]).sqrt() } else { 0.0 };
                let summed = self.of_sum(meeting.terms) + self.of_like_terms(meeting.terms);
                let off = unit.max(between).hypot(summed);
                self.perturb_groups(groups, part, |at, _| slope(at) * off * means[at].abs());
            }
            _ => {}
        }
    }
}
