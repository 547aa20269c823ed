//! Writing a blessed file and its arrays.

use super::{Change, arrays::Arrays};
use crate::{
    inside,
    load::Input,
    regress::case::Case,
    write::{self, Prepared},
};
use std::{
    fs::{File, TryLockError},
    io::Read,
};

/// A file as it is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Blessed {
    pub case: Case,
    pub before: String,
    pub after: String,
    /// Arrays too large for the file itself.
    pub arrays: Option<Arrays>,
    /// What differs, one expectation after the other.
    pub changes: Vec<Change>,
}

impl Blessed {
    /// Writes the file and its arrays: both, or neither.
    ///
    /// # Errors
    /// Another process edits the file, it changed since it was read, or it cannot be written; and
    /// what was written all the same.
    pub fn write(&self) -> Result<(), String> {
        let path = &self.case.path;
        let mut held = self.open()?;
        match held.try_lock() {
            Err(TryLockError::WouldBlock) => return Err("another process edits it; it is as it was".into()),
            // Some file systems have no locks.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let mut text = String::new();
        if held.read_to_string(&mut text).is_err() || text != self.before {
            return Err("it changed while it was tested; it is as it is now".into());
        }
        let as_it_was = |fault: std::io::Error| format!("cannot be written: {fault}; it is as it was");
        let file = Prepared::new(path, self.after.as_bytes()).map_err(as_it_was)?;
        let Some(arrays) = &self.arrays else { return file.rename().map_err(as_it_was) };
        write::write(&arrays.path, &arrays.after).map_err(as_it_was)?;
        file.rename().map_err(|fault| match arrays.restore() {
            Ok(()) => as_it_was(fault),
            Err(other) => format!(
                "cannot be written: {fault}; but its arrays are, in {}, and cannot be put back: {other}",
                arrays.path.display()
            ),
        })
    }

    fn open(&self) -> Result<File, String> {
        let opened = match self.case.input() {
            Input::Found { root, below } => inside::open(root, below, &[]),
            _ => inside::open_named(&self.case.path),
        };
        opened.map_err(|_| "it is not there any more, or leads elsewhere; nothing was written".to_string())
    }
}

impl Arrays {
    fn restore(&self) -> std::io::Result<()> {
        match &self.before {
            Some(before) => write::write(&self.path, before),
            None => std::fs::remove_file(&self.path),
        }
    }
}
