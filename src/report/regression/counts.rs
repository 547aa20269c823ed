//! How many files of a run fared how.

use crate::regress::{Outcome, Tested};

/// How many files fared how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    /// Files that only hold blocks, and are sound.
    pub libraries: usize,
    pub skipped: usize,
    /// Files that fail, as they say of themselves.
    pub xfailed: usize,
    pub undecided: usize,
    pub refused: usize,
    pub failed: usize,
    /// Found, and not begun when the run ended.
    pub left: usize,
}

impl Counts {
    pub fn take(&mut self, tested: &Tested) {
        match tested.outcome() {
            Outcome::Passed if tested.library.is_some() => self.libraries += 1,
            Outcome::Passed => self.passed += 1,
            Outcome::Skipped => self.skipped += 1,
            Outcome::Xfailed => self.xfailed += 1,
            Outcome::Undecided => self.undecided += 1,
            Outcome::Refused => self.refused += 1,
            Outcome::Failed => self.failed += 1,
        }
    }

    pub fn all(&self) -> usize {
        self.passed
            + self.libraries
            + self.skipped
            + self.xfailed
            + self.undecided
            + self.refused
            + self.failed
    }

    /// How many there are of each kind, with its word; of passed always, of others where there are any.
    pub fn words(&self) -> Vec<(usize, Option<Outcome>, &'static str)> {
        let all = [
            (self.passed, Some(Outcome::Passed), "passed"),
            (
                self.libraries,
                Some(Outcome::Passed),
                if self.libraries == 1 { "library" } else { "libraries" },
            ),
            (self.skipped, Some(Outcome::Skipped), "skipped"),
            (self.xfailed, Some(Outcome::Xfailed), "xfailed"),
            (self.undecided, Some(Outcome::Undecided), "undecided"),
            (self.refused, Some(Outcome::Refused), "refused"),
            (self.failed, Some(Outcome::Failed), "failed"),
            (self.left, None, "not run"),
        ];
        all.into_iter().filter(|&(count, _, word)| count > 0 || word == "passed").collect()
    }
}
