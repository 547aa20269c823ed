//! `graphrun export`: what it writes for the examples, for every op, and what it refuses.

use crate::common;
use graphrun::{
    export::{Custom, Framework, Request, check, golden_values, module},
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

fn read(input: &Input, folder: &Path) -> Result<(Graph, Document), graphrun::Refusal> {
    let request = graphrun::resolve::Request {
        keep_expressions: true,
        files: graphrun::initializers::Files::new(vec![folder.to_path_buf()]),
        ..graphrun::resolve::Request::default()
    };
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
        for (framework, name) in FRAMEWORKS {
            let module = module(&graph, &document, &request(framework, &file)).unwrap();
            let recorded = file.with_file_name(format!("{}_{name}.py", file.file_stem().unwrap().display()));
            if std::env::var_os("GRAPHRUN_BLESS").is_some() {
                std::fs::write(&recorded, &module.text).unwrap();
            }
            let want = std::fs::read_to_string(&recorded).unwrap_or_default();
            assert!(module.text == want, "{}: now\n{}", recorded.display(), module.text);
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen}");
}
