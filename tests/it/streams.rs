//! Standard input, seeds, colour and JSON of several files, from outside.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

fn graphrun(arguments: &[&str], stdin: &str, no_color: bool) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_graphrun"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("NO_COLOR");
    if no_color {
        command.env("NO_COLOR", "1");
    }
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn standard_input_needs_a_spelling() {
    let graph = "input x = 3\ny = x * x\n";
    let output = graphrun(&["-", "--spelling", "graph", "--backward"], graph, false);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains(" x     input  []     3      6"), "{}", text(&output.stdout));
    let refused = graphrun(&["-"], graph, false);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("--spelling"));
}

#[test]
fn a_seed_changes_the_draws_and_only_them() {
    let draws = |seed: &[&str]| {
        let arguments = [&["-", "--spelling", "graph", "--format", "json"], seed].concat();
        graphrun(&arguments, "seed 1\nparam W: [3] = randn()\ny = sum(W)\n", false).stdout
    };
    assert_eq!(draws(&[]), draws(&["--seed", "1"]));
    assert_ne!(draws(&[]), draws(&["--seed", "2"]));
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let painted = |arguments: &[&str], no_color| {
        let output = graphrun(&[&["graphs/relu.graph"], arguments].concat(), "", no_color);
        output.stdout.contains(&0x1b)
    };
    assert!(!painted(&[], false), "a pipe is no terminal");
    assert!(painted(&["--color", "always"], false));
    assert!(!painted(&["--color", "never"], false) && !painted(&[], true));
}

#[test]
fn json_is_one_value_whatever_the_number_of_files() {
    let files = ["graphs/relu.graph", "tests/refusals/files/cycle.graph", "graphs/buy_apple.toml"];
    let output = graphrun(&[&files[..], &["--format", "json"]].concat(), "", false);
    assert_eq!(output.status.code(), Some(2));
    let all: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 3);
    assert!(all[1]["errors"][0]["message"].as_str().unwrap().contains("cycle"));
    assert_eq!(all[2]["values"]["price"], 220.00000000000003);
}

#[test]
fn values_set_from_outside_need_not_fit_the_files_expectations() {
    let output = graphrun(&["graphs/relu.graph", "--set", "x=[0, 1]", "--check"], "", false);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = graphrun(&["completions", shell], "", false);
        assert!(output.status.success() && text(&output.stdout).contains("graphrun"), "{shell}");
    }
}

#[test]
fn an_empty_tensor_keeps_its_shape() {
    let graph = "input x: [2, 0] = zeros()\ninput z: [0, 3] = zeros()\ny = sum(x) + sum(z)\n";
    let output = graphrun(&["-", "--spelling", "graph", "--format", "json"], graph, false);
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["values"]["x"], serde_json::json!([[], []]));
    assert_eq!(object["values"]["z"], serde_json::json!([]));
}

#[test]
fn constants_alone_run_forward_and_not_backward() {
    let graph = "const x = [1, 2]\ny = sum(x)\n";
    let forward = graphrun(&["-", "--spelling", "graph"], graph, false);
    assert_eq!(forward.status.code(), Some(0));
    assert!(text(&forward.stdout).contains("sum    []     3"), "{}", text(&forward.stdout));
    let backward = graphrun(&["-", "--spelling", "graph", "--backward"], graph, false);
    assert_eq!(backward.status.code(), Some(2));
    assert!(text(&backward.stderr).contains("backward has nowhere to start"));
}
