//! `graphrun test` from outside, on folders made for it.

use crate::common::folder::{APPLE, command, folder, test};
use std::{fs, process::Command};

#[test]
fn expectations_pass_and_fail_in_both_spellings() {
    let toml = "[inputs]\napple = 100\ntax = 1.1\n[nodes]\nprice = \"apple * tax\"\n";
    let folder = folder(&[
        (
            "good.graph",
            &format!("{APPLE}expect price = 110\nexpect grad(tax) = 100\nexpect shape(price) = []\n"),
        ),
        (
            "good.toml",
            &format!(
                "{toml}[expect]\nprice = 110\ncheck = \"ok\"\n[expect.grad]\ntax = 100\n[expect.shape]\nprice = []\n"
            ),
        ),
        ("wide.graph", &format!("{APPLE}expect price = 112 within 0.02\n")),
        ("value.graph", &format!("{APPLE}expect price = 112\n")),
        ("gradient.toml", &format!("{toml}[expect.grad]\ntax = {{ value = 101, within = 1e-3 }}\n")),
        ("shape.graph", &format!("{APPLE}expect shape(price) = [1]\n")),
        ("Cargo.toml", "[package]\nname = \"x\"\n[dependencies]\nserde = \"1\"\n"),
        (".hidden/bad.graph", "nonsense"),
        ("target/bad.graph", "nonsense"),
    ]);
    let (code, out, _) = test(&folder, &[]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("6 files: 3 passed, 3 failed"), "{out}");
    assert!(out.contains("value.graph:4  price\n    wanted      112\n"), "{out}");
    assert!(out.contains("it would pass `within 0.018`"), "{out}");
    assert!(out.contains("shape(price): wanted [1], got []"), "{out}");
    assert!(!out.contains("Cargo") && !out.contains("nonsense"), "{out}");
    let order: Vec<_> = out.lines().filter_map(|line| line.split(" s  ").nth(1)).take(6).collect();
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn what_a_tolerance_needs_is_enough() {
    let folder = folder(&[("a.graph", &format!("{APPLE}expect price = 112 within 0.018\n"))]);
    assert_eq!(test(&folder, &[]).0, 0);
}

#[test]
fn inner_nodes_errors_and_verdicts_can_be_expected() {
    let folder = folder(&[
        (
            "inner.graph",
            "input x = [1, -2]\ny = x -> relu -> sum\nexpect y.relu1 = [1, 0]\nexpect grad(y.relu1) = [1, 1]\n",
        ),
        ("nan.graph", "input x = [0, -1]\ny = sum(x)\nz = log(x)\noutput y\nexpect z = [-inf, nan]\n"),
        ("error.graph", "input x = 1\ny = rellu(x)\nexpect error \"unknown op\"\n"),
        ("other_error.graph", "input x = 1\ny = rellu(x)\nexpect error \"cycle\"\n"),
        ("no_error.graph", "input x = 1\ny = relu(x)\nexpect error \"unknown op\"\n"),
        ("kink.graph", "input x = [0, 1]\ny = sum(relu(x))\nexpect check = kink\n"),
        (
            "wrong.graph",
            "block f(x) {\n y = x * x\n output y\n backward x = upstream * x\n}\ninput x = 3\ny = f(x)\nexpect check = wrong\n",
        ),
        (
            "unexpected.graph",
            "block f(x) {\n y = x * x\n output y\n backward x = upstream * x\n}\ninput x = 3\ny = f(x)\n",
        ),
        ("typo.graph", "input x = 1\ny = x * 2\nexpect chekc = ok\nexpect yy = 2\nexpect check = okay\n"),
    ]);
    let (code, out, _) = test(&folder, &[]);
    assert_eq!(code, 1);
    assert!(out.contains("9 files: 5 passed, 2 refused, 2 failed"), "{out}");
    for line in
        ["ok", "FAIL", "REFUSED"].map(|word| out.lines().filter(|line| line.starts_with(word)).count())
    {
        assert!(line >= 4, "{out}");
    }
    assert!(out.contains("expected to be refused with \"unknown op\", and was not"), "{out}");
    assert!(out.contains("every entry is 1/2 times the true one"), "{out}");
    assert!(out.contains("unknown name `yy`") && out.contains("no verdict `okay`"), "{out}");
    assert_eq!(test(&folder, &["--no-check", "--filter", "unexpected"]).0, 0);
}

#[test]
fn a_folder_without_graphs_is_an_error_of_its_own() {
    let folder = folder(&[("readme.txt", "nothing")]);
    let (code, _, said) = test(&folder, &[]);
    assert_eq!(code, 4);
    assert!(said.contains("no graph file"), "{said}");
}

#[test]
fn files_are_chosen_and_remembered() {
    let folder = folder(&[
        ("a/one.graph", APPLE),
        ("a/two.graph", &format!("{APPLE}expect price = 3\n")),
        ("b/three.graph", APPLE),
    ]);
    let listed = |arguments: &[&str]| {
        let (code, out, _) = test(&folder, &[arguments, &["--list"]].concat());
        (code, out.lines().map(str::to_string).collect::<Vec<_>>())
    };
    assert_eq!(listed(&[]).1, ["a/one.graph", "a/two.graph", "b/three.graph"]);
    assert_eq!(listed(&["--filter", "a/*.graph"]).1.len(), 2);
    assert_eq!(listed(&["--exclude", "two"]).1, ["a/one.graph", "b/three.graph"]);
    let shards: Vec<String> =
        ["1/3", "2/3", "3/3"].iter().flat_map(|shard| listed(&["--shard", shard]).1).collect();
    let mut sorted = shards.clone();
    sorted.sort();
    assert_eq!(sorted, listed(&[]).1);
    assert_eq!(test(&folder, &[]).0, 1);
    assert_eq!(listed(&["--failed"]).1, ["a/two.graph"]);
    fs::write(folder.path().join("a/two.graph"), APPLE).unwrap();
    assert_eq!(test(&folder, &["--failed"]).0, 0);
    assert_eq!(test(&folder, &["--failed"]).0, 0, "nothing failed last time");
    assert_eq!(test(&folder, &["--shard", "4/3"]).0, 2);
}

#[test]
fn one_bad_file_does_not_take_the_others_along() {
    let slow = "param W: [700, 700] = randn()\nparam V: [700, 700] = randn()\ny = sum(tanh(W @ V))\n";
    let folder = folder(&[
        ("data.graph", "const a = npy(\"data.graph\")\ninput x = 1\ny = x * 2\n"),
        ("good.graph", APPLE),
        ("limits.graph", "param W: [100000, 100000] = zeros()\ny = sum(W)\n"),
        ("slow.graph", slow),
        ("zero.graph", ""),
    ]);
    fs::write(folder.path().join("binary.graph"), [0xff, 0, 1]).unwrap();
    let (code, out, _) = test(&folder, &["--timeout", "2"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("6 files: 1 passed, 4 refused, 1 failed"), "{out}");
    assert!(out.contains("timed out after 2 s"), "{out}");
    let (_, out, _) = test(&folder, &["--fail-fast", "--jobs", "1"]);
    assert!(out.contains(" not run"), "{out}");
    let (code, out, _) = test(&folder, &["--filter", "good", "--quiet"]);
    assert_eq!((code, out.lines().count()), (0, 1), "{out}");
}

#[cfg(unix)]
#[test]
fn formats_for_programs() {
    let folder = folder(&[
        ("a.graph", APPLE),
        ("b.graph", &format!("{APPLE}expect price = [1 <&>\n")),
        ("c.graph", &format!("{APPLE}expect price = 3\n")),
    ]);
    let (code, out, _) = test(&folder, &["--format", "json"]);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code, lines.len()), (1, 4));
    assert!(lines.iter().all(|line| line["version"] == 2));
    assert_eq!(lines[2]["failures"][0]["wanted"], 3);
    assert_eq!(lines[2]["failures"][0]["line"], 4);
    assert_eq!((&lines[3]["failed"], &lines[3]["passed"]), (&1.into(), &1.into()));
    assert_eq!(lines[3]["refused"], 1);

    let (_, out, _) = test(&folder, &["--junit", "report.xml"]);
    assert!(out.contains("3 files"));
    let report = fs::read_to_string(folder.path().join("report.xml")).unwrap();
    let read = quick_junit::Report::deserialize_from_str(&report).expect("the report is JUnit");
    let suite = &read.test_suites[0];
    assert_eq!((suite.tests, suite.failures, suite.errors, suite.test_cases.len()), (3, 1, 1, 3));
    assert!(suite.test_cases.iter().all(|case| case.time.is_some() && case.classname.is_some()));
    assert_eq!(test(&folder, &["--format", "junit"]).1.matches("<testcase").count(), 3);
    assert!(
        report.starts_with("<?xml") && report.contains("tests=\"3\"") && report.contains("failures=\"1\""),
        "{report}"
    );
    assert!(!report.contains("<&>"), "text is escaped");

    let summary = folder.path().join("summary.md");
    let output = command(folder.path(), &["--format", "github"])
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(
        out.contains("::error file=c.graph,line=4,col=1,title=graphrun FAIL::price: wanted 3, got 110"),
        "{out}"
    );
    assert!(fs::read_to_string(summary).unwrap().contains("| c.graph | failed | 4 |"));
}

#[test]
fn github_gets_ten_annotations_at_most() {
    let bad = format!("{APPLE}expect price = 3\n");
    let names: Vec<String> = (0..25).map(|index| format!("f{index:02}.graph")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), bad.as_str())).collect();
    let (_, out, _) = test(&folder(&files), &["--format", "github"]);
    assert_eq!(out.matches("::error").count(), 10);
    assert!(out.contains("16 more failures"), "{out}");
}

#[test]
fn the_audit_names_tolerances_that_are_too_wide() {
    let folder = folder(&[(
        "a.graph",
        &format!("{APPLE}expect price = 110.5 within 0.5\nexpect grad(tax) = 100 within 0.1\n"),
    )]);
    let (code, out, _) = test(&folder, &["--audit"]);
    assert_eq!(code, 0);
    assert!(out.contains("hides a relative error of 0.0045"), "{out}");
    assert!(out.contains("slack: `within 1e-15` would do"), "{out}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_at_once_with_what_is_known() {
    // The comparison of this net would take minutes.
    let long = "param W: [1500, 1500] = randn()\nparam V: [1500, 1500] = randn()\ny = sum(tanh(W @ V))\n";
    let folder = folder(&[("a.graph", APPLE), ("b.graph", long)]);
    let child =
        command(folder.path(), &["--jobs", "1"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(130), "{out}");
    assert!(out.contains("2 files: 1 passed, 1 not run"), "{out}");
}

#[test]
fn one_that_is_late_does_not_make_the_others_late() {
    let slow = "param W: [700, 700] = randn()\nparam V: [700, 700] = randn()\ny = sum(tanh(W @ V))\n";
    let folder = folder(&[
        ("a1.graph", slow),
        ("a2.graph", slow),
        ("a3.graph", slow),
        ("b1.graph", APPLE),
        ("b2.graph", APPLE),
    ]);
    let (_, out, _) = test(&folder, &["--timeout", "2", "--jobs", "2"]);
    assert!(out.contains("5 files: 2 passed, 3 failed"), "{out}");
}

#[test]
fn gradients_that_the_comparison_leaves_out_can_be_expected() {
    let text = "input a = 2\ninput b = 3\ny = a * b\ncheck { wrt = [a] }\nexpect grad(b) = ";
    let folder = folder(&[("right.graph", &format!("{text}2\n")), ("wrong.graph", &format!("{text}0\n"))]);
    let (_, out, _) = test(&folder, &[]);
    assert!(out.contains("FAIL  wrong.graph") && out.contains("1 passed, 1 failed"), "{out}");
}

#[test]
fn nothing_that_may_be_a_graph_is_passed_over() {
    let folder = folder(&[
        ("a.toml", "[params]\nW = [\n  [1, 2],\n  [3, 4],\n]\n[nodes]\ny = \"sum(W)\"\n[expect]\ny = 9\n"),
        ("b.toml", "[inputs]\nx = 1\n[node]\ny = \"x * 2\"\n"),
        ("c.graph", APPLE),
    ]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("gone.graph", folder.path().join("d.graph")).unwrap();
    let (code, out, _) = test(&folder, &[]);
    assert_eq!(code, 1, "{out}");
    for line in ["FAIL  a.toml", "REFUSED  b.toml", if cfg!(unix) { "REFUSED  d.graph" } else { "" }] {
        assert!(out.contains(line), "{out}");
    }
}

#[test]
fn a_part_into_which_no_file_falls_passes() {
    let folder = folder(&[("a.graph", APPLE)]);
    let codes: Vec<i32> = (1..=4).map(|part| test(&folder, &["--shard", &format!("{part}/4")]).0).collect();
    assert_eq!(codes, [0; 4]);
    assert_eq!(test(&folder, &["--shard", "1/4", "--filter", "nothing"]).0, 4);
}

#[test]
fn the_tolerance_that_is_printed_passes() {
    let text = "input x = 1.1\ny = x * 1\nexpect y = 1";
    let folder = folder(&[("a.graph", text)]);
    let (_, out, _) = test(&folder, &[]);
    let (_, after) = out.split_once("it would pass `").unwrap();
    let (within, _) = after.split_once('`').unwrap();
    fs::write(folder.path().join("a.graph"), format!("{text} {within}\n")).unwrap();
    assert_eq!(test(&folder, &[]).0, 0, "{within}");
}

#[test]
fn files_that_a_stop_left_out_are_still_known_to_fail() {
    let bad = format!("{APPLE}expect price = 3\n");
    let names: Vec<String> = (0..12).map(|index| format!("f{index:02}.graph")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), bad.as_str())).collect();
    let folder = folder(&files);
    assert_eq!(test(&folder, &[]).0, 1);
    for _ in 0..5 {
        assert_eq!(test(&folder, &["--fail-fast", "--jobs", "4"]).0, 1);
        assert_eq!(test(&folder, &["--failed", "--list"]).1.lines().count(), 12);
    }
}

#[test]
fn the_audit_lists_what_fails_and_speaks_json() {
    let folder =
        folder(&[("a.graph", &format!("{APPLE}expect price = 3\nexpect grad(tax) = 100 within 0.1\n"))]);
    let (_, out, _) = test(&folder, &["--audit"]);
    assert!(out.lines().any(|line| line.contains("a.graph:4 price") && line.contains("fails")), "{out}");
    let (_, out, _) = test(&folder, &["--audit", "--format", "json"]);
    let file: serde_json::Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    assert_eq!(file["expectations"][0]["name"], "grad(tax)");
    assert_eq!(file["expectations"][0]["within"], 0.1);
}
