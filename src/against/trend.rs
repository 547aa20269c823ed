//! Sums over many entries of a tensor, which show what hides in single ones.

use crate::{double::Double, precision::Precision, shape::Shape};

/// So many standard deviations of rounding from the inputs on may lie between what a kernel gave and what it
/// went on from, where it computes that anew.
pub const BAR_ANEW: f64 = 10.0;

/// A sum over a tensor may be off by so many of its standard deviations.
const BAR_OF_SUMS: f64 = 9.0;

/// The same of those along one axis, which are many.
const BAR_ALONG_AXES: f64 = 12.0;

/// A shift by less than this part of a unit in the last place is none.
const LEAST_SHIFT: f64 = 0.05;

/// What all entries are off by on average, in standard deviations, is nothing where it is less: roundings of
/// one kernel are not as independent as those that are drawn, and approximations lean to one side.
const LEAST_EFFECT: f64 = 1.0;

/// The same of what rows have in common, in deviations of their own scatter.
const BAR_OF_ROWS: f64 = 6.0;

/// Sums over fewer entries say no more than these.
const FEWEST: usize = 8;

/// A sum over many entries that is off by more than rounding explains.
#[derive(Debug, Clone, PartialEq)]
pub enum Trend {
    /// All numbers are this many times what they should be.
    Factor(f64),
    /// So are those with this index on an axis.
    Slice { axis: usize, index: usize, factor: f64 },
    /// All are off in one direction, by so many units in the last place on average.
    Shift(f64),
    /// From one end of an axis to the other, what they are off by changes by so many units in the last place.
    Drift { axis: usize, by: f64 },
}

/// Of the finite numbers, as parts of the largest: their squares may be too small for f64.
pub fn root_mean_square(numbers: impl Iterator<Item = f64> + Clone) -> f64 {
    let finite = numbers.filter(|x| x.is_finite());
    let largest = finite.clone().fold(0.0, |most: f64, x| x.abs().max(most));
    if largest == 0.0 {
        return 0.0;
    }
    let (sum, count) = finite.fold((0.0, 0.0), |(sum, count), x| {
        let part = x / largest;
        (sum + part * part, count + 1.0)
    });
    largest * f64::sqrt(sum / count)
}

/// Sums over many entries.
pub struct Sums<'a> {
    pub apart: &'a [f64],
    pub exact: &'a [Double],
    pub off: &'a [Vec<f64>],
    pub anew: Option<&'a [Vec<f64>]>,
    pub deviation: &'a [f64],
    pub precision: Precision,
}

impl Sums<'_> {
    /// The first that is off by more than those of the runs explain.
    pub fn trend(&self, telling: &[usize], shape: &Shape) -> Option<Trend> {
        if telling.len() < FEWEST {
            return None;
        }
        if let Some(factor) = self.stands_out_as_factor(telling, BAR_OF_SUMS) {
            return Some(Trend::Factor(1.0 + factor));
        }
        let ulps = |mean: f64| {
            let unit = root_mean_square(telling.iter().map(|&at| self.deviation[at]));
            let ulp = root_mean_square(telling.iter().map(|&at| self.precision.ulp(self.exact[at].to_f64())));
            mean * unit / ulp
        };
        let shift = self.stands_out(BAR_OF_SUMS, |off| self.mean(telling, off));
        let is_common = || (0..shape.rank()).all(|axis| self.is_common_along(axis, telling, shape));
        let shift = shift.filter(|shift| shift.abs() > LEAST_EFFECT && is_common()).map(ulps);
        if let Some(shift) = shift.filter(|shift| shift.abs() > LEAST_SHIFT) {
            return Some(Trend::Shift(shift));
        }
        (0..shape.rank()).filter(|&axis| shape[axis] > 1).find_map(|axis| {
            let inner: usize = shape[axis + 1..].iter().product();
            let index = |at: usize| at / inner % shape[axis];
            let middle = (shape[axis] - 1) as f64 / 2.0;
            let slope = |off: &[f64]| {
                let (sum, squares) = telling.iter().fold((0.0, 0.0), |(sum, squares), &at| {
                    let place = index(at) as f64 - middle;
                    (sum + place * off[at] / self.deviation[at], squares + place * place)
                });
                sum / squares * (shape[axis] - 1) as f64
            };
            if shape[axis] >= FEWEST {
                // From one end to the other, twice what it is from the middle on.
                let drift = self.stands_out(BAR_ALONG_AXES, slope);
                let is_steady = |by: f64| self.is_steady_along(axis, by, telling, shape);
                let drift = drift.filter(|&by| by.abs() > 2.0 * LEAST_EFFECT && is_steady(by)).map(ulps);
                if let Some(by) = drift.filter(|by| by.abs() > LEAST_SHIFT) {
                    return Some(Trend::Drift { axis, by });
                }
            }
            let mut slices = vec![Vec::new(); shape[axis]];
            telling.iter().for_each(|&at| slices[index(at)].push(at));
            let slices = slices.iter().enumerate().filter(|(_, slice)| slice.len() >= FEWEST);
            slices.into_iter().find_map(|(index, slice)| {
                let factor = self.stands_out_as_factor(slice, BAR_ALONG_AXES)?;
                Some(Trend::Slice { axis, index, factor: 1.0 + factor })
            })
        })
    }

    /// What the entries at each index of an axis are off by on average, in standard deviations, and how far
    /// that index is from the middle.
    fn means_along(&self, axis: usize, telling: &[usize], shape: &Shape) -> Vec<(f64, f64)> {
        let inner: usize = shape[axis + 1..].iter().product();
        let mut sums = vec![(0.0, 0.0); shape[axis]];
        for &at in telling {
            let (sum, count) = &mut sums[at / inner % shape[axis]];
            *sum += self.apart[at] / self.deviation[at];
            *count += 1.0;
        }
        let middle = (shape[axis] - 1) as f64 / 2.0;
        let means = sums.into_iter().enumerate().filter(|(_, (_, count))| *count > 0.0);
        means.map(|(index, (sum, count))| (index as f64 - middle, sum / count)).collect()
    }

    /// Entries in a row share roundings, a mean that was stored. What all rows are off by is common to them
    /// where it is large beside that in which they differ.
    fn is_common_along(&self, axis: usize, telling: &[usize], shape: &Shape) -> bool {
        let means = self.means_along(axis, telling, shape);
        if means.len() < FEWEST {
            return true;
        }
        let count = means.len() as f64;
        let mean = means.iter().map(|(_, mean)| mean).sum::<f64>() / count;
        let error = root_mean_square(means.iter().map(|(_, own)| own - mean)) / (count - 1.0).sqrt();
        mean.abs() > BAR_OF_ROWS * error
    }

    /// The same of a drift: that by which rows differ from a line through them is small beside it.
    fn is_steady_along(&self, axis: usize, by: f64, telling: &[usize], shape: &Shape) -> bool {
        let means = self.means_along(axis, telling, shape);
        let count = means.len() as f64;
        let mean = means.iter().map(|(_, mean)| mean).sum::<f64>() / count;
        let slope = by / (shape[axis] - 1) as f64;
        let apart = root_mean_square(means.iter().map(|(place, own)| own - mean - slope * place));
        let spread = root_mean_square(means.iter().map(|(place, _)| *place));
        slope.abs() > BAR_OF_ROWS * apart / (spread * (count - 2.0).sqrt())
    }

    /// The sum over the kernel's numbers, where it is larger than those over the runs explain.
    fn stands_out(&self, bar: f64, sum: impl Fn(&[f64]) -> f64) -> Option<f64> {
        let own = sum(self.apart);
        let usual = |runs: &[Vec<f64>]| root_mean_square(runs.iter().map(|off| sum(off)));
        let anew = self.anew.map_or(0.0, usual);
        (own.abs() > (bar * usual(self.off)).max(BAR_ANEW * anew) && own.is_finite()).then_some(own)
    }

    /// A factor that is nearer to 1 than numbers of the format can tell is none.
    fn stands_out_as_factor(&self, telling: &[usize], bar: f64) -> Option<f64> {
        let factor = self.stands_out(bar, |off| self.factor(telling, off))?;
        let sizes = root_mean_square(telling.iter().map(|&at| self.exact[at].to_f64() / self.deviation[at]));
        let is_effect = factor.abs() * sizes > LEAST_EFFECT && self.is_common_factor(telling, factor);
        (is_effect && factor.abs() > 2.0 * self.precision.unit()).then_some(factor)
    }

    /// What is left when a factor is taken out is small beside it.
    fn is_common_factor(&self, telling: &[usize], factor: f64) -> bool {
        let parts = telling.iter().map(|&at| (self.exact[at].to_f64(), self.apart[at], self.deviation[at]));
        let left = root_mean_square(parts.clone().map(|(exact, off, unit)| (off - factor * exact) / unit));
        let sizes = root_mean_square(parts.map(|(exact, _, unit)| exact / unit));
        factor.abs() * sizes * (telling.len() as f64 - 1.0).sqrt() > BAR_OF_ROWS * left
    }

    /// What all are off by as a part of themselves, by least squares.
    fn factor(&self, telling: &[usize], off: &[f64]) -> f64 {
        let (product, square) = telling.iter().fold((0.0, 0.0), |(product, square), &at| {
            let exact = self.exact[at].to_f64() / self.deviation[at];
            (product + off[at] / self.deviation[at] * exact, square + exact * exact)
        });
        // Numbers that are drowned in rounding say nothing of a factor.
        if square > 25.0 { product / square } else { 0.0 }
    }

    /// What they are off by on average, in standard deviations.
    fn mean(&self, telling: &[usize], off: &[f64]) -> f64 {
        telling.iter().map(|&at| off[at] / self.deviation[at]).sum::<f64>() / telling.len() as f64
    }
}
