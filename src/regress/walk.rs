//! Which files are graph files, and which of them a run is about.

use crate::{
    diagnostic::closest,
    inside::{self, Fault},
    load::{Input, found},
    source::Spelling,
};
use std::{
    collections::HashSet,
    io::Read,
    path::{Path, PathBuf},
};
use toml::de::{DeTable, DeValue};
use walkdir::{DirEntry, WalkDir};

/// A graph file to test.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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
}

impl Case {
    pub fn input(&self) -> Input<'_> {
        match &self.root {
            Some(root) => Input::Found { root, below: self.path.strip_prefix(root).unwrap_or(&self.path) },
            None => Input::File(&self.path),
        }
    }
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
    pub only: Option<HashSet<String>>,
}

/// The tables that make a TOML file a graph, where it has no table but these and
/// `check`; `Cargo.toml` and its like have others.
const SECTIONS: [&str; 6] = ["inputs", "params", "consts", "nodes", "blocks", "expect"];

/// Finds the graph files of folders, and takes files as they are named, sorted
/// by name. Hidden folders, `target` and `node_modules` are passed over; links to
/// folders are not followed. A folder that cannot be looked into is a case that fails.
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
        let (name, path) = (root.display().to_string(), root.to_path_buf());
        return vec![Case { name, path, root: None, fault: None }];
    }
    let is_passed_over = |name: &str| name.starts_with('.') || name == "target" || name == "node_modules";
    WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_passed_over(&entry.file_name().to_string_lossy()))
        .filter_map(|found| match found {
            Ok(entry) => is_graph(root, &entry).then(|| case(root, entry.path(), None)),
            Err(fault) => {
                let path = fault.path().unwrap_or(root).to_path_buf();
                let words = fault.io_error().map_or_else(|| fault.to_string(), ToString::to_string);
                Some(case(root, &path, Some(words)))
            }
        })
        .collect()
}

fn case(root: &Path, path: &Path, fault: Option<String>) -> Case {
    let below = path.strip_prefix(root).unwrap_or(path);
    let name = slashed(if below.as_os_str().is_empty() { path } else { below });
    Case { name, path: found(root, below), root: Some(root.to_path_buf()), fault }
}

/// A link that leads nowhere, or out of the folder, is a graph file by its name: it must fail, not vanish.
fn is_graph(root: &Path, entry: &DirEntry) -> bool {
    let path = entry.path();
    match Spelling::of(&path.to_string_lossy()) {
        Some(Spelling::Graph) => !path.is_dir(),
        Some(Spelling::Toml) => looks_like_a_graph(root, path.strip_prefix(root).unwrap_or(path)),
        None => false,
    }
}

/// Bytes of a file that tell whether it is a graph.
const HEAD: u64 = 1 << 16;

/// Looks at the first top-level tables alone, whether or not the rest is sound: a graph
/// file with an error in it must fail. A section that is nearly ours is a slip of
/// the pen, not a sign of another program's file.
fn looks_like_a_graph(root: &Path, below: &Path) -> bool {
    let mut head = Vec::new();
    let read = match inside::open(root, below, &[]) {
        Ok(file) => file.take(HEAD).read_to_end(&mut head),
        Err(Fault::Other(_)) => return true,
        Err(Fault::Missing | Fault::LeadsOut | Fault::Folder | Fault::NotRegular) => return false,
    };
    let text = match str::from_utf8(&head) {
        Ok(text) => text,
        // The last character may be cut in two.
        Err(fault) if fault.error_len().is_none() => {
            str::from_utf8(&head[..fault.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return true,
    };
    // What holds a NUL is no text, and TOML would name every one of them.
    read.is_err() || !text.contains('\0') && has_our_tables(text)
}

fn has_our_tables(text: &str) -> bool {
    let (document, _) = DeTable::parse_recoverable(text);
    let is_table = |value: &DeValue| match value {
        DeValue::Table(_) => true,
        DeValue::Array(items) => items.iter().any(|item| matches!(item.get_ref(), DeValue::Table(_))),
        _ => false,
    };
    let tables = || {
        let all = document.get_ref().iter();
        all.filter(|(_, value)| is_table(value.get_ref())).map(|(key, _)| key.get_ref().as_ref())
    };
    let is_foreign = |key: &str| closest(key, SECTIONS.into_iter().chain(["check"])).is_none();
    tables().any(|key| SECTIONS.contains(&key)) && !tables().any(is_foreign)
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
        let named = self.only.as_ref().is_none_or(|only| only.contains(name));
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
    fn a_graph_in_toml_is_told_by_its_tables() {
        let graphs = [
            "[params]\nW = [\n  [1, 2],\n  [3, 4],\n]\n[nodes]\ny = \"sum(W)\"\n",
            "[inputs]\nx = 1\n[node]\ny = \"x * 2\"\n",
            "inputs.x = 1\nnodes.y = \"x * 2\"\ncheck = { step = 1e-4 }\n",
            "[inputs]\nx = = 1\n[nodes]\ny = \"x\"\n",
            "title = \"\"\"\n[package]\n\"\"\"\n[inputs]\nx = 1\n",
        ];
        let others = [
            "[package]\nname = \"x\"\n[dependencies]\nserde = \"1\"\n",
            "title = \"a book\"\noutput = \"html\"\n",
            "inputs = [\"a.c\"]\n",
            "[nodes]\na = \"10.0.0.1\"\n[[server]]\nport = 1\n",
            "",
        ];
        assert!(graphs.iter().all(|text| has_our_tables(text)));
        assert!(!others.iter().any(|text| has_our_tables(text)));
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
