//! Folders of graph files, and `graphrun test` on them.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};
use tempfile::TempDir;

/// Files in a folder of their own.
pub fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_graphrun"));
    command
        .arg("test")
        .args(arguments)
        .current_dir(folder)
        .env_remove("CI")
        .env_remove("GITHUB_STEP_SUMMARY")
        .env("XDG_CACHE_HOME", folder.join(".cache"));
    command
}

pub fn test(folder: &TempDir, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command(folder.path(), arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

pub const APPLE: &str = "input apple = 100\ninput tax = 1.1\nprice = apple * tax\n";
