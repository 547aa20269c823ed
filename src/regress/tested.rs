//! What a file that was tested came to.

use super::judge::{Mismatch, Observed};
use crate::{
    compare::Comparison,
    diagnostic::{MissingFile, Refusal},
    graph::Graph,
    shape::Shape,
    source::{Source, SourceMap, Span, Spanned},
};

/// How files are tested.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Leave the comparison out.
    pub no_check: bool,
    /// Undecided entries do not fail a file.
    pub allow_undecided: bool,
    /// A file that says `skip` runs, and one whose data is missing is refused.
    pub no_skip: bool,
}

/// Why a file fails.
#[derive(Debug)]
pub enum Failure {
    /// It was refused, and did not expect it or not so.
    Refused(Refusal),
    /// It expects to be refused with this message, and was not.
    NotRefused {
        message: String,
        span: Span,
    },
    Mismatch(Mismatch),
    WrongShape {
        name: String,
        span: Span,
        want: Shape,
        got: Shape,
    },
    /// The comparison came to another verdict than `expected`.
    Verdict {
        expected: Option<(String, Span)>,
        got: &'static str,
    },
    /// It is expected to fail, for this reason, and does not.
    Unexpected {
        reason: String,
        span: Span,
    },
    /// It was to be blessed, and cannot be written.
    NotBlessed(String),
    /// It took too long.
    Timeout {
        seconds: f64,
    },
    /// This program failed.
    Internal(String),
}

impl Failure {
    /// The expectation that would pass if what came out were written into it.
    pub fn blessable(&self) -> Option<Span> {
        match self {
            Self::Mismatch(mismatch) if mismatch.formula.is_none() => Some(mismatch.span),
            Self::WrongShape { span, .. } => Some(*span),
            _ => None,
        }
    }

    /// A file may say of itself that it fails so.
    fn can_be_expected(&self) -> bool {
        matches!(
            self,
            Self::Refused(_)
                | Self::NotRefused { .. }
                | Self::Mismatch(_)
                | Self::WrongShape { .. }
                | Self::Verdict { .. }
        )
    }

    /// Nothing is known to be wrong.
    fn is_undecided(&self) -> bool {
        matches!(self, Self::Verdict { expected: None, got: "undecided" })
    }
}

/// How a file fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// Nothing is known of it.
    Skipped,
    /// It fails, as it says of itself.
    Xfailed,
    /// Nothing is wrong but undecided entries.
    Undecided,
    /// There is no graph: nothing has run.
    Refused,
    Failed,
}

impl Outcome {
    /// Somebody has to look at the file.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Undecided | Self::Refused | Self::Failed)
    }

    /// For programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Skipped => "skipped",
            Self::Xfailed => "xfailed",
            Self::Undecided => "undecided",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// Why a file was not tested.
#[derive(Debug, Clone, PartialEq)]
pub enum Skip {
    /// It says so itself.
    Said(String),
    /// Data files are missing.
    NoData(Vec<MissingFile>),
}

/// A file that was tested, with all that there is to say of it.
#[derive(Debug, Default)]
pub struct Tested {
    pub failures: Vec<Failure>,
    pub skip: Option<Skip>,
    /// Why it is expected to fail.
    pub xfail: Option<Spanned<String>>,
    pub observed: Vec<Observed>,
    pub sources: SourceMap,
    /// How many blocks it holds, where it holds nothing to run.
    pub library: Option<usize>,
    /// The file's own text.
    pub source: Option<Source>,
    /// The graph, where there is one.
    pub graph: Option<Graph>,
    pub comparison: Option<Comparison>,
}

impl Tested {
    /// A file of which nothing but a failure is known.
    pub fn failed(failure: Failure) -> Self {
        Self { failures: vec![failure], ..Self::default() }
    }

    pub fn outcome(&self) -> Outcome {
        let all = |is: fn(&Failure) -> bool| self.failures.iter().all(is);
        match () {
            () if self.failures.is_empty() && self.skip.is_none() => Outcome::Passed,
            () if self.failures.is_empty() => Outcome::Skipped,
            () if self.xfail.is_some() && all(Failure::can_be_expected) => Outcome::Xfailed,
            () if all(Failure::is_undecided) => Outcome::Undecided,
            () if all(|failure| matches!(failure, Failure::Refused(_))) => Outcome::Refused,
            () => Outcome::Failed,
        }
    }
}
