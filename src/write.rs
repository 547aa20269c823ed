//! Files that are whole or as they were: written under another name beside, then renamed.

use crate::inside::folder_of;
use std::{
    fs::{self, File, Permissions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use tempfile::NamedTempFile;

/// What the names of files under way begin and end with.
const UNDER_WAY: (&str, &str) = (".graphrun-", ".tmp");

/// A file under way that nobody holds and that is older was left behind by a killed process.
const LEFT_BEHIND: Duration = Duration::from_secs(60);

/// Writes a file, and the folders it lies in.
///
/// # Errors
/// The folder cannot be written, the file is read-only, or the disk is full; then it is as it was.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Prepared::new(path, bytes)?.rename()
}

/// As [`write()`], but a link of this name is itself replaced.
///
/// # Errors
/// As of [`write()`].
pub fn write_through_no_link(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Prepared::at(path.to_path_buf(), bytes)?.rename()
}

/// A file that is written to the end under another name, and only has to be renamed.
pub struct Prepared {
    file: NamedTempFile,
    to: PathBuf,
}

impl Prepared {
    /// # Errors
    /// The folder cannot be written, the file is read-only, or the disk is full.
    pub fn new(path: &Path, bytes: &[u8]) -> io::Result<Self> {
        // A link keeps pointing to the file, which is what is replaced.
        Self::at(fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()), bytes)
    }

    fn at(to: PathBuf, bytes: &[u8]) -> io::Result<Self> {
        let folder = folder_of(&to);
        fs::create_dir_all(folder)?;
        let before = fs::symlink_metadata(&to).ok().filter(|metadata| !metadata.is_symlink());
        let before = before.map(|metadata| metadata.permissions());
        if before.as_ref().is_some_and(Permissions::readonly) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
        }
        sweep(folder);
        let mut file =
            tempfile::Builder::new().prefix(UNDER_WAY.0).suffix(UNDER_WAY.1).tempfile_in(folder)?;
        // For as long as it is under way; where a file system has no locks, its age alone protects it.
        let _ = file.as_file().try_lock();
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        if let Some(permissions) = before.or_else(for_all_to_read) {
            file.as_file().set_permissions(permissions)?;
        }
        Ok(Self { file, to })
    }

    /// # Errors
    /// The folder cannot be written any more.
    pub fn rename(self) -> io::Result<()> {
        self.file.persist(&self.to).map_err(|fault| fault.error)?;
        Ok(())
    }
}

/// A temporary file is for its owner alone; a new file is for all to read.
#[cfg(unix)]
fn for_all_to_read() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn for_all_to_read() -> Option<Permissions> {
    None
}

/// Removes what killed processes have left behind.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && name.starts_with(UNDER_WAY.0) && name.ends_with(UNDER_WAY.1) && is_left(&entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_left(path: &Path) -> bool {
    let age = |file: &File| {
        SystemTime::now().duration_since(file.metadata()?.modified()?).map_err(io::Error::other)
    };
    File::open(path).is_ok_and(|file| {
        let is_old = age(&file).is_ok_and(|age| age > LEFT_BEHIND);
        is_old && !matches!(file.try_lock(), Err(TryLockError::WouldBlock))
    })
}
