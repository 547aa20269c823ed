//! Results of `graphrun test`, in the formats that people and CI servers read: one
//! printer a format.

mod changes;
mod counts;
mod github;
mod human;
#[cfg(feature = "cli")]
mod junit;
mod lines;
mod told;

pub use changes::change;
pub use counts::Counts;
pub use github::{Github, step_summary};
pub use human::{Human, failures};
#[cfg(feature = "cli")]
pub use junit::{Junit, junit};
pub use lines::Lines;

use crate::{
    diagnostic::MissingFile,
    regress::{Case, Outcome, Skip, Tested},
};
use std::{io, path::PathBuf, time::Duration};

/// Of a file's failures so many are shown to people; the rest is counted.
pub const FAILURES: usize = 20;

/// A file with its result.
pub struct Entry {
    pub case: Case,
    pub tested: Tested,
    pub took: Duration,
}

/// A run of many files that has ended.
pub struct Whole<'a> {
    /// The files that are looked at again, in their order.
    pub kept: &'a [Entry],
    pub counts: &'a Counts,
    /// Those that took longest, the longest first, as many as were asked for.
    pub slowest: &'a [(Duration, PathBuf)],
    pub took: Duration,
    pub interrupted: bool,
}

/// One format of the results.
pub trait Printer {
    /// Files that passed are needed at the end, too.
    fn keeps_all(&self) -> bool;

    /// What is said of a file when it ends.
    fn file(&self, entry: &Entry) -> String;

    /// What is said at the end.
    ///
    /// # Errors
    /// The XML writer's, which are none in practice.
    fn end(&self, whole: &Whole) -> io::Result<String>;
}

/// What there is to say of a file that did not fail: why it was skipped, or may fail, or that it is a
/// library.
pub fn remark(tested: &Tested) -> Option<String> {
    match tested.library {
        Some(1) => Some("library: 1 block".to_string()),
        Some(blocks) => Some(format!("library: {blocks} blocks")),
        None => reason(tested),
    }
}

/// Why a file was skipped, or is expected to fail and does.
fn reason(tested: &Tested) -> Option<String> {
    match (&tested.skip, &tested.xfail) {
        (Some(Skip::Said(reason)), _) => Some(reason.clone()),
        (Some(Skip::NoData(missing)), _) => no_data(missing),
        (None, Some(reason)) if tested.outcome() == Outcome::Xfailed => Some(reason.value.clone()),
        _ => None,
    }
}

fn no_data(missing: &[MissingFile]) -> Option<String> {
    let first = missing.first()?;
    let folders: Vec<String> = first.folders.iter().map(|folder| folder.display().to_string()).collect();
    let more = match missing.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    Some(format!("no data file {:?}: looked in {}{more}", first.name, folders.join(" and ")))
}
