//! What a reviewer cannot see in a file: characters that hide or turn its text, and names
//! that look like others.

use crate::common::folder::folder;
use std::{path::Path, process::Command};

/// What a call says on both streams.
fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_graphrun"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("CI")
        .env_remove("GITHUB_STEP_SUMMARY")
        .env("XDG_CACHE_HOME", folder.join(".cache"))
        .output()
        .unwrap();
    String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap()
}

/// What is said of a file alone, before its results.
fn remarks(folder: &Path, name: &str) -> String {
    let all = said(folder, &[name]);
    let results = all.find(&format!("{name}\n name ")).unwrap_or(all.len());
    all[..results].to_string()
}

#[test]
fn what_is_hidden_in_a_file_is_pointed_at() {
    let refused = |text: &str, name: &str| {
        let folder = folder(&[(name, text)]);
        remarks(folder.path(), name)
    };
    let turned = refused("input x = 1 # \u{202e}\ny = x * 2\n", "a.graph");
    assert!(turned.contains("error: this line holds U+202E") && turned.contains("a.graph:1:15"), "{turned}");
    let toml = refused("[inputs] # \u{2066}\nx = 1\n", "a.toml");
    assert!(toml.contains("error: this line holds U+2066") && toml.contains("a.toml:1:12"), "{toml}");
    let control = refused("input x = 1 # a\rb\ny = x * 2\n", "a.graph");
    assert!(control.contains("control character U+000D"), "{control}");
    let unseen = refused("input x = 1 # a\u{200b}\ny = x * 2\n", "a.graph");
    assert!(unseen.contains("warning: this line holds U+200B, which nobody sees"), "{unseen}");
    for quiet in
        ["input x = 1 # 👩\u{200d}👧 می\u{200c}خواهم\r\ny = x * 2\r\n", "\u{feff}input x = 1\ny = x\n"]
    {
        assert_eq!(refused(quiet, "a.graph"), "");
    }
}

#[test]
fn names_that_look_alike_are_warned_of() {
    let folder = folder(&[
        ("alike.graph", "input \u{430} = 1\ninput a = 2\ny = a * \u{430}\n"),
        ("mixed.graph", "input l\u{3bf}ss = 1\ny = l\u{3bf}ss * 2\n"),
        ("formula.graph", "input dθ = 1\ngrad_α = dθ * 2\nrelu出力 = grad_α * 2\nりんごx = relu出力\n"),
        ("unknown.graph", "input \u{430} = 1\ny = a * 2\n"),
    ]);
    let of = |name: &str| remarks(folder.path(), name);
    let alike = of("alike.graph");
    assert!(
        alike.contains("warning: `\u{430}` and `a` look alike") && alike.contains("U+0430 (Cyrillic)"),
        "{alike}"
    );
    assert!(alike.contains("alike.graph:2:7"), "{alike}");
    assert!(of("mixed.graph").contains("mixes letters of Latin and Greek"));
    assert_eq!(of("formula.graph"), "");
    assert!(of("unknown.graph").contains("looks the same and is another name"));
    let tested = said(folder.path(), &["test", "alike.graph", "--format", "github"]);
    assert!(tested.contains("::warning file=alike.graph,line=2,col=7,"), "{tested}");
}
