//! The numbers of a kernel held against precise ones: each entry, and the tensor as a whole.
//!
//! An entry may be off by a multiple of what runs with random roundings are off by there. Slips that
//! hide in single entries show in sums over many: a factor between all, a shift of all, a drift along
//! an axis. Of these the runs give the distribution, too.

use crate::{double::Double, precision::Precision, shape::Shape};

/// An entry may be off by so many standard deviations of rounding; by more where these are many times what
/// storing it takes, for then a few draws decide, and so many runs do not show their tails.
pub const BAR: f64 = 10.0;
const BAR_AMPLIFIED: f64 = 20.0;

/// A sum over a tensor may be off by so many of its standard deviations.
const BAR_OF_SUMS: f64 = 9.0;

/// The same of those along one axis, which are many.
const BAR_ALONG_AXES: f64 = 12.0;

/// A shift by less than this part of a unit in the last place is none.
const LEAST_SHIFT: f64 = 0.05;

/// What all entries are off by on average, in standard deviations, is nothing where it is less: roundings of
/// one kernel are not as independent as those that are drawn, and approximations lean to one side.
const LEAST_EFFECT: f64 = 1.0;

/// So many standard deviations of rounding from the inputs on may lie between what a kernel gave and what it
/// went on from, where it computes that anew.
const BAR_ANEW: f64 = 10.0;

/// The same of what rows have in common, in deviations of their own scatter.
const BAR_OF_ROWS: f64 = 6.0;

/// Sums over fewer entries say no more than these.
const FEWEST: usize = 8;

/// Wrong entries that are kept.
const KEPT: usize = 12;

/// What a kernel says, what is right, and how far rounding carries it.
pub struct Evidence<'a> {
    pub got: &'a [f64],
    pub exact: &'a [Double],
    /// What runs with random roundings are off by, run by run.
    pub off: &'a [Vec<f64>],
    /// The same of runs from the inputs on, where `off` is of runs from the kernel's own numbers.
    pub anew: Option<&'a [Vec<f64>]>,
    /// What an entry is off by where factors meet in another order, and what comes first is below the least
    /// normal number.
    pub underflow: &'a [f64],
    /// The format that the kernel stored it in.
    pub precision: Precision,
    pub shape: &'a Shape,
}

/// What the entries of a tensor come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Within what rounding explains.
    Ok,
    /// Beyond it.
    Wrong,
    /// Rounding may be as large as what it is about.
    Undecided,
}

/// An entry that is off by more than rounding explains.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub at: usize,
    pub got: f64,
    pub exact: f64,
    pub bar: f64,
}

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

/// The judgement of a tensor.
#[derive(Debug, Clone)]
pub struct Judged {
    pub ok: usize,
    pub wrong: usize,
    pub undecided: usize,
    /// What entries are off by, in units in the last place of the format: the most and the median.
    pub worst_ulps: f64,
    pub median_ulps: f64,
    /// What the median entry may be off by.
    pub bar_ulps: f64,
    /// The first wrong entries.
    pub entries: Vec<Entry>,
    /// Where each wrong entry stands.
    pub at: Vec<usize>,
    pub trend: Option<Trend>,
    /// What each entry may be off by.
    pub bars: Vec<f64>,
}

impl Judged {
    pub fn is_mostly_undecided(&self) -> bool {
        2 * self.undecided > self.bars.len()
    }

    pub fn verdict(&self) -> Verdict {
        match (self.wrong > 0 || self.trend.is_some(), self.undecided > 0) {
            (true, _) => Verdict::Wrong,
            (false, true) => Verdict::Undecided,
            (false, false) => Verdict::Ok,
        }
    }
}

/// What a number may be off by at least: half a unit in its last place, and what is flushed to zero.
fn least(exact: f64, precision: Precision) -> f64 {
    (exact.abs() * precision.unit() / 2.0).max(precision.least())
}

/// The standard deviation of rounding in each entry; infinite where no run says anything.
pub fn deviations(exact: &[Double], off: &[Vec<f64>], precision: Precision) -> Vec<f64> {
    let of = |at: usize| {
        let is_said = off.is_empty() || !exact[at].is_finite() || off.iter().any(|run| run[at].is_finite());
        let spread = if is_said { root_mean_square(off.iter().map(|run| run[at])) } else { f64::INFINITY };
        spread.max(least(exact[at].to_f64(), precision))
    };
    (0..exact.len()).map(of).collect()
}

/// Of the finite numbers, as parts of the largest: their squares may be too small for f64.
fn root_mean_square(numbers: impl Iterator<Item = f64> + Clone) -> f64 {
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

/// What each entry may be off by, and where a rounding may tip a branch. In `wide`, runs whose roundings are
/// so many times as large: where they are off by more than that, a branch was tipped, and an entry may be
/// off by as much.
pub fn bars(
    exact: &[Double],
    off: &[Vec<f64>],
    wide: Option<(f64, &[Vec<f64>])>,
    precision: Precision,
) -> (Vec<f64>, Vec<bool>) {
    let deviation = deviations(exact, off, precision);
    let bar = |(deviation, exact): (&f64, &Double)| {
        let times = deviation / (precision.unit() * exact.to_f64().abs());
        // From 2 to 8 times what storing takes.
        let amplified = ((times - 2.0) / 6.0).clamp(0.0, 1.0);
        deviation * (BAR + (BAR_AMPLIFIED - BAR) * if amplified.is_nan() { 1.0 } else { amplified })
    };
    let mut bars: Vec<f64> = deviation.iter().zip(exact).map(bar).collect();
    let mut tipped = vec![false; exact.len()];
    if let Some((scale, wide)) = wide {
        for at in 0..exact.len() {
            let grown = root_mean_square(wide.iter().map(|run| run[at]));
            if grown > 3.0 * scale * deviation[at] {
                tipped[at] = true;
                let reached = wide.iter().map(|run| run[at].abs()).fold(0.0, f64::max);
                bars[at] = bars[at].max(2.0 * reached);
            }
        }
    }
    (bars, tipped)
}

/// Judges a tensor. `wide` makes the runs with larger roundings that [`bars`] takes, where they are needed.
pub fn judge(evidence: &Evidence, wide: &mut dyn FnMut() -> (f64, Vec<Vec<f64>>)) -> Judged {
    let Evidence { got, exact, off, anew, underflow, precision, shape } = *evidence;
    let deviation = deviations(exact, off, precision);
    let apart: Vec<f64> =
        got.iter().zip(exact).map(|(&got, &exact)| (Double::from(got) - exact).to_f64()).collect();
    let same = |at: usize| got[at] == exact[at].to_f64() || got[at].is_nan() && exact[at].to_f64().is_nan();
    let is_within = |at: usize, bar: f64| same(at) || apart[at].abs() <= bar;
    let anew_bars = anew.map(|anew| deviations(exact, anew, precision));
    let bars_of = |wide| {
        let (mut bars, tipped) = self::bars(exact, off, wide, precision);
        for (bar, anew) in bars.iter_mut().zip(anew_bars.iter().flatten()) {
            *bar = bar.max(BAR_ANEW * anew);
        }
        (bars, tipped)
    };
    let (mut bars, mut tipped) = bars_of(None);
    if (0..got.len()).any(|at| !is_within(at, bars[at])) {
        let (scale, wide) = wide();
        (bars, tipped) = bars_of(Some((scale, &wide)));
    }
    let largest = exact.iter().map(|x| x.to_f64().abs()).filter(|x| x.is_finite()).fold(0.0, f64::max);
    // The tail of a function may be 0 to a kernel that approximates it.
    let negligible = largest * precision.unit() * precision.unit();
    let size = root_mean_square(exact.iter().map(|x| x.to_f64()));
    let drowned = root_mean_square(bars.iter().copied()) > size;
    let mut judged = Judged {
        ok: 0,
        wrong: 0,
        undecided: 0,
        worst_ulps: 0.0,
        median_ulps: 0.0,
        bar_ulps: 0.0,
        entries: Vec::new(),
        at: Vec::new(),
        trend: None,
        bars: Vec::new(),
    };
    for at in 0..got.len() {
        let right = exact[at].to_f64();
        let is_wrong = !is_within(at, bars[at]);
        if is_wrong && is_within(at, underflow[at].max(negligible)) {
            judged.undecided += 1;
        } else if is_wrong {
            judged.wrong += 1;
            judged.at.push(at);
            if judged.entries.len() < KEPT {
                judged.entries.push(Entry { at, got: got[at], exact: right, bar: bars[at] });
            }
        // What is 0 beside its own rounding is 0 to the kernel.
        } else if bars[at].is_infinite() && !same(at)
            || drowned && bars[at] > right.abs() && right.abs() > 1e-3 * deviation[at]
        {
            judged.undecided += 1;
        } else {
            judged.ok += 1;
        }
    }
    let ulp = |at: usize| precision.ulp(exact[at].to_f64());
    let finite = |at: &usize| apart[*at].is_finite();
    let mut ulps: Vec<f64> = (0..got.len()).filter(finite).map(|at| apart[at].abs() / ulp(at)).collect();
    let mut allowed: Vec<f64> = (0..got.len()).filter(finite).map(|at| bars[at] / ulp(at)).collect();
    judged.worst_ulps = ulps.iter().copied().fold(0.0, f64::max);
    judged.median_ulps = median(&mut ulps);
    judged.bar_ulps = median(&mut allowed);
    let counts = |at: &usize| {
        let is_finite = exact[*at].is_finite() && off.iter().all(|run| run[*at].is_finite());
        finite(at)
            && !tipped[*at]
            && is_finite
            && underflow[*at] <= bars[*at]
            && (exact[*at].to_f64() / deviation[*at]).is_finite()
    };
    let telling: Vec<usize> = (0..got.len()).filter(counts).collect();
    if judged.wrong == 0 && judged.undecided == 0 {
        let sums = Sums { apart: &apart, exact, off, anew, deviation: &deviation, precision };
        judged.trend = sums.trend(&telling, shape);
    }
    judged.bars = bars;
    judged
}

fn median(numbers: &mut [f64]) -> f64 {
    match numbers.len() {
        0 => 0.0,
        count => *numbers.select_nth_unstable_by(count / 2, f64::total_cmp).1,
    }
}

/// Sums over many entries.
struct Sums<'a> {
    apart: &'a [f64],
    exact: &'a [Double],
    off: &'a [Vec<f64>],
    anew: Option<&'a [Vec<f64>]>,
    deviation: &'a [f64],
    precision: Precision,
}

impl Sums<'_> {
    /// The first that is off by more than those of the runs explain.
    fn trend(&self, telling: &[usize], shape: &Shape) -> Option<Trend> {
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
