//! Pages of graphs, as the program writes them, and what its report says of the same.

use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

pub fn graphs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs")
}

/// Writes the page of a graph and returns its address.
pub fn page(folder: &Path, graph: &Path, more: &[&str]) -> String {
    let out = folder.join(format!("{}.html", graph.file_name().unwrap().to_str().unwrap()));
    let done = Command::new(env!("CARGO_BIN_EXE_graphrun"))
        .arg("show")
        .arg(graph)
        .args(["--to", "html", "-o"])
        .arg(&out)
        .args(more)
        .output()
        .unwrap();
    assert!(out.exists(), "{}: {}", graph.display(), String::from_utf8_lossy(&done.stderr));
    format!("file://{}", out.display())
}

pub fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

pub fn report(graph: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_graphrun"))
        .arg(graph)
        .args(["--backward", "--all", "--format", "json"])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

pub fn floats(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(rows) => rows.iter().flat_map(floats).collect(),
        Value::String(text) => vec![text.parse().unwrap()],
        value => vec![value.as_f64().unwrap()],
    }
}
