//! One function: that of a block, or of the graph outside of all blocks.

use super::{
    body::{Body, Line},
    framework::{Custom, Framework, Keeps},
    names::Names,
    python::{Python, WIDTH},
    steps::{Step, arguments, is_own_constant, leading_to, steps, units},
};
use crate::{
    diagnostic::Diagnostic,
    graph::{BlockId, CustomBackward, Graph, Origin, Phase, ValueId},
    syntax::Document,
};
use std::collections::HashSet;

/// A function without its name.
#[derive(Debug, Clone)]
pub struct Function {
    pub parameters: Vec<String>,
    pub body: Vec<Line>,
    /// Each with whether it is a tensor of its own, that no input and no other output is a view of.
    pub results: Vec<(Python, bool)>,
    pub backward: Option<Backward>,
}

/// The function's backward by hand.
#[derive(Debug, Clone)]
pub struct Backward {
    /// What arrives at each result.
    pub upstreams: Vec<String>,
    pub saved: Vec<String>,
    pub body: Vec<Line>,
    /// For each parameter; `None` where no gradient goes.
    pub gradients: Vec<Option<Python>>,
}

/// Names a function for a step, and says whether all its arguments must be tensors.
pub type Callee<'a> = dyn FnMut(Step) -> (String, bool) + 'a;

/// What all functions of a file share.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    pub framework: Framework,
    pub graph: &'a Graph,
    pub document: &'a Document,
    /// Names that no variable may have.
    pub taken: &'a Names,
}

/// The function of a block.
pub fn of_block(
    around: Surroundings,
    id: BlockId,
    custom: Custom,
    callee: &mut Callee,
    faults: &mut Vec<Diagnostic>,
) -> Function {
    let Surroundings { framework, graph, document, taken } = around;
    let block = graph.block(id);
    let definition = document.blocks.iter().rev().find(|known| known.name.value == block.of);
    let named: HashSet<&str> = definition
        .iter()
        .flat_map(|definition| definition.nodes.iter().flat_map(|node| node.names()))
        .map(|name| &*name.value)
        .collect();
    let called = |id: ValueId| {
        if let Some(given) = block.gives(id) {
            return (given.to_string(), true);
        }
        let name = &graph.value(id).name;
        let own = name.strip_prefix(&*block.name).and_then(|rest| rest.strip_prefix('.'));
        own.map_or_else(|| (name.to_string(), false), |own| (own.to_string(), named.contains(own)))
    };
    let keeps = custom.keeps(framework);
    let indent = if block.backward.is_some() { custom.indent() } else { 4 };
    let all = steps(graph, Some(id));
    let results: Vec<ValueId> = block.outputs.iter().map(|&(output, _)| output).collect();
    let takes = arguments(graph, id);
    let ends: HashSet<ValueId> = takes.iter().chain(&results).copied().collect();

    let mut body = Body::new(framework, graph, &called, &block.lengths, indent);
    body.names = taken.clone();
    let inputs = definition.map_or(&[][..], |definition| &definition.inputs);
    let mut parameters = Vec::new();
    for (at, &argument) in takes.iter().enumerate() {
        let name = match inputs.get(at).filter(|_| at < block.inputs.len()) {
            Some(input) => body.names.take(&input.name.value),
            None => body.names.take(&called(argument).0),
        };
        body.known.entry(argument).or_insert_with(|| name.clone());
        parameters.push(name);
    }
    // What the file names keeps its name.
    for value in block.values.clone().map(ValueId).filter(|value| called(*value).1) {
        body.name(value);
    }

    let backward = block.backward.as_ref();
    let plan = backward.map(|backward| Needs::of(graph, &all, backward, &ends, keeps));
    let mut kept: HashSet<ValueId> = plan.iter().flat_map(|plan| plan.saved.iter().copied()).collect();
    let known: HashSet<ValueId> = takes.iter().copied().collect();
    let mut forward_results = results.clone();
    forward_results.extend(kept.iter().filter(|value| !ends.contains(value)));
    forward_results[results.len()..].sort_unstable();
    let (used, starts) = leading_to(graph, &all, &forward_results, &known);
    starts.iter().filter(|value| is_own_constant(graph, id, **value)).for_each(|value| body.constant(*value));
    kept.extend(results.iter().filter(|_| results.len() > 1));
    body.write(&used, &forward_results, &kept, callee);
    let written: Vec<(Python, bool)> = results
        .iter()
        .enumerate()
        .map(|(at, &value)| (body.result(value, 8), is_own_tensor(graph, &used, &results[..at], value)))
        .collect();
    faults.append(&mut body.faults);
    let forward = std::mem::take(&mut body.lines);
    let backward = backward.zip(plan).map(|(backward, plan)| {
        let lines = &backward.lines;
        let mut own = Body::new(framework, graph, &called, &block.lengths, indent);
        // Both functions call a value by the same name.
        own.names = body.names.clone();
        own.known = body.known.clone();
        let mut upstreams = Vec::new();
        for (output, given) in &block.outputs {
            let name = own.names.take(&format!("grad_{given}"));
            let upstream = backward.upstreams.iter().find(|(of, _)| of == output);
            if let Some(&(_, upstream)) = upstream {
                own.known.insert(upstream, name.clone());
            }
            upstreams.push(name);
        }
        let constants = plan.starts.iter().filter(|value| is_own_constant(graph, id, **value));
        constants.for_each(|value| own.constant(*value));
        let gradients: Vec<ValueId> = lines.iter().map(|line| line.gradient).collect();
        own.write(&plan.steps, &gradients, &HashSet::new(), callee);
        let gradients: Vec<Option<Python>> = takes
            .iter()
            .zip(&parameters)
            .map(|(argument, name)| {
                let line = lines.iter().find(|line| line.to == *argument)?;
                let gradient = graph.value(line.gradient);
                Some(match &gradient.origin {
                    Origin::Literal(_) if gradient.ty.shape != graph.value(*argument).ty.shape => {
                        framework.filled(Python::name(name), own.operand(line.gradient, true))
                    }
                    _ => own.result(line.gradient, 8),
                })
            })
            .collect();
        faults.append(&mut own.faults);
        let saved = plan.saved.iter().map(|&value| body.name(value)).collect();
        Backward { upstreams, saved, body: own.lines, gradients }
    });
    Function { parameters, body: forward, results: written, backward }
}

/// The function of the graph, its parameters and its results: the outputs, and what nothing uses.
pub fn of_graph(
    around: Surroundings,
    taps: bool,
    callee: &mut Callee,
    faults: &mut Vec<Diagnostic>,
) -> (Function, Vec<ValueId>, Vec<ValueId>) {
    let Surroundings { framework, graph, taken, .. } = around;
    let all = if taps { units(graph) } else { steps(graph, None) };
    let blocks = all.iter().filter(|step| matches!(step, Step::Block(_)));
    let of_blocks: HashSet<ValueId> = blocks.flat_map(|step| step.outputs(graph)).collect();
    let called = |id: ValueId| {
        let value = graph.value(id);
        let is_named = matches!(value.origin, Origin::Node(node) if graph.node(node).named);
        (value.name.to_string(), is_named || of_blocks.contains(&id))
    };
    let used: HashSet<ValueId> = all.iter().flat_map(|step| step.inputs(graph)).collect();
    let mut results = graph.outputs.clone();
    let given: HashSet<ValueId> = results.iter().copied().collect();
    for step in &all {
        let outputs = step.outputs(graph);
        let is_unused = outputs.iter().all(|id| !used.contains(id) && !given.contains(id));
        let is_free = |id: &&ValueId| is_unused && called(**id).1;
        let free: Vec<ValueId> = outputs.iter().filter(is_free).copied().collect();
        results.extend(free);
    }
    let (used, starts) = leading_to(graph, &all, &results, &HashSet::new());
    let leaves: Vec<ValueId> = {
        let is_used: HashSet<ValueId> = starts.iter().copied().collect();
        let is_leaf = |id: &ValueId| matches!(graph.value(*id).origin, Origin::Leaf { .. });
        graph.ids().filter(|id| is_leaf(id) && is_used.contains(id)).collect()
    };
    let mut body = Body::new(framework, graph, &called, &[], 4);
    body.taps = taps;
    body.names = taken.clone();
    let parameters: Vec<String> = leaves.iter().map(|&leaf| body.name(leaf)).collect();
    for value in graph.ids().filter(|value| called(*value).1) {
        body.name(value);
    }
    body.refuse_long_literals();
    let kept: HashSet<ValueId> = results.iter().copied().collect();
    body.write(&used, &results, &kept, callee);
    let written = results.iter().map(|&value| (body.result(value, 8), true)).collect();
    faults.append(&mut body.faults);
    (Function { parameters, body: body.lines, results: written, backward: None }, leaves, results)
}

/// What a backward by hand computes, and from what.
struct Needs {
    steps: Vec<Step>,
    starts: Vec<ValueId>,
    saved: Vec<ValueId>,
}

impl Needs {
    fn of(
        graph: &Graph,
        all: &[Step],
        backward: &CustomBackward,
        ends: &HashSet<ValueId>,
        keeps: Keeps,
    ) -> Self {
        let mut known = ends.clone();
        known.extend(backward.upstreams.iter().map(|&(_, upstream)| upstream));
        if keeps == Keeps::All {
            // What hangs on no input is computed again: it may be a plain number, which cannot be kept.
            let mut hang: HashSet<ValueId> = ends.clone();
            for step in all.iter().filter(|step| step.phase(graph) == Phase::Forward) {
                if step.inputs(graph).iter().any(|input| hang.contains(input)) {
                    hang.extend(step.outputs(graph));
                }
            }
            known.extend(hang);
        }
        let gradients: Vec<ValueId> = backward.lines.iter().map(|line| line.gradient).collect();
        let (steps, starts) = leading_to(graph, all, &gradients, &known);
        let is_upstream = |value: &ValueId| matches!(graph.value(*value).origin, Origin::Upstream(_));
        let mut saved: Vec<ValueId> =
            starts.iter().copied().filter(|value| known.contains(value) && !is_upstream(value)).collect();
        // A gradient that is a number takes its shape from its input.
        for line in &backward.lines {
            let gradient = graph.value(line.gradient);
            if matches!(gradient.origin, Origin::Literal(_))
                && gradient.ty.shape != graph.value(line.to).ty.shape
                && !saved.contains(&line.to)
            {
                saved.push(line.to);
            }
        }
        saved.sort_unstable();
        Self { steps, starts, saved }
    }
}

/// No other tensor shares its memory.
fn is_own_tensor(graph: &Graph, used: &[Step], before: &[ValueId], value: ValueId) -> bool {
    const VIEWS: &[&str] = &[
        "reshape",
        "flatten",
        "transpose",
        "slice",
        "squeeze",
        "unsqueeze",
        "broadcast_to",
        "diagonal",
        "cast",
    ];
    let is_made = |step: &Step| match step {
        Step::Op(id) => {
            let node = graph.node(*id);
            node.outputs[0] == value && !VIEWS.contains(&node.kernel.card().name)
        }
        Step::Block(_) => false,
    };
    !before.contains(&value) && used.iter().any(is_made)
}

/// The first lines of a function.
pub fn signature(name: &str, parameters: &[String], gives: &str, indent: usize) -> String {
    let margin = " ".repeat(indent);
    let line = format!("{margin}def {name}({}){gives}:", parameters.join(", "));
    if line.chars().count() <= WIDTH || parameters.is_empty() {
        return format!("{line}\n");
    }
    let each: String = parameters.iter().map(|parameter| format!("{margin}    {parameter},\n")).collect();
    format!("{margin}def {name}(\n{each}{margin}){gives}:\n")
}

/// `return a, b`.
pub fn returned(results: &[Python], indent: usize) -> String {
    let margin = " ".repeat(indent);
    let words: Vec<String> = results.iter().map(Python::print).collect();
    let line = format!("{margin}return {}", words.join(", "));
    let lines = match results {
        [result] => result.lines("return ", "", indent),
        _ if line.chars().count() <= WIDTH => vec![line],
        _ => Python::Tuple(results.to_vec()).lines("return ", "", indent),
    };
    format!("{}\n", lines.join("\n"))
}
