//! A graph file to test: what it is called, where it lies, and how its folder wants it tested.

use super::settings::Settings;
use crate::load::Input;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// A graph file to test.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its path below the root that it was found from, with `/` between the
    /// parts on every machine.
    pub name: String,
    pub path: PathBuf,
    /// The folder that it was found below, which no link may lead out of; `None` for a file that the
    /// user names.
    pub root: Option<PathBuf>,
    /// Why a folder on the way could not be looked into: what it holds is not known
    /// to be right.
    pub fault: Option<String>,
    /// What the nearest `graphrun.toml` says.
    pub settings: Option<Arc<Settings>>,
}

impl Case {
    /// A file that the user names.
    pub fn named(path: &Path) -> Self {
        let path = path.to_path_buf();
        Self { name: slashed(&path), path, root: None, fault: None, settings: None }
    }

    /// Its folder's settings leave it out, and nobody named it.
    pub(super) fn is_excluded(&self) -> bool {
        self.root.is_some() && self.settings.as_ref().is_some_and(|settings| settings.excludes(&self.path))
    }

    pub fn input(&self) -> Input<'_> {
        match &self.root {
            Some(root) => Input::Found { root, below: self.path.strip_prefix(root).unwrap_or(&self.path) },
            None => Input::File(&self.path),
        }
    }
}

/// A path with `/` between its parts on every machine.
pub(super) fn slashed(path: &Path) -> String {
    if path.is_absolute() {
        return path.display().to_string();
    }
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
