//! The folders that data files may come from.

use std::path::PathBuf;

/// The folder of the graph file, then each `--data DIR`.
#[derive(Debug, Clone, Default)]
pub struct Files {
    folders: Vec<PathBuf>,
}

impl Files {
    pub fn new(folders: Vec<PathBuf>) -> Self {
        Self { folders }
    }
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }
}
