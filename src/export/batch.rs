//! The batch: which axis of which leaf it is.

use crate::{
    diagnostic::{Diagnostic, Refusal},
    graph::{Graph, Origin, ValueId},
    syntax::{Dim, Document},
};

/// How the batch is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchAxis {
    /// By the name of a dimension, in the annotations of leaves.
    Dimension(String),
    /// By a leaf and an axis of it.
    Of(String, usize),
}

/// The leaves that have a batch axis, and which; they all have the same length there.
#[derive(Debug, Clone)]
pub struct Batch {
    pub axes: Vec<(ValueId, usize)>,
    pub length: usize,
}

impl Batch {
    /// Finds the batch of a graph.
    ///
    /// # Errors
    /// No leaf has such a dimension, there is no such leaf or axis, or lengths differ.
    pub fn of(graph: &Graph, document: &Document, told: &[BatchAxis]) -> Result<Self, Refusal> {
        let mut faults = Vec::new();
        let mut axes: Vec<(ValueId, usize)> = Vec::new();
        for axis in told {
            match axis {
                BatchAxis::Dimension(name) => {
                    let found = named(graph, document, name);
                    if found.is_empty() {
                        faults.push(none(graph, document, name));
                    }
                    axes.extend(found);
                }
                BatchAxis::Of(name, at) => match leaf(graph, name, *at) {
                    Ok(id) => axes.push((id, *at)),
                    Err(fault) => faults.push(fault),
                },
            }
        }
        axes.sort_unstable();
        axes.dedup();
        for pair in axes.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            let value = graph.value(pair[0].0);
            let words =
                format!("`{}` has the batch on two axes, {} and {}", value.name, pair[0].1, pair[1].1);
            faults.push(
                Diagnostic::error(words).at(value.span, "this leaf").help("name one axis by another name"),
            );
        }
        let length = |&(id, axis): &(ValueId, usize)| graph.value(id).ty.shape[axis];
        let first = axes.first().map_or(0, length);
        if let Some(other) = axes.iter().find(|axis| length(axis) != first) {
            let words = format!("the batch is {first} long, and {} in another leaf", length(other));
            let fault = Diagnostic::error(words).at(graph.value(other.0).span, "this leaf");
            faults.push(fault.at(graph.value(axes[0].0).span, format!("{first} long here")));
        }
        if faults.is_empty() { Ok(Self { axes, length: first }) } else { Err(Refusal(faults)) }
    }
}

/// The leaves of the file with a dimension of this name.
fn named(graph: &Graph, document: &Document, name: &str) -> Vec<(ValueId, usize)> {
    let mut found = Vec::new();
    for leaf in &document.leaves {
        let Some(id) = graph.find(&leaf.name.value) else { continue };
        let dims = leaf.ty.iter().flat_map(|ty| &ty.dims).flatten();
        let is_meant = |dim: &Dim| matches!(dim, Dim::Name(own) if **own == *name);
        found.extend(dims.enumerate().filter(|(_, dim)| is_meant(&dim.value)).map(|(axis, _)| (id, axis)));
    }
    found
}

fn none(graph: &Graph, document: &Document, name: &str) -> Diagnostic {
    let dims = document.leaves.iter().flat_map(|leaf| &leaf.ty).flat_map(|ty| &ty.dims).flatten();
    let known: Vec<&str> = dims
        .filter_map(|dim| match &dim.value {
            Dim::Name(name) => Some(&**name),
            Dim::Number(_) => None,
        })
        .collect();
    let has_axes = |leaf: &&crate::syntax::Leaf| {
        graph.find(&leaf.name.value).is_some_and(|id| !graph.value(id).ty.shape.is_scalar())
    };
    let fault = Diagnostic::error(format!("no leaf has a dimension `{name}` to share out"));
    let fault = match document.leaves.iter().find(has_axes) {
        Some(leaf) => fault.at(leaf.name.span, "which axis is the batch?"),
        None => fault,
    };
    let other = known.first().filter(|_| !known.contains(&name));
    let fault = other.into_iter().fold(fault.did_you_mean(name, known.iter().copied()), |fault, other| {
        fault.help(format!("`--batch {other}` takes that dimension"))
    });
    fault.help(format!(
        "name it where the leaf is declared, `input x: [{name}, 3]`, or say `--batch LEAF=AXIS`"
    ))
}

fn leaf(graph: &Graph, name: &str, axis: usize) -> Result<ValueId, Diagnostic> {
    let found = graph.find(name).filter(|id| matches!(graph.value(*id).origin, Origin::Leaf { .. }));
    let Some(id) = found else {
        let is_leaf = |id: &ValueId| matches!(graph.value(*id).origin, Origin::Leaf { .. });
        let known = graph.ids().filter(is_leaf).map(|id| &*graph.value(id).name);
        return Err(Diagnostic::error(format!("`--batch {name}={axis}`: there is no leaf `{name}`"))
            .did_you_mean(name, known));
    };
    let value = graph.value(id);
    if axis >= value.ty.shape.len() {
        let words = format!("`--batch {name}={axis}`: `{name}` has no axis {axis}");
        return Err(Diagnostic::error(words).at(value.span, format!("of shape {}", value.ty.shape)));
    }
    Ok(id)
}
