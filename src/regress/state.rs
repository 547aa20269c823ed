//! Which files failed last time, remembered between runs.

use super::walk::hash;
use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// The place where a run over certain paths keeps the names that failed: in the
/// user's cache folder, one file for each set of paths.
pub struct LastFailures(Option<PathBuf>);

impl LastFailures {
    /// The memory of runs over these paths from this folder.
    pub fn of(paths: &[PathBuf]) -> Self {
        let cache = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
        let here = std::env::current_dir().unwrap_or_default();
        let key =
            paths.iter().fold(here.display().to_string(), |key, path| format!("{key}\n{}", path.display()));
        Self(cache.map(|cache| cache.join("graphrun").join(format!("failed-{:016x}", hash(&key)))))
    }

    /// The names that failed last time; `None` where nothing is remembered.
    pub fn failed(&self) -> Option<Vec<String>> {
        let text = std::fs::read_to_string(self.0.as_ref()?).ok()?;
        Some(text.lines().map(str::to_string).collect())
    }

    /// Remembers the names that failed. A memory that cannot be written is no
    /// fault of the files under test.
    pub fn remember(&self, failed: &[String]) {
        if let Some(path) = &self.0 {
            let _ = write_atomically(path, failed.join("\n").as_bytes());
        }
    }
}

/// Writes a file under another name beside it and renames it, so that it is
/// whole or as it was.
///
/// # Errors
/// The folder cannot be written, or the disk is full.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // A link keeps pointing to the file, which is what is replaced.
    let path = &std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    match std::fs::metadata(path) {
        Ok(before) => file.as_file().set_permissions(before.permissions())?,
        // A temporary file is for its owner alone; a new file is for all to read.
        #[cfg(unix)]
        Err(_) => {
            use std::os::unix::fs::PermissionsExt;
            file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
        }
        #[cfg(not(unix))]
        Err(_) => {}
    }
    file.persist(path).map_err(|fault| fault.error)?;
    Ok(())
}
