//! What a run is asked for beside its file: another output, an upstream gradient, arrays as a file.

use crate::common::folder::folder;
use std::{
    path::Path,
    process::{Command, Stdio},
};

const NET: &str = "seed 3\ninput x: [batch, 3] = randn(shape = [2, 3])\nconst t: int[2]\n\
                   param unused: [4] = randn()\nparam W: [3, 2] = randn()\nparam b: [2] = [0.5, -1]\n\
                   scores = affine(x, W, b)\npredict = softmax(scores)\nloss = softmax_loss(scores, t)\n\
                   penalty = sum(unused * unused)\noutput loss\n";

/// The exit code, standard output and standard error.
fn graphrun(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_graphrun"));
    let output = command.args(arguments).current_dir(folder).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let (code, out, said) = graphrun(folder, &[arguments, &["--format", "json"]].concat());
    assert_eq!(code, 0, "{said}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn an_output_runs_what_it_needs_and_nothing_else() {
    let folder = folder(&[("net.graph", NET)]);
    let whole = json(folder.path(), &["net.graph", "--set", "t=[0, 1]"]);
    let part = json(folder.path(), &["net.graph", "--output", "predict"]);
    let values = part["values"].as_object().unwrap();
    // `unused` is drawn between others, and is there for the sake of what is drawn next.
    assert_eq!(values.keys().collect::<Vec<_>>(), ["x", "unused", "W", "b", "scores", "predict"]);
    for (name, value) in values {
        assert_eq!(*value, whole["values"][name], "{name}");
    }
    let (code, _, said) = graphrun(folder.path(), &["net.graph"]);
    assert_eq!(code, 2);
    assert!(said.contains("`t` has no value"), "{said}");
    for (arguments, name) in [(["--wrt", "t"], "t"), (["--upstream", "loss=2"], "loss")] {
        let arguments = [&["net.graph", "--output", "predict", "-b"], &arguments[..]].concat();
        let (code, _, said) = graphrun(folder.path(), &arguments);
        assert_eq!(code, 2);
        assert!(said.contains(&format!("`{name}` takes no part in `predict`")), "{said}");
    }
    // What takes no part may be set all the same.
    json(folder.path(), &["net.graph", "--output", "predict", "--set", "t=[1, 1]"]);
}

#[test]
fn a_block_that_draws_is_drawn_though_nothing_needs_it() {
    let text = "block noisy(x: [n]) {\n param w: [n] = randn()\n y = x * w\n output y\n}\n\
                input x = [1, 2]\na = noisy(x)\nb = noisy(x)\noutput a, b\n";
    let folder = folder(&[("n.graph", text)]);
    let (whole, part) =
        (json(folder.path(), &["n.graph"]), json(folder.path(), &["n.graph", "--output", "b"]));
    assert_eq!(part["values"]["b"], whole["values"]["b"]);
}

#[test]
fn an_upstream_gradient_is_that_of_a_weighted_sum() {
    let given = "[[1, -2], [0, 0.25]]";
    let weighted = NET.replace("output loss", &format!("w = sum(scores * {given})\noutput w"));
    let folder = folder(&[("net.graph", NET), ("weighted.graph", &weighted)]);
    let upstream = format!("scores={given}");
    let arguments = ["net.graph", "--output", "scores", "--upstream", &upstream, "--check"];
    let ours = json(folder.path(), &arguments);
    let theirs = json(folder.path(), &["weighted.graph", "--set", "t=[0, 1]", "-b"]);
    assert_eq!(ours["gradients"]["scores"], serde_json::json!([[1, -2], [0, 0.25]]));
    for name in ["x", "W", "b"] {
        assert_eq!(ours["gradients"][name], theirs["gradients"][name], "{name}");
    }
    assert_eq!(ours["compare"]["output"], theirs["values"]["w"]);
    assert_eq!(
        (&ours["compare"]["verdict"], &ours["compare"]["tensors"][0]["measured"]),
        (&"ok".into(), &6.into())
    );
    // An upstream of 0 is a gradient of 0.
    let zero =
        json(folder.path(), &["net.graph", "--output", "scores", "--upstream", "scores=zeros()", "--check"]);
    assert_eq!(zero["compare"]["tensors"][0]["zero"], 6);
    let refused = |arguments: &[&str]| {
        let (code, _, said) = graphrun(folder.path(), &[&["net.graph", "-b"], arguments].concat());
        assert_eq!(code, 2, "{said}");
        said
    };
    assert!(refused(&["--output", "scores", "--upstream", "scores=[1, 2]"]).contains("has shape [2]"));
    assert!(refused(&["--output", "scores", "--upstream", "scores=full(nan)"]).contains("is finite"));
    assert!(refused(&["--output", "scores", "--upstream", "scores"]).contains("expected NAME=EXPR"));
    let other = refused(&["--output", "predict", "--upstream", "scores=ones()"]);
    assert!(other.contains("backward does not start at `scores`"), "{other}");
}

#[test]
fn what_is_saved_reads_back_to_the_same_bits() {
    let folder = folder(&[("net.graph", NET)]);
    let call = ["net.graph", "--set", "t=[0, 1]"];
    for (file, initializer) in [("out.npz", "npz"), ("out.safetensors", "safetensors")] {
        let ran = json(folder.path(), &[&call[..], &["--check", "--save", file]].concat());
        let leaf = |at: usize, key: &str| format!("input a{at} = {initializer}(\"{file}\", \"{key}\")\n");
        let keys = ["W", "scores", "loss", "grad(W)", "grad(scores)", "measured(W)"];
        let leaves: String = keys.iter().enumerate().map(|(at, key)| leaf(at, key)).collect();
        let labels = format!("const t: int[2] = {initializer}(\"{file}\", \"t\")\n");
        let sum = "s = sum(a0) + sum(a1) + sum(a2) + sum(a3) + sum(a4) + sum(a5)\noutput s\n";
        std::fs::write(folder.path().join("back.graph"), leaves + &labels + sum).unwrap();
        let back = json(folder.path(), &["back.graph"]);
        let values = &back["values"];
        assert_eq!(values["a0"], ran["values"]["W"]);
        assert_eq!(values["a1"], ran["values"]["scores"]);
        assert_eq!(values["a2"], ran["values"]["loss"]);
        assert_eq!(values["a3"], ran["gradients"]["W"]);
        assert_eq!(values["a4"], ran["gradients"]["scores"]);
        assert_eq!(values["t"], serde_json::json!([0, 1]));
        let measured = values["a5"][0][0].as_f64().unwrap() - ran["gradients"]["W"][0][0].as_f64().unwrap();
        assert!(measured.abs() < 1e-9, "{measured}");
        // Twice the same bytes.
        let first = std::fs::read(folder.path().join(file)).unwrap();
        json(folder.path(), &[&call[..], &["--check", "--save", file]].concat());
        assert_eq!(std::fs::read(folder.path().join(file)).unwrap(), first);
    }
}

#[test]
fn arrays_are_saved_in_the_type_of_the_run() {
    let folder = folder(&[("a.graph", "input x = [0.1, 2]\ny = sum(x)\n")]);
    let size = |arguments: &[&str]| {
        json(folder.path(), &[&["a.graph", "--save", "a.safetensors"], arguments].concat());
        std::fs::read(folder.path().join("a.safetensors")).unwrap().ends_with(&2.1f32.to_le_bytes())
    };
    assert!(size(&["--dtype", "f32"]));
    assert!(!size(&[]));
    let (code, _, said) = graphrun(folder.path(), &["a.graph", "--save", "a.csv"]);
    assert_eq!(code, 2);
    assert!(said.contains("ends in `.npz` or `.safetensors`"), "{said}");
    let (code, _, said) = graphrun(folder.path(), &["a.graph", "a.graph", "--save", "a.npz"]);
    assert_eq!(code, 2);
    assert!(said.contains("one graph file"), "{said}");
    let (code, _, said) = graphrun(folder.path(), &["a.graph", "--quick", "--save", "a.npz"]);
    assert_eq!(code, 0);
    assert!(said.contains("no numerical gradients"), "{said}");
}

#[test]
fn what_is_measured_on_a_kink_is_no_number() {
    let folder = folder(&[("k.graph", "input x = [0, 2]\ninput z = 0\ny = sum(relu(x)) + relu(z)\n")]);
    let (code, _, said) = graphrun(folder.path(), &["k.graph", "--check", "--save", "k.npz"]);
    assert_eq!((code, said.as_str()), (0, ""));
    let back = "input a = npz(\"k.npz\", \"measured(x)\")\ninput b = npz(\"k.npz\", \"measured(z)\")\ny = sum(a) + b\n";
    std::fs::write(folder.path().join("back.graph"), back).unwrap();
    let values = &json(folder.path(), &["back.graph"])["values"];
    assert_eq!((&values["a"][0], &values["b"]), (&"nan".into(), &"nan".into()));
    assert!((values["a"][1].as_f64().unwrap() - 1.0).abs() < 1e-9);
}

#[test]
fn results_are_whole_though_they_cannot_be_saved() {
    let folder = folder(&[("a.graph", "input x = [0.1, 2]\ny = sum(x)\n"), ("file", "")]);
    let arguments = ["a.graph", "--format", "json", "--save", "file/a.npz"];
    let (code, out, said) = graphrun(folder.path(), &arguments);
    assert_eq!(code, 2, "{said}");
    assert!(out.ends_with("}\n") && said.contains("cannot be written"), "{out}{said}");
}
