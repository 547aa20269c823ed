//! Which files failed last time, remembered between runs.

use super::select::hash;
use crate::write;
use std::path::PathBuf;

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
            let _ = write::write(path, failed.join("\n").as_bytes());
        }
    }
}
