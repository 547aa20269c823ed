//! Which files are graph files, and which of them a run is about.

use crate::source::Spelling;
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};
use walkdir::WalkDir;

/// A graph file to test.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    /// Its path below the root that it was found from, with `/` between the
    /// parts on every machine.
    pub name: String,
    pub path: PathBuf,
}

/// Which of the files that are found take part.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Parts of names, or globs; any of them will do.
    pub filters: Vec<String>,
    /// The same, of names that are left out.
    pub excluded: Vec<String>,
    /// The K-th of N parts, K from 1.
    pub shard: Option<(u64, u64)>,
    /// Only these names.
    pub only: Option<Vec<String>>,
}

/// The sections of a graph in TOML. A file with one of them and no other table
/// is taken for a graph; `Cargo.toml` and its like are not.
const SECTIONS: [&str; 11] =
    ["title", "seed", "use", "inputs", "params", "consts", "nodes", "output", "blocks", "expect", "check"];

/// Finds the graph files of folders, and takes files as they are named, sorted
/// by name. Hidden folders and `target` are passed over; links to folders are
/// not followed.
pub fn find(paths: &[PathBuf], selection: &Selection) -> Vec<Case> {
    let mut cases: Vec<Case> = paths.iter().flat_map(|path| below(path)).collect();
    if paths.len() > 1 {
        // Two roots may hold files of one name.
        cases.iter_mut().for_each(|case| case.name = slashed(&case.path));
    }
    cases.sort();
    let mut seen = HashSet::new();
    cases.retain(|case| seen.insert(std::fs::canonicalize(&case.path).unwrap_or_else(|_| case.path.clone())));
    cases.retain(|case| selection.takes(&case.name));
    cases
}

fn below(root: &Path) -> Vec<Case> {
    if !root.is_dir() {
        return vec![Case { name: root.display().to_string(), path: root.to_path_buf() }];
    }
    let is_passed_over = |name: &str| name.starts_with('.') || name == "target" || name == "node_modules";
    WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_passed_over(&entry.file_name().to_string_lossy()))
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_file() && is_graph(entry.path()))
        .map(|entry| Case {
            name: slashed(entry.path().strip_prefix(root).unwrap_or(entry.path())),
            path: match root == Path::new(".") {
                true => entry.path().strip_prefix(".").unwrap_or(entry.path()).to_path_buf(),
                false => entry.path().to_path_buf(),
            },
        })
        .collect()
}

fn is_graph(path: &Path) -> bool {
    match Spelling::of(&path.to_string_lossy()) {
        Some(Spelling::Graph) => true,
        Some(Spelling::Toml) => looks_like_a_graph(path),
        None => false,
    }
}

/// Looks at the top-level keys alone: a file with a syntax error further down is
/// still a graph file, and its test must fail.
fn looks_like_a_graph(path: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(path) else { return true };
    let (mut ours, mut in_table) = (false, false);
    for line in text.lines().map(str::trim) {
        let key = match line.strip_prefix('[') {
            Some(header) => {
                in_table = true;
                header.trim_start_matches('[')
            }
            None if in_table || !line.contains('=') || line.starts_with('#') => continue,
            None => line,
        };
        let word: String =
            key.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '-').collect();
        match SECTIONS.contains(&word.as_str()) {
            true => ours |= !matches!(word.as_str(), "title" | "seed" | "use" | "output" | "check"),
            false if line.starts_with('[') => return false,
            false => {}
        }
    }
    ours
}

fn slashed(path: &Path) -> String {
    if path.is_absolute() {
        return path.display().to_string();
    }
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

impl Selection {
    fn takes(&self, name: &str) -> bool {
        let fits = |filter: &String| name.contains(filter) || glob_match::glob_match(filter, name);
        let filtered =
            (self.filters.is_empty() || self.filters.iter().any(fits)) && !self.excluded.iter().any(fits);
        let sharded = self.shard.is_none_or(|(part, parts)| hash(name) % parts == part - 1);
        let named = self.only.as_ref().is_none_or(|only| only.iter().any(|one| one == name));
        filtered && sharded && named
    }
}

/// FNV-1a: the same on every machine and in every version.
pub fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_in_one_shard_of_several() {
        for name in ["a.graph", "layers/affine.graph", "りんご.toml"] {
            let takes = |part| Selection { shard: Some((part, 3)), ..Selection::default() }.takes(name);
            assert_eq!((1..=3).filter(|&part| takes(part)).count(), 1);
        }
    }

    #[test]
    fn filters_are_parts_of_names_or_globs() {
        let takes = |filter: &str| {
            Selection { filters: vec![filter.to_string()], ..Selection::default() }
                .takes("layers/affine.graph")
        };
        assert!(takes("affine") && takes("layers/*.graph") && takes("**/*.graph"));
        assert!(!takes("*.toml") && !takes("relu"));
    }
}
