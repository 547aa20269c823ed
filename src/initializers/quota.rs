//! How much of a data file may be read, counted before it is read.

use super::unreadable::Unreadable;
use crate::limits::{Excess, Limits, bytes};

/// So much may come out of a compressed file however small it is.
const ALWAYS: u64 = 16 << 20;

/// What one file may give.
pub(super) struct Quota<'w> {
    pub limits: &'w Limits,
    /// What has come out of compressed files so far, of all files.
    unpacked: &'w mut u64,
    /// The bytes that what is read is packed in, where it is.
    packed: Option<u64>,
}

impl<'w> Quota<'w> {
    pub fn of(limits: &'w Limits, unpacked: &'w mut u64) -> Self {
        Self { limits, unpacked, packed: None }
    }

    /// Of what is packed in so many bytes.
    pub fn packed(self, bytes: u64) -> Self {
        Self { packed: Some(bytes), ..self }
    }

    /// Refuses more elements than a tensor may have.
    pub fn elements(&self, count: u64, shape: impl std::fmt::Display) -> Result<(), Unreadable> {
        match count > self.limits.elements {
            true => Err(self.too_many(count, shape)),
            false => Ok(()),
        }
    }

    pub fn too_many(&self, count: u64, shape: impl std::fmt::Display) -> Unreadable {
        self.exceeded("elements", count, format!("has shape {shape}, which is too large"))
            .help("or take a smaller part of the data")
    }

    pub fn exceeded(&self, name: &str, count: u64, what: impl std::fmt::Display) -> Unreadable {
        let Excess { name, message, help } = self.limits.exceeded(name, count, what);
        Unreadable::new(message).help(help).over(name)
    }

    /// Counts bytes that are about to come out of a decompressor.
    pub fn unpacks(&mut self, count: u64) -> Result<(), Unreadable> {
        let Some(packed) = self.packed else { return Ok(()) };
        let ratio = count.div_ceil(packed.max(1));
        if count > ALWAYS && ratio > self.limits.ratio {
            let what = format!("unpacks to {} from {}, {ratio} times as much", bytes(count), bytes(packed));
            return Err(self.exceeded("ratio", ratio, what));
        }
        *self.unpacked = self.unpacked.saturating_add(count);
        match *self.unpacked > self.limits.unpacked {
            true => {
                let what = format!("unpacks to {}, with what was unpacked before", bytes(*self.unpacked));
                Err(self.exceeded("unpacked", *self.unpacked, what))
            }
            false => Ok(()),
        }
    }
}

/// Runs a test within a limit of elements.
#[cfg(test)]
pub(super) fn within<T>(elements: u64, read: impl FnOnce(&mut Quota) -> T) -> T {
    let limits = Limits { elements, ..Limits::default() };
    read(&mut Quota::of(&limits, &mut 0))
}
