//! What a dump says of a graph: inputs as the kernel saw them, upstream gradients, results.

use crate::{
    diagnostic::{Diagnostic, Refusal, SHOWN, closest},
    engine::Stored,
    graph::{Graph, Origin, Phase, ValueId},
    initializers::DumpArray,
    plan::Plan,
    precision::Precision,
    simulate::Arithmetic,
    source::Span,
    syntax::Role,
    tensor::{Kind, Tensor},
};
use foldhash::{HashMap, HashSet};

/// What is claimed of the kernel's arithmetic, beside what the arrays' types say.
#[derive(Debug, Clone, Copy, Default)]
pub struct Claimed {
    /// What numbers were rounded to, where they are stored in a wider format.
    pub precision: Option<Precision>,
    /// Sums were accumulated in what they are stored in, and not in f32.
    pub accumulate_same: bool,
}

/// A result of the kernel.
#[derive(Debug, Clone)]
pub struct Claim {
    pub of: Stored,
    /// The format that it was rounded to; of ints and bools, which must be the right ones, the least.
    pub precision: Precision,
    pub got: Vec<f64>,
}

/// All that a dump says.
pub struct Claims {
    /// In the order in which a run computes them.
    pub results: Vec<Claim>,
    pub arithmetic: Arithmetic,
    /// Leaves that the dump does not have: they hold what the file says.
    pub from_file: Vec<ValueId>,
    /// Outputs whose upstream gradients it does not have, though it has gradients.
    pub upstreams_left: Vec<ValueId>,
    /// The leaves whose gradients are asked for, with consts whose gradients the dump has.
    pub wanted: Vec<ValueId>,
}

/// The array of a gradient, as it is named in dumps.
pub fn gradient_name(name: &str) -> String {
    format!("grad({name})")
}

/// The array of what arrives at an output.
pub fn upstream_name(name: &str) -> String {
    format!("upstream({name})")
}

/// The array of what was measured of a gradient, which is no result of the kernel.
pub fn measured_name(name: &str) -> String {
    format!("measured({name})")
}

fn inner<'a>(array: &'a str, word: &str) -> Option<&'a str> {
    array.strip_prefix(word)?.strip_prefix('(')?.strip_suffix(')')
}

/// What a gradient, or an upstream gradient, is of.
fn inner_name(array: &str) -> Option<&str> {
    ["grad", "upstream", "measured"].iter().find_map(|word| inner(array, word))
}

/// The values that a dump gives to leaves, and much else besides: a leaf takes what has its name.
pub fn given(dump: &[DumpArray]) -> HashMap<Box<str>, Tensor> {
    let values = dump.iter().filter(|array| inner_name(&array.name).is_none());
    values.map(|array| (array.name.as_str().into(), array.tensor.clone())).collect()
}

/// Lays a dump over the graph that was made with its leaves; upstream gradients go into the graph.
///
/// # Errors
/// Every array that fits nothing in the graph, and every one that cannot be what it is said to be.
pub fn lay(graph: &mut Graph, dump: &[DumpArray], claimed: Claimed) -> Result<Claims, Refusal> {
    let mut faults = Vec::new();
    let mut upstreams = Vec::new();
    let (mut results, mut leaves) = (Vec::new(), Vec::new());
    let names = Names::of(graph);
    let mut placed = HashMap::<Place, &str>::default();
    for array in dump.iter().filter(|array| inner(&array.name, "measured").is_none()) {
        let place = match names.place(graph, array, faults.len() < SHOWN) {
            Ok(place) => place,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        if let Some(before) = placed.insert(place, &array.name) {
            let words = format!("the dump has `{before}` and `{}`, which are one in the graph", array.name);
            faults.push(Diagnostic::error(words).help("leave one of them out"));
            continue;
        }
        match place {
            Place::Leaf(leaf) => leaves.push((leaf, array)),
            Place::Upstream(output) => upstreams.push((output, array)),
            Place::Result(of) => results.push((of, array)),
        }
    }
    let given: HashSet<ValueId> = leaves.iter().map(|(leaf, _)| *leaf).collect();
    let arriving: HashSet<ValueId> = upstreams.iter().map(|(output, _)| *output).collect();
    drop(names);
    graph.upstreams.retain(|(of, _)| !arriving.contains(of));
    for (leaf, array) in &leaves {
        faults.extend(unfit_input(array, graph.value(*leaf).span, &results));
    }
    for &(output, array) in &upstreams {
        faults.extend(unfit_input(array, graph.value(output).span, &results));
        match &array.tensor {
            tensor @ Tensor::Float(_) => graph.upstreams.push((output, tensor.clone())),
            Tensor::Int(_) | Tensor::Bool(_) => faults.push(no_floats(array, graph.value(output).span)),
        }
    }
    let mut wanted = graph.wanted.clone();
    let mut is_wanted: HashSet<ValueId> = wanted.iter().copied().collect();
    for (of, _) in &results {
        if let Stored::Gradient(leaf) = *of
            && matches!(graph.value(leaf).origin, Origin::Leaf { .. })
            && is_wanted.insert(leaf)
        {
            wanted.push(leaf);
        }
    }
    let plan = Plan::new(graph, &wanted);
    let mut claims = Vec::new();
    for (of, array) in results {
        match claim(graph, &plan, of, array, claimed) {
            Ok(claim) => claims.push(claim),
            Err(fault) => faults.push(fault),
        }
    }
    drop(plan);
    if claims.is_empty() && faults.is_empty() {
        faults.push(
            Diagnostic::error("the dump holds no result: every array is an input of the graph").help(
                "store what the kernel gave under the names of nodes, and its gradients as `grad(NAME)`",
            ),
        );
    }
    if !faults.is_empty() {
        return Err(Refusal(faults));
    }
    claims.sort_by_key(|claim| order(claim.of));
    let stored = claims.iter().map(|claim| (claim.of, claim.precision));
    let held = leaves.iter().filter_map(|(leaf, array)| Some((Stored::Value(*leaf), array.precision?)));
    let coarsest = claims.iter().map(|claim| claim.precision).max_by(|a, b| a.unit().total_cmp(&b.unit()));
    let mut arithmetic = Arithmetic::of(claimed.precision.or(coarsest).unwrap_or(Precision::F64));
    arithmetic.stored = stored.chain(held).collect();
    if claimed.precision.is_some() && arithmetic.factors.is_some() {
        arithmetic.storage = coarsest.unwrap_or(arithmetic.storage);
    }
    if claimed.accumulate_same {
        arithmetic.accumulate = arithmetic.storage;
    }
    let is_leaf = |id: &ValueId| matches!(graph.value(*id).origin, Origin::Leaf { .. });
    let from_file = graph.ids().filter(|id| is_leaf(id) && !given.contains(id)).collect();
    let goes_back = claims.iter().any(|claim| matches!(claim.of, Stored::Gradient(_)));
    let is_left = |id: &ValueId| goes_back && graph.value(*id).differentiable && !arriving.contains(id);
    let upstreams_left = graph.outputs.iter().copied().filter(is_left).collect();
    Ok(Claims { results: claims, arithmetic, from_file, upstreams_left, wanted })
}

/// Values as they are computed, then gradients as they are.
fn order(of: Stored) -> (bool, i64) {
    match of {
        Stored::Value(id) => (false, i64::from(id.0)),
        Stored::Gradient(id) => (true, -i64::from(id.0)),
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Leaf(ValueId),
    Upstream(ValueId),
    Result(Stored),
}

/// What names stand for, and what is asked of values again and again.
struct Names {
    values: HashMap<Box<str>, ValueId>,
    outputs: HashSet<ValueId>,
    /// A node of forward uses them.
    used: HashSet<ValueId>,
}

impl Names {
    fn of(graph: &Graph) -> Self {
        let mut values = HashMap::default();
        for id in graph.ids().filter(|&id| !matches!(graph.value(id).origin, Origin::Literal(_))) {
            values.entry(graph.value(id).name.as_ref().into()).or_insert(id);
        }
        let forward = graph.nodes.iter().filter(|node| node.phase == Phase::Forward);
        let used = forward.flat_map(|node| node.inputs.iter().copied()).collect();
        Self { values, outputs: graph.outputs.iter().copied().collect(), used }
    }

    /// What in the graph an array is about. What may have been meant is looked for where it is shown.
    fn place(&self, graph: &Graph, array: &DumpArray, is_shown: bool) -> Result<Place, Diagnostic> {
        let inner = inner_name(&array.name);
        let typed = inner.unwrap_or(&array.name);
        let Some(&id) = self.values.get(typed) else {
            let words = format!("the dump has an array `{}`, the graph nothing of that name", array.name);
            let mut fault = Diagnostic::error(words);
            let near = if is_shown { closest(typed, self.values.keys().map(|name| &**name)) } else { None };
            if let Some(near) = near {
                let meant = match inner {
                    Some(_) => array.name.replace(&format!("({typed})"), &format!("({near})")),
                    None => near.to_string(),
                };
                fault = fault.help(format!("did you mean `{meant}`?"));
            }
            return Err(fault.help("arrays bear the names of leaves and nodes, gradients are `grad(NAME)`"));
        };
        let value = graph.value(id);
        let shape = array.tensor.shape();
        if shape != value.ty.shape {
            let words =
                format!("`{}` has shape {} in the graph and {shape} in the dump", array.name, value.ty.shape);
            return Err(Diagnostic::error(words).at(value.span, format!("of shape {}", value.ty.shape)));
        }
        match (inner, &value.origin) {
            (None, Origin::Leaf { .. }) => Ok(Place::Leaf(id)),
            (None, _) => Ok(Place::Result(Stored::Value(id))),
            (Some(_), _) if value.ty.kind != Kind::Float => {
                let words = format!(
                    "the dump has `{}`, and `{}` holds {}s: it has no gradient",
                    array.name,
                    value.name,
                    value.ty.kind.word()
                );
                Err(Diagnostic::error(words).at(value.span, "declared here"))
            }
            (Some(_), _) if array.name.starts_with("upstream(") => match self.outputs.contains(&id) {
                true => Ok(Place::Upstream(id)),
                false => {
                    let words = format!("the dump has `{}`, and `{}` is no output", array.name, value.name);
                    let outputs =
                        graph.outputs.iter().map(|&output| format!("`{}`", graph.value(output).name));
                    let help = format!("the outputs are {}", outputs.collect::<Vec<_>>().join(", "));
                    Err(Diagnostic::error(words).at(value.span, "declared here").help(help))
                }
            },
            // Where nothing else uses the output, the two are one.
            (Some(_), _) if self.outputs.contains(&id) && !self.used.contains(&id) => Ok(Place::Upstream(id)),
            (Some(_), _) => Ok(Place::Result(Stored::Gradient(id))),
        }
    }
}

/// An input or an upstream gradient that no kernel can have seen so.
fn unfit_input(array: &DumpArray, span: Span, results: &[(Stored, &DumpArray)]) -> Option<Diagnostic> {
    let numbers = array.tensor.to_floats();
    if let Some(at) = numbers.iter().position(|x| x.is_nan()) {
        let index = crate::shape::indices(&array.tensor.shape(), at);
        return Some(
            Diagnostic::error(format!("the input `{}` of the dump is NaN at {index:?}", array.name))
                .at(span, "nothing that comes of it can be judged")
                .help("was it stored before it was filled, or after an earlier kernel failed?"),
        );
    }
    let finest = results
        .iter()
        .filter_map(|(_, array)| array.precision)
        .min_by(|a, b| a.unit().total_cmp(&b.unit()))?;
    let is_finer = array.precision == Some(Precision::F64) && finest != Precision::F64;
    let lost = numbers.iter().find(|&&x| is_finer && Precision::F32.round(x) != x)?;
    Some(
        Diagnostic::error(format!(
            "`{}` of the dump is stored in f64, the results in {}: no kernel saw {lost}",
            array.name,
            finest.word()
        ))
        .at(span, "an input")
        .help(
            "store inputs as the kernel saw them, already rounded: what rounding them does is not its fault",
        ),
    )
}

fn no_floats(array: &DumpArray, span: Span) -> Diagnostic {
    let words = format!("`{}` of the dump holds ints or bools, and floats are meant", array.name);
    Diagnostic::error(words).at(span, "a float")
}

/// A result, if it can be what it is said to be.
fn claim(
    graph: &Graph,
    plan: &Plan,
    of: Stored,
    array: &DumpArray,
    claimed: Claimed,
) -> Result<Claim, Diagnostic> {
    let (Stored::Value(id) | Stored::Gradient(id)) = of;
    let value = graph.value(id);
    if let Stored::Gradient(id) = of
        && plan.gradient(id).is_none()
        && !value.differentiable
    {
        let constant = matches!(value.origin, Origin::Leaf { role: Role::Const, .. });
        let why = if constant { "no output hangs on it" } else { "no gradient comes there" };
        let words = format!("the dump has `{}`, and the graph has no gradient there", array.name);
        return Err(Diagnostic::error(words).at(value.span, why));
    }
    let got = array.tensor.to_floats();
    let Some(stored) = array.precision else {
        if value.ty.kind == Kind::Float {
            return Err(no_floats(array, value.span));
        }
        return Ok(Claim { of, precision: Precision::F64, got });
    };
    if value.ty.kind != Kind::Float {
        return Ok(Claim { of, precision: Precision::F64, got });
    }
    let precision = match claimed.precision {
        // Of products alone.
        None | Some(Precision::Tf32 | Precision::E4m3 | Precision::E5m2) => stored,
        Some(said) if said.unit() < stored.unit() => {
            let words = format!(
                "`{}` of the dump is stored in {}, which is coarser than {}",
                array.name,
                stored.word(),
                said.word()
            );
            return Err(Diagnostic::error(words)
                .help("`--as` says what arithmetic was used where the storage is wider; leave it out here"));
        }
        Some(said) => match got.iter().find(|&&x| x.is_finite() && said.round(x) != x) {
            Some(other) => {
                let words = format!("`{}` of the dump is not {}: it holds {other}", array.name, said.word());
                return Err(Diagnostic::error(words)
                    .help(format!(
                        "leave `--as` out: then it is judged as {}, which it is stored in",
                        stored.word()
                    ))
                    .help("or store what the kernel gave before anything else is done to it"));
            }
            None => said,
        },
    };
    Ok(Claim { of, precision, got })
}
