//! Of many diagnostics the first are told, and the others counted.

use super::{Cause, Diagnostic, Refusal};

impl Refusal {
    /// The diagnostics that are told, at most `most`, and how many more there are.
    pub fn told(&self, most: usize) -> (&[Diagnostic], usize) {
        told(&self.0, most)
    }
}

/// The first of many diagnostics, and how many more there are.
pub fn told(all: &[Diagnostic], most: usize) -> (&[Diagnostic], usize) {
    let (kept, more) = match all {
        [kept @ .., Diagnostic { cause: Cause::More(more), .. }] => (kept, *more),
        _ => (all, 0),
    };
    let shown = &kept[..kept.len().min(most)];
    (shown, more + kept.len() - shown.len())
}
