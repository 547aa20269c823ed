//! Files that are written beside the one that the user names: which of them may be.
//!
//! A folder may come with a pull request, and with it links, and files that happen to have these names. What
//! the user names is the user's own word; beside it nothing is written through a link, nor over what another wrote.

use crate::{
    diagnostic::Diagnostic,
    inside::{self, folder_of, real},
};
use std::{
    collections::HashSet,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// A file that is to be written.
pub struct Target {
    pub path: PathBuf,
    /// How a file begins or ends that may be written over; `None` where the user names it.
    pub sign: Option<Sign>,
}

/// What tells a file that was written by the same command before.
pub enum Sign {
    Begins(Vec<u8>),
    Ends(Vec<u8>),
}

/// All that keeps these files from being written, given what was `read`.
pub fn faults(targets: &[Target], read: impl IntoIterator<Item = PathBuf>) -> Vec<Diagnostic> {
    let read: HashSet<PathBuf> = read.into_iter().filter_map(|path| real(&path)).collect();
    let fault = |target: &Target| {
        let words = if real(&target.path).is_some_and(|real| read.contains(&real)) {
            "is read by the graph, and would be written over"
        } else {
            in_the_way(target)?
        };
        let fault = Diagnostic::error(format!("`{}` {words}", target.path.display()));
        Some(fault.help("give another name by `-o OUT.py`, or move that file away"))
    };
    targets.iter().filter_map(fault).collect()
}

/// What is there already, if it is to stay.
fn in_the_way(target: &Target) -> Option<&'static str> {
    let sign = target.sign.as_ref()?;
    if target.path.is_symlink() {
        return Some("is a link, and beside OUT.py nothing is written through one");
    }
    let name = Path::new(target.path.file_name()?);
    match inside::open(folder_of(&target.path), name, &[]) {
        Ok(file) if sign.is_in(&file).unwrap_or(false) => None,
        Ok(_) => Some("is there already, and was not written by `graphrun export`"),
        Err(inside::Fault::Missing) => None,
        Err(inside::Fault::Other(_)) => Some("is there already, and cannot be read"),
        Err(inside::Fault::LeadsOut | inside::Fault::Folder | inside::Fault::NotRegular) => {
            Some("is there already, and is not a regular file")
        }
    }
}

impl Sign {
    fn is_in(&self, mut file: &File) -> io::Result<bool> {
        let (Self::Begins(own) | Self::Ends(own)) = self;
        let size = own.len() as u64;
        match self {
            Self::Begins(_) => {}
            Self::Ends(_) if file.metadata()?.len() < size => return Ok(false),
            Self::Ends(_) => _ = file.seek(SeekFrom::End(-(own.len() as i64)))?,
        }
        let mut found = Vec::new();
        file.take(size).read_to_end(&mut found)?;
        Ok(found == *own)
    }
}
