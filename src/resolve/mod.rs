//! Tree to graph: names resolved, attributes typed, shapes known.
//!
//! The only maker of a [`Graph`]. It goes on behind a fault wherever what comes
//! next does not hang on it, so that one run shows all independent errors.

mod attribute;
mod block;
mod blocks;
mod builder;
mod connect;
mod constant;
mod count;
mod custom_backward;
mod dims;
mod elsewhere;
mod expect;
mod fold;
mod formula;
mod gives;
mod index;
mod kinds;
mod later;
mod layers;
mod leaf;
mod library;
mod lookalike;
mod meter;
mod names;
mod needed;
mod node;
mod operands;
mod output;
mod repeated;
mod report;
mod rewrite;
mod runs;
mod scope;
mod settings;
mod sketch;
mod split;
mod upstream;

pub use expect::{MOST_MESSAGES, WITHIN};

use crate::{
    budget::Share,
    diagnostic::{Cause, Diagnostic, Refusal},
    faults::Faults,
    graph::{Graph, Origin, Value},
    initializers::{Files, RandomState},
    limits::Limits,
    source::{Name, Span},
    syntax::{Document, Expression},
    tensor::Tensor,
};
use blocks::Blocks;
use builder::Builder;
use constant::{Environment, Evaluator};
use dims::Dims;
use foldhash::{HashMap, HashSet, HashSetExt};
use meter::Meter;
use names::Names;
use needed::Needed;
use scope::Scope;
use std::sync::Arc;

/// What a run asks of a graph, beside what its file says.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Values for leaves, in place of the file's.
    pub set: Vec<(Name, Expression)>,
    /// Values of leaves that come from elsewhere, by name; a name that no leaf has is of no account.
    pub given: Arc<HashMap<Box<str>, Tensor>>,
    /// Where backward starts, in place of the file's.
    pub outputs: Vec<Name>,
    /// Gradients that backward starts from, in place of ones.
    pub upstreams: Vec<(Name, Expression)>,
    /// The leaves whose gradients are asked for, in place of all inputs and params.
    pub wrt: Vec<Name>,
    /// The seed of the random stream, in place of the file's.
    pub seed: Option<u32>,
    /// Where data files may lie.
    pub files: Files,
    /// Keep the expressions of leaves, for whoever writes the graph down again.
    pub keep_expressions: bool,
    pub limits: Limits,
    /// The tolerance of expectations, where neither they nor the file give one.
    pub within: Option<f64>,
    /// What the file may have of memory that others use too.
    pub share: Share,
}

/// Makes a graph of a document.
///
/// `faults` are what reading the text has found already; they are part of a refusal.
///
/// # Errors
/// All independent faults, in the order of the text.
pub fn resolve(document: &Document, request: &Request, faults: Faults) -> Result<Graph, Refusal> {
    let mut faults = faults;
    // What a used file lacks comes first: others may hang on it.
    let of_used: HashSet<Option<Span>> = faults
        .iter()
        .map(Diagnostic::span)
        .filter(|span| !span.is_some_and(|span| document.holds(span)))
        .collect();
    // What comes next looks whether anything is at fault.
    let of_text = faults.take_warnings();
    let seed = seed(document, request, &mut faults);
    let evaluator = Evaluator {
        random: RandomState::new(seed),
        files: &request.files,
        meter: Meter::new(request.limits),
        unpacked: 0,
        later: Vec::new(),
        unknown_dims: std::collections::HashSet::new(),
    };
    let mut builder = Builder::new(evaluator, &request.set);
    builder.given = Some(&request.given);
    builder.faults = faults;
    builder.reserve(document.leaves.len(), document.nodes.len());
    builder.keep_expressions = request.keep_expressions;
    builder.graph.seed = seed;
    builder.graph.title = document.title.as_ref().map(|title| title.value.clone());

    let blocks = Blocks::of(&document.blocks, &document.broken, &mut builder.faults);
    builder.graph.shadowed = blocks.shadowed();
    match document.is_library() {
        true => library::check(&mut builder, &blocks, document),
        false => match count::hold(document, &blocks, &request.limits) {
            Ok(counted) => {
                builder.counted = counted;
                add_statements(&mut builder, &blocks, document, request);
            }
            Err(fault) => builder.faults.push(fault),
        },
    }
    if builder.faults.iter().all(|fault| fault.cause.limit().is_none()) {
        request.share.take(builder.evaluator.meter.bytes());
        later::fill(&mut builder);
    }

    let Builder { mut graph, mut faults, evaluator: Evaluator { unknown_dims, .. }, .. } = builder;
    // A refused leaf is shown, and not what misses the dimensions that it would have fixed; a
    // file that cannot be read, and not the calls of its blocks.
    let is_unresolved =
        faults.iter().any(|fault| matches!(fault.cause, Cause::Unresolved(_) | Cause::DefinedTwice));
    let hangs_on_another = |fault: &Diagnostic| match &fault.cause {
        Cause::Unresolved(name) => unknown_dims.contains(name) || document.lost.may_define(name),
        Cause::UnknownOp(name) => document.lost.may_define_block(name),
        Cause::Absent => !document.lost.is_empty(),
        Cause::Unused => is_unresolved || !document.lost.is_empty(),
        _ => false,
    };
    faults.retain(|fault| !hangs_on_another(fault));
    // A block that is called twice shows its own faults once.
    let mut seen: HashSet<(String, Option<Span>)> = HashSet::new();
    faults.retain(|fault| seen.insert((fault.message.clone(), fault.span())));
    repeated::join(&mut faults);
    faults.iter_mut().for_each(|fault| kinds::advise(fault, document, &graph));
    let (warnings, mut refusal) = faults.parts();
    if let Some(Refusal(errors)) = &mut refusal
        && !of_used.is_empty()
    {
        errors.sort_by_key(|fault| !of_used.contains(&fault.span()));
    }
    graph.warnings = of_text.into_iter().chain(warnings).chain(lookalike::warnings(document)).collect();
    refusal.map_or(Ok(graph), Err)
}

/// Makes the leaves and nodes of a document, and what it says of them.
fn add_statements(builder: &mut Builder, blocks: &Blocks, document: &Document, request: &Request) {
    let names = Names::of(
        std::iter::empty(),
        &document.leaves,
        &document.nodes,
        &document.broken,
        &mut builder.faults,
    );
    let environment = Environment::new();
    let mut dims = Dims::default();
    let uses = names.uses_of(&document.nodes);
    let needed = Needed::of(document, &names, &uses, blocks, request);
    let is_needed = |leaf: usize| needed.leaves[leaf];
    let leaves = leaf::add(builder, &document.leaves, is_needed, &mut dims, &environment, |name| name.into());
    let environment = dims.constants(&environment);
    if is_full(builder) {
        return;
    }
    let layers = layers::of(&document.nodes, blocks);
    let mut scope = Scope {
        names: &names,
        arguments: Vec::new(),
        leaves,
        nodes: vec![None; document.nodes.len()],
        upstreams: Vec::new(),
        environment: &environment,
        blocks,
        layers: &layers,
        within: None,
    };
    for index in names::order(&document.nodes, &uses, &mut builder.faults) {
        let index = index as usize;
        if !needed.nodes[index] || layers.contains_key(&*document.nodes[index].name.value) {
            continue;
        }
        scope.nodes[index] = node::lower(builder, &scope, &document.nodes[index], &uses[index]);
        if is_full(builder) {
            return;
        }
    }
    layers::all_called(builder, &scope);
    nothing_lost(builder, &scope, document, &needed);
    all_set(builder, document, request);
    needed.refuse_others(builder, &names, request);
    settings::read(builder, &scope, document, request);
    // The file's expectations are of the file's own values and gradients.
    if request.set.is_empty() && request.upstreams.is_empty() && request.outputs.is_empty() {
        expect::read(builder, &scope, document, request.within);
    }
    output::choose(builder, &scope, document, request);
    upstream::read(builder, &scope, document, request);
}

/// What was refused was refused with a word: else a statement would be lost, and what is expected of it.
fn nothing_lost(builder: &mut Builder, scope: &Scope, document: &Document, needed: &Needed) {
    if builder.faults.iter().any(|fault| !fault.warning) {
        return;
    }
    for (index, node) in document.nodes.iter().enumerate() {
        let is_layer = scope.layers.contains_key(&*node.name.value);
        if needed.nodes[index] && !is_layer && scope.nodes[index].is_none() {
            builder.faults.push(
                Diagnostic::error(format!("`{}` could not be made", node.name.value))
                    .at(node.span, "and nothing was found that is wrong with it")
                    .help("this is a fault of graphrun: please report it"),
            );
        }
    }
}

/// A limit on the whole file is reached: whatever came next would say so too.
fn is_full(builder: &Builder) -> bool {
    builder.faults.last().is_some_and(leaf::is_of_the_file)
}

fn seed(document: &Document, request: &Request, faults: &mut Faults) -> u32 {
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

/// Every leaf set from outside is there.
fn all_set(builder: &mut Builder, document: &Document, request: &Request) {
    let leaves = || {
        let is_leaf = |value: &&Value| matches!(value.origin, Origin::Leaf { .. });
        let made = builder.graph.values.iter().filter(is_leaf).map(|value| &*value.name);
        // One that takes no part may be set all the same.
        made.chain(document.leaves.iter().map(|leaf| &*leaf.name.value))
    };
    if request.set.is_empty() {
        return;
    }
    let known: HashSet<&str> = leaves().collect();
    let mut faults = Vec::new();
    for (name, _) in &request.set {
        if !known.contains(&*name.value) {
            faults.push(
                Diagnostic::error(format!("`{}` is not a leaf of this file", name.value))
                    .at(name.span, "cannot be set")
                    .did_you_mean(&name.value, leaves())
                    .help("inputs, params and consts can be set"),
            );
        }
    }
    builder.faults.extend(faults);
}
