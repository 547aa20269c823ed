//! What a comparison comes to: a summary a tensor, a trial a block, and one word.

use super::{
    blocks::BlockTrial,
    digits::Loss,
    locate::Location,
    not_finite::NotFinite,
    surrogate::Surrogate,
    verdict::{Finding, Verdict, ZeroCause},
};
use crate::graph::{ComparisonSettings, ValueId};

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
    /// How often each cause of zero occurs.
    pub zero_causes: Vec<(ZeroCause, usize)>,
    /// Mean and greatest |backward − measured in f64| over the entries that were measured so.
    pub mean_difference: f64,
    pub max_difference: f64,
    /// Entries that were measured in f64 one by one.
    pub measured: usize,
    /// What was measured so of every entry, nothing on a kink; empty where none was looked at.
    pub slopes: Vec<Option<f64>>,
    /// The digits that f64 keeps of the entries that are right, the least and the median.
    pub digits: Option<(f64, f64)>,
    /// Entries that are right and of which f64 keeps fewer than three digits.
    pub blunt: usize,
    /// Of these the one with the fewest digits.
    pub bluntest: Option<usize>,
    /// Where it loses them.
    pub loss: Option<Loss>,
    /// Every entry that is neither ok nor zero.
    pub findings: Vec<Finding>,
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
            zero_causes: Vec::new(),
            mean_difference: 0.0,
            max_difference: 0.0,
            measured: 0,
            slopes: Vec::new(),
            digits: None,
            blunt: 0,
            bluntest: None,
            loss: None,
            findings: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, finding: Finding) {
        self.compared += 1;
        match finding.verdict {
            Verdict::Ok => self.ok += 1,
            Verdict::Zero(cause) => {
                self.zero += 1;
                match self.zero_causes.iter_mut().find(|(known, _)| *known == cause) {
                    Some((_, counted)) => *counted += 1,
                    None => self.zero_causes.push((cause, 1)),
                }
            }
            Verdict::Kink { .. } => self.kink += 1,
            Verdict::Wrong => self.wrong += 1,
            Verdict::Undecided(_) => self.undecided += 1,
        }
        if !matches!(finding.verdict, Verdict::Ok | Verdict::Zero(_)) {
            self.findings.push(finding);
        }
    }

    /// Takes in what differences in f64 show of an entry.
    pub(super) fn take_measured(&mut self, entry: usize, backward: f64, measured: f64) {
        self.slopes[entry] = Some(measured);
        let difference = (backward - measured).abs();
        if !difference.is_finite() {
            return;
        }
        self.measured += 1;
        self.mean_difference += (difference - self.mean_difference) / self.measured as f64;
        self.max_difference = self.max_difference.max(difference);
    }

    /// At least one entry says something: it is not a mere 0 = 0.
    pub fn is_informative(&self) -> bool {
        self.compared > self.zero
    }
}

/// The comparison of a whole graph.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// The sum of all outputs.
    pub output: f64,
    pub tensors: Vec<TensorComparison>,
    /// Every use of a block with a custom backward, tried alone.
    pub blocks: Vec<BlockTrial>,
    /// Leaves whose gradients go through a surrogate backward, and that are not compared.
    pub surrogates: Vec<Surrogate>,
    pub settings: ComparisonSettings,
    /// Entries that were to be compared.
    pub asked: usize,
    /// Two forward runs gave the same bits.
    pub repeatable: bool,
    pub not_finite: Option<NotFinite>,
    /// Where the wrong entries come from.
    pub location: Location,
    /// Places where saved work would have given other bits than a whole run, or where the run in
    /// f64 is not the one in double-double: a fault of this program, never of the graph.
    pub faults: Vec<String>,
    /// It was stopped before it was done.
    pub partial: bool,
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
        self.partial
    }

    /// There was neither an entry nor a block to compare.
    pub fn is_empty(&self) -> bool {
        self.compared() == 0 && self.blocks.is_empty()
    }

    /// Something is wrong: an entry, a block alone, or this program.
    pub fn is_wrong(&self) -> bool {
        self.total(|tensor| tensor.wrong) > 0
            || self.blocks.iter().any(BlockTrial::is_wrong)
            || self.keeps_too_few_digits()
            || !self.faults.is_empty()
            || !self.repeatable
    }

    /// The file asks for more digits than f64 keeps of some entry.
    pub fn keeps_too_few_digits(&self) -> bool {
        let least = self.tensors.iter().filter_map(|tensor| tensor.digits).map(|(least, _)| least);
        self.settings.digits.is_some_and(|asked| least.fold(f64::INFINITY, f64::min) < asked)
    }

    pub fn is_undecided(&self) -> bool {
        self.total(|tensor| tensor.undecided) > 0
            || self.blocks.iter().any(|trial| trial.word() == "undecided")
            || self.is_empty()
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
