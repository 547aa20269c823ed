//! `graphrun export`: what it writes for the examples, for every op, and what it refuses.

use crate::common;
use graphrun::{
    export::{
        Batch, BatchAxis, Custom, Framework, Request, Whole, can_train, check, golden_values, module, train,
        whole,
    },
    graph::Graph,
    load::{Input, load_with_document},
    ops,
    source::{SourceMap, Spelling},
    syntax::Document,
};
use std::path::{Path, PathBuf};

const FRAMEWORKS: [(Framework, &str); 2] = [(Framework::Torch, "torch"), (Framework::Jax, "jax")];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The longest line that `ruff format` leaves.
const WIDTH: usize = 88;

fn reading(folder: &Path) -> graphrun::resolve::Request {
    graphrun::resolve::Request {
        keep_expressions: true,
        files: graphrun::initializers::Files::new(vec![folder.to_path_buf()]),
        ..graphrun::resolve::Request::default()
    }
}

fn read(input: &Input, folder: &Path) -> Result<(Graph, Document), graphrun::Refusal> {
    let request = reading(folder);
    let spelling = matches!(input, Input::Text(_)).then_some(Spelling::Graph);
    load_with_document(input, spelling, &request, &mut SourceMap::default())
}

fn request(framework: Framework, file: &Path) -> Request {
    let name = file.file_stem().unwrap().to_string_lossy().into_owned();
    Request {
        framework,
        custom: Custom::Recommended,
        name,
        file: file.file_name().unwrap().to_string_lossy().into_owned(),
        folder: file.parent().unwrap().to_path_buf(),
        folder_from_file: PathBuf::new(),
        has_arrays: true,
        taps: false,
    }
}

fn graphs() -> Vec<PathBuf> {
    let folders = [
        "graphs",
        "graphs/layers",
        "graphs/kernels",
        "graphs/library",
        "graphs/wrong",
        "graphs/library/wrong",
    ];
    let mut files: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(root().join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| Spelling::of(&path.to_string_lossy()).is_some())
        // One needs data from elsewhere, one is there to be refused.
        .filter(|path| !path.ends_with("two_layer_mnist.graph") && !path.ends_with("bias_not_summed.graph"))
        .collect();
    files.sort();
    assert!(files.len() > 80, "{}", files.len());
    files
}

/// Every example becomes Python, but for ops that one framework has no words for.
#[test]
fn every_example_exports() {
    for file in graphs() {
        let (graph, document) = read(&Input::File(&file), file.parent().unwrap()).unwrap();
        for (framework, name) in FRAMEWORKS {
            let request = request(framework, &file);
            match module(&graph, &document, &request) {
                Ok(module) => {
                    let text = check(&graph, &module, &request);
                    assert!(text.contains("def test_values_and_gradients"), "{}", file.display());
                    assert!(!golden_values(&module).is_empty(), "{}", file.display());
                    let is_code =
                        |line: &&str| !line.starts_with("\"\"\"") && !line.starts_with("    \"\"\"");
                    let is_long = |line: &&str| is_code(line) && line.chars().count() > WIDTH;
                    let long = module.text.lines().find(is_long);
                    assert_eq!(long, None, "{} in {name}", file.display());
                }
                Err(refusal) => {
                    let told = refusal.0.iter().all(|fault| fault.message.contains("has no spelling in"));
                    assert!(told, "{} in {name}: {:?}", file.display(), refusal.0);
                }
            }
        }
    }
}

/// Every sample of a card becomes Python, or is refused by the op's name and place.
#[test]
fn every_op_exports_or_is_refused_by_name() {
    let mut spelled = [0, 0];
    for card in ops::ALL.iter().map(|entry| entry.card) {
        for sample in card.samples {
            let (leaves, call) = common::with_leaves(card, sample.call);
            let text = format!("{leaves}result = {call}\noutput result\n");
            let (graph, document) = read(&Input::Text(&text), root()).unwrap();
            for (at, (framework, name)) in FRAMEWORKS.into_iter().enumerate() {
                match module(&graph, &document, &request(framework, Path::new("call.graph"))) {
                    Ok(module) => {
                        assert!(module.text.contains("return result"), "{}", module.text);
                        spelled[at] += 1;
                    }
                    Err(refusal) => {
                        let [fault] = &refusal.0[..] else { panic!("{}: {:?}", sample.call, refusal.0) };
                        let want = format!("`{}` has no spelling in", card.name);
                        assert!(fault.message.starts_with(&want), "{} in {name}: {fault:?}", sample.call);
                        assert!(!fault.labels.is_empty() && !fault.help.is_empty(), "{fault:?}");
                    }
                }
            }
        }
    }
    assert!(spelled[0] > 250 && spelled[1] > 230, "{spelled:?}");
}

/// `GRAPHRUN_BLESS=1` writes them anew.
#[test]
fn recorded_exports() {
    let folder = root().join("tests/export");
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let file = entry.unwrap().path();
        if Spelling::of(&file.to_string_lossy()).is_none() {
            continue;
        }
        let (graph, document) = read(&Input::File(&file), &folder).unwrap();
        let stem = file.file_stem().unwrap().display().to_string();
        let mut same = |name: String, text: &str| {
            let recorded = file.with_file_name(name);
            if std::env::var_os("GRAPHRUN_BLESS").is_some() {
                std::fs::write(&recorded, text).unwrap();
            }
            let want = std::fs::read_to_string(&recorded).unwrap_or_default();
            assert!(text == want, "{}: now\n{text}", recorded.display());
            seen += 1;
        };
        for (framework, name) in FRAMEWORKS {
            let request = request(framework, &file);
            let plain = module(&graph, &document, &request).unwrap();
            same(format!("{stem}_{name}.py"), &plain.text);
            let traced = Request { taps: true, ..request.clone() };
            same(format!("{stem}_{name}_traced.py"), &module(&graph, &document, &traced).unwrap().text);
            if can_train(&graph, &plain).is_ok()
                && let Ok(batch) = Batch::of(&graph, &document, &[BatchAxis::Dimension("batch".into())])
            {
                let how = whole(&graph, &document, &plain, &request, &batch, &reading(&folder)).unwrap();
                let main = train(&graph, &plain, &request, &batch, how).unwrap();
                same(format!("{stem}_{name}_main.py"), &main);
            }
        }
    }
    assert!(seen >= 24, "{seen}");
}

/// What is refused of a graph's gradient steps in PyTorch's processes: one fault each, with a place and advice.
#[test]
fn what_parts_of_a_batch_cannot_do_is_refused() {
    const X: &str = "const x: [batch, 3] = randn(shape = [8, 3])\nparam W: [3, 2] = randn(shape = [3, 2])\n";
    let norm = "block norm(x: [batch, n]) {\n  xc = x - mean(x, axis = 0)\n  y = xc / sqrt(mean(xc * xc, axis = 0))\n  \
                output y\n}\n";
    let of_length = "block half(x: [batch, n]) {\n  y = sum(x * x) / batch\n  output y\n}\n";
    let cases = [
        (format!("{norm}{X}loss = sum(norm(x @ W) ** 3)\n"), "neither the sums nor the means", "xc"),
        (format!("{of_length}{X}loss = half(x @ W)\n"), "the length of the batch stands in the code", "x"),
        (format!("{X}loss = sum(x @ W) + mean((x @ W) ** 2)\n"), "neither the sums nor the means", "loss"),
        (format!("{X}loss = sum(x @ W) + sum(W * W)\n"), "neither the sums nor the means", "loss"),
        (format!("{X}loss = sum(relu(-abs(x @ W) - 1)) + 0 * sum(W)\n"), "it cannot be told", "x"),
        (
            X.replace('8', "7") + "loss = sum(reshape(x @ W, shape = [7, 2]))\n",
            "do not fill shape [7, 2]",
            "[7, 2]",
        ),
        (X.replace('8', "67") + "loss = sum(x @ W)\n", "cannot be shared out among two or a few", "x"),
        (X.replace("batch", "8") + "loss = sum(x @ W)\n", "no leaf has a dimension `batch`", "x"),
        (X.replace("batch", "rows") + "loss = sum(x @ W)\n", "no leaf has a dimension `batch`", "x"),
        (X.replace("param", "input") + "loss = sum(x @ W)\n", "there is nothing to train", "W"),
        (format!("{X}y = x @ W\n"), "gradient steps go down a loss", "y"),
        (format!("{X}a = sum(x @ W)\nb = mean(x @ W)\noutput a, b\n"), "one loss, and 2 are given", "a"),
        (format!("{X}a = sum(x @ W)\noutput a\nupstream a = 2\n"), "start from 1", "a"),
        (
            format!("{X}param B: [batch, 2] = zeros(shape = [8, 2])\na = sum(x @ W + B)\n"),
            "has the batch axis",
            "B",
        ),
    ];
    for (text, words, place) in cases {
        let refusal = program(&text, Framework::Torch, "batch").unwrap_err();
        let [fault] = &refusal.0[..] else { panic!("{text}\n{:?}", refusal.0) };
        assert!(fault.message.contains(words) && !fault.help.is_empty(), "{text}\n{fault:?}");
        let at = fault.labels.first().map(|label| &text[label.span.start as usize..label.span.end as usize]);
        assert_eq!(at, Some(place), "{text}\n{fault:?}");
    }
}

/// Every device of JAX sees the whole batch, so a norm over it is as right as on one.
#[test]
fn jax_shares_out_what_hangs_on_the_whole_batch() {
    let text = "const x: [batch, 3] = randn(shape = [8, 3])\nparam W: [3, 2] = randn(shape = [3, 2])\ny = x @ W\n\
                loss = sum((y - mean(y, axis = 0)) ** 3) / 8\noutput loss\n";
    let main = program(text, Framework::Jax, "batch").unwrap();
    assert!(main.contains("BATCH = {\"x\": 0}\n") && main.contains("COLUMNS = {\"W\": 1}\n"), "{main}");
    let main = program(&text.replace("batch", "8"), Framework::Jax, "x=0").unwrap();
    assert!(main.contains("BATCH = {\"x\": 0}\n"), "{main}");
}

/// A sum of parts and a mean of parts are told apart, also where the annotation has no name for the batch.
#[test]
fn sums_and_means_over_parts_are_told_apart() {
    let text = "const x: [8, 3] = randn(shape = [8, 3])\nparam W: [3, 2] = randn(shape = [3, 2])\n";
    let mean = program(&format!("{text}loss = mean(x @ W) + sum(W * W)\n"), Framework::Torch, "x=0").unwrap();
    assert!(mean.contains("        value.backward()\n"), "{mean}");
    let sum = program(&format!("{text}loss = 3 * sum(x @ W)\n"), Framework::Torch, "x=0").unwrap();
    assert!(sum.contains("(value * dist.get_world_size()).backward()\n"), "{sum}");
    for wrong in ["x=2", "y=0", "W=1,x=0"] {
        let refusal = program(&format!("{text}loss = sum(x @ W)\n"), Framework::Torch, wrong).unwrap_err();
        assert_eq!(refusal.0.len(), 1, "{wrong}: {refusal:?}");
    }
}

/// The program of gradient steps of a text; the batch is told as on the command line.
fn program(text: &str, framework: Framework, batch: &str) -> Result<String, graphrun::Refusal> {
    let (graph, document) = read(&Input::Text(text), root()).unwrap();
    let request = request(framework, Path::new("call.graph"));
    let made = module(&graph, &document, &request)?;
    can_train(&graph, &made)?;
    let told = batch.split(',').map(|word| match word.split_once('=') {
        Some((leaf, axis)) => BatchAxis::Of(leaf.into(), axis.parse().unwrap()),
        None => BatchAxis::Dimension(word.into()),
    });
    let batch = Batch::of(&graph, &document, &told.collect::<Vec<_>>())?;
    let how = match framework {
        Framework::Torch => whole(&graph, &document, &made, &request, &batch, &reading(root()))?,
        Framework::Jax => Whole::Mean,
    };
    train(&graph, &made, &request, &batch, how)
}
