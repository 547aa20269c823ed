//! Bad input gets a quick answer: no panic, no hang, no exhausted memory.

use proptest::prelude::*;
use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Runs graphrun on a text within 2 GiB and a minute; the exit code and what it said.
fn graphrun(text: &[u8], spelling: &str, more: &[&str]) -> (i32, String) {
    called(&[], text, spelling, more)
}

/// As [`graphrun`], by one of its commands.
fn called(command: &[&str], text: &[u8], spelling: &str, more: &[&str]) -> (i32, String) {
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -v 3000000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_graphrun")])
        .args(command)
        .args(["-", "--spelling", spelling])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let mut stdin = child.stdin.take().unwrap();
    let owned = text.to_vec();
    // The program may refuse before it has read all.
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&owned);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(started.elapsed() < Duration::from_secs(60), "a slow answer");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("panicked"), "{said}");
    (output.status.code().unwrap_or_else(|| panic!("killed: {said}")), said)
}

fn refused(text: &str, spelling: &str, words: &str) {
    let (code, said) = graphrun(text.as_bytes(), spelling, &[]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains(words), "{said}");
    assert!(said.len() < 100_000, "{} bytes of answer", said.len());
}

/// A fuzzer found this: the second of two blocks of one name was never looked at for recursion.
#[test]
fn of_two_blocks_of_one_name_none_is_expanded() {
    let first = "block s() {\n    input x = []\n    y = s(x)\n";
    let second = "block s(x) {\n    output y\n    y = 3 * s(x)\n}\ninput x = 1\nz = s(x)\n";
    for text in [format!("{first}{second}"), format!("block s(x) {{\n output y\n y = x\n}}\n{second}")] {
        let refusal = graphrun::read(&text, graphrun::Spelling::Graph).unwrap_err();
        assert!(refusal.to_string().contains("is defined twice"), "{refusal}");
    }
}

#[test]
fn deep_nesting_is_refused() {
    let parentheses = format!("input x = 1\ny = {}x{}\n", "(".repeat(100_000), ")".repeat(100_000));
    refused(&parentheses, "graph", "nested");
    let calls = format!("input x = 1\ny = {}x{}\n", "relu(".repeat(100_000), ")".repeat(100_000));
    refused(&calls, "graph", "nested");
    let toml = format!("[nodes]\ny = \"{}x{}\"\n", "(".repeat(100_000), ")".repeat(100_000));
    refused(&toml, "toml", "nested");
    let arrays = format!("[inputs]\nx = {}1{}\n", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(graphrun(arrays.as_bytes(), "toml", &[]).0, 2);
}

#[test]
fn long_chains_run() {
    let signs = format!("input x = 1\ny = {}x\n", "-".repeat(100_000));
    let pipes = format!("input x = 1\ny = x{}\n", " -> relu".repeat(100_000));
    let sum = format!("input x = 1\ny = x{}\n", " + x".repeat(100_000));
    let powers = format!("input x = 1\ny = x{}\n", " ** x".repeat(50_000));
    for text in [signs, pipes, sum, powers] {
        let (code, said) = graphrun(text.as_bytes(), "graph", &["--backward"]);
        assert_eq!(code, 0, "{said}");
    }
    let mut lines = String::from("input n0 = 1\n");
    for index in 1..=200_000 {
        lines += &format!("n{index} = mul(n{}, n0)\n", index - 1);
    }
    let (code, said) = graphrun(lines.as_bytes(), "graph", &["--backward"]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn a_title_as_long_as_a_file_is_drawn() {
    let text = format!("title \"{}\"\ninput x = 1\ny = x * x\n", "a b".repeat(100_000));
    for format in ["svg", "tikz", "text", "html", "dot", "mermaid"] {
        let (code, said) = called(&["show"], text.as_bytes(), "graph", &["--to", format]);
        assert_eq!(code, 0, "{format}: {said}");
    }
}

#[test]
fn absurd_sizes_are_refused() {
    refused("param W: [1000000000000000000000000000000] = zeros()\ny = sum(W)\n", "graph", "too large");
    refused("param W: [4000000000, 4000000000, 4000000000] = randn()\ny = sum(W)\n", "graph", "too large");
    refused("input x = 1\ny = one_hot([1], classes = 4000000000000000000) * x\n", "graph", "limit");
    refused("const a = arange(0, 1e18)\ninput x = 1\ny = x * 2\n", "graph", "limit");
    refused(
        "input x: [100000, 1] = ones()\ninput z: [1, 100000] = ones()\ny = x * z\n",
        "graph",
        "too large",
    );
}

#[test]
fn files_that_are_no_graphs_are_refused() {
    assert_eq!(graphrun(b"", "graph", &[]).0, 2);
    assert_eq!(graphrun(b"", "toml", &[]).0, 2);
    assert_eq!(graphrun(&[0xff, 0xfe, 0, 1, 2], "graph", &[]).0, 2);
    assert_eq!(graphrun(&vec![0u8; 100_000], "toml", &[]).0, 2);
    assert_eq!(graphrun("x".repeat(1_000_000).as_bytes(), "graph", &[]).0, 2);
    assert_eq!(graphrun("(\n".repeat(100_000).as_bytes(), "graph", &[]).0, 2);
    assert_eq!(graphrun("\"\n".repeat(100_000).as_bytes(), "toml", &[]).0, 2);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.graph");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let run = |path: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_graphrun")).arg(path).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = run(&pipe);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("not a regular file"), "{said}");
    assert_eq!(run(folder.path()).0, Some(2));
}

const SEED: &str = "title \"t\"\ninput x: [2, n] = [[1, 2], [3, 4]]\nparam W = 0.1 * randn(shape = [2, 2])\n\
    block b(x; k = 2) {\n y = k * x\n output y\n backward x = upstream * k\n}\n\
    h = x -> matmul(W) -> b(k = 3)\ny = softmax_loss(h[0:2, :], [0, 1]) # c\ncheck { step = 1e-4 }\nexpect y = 1 within 2\n";

const LIBRARY: &str = "block dense(x: [n, in]; units, std = 0.01) {\n param W: [in, units] = std * randn()\n \
    y = x @ W / n\n output y\n backward x = upstream @ transpose(W)\n backward W = transpose(x) @ upstream\n}\n\
    block two(x; k = [0, 1]) {\n h = x -> dense(units = 3) -> sum(axis = k)\n output h\n}\n";

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn mutilated_files_are_answered(
        at in 0..SEED.len(), cut in 0usize..12, insert in "[\\PC\n\"\\[\\](){}=,.*@-]{0,6}"
    ) {
        let end = (at + cut).min(SEED.len());
        let text = format!("{}{insert}{}", &SEED[..at], &SEED[end..]);
        for spelling in [graphrun::Spelling::Graph, graphrun::Spelling::Toml] {
            if let Ok(graph) = graphrun::read(&text, spelling) {
                graphrun::Run::backward(&graph);
            }
        }
    }

    #[test]
    fn mutilated_libraries_are_answered(
        at in 0..LIBRARY.len(), cut in 0usize..12, insert in "[\\PC\n\"\\[\\](){}=,.*@-]{0,6}"
    ) {
        let end = (at + cut).min(LIBRARY.len());
        let text = format!("{}{insert}{}", &LIBRARY[..at], &LIBRARY[end..]);
        // What a library is refused for, its calls are refused for.
        let is_called = |text: &str| {
            let called = format!("{text}\ninput x = [[1, 2], [3, 4]]\ny = sum(two(x))\n");
            graphrun::read(&called, graphrun::Spelling::Graph).is_ok()
        };
        prop_assert!(is_called(LIBRARY));
        if is_called(&text)
            && let Err(refusal) = graphrun::read(&text, graphrun::Spelling::Graph)
        {
            prop_assert!(refusal.only_blocks().is_some(), "{text}{refusal}");
        }
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        let _ = graphrun::read(&text, graphrun::Spelling::Graph);
        let _ = graphrun::read(&text, graphrun::Spelling::Toml);
    }
}
