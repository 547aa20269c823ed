//! What `graphrun explain` says, held against what backward computes.

use graphrun::{
    Graph, Run, Spelling,
    explain::{Asked, Explainer, object, text},
    precision::Precision,
    report::{Style, index, number},
    run::Direction,
    source::SourceMap,
};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// All example graphs that need no data from elsewhere.
fn examples() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs");
    let folders = [root.clone(), root.join("layers"), root.join("wrong")];
    let mut files: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| Spelling::of(&path.to_string_lossy()).is_some())
        // One needs data from elsewhere, one is there to be refused.
        .filter(|path| !path.ends_with("two_layer_mnist.graph") && !path.ends_with("bias_not_summed.graph"))
        .collect();
    files.sort();
    assert!(files.len() > 20, "{}", files.len());
    files
}

fn plain() -> Style {
    Style { color: false }
}

fn explained(graph: &Graph, asked: Asked) -> String {
    let wanted = match asked {
        Asked::Leaf(leaf, _) => vec![leaf],
        Asked::All => graph.wanted.clone(),
    };
    let run = Run::asking(graph, Precision::F64, Direction::Backward, &wanted);
    let sources = SourceMap::default();
    text(&Explainer::new(&run, &sources, asked), "graph", None, plain())
}

fn output(arguments: &[&str]) -> Vec<u8> {
    Command::new(env!("CARGO_BIN_EXE_graphrun")).args(arguments).output().unwrap().stdout
}

/// The number at an index of nested arrays, NaN and infinities included.
fn at(mut value: &Value, index: &[Value]) -> f64 {
    for at in index {
        value = &value[at.as_u64().unwrap() as usize];
    }
    float(value)
}

fn float(value: &Value) -> f64 {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap()
}

#[test]
fn the_last_number_is_the_gradient_to_the_bit() {
    let mut leaves = 0;
    for path in examples() {
        let graph = crate::common::read_file(&path, None).unwrap();
        let file = path.to_str().unwrap();
        let report: Value =
            serde_json::from_slice(&output(&[file, "--backward", "--format", "json"])).unwrap();
        for &leaf in &graph.wanted {
            let name = &*graph.value(leaf).name;
            let told = String::from_utf8(output(&["explain", file, "--wrt", name])).unwrap();
            let last = told.split_whitespace().last().unwrap();
            let told: Value =
                serde_json::from_slice(&output(&["explain", file, "--wrt", name, "--format", "json"]))
                    .unwrap();
            let gradient = &told["gradients"][0];
            let index = gradient["index"].as_array().unwrap();
            let want = at(&report["gradients"][name], index);
            assert_eq!(last, number(want), "{file}: {name}{index:?}");
            assert_eq!(float(&gradient["value"]).to_bits(), want.to_bits(), "{file}: {name}{index:?}");
            leaves += 1;
        }
    }
    assert!(leaves > 40, "{leaves}");
}

#[test]
fn every_entry_of_a_leaf_can_be_worked_out() {
    let graph = graphrun::read(
        "input x: [2, 3] = [[1, -2, 3], [0, 5, -6]]\nparam W: [3, 2] = [[1, 2], [3, 4], [5, 6]]\n\
         h = relu(x @ W - 1)\nloss = sum(softmax(h)[:, 0] * [1, 2]) + mean(max(x, axis = 0)) + sum(W[1])",
        Spelling::Graph,
    )
    .unwrap();
    let run = Run::backward(&graph);
    for &leaf in &graph.wanted {
        let gradient = run.gradient_of(leaf).unwrap();
        for (entry, &want) in gradient.iter().enumerate() {
            let told = explained(&graph, Asked::Leaf(leaf, Some(entry)));
            let leaf = graph.value(leaf);
            let place = format!("gradient of {}{}", leaf.name, index(entry, &leaf.ty.shape));
            assert!(told.contains(&place), "{told}");
            assert_eq!(told.split_whitespace().last().unwrap(), number(want), "{told}");
        }
    }
}

/// The terms that are told add up to the total that backward has: nothing is left out.
#[test]
fn the_paths_of_a_fan_out_add_up() {
    let mut sums = 0;
    let shared = "block centre(x: [n]) {\n y = x - mean(x)\n output y\n backward x = upstream - mean(upstream)\n}\n\
                  input x = [1, -2, 4]\nparam w = 0.3\ny = centre(x * w) + x\nz = y * y - x / w\nloss = sum(z * y + w)\noutput loss, z";
    let shared = graphrun::read(shared, Spelling::Graph).unwrap();
    for graph in examples().iter().map(|path| crate::common::read_file(path, None).unwrap()).chain([shared]) {
        let run = Run::backward(&graph);
        let sources = SourceMap::default();
        let explainer = Explainer::new(&run, &sources, Asked::All);
        let arriving = (0..explainer.len()).map(|step| explainer.step(step).upstream);
        for sum in arriving.chain(explainer.leaves()) {
            let total: f64 = sum.terms.iter().map(|term| term.amount).sum();
            let bar = 1e-14 * sum.terms.iter().map(|term| term.amount.abs()).sum::<f64>();
            assert!((total - sum.total).abs() <= bar, "{sum:?}");
            sums += usize::from(sum.terms.len() > 1);
        }
    }
    assert!(sums >= 5, "{sums}");
}

#[test]
fn a_formula_in_numbers_gives_what_is_said_to_come_out() {
    let graph = graphrun::read(
        "input a = 3\ninput b = -2\nc = a ** 2 * b - a / b\nloss = exp(-c / 10) + sqrt(a) * tanh(b) + sin(a)",
        Spelling::Graph,
    )
    .unwrap();
    let told = explained(&graph, Asked::All);
    for line in [
        "gradient to loss.sqrt1: upstream × loss.tanh1",
        "gradient to b: upstream × (1 - loss.tanh1²)",
        "gradient to a: upstream × cos(a) = 1 × cos(3) = -0.9899924966004454",
        "(∂c.pow1/∂a = 6)",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
}

#[test]
fn a_leaf_without_a_path_is_told_so() {
    let graph =
        graphrun::read("param W = 1\ninput x = 2\nloss = x * 3\nseen = W + x\noutput loss", Spelling::Graph)
            .unwrap();
    let told = explained(&graph, Asked::All);
    assert!(told.contains("no path leads from W to loss: its gradient is 0"), "{told}");
}

#[test]
fn a_million_steps_are_told_in_part() {
    let mut graph = String::from("input x = 1\nn0 = x + 1\n");
    for at in 1..20_000 {
        graph.push_str(&format!("n{at} = n{} * 1\n", at - 1));
    }
    let graph = graphrun::read(&graph, Spelling::Graph).unwrap();
    let told = explained(&graph, Asked::All);
    assert!(told.contains("steps in the middle are left out"), "{}", &told[..400]);
    assert!(told.len() < 100_000, "{}", told.len());
    assert!(told.trim_end().ends_with("gradient of x = 1"));
    let run = Run::backward(&graph);
    let sources = SourceMap::default();
    let explainer = Explainer::new(&run, &sources, Asked::All);
    let all = serde_json::to_value(object(&explainer, "graph")).unwrap();
    assert_eq!(all["steps"].as_array().unwrap().len(), 20_000);
}

#[test]
fn losses_are_told_in_numbers() {
    for (loss, wanted) in [
        ("softmax_loss(x, 1)", "1 × (0.5 × 1 - 0) / 1"),
        ("softmax_loss(x, [0.25, 0.75])", "1 × (0.5 × 1 - 0.25) / 1"),
        ("-softmax_loss(x, 1)", "-1 × (0.5 × 1 - 0) / 1"),
        ("cross_entropy(x + 0.5, 0, delta = 0.5)", "-1 × 1 / (0.5 + 0.5) / 1"),
        ("sigmoid_loss(x, [1, 0])", "1 × (0.5 - 1) / 2"),
    ] {
        let graph = graphrun::read(&format!("param x = [0, 0]\ny = {loss}\n"), Spelling::Graph).unwrap();
        let told = explained(&graph, Asked::All);
        assert!(told.contains(&format!("= {wanted} = ")), "{loss}: {wanted}\n{told}");
    }
}

#[test]
fn a_zero_has_no_sign() {
    let graph = graphrun::read("input x = [-1]\ny = sum(relu(x) * -3)\n", Spelling::Graph).unwrap();
    let told = explained(&graph, Asked::All);
    assert!(told.contains("0 × (-3) = 0\n") && !told.contains("-0"), "{told}");
}
