//! Tree to graph: names resolved, attributes typed, shapes known.
//!
//! The only maker of a [`Graph`]. It goes on behind a fault wherever what comes
//! next does not hang on it, so that one run shows all independent errors.

mod attribute;
mod builder;
mod constant;
mod dims;
mod fold;
mod leaf;
mod limits;
mod names;
mod node;
mod output;
mod report;
mod settings;

pub use limits::Limits;

use crate::{
    diagnostic::{Diagnostic, Refusal},
    graph::Graph,
    source::Name,
    sources::{Files, RandomState},
    syntax::{Document, Expression, Leaf},
};
use builder::Builder;
use constant::{Environment, Evaluator};
use dims::Dims;
use names::Names;
use node::Scope;

/// What a run asks of a graph, beside what its file says.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Values for leaves, in place of the file's.
    pub set: Vec<(Name, Expression)>,
    /// Where backward starts, in place of the file's.
    pub outputs: Vec<Name>,
    /// The leaves whose gradients are asked for, in place of all inputs and params.
    pub wrt: Vec<Name>,
    /// The seed of the random stream, in place of the file's.
    pub seed: Option<u32>,
    /// Where data files may lie.
    pub files: Files,
    pub limits: Limits,
}

/// Makes a graph of a document.
///
/// `faults` are what reading the text has found already; they are part of a refusal.
///
/// # Errors
/// All independent faults, in the order of the text.
pub fn check(document: &Document, request: &Request, faults: Vec<Diagnostic>) -> Result<Graph, Refusal> {
    let mut faults = faults;
    let seed = seed(document, request, &mut faults);
    let evaluator =
        Evaluator { random: RandomState::new(seed), files: &request.files, limits: request.limits };
    let mut builder = Builder::new(request.limits, evaluator);
    builder.faults = faults;
    builder.graph.title = document.title.as_ref().map(|title| title.value.clone());

    let names = Names::of(&document.leaves, &document.nodes, &document.broken, &mut builder.faults);
    let environment = Environment::new();
    let mut scope = Scope { names: &names, leaves: Vec::new(), nodes: Vec::new(), environment: &environment };
    scope.leaves = leaves(&mut builder, document, request, &environment);
    scope.nodes = vec![None; document.nodes.len()];
    for index in names.order(&document.nodes, &mut builder.faults) {
        let reached = builder.graph.nodes.len() >= request.limits.nodes;
        scope.nodes[index as usize] = node::lower(&mut builder, &scope, &document.nodes[index as usize]);
        if reached {
            break;
        }
    }
    output::choose(&mut builder, &scope, document, request);
    settings::read(&mut builder, &scope, document, request);

    let Builder { mut graph, faults, .. } = builder;
    let (warnings, mut errors): (Vec<_>, Vec<_>) = faults.into_iter().partition(|fault| fault.warning);
    graph.warnings = warnings;
    if errors.is_empty() {
        return Ok(graph);
    }
    errors.sort_by_key(|fault| fault.span().map_or(0, |span| span.start));
    Err(Refusal(errors))
}

fn seed(document: &Document, request: &Request, faults: &mut Vec<Diagnostic>) -> u32 {
    let written = document.seed.as_ref().map(|seed| {
        u32::try_from(seed.value).unwrap_or_else(|_| {
            faults.push(
                Diagnostic::error(format!("the seed {} is too large", seed.value))
                    .at(seed.span, "seeds go from 0 to 4294967295"),
            );
            0
        })
    });
    request.seed.or(written).unwrap_or(0)
}

/// Adds the leaves, in the file's order; `None` for those refused.
fn leaves(
    builder: &mut Builder,
    document: &Document,
    request: &Request,
    environment: &Environment,
) -> Vec<Option<crate::graph::ValueId>> {
    for (name, _) in &request.set {
        if !document.leaves.iter().any(|leaf| leaf.name.value == name.value) {
            let known = document.leaves.iter().map(|leaf| &*leaf.name.value);
            builder.faults.push(
                Diagnostic::error(format!("`{}` is not a leaf of this file", name.value))
                    .at(name.span, "cannot be set")
                    .did_you_mean(&name.value, known)
                    .help("inputs, params and consts can be set"),
            );
        }
    }
    let given = |leaf: &'_ Leaf| {
        request.set.iter().rev().find(|(name, _)| name.value == leaf.name.value).map(|(_, value)| value)
    };
    let mut dims = Dims::default();
    let values = leaf::values(
        document.leaves.iter().map(|leaf| (leaf, given(leaf).or(leaf.value.as_ref()))),
        &mut dims,
        &mut builder.evaluator,
        environment,
        &mut builder.faults,
    );
    document
        .leaves
        .iter()
        .zip(values)
        .map(|(leaf, value)| match builder.leaf(leaf.role, &leaf.name, value?) {
            Ok(id) => Some(id),
            Err(fault) => {
                builder.faults.push(fault);
                None
            }
        })
        .collect()
}
