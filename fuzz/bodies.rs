//! What each fuzzer does with its bytes. The tests run the same on a few bytes made from the examples.
//!
//! A body panics where something is wrong; a refusal is right.

use graphrun::{
    Graph, Spelling,
    against::{self, Claimed},
    compare::{self, compare},
    flat::flatten,
    initializers::{Files, read_dump},
    limits::Limits,
    load::{Input, document, load, load_with_document, open},
    regress::{self, Blessing, Case, Subject},
    resolve::Request,
    run::{Run, can_go_backward},
    source::SourceMap,
    syntax::{Document, print},
};
use std::{path::Path, sync::Arc};

pub type Body = fn(&[u8]);

/// All of them, with the names of their targets.
pub const ALL: &[(&str, Body)] = &[
    ("graph_text", graph_text),
    ("toml_text", toml_text),
    ("judge", judge),
    ("readers", readers),
    ("bless", bless),
    ("spellings", spellings),
];

/// Limits so small that every run is quick.
fn request(folder: Option<&Path>) -> Request {
    let limits = Limits { nodes: 2_000, elements: 20_000, bytes: 8 << 20, depth: 60, ..Limits::default() };
    let files = Files::new(folder.map(Path::to_path_buf).into_iter().collect());
    Request { files, limits, ..Request::default() }
}

/// The text, and its spelling by the first byte.
fn text(bytes: &[u8]) -> Option<(&str, Spelling)> {
    let (first, rest) = bytes.split_first()?;
    let spelling = if first % 2 == 0 { Spelling::Graph } else { Spelling::Toml };
    Some((std::str::from_utf8(rest).ok()?, spelling))
}

/// What is read prints, and reads again to the same print.
fn read_and_print(text: &str, spelling: Spelling) {
    let mut sources = SourceMap::default();
    let Ok((read, ..)) = document(&Input::Text(text), Some(spelling), &request(None), &mut sources) else {
        return;
    };
    let printed = print(&read, spelling);
    let again = document(&Input::Text(&printed), Some(spelling), &request(None), &mut SourceMap::default());
    let again = again.unwrap_or_else(|refusal| panic!("{printed}\ndoes not read back: {refusal}")).0;
    assert_eq!(print(&again, spelling), printed);
}

pub fn graph_text(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        read_and_print(text, Spelling::Graph);
    }
}

pub fn toml_text(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        read_and_print(text, Spelling::Toml);
    }
}

fn is_small(graph: &Graph) -> bool {
    graph.values.iter().map(|value| value.ty.shape.size()).sum::<usize>() < 2_000
}

/// A graph that is not refused runs and is judged.
pub fn judge(bytes: &[u8]) {
    let Some((text, spelling)) = text(bytes) else { return };
    let loaded = load(&Input::Text(text), Some(spelling), &request(None), &mut SourceMap::default());
    if let Ok(graph) = loaded
        && can_go_backward(&graph).is_ok()
        && is_small(&graph)
    {
        let comparison = compare(&graph, &graph.wanted, &compare::Options::default());
        assert!(comparison.faults.is_empty(), "{:?}", comparison.faults);
        assert!(comparison.repeatable);
    }
}

/// A data file of any bytes is read or refused; as a dump, it is laid over a graph or refused.
pub fn readers(bytes: &[u8]) {
    let calls = [
        ("f.npy", "npy(\"f.npy\")"),
        ("f.npz", "npz(\"f.npz\", \"x\")"),
        ("f.csv", "csv(\"f.csv\")"),
        ("f.idx", "idx(\"f.idx\")"),
        ("f.idx.gz", "idx(\"f.idx.gz\")"),
        ("f.safetensors", "safetensors(\"f.safetensors\", \"x\")"),
    ];
    let Some((first, rest)) = bytes.split_first() else { return };
    let (name, call) = calls[usize::from(*first) % calls.len()];
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, rest).expect("a file");
    let text = format!("const c = {call}\ny = c * 2\n");
    let mut request = request(Some(folder.path()));
    let _ = load(&Input::Text(&text), Some(Spelling::Graph), &request, &mut SourceMap::default());
    let dump = if name == "f.npy" { folder.path() } else { &path };
    let Ok(arrays) = read_dump(dump, &request.limits) else { return };
    request.given = Arc::new(against::given(&arrays));
    let text = "input x\ny = x * 2\nf = y + 1\n";
    if let Ok(mut graph) =
        load(&Input::Text(text), Some(Spelling::Graph), &request, &mut SourceMap::default())
        && is_small(&graph)
        && let Ok(claims) = against::lay(&mut graph, &arrays, Claimed::default())
    {
        against::against(&graph, claims, &request.limits);
    }
}

/// What is blessed reads back, and then passes.
pub fn bless(bytes: &[u8]) {
    let Some((text, spelling)) = text(bytes) else { return };
    let (folder, mut sources) = (tempfile::tempdir().expect("a folder"), SourceMap::default());
    let request = request(Some(folder.path()));
    let Ok(opened) = open(&Input::Text(text), Some(spelling), &request.limits, &mut sources) else { return };
    let source = opened.source.clone();
    let Ok(graph) = opened.graph(&request, &mut sources).0 else { return };
    if can_go_backward(&graph).is_err() || !is_small(&graph) {
        return;
    }
    let comparison =
        compare(&graph, &graph.wanted, &compare::Options { measured: false, ..Default::default() });
    let name = if spelling == Spelling::Graph { "f.graph" } else { "f.toml" };
    let case = Case::named(&folder.path().join(name));
    let subject = Subject {
        case: &case,
        graph: &graph,
        sources: &sources,
        source: &source,
        comparison: Some(&comparison),
        failures: &[],
        is_expected_to_fail: false,
        request: &request,
    };
    if let Ok(Some(blessed)) = regress::bless(&subject, Blessing::New, &mut |_| true) {
        std::fs::write(&case.path, text).expect("a file");
        blessed.write().unwrap_or_else(|why| panic!("{why}"));
        let again = load(&Input::File(&case.path), None, &request, &mut SourceMap::default());
        again.unwrap_or_else(|refusal| panic!("{}\ndoes not read back: {refusal}", blessed.after));
    }
}

/// The other spelling, and the flat file without blocks, come to the same bits.
pub fn spellings(bytes: &[u8]) {
    let Some((text, spelling)) = text(bytes) else { return };
    let mut sources = SourceMap::default();
    let request = Request { keep_expressions: true, ..request(None) };
    let loaded = load_with_document(&Input::Text(text), Some(spelling), &request, &mut sources);
    let Ok((graph, mut read)) = loaded else { return };
    // What it takes in of other files is taken in again.
    let own = read.blocks.iter().filter(|block| read.holds(block.span)).cloned().collect();
    let all = std::mem::replace(&mut read.blocks, own);
    if can_go_backward(&graph).is_err() || !is_small(&graph) {
        return;
    }
    let want = outputs(&graph);
    let with_used = Document { blocks: all, ..read.clone() };
    let flat = flatten(&graph, &with_used, |span| sources.text(span).to_string());
    for to in [Spelling::Graph, Spelling::Toml] {
        for printed in [print(&read, to), print(&flat, to)] {
            let again = load(&Input::Text(&printed), Some(to), &request, &mut SourceMap::default());
            let again = again.unwrap_or_else(|refusal| panic!("{printed}\ndoes not read back: {refusal}"));
            assert_eq!(outputs(&again), want, "{printed}");
        }
    }
}

/// The bits of all outputs.
fn outputs(graph: &Graph) -> Vec<u64> {
    let run = Run::backward(graph);
    let bits = |x: f64| if x.is_nan() { 0 } else { x.to_bits() };
    graph.outputs.iter().flat_map(|&output| run.value_of(output).to_floats()).map(bits).collect()
}
