//! The errors and warnings of one file: so many are kept, the others are counted.

use crate::{
    diagnostic::{Cause, Diagnostic, Refusal},
    limits::Limits,
};
use std::ops::{Deref, DerefMut};

/// What was found wrong so far.
#[derive(Debug, Clone)]
pub struct Faults {
    kept: Vec<Diagnostic>,
    more: usize,
    most: usize,
}

impl Faults {
    /// None, of which at most so many are kept.
    pub fn new(most: usize) -> Self {
        Self { kept: Vec::new(), more: 0, most }
    }

    /// None, within a limit.
    pub fn within(limits: &Limits) -> Self {
        Self::new(usize::try_from(limits.errors).unwrap_or(usize::MAX))
    }

    pub fn push(&mut self, fault: Diagnostic) {
        if let Cause::More(count) = fault.cause {
            self.more += count;
            return;
        }
        // What ends the reading of a file is always said.
        match self.kept.len() < self.most || fault.cause.limit().is_some() {
            true => self.kept.push(fault),
            false => self.more += 1,
        }
    }

    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.kept.retain(keep);
    }

    /// Takes the warnings out.
    pub fn take_warnings(&mut self) -> Vec<Diagnostic> {
        self.kept.extract_if(.., |fault| fault.warning).collect()
    }

    /// Takes in what was found elsewhere.
    pub fn append(&mut self, other: Self) {
        self.more += other.more;
        self.extend(other.kept);
    }

    /// The warnings, and the refusal if there are errors, in the order of the text.
    pub fn parts(self) -> (Vec<Diagnostic>, Option<Refusal>) {
        let (warnings, mut errors): (Vec<_>, Vec<_>) = self.kept.into_iter().partition(|fault| fault.warning);
        if errors.is_empty() {
            return (warnings, None);
        }
        errors.sort_by_key(|fault| fault.span().map_or(0, |span| span.start));
        if self.more > 0 {
            let limits = Limits { errors: self.most as u64, ..Limits::default() };
            let what = format!("{} more errors were found and are not kept", self.more);
            let last = Diagnostic::from(limits.exceeded("errors", (self.most + self.more) as u64, what));
            errors.push(last.cause(Cause::More(self.more)));
        }
        (warnings, Some(Refusal(errors)))
    }

    pub fn sort(&mut self) {
        self.kept.sort_by_key(Diagnostic::span);
    }
}

impl Extend<Diagnostic> for Faults {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, faults: I) {
        faults.into_iter().for_each(|fault| self.push(fault));
    }
}

impl IntoIterator for Faults {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.kept.into_iter()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_counted() {
        let mut faults = Faults::new(2);
        faults.extend((0..5).map(|number| Diagnostic::error(format!("fault {number}"))));
        faults.push(Diagnostic::error("too large").cause(Cause::Limit("nodes")));
        let Refusal(errors) = faults.parts().1.unwrap();
        let words: Vec<&str> = errors.iter().map(|fault| &*fault.message).collect();
        assert_eq!(words[..3], ["fault 0", "fault 1", "too large"]);
        assert!(
            words[3].starts_with("3 more errors were found") && words[3].ends_with("the limit is 2 errors")
        );
        assert!(Faults::new(0).parts().1.is_none());
    }
}
