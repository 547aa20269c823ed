//! `graphrun compare` without a framework: a stand-in for Python plays back what PyTorch and JAX gave, as it was
//! recorded by `tests/reference/compare.py`, or fails in all the ways that a Python can.

#![cfg(unix)]

use graphrun::{
    arrays::{Array, npz},
    initializers::{DumpArray, read_dump},
    limits::Limits,
    precision::Precision,
    tensor::Tensor,
};
use serde_json::Value;
use std::{
    fs::{self, File, Permissions},
    io::{BufRead, BufReader, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn recorded(name: &str) -> PathBuf {
    Path::new(ROOT).join("tests/export/compare").join(name)
}

/// A Python that is a shell script; `$1` is the program that it is to run.
fn stand_in(folder: &TempDir, script: &str) -> PathBuf {
    let path = folder.path().join("python");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path
}

fn compare(python: &Path, graph: &str, flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_graphrun"));
    command
        .args(["compare", graph, "--python"])
        .arg(python)
        .args(flags)
        .current_dir(ROOT)
        .stdin(Stdio::null());
    command
}

/// The exit code, standard output and standard error.
fn said(mut command: Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Plays a folder back.
fn played(from: &Path, graph: &str, framework: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let python = stand_in(&folder, &format!("cp '{}'/* \"$(dirname \"$1\")\"", from.display()));
    said(compare(&python, graph, &["--with", framework, "--format", "json"]))
}

/// A copy of a recorded folder in which arrays are changed.
fn changed(from: &Path, file: &str, change: impl Fn(&mut DumpArray)) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["got.npz", "leaves.npz", "version.txt"] {
        fs::copy(from.join(name), folder.path().join(name)).unwrap();
    }
    let mut arrays = read_dump(&from.join(file), &Limits::default()).unwrap();
    arrays.iter_mut().for_each(change);
    let arrays: Vec<(String, Array)> =
        arrays.into_iter().map(|array| (array.name, Array::of(array.tensor, Precision::F64))).collect();
    fs::write(folder.path().join(file), npz(None, &arrays, zip::CompressionMethod::Stored).unwrap()).unwrap();
    folder
}

#[test]
fn what_frameworks_gave_is_right_in_every_value_and_gradient() {
    for (graph, arrays) in [("net", 13), ("centre", 14), ("recurrence", 50), ("sums", 13)] {
        for framework in ["torch", "jax"] {
            let file = format!("tests/export/{graph}.graph");
            let (code, out, words) = played(&recorded(&format!("{graph}_{framework}")), &file, framework);
            assert_eq!(code, 0, "{graph} in {framework}: {out}{words}");
            let object: Value = serde_json::from_str(&out).unwrap();
            assert_eq!(object["against"]["verdict"], "ok");
            assert_eq!(object["against"]["arrays"].as_array().unwrap().len(), arrays, "{graph}: {out}");
            assert!(object["against"]["dump"].as_str().unwrap().starts_with(framework), "{out}");
            assert_eq!(object["against"]["from_file"].as_array().unwrap().len(), 0, "{out}");
        }
    }
}

/// A framework whose relu is 1 % off: the values behind it are right given it, and so are other gradients.
#[test]
fn the_first_node_that_parts_is_named() {
    for (node, entry) in [("scores.relu1", 3), ("scores", 0), ("grad(scores.relu1)", 1)] {
        let wrong = changed(&recorded("net_torch"), "got.npz", |array| {
            if let (true, Tensor::Float(numbers)) = (array.name == node, &mut array.tensor) {
                let number = numbers.iter_mut().filter(|x| **x != 0.0).nth(entry).unwrap();
                *number *= 1.01;
            }
        });
        let (code, out, words) = played(wrong.path(), "tests/export/net.graph", "torch");
        assert_eq!(code, 1, "{out}{words}");
        let object: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(object["against"]["first"], node, "{out}");
    }
}

#[test]
fn leaves_that_the_export_states_otherwise_are_refused_at_their_place() {
    let other = changed(&recorded("net_torch"), "leaves.npz", |array| {
        if let (true, Tensor::Float(numbers)) = (array.name == "x", &mut array.tensor) {
            numbers[[2, 1]] += 1e-6;
        }
    });
    let (code, out, words) = played(other.path(), "tests/export/net.graph", "torch");
    assert_eq!(code, 2, "{out}{words}");
    assert!(words.contains("`x` is ") && words.contains("at [2, 1] in the export"), "{words}");
    assert!(words.contains("tests/export/net.graph:10:7"), "{words}");
    let object: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(object["errors"].as_array().unwrap().len(), 1, "{out}");
}

#[test]
fn a_gradient_that_is_another_subgradient_on_a_kink_is_undecided() {
    let folder = tempfile::tempdir().unwrap();
    let graph = folder.path().join("tie.graph");
    fs::write(&graph, "input a = [1, 2]\nm = clip(a, min = -1, max = 1)\nloss = sum(m)\n").unwrap();
    let put = |name: &str, of_a: f64| {
        let of = |numbers: [f64; 2]| Array::F64(ndarray::arr1(&numbers).into_dyn());
        let arrays = match name {
            "leaves.npz" => vec![("a".to_string(), of([1.0, 2.0]))],
            _ => vec![("m".to_string(), of([1.0, 1.0])), ("grad(a)".to_string(), of([0.5, of_a]))],
        };
        let bytes = npz(None, &arrays, zip::CompressionMethod::Stored).unwrap();
        fs::write(folder.path().join(name), bytes).unwrap();
    };
    put("leaves.npz", 0.0);
    for (of_a, want, word) in [(0.0, 3, "kink"), (0.25, 1, "wrong")] {
        put("got.npz", of_a);
        let (code, out, words) = played(folder.path(), graph.to_str().unwrap(), "jax");
        assert_eq!(code, want, "{out}{words}");
        let object: Value = serde_json::from_str(&out).unwrap();
        let arrays = object["against"]["arrays"].as_array().unwrap();
        let of_a = arrays.iter().find(|array| array["name"] == "grad(a)").unwrap();
        assert_eq!(of_a["verdict"], word, "{out}");
    }
}

#[test]
fn a_python_that_fails_is_told_with_what_to_do() {
    let trace = "Traceback (most recent call last):\\n  File \"/tmp/x/traced.py\", line 7, in net\\n    y = tap(x @ W)";
    let cases = [
        (
            "echo \"ModuleNotFoundError: No module named 'torch'\" >&2; exit 1".to_string(),
            "has no module `torch`",
            "-m pip install torch numpy",
        ),
        (
            format!("printf '{trace}\\nRuntimeError: no \\033[31mkernel\\n' >&2; exit 1"),
            "the export fails in PyTorch (exit status: 1): RuntimeError: no ",
            "it was at `y = tap(x @ W)`",
        ),
        ("exit 3".to_string(), "it said nothing", "--to torch -o OUT.py"),
        ("kill -9 $$".to_string(), "signal: 9", "--to torch -o OUT.py"),
        ("exit 0".to_string(), "leaves.npz", ""),
    ];
    for (script, message, help) in cases {
        let folder = tempfile::tempdir().unwrap();
        let python = stand_in(&folder, &script);
        let (code, out, words) = said(compare(&python, "tests/export/net.graph", &["--with", "torch"]));
        assert_eq!((code, out.as_str()), (2, ""), "{script}: {words}");
        assert!(words.contains(message) && words.contains(help), "{script}: {words}");
        assert!(!words.contains('\u{1b}'), "{script}: {words:?}");
    }
    let (code, _, words) =
        said(compare(Path::new("/no/python"), "tests/export/net.graph", &["--with", "jax"]));
    assert!(code == 2 && words.contains("there is no Python `/no/python`"), "{words}");
}

#[test]
fn the_python_of_a_virtual_environment_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("bin")).unwrap();
    let python = stand_in(&folder, "echo 'this one' >&2; exit 1");
    fs::rename(python, folder.path().join("bin/python")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_graphrun"));
    command.args(["compare", "tests/export/net.graph", "--with", "torch"]).current_dir(ROOT);
    let (code, _, words) = said({
        command.env("VIRTUAL_ENV", folder.path());
        command
    });
    assert!(code == 2 && words.contains("this one"), "{words}");
}

/// A Python that waits for its standard input to end, as ours does, and says when it begins; what it holds open
/// closes when it ends.
fn waiting(folder: &TempDir) -> (PathBuf, PathBuf) {
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let python = stand_in(folder, &format!("exec 3>'{}'\necho begun >&3\nexec cat", pipe.display()));
    (python, pipe)
}

#[test]
fn a_python_that_is_late_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let (python, pipe) = waiting(&folder);
    let child = compare(&python, "tests/export/net.graph", &["--with", "torch", "--timeout", "1"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(File::open(pipe).unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    // The pipe ends with the last process that holds it.
    assert_eq!((line.as_str(), lines.read_to_end(&mut Vec::new()).unwrap()), ("begun\n", 0));
    let output = child.wait_with_output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        words.contains("has not ended after 1 seconds") && words.contains("--timeout SECONDS"),
        "{words}"
    );
}

#[test]
fn a_python_ends_with_the_program_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (python, pipe) = waiting(&folder);
    let mut child = compare(&python, "tests/export/net.graph", &["--with", "torch"]).spawn().unwrap();
    let mut lines = BufReader::new(File::open(pipe).unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!((line.as_str(), lines.read_to_end(&mut Vec::new()).unwrap()), ("begun\n", 0));
}
