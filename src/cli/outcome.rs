//! How a command ended.

use crate::{compare::Comparison, report::run::Compared};

/// How a command ended; the number is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outcome {
    /// Nothing wrong.
    #[default]
    Good = 0,
    /// A comparison or an expectation failed.
    Wrong = 1,
    /// A file or the command line was refused.
    Refused = 2,
    /// Undecided entries remain.
    Undecided = 3,
    /// There was no graph file to test.
    NoFiles = 4,
    /// Ended by Ctrl-C.
    Interrupted = 130,
}

impl Outcome {
    /// The graver of two: refused, wrong, undecided, good.
    pub fn and(self, other: Self) -> Self {
        let gravity = |outcome| match outcome {
            Self::Good => 0,
            Self::Undecided => 1,
            Self::Wrong => 2,
            Self::Refused | Self::NoFiles | Self::Interrupted => 3,
        };
        if gravity(other) > gravity(self) { other } else { self }
    }

    /// What a comparison of every entry comes to.
    pub fn of(comparison: &Comparison, allow_undecided: bool) -> Self {
        match comparison.is_partial() {
            true => Self::Interrupted,
            false if comparison.is_wrong() => Self::Wrong,
            false if comparison.is_undecided() && !allow_undecided => Self::Undecided,
            false => Self::Good,
        }
    }
}

impl Compared {
    /// What a run comes to.
    pub fn outcome(&self, allow_undecided: bool) -> Outcome {
        match self {
            Self::Nothing => Outcome::Good,
            Self::Entries(comparison) => Outcome::of(comparison, allow_undecided),
        }
    }
}
