//! What a comparison comes to: a verdict an entry, a summary a tensor.

use super::locate::Location;
use crate::graph::{ComparisonSettings, ValueId};

/// How one entry fared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Backward lies within the error bar of the measurement.
    Ok,
    /// Backward and measurement are both exactly 0.
    Zero(ZeroCause),
    /// The entry stands on a point without a derivative, at this step of the
    /// plan, and backward lies between the slopes on its two sides.
    Kink { step: u32 },
    /// Two measurements lie away from backward by more than their error bars.
    Wrong,
    /// Nothing can be said; never a pass.
    Undecided(Undecided),
    /// The gradient is NaN or infinite.
    NotFinite,
}

/// Why a gradient is exactly 0. It proves little, so the cause is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ZeroCause {
    /// No path leads from the leaf to an output.
    NoPath,
    /// The change stops at this step, which multiplies by zero.
    ZeroFactor { step: u32 },
    /// The change stops at this step, whose op has a flat side.
    Dead { step: u32 },
    /// The output moves, but evenly to both sides: a minimum, or rounding.
    Flat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undecided {
    /// The error bar is too wide to tell this gradient from one that is off by
    /// a thousandth.
    WideBar,
    /// Two measurements disagree.
    Disagreement,
    /// No point near enough stays on this side of a kink, or is finite.
    NoRoom,
}

/// What a verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Evidence {
    /// The measured gradient with its error bar.
    Measured {
        value: f64,
        bar: f64,
    },
    /// The measured slopes on both sides of a kink, with one error bar.
    Slopes {
        left: f64,
        right: f64,
        bar: f64,
    },
    Nothing,
}

/// One entry that is worth naming.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// Row-major index in the leaf.
    pub entry: usize,
    pub backward: f64,
    pub verdict: Verdict,
    pub evidence: Evidence,
}

/// The comparison of one leaf.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorComparison {
    pub leaf: ValueId,
    /// Entries of the tensor; `compared` of them were looked at.
    pub size: usize,
    pub compared: usize,
    pub ok: usize,
    pub zero: usize,
    pub kink: usize,
    pub undecided: usize,
    pub wrong: usize,
    pub not_finite: usize,
    /// How often each cause of zero occurs.
    pub zero_causes: Vec<(ZeroCause, usize)>,
    /// Mean and greatest |backward − measured| over entries with a measurement.
    pub mean_difference: f64,
    pub max_difference: f64,
    /// The greatest |backward − measured| / bar.
    pub worst_ratio: f64,
    /// The smallest relative error that would have been caught in every entry
    /// that is ok; `None` without such an entry.
    pub sensitivity: Option<f64>,
    /// Every entry that is neither ok nor zero.
    pub findings: Vec<Finding>,
    measured: usize,
}

impl TensorComparison {
    pub(super) fn new(leaf: ValueId, size: usize) -> Self {
        Self {
            leaf,
            size,
            compared: 0,
            ok: 0,
            zero: 0,
            kink: 0,
            undecided: 0,
            wrong: 0,
            not_finite: 0,
            zero_causes: Vec::new(),
            mean_difference: 0.0,
            max_difference: 0.0,
            worst_ratio: 0.0,
            sensitivity: None,
            findings: Vec::new(),
            measured: 0,
        }
    }

    pub(super) fn take(&mut self, finding: Finding) {
        self.compared += 1;
        match finding.verdict {
            Verdict::Ok => self.ok += 1,
            Verdict::Zero(cause) => {
                self.zero += 1;
                self.count_cause(cause, 1);
            }
            Verdict::Kink { .. } => self.kink += 1,
            Verdict::Wrong => self.wrong += 1,
            Verdict::Undecided(_) => self.undecided += 1,
            Verdict::NotFinite => self.not_finite += 1,
        }
        if let Evidence::Measured { value, bar } = finding.evidence {
            let difference = (finding.backward - value).abs();
            self.measured += 1;
            self.mean_difference += (difference - self.mean_difference) / self.measured as f64;
            self.max_difference = self.max_difference.max(difference);
            if bar > 0.0 {
                self.worst_ratio = self.worst_ratio.max(difference / bar);
            }
            if finding.verdict == Verdict::Ok && finding.backward != 0.0 {
                let caught = (bar + difference) / finding.backward.abs();
                self.sensitivity = Some(self.sensitivity.map_or(caught, |least| least.max(caught)));
            }
        }
        if !matches!(finding.verdict, Verdict::Ok | Verdict::Zero(_)) {
            self.findings.push(finding);
        }
    }

    /// Adds what further entries of the same leaf came to.
    pub(super) fn join(&mut self, further: Self) {
        self.compared += further.compared;
        self.ok += further.ok;
        self.zero += further.zero;
        self.kink += further.kink;
        self.undecided += further.undecided;
        self.wrong += further.wrong;
        self.not_finite += further.not_finite;
        further.zero_causes.iter().for_each(|&(cause, count)| self.count_cause(cause, count));
        self.measured += further.measured;
        if further.measured > 0 {
            let share = further.measured as f64 / self.measured as f64;
            self.mean_difference += (further.mean_difference - self.mean_difference) * share;
        }
        self.max_difference = self.max_difference.max(further.max_difference);
        self.worst_ratio = self.worst_ratio.max(further.worst_ratio);
        self.sensitivity = match (self.sensitivity, further.sensitivity) {
            (Some(own), Some(further)) => Some(own.max(further)),
            (own, further) => own.or(further),
        };
        self.findings.extend(further.findings);
    }

    fn count_cause(&mut self, cause: ZeroCause, count: usize) {
        match self.zero_causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, counted)) => *counted += count,
            None => self.zero_causes.push((cause, count)),
        }
    }

    /// At least one entry says something: it is not a mere 0 = 0.
    pub fn is_informative(&self) -> bool {
        self.compared > self.zero
    }
}

/// The first value or gradient that is NaN or infinite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFinite {
    pub value: ValueId,
    pub entry: usize,
    /// It is the gradient that is not finite, not the value.
    pub gradient: bool,
}

/// The comparison of a whole graph.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// The sum of all outputs.
    pub output: f64,
    pub tensors: Vec<TensorComparison>,
    pub settings: ComparisonSettings,
    /// Entries that were to be compared.
    pub asked: usize,
    /// All forward runs were whole ones.
    pub plain: bool,
    /// Two forward runs gave the same bits.
    pub repeatable: bool,
    pub not_finite: Option<NotFinite>,
    /// Where the wrong entries come from.
    pub location: Location,
    /// Places where saved work would have given other bits than a whole run: a
    /// fault of this program, never of the graph.
    pub faults: Vec<String>,
}

impl Comparison {
    fn total(&self, count: impl Fn(&TensorComparison) -> usize) -> usize {
        self.tensors.iter().map(count).sum()
    }

    pub fn compared(&self) -> usize {
        self.total(|tensor| tensor.compared)
    }

    /// It was stopped before it was done.
    pub fn is_partial(&self) -> bool {
        self.compared() < self.asked
    }

    /// Something is wrong: an entry, a number that is not finite, or this program.
    pub fn is_wrong(&self) -> bool {
        self.total(|tensor| tensor.wrong + tensor.not_finite) > 0
            || self.not_finite.is_some()
            || !self.faults.is_empty()
            || !self.repeatable
    }

    pub fn is_undecided(&self) -> bool {
        self.total(|tensor| tensor.undecided) > 0
    }

    /// The one word for the whole, the gravest first: `wrong`, `partial`, `undecided`,
    /// `kink`, `ok`.
    pub fn word(&self) -> &'static str {
        if self.is_wrong() {
            "wrong"
        } else if self.is_partial() {
            "partial"
        } else if self.is_undecided() {
            "undecided"
        } else if self.total(|tensor| tensor.kink) > 0 {
            "kink"
        } else {
            "ok"
        }
    }
}
