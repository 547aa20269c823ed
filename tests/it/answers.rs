//! What first files and first command lines get wrong, and the answer.

use crate::common::folder::folder;
use graphrun::{Refusal, Spelling};
use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

/// The exit code, standard output and standard error of a call in a folder.
fn call(folder: &Path, arguments: &[&str], stdin: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_graphrun"));
    command.args(arguments).current_dir(folder).env("XDG_CACHE_HOME", folder.join(".cache"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// The one message of a text, and all advice.
fn answer(text: &str, spelling: Spelling) -> (String, Vec<String>) {
    let Refusal(faults) = graphrun::read(text, spelling).unwrap_err();
    assert_eq!(faults.len(), 1, "{text}: {faults:?}");
    (faults[0].message.clone(), faults[0].help.clone())
}

fn help(text: &str) -> String {
    answer(text, Spelling::Graph).1.join("\n")
}

const NORM: &str = "use \"std/norm\"
input x: [2, 3]  = [[1, 2, 4], [-1, 0.5, 3]]
param gamma: [3] = ones()
param beta: [3]  = zeros()
n = layer_norm(x, gamma, beta)
h = n.y * 2
";

#[test]
fn values_that_are_taken_by_name_are_shown() {
    let folder = folder(&[("ml.graph", NORM)]);
    let (code, out, _) = call(folder.path(), &["ml.graph", "--output", "n.y", "--backward"], "");
    assert_eq!(code, 0);
    for name in ["n.y", "n.mean", "n.rstd"] {
        assert!(out.contains(&format!(" {name} ")), "{out}");
    }
    assert!(!out.contains("n.x") && !out.contains("n.var"), "{out}");
    let (_, out, _) = call(folder.path(), &["ml.graph", "--format", "json", "--backward"], "");
    let object: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(object["values"]["n.rstd"].is_array() && object["gradients"]["n.y"].is_array(), "{out}");
    let runs = "block two(h, x) {\n a = h + x\n b = h * x\n output a, b\n}\ninput h = 1\ninput x = 2\nr = two(h, x)\n\
        y = r.a * r.b\n";
    let (_, out, _) = call(folder.path(), &["-", "--spelling", "graph"], runs);
    assert!(out.contains(" r.a ") && out.contains(" r.b "), "{out}");
    let (code, _, said) = call(folder.path(), &["show", "ml.graph", "--near", "n", "--to", "text"], "");
    assert_eq!(code, 2);
    assert!(said.contains("`--near n.y`") && said.contains("`--near n.mean`"), "{said}");
}

#[test]
fn a_dump_of_this_program_is_judged_by_it() {
    let text = "input x = [1, 2]\nparam W = [3, 0.1]\nh = x * W\nloss = sum(exp(h))\n";
    let folder = folder(&[("ml.graph", text)]);
    let (code, ..) = call(folder.path(), &["ml.graph", "--check", "--save", "m.safetensors"], "");
    assert_eq!(code, 0);
    let (code, out, said) = call(folder.path(), &["ml.graph", "--against", "m.safetensors"], "");
    assert_eq!(code, 0, "{out}{said}");
    assert!(out.contains("grad(W)") && !out.contains("measured"), "{out}");
}

#[test]
fn flags_that_say_nothing_together_are_refused() {
    let folder = folder(&[("a.graph", "input x = 3\ny = x * x\n")]);
    let refused = [
        (&["a.graph", "--against", "d.npz", "--save", "o.npz"][..], "cannot be used with"),
        (&["a.graph", "--against", "d.npz", "--backward"], "cannot be used with"),
        (&["a.graph", "--against", "d.npz", "--dtype", "f16"], "`--as f16`"),
        (&["a.graph", "--accumulate", "same"], "--against <DUMP>"),
        (&["export", "a.graph", "--to", "torch", "--batch", "rows"], "--main"),
        (&["test", "--list", "--format", "json"], "cannot be used with"),
        (&["test", "--list", "--junit", "o.xml"], "cannot be used with"),
        (&["test", "--jobs", "0"], "1..="),
        (&["show", "a.graph", "-o", "a.svg", "--to", "png"], "ends as a file of another format"),
        (&["a.graph", "--against", "nosuch"], "nosuch: no such file or folder"),
        (&["a.graph", "--against", "a.graph"], "is no dump of arrays"),
        (&["a.graph", "--wrt", "x,"], "`--wrt x,`: a name is missing"),
    ];
    for (arguments, words) in refused {
        let (code, out, said) = call(folder.path(), arguments, "");
        assert_eq!((code, &*out), (2, ""), "{arguments:?}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    assert!(!folder.path().join("a.svg").exists());
}

#[test]
fn negative_numbers_are_read_before_they_are_refused() {
    let folder = folder(&[("a.graph", "input x = [[1, 2], [3, 4]]\ny = sum(x * x)\n")]);
    let refused = [
        (&["a.graph", "--seed", "-1"][..], "-1 is not in 0..=4294967295"),
        (&["a.graph", "--threads", "-1"], "-1 is not in 1..=65535"),
        (&["show", "a.graph", "--depth", "-1"], "a whole number from 0 on"),
        (&["show", "a.graph", "--near", "y", "--steps", "-2"], "a whole number from 0 on"),
        (&["show", "a.graph", "--columns", "-80"], "is not in 20..=65535"),
        (&["show", "a.graph", "--scale", "-1"], "`--scale -1` is no scale"),
        (&["digits", "a.graph", "--keep", "-1"], "above 0 and up to 15.9"),
        (&["digits", "a.graph", "--keep", "99"], "no format has so many"),
        (&["test", "--jobs", "-1"], "-1 is not in 1..=65535"),
        (&["test", "--timeout", "-1"], "a number of seconds"),
        (&["compare", "a.graph", "--with", "torch", "--timeout", "-1"], "a number of seconds"),
        (&["explain", "a.graph", "--entry", "-3,0"], "`--entry -3,0`: `x` has shape [2, 2]"),
        (&["explain", "a.graph", "--entry", "one"], "a whole number for each axis"),
    ];
    for (arguments, words) in refused {
        let (code, _, said) = call(folder.path(), arguments, "");
        assert_eq!(code, 2, "{arguments:?}");
        assert!(said.contains(words) && !said.contains("use '--"), "{arguments:?}: {said}");
    }
    let explained = |entry: &str| call(folder.path(), &["explain", "a.graph", "--entry", entry], "").1;
    assert_eq!(explained("-1,-2"), explained("1,0"));
    let (_, _, said) = call(
        folder.path(),
        &["compare", "a.graph", "--with", "torch", "--timeout", "0.5", "--python", "nosuch"],
        "",
    );
    assert!(said.contains("there is no Python `nosuch`"), "{said}");
}

#[test]
fn standard_input_is_a_file_of_every_command() {
    let (here, text) = (folder(&[]), "input x = 3\ny = x -> exp -> sum\n");
    let (code, out, said) = call(here.path(), &["expand", "-", "--spelling", "graph"], text);
    assert!(code == 0 && out.contains("y = sum("), "{out}{said}");
    let (code, out, said) = call(here.path(), &["export", "-", "--spelling", "graph", "--to", "torch"], text);
    assert!(code == 0 && out.contains("standard input"), "{out}{said}");
    let compare = ["compare", "-", "--spelling", "graph", "--with", "torch", "--python", "nosuch"];
    let (code, _, said) = call(here.path(), &compare, text);
    assert!(code == 2 && said.contains("there is no Python `nosuch`"), "{said}");
}

#[test]
fn ops_are_found_by_the_names_that_others_give_them() {
    let here = folder(&[]);
    let ops = |name| call(here.path(), &["ops", name], "");
    for (typed, name) in
        [("ReLU", "relu"), ("np.dot", "matmul"), ("LayerNorm", "layer_norm"), ("torch.exp", "exp")]
    {
        let (code, out, said) = ops(typed);
        assert_eq!((code, out), (0, ops(name).1), "{typed}");
        assert_eq!(said, format!("`{typed}` is called `{name}` here\n"));
    }
    let (code, _, said) = ops("mse");
    assert!(code == 2 && said.contains("help: `mean(square(a - b))`"), "{said}");
    for word in ["scan", "repeat", "split"] {
        let (code, out, _) = ops(word);
        assert!(code == 0 && out.starts_with(&format!("{word}(")), "{out}");
    }
}

#[test]
fn what_is_chosen_of_the_files_is_told_from_what_is_there() {
    let (one, wrong) = ("input x = 3\ny = x * x\n", "xfail \"once\"\ninput x = 3\ny = x * x\n");
    let folder = folder(&[("T/a.graph", one), ("T/b.graph", wrong)]);
    let (code, _, said) = call(folder.path(), &["test", "T", "--filter", "nosuch"], "");
    assert!(code == 4 && said.contains("none of the 2 graph files in T is chosen"), "{said}");
    let (code, out, _) = call(folder.path(), &["test", "T"], "");
    assert!(code == 1 && out.matches("XPASS").count() == 2 && !out.contains("FAIL"), "{out}");
}

#[test]
fn comments_that_are_not_converted_are_counted() {
    let folder =
        folder(&[("a.graph", "# one\ninput x = 3  # two\ny = x * x\n"), ("b.graph", "input x = 3\ny = x\n")]);
    let (code, out, said) = call(folder.path(), &["convert", "a.graph"], "");
    assert!(code == 0 && !out.contains('#'), "{out}");
    assert!(said.starts_with("note: 2 comments are left out"), "{said}");
    assert_eq!(call(folder.path(), &["convert", "b.graph"], "").2, "");
}

#[test]
fn names_outside_of_expressions_are_names_of_values() {
    for text in ["output nosuch", "expect nosuch = 3", "expect grad(nosuch) = 3"] {
        let (message, help) = answer(&format!("input apple = 3\ny = apple * 2\n{text}\n"), Spelling::Graph);
        assert_eq!((&*message, &help[..]), ("unknown name `nosuch`", &[][..]), "{text}");
    }
    assert_eq!(help("input apple = 3\ny = apple * 2\noutput aple\n"), "did you mean `apple`?");
    let chain = "input x = [1, 2]\nscores = x -> relu -> exp\nloss = sum(scores)\nexpect scores.relu2 = 3\n";
    assert_eq!(help(chain), "did you mean `scores.relu1`?");
    assert_eq!(help("y = price * 2\n"), "a value from outside is a leaf: `input price = …`");
    let folder = folder(&[("a.graph", "input x = 3\ny = x * x\n")]);
    for flag in ["--output", "--wrt"] {
        let (_, _, said) = call(folder.path(), &["a.graph", flag, "nosuch"], "");
        assert!(said.contains("unknown name `nosuch`") && !said.contains("help"), "{said}");
    }
}

#[test]
fn first_files_are_answered_with_what_to_write() {
    let block = "block f(x) {\n y = x * k\n output y\n}\nconst k = 2\ninput x = 3\nz = f(x)\n";
    assert!(help(block).starts_with("a block sees its own names alone"), "{}", help(block));
    assert_eq!(help("input X = 3\ny = x * x\n"), "did you mean `X`?");
    assert!(help("input x = 3\nu = x * 3\nloss = x * x\n").contains("`output loss`"));
    for ty in ["(2, 3)", "f32[2]", "Tensor[2]"] {
        let said = help(&format!("input x: {ty} = 1\ny = sum(x)\n"));
        assert!(said.contains("a type is a shape in square brackets, `x: [2, 3]`"), "{said}");
    }
    let (message, help_said) =
        answer("[inputs]\nx = [1, 2]\n[nodes]\ny = { op = \"sum\", input = [\"x\"] }\n", Spelling::Toml);
    assert_eq!(message, "the node `y` has `input` in place of `inputs`");
    assert_eq!(help_said, ["write `inputs = …`"]);
    assert!(help("input x = 3\ny == x * 2\n").contains("`==` compares two values within an expression"));
    for (call, right) in [("randn(3)", "randn(shape = [3])"), ("randn(2, 3)", "randn(shape = [2, 3])")] {
        let said = help(&format!("input x = {call}\ny = sum(x)\n"));
        assert!(said.starts_with(&format!("write `{right}`")), "{said}");
    }
    assert!(
        help("input x: [4] = randn(3)\ny = sum(x)\n").contains("if that is a seed, write `randn(seed = 3)`")
    );
    let folder = folder(&[("net.graph", "use \"relu.graph\"\ninput x = 3\ny = x * x\n")]);
    let (_, _, said) = call(folder.path(), &["net.graph"], "");
    assert!(said.contains("\"relu.graph\" was not found") && !said.contains("did you mean"), "{said}");
}
