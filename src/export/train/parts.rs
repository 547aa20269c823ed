//! Whether the loss over a batch comes of those over its parts, and how. It is found out by running: the graph on
//! the whole batch, and on its parts.

use super::super::{
    batch::Batch,
    module::{Module, module},
    request::Request,
};
use crate::{
    diagnostic::{Diagnostic, Refusal},
    faults::Faults,
    graph::{Graph, Origin, ValueId},
    resolve::{self, resolve},
    run::Run,
    syntax::{Dim, Document},
    tensor::Tensor,
};
use foldhash::HashMap;
use ndarray::{ArrayD, Axis, Slice};
use std::sync::Arc;

/// Into so many parts a batch is cut at most.
const MOST: usize = 64;

/// Numbers that differ by less, relatively, are the same: they are sums in another order.
const CLOSE: f64 = 1e-9;

/// What the loss over the whole batch is of those over its parts, which are of one length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    Sum,
    Mean,
}

/// Finds out how loss and gradients of the whole batch come of those of its parts, at the file's numbers and beside them.
///
/// # Errors
/// They do not, the code holds the length of the batch, or the batch cannot be cut.
pub fn whole(
    graph: &Graph,
    document: &Document,
    made: &Module,
    request: &Request,
    batch: &Batch,
    reading: &resolve::Request,
) -> Result<Whole, Refusal> {
    let in_jax = "or export to JAX, where every device sees the whole batch";
    let place = |fault: Diagnostic| {
        let leaf = batch.axes.first().map(|&(id, _)| graph.value(id).span);
        leaf.into_iter().fold(fault, |fault, span| fault.at(span, "the batch"))
    };
    let length = batch.length;
    let Some(count) = (2..=MOST.min(length)).find(|count| length.is_multiple_of(*count)) else {
        let words = format!("a batch of {length} cannot be shared out among two or a few processes");
        return Err(place(Diagnostic::error(words)).help("take a batch that 2 divides").into());
    };
    let mut document = document.clone();
    // What is expected has the shape of the whole batch.
    document.expectations.clear();
    free(graph, &mut document, batch);
    let laid_out = |values: &Leaves| {
        let given = Arc::new(values.clone());
        let reading = resolve::Request { given, ..reading.clone() };
        resolve(&document, &reading, Faults::within(&reading.limits))
    };
    let mut found: Option<(bool, bool)> = None;
    for (turn, values) in [of_file(graph), beside(graph)].into_iter().enumerate() {
        let all = laid_out(&values)?;
        let parts: Vec<Graph> = (0..count)
            .map(|at| laid_out(&part(graph, &values, batch, at, count)))
            .collect::<Result<_, _>>()
            .map_err(|refusal: Refusal| stays(refusal, length))?;
        if turn == 0
            && let Some(first) = parts.first()
        {
            let other = module(first, &document, request)?;
            if let Some(line) = first_difference(&made.code, &other.code) {
                let words =
                    format!("the length of the batch stands in the code, `{line}`: a part of it has another");
                let help = "say it by what needs no length: `mean(x)` in place of `sum(x) / batch`";
                return Err(place(Diagnostic::error(words)).help(help).help(in_jax).into());
            }
        }
        let run = Run::backward(&all);
        let runs: Vec<Run> = parts.iter().map(Run::backward).collect();
        let Some((is_sum, is_mean)) = agrees(&run, &runs) else { continue };
        if !is_sum && !is_mean {
            let words = "loss and gradients over the batch are neither the sums nor the means of those over its parts";
            let fault = Diagnostic::error(words);
            let fault = match hangs_on_all(&run, &runs) {
                Some(id) => fault.at(all.value(id).span, "this hangs on the whole batch"),
                None => all.outputs.iter().fold(fault, |fault, &id| fault.at(all.value(id).span, "the loss")),
            };
            return Err(fault.help(in_jax.trim_start_matches("or ")).into());
        }
        let (sum, mean) = found.unwrap_or((true, true));
        found = Some((sum && is_sum, mean && is_mean));
    }
    match found {
        Some((false, true)) => Ok(Whole::Mean),
        Some((true, false)) => Ok(Whole::Sum),
        _ => {
            let words = "it cannot be told how the loss over the batch comes of those over its parts";
            let help = "give the leaves numbers for which loss and gradients are finite and not all 0";
            Err(place(Diagnostic::error(words)).help(help).help(in_jax).into())
        }
    }
}

/// An annotation that says how long the batch is says nothing of its parts.
fn free(graph: &Graph, document: &mut Document, batch: &Batch) {
    for leaf in &mut document.leaves {
        let id = graph.find(&leaf.name.value);
        let Some(&(_, axis)) = batch.axes.iter().find(|(own, _)| Some(*own) == id) else { continue };
        let dims = leaf.ty.iter_mut().flat_map(|ty| &mut ty.dims).flatten();
        if let Some(dim) =
            dims.skip(axis).map(|dim| &mut dim.value).next().filter(|dim| matches!(dim, Dim::Number(_)))
        {
            // No file can have a name with a space in it.
            *dim = Dim::Name("the batch".into());
        }
    }
}

type Leaves = HashMap<Box<str>, Tensor>;

fn stays(refusal: Refusal, length: usize) -> Refusal {
    let help =
        format!("this came up where a part of the batch was laid out, which has fewer than {length} rows");
    Refusal(refusal.0.into_iter().map(|fault| fault.help(help.clone())).collect())
}

fn of_file(graph: &Graph) -> Leaves {
    let leaves = graph.values.iter().filter_map(|value| match &value.origin {
        Origin::Leaf { data, .. } => Some((value.name.clone(), (**data).clone())),
        _ => None,
    });
    leaves.collect()
}

/// Floats a little beside the file's: equal rows, and zeros, would hide what hangs on what.
fn beside(graph: &Graph) -> Leaves {
    let mut leaves = of_file(graph);
    let mut state = 1_u64;
    for value in graph.values.iter().filter(|value| matches!(value.origin, Origin::Leaf { .. })) {
        if let Some(Tensor::Float(array)) = leaves.get_mut(&value.name) {
            array.mapv_inplace(|x| {
                // Knuth's linear congruential generator: any numbers will do.
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let by = (state >> 11) as f64 / (1_u64 << 53) as f64;
                if x == 0.0 { 0.1 * by } else { x * (1.0 + 0.1 * by) }
            });
        }
    }
    leaves
}

/// The leaves with one of the parts of the batch.
fn part(graph: &Graph, values: &Leaves, batch: &Batch, at: usize, count: usize) -> Leaves {
    let mut leaves = values.clone();
    let rows = batch.length / count;
    for &(id, axis) in &batch.axes {
        if let Some(tensor) = leaves.get_mut(&graph.value(id).name) {
            *tensor = cut(tensor, axis, at * rows, rows);
        }
    }
    leaves
}

fn cut(tensor: &Tensor, axis: usize, from: usize, rows: usize) -> Tensor {
    fn of<T: Clone>(array: &ArrayD<T>, axis: usize, from: usize, rows: usize) -> ArrayD<T> {
        array.slice_axis(Axis(axis), Slice::from(from..from + rows)).to_owned()
    }
    match tensor {
        Tensor::Float(array) => Tensor::Float(of(array, axis, from, rows)),
        Tensor::Int(array) => Tensor::Int(of(array, axis, from, rows)),
        Tensor::Bool(array) => Tensor::Bool(of(array, axis, from, rows)),
    }
}

fn first_difference<'a>(one: &'a str, other: &str) -> Option<&'a str> {
    let others = other.lines().map(Some).chain(std::iter::repeat(None));
    let line = one.lines().zip(others).find(|(line, other)| *other != Some(*line));
    line.map(|(line, _)| line.trim())
}

/// Whether loss and gradients of the params are sums of the parts', and whether they are means; `None` where
/// numbers are not finite.
fn agrees(all: &Run, parts: &[Run]) -> Option<(bool, bool)> {
    let names: Vec<&str> = all.graph.wanted.iter().map(|&id| &*all.graph.value(id).name).collect();
    let loss = all.graph.outputs.first().map(|&id| &*all.graph.value(id).name)?;
    let is_part_of = |name: &&str| {
        all.gradient(name).map(|own| own.shape()) == parts[0].gradient(name).map(|own| own.shape())
    };
    let numbers = |run: &Run| -> Vec<f64> {
        let gradients = names.iter().filter(|name| is_part_of(name)).filter_map(|name| run.gradient(name));
        run.value(loss).into_iter().chain(gradients).flat_map(|tensor| tensor.to_floats()).collect()
    };
    let whole = numbers(all);
    let mut sum = vec![0.0; whole.len()];
    let mut size = vec![0.0; whole.len()];
    for part in parts {
        for (at, x) in numbers(part).into_iter().enumerate() {
            sum[at] += x;
            size[at] += x.abs();
        }
    }
    if whole.iter().chain(&sum).any(|x| !x.is_finite()) {
        return None;
    }
    let close = |by: f64| {
        let mut all = whole.iter().zip(&sum).zip(&size);
        let largest = whole.iter().fold(0.0, |most: f64, x| x.abs().max(most));
        all.all(|((whole, sum), size)| (whole - sum * by).abs() <= CLOSE * (size * by).max(1e-3 * largest))
    };
    Some((close(1.0), close(1.0 / parts.len() as f64)))
}

/// The first node whose part, from a part of the batch, is not that part of it.
fn hangs_on_all(all: &Run, parts: &[Run]) -> Option<ValueId> {
    let first = &parts[0];
    all.graph.ids().filter(|&id| matches!(all.graph.value(id).origin, Origin::Node(_))).find(|&id| {
        let name = &all.graph.value(id).name;
        let (whole, Some(part)) = (all.value_of(id), first.value(name)) else { return false };
        let (long, short) = (whole.shape(), part.shape());
        let differ: Vec<usize> =
            (0..long.len().min(short.len())).filter(|&axis| long[axis] != short[axis]).collect();
        match differ[..] {
            [axis] if long.len() == short.len() && short[axis] < long[axis] => {
                let own = cut(&whole, axis, 0, short[axis]).to_floats();
                own.iter().zip(part.to_floats()).any(|(x, y)| (x - y).abs() > CLOSE * x.abs().max(1e-3))
            }
            _ => false,
        }
    })
}
