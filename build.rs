//! Tells the released program which commit it is made of.
//!
//! The same commit gives the same bits: nothing here knows when or where it is built. What is built for
//! tests does not name its commit, and is not built again for every one.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

fn main() {
    let version = env!("CARGO_PKG_VERSION");
    println!("cargo::rerun-if-changed=build.rs");
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let is_release = std::env::var_os("PROFILE").is_some_and(|profile| profile == "release");
    let long = match is_release.then(|| commit(&root)).flatten() {
        Some(commit) => format!("{version} ({commit})"),
        None => version.to_string(),
    };
    println!("cargo::rustc-env=GRAPHRUN_LONG_VERSION={long}");
}

/// The short hash and the date of HEAD; none in a crate's archive and without git.
fn commit(root: &Path) -> Option<String> {
    // The archive of a crate may be unpacked below a repository that is not its own.
    let top = git(root, &["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != root.canonicalize().ok()? {
        return None;
    }
    let commit = git(root, &["log", "-1", "--abbrev=9", "--format=%h %cs"])?;
    moves_with_head(root);
    Some(commit)
}

/// Has cargo run this again when HEAD moves.
fn moves_with_head(root: &Path) {
    let path = |name: &str| git(root, &["rev-parse", "--git-path", name]).map(|path| root.join(path));
    let branch = git(root, &["symbolic-ref", "--quiet", "HEAD"]);
    // The log has a new line whenever HEAD moves. Without one, the branch is in a file
    // of its own or among the packed ones.
    let log = path("logs/HEAD").filter(|path| path.exists());
    let files = match log {
        Some(log) => vec![path("HEAD"), Some(log)],
        None => vec![path("HEAD"), branch.and_then(|branch| path(&branch)), path("packed-refs")],
    };
    for file in files.into_iter().flatten().filter(|file| file.exists()) {
        println!("cargo::rerun-if-changed={}", file.display());
    }
}

fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(root).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_string())
}
