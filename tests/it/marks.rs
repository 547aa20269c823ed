//! What a file says of itself as a test: tags, `skip`, `xfail`, the tolerance of all expectations; and what
//! a run says at its end.

use crate::common::folder::{APPLE, folder, test};
use std::{fs, process::Command};

#[test]
fn files_are_chosen_by_their_tags() {
    let folder = folder(&[
        ("a.graph", &format!("tags slow, gpu-only\n{APPLE}")),
        ("b.toml", "tags = [\"slow\", \"mnist\"]\n[inputs]\nx = 1\n[nodes]\ny = \"x * 2\"\n"),
        ("c.graph", APPLE),
        ("d.toml", "tags = \"mnist\"\n[inputs]\nx = 1\n[nodes]\ny = \"x * 2\"\n"),
        ("e.graph", "tags slow\nthis is broken\n"),
    ]);
    let listed = |arguments: &[&str]| {
        let (code, out, said) = test(&folder, &[arguments, &["--list"]].concat());
        assert_eq!(code, 0, "{said}");
        out.lines().map(|name| name.split('.').next().unwrap().to_string()).collect::<String>()
    };
    assert_eq!(listed(&["--tag", "slow"]), "abe");
    assert_eq!(listed(&["--tag", "!slow"]), "cd");
    assert_eq!(listed(&["--tag", "slow,mnist"]), "abde");
    assert_eq!(listed(&["--tag", "slow", "--tag", "!mnist"]), "ae");
    assert_eq!(listed(&["--tag", "gpu-only"]), "a");
    let (code, _, said) = test(&folder, &["--tag", "slwo"]);
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("the tags of its files are gpu-only, mnist, slow"), "{said}");
    let (_, out, _) = test(&folder, &["--tag", "mnist"]);
    assert!(out.contains("2 files: 2 passed"), "{out}");
}

#[test]
fn a_file_can_skip_itself_or_be_expected_to_fail() {
    let toml = "[inputs]\nx = 3\n[nodes]\ny = \"x * x\"\n[expect]\ny = 10\n";
    let folder = folder(&[
        ("skip.graph", "skip \"not yet\"\ninput x = 1\ny = nope\n"),
        ("skip.toml", &format!("skip = \"not yet\"\n{toml}")),
        ("xfail.graph", "xfail \"half right\"\ninput x = 3\ny = x * x\nexpect y = 10\n"),
        ("xfail.toml", &format!("xfail = \"half right\"\n{toml}")),
        ("refused.graph", "xfail \"no such op yet\"\ninput x = 3\ny = relluu(x)\n"),
        ("undecided.graph", "xfail \"log of it\"\ninput x = -1\ny = log(x)\n"),
    ]);
    let (code, out, _) = test(&folder, &[]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("6 files: 0 passed, 2 skipped, 4 xfailed"), "{out}");
    let line = |name: &str| out.lines().find(|line| line.contains(name)).unwrap();
    assert!(
        line("skip.toml").starts_with("skip ") && line("skip.toml").ends_with("skip.toml  not yet"),
        "{out}"
    );
    assert!(
        line("xfail.graph").starts_with("xfail ") && line("xfail.graph").ends_with("  half right"),
        "{out}"
    );

    let (code, out, _) = test(&folder, &["--no-skip"]);
    assert_eq!(code, 1);
    assert!(out.contains("1 refused, 1 failed") && out.contains("4 xfailed"), "{out}");

    fs::write(
        folder.path().join("xfail.graph"),
        "input x = 3\ny = x * x\nxfail \"half right\"\nexpect y = 9\n",
    )
    .unwrap();
    let (code, out, _) = test(&folder, &[]);
    assert_eq!(code, 1);
    assert!(out.contains("xfail.graph:3  expected to fail (half right), and passes"), "{out}");
    // A file that is late is late, whatever it says.
    let slow = "param W: [700, 700] = randn()\nparam V: [700, 700] = randn()\ny = sum(tanh(W @ V))\n";
    fs::write(folder.path().join("xfail.graph"), format!("xfail \"slow\"\n{slow}")).unwrap();
    assert!(test(&folder, &["--filter", "xfail.graph", "--timeout", "0.2"]).1.contains("1 failed"));
}

#[test]
fn nodes_may_bear_the_words() {
    let text = "input x = [1, 2]\nskip = x * 2\ntags = skip + 1\nxfail = sum(tags)\nexpect xfail = 8\nxfail \"no\"\ntags one\n";
    let block = "block f(x) {\n    skip = x * 2\n    tags = skip + x\n    output tags\n}\ninput x = 1\ny = f(x)\nexpect y = 3\n";
    let folder = folder(&[("a.graph", text), ("b.graph", block)]);
    let (code, out, _) = test(&folder, &[]);
    assert_eq!(code, 1, "{out}");
    assert!(
        out.contains("a.graph:6  expected to fail (no), and passes") && out.contains("1 passed"),
        "{out}"
    );
}

#[test]
fn slips_in_these_statements_are_told() {
    let cases = [
        ("skip\n", "expected a text in `\"`"),
        ("skip \"a\"\nskip \"b\"\n", "`skip` is given twice"),
        ("xfail a\n", "expected a text in `\"`"),
        ("tags\n", "expected a tag"),
        ("tags \"slow\"\n", "expected"),
        ("tag slow\n", "did you mean `tags`?"),
        ("within\n", "expected a number"),
        ("within 1\nwithin 2\n", "the tolerance is given twice"),
        ("block f(x) {\n    skip \"a\"\n    y = x * 2\n    output y\n}\n", "`skip` inside of a block"),
    ];
    for (text, words) in cases {
        let folder = folder(&[("a.graph", &format!("{text}{APPLE}"))]);
        let (code, out, _) = test(&folder, &["--no-skip"]);
        assert!(code == 1 && out.contains(words), "{text}: {out}");
    }
    let tomls = [
        ("tags = [\"a b\"]\n", "`a b` is not a tag"),
        ("skip = true\n", "`skip` must be a string"),
        ("within = -1\n", "`within` must not be negative"),
        ("tag = \"x\"\n", "did you mean `tags`?"),
    ];
    for (text, words) in tomls {
        let folder = folder(&[("a.toml", &format!("{text}[inputs]\nx = 1\n[nodes]\ny = \"x * 2\"\n"))]);
        let (code, out, _) = test(&folder, &[]);
        assert!(code == 1 && out.contains(words), "{text}: {out}");
    }
}

#[test]
fn a_file_has_one_tolerance_for_all_that_give_none() {
    let folder = folder(&[
        ("a.graph", &format!("within 0.1\n{APPLE}expect price = 112\nexpect grad(tax) = 101 within 1e-9\n")),
        ("b.toml", "within = 0.1\n[inputs]\nx = 3\n[nodes]\ny = \"x * x\"\n[expect]\ny = 9.5\n"),
    ]);
    let (_, out, _) = test(&folder, &[]);
    assert!(out.contains("2 files: 1 passed, 1 failed"), "{out}");
    assert!(out.contains("grad(tax)\n    wanted      101") && !out.contains("wanted      112"), "{out}");
}

#[test]
fn the_end_names_what_is_bad_and_what_was_slow() {
    let folder = folder(&[
        ("a.graph", &format!("{APPLE}expect price = 3\n")),
        ("b.graph", "y = = 2\n"),
        ("c.graph", APPLE),
    ]);
    let (_, out, _) = test(&folder, &["--durations", "2"]);
    let end: Vec<&str> = out.lines().rev().take(8).collect();
    assert!(end[0].starts_with("3 files: 1 passed, 1 refused, 1 failed"), "{out}");
    assert_eq!((end[1], end[2], end[3], end[4]), ("", "REFUSED  b.graph", "FAIL     a.graph", ""), "{out}");
    assert!(end[5].ends_with(".graph") && end[6].ends_with(".graph") && end[7] == "slowest", "{out}");
    let (_, out, _) = test(&folder, &["--filter", "a.graph"]);
    assert_eq!(out.matches("FAIL").count(), 2, "{out}");
    assert!(!out.contains("slowest"));
    let (_, out, _) = test(&folder, &["--durations", "2", "--format", "json"]);
    let summary: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(summary["slowest"].as_array().unwrap().len(), 2);
}

/// What pre-commit calls, with the names of changed files behind it.
fn hook(folder: &std::path::Path, files: &[&str]) -> (i32, String) {
    let hooks = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml")).unwrap();
    let entry = hooks.lines().find_map(|line| line.trim().strip_prefix("entry: graphrun ")).unwrap();
    let pattern = hooks.lines().find_map(|line| line.trim().strip_prefix("files: ")).unwrap();
    assert_eq!(pattern, r"\.(graph|toml)$", "this test passes the files that the hook does");
    let passed = files.iter().filter(|name| name.ends_with(".graph") || name.ends_with(".toml"));
    let output = Command::new(env!("CARGO_BIN_EXE_graphrun"))
        .args(entry.split(' '))
        .args(passed)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder.join(".cache"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout) + &text(output.stderr))
}

#[test]
fn the_hook_tests_graphs_of_both_spellings_and_passes_over_all_else() {
    let bad = "[inputs]\nx = 3\n[nodes]\ny = \"x * x\"\n[expect]\ny = 10\n";
    let folder = folder(&[
        ("Cargo.toml", "[package]\nname = \"x\"\n"),
        ("graphrun.toml", "exclude = \"drafts/*\"\ntags = \"!slow\"\n"),
        ("drafts/a.graph", "nonsense"),
        (".hidden/a.graph", "nonsense"),
        ("slow.graph", "tags slow\nnonsense\n"),
        ("README.md", "nothing"),
        ("good.graph", APPLE),
        ("bad.toml", bad),
    ]);
    let none =
        ["Cargo.toml", "README.md", "graphrun.toml", "drafts/a.graph", ".hidden/a.graph", "slow.graph"];
    assert_eq!(hook(folder.path(), &none), (0, String::new()));
    let (code, said) = hook(folder.path(), &["Cargo.toml", "good.graph"]);
    assert!(code == 0 && said.contains("1 file: 1 passed"), "{said}");
    let whole = folder.path().join("good.graph");
    let (code, said) = hook(folder.path(), &[whole.to_str().unwrap(), "./good.graph"]);
    assert!(code == 0 && said.contains("1 file: 1 passed"), "{said}");
    let (code, said) = hook(folder.path(), &["Cargo.toml", "good.graph", "bad.toml"]);
    assert!(code == 1 && said.contains("FAIL  bad.toml") && said.contains("1 passed, 1 failed"), "{said}");
}
