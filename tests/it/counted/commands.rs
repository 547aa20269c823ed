//! The commands that keep to the limits, and the one that lists them.

use super::{Folder, doubling};
use std::time::Duration;

#[test]
fn every_command_keeps_to_the_limits() {
    let folder = Folder::new(&[
        ("blocks.graph", doubling("y = x + 1", 40, "").as_bytes()),
        ("values.graph", b"param W: [100000, 100000] = zeros()\ny = sum(W)\n"),
    ]);
    for command in
        [&["--check"][..], &["--backward"], &["expand"], &["explain"], &["digits"], &["show", "--to", "dot"]]
    {
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
    compared.refused(
        &["digits", "g.graph", "--limit", "bytes=2MB"],
        &["a count of digits of this graph needs too much memory", "the largest value, 20000 elements"],
    );
    compared.refused(
        &["show", "g.graph", "--digits", "--limit", "bytes=2MB"],
        &["a count of digits of this graph needs too much memory"],
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
        &["digits", "g.graph"],
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
    assert!(answer.out.contains("4 files: 2 passed, 2 refused"), "{}", answer.out);
}

#[test]
fn a_file_that_takes_long_is_one_failed_line() {
    let drawing: String = (0..12).map(|n| format!("const c{n} = sum(randn(shape = [10000000]))\n")).collect();
    let mut running = String::from("param h0: [1500, 1500] = ones()\n");
    for n in 1..30 {
        running += &format!("h{n} = h{} @ h0\n", n - 1);
    }
    let folder = Folder::new(&[
        ("a.graph", b"input x = 1\ny = x * 2\n"),
        ("drawing.graph", format!("{drawing}input x = 2\ny = x + 1\n").as_bytes()),
        ("running.graph", format!("{running}y = sum(h29)\n").as_bytes()),
        ("z.graph", b"input x = 1\ny = x * 3\n"),
    ]);
    let answer = folder.run(&["test", ".", "--jobs", "1", "--timeout", "1.5", "--no-check"]);
    assert_eq!(answer.code, 1, "{}{}", answer.out, answer.said);
    assert!(answer.out.contains("4 files: 2 passed, 2 failed"), "{}", answer.out);
    assert_eq!(answer.out.matches("timed out after 1.5 s").count(), 2, "{}", answer.out);
    assert!(answer.took < Duration::from_secs(10), "{:?}", answer.took);
}
