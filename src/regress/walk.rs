//! Which files are graph files.

use super::{
    case::{Case, slashed},
    select::Selection,
    settings::{Folders, SETTINGS},
};
use crate::{
    diagnostic::{Diagnostic, closest},
    inside::{self, Fault, folder_of},
    load::found,
    source::{SourceMap, Spelling},
};
use std::{
    collections::HashSet,
    io::Read,
    path::{Component, Path, PathBuf},
};
use toml::de::{DeTable, DeValue};
use walkdir::WalkDir;

/// The tables that make a TOML file a graph, where it has no table but these and
/// `check`; `Cargo.toml` and its like have others.
const SECTIONS: [&str; 6] = ["inputs", "params", "consts", "nodes", "blocks", "expect"];

/// The graph files that were found, and what is wrong with the settings of their folders.
#[derive(Default)]
pub struct Found {
    pub cases: Vec<Case>,
    /// Faults and warnings of `graphrun.toml` files.
    pub faults: Vec<Diagnostic>,
    pub sources: SourceMap,
}

/// Finds the graph files of folders, and takes files as they are named, sorted
/// by name. Hidden folders, `target` and `node_modules` are passed over; links to
/// folders are not followed. A folder that cannot be looked into is a case that fails.
pub fn find(paths: &[PathBuf], selection: &Selection) -> Found {
    let mut cases: Vec<Case> = paths.iter().flat_map(|path| below(path, selection.as_found)).collect();
    if paths.len() > 1 {
        // Two roots may hold files of one name.
        cases.iter_mut().for_each(|case| case.name = slashed(&case.path));
    }
    cases.sort_by(|one, other| (&one.name, &one.path).cmp(&(&other.name, &other.path)));
    let mut seen = HashSet::new();
    cases.retain(|case| seen.insert(std::fs::canonicalize(&case.path).unwrap_or_else(|_| case.path.clone())));
    let mut folders = Folders::of(paths);
    for case in &mut cases {
        case.settings = folders.nearest(&case.path, case.root.as_deref());
    }
    cases.retain(|case| !case.is_excluded() && selection.takes(&case.name));
    let Folders { faults, sources, .. } = folders;
    Found { cases, faults, sources }
}

fn below(root: &Path, as_found: bool) -> Vec<Case> {
    if !root.is_dir() {
        return match as_found {
            true if is_passed_over_in(root) || !is_graph(folder_of(root), root) => Vec::new(),
            true => vec![Case { root: Some(around(root)), ..Case::named(root) }],
            false if is_settings(root) => Vec::new(),
            false => vec![Case::named(root)],
        };
    }
    WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_passed_over(&entry.file_name().to_string_lossy()))
        .filter_map(|found| match found {
            Ok(entry) => is_graph(root, entry.path()).then(|| case(root, entry.path(), None)),
            Err(fault) => {
                let path = fault.path().unwrap_or(root).to_path_buf();
                let words = fault.io_error().map_or_else(|| fault.to_string(), ToString::to_string);
                Some(case(root, &path, Some(words)))
            }
        })
        .collect()
}

/// The folder that no link may lead a file out of: the one that one is in, for a path that goes down from it.
fn around(path: &Path) -> PathBuf {
    let goes_down = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if goes_down { PathBuf::from(".") } else { folder_of(path).to_path_buf() }
}

fn is_passed_over(name: &str) -> bool {
    name.starts_with('.') || name == "target" || name == "node_modules"
}

/// A folder on the way to a file, or the file, is none that a walk would look into.
fn is_passed_over_in(path: &Path) -> bool {
    path.components().any(|part| match part {
        Component::Normal(name) => is_passed_over(&name.to_string_lossy()),
        _ => false,
    })
}

fn is_settings(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == SETTINGS)
}

fn case(root: &Path, path: &Path, fault: Option<String>) -> Case {
    let below = path.strip_prefix(root).unwrap_or(path);
    let name = slashed(if below.as_os_str().is_empty() { path } else { below });
    Case { path: found(root, below), root: Some(root.to_path_buf()), fault, name, settings: None }
}

/// A link that leads nowhere, or out of the folder, is a graph file by its name: it must fail, not vanish.
fn is_graph(root: &Path, path: &Path) -> bool {
    match Spelling::of(&path.to_string_lossy()) {
        Some(Spelling::Graph) => !path.is_dir(),
        Some(Spelling::Toml) if is_settings(path) => false,
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
