//! A whole file: its head, the functions, and the leaves.

use super::{
    custom,
    framework::{Custom, Framework},
    function::{self, Function, Surroundings, returned},
    globals::{Called, Globals},
    leaves::{self, From},
    names::Names,
    python::Python,
    request::Request,
    steps::Step,
};
use crate::{
    diagnostic::{Diagnostic, Refusal},
    escape,
    graph::{BlockId, Graph, ValueId},
    syntax::Document,
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::Path,
};

/// Stack that one function within others takes, generously.
const STACK: usize = 256 << 10;

/// A file, and what a test of it has to know.
#[derive(Debug, Clone)]
pub struct Module {
    pub text: String,
    /// The function of the graph.
    pub function: String,
    /// What the function takes, with the values of the graph that these are.
    pub parameters: Vec<(String, ValueId)>,
    pub results: Vec<ValueId>,
    /// The functions without comments and what they are called.
    pub code: String,
    /// Some leaf is read from the arrays beside the file.
    pub reads_arrays: bool,
}

/// The functions of blocks that are written already.
struct Written<'a> {
    graph: &'a Graph,
    document: &'a Document,
    framework: Framework,
    custom: Custom,
    space: &'a str,
    /// Names that no variable may have.
    taken: &'a Names,
    globals: Globals,
    /// By the block's name and the code without comments.
    known: HashMap<(Box<str>, String), usize>,
    functions: Vec<(Called, Function)>,
    faults: Vec<Diagnostic>,
}

impl Written<'_> {
    fn of_step(&mut self, step: Step) -> (String, bool) {
        match step {
            Step::Block(id) => stacker::maybe_grow(STACK, 16 * STACK, || self.of_block(id)),
            Step::Op(_) => (String::new(), false),
        }
    }

    /// The name of a block's function, which is written if it is not yet.
    fn of_block(&mut self, id: BlockId) -> (String, bool) {
        let (graph, document, framework, taken) = (self.graph, self.document, self.framework, self.taken);
        let around = Surroundings { framework, graph, document, taken };
        let mut faults = Vec::new();
        let made = function::of_block(around, id, self.custom, &mut |step| self.of_step(step), &mut faults);
        self.faults.append(&mut faults);
        let is_custom = made.backward.is_some();
        let of = &graph.block(id).of;
        let mut plain = made.clone();
        let (bodies, backward) = (plain.body.iter_mut(), plain.backward.iter_mut());
        bodies.chain(backward.flat_map(|backward| &mut backward.body)).for_each(|line| line.comment.clear());
        let key = (of.clone(), custom::text(framework, self.custom, &plain, &Called::like(of), self.space));
        if let Some(&at) = self.known.get(&key) {
            let (called, known) = &mut self.functions[at];
            agree(known, &made);
            return (called.name.clone(), is_custom);
        }
        let beside = if is_custom { custom::beside(framework, self.custom) } else { &[] };
        let called = self.globals.take(of, beside);
        let name = called.name.clone();
        self.known.insert(key, self.functions.len());
        self.functions.push((called, made));
        (name, is_custom)
    }
}

/// Writes all functions, that of the graph apart, with its leaves and results.
fn written<'a>(
    graph: &'a Graph,
    document: &'a Document,
    request: &'a Request,
    globals: Globals,
    taken: &'a Names,
) -> (Written<'a>, Function, Vec<ValueId>, Vec<ValueId>) {
    let framework = request.framework;
    let mut written = Written {
        graph,
        document,
        framework,
        custom: request.custom,
        space: &request.name,
        taken,
        globals,
        known: HashMap::new(),
        functions: Vec::new(),
        faults: Vec::new(),
    };
    let around = Surroundings { framework, graph, document, taken };
    let mut faults = Vec::new();
    let (main, leaves, results) =
        function::of_graph(around, request.taps, &mut |step| written.of_step(step), &mut faults);
    faults.append(&mut written.faults);
    written.faults = faults;
    (written, main, leaves, results)
}

/// Keeps only those comments that are true of another use of the function, too.
fn agree(known: &mut Function, other: &Function) {
    let bodies = known.body.iter_mut().zip(&other.body);
    let backward = known.backward.iter_mut().zip(&other.backward);
    for (line, other) in bodies.chain(backward.flat_map(|(own, other)| own.body.iter_mut().zip(&other.body)))
    {
        if line.comment != other.comment {
            line.comment.clear();
        }
    }
}

/// Writes the file of a graph.
///
/// # Errors
/// Every op that has no spelling, and every leaf that only a file could hold where there is none.
pub fn module(graph: &Graph, document: &Document, request: &Request) -> Result<Module, Refusal> {
    let framework = request.framework;
    let blocks: BTreeSet<&str> = graph.blocks.iter().map(|block| &*block.of).collect();
    let globals = Globals::new(blocks, &request.name);
    let function = globals.graph.clone();
    let mut taken = Names::default();
    globals.given().iter().for_each(|name| taken.reserve(name));
    let (written, main, leaves, results) = loop {
        let (written, main, leaves, results) = written(graph, document, request, globals.clone(), &taken);
        // What functions there are is known by now, and no variable may have the name of one.
        let missing: Vec<String> =
            written.globals.given().iter().filter(|name| !taken.has(name)).cloned().collect();
        if missing.is_empty() {
            break (written, main, leaves, results);
        }
        missing.iter().for_each(|name| taken.reserve(name));
    };
    let mut faults = written.faults;
    let from = leaves::leaves(framework, graph, &leaves, &|file| request.folder.join(file).is_file());
    let reads_arrays = from.iter().any(|(_, from)| *from == From::Arrays);
    if reads_arrays && !request.has_arrays {
        let lost = from.iter().filter(|(_, from)| *from == From::Arrays);
        faults.extend(lost.map(|&(id, _)| {
            Diagnostic::error(format!("`{}` has too many numbers to write out", graph.value(id).name))
                .at(graph.value(id).span, "this leaf")
                .help("with `-o OUT.py` its numbers are saved beside the file")
        }));
    }
    if !faults.is_empty() {
        // A block that is used twice has its faults twice.
        let mut seen = HashSet::new();
        faults.retain(|fault: &Diagnostic| {
            let places = fault.labels.iter().map(|label| (label.span, label.text.clone()));
            seen.insert(places.collect::<Vec<_>>())
        });
        return Err(Refusal(faults));
    }
    let parameters: Vec<(String, ValueId)> = main.parameters.iter().cloned().zip(leaves).collect();
    let mut parts: Vec<String> = written
        .functions
        .iter()
        .map(|(called, function)| custom::text(framework, request.custom, function, called, &request.name))
        .collect();
    let mut code: String = written
        .known
        .iter()
        .map(|((_, code), at)| (at, code))
        .collect::<std::collections::BTreeMap<_, _>>()
        .into_values()
        .cloned()
        .collect();
    let mut plain = main.clone();
    plain.body.iter_mut().for_each(|line| line.comment.clear());
    code += &of_graph(graph, &plain, &function);
    parts.push(of_graph(graph, &main, &function));
    parts.push(leaf_function(graph, framework, &parameters, &from));
    parts.push(match framework {
        Framework::Torch => torch_main(graph, &function, &results),
        Framework::Jax => jax_main(graph, &function, &parameters, &results),
    });
    let body = parts.join("\n\n");
    let text = format!("{}{body}", head(graph, request, &body, reads_arrays));
    Ok(Module { text, code, function, parameters, results, reads_arrays })
}

fn of_graph(graph: &Graph, main: &Function, name: &str) -> String {
    let head = function::signature(name, &main.parameters, "", 0);
    let title = graph.title.as_deref().map(doc).filter(|title| !title.is_empty());
    let title = title.map_or_else(String::new, |title| format!("    \"\"\"{title}\"\"\"\n"));
    let mut text = format!("{head}{title}");
    main.body.iter().for_each(|line| line.print(&mut text));
    let results: Vec<Python> = main.results.iter().map(|(result, _)| result.clone()).collect();
    text + &returned(&results, 4)
}

/// Words of the file as a sentence in a docstring.
fn doc(words: &str) -> String {
    let words = words.trim();
    let end = if words.ends_with(['.', '?', '!']) || words.is_empty() { "" } else { "." };
    escape::python_doc(&format!("{words}{end}"))
}

fn head(graph: &Graph, request: &Request, body: &str, reads_arrays: bool) -> String {
    let title = graph.title.as_deref().map(doc).filter(|title| !title.is_empty());
    let to = request.framework.word();
    let title = title.unwrap_or_else(|| doc(&format!("The graph of {}.", request.file)));
    let file = escape::python_doc(&escape::shell(&request.file));
    let mut text = format!("\"\"\"{title}\n\nWritten by `graphrun export {file} --to {to}`.\n\"\"\"\n\n");
    let uses = |word: &str| {
        body.match_indices(word)
            .any(|(at, _)| !body[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    let reads_files = uses("DATA /");
    if reads_files || reads_arrays {
        text += "from pathlib import Path\n\n";
    }
    let mut imports = Vec::new();
    if request.framework == Framework::Jax {
        imports.push("import jax");
        imports.push("import jax.numpy as jnp");
    }
    if uses("np.") || reads_arrays {
        imports.push("import numpy as np");
    }
    if request.framework == Framework::Torch {
        imports.push("import torch");
    }
    if uses("load_file(") {
        imports.push(match request.framework {
            Framework::Torch => "from safetensors.torch import load_file",
            Framework::Jax => "from safetensors.flax import load_file",
        });
    }
    text += &format!("{}\n\n", imports.join("\n"));
    text += match request.framework {
        Framework::Torch => "DTYPE = torch.float64\n",
        Framework::Jax => "jax.config.update(\"jax_enable_x64\", True)\n\nDTYPE = jnp.float64\n",
    };
    if reads_files {
        // Python joins paths by `/` everywhere.
        let folder = match cfg!(windows) {
            true => request.folder_from_file.to_string_lossy().replace('\\', "/").into(),
            false => request.folder_from_file.clone(),
        };
        text += &match folder.as_os_str().is_empty() || folder == Path::new(".") {
            true => "DATA = Path(__file__).parent\n".to_string(),
            false => format!("DATA = Path(__file__).parent / {}\n", escape::python_path(&folder)),
        };
    }
    if reads_arrays {
        let arrays = escape::python(&format!("{}.npz", request.name));
        text += &format!("VALUES = np.load(Path(__file__).with_name({arrays}))\n");
    }
    text + "\n\n"
}

fn leaf_function(
    graph: &Graph,
    framework: Framework,
    parameters: &[(String, ValueId)],
    from: &[(ValueId, From)],
) -> String {
    let mut text =
        "def leaves():\n    \"\"\"The inputs, params and consts, as the graph file states them.\"\"\"\n"
            .to_string();
    let mut body = String::new();
    let wanted = leaves::wanted(graph);
    for ((name, id), (_, from)) in parameters.iter().zip(from) {
        let is_wanted = wanted.contains(id);
        body += &leaves::statement(framework, graph, *id, name, from, is_wanted).join("\n");
        body.push('\n');
    }
    if body.contains("rng.") {
        text += &format!("    rng = np.random.RandomState({})\n", graph.seed);
    }
    text += &body;
    if parameters.is_empty() {
        return text + "    return {}\n";
    }
    let all: Vec<String> =
        parameters.iter().map(|(name, _)| format!("{}: {name}", escape::python(name))).collect();
    let line = format!("    return {{{}}}", all.join(", "));
    match line.chars().count() <= super::python::WIDTH {
        true => format!("{text}{line}\n"),
        false => {
            let each: String = all.iter().map(|item| format!("        {item},\n")).collect();
            format!("{text}    return {{\n{each}    }}\n")
        }
    }
}

/// How many of the results backward starts from: the floats among the graph's outputs.
fn starts(graph: &Graph, results: &[ValueId]) -> Vec<usize> {
    let outputs: HashSet<ValueId> = graph.outputs.iter().copied().collect();
    let is_start = |id: &ValueId| outputs.contains(id) && graph.value(*id).differentiable;
    results.iter().enumerate().filter(|(_, id)| is_start(id)).map(|(at, _)| at).collect()
}

fn torch_main(graph: &Graph, function: &str, results: &[ValueId]) -> String {
    let starts = starts(graph, results);
    let mut text = "def main():\n    inputs = leaves()\n".to_string();
    let backward = |of: &str, is_scalar: bool| match is_scalar {
        true => format!("    {of}.backward()\n"),
        false => format!("    {of}.sum().backward()\n"),
    };
    let is_scalar = |at: usize| graph.value(results[at]).ty.shape.is_scalar();
    let back = match (&starts[..], results.len()) {
        ([], _) => String::new(),
        ([at], 1) => backward("output", is_scalar(*at)),
        ([at], _) => backward(&format!("outputs[{at}]"), is_scalar(*at)),
        (starts, _) => {
            let terms: Vec<String> = starts.iter().map(|at| format!("outputs[{at}].sum()")).collect();
            let sum = format!("    sum([{}]).backward()\n", terms.join(", "));
            match sum.len() <= super::python::WIDTH {
                true => sum,
                false => format!("    sum(outputs[at].sum() for at in {:?}).backward()\n", starts),
            }
        }
    };
    let call = format!("{function}(**inputs)");
    text += &match results.len() {
        1 => format!("    output = {call}\n    print(output)\n"),
        _ => format!("    outputs = {call}\n    print(*outputs, sep=\"\\n\")\n"),
    };
    if !back.is_empty() {
        text += &back;
        text += "    for name, value in inputs.items():\n        if value.grad is not None:\n            print(name, value.grad)\n";
    }
    text + MAIN
}

const MAIN: &str = "\n\nif __name__ == \"__main__\":\n    main()\n";

fn jax_main(graph: &Graph, function: &str, parameters: &[(String, ValueId)], results: &[ValueId]) -> String {
    let starts = starts(graph, results);
    let mut text = "def main():\n    inputs = leaves()\n".to_string();
    let call = format!("{function}(**inputs)");
    text += &match results.len() {
        1 => format!("    print({call})\n"),
        _ => format!("    print(*{call}, sep=\"\\n\")\n"),
    };
    let asked = leaves::wanted(graph);
    let wanted: Vec<Python> = parameters
        .iter()
        .filter(|(_, id)| asked.contains(id))
        .map(|(name, _)| Python::Text(name.clone()))
        .collect();
    if !starts.is_empty() && !wanted.is_empty() {
        let part = |at: &usize| match results.len() {
            1 => "outputs.sum()".to_string(),
            _ => format!("outputs[{at}].sum()"),
        };
        let sum: Vec<String> = starts.iter().map(part).collect();
        let list = Python::List(wanted);
        text += &format!(
            "{}\n\n    def total(leaves_wanted):\n        outputs = {function}(**{{**inputs, **leaves_wanted}})\n{}\n\n",
            list.lines("wanted = ", "", 4).join("\n"),
            match sum.join(" + ").len() < 70 {
                true => format!("        return {}", sum.join(" + ")),
                false => format!("        return sum(outputs[at].sum() for at in {starts:?})"),
            }
        );
        text += "    gradients = jax.grad(total)({name: inputs[name] for name in wanted})\n";
        text += "    for name, gradient in gradients.items():\n        print(name, gradient)\n";
    }
    text + MAIN
}
