//! `graphrun test` on graph files whose data is not on this machine.

use crate::common::folder::{APPLE, command, folder, test};
use std::fs;

const MNIST: &str = "const x: [batch, 784] = idx(\"t10k.gz\")\nparam h: [batch, 3] = zeros()\n\
    y = reshape(h, shape = [batch, 3]) + sum(x)\nloss = sum(y) / batch\nexpect shape(y) = [batch, 3]\n";

#[test]
fn a_file_whose_data_is_missing_is_skipped() {
    let folder = folder(&[("apple.graph", APPLE), ("mnist.graph", MNIST)]);
    let (code, out, _) = test(&folder, &[]);
    assert_eq!(code, 0, "{out}");
    let line = out.lines().nth(1).unwrap();
    assert!(line.starts_with("skip  "), "{out}");
    assert!(line.ends_with("mnist.graph  no data file \"t10k.gz\": looked in ."), "{out}");
    assert!(out.contains("2 files: 1 passed, 1 skipped  "), "{out}");

    let (code, out, _) = test(&folder, &["--no-skip"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("2 files: 1 passed, 1 refused  "), "{out}");
    assert!(out.contains("\"t10k.gz\" was not found"), "{out}");

    let (_, out, _) = test(&folder, &["--data", "elsewhere"]);
    assert!(out.contains("looked in . and elsewhere"), "{out}");
    let (code, out, _) = test(&folder, &["--quiet"]);
    assert_eq!((code, out.lines().count()), (0, 1), "{out}");
}

#[test]
fn every_kind_of_data_file_may_be_missing() {
    let calls = ["csv(\"a\")", "idx(\"a\")", "npy(\"a\")", "npz(\"a\", \"k\")", "safetensors(\"a\", \"k\")"];
    for call in calls {
        let text = format!("const a = {call}\ninput x = 1\ny = x * sum(a)\n");
        let (code, out, _) = test(&folder(&[("a.graph", &text)]), &[]);
        assert_eq!(code, 0, "{out}");
        assert!(out.contains("1 file: 0 passed, 1 skipped"), "{out}");
    }
    let expectation = format!("{APPLE}expect price = npz(\"gone.npz\", \"price\")\n");
    assert!(test(&folder(&[("a.graph", &expectation)]), &[]).1.contains("1 skipped"));
    let several = "const a = npy(\"a\")\nconst b = npy(\"b\")\ninput x = 1\ny = x * (a + b)\n";
    let (_, out, _) = test(&folder(&[("a.graph", several)]), &[]);
    assert!(out.contains("no data file \"a\": looked in . (and 1 more)"), "{out}");
}

#[test]
fn what_else_is_wrong_still_fails() {
    let folder = folder(&[
        ("name.graph", &MNIST.replace("sum(x)", "sum(z)")),
        ("op.graph", &MNIST.replace("sum(x)", "summ(x)")),
        ("outside.graph", "const a = npy(\"/a.npy\")\ninput x = 1\ny = x * a\n"),
        ("parameter.graph", "const a = csv(\"a\", delimiter = \"--\")\ninput x = 1\ny = x * sum(a)\n"),
        ("short.graph", "const a = npy(\"short.npy\")\ninput x = 1\ny = x * a\n"),
        ("use.graph", "use \"gone.graph\"\ninput x = 1\ny = x * 2\n"),
        ("short.npy", "x"),
    ]);
    let (code, out, _) = test(&folder, &[]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("6 files: 0 passed, 6 refused"), "{out}");
}

#[test]
fn a_refusal_that_is_expected_is_no_skip() {
    let folder = folder(&[
        ("right.graph", "const a = npy(\"a.npy\")\ninput x = 1\ny = x * a\nexpect error \"was not found\"\n"),
        ("wrong.graph", "const a = npy(\"a.npy\")\ninput x = 1\ny = x * a\nexpect error \"is cut short\"\n"),
    ]);
    let (code, out, _) = test(&folder, &[]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("2 files: 1 passed, 1 refused"), "{out}");
}

#[test]
fn a_skip_neither_stops_a_run_nor_is_remembered() {
    let folder =
        folder(&[("a.graph", MNIST), ("b.graph", &format!("{APPLE}expect price = 3\n")), ("c.graph", APPLE)]);
    let (_, out, _) = test(&folder, &["--fail-fast", "--jobs", "1"]);
    assert!(out.contains("1 failed, 1 not run") && out.contains("1 skipped"), "{out}");
    assert_eq!(test(&folder, &[]).0, 1);
    assert_eq!(test(&folder, &["--failed", "--list"]).1.lines().collect::<Vec<_>>(), ["b.graph"]);
}

#[test]
fn programs_are_told_of_skips() {
    let folder = folder(&[("a.graph", APPLE), ("b.graph", MNIST)]);
    let (code, out, _) = test(&folder, &["--format", "json"]);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(code, 0);
    assert_eq!((&lines[1]["outcome"], &lines[1]["failures"]), (&"skipped".into(), &serde_json::json!([])));
    assert_eq!(lines[1]["reason"], "no data file \"t10k.gz\": looked in .");
    assert_eq!(
        (&lines[2]["files"], &lines[2]["passed"], &lines[2]["skipped"]),
        (&2.into(), &1.into(), &1.into())
    );

    let (_, out, _) = test(&folder, &["--format", "junit"]);
    let read = quick_junit::Report::deserialize_from_str(&out).expect("the report is JUnit");
    let suite = &read.test_suites[0];
    assert_eq!((suite.tests, suite.failures), (2, 0), "{out}");
    assert!(out.contains("skipped=\"1\""), "{out}");
    assert!(out.contains("<skipped message=\"no data file &quot;t10k.gz&quot;: looked in .\""), "{out}");

    let summary = folder.path().join("summary.md");
    let output = command(folder.path(), &["--format", "github"])
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap();
    assert!(output.status.success() && !String::from_utf8_lossy(&output.stdout).contains("::error"));
    let summary = fs::read_to_string(summary).unwrap();
    assert!(summary.contains("2 files: 1 passed, 1 skipped in "), "{summary}");
    assert!(summary.contains("| b.graph | skipped |  | no data file"), "{summary}");
}

#[test]
fn what_is_not_there_is_refused() {
    let folder = folder(&[("a.graph", APPLE)]);
    for (paths, named) in [(&["nosuchdir"][..], "nosuchdir"), (&["a.graph", "b.graph"], "b.graph")] {
        let (code, out, said) = test(&folder, paths);
        assert_eq!((code, out.as_str()), (2, ""), "{said}");
        assert!(said.contains(&format!("error: cannot test {named}: no such file or directory")), "{said}");
    }
}

#[test]
fn this_projects_examples_pass_without_data_that_is_not_in_it() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = command(root, &["graphs", "--no-check"])
        .env("XDG_CACHE_HOME", tempfile::tempdir().unwrap().path())
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(
        out.contains("two_layer_mnist.graph  no data file \"t10k-images-idx3-ubyte.gz\": looked in graphs"),
        "{out}"
    );
}
