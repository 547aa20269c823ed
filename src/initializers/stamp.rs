//! How a file looks from outside, to tell later whether somebody saved it.

use std::{path::Path, time::SystemTime};

/// When a file was last written and how long it is; of a missing file nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp(Option<(Option<SystemTime>, u64)>);

impl Stamp {
    /// Of the file that a path leads to now.
    pub fn of(path: &Path) -> Self {
        Self(std::fs::metadata(path).ok().map(|found| (found.modified().ok(), found.len())))
    }
}
