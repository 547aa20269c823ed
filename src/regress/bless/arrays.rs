//! The archive beside a graph file, for arrays that are too large to stand in it.

use super::{Change, INLINE, Stated, key};
use crate::{
    inside::{self, Fault},
    tensor::Tensor,
};
use ndarray_npy::WriteNpyExt;
use std::{
    error::Error,
    io::{Cursor, Read, Write},
    path::{Path, PathBuf},
};

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
    let new: Vec<(String, &Tensor)> = large
        .filter_map(|change| match &change.after {
            Stated::Numbers(tensor) => Some((format!("{}.npy", key(&change.name)), tensor)),
            Stated::Shape(_) => None,
        })
        .collect();
    if new.is_empty() {
        return Ok(None);
    }
    let before = before(path)?;
    let after = archive(before.as_deref(), &new)
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

fn archive(before: Option<&[u8]>, new: &[(String, &Tensor)]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    if let Some(before) = before {
        let mut before = zip::ZipArchive::new(Cursor::new(before))?;
        for index in 0..before.len() {
            let member = before.by_index_raw(index)?;
            let named = member.name()?.into_owned();
            if !new.iter().any(|(name, _)| *name == named) {
                archive.raw_copy_file(member)?;
            }
        }
    }
    for (name, tensor) in new {
        archive.start_file(name.as_str(), zip::write::SimpleFileOptions::default())?;
        let mut bytes = Vec::new();
        match tensor {
            Tensor::Float(array) => array.write_npy(&mut bytes)?,
            Tensor::Int(array) => array.write_npy(&mut bytes)?,
        }
        archive.write_all(&bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}
