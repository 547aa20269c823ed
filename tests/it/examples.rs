//! The example graphs: their known results, and their twins in the other spelling.

use graphrun::{
    Graph, Run, Spelling,
    compare::{Options, compare},
    flat::flatten,
    initializers::Files,
    load::{Input, load, load_with_document},
    ops,
    precision::Precision,
    resolve::{Request, resolve},
    run::Direction,
    source::SourceMap,
    syntax::{self, ParseOptions},
    tensor::Tensor,
};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs")
}

/// Where the MNIST files lie, if they are on this machine.
fn mnist() -> Option<PathBuf> {
    let folder = std::env::var_os("GRAPHRUN_MNIST")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/mnist"), PathBuf::from);
    folder.join("t10k-images-idx3-ubyte.gz").is_file().then_some(folder)
}

/// All example files of a folder that can run here, in order.
fn examples(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| Spelling::of(&path.to_string_lossy()).is_some())
        .filter(|path| mnist().is_some() || !path.ends_with("two_layer_mnist.graph"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn read(path: &Path) -> Graph {
    crate::common::read_file(path, mnist().as_deref())
        .unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

/// Floats of a recorded value, nested or not.
fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(rows) => rows.iter().flat_map(flat).collect(),
        Value::String(text) => vec![text.parse().unwrap()],
        value => vec![value.as_f64().unwrap()],
    }
}

#[test]
fn every_example_is_right() {
    for path in examples(&folder()).into_iter().chain(examples(&folder().join("layers"))) {
        let graph = read(&path);
        let comparison = compare(&graph, &graph.wanted, &Options::default());
        assert_eq!(comparison.word(), "ok", "{}: {comparison:#?}", path.display());
        assert!(
            comparison.tensors.iter().all(|tensor| tensor.mean_difference <= 1e-10),
            "{}",
            path.display()
        );
    }
}

#[test]
fn every_slip_is_found() {
    for path in examples(&folder().join("wrong")) {
        match crate::common::read_file(&path, None) {
            Err(refused) => assert!(path.ends_with("bias_not_summed.graph"), "{}: {refused}", path.display()),
            Ok(graph) => {
                let comparison = compare(&graph, &graph.wanted, &Options::default());
                assert_eq!(comparison.word(), "wrong", "{}", path.display());
                let [guilty] = &comparison.location.guilty[..] else {
                    panic!("{}: {:#?}", path.display(), comparison.location);
                };
                assert!(guilty.unit.block.is_some(), "{}", path.display());
            }
        }
    }
}

#[test]
fn values_and_gradients_are_numpys() {
    let recorded: Value = serde_json::from_str(include_str!("../reference/examples.json")).unwrap();
    let mut compared = 0;
    for path in examples(&folder()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let Some(want) = recorded.get(name) else { continue };
        let graph = read(&path);
        let run = Run::backward(&graph);
        for (name, want) in want["values"].as_object().unwrap() {
            let got = run.value(name).unwrap().to_floats();
            assert!(crate::common::close(&got, &flat(want), 1e-12), "{}: {name}", path.display());
            compared += 1;
        }
        for (name, want) in want["gradients"].as_object().unwrap() {
            let got = run.gradient(name).unwrap().to_floats();
            let want = match want.get("entries") {
                None => flat(want),
                // A large gradient is recorded at some of its entries.
                Some(entries) => {
                    let at: Vec<usize> = flat(&want["at"]).iter().map(|&x| x as usize).collect();
                    let sampled: Vec<f64> = at.iter().map(|&at| got[at]).collect();
                    assert!(
                        crate::common::close(&sampled, &flat(entries), 1e-12),
                        "{}: {name}",
                        path.display()
                    );
                    compared += 1;
                    continue;
                }
            };
            assert!(crate::common::close(&got, &want, 1e-12), "{}: {name}", path.display());
            compared += 1;
        }
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn apples_cost_what_the_textbook_says_to_the_last_digit() {
    let text = |tensor: Option<Tensor>| graphrun::report::number(tensor.unwrap().to_floats()[0]);
    let check = |file: &str, value: &str, gradients: &[(&str, &str)]| {
        let graph = read(&folder().join(file));
        let run = Run::backward(&graph);
        assert_eq!(text(run.value("price")), value);
        for (name, gradient) in gradients {
            assert_eq!(text(run.gradient(name)), *gradient, "{file}: {name}");
        }
    };
    let apple = [("apple", "2.2"), ("apple_num", "110.00000000000001"), ("tax", "200")];
    check("buy_apple.toml", "220.00000000000003", &apple);
    check("apple_tax.toml", "220.00000000000003", &apple);
    let fruit = [
        ("apple", "2.2"),
        ("apple_num", "110.00000000000001"),
        ("orange", "3.3000000000000003"),
        ("orange_num", "165"),
        ("tax", "650"),
    ];
    check("apples_and_oranges.graph", "715.0000000000001", &fruit);
}

/// Bits of all values and gradients that both spellings name.
fn bits(graph: &Graph) -> Vec<(String, Vec<u64>, Option<Vec<u64>>)> {
    let run = Run::of(graph, Precision::F64, Direction::Backward);
    let to_bits = |floats: &[f64]| floats.iter().map(|x| x.to_bits()).collect();
    let of = |id| {
        let value = to_bits(&run.value_of(id).to_floats());
        (graph.value(id).name.to_string(), value, run.gradient_of(id).map(to_bits))
    };
    let mut all: Vec<_> = graph.ids().map(of).collect();
    all.sort();
    all
}

#[test]
fn an_example_and_its_twin_give_the_same_bits() {
    let is_op = |name: &str| ops::find(name).is_some();
    let reading = ParseOptions { is_op: &is_op, max_depth: 100, max_errors: 1000, max_memory: u64::MAX };
    let turn = |text: &str, from: Spelling, to: Spelling| {
        let source = SourceMap::default().add("twin", text).unwrap();
        let parsed = syntax::parse(&source, from, &reading);
        assert!(parsed.errors.is_empty(), "{text}\n{:#?}", parsed.errors);
        syntax::print(&parsed.document, to)
    };
    let graph_of = |text: &str, spelling, folder: &Path| {
        let source = SourceMap::default().add("twin", text).unwrap();
        let parsed = syntax::parse(&source, spelling, &reading);
        let folders = [Some(folder.to_path_buf()), mnist()].into_iter().flatten().collect();
        let request = Request { files: Files::new(folders), ..Request::default() };
        resolve(&parsed.document, &request, parsed.errors).unwrap_or_else(|fault| panic!("{text}\n{fault}"))
    };
    let all = examples(&folder()).into_iter().chain(examples(&folder().join("layers")));
    for path in all.filter(|path| !path.ends_with("layers/two_layer_net.graph")) {
        let own = Spelling::of(&path.to_string_lossy()).unwrap();
        let other = if own == Spelling::Graph { Spelling::Toml } else { Spelling::Graph };
        let text = std::fs::read_to_string(&path).unwrap();
        let twin = turn(&text, own, other);
        let back = turn(&twin, other, own);
        let first = bits(&read(&path));
        assert_eq!(first, bits(&graph_of(&twin, other, path.parent().unwrap())), "{}", path.display());
        assert_eq!(first, bits(&graph_of(&back, own, path.parent().unwrap())), "{}", path.display());
    }
}

#[test]
fn a_net_of_layers_by_hand_has_the_gradients_of_the_built_in_one() {
    let by_hand = read(&folder().join("layers/two_layer_net.graph"));
    let text = "
        seed 1
        const x: [4, 6] = randn()
        const t: int[4] = [0, 2, 1, 2]
        param W1: [6, 5] = 0.5 * randn()
        param b1: [5]    = zeros()
        param W2: [5, 3] = 0.5 * randn()
        param b2: [3]    = zeros()
        loss = x -> affine(W1, b1) -> relu -> affine(W2, b2) -> softmax_loss(t)";
    let built_in = crate::common::read(text);
    let (by_hand, built_in) = (Run::backward(&by_hand), Run::backward(&built_in));
    for name in ["W1", "b1", "W2", "b2"] {
        let (a, b) = (by_hand.gradient(name).unwrap(), built_in.gradient(name).unwrap());
        assert!(crate::common::close(&a.to_floats(), &b.to_floats(), 1e-14), "{name}");
    }
}

#[test]
fn one_wrong_block_of_twenty_is_named_and_no_other() {
    let block = |index: usize| {
        let slip = if index == 13 { "1 + y" } else { "1 - y" };
        format!(
            "block layer{index}(x) {{\n y = 1 / (1 + exp(-x))\n output y\n backward x = upstream * y * ({slip})\n}}\n"
        )
    };
    let blocks: String = (0..20).map(block).collect();
    let chain: String = (0..20).map(|index| format!(" -> layer{index}")).collect();
    let graph = crate::common::read(&format!("{blocks}input x = [3, -2, 0.5]\ny = sum(x{chain})\n"));
    let comparison = compare(&graph, &graph.wanted, &Options::default());
    let guilty = &comparison.location.guilty;
    assert_eq!((comparison.word(), guilty.len(), comparison.location.looked_at), ("wrong", 1, 21));
    let block = &graph.blocks[guilty[0].unit.block.unwrap().index()];
    assert_eq!(&*block.of, "layer13");
}

#[test]
fn a_flat_file_gives_the_same_bits() {
    let blocks = "
        block dense(x: [n, in]; units, std = 0.5) {
            param W: [in, units] = std * randn() * sqrt(2 / in)
            param b: [units]     = zeros()
            y = affine(x, W, b)
            output y
        }
        block twice(x) {
            y = x -> dense(units = 4) -> sigmoid -> dense(units = 2, std = 0.1)
            output y
        }
        block sigmoid(x) {
            y = 1 / (1 + exp(-x))
            output y
            backward x = upstream * y * (1 - y)
        }
        seed 3
        input x: [2, 3] = [[1, -2, 3], [0.4, 5, -6]]
        h = x -> twice -> sigmoid
        y = sum(h[0:2, 1]) + 2 * sum(twice(h))";
    let made = tempfile::tempdir().unwrap();
    let path = made.path().join("blocks.graph");
    std::fs::write(&path, blocks).unwrap();
    let all = examples(&folder()).into_iter().chain(examples(&folder().join("layers"))).chain([path]);
    for path in all {
        let folders: Vec<PathBuf> =
            [path.parent().map(Path::to_path_buf), mnist()].into_iter().flatten().collect();
        let request = Request { files: Files::new(folders), keep_expressions: true, ..Request::default() };
        let mut sources = SourceMap::default();
        let loaded = load_with_document(&Input::File(&path), None, &request, &mut sources);
        let (graph, document) = loaded.unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        let flat = flatten(&graph, &document, |span| sources.text(span).to_string());
        for spelling in [Spelling::Graph, Spelling::Toml] {
            let text = syntax::print(&flat, spelling);
            let again = load(&Input::Text(&text), Some(spelling), &request, &mut SourceMap::default())
                .unwrap_or_else(|fault| panic!("{text}\n{fault}"));
            let bits = |graph: &Graph| {
                let run = Run::backward(graph);
                let to_bits = |floats: &[f64]| floats.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                let of = |id| {
                    let name = graph.value(id).name.replace('.', "_");
                    (name, to_bits(&run.value_of(id).to_floats()), run.gradient_of(id).map(to_bits))
                };
                graph.ids().map(of).collect::<std::collections::BTreeSet<_>>()
            };
            let (first, second) = (bits(&graph), bits(&again));
            let lost: Vec<_> = first.difference(&second).map(|(name, ..)| name).collect();
            let is_inside = |name: &String| {
                graph.blocks.iter().filter(|block| block.backward.is_some()).any(|block| {
                    graph.ids().any(|id| block.holds(id) && graph.value(id).name.replace('.', "_") == *name)
                })
            };
            assert!(lost.iter().all(|name| is_inside(name)), "{}: {lost:?}\n{text}", path.display());
        }
    }
}
