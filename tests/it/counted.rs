//! Everything is counted before it is made: a file that asks for too much is refused at once, in
//! little memory, by every command, with what was counted, the limit, the place and the way to raise it.

use std::{
    fs,
    io::Write,
    process::Command,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A folder of files, and graphrun in it.
struct Folder(TempDir);

struct Answer {
    code: i32,
    out: String,
    said: String,
    took: Duration,
}

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        Self(folder)
    }

    fn graph(text: &str) -> Self {
        Self::new(&[("g.graph", text.as_bytes())])
    }

    /// Runs graphrun; on Linux within 2 GB, of which most is set aside by the allocator and never used.
    fn run(&self, words: &[&str]) -> Answer {
        let started = Instant::now();
        let mut command = if cfg!(target_os = "linux") {
            let mut shell = Command::new("sh");
            shell.args(["-c", "ulimit -v 2000000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_graphrun")]);
            shell
        } else {
            Command::new(env!("CARGO_BIN_EXE_graphrun"))
        };
        let command = command.args(words).current_dir(self.0.path()).env("XDG_CACHE_HOME", self.0.path());
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, said) = (text(&output.stdout), text(&output.stderr));
        assert!(!said.contains("panicked"), "{said}");
        let code = output.status.code().unwrap_or_else(|| panic!("killed: {said}"));
        Answer { code, out, said, took: started.elapsed() }
    }

    /// Refused at once with these words.
    fn refused(&self, words: &[&str], with: &[&str]) {
        let answer = self.run(words);
        assert_eq!(answer.code, 2, "{words:?}: {}", answer.said);
        for word in with {
            assert!(answer.said.contains(word), "{words:?}: no {word:?} in {}", answer.said);
        }
        assert!(answer.took < Duration::from_secs(5), "{words:?} took {:?}", answer.took);
    }
}

/// The file is refused at once with these words.
fn refused(text: &str, with: &[&str]) {
    Folder::graph(text).refused(&["g.graph"], with);
}

/// Blocks that each use the one before twice, from `b0` on.
fn doubling(first: &str, levels: usize, suffix: &str) -> String {
    let mut text = format!("block b0{suffix}(x) {{\n {first}\n output y\n}}\n");
    for level in 1..=levels {
        let below = level - 1;
        text += &format!(
            "block b{level}{suffix}(x) {{\n y = x -> b{below}{suffix} -> b{below}{suffix}\n output y\n}}\n"
        );
    }
    text + &format!("input x = 2\ny = b{levels}{suffix}(x)\n")
}

#[test]
fn uses_of_blocks_are_counted_before_any_is_expanded() {
    // 2^41 − 1 additions, 2^40 − 1 + 2^40 outputs and one for each argument, counted by sums of two.
    refused(
        &doubling("y = x + 1", 40, ""),
        &[
            "this file has too many nodes, ",
            "the limit is 20000000 nodes",
            "g.graph:166:5",
            "y = b40(x)",
            "^^^",
            "--limit nodes=",
        ],
    );
    refused(&doubling("y = x + 1", 90, ""), &["too many nodes to count", "--limit nodes=VALUE"]);
    // Names take memory too.
    refused(&doubling("y = x + 1", 16, &"n".repeat(20_000)), &["too much memory", "--limit bytes="]);
    // So do leaves.
    let leaf = doubling("param W: [1000000] = zeros()\n y = x + sum(W)", 12, "");
    refused(&leaf, &["too much memory", "--limit bytes="]);
    let of_the_call = doubling("param W: [n] = randn()\n y = x + sum(W)", 12, "")
        .replace("block b0(x)", "block b0(x; n = 1000000)");
    refused(&of_the_call, &["the limit is"]);
    let attribute = format!("block b0(x; k = [{}])", ["1"; 50_000].join(","));
    refused(&doubling("y = x + sum(k)", 12, "").replace("block b0(x)", &attribute), &["--limit constants="]);
    // A limit that is raised is kept to.
    let small = Folder::graph(&doubling("y = x + 1", 10, ""));
    assert_eq!(small.run(&["g.graph"]).code, 0);
    small.refused(&["g.graph", "--limit", "nodes=1000"], &["the limit is 1000 nodes"]);
}

#[test]
fn chains_of_blocks_are_as_deep_as_the_limit() {
    let chain = |levels: usize| {
        let mut text = String::from("block b0(x) {\n y = x + 1\n output y\n}\n");
        for level in 1..levels {
            text += &format!("block b{level}(x) {{\n y = b{}(x)\n output y\n}}\n", level - 1);
        }
        text + &format!("input x = 2\ny = b{}(x)\n", levels - 1)
    };
    assert_eq!(Folder::graph(&chain(200)).run(&["g.graph"]).code, 0);
    refused(
        &chain(201),
        &["blocks are nested too deep, 201 levels: the limit is 200 levels", "--limit depth=201"],
    );
    refused(&chain(20_000), &["blocks are nested too deep, 20000 levels"]);
}

#[test]
fn all_values_together_are_counted_before_one_is_made() {
    let many = |of: &str| {
        (0..8).map(|n| format!("const c{n} = {of}\n")).collect::<String>() + "input x = 2\ny = x + 1\n"
    };
    for of in [
        "one_hot([1], classes = 200000000)",
        "zeros(shape = [200000000])",
        "arange(2e8)",
        "linspace(0, 1, 200000000)",
        "0.5 * ones(shape = [10000, 20000]) - 1",
        "randn(shape = [14142, 14142])",
    ] {
        refused(&many(of), &["error: ", "the limit is ", "--limit "]);
    }
    // What comes behind the leaves counts before they are drawn.
    refused(
        "input a: [8000, 1] = randn()\ninput b: [1, 8000] = randn()\nc = a @ b\nd = c @ c @ c @ c @ c\ny = sum(d)\n",
        &["too much memory", "--limit bytes="],
    );
    // What is computed on the way does, too.
    let sums = "sum(ones(shape = [50000000]))".to_string() + &" + sum(ones(shape = [50000000]))".repeat(60);
    refused(&format!("input x = {sums}\ny = x * 2\n"), &["the limit is"]);
    refused(
        "input x = 2\ny = x * sum(one_hot([1], classes = 200000000))\n",
        &["arrays beside the leaves", "--limit constants=200000000"],
    );
}

#[test]
fn shapes_that_cannot_be_are_refused() {
    for text in [
        "param W: [1000000, 1000000] = zeros()\ny = sum(W)\n",
        "const W = zeros(shape = [1000000, 1000000])\ninput x = 1\ny = x * sum(W)\n",
        "param W: [100000, 100000] = eye()\ny = sum(W)\n",
        "input x: [4294967296, 4294967296] = zeros()\ny = sum(x)\n",
        "input x: [0, 4294967296, 4294967296] = zeros()\ny = sum(x)\n",
        "input a: [100000, 1] = ones()\ninput b: [1, 100000] = ones()\ny = sum(a * b)\n",
        "input a: [100000, 1] = ones()\ninput b: [1, 100000] = ones()\ny = sum(a @ b)\n",
        "input x: [4] = ones()\ny = sum(reshape(x, shape = [4611686018427387904, 4]))\n",
        "input x = 1\ny = x * sum(one_hot([1], classes = 4000000000000000000))\n",
        "param W = randn(shape = [9223372036854775807, 9223372036854775807])\ny = sum(W)\n",
    ] {
        refused(text, &["is too large"]);
    }
    for text in [
        "input x = arange(1e18)\ny = sum(x)\n",
        "input x = arange(0, 1, 1e-300)\ny = sum(x)\n",
        "input x = linspace(0, 1, 1000000000000)\ny = sum(x)\n",
        "input x = linspace(0, 1, 9223372036854775807)\ny = sum(x)\n",
    ] {
        refused(text, &["the limit is 268435456 elements", "--limit elements="]);
    }
}

#[test]
fn random_numbers_are_counted() {
    let drawn = Folder::graph("input a: [600] = randn()\nparam b: [500] = uniform()\ny = sum(a) * sum(b)\n");
    assert_eq!(drawn.run(&["g.graph"]).code, 0);
    drawn.refused(
        &["g.graph", "--limit", "draws=1_000"],
        &[
            "random numbers of this file are too many, 1100 up to here: the limit is 1000 draws",
            "g.graph:2:",
            "--limit draws=1100",
        ],
    );
    drawn.refused(&["g.graph", "--limit", "elements=550"], &["a tensor of shape [600] is too large"]);
    drawn.refused(&["g.graph", "--limit", "bytes=10kB"], &["the limit is 10.0 kB"]);
}

/// An array of zeros in NumPy's format, of which the header says what it likes.
fn npy(shape: &str, bytes: usize) -> Vec<u8> {
    let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
    header += &" ".repeat(117 - header.len());
    let start = [b"\x93NUMPY\x01\x00\x76\x00", header.as_bytes(), b"\n"].concat();
    [start, vec![0; bytes]].concat()
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// A graph that takes in one file.
fn reading(source: &str) -> String {
    format!("const c = {source}\ninput x = 2\ny = x * sum(c)\n")
}

#[test]
fn what_comes_out_of_a_file_is_counted() {
    let zeros = npy("(2500000,)", 20_000_000);
    let archive = zipped(&[
        ("x.npy", &zeros),
        ("short.npy", &npy("(8,)", 20_000_000)),
        ("long.npy", &npy("(9000000,)", 80)),
    ]);
    // A lie about its size: what is packed is said to be as long as what comes out.
    let mut lying = archive.clone();
    let size = (zeros.len() as u32).to_le_bytes();
    let entry = archive.windows(4).rposition(|bytes| bytes == size).unwrap();
    assert_eq!(&archive[entry..entry + 4], &size);
    let first = archive.windows(46).position(|bytes| bytes.starts_with(b"PK\x01\x02")).unwrap();
    lying[first + 20..first + 24].copy_from_slice(&size);
    let digits = [&[0u8, 0, 0x0e, 1][..], &2_500_000u32.to_be_bytes(), &vec![0; 20_000_000]].concat();
    let folder = Folder::new(&[
        ("a.npz", &archive),
        ("lying.npz", &lying),
        ("a.gz", &gzipped(&digits)),
        ("x.graph", reading("npz(\"a.npz\", \"x\")").as_bytes()),
        ("lying.graph", reading("npz(\"lying.npz\", \"x\")").as_bytes()),
        ("short.graph", reading("npz(\"a.npz\", \"short\")").as_bytes()),
        ("long.graph", reading("npz(\"a.npz\", \"long\")").as_bytes()),
        ("gz.graph", reading("idx(\"a.gz\")").as_bytes()),
        ("part.graph", reading("idx(\"a.gz\")[:3]").as_bytes()),
    ]);
    folder.refused(
        &["x.graph"],
        &[
            "unpacks to 20.0 MB from ",
            "times as much: the limit is 100 times",
            "x.graph:1:15",
            "--limit ratio=",
        ],
    );
    folder.refused(&["lying.graph"], &["lying.npz"]);
    folder.refused(&["gz.graph"], &["unpacks to 20.0 MB from ", "--limit ratio="]);
    folder.refused(&["short.graph"], &["goes on after its data"]);
    folder.refused(&["long.graph"], &["\"a.npz\" "]);
    folder.refused(
        &["x.graph", "--limit", "ratio=10_000", "--limit", "unpacked=10MB"],
        &["the limit is 10.0 MB", "--limit unpacked="],
    );
    assert_eq!(folder.run(&["x.graph", "--limit", "ratio=10_000"]).code, 0);
    assert_eq!(folder.run(&["part.graph"]).code, 0);
}

#[test]
fn headers_are_not_believed() {
    let tensor =
        |header: &str| [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &[0; 8]].concat();
    let huge = r#"{"a":{"dtype":"F64","shape":[1000000000,1000000],"data_offsets":[0,8000000000000000]}}"#;
    let overlapping = r#"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#;
    let backwards = r#"{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,0]}}"#;
    let beyond = r#"{"a":{"dtype":"F64","shape":[200000000],"data_offsets":[0,1600000000]}}"#;
    let files: [(&str, Vec<u8>, &str); 9] = [
        ("a.npy", npy("(1000000000000000000,)", 8), "is too large"),
        ("b.npy", npy("(4294967296, 4294967296, 2)", 8), "is too large"),
        ("c.npy", npy("(20000000,)", 8), "is cut short"),
        ("d.npy", npy("(0, 4294967296, 4294967296)", 0), "c.graph"),
        ("a.safetensors", tensor(huge), "is too large"),
        ("b.safetensors", tensor(overlapping), "malformed header"),
        ("c.safetensors", tensor(backwards), "malformed header"),
        ("d.safetensors", tensor(beyond), "error"),
        ("e.safetensors", [&u64::MAX.to_le_bytes()[..], b"{}"].concat(), "too long a header"),
    ];
    for (name, bytes, words) in files {
        let source = match name.split_once('.') {
            Some((_, "npy")) => format!("npy(\"{name}\")"),
            _ => format!("safetensors(\"{name}\", \"a\")"),
        };
        Folder::new(&[(name, &bytes), ("c.graph", reading(&source).as_bytes())])
            .refused(&["c.graph"], &[words]);
    }
}

#[test]
fn tables_are_counted() {
    let folder = Folder::new(&[
        ("t.csv", "1,2,3\n".repeat(100_000).as_bytes()),
        ("c.graph", reading("csv(\"t.csv\")").as_bytes()),
        ("one.graph", reading("csv(\"t.csv\", columns = \"0\")").as_bytes()),
    ]);
    assert_eq!(folder.run(&["c.graph"]).code, 0);
    folder.refused(
        &["c.graph", "--limit", "cells=1e5"],
        &["is too large, up to 300001 cells: the limit is 100000 cells", "--limit cells=300001"],
    );
    folder.refused(&["c.graph", "--limit", "elements=299_999"], &["[100000, 3]", "--limit elements=300000"]);
    assert_eq!(folder.run(&["one.graph", "--limit", "elements=100_000"]).code, 0);
    folder.refused(&["c.graph", "--limit", "bytes=500kB"], &["--limit bytes="]);
}

#[test]
fn errors_are_kept_up_to_a_limit_and_counted() {
    let text: String = (0..300).map(|n| format!("y{n} = nope{n} + 1\n")).collect();
    let folder = Folder::new(&[
        ("a.graph", text.as_bytes()),
        ("b.graph", "x\n".repeat(300).as_bytes()),
        (
            "c.toml",
            format!("[nodes]\n{}", (0..300).map(|n| format!("y{n} = \"(\"\n")).collect::<String>())
                .as_bytes(),
        ),
    ]);
    for file in ["a.graph", "b.graph", "c.toml"] {
        folder.refused(
            &[file, "--limit", "errors=20"],
            &["280 more errors were found and are not kept: the limit is 20 errors", "--limit errors=300"],
        );
        folder.refused(&[file], &["… and 250 more errors"]);
    }
}

#[test]
fn a_text_is_counted_before_it_is_read() {
    let literal = ["1"; 30_000].join(",");
    let folder = Folder::new(&[
        ("a.graph", format!("input x = [{literal}]\ny = sum(x)\n").as_bytes()),
        ("a.toml", format!("[inputs]\nx = [{literal}]\n[nodes]\ny = \"sum(x)\"\n").as_bytes()),
    ]);
    for file in ["a.graph", "a.toml"] {
        assert_eq!(folder.run(&[file]).code, 0);
        folder.refused(
            &[file, "--limit", "bytes=10MB"],
            &["too long, reading it may take", "the limit is 10.0 MB"],
        );
        folder.refused(
            &[file, "--limit", "file=50kB"],
            &["is too long, 60.0 kB: the limit is 50.0 kB", "--limit file=61kB"],
        );
    }
    let deep = |open: &str, close: &str| {
        format!("[inputs]\nx = {}1{}\n", open.repeat(100_000), close.repeat(100_000))
    };
    for text in [deep("[", "]"), deep("{a=", "}"), format!("[{}]\nx = 1\n", ["a"; 100_000].join("."))] {
        Folder::new(&[("a.toml", text.as_bytes())]).refused(&["a.toml"], &["nested"]);
    }
    refused(
        "input x = [99999999999999999999999999999999999999]\ny = x[[99999999999999999999999999999999999999]]\n",
        &["error"],
    );
}

#[test]
fn every_command_keeps_to_the_limits() {
    let folder = Folder::new(&[
        ("blocks.graph", doubling("y = x + 1", 40, "").as_bytes()),
        ("values.graph", b"param W: [100000, 100000] = zeros()\ny = sum(W)\n"),
    ]);
    for command in [&["--check"][..], &["--backward"], &["expand"], &["explain"], &["show", "--to", "dot"]] {
        for file in ["blocks.graph", "values.graph"] {
            folder.refused(&[command, &[file]].concat(), &["the limit is ", "--limit "]);
        }
    }
    folder.refused(&["convert", "blocks.graph", "--limit", "file=1kB"], &["blocks.graph is too long"]);
    // A comparison takes more than a run.
    let compared = Folder::graph("param x: [20000] = linspace(-1, 1, 20000)\ny = sum(x * x)\n");
    assert_eq!(compared.run(&["g.graph", "--backward", "--limit", "bytes=2MB"]).code, 0);
    compared.refused(
        &["g.graph", "--check", "--limit", "bytes=2MB"],
        &[
            "a comparison of this graph needs too much memory",
            "the largest value, 20000 elements",
            "--limit bytes=",
        ],
    );
}

#[test]
fn limits_are_listed_and_their_names_are_known() {
    let folder = Folder::graph("input x = 1\ny = x * 2\n");
    let answer = folder.run(&["limits", "--limit", "nodes=1e6", "--limit", "bytes=2GiB"]);
    assert_eq!(answer.code, 0);
    for words in ["nodes ", " 1000000  ", "2.15 GB", "ratio", "--limit NAME=VALUE"] {
        assert!(answer.out.contains(words), "no {words:?} in {}", answer.out);
    }
    for command in [
        &["limits"][..],
        &["g.graph"],
        &["test"],
        &["show", "g.graph"],
        &["explain", "g.graph"],
        &["expand", "g.graph"],
        &["convert", "g.graph"],
    ] {
        folder.refused(
            &[command, &["--limit", "nods=3"]].concat(),
            &["no limit is called `nods`", "did you mean `nodes`?"],
        );
        folder.refused(&[command, &["--limit", "nodes=many"]].concat(), &["expected a number"]);
    }
}

#[test]
fn a_file_over_a_limit_is_one_failed_line() {
    let folder = Folder::new(&[
        ("a.graph", b"input x = 1\ny = x * 2\n"),
        ("b.graph", doubling("y = x + 1", 40, "").as_bytes()),
        ("c.graph", b"const a = one_hot([1], classes = 200000000)\nconst b = one_hot([1], classes = 200000000)\ninput x = 2\ny = x + 1\n"),
        ("d.graph", b"input x = 1\ny = x * 3\n"),
    ]);
    let answer = folder.run(&["test", ".", "--jobs", "2"]);
    assert_eq!(answer.code, 1, "{}{}", answer.out, answer.said);
    assert!(answer.out.contains("4 files: 2 passed, 2 failed"), "{}", answer.out);
}

#[test]
fn a_file_that_takes_long_is_one_failed_line() {
    let matrices = "param W: [1000, 1000] = ones()\n".to_string()
        + &(0..40)
            .map(|n| format!("h{n} = {} @ W\n", if n == 0 { "W".into() } else { format!("h{}", n - 1) }))
            .collect::<String>()
        + "y = sum(h39)\n";
    let folder = Folder::new(&[
        ("a.graph", b"input x = 1\ny = x * 2\n"),
        ("drawing.graph", b"const a: [40000000] = randn()\ninput x = 2\ny = x + 1\n"),
        ("running.graph", matrices.as_bytes()),
        ("z.graph", b"input x = 1\ny = x * 3\n"),
    ]);
    let answer = folder.run(&["test", ".", "--jobs", "1", "--timeout", "0.3", "--no-check"]);
    assert_eq!(answer.code, 1, "{}{}", answer.out, answer.said);
    assert!(answer.out.contains("4 files: 2 passed, 2 failed"), "{}", answer.out);
    assert_eq!(answer.out.matches("timed out after 0.3 s").count(), 2, "{}", answer.out);
    assert!(answer.took < Duration::from_secs(4), "{:?}", answer.took);
}
