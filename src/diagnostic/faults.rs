//! Diagnostics of a file while they are found: a file of nothing but errors must not fill
//! the memory with them.

use super::{Cause, Diagnostic, Refusal};
use std::ops::{Deref, DerefMut};

/// Of a file's diagnostics so many are kept; the rest is counted.
pub const KEPT: usize = 10_000;

/// The first diagnostics that were found, and how many more there were.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    kept: Vec<Diagnostic>,
    more: usize,
}

impl Faults {
    pub fn push(&mut self, fault: Diagnostic) {
        match fault.cause {
            Cause::More(count) => self.more += count,
            _ if self.kept.len() < KEPT => self.kept.push(fault),
            _ => self.more += 1,
        }
    }

    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.kept.retain(keep);
    }

    /// In the order of the text; where some were not kept, the last one counts them.
    pub fn sorted(self) -> Vec<Diagnostic> {
        let Self { mut kept, more } = self;
        kept.sort_by_key(|fault| fault.span().map_or(0, |span| span.start));
        if more > 0 {
            let rest = Diagnostic::error(format!("{more} more errors are not listed"));
            kept.push(rest.cause(Cause::More(more)));
        }
        kept
    }
}

impl Extend<Diagnostic> for Faults {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, faults: I) {
        faults.into_iter().for_each(|fault| self.push(fault));
    }
}

impl From<Vec<Diagnostic>> for Faults {
    fn from(found: Vec<Diagnostic>) -> Self {
        let mut faults = Self::default();
        faults.extend(found);
        faults
    }
}

impl Deref for Faults {
    type Target = [Diagnostic];

    fn deref(&self) -> &[Diagnostic] {
        &self.kept
    }
}

impl DerefMut for Faults {
    fn deref_mut(&mut self) -> &mut [Diagnostic] {
        &mut self.kept
    }
}

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
