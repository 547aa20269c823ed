//! Dumps that anybody may have written: of doubled names none is taken, nothing outside of a folder is read,
//! nothing is read that memory cannot hold, and time grows with their size.

use crate::common::folder::folder;
use graphrun::arrays::{Array, npz};
use std::{
    fmt::Write as _,
    fs::{self, File},
    io::Write as _,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// So many that a look through all of them for each would take for ever.
const MANY: usize = 4000;

/// Far beyond what it takes.
const BOUND: Duration = Duration::from_secs(60);

const GRAPH: &str = "input x = [1, 2]\ny = x * 2\nloss = sum(y)\n";

fn array(numbers: &[f64]) -> Array {
    Array::F64(ndarray::arr1(numbers).into_dyn())
}

/// An `.npz` of members of these names, each with two numbers.
fn archive(members: &[(&str, [f64; 2])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, numbers) in members {
        let alone = npz(None, &[("only".to_string(), array(numbers))], CompressionMethod::Stored).unwrap();
        let mut read = zip::ZipArchive::new(std::io::Cursor::new(alone)).unwrap();
        let mut bytes = Vec::new();
        std::io::copy(&mut read.by_index(0).unwrap(), &mut bytes).unwrap();
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Runs graphrun within a time; its exit code and all that it said.
fn said(folder: &TempDir, arguments: &[&str]) -> (i32, String) {
    let started = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_graphrun"));
    let output = command.args(arguments).current_dir(folder.path()).output().unwrap();
    assert!(started.elapsed() < BOUND, "{arguments:?} took {:?}", started.elapsed());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn of_doubled_names_none_is_taken() {
    let folder = folder(&[("g.graph", GRAPH)]);
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    put("leaf.npz", &archive(&[("x.npy", [1.0, 2.0]), ("x", [3.0, 4.0]), ("y.npy", [2.0, 4.0])]));
    put("node.npz", &archive(&[("y.npy", [2.0, 4.0]), ("y", [3.0, 4.0])]));
    fs::create_dir(folder.path().join("cases")).unwrap();
    for name in ["cases/y.npy", "cases/y.NPY"] {
        put(name, &fs::read(folder.path().join("node.npz")).unwrap());
    }
    for dump in ["leaf.npz", "node.npz"] {
        let (code, said) = said(&folder, &["g.graph", "--against", dump]);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("holds 2 arrays called `") && said.contains("leave out all but one"), "{said}");
    }
    let both = [
        ("grad(loss)".to_string(), Array::F64(ndarray::arr0(1.0).into_dyn())),
        ("upstream(loss)".to_string(), Array::F64(ndarray::arr0(2.0).into_dyn())),
        ("grad(x)".to_string(), array(&[2.0, 2.0])),
    ];
    put("both.npz", &npz(None, &both, CompressionMethod::Stored).unwrap());
    let (code, said) = said(&folder, &["g.graph", "--against", "both.npz"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("`grad(loss)` and `upstream(loss)`, which are one in the graph"), "{said}");
}

#[cfg(unix)]
#[test]
fn links_out_of_a_folder_of_arrays_are_not_followed() {
    let folder = folder(&[("g.graph", GRAPH)]);
    fs::create_dir(folder.path().join("dump")).unwrap();
    let mut bytes = Vec::new();
    let archive = archive(&[("y.npy", [2.0, 4.0])]);
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    std::io::copy(&mut archive.by_index(0).unwrap(), &mut bytes).unwrap();
    fs::write(folder.path().join("outer.npy"), &bytes).unwrap();
    fs::write(folder.path().join("dump/inner"), &bytes).unwrap();
    std::os::unix::fs::symlink("inner", folder.path().join("dump/y.npy")).unwrap();
    let (code, out) = said(&folder, &["g.graph", "--against", "dump"]);
    assert_eq!(code, 0, "a link within is followed: {out}");
    std::os::unix::fs::symlink("../outer.npy", folder.path().join("dump/x.npy")).unwrap();
    let (code, out) = said(&folder, &["g.graph", "--against", "dump"]);
    assert_eq!(code, 2, "{out}");
    assert!(out.contains("x.npy: is a link that leads out of the folder"), "{out}");
}

/// An array of which the file says that it is large, and that is not there.
fn sparse(path: &Path, names: &[&str], elements: u64) {
    let mut header = String::from("{");
    for (at, name) in names.iter().enumerate() {
        let (start, comma) = (8 * elements * at as u64, if at == 0 { "" } else { "," });
        let end = start + 8 * elements;
        let _ = write!(
            header,
            r#"{comma}"{name}":{{"dtype":"F64","shape":[{elements}],"data_offsets":[{start},{end}]}}"#
        );
    }
    header.push('}');
    let mut file = File::create(path).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.set_len(8 + header.len() as u64 + 8 * elements * names.len() as u64).unwrap();
}

#[cfg(unix)]
#[test]
fn what_memory_cannot_hold_is_not_read() {
    let folder = folder(&[("g.graph", GRAPH)]);
    sparse(&folder.path().join("large.safetensors"), &["x", "y"], 60_000_000);
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 3000000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_graphrun")])
        .args(["g.graph", "--against", "large.safetensors"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("takes too much memory"), "{said}");
}

#[test]
fn time_grows_with_the_size_of_graphs_and_dumps() {
    let mut leaves = String::new();
    let sum: Vec<String> = (0..MANY / 2).map(|at| format!("x{at}")).collect();
    for name in &sum {
        let _ = writeln!(leaves, "param {name}: [2] = [1, 2]");
    }
    let _ = writeln!(leaves, "loss = sum({})", sum.join(" + "));
    let mut chain = String::from("param n0 = [1, 2]\n");
    for at in 1..MANY {
        let _ = writeln!(chain, "n{at} = n{} * 1.001", at - 1);
    }
    let folder = folder(&[("leaves.graph", &leaves), ("chain.graph", &chain)]);
    for file in ["leaves.graph", "chain.graph"] {
        let (code, out) = said(&folder, &["digits", file]);
        assert_eq!(code, 0, "{out}");
        let (code, out) = said(&folder, &[file, "--backward", "--save", "own.safetensors", "--as", "f32"]);
        assert_eq!(code, 0, "{out}");
        let (code, out) = said(&folder, &[file, "--backward", "--save", "run.npz"]);
        assert_eq!(code, 0, "{out}");
        let (code, out) = said(&folder, &[file, "--against", "run.npz"]);
        assert_eq!(code, 0, "{out}");
    }
    let strange: Vec<_> = (0..MANY).map(|at| (format!("m{at}"), array(&[1.0, 2.0]))).collect();
    let bytes = npz(None, &strange, CompressionMethod::Stored).unwrap();
    fs::write(folder.path().join("strange.npz"), bytes).unwrap();
    let (code, out) = said(&folder, &["chain.graph", "--against", "strange.npz"]);
    assert_eq!(code, 2, "{out}");
    assert!(out.contains("did you mean `n1`?") && out.lines().count() < 300, "{out}");
}
