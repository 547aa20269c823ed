//! The one way to files that are opened on behalf of a graph file, which may be a stranger's.
//!
//! Such a file lies in one of the given folders and is a regular file. The folder is opened first and
//! the path is gone along from there, so that no link leads out, not even one that is laid between a
//! look and the opening. Nothing waits for the other end of a pipe.
//!
//! What the user names on the command line is the user's own word: [`open_named`].

use cap_fs_ext::OpenOptionsSyncExt;
use cap_std::{
    ambient_authority,
    fs::{Dir, OpenOptions},
};
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

/// Why a file is not opened.
#[derive(Debug)]
pub enum Fault {
    Missing,
    /// A link leads out of all folders.
    LeadsOut,
    Folder,
    /// A pipe, a socket or a device.
    NotRegular,
    Other(io::Error),
}

/// The folder that a file lies in by its path.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where a file or a folder lies without links, or would lie once it and its folders were made.
pub fn real(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().or_else(|| {
        let name = path.file_name()?;
        Some(real(folder_of(path))?.join(name))
    })
}

/// Opens a regular file for reading by its path below a folder. A link may lead to another file below
/// it, or below one of the `others`.
///
/// # Errors
/// What [`Fault`] lists.
pub fn open(folder: &Path, below: &Path, others: &[PathBuf]) -> Result<File, Fault> {
    match open_below(folder, below) {
        // Absolute links are taken for leading out, wherever they lead.
        Err(Fault::LeadsOut) => elsewhere(folder, below, others),
        opened => opened,
    }
}

/// Opens a regular file that the user names.
///
/// # Errors
/// What [`Fault`] lists.
pub fn open_named(path: &Path) -> Result<File, Fault> {
    let opened = cap_std::fs::File::open_ambient_with(path, &reading(), ambient_authority());
    regular(opened, || std::fs::metadata(path).map(|metadata| (metadata.is_file(), metadata.is_dir())))
}

fn open_below(folder: &Path, below: &Path) -> Result<File, Fault> {
    let dir = Dir::open_ambient_dir(folder, ambient_authority()).map_err(Fault::of)?;
    let kind = || dir.metadata(below).map(|metadata| (metadata.is_file(), metadata.is_dir()));
    regular(dir.open_with(below, &reading()), kind)
}

/// Follows links by their names to one of the folders, and opens what is there from that folder.
fn elsewhere(folder: &Path, below: &Path, others: &[PathBuf]) -> Result<File, Fault> {
    let real = folder.join(below).canonicalize().map_err(Fault::of)?;
    let folders = std::iter::once(folder).chain(others.iter().map(PathBuf::as_path));
    let real_folders = folders.filter_map(|folder| folder.canonicalize().ok());
    let held =
        real_folders.filter_map(|folder| Some((real.strip_prefix(&folder).ok()?.to_path_buf(), folder)));
    match held.into_iter().next() {
        Some((below, folder)) => open_below(&folder, &below),
        None => Err(Fault::LeadsOut),
    }
}

fn reading() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).nonblock(true);
    options
}

/// What was opened, if it is a regular file; `kind` looks at what cannot be opened, as a socket.
fn regular(
    opened: io::Result<cap_std::fs::File>,
    kind: impl Fn() -> io::Result<(bool, bool)>,
) -> Result<File, Fault> {
    let refused = |is_folder: bool| if is_folder { Fault::Folder } else { Fault::NotRegular };
    match opened {
        Ok(file) => {
            let metadata = file.metadata().map_err(Fault::of)?;
            match metadata.is_file() {
                true => Ok(file.into_std()),
                false => Err(refused(metadata.is_dir())),
            }
        }
        Err(error) => match kind() {
            Ok((false, is_folder)) => Err(refused(is_folder)),
            _ => Err(Fault::of(error)),
        },
    }
}

impl Fault {
    fn of(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Missing,
            // Of the library, not of the system.
            io::ErrorKind::PermissionDenied if error.raw_os_error().is_none() => Self::LeadsOut,
            _ => Self::Other(error),
        }
    }
}
