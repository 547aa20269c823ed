//! The archive beside a graph file, for arrays that are too large to stand in it.

use super::{Change, INLINE, Stated, key};
use crate::{
    arrays::{Array, npz},
    inside::{self, Fault},
};
use std::{
    io::Read,
    path::{Path, PathBuf},
};
use zip::CompressionMethod;

/// An archive as it is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrays {
    pub path: PathBuf,
    /// `None` where there was none.
    pub before: Option<Vec<u8>>,
    pub after: Vec<u8>,
}

/// The archive with the arrays that are written now, and all others as they were; `None` where there
/// is nothing for it.
pub(super) fn beside(changes: &[Change], path: &Path) -> Result<Option<Arrays>, String> {
    let large = changes.iter().filter(|change| change.size() > INLINE);
    let new: Vec<(String, Array)> = large
        .filter_map(|change| match &change.after {
            Stated::Numbers(tensor) => Some((key(&change.name), tensor.clone().into())),
            Stated::Shape(_) => None,
        })
        .collect();
    if new.is_empty() {
        return Ok(None);
    }
    let before = before(path)?;
    let after = npz(before.as_deref(), &new, CompressionMethod::Deflated)
        .map_err(|fault| format!("not blessed: its arrays cannot be written: {fault}"))?;
    Ok(Some(Arrays { path: path.to_path_buf(), before, after }))
}

/// What is there now. Nothing is read or written through a link.
fn before(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let refused = |why: &str| Err(format!("not blessed: {} {why}", path.display()));
    if path.is_symlink() {
        return refused("is a link, and arrays are written through none");
    }
    let mut bytes = Vec::new();
    match inside::open(inside::folder_of(path), Path::new(path.file_name().unwrap_or_default()), &[]) {
        Ok(mut file) => match file.read_to_end(&mut bytes) {
            Ok(_) => Ok(Some(bytes)),
            Err(fault) => refused(&format!("cannot be read: {fault}")),
        },
        Err(Fault::Missing) => Ok(None),
        Err(Fault::Other(fault)) => refused(&format!("cannot be read: {fault}")),
        Err(Fault::LeadsOut | Fault::Folder | Fault::NotRegular) => refused("is not a regular file"),
    }
}
