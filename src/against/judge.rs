//! The numbers of a kernel held against precise ones: each entry, and the tensor as a whole.
//!
//! An entry may be off by a multiple of what runs with random roundings are off by there. Slips that
//! hide in single entries show in sums over many, of which the runs give the distribution, too.

use super::trend::{BAR_ANEW, Sums, Trend, root_mean_square};
use crate::{double::Double, precision::Precision, shape::Shape};

/// An entry may be off by so many standard deviations of rounding; by more where these are many times what
/// storing it takes, for then a few draws decide, and so many runs do not show their tails.
pub const BAR: f64 = 10.0;
const BAR_AMPLIFIED: f64 = 20.0;

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
        // Of what is drowned in rounding, a few entries say nothing.
        let is_drowned = self.is_mostly_undecided() && 100 * self.wrong < self.undecided;
        match (self.wrong > 0 && !is_drowned || self.trend.is_some(), self.undecided > 0) {
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
