//! `expect grad(W) = dW`: expectations by formulas over the file's own values.

use crate::common::folder::{folder, test};
use graphrun::{Spelling, read};
use std::{fs, process::Command};

const LAYER: &str = "param W = [[1, 2], [3, 4]]\nparam b = [1, 2]\nconst x: float = [[1, 1], [2, 3]]\n\
    y = affine(x, W, b)\nloss = sum(square(y))\n";

#[test]
fn formulas_pass_and_fail() {
    let toml = "[params]\nW = [1.0, 2.0]\n[nodes]\nloss = \"sum(W * W)\"\ndW = \"2 * W\"\n[expect]\nloss = \"W @ W\"\n\
        [expect.grad]\nW = { value = \"dW\", within = 1e-12 }\n";
    let folder = folder(&[
        (
            "good.graph",
            &format!(
                "{LAYER}dy = 2 * y\ndW = transpose(x) @ dy\nexpect grad(W) = dW\nexpect grad(b) = sum(dy, axis = 0)\n\
                 expect y = x @ W + b\nexpect loss.square1 = y ** 2\nexpect grad(loss.square1) = y * 0 + 1\n"
            ),
        ),
        ("good.toml", toml),
        (
            "block.graph",
            &format!("block sq(x) {{\n    y = x * x\n    output y\n}}\n{LAYER}expect loss = sum(sq(y))\n"),
        ),
        ("bad.graph", &format!("{LAYER}dW = transpose(x) @ y * [[2, 3], [2, 2]]\nexpect grad(W) = dW\n")),
        ("shape.graph", &format!("{LAYER}expect grad(W) = sum(W)\n")),
        ("name.graph", &format!("{LAYER}expect grad(W) = dWW + nope(y)\nexpect loss = x @ y @ b @ b\n")),
        (
            "dims.graph",
            "input x: [n] = [1, 2]\ny = sum(x) / n\nexpect y = sum(x) / n\nexpect grad(x) = x * 0 + 1 / n\n",
        ),
    ]);
    let (code, out, _) = test(&folder, &[]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("7 files: 4 passed, 1 refused, 2 failed"), "{out}");
    assert!(
        out.contains("bad.graph:7  grad(W)[0, 1]\n    wanted      132 by `dW`\n    got         88\n"),
        "{out}"
    );
    assert!(out.contains("shape(grad(W)): wanted [], got [2, 2]"), "{out}");
    assert!(out.contains("unknown name `dWW`"), "{out}");
    let (_, out, _) = test(&folder, &["--audit", "--filter", "good.graph"]);
    assert!(out.contains("good.graph:8 grad(W) = dW"), "{out}");
}

#[test]
fn what_is_only_compared_with_is_no_output() {
    let output = |text: &str| {
        let graph = read(text, Spelling::Graph).unwrap();
        graph.outputs.iter().map(|&id| graph.value(id).name.to_string()).collect::<Vec<_>>()
    };
    let formula = "dW = 2 * W\n";
    let net = "param W = [1, 2]\nloss = sum(W * W)\n";
    assert_eq!(output(&format!("{net}{formula}expect grad(W) = dW\n")), ["loss"]);
    assert_eq!(output(&format!("{net}{formula}expect grad(W) = dW * 1\nexpect loss = 5\n")), ["loss"]);
    let refusal = read(&format!("{net}{formula}"), Spelling::Graph).unwrap_err();
    assert!(refusal.0[0].message.contains("2 nodes could be the output"));
    // Where nothing else is left, it is the output all the same.
    assert_eq!(output("param W = [1, 2]\nloss = sum(W * W)\nexpect loss = loss\n"), ["loss"]);
    // Nothing is added to the graph itself.
    let plain = read(net, Spelling::Graph).unwrap();
    let expecting = read(&format!("{net}expect grad(W) = 2 * W + 0\n"), Spelling::Graph).unwrap();
    assert_eq!((plain.nodes.len(), plain.values.len()), (expecting.nodes.len(), expecting.values.len()));
}

#[test]
fn formulas_survive_both_spellings_and_the_flat_file() {
    let text = format!(
        "block sq(x) {{\n    y = x * x\n    output y\n}}\n{LAYER}h = y -> relu -> tanh\nscores = sum(h)\noutput loss\n\
         expect loss = sum(sq(h.relu1 * 0 + y))\nexpect grad(b) = sum(2 * y, axis = 0) within 1e-7\n"
    );
    let folder = folder(&[("a.graph", &text)]);
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_graphrun"));
        let output = command.args(arguments).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("b.toml", &run(&["convert", "a.graph"]));
    write("c.graph", &run(&["convert", "b.toml"]));
    write("d.graph", &run(&["expand", "a.graph"]));
    write("e.toml", &run(&["expand", "a.graph", "--to", "toml"]));
    assert!(run(&["convert", "b.toml"]).contains("expect grad(b) = sum(2 * y, axis = 0) within 1e-7"));
    let (code, out, said) = test(&folder, &[]);
    assert_eq!(code, 0, "{out}{said}");
    assert!(out.contains("5 files: 5 passed"), "{out}");
}

#[test]
fn a_formula_is_counted_before_it_is_made() {
    let blocks = (1..40).fold("block f0(x) {\n y = x * 2\n output y\n}\n".to_string(), |text, at| {
        format!("{text}block f{at}(x) {{\n y = f{before}(f{before}(x))\n output y\n}}\n", before = at - 1)
    });
    let folder = folder(&[
        ("bomb.graph", &format!("{blocks}input x = 1\ny = x * 2\nexpect y = f39(x)\n")),
        (
            "large.graph",
            "input x: [30000] = ones()\ny = sum(x)\nexpect y = sum(x[0:1] * 1 @ reshape(x, shape = [1, 30000]) * reshape(x, shape = [30000, 1]))\n",
        ),
    ]);
    let (code, out, _) = test(&folder, &["--timeout", "60", "--limit", "elements=1000000"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("2 refused"), "{out}");
    assert!(out.contains("too many nodes") && out.contains("too large"), "{out}");
}
