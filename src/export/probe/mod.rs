//! What runs an export in the user's Python and stores every value and gradient: the module itself, the same
//! with a tap at every node, the graph's numbers, and a program that feeds the one to the other.

use super::{
    framework::Framework,
    module::{Module, module},
    request::Request,
};
use crate::{
    against::upstream_name,
    arrays::Array,
    diagnostic::{Diagnostic, Refusal},
    graph::{Graph, Origin, ValueId},
    initializers::DumpArray,
    plan::Plan,
    shape::indices,
    syntax::Document,
    tensor::Tensor,
};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

/// Leaves that Python makes differ from the graph's by less, relatively.
const CLOSE: f64 = 1e-12;

/// The program that is to be run, in the folder of all files.
pub const PROGRAM: &str = "probe.py";
/// What it writes: values and gradients, as a dump.
pub const GOT: &str = "got.npz";
/// The leaves as the export states them.
pub const LEAVES: &str = "leaves.npz";
/// The framework and its version.
pub const VERSION: &str = "version.txt";

/// Files that belong into one folder.
pub struct Probe {
    pub texts: Vec<(String, String)>,
    /// As `.npz`.
    pub arrays: Vec<(String, Vec<(String, Array)>)>,
    /// What the program is given: leaves, and what backward starts from.
    pub inputs: Vec<DumpArray>,
}

impl Probe {
    /// The export takes nothing.
    pub fn has_no_leaves(&self) -> bool {
        self.inputs.iter().all(|array| array.name.starts_with("upstream("))
    }
}

/// Writes all that is needed to run a graph's export; `folder` is where the graph's files lie from the probe's.
///
/// # Errors
/// What cannot be exported.
pub fn probe(graph: &Graph, document: &Document, request: &Request, folder: &Path) -> Result<Probe, Refusal> {
    let named = |name: &str, taps: bool| Request {
        name: name.to_string(),
        folder_from_file: folder.to_path_buf(),
        has_arrays: true,
        taps,
        ..request.clone()
    };
    let plain = module(graph, document, &named("exported", false))?;
    let traced = module(graph, document, &named("traced", true))?;
    let name = |id: ValueId| graph.value(id).name.to_string();
    let starts: Vec<ValueId> =
        graph.outputs.iter().copied().filter(|&id| graph.value(id).differentiable).collect();
    let plan = Plan::new(graph, &graph.wanted);
    let outputs: HashSet<ValueId> = graph.outputs.iter().copied().collect();
    let gradients = graph.ids().filter(|id| plan.gradient(*id).is_some() && !outputs.contains(id));
    let asked = json!({
        "exported": described(graph, &plain),
        "traced": described(graph, &traced),
        "wanted": graph.wanted.iter().map(|&id| name(id)).collect::<Vec<_>>(),
        "starts": starts.iter().map(|&id| name(id)).collect::<Vec<_>>(),
        "gradients": gradients.map(name).collect::<Vec<_>>(),
    });
    let mut inputs: Vec<DumpArray> = Vec::new();
    let mut leaves = Vec::new();
    let parameters = plain.parameters.iter().chain(&traced.parameters);
    let mut seen = HashSet::new();
    for &(_, id) in parameters {
        let Origin::Leaf { data, .. } = &graph.value(id).origin else { continue };
        if seen.insert(id) {
            leaves.push((name(id), Array::from((**data).clone())));
            inputs.push(dumped(name(id), (**data).clone()));
        }
    }
    let given: HashMap<ValueId, &Tensor> =
        graph.upstreams.iter().rev().map(|(of, tensor)| (*of, tensor)).collect();
    for &output in &starts {
        let given = given.get(&output).map(|tensor| (*tensor).clone());
        let shape = &graph.value(output).ty.shape;
        if let Some(tensor) = given.or_else(|| Tensor::float(shape, vec![1.0; shape.size()])) {
            inputs.push(dumped(upstream_name(&name(output)), tensor));
        }
    }
    let all = inputs.iter().map(|array| (array.name.clone(), Array::from(array.tensor.clone()))).collect();
    let mut arrays = vec![("inputs.npz".to_string(), all)];
    for (module, name) in [(&plain, "exported.npz"), (&traced, "traced.npz")] {
        if module.reads_arrays {
            arrays.push((name.to_string(), leaves.clone()));
        }
    }
    let engine = match request.framework {
        Framework::Torch => include_str!("torch.py"),
        Framework::Jax => include_str!("jax.py"),
    };
    let texts = [
        ("exported.py", plain.text.as_str()),
        ("traced.py", traced.text.as_str()),
        ("engine.py", engine),
        (PROGRAM, include_str!("probe.py")),
        ("asked.json", &asked.to_string()),
    ];
    let texts = texts.map(|(name, text)| (name.to_string(), text.to_string())).into();
    Ok(Probe { texts, arrays, inputs })
}

fn dumped(name: String, tensor: Tensor) -> DumpArray {
    use crate::precision::Precision;
    let precision = matches!(tensor, Tensor::Float(_)).then_some(Precision::F64);
    DumpArray { name, tensor, precision }
}

/// How a module is called.
fn described(graph: &Graph, module: &Module) -> Value {
    let name = |id: &ValueId| &*graph.value(*id).name;
    let parameters = module.parameters.iter().map(|(own, id)| (own.clone(), json!(name(id))));
    json!({
        "function": module.function,
        "parameters": parameters.collect::<serde_json::Map<_, _>>(),
        "results": module.results.iter().map(name).collect::<Vec<_>>(),
    })
}

/// Refuses leaves that Python makes otherwise than the graph.
///
/// # Errors
/// Every leaf with the first entry that differs.
pub fn same_leaves(graph: &Graph, made: &[DumpArray]) -> Result<(), Refusal> {
    let faults = made.iter().filter_map(|array| {
        let id = graph.find(&array.name)?;
        let Origin::Leaf { data, .. } = &graph.value(id).origin else { return None };
        let (got, want) = (array.tensor.to_floats(), data.to_floats());
        let words = if array.tensor.shape() == data.shape() {
            let is_off = |(got, want): (&f64, &f64)| {
                let is_same = got == want || got.is_nan() && want.is_nan();
                !is_same
                    && (got - want).abs().partial_cmp(&(CLOSE * want.abs())).is_none_or(|order| order.is_gt())
            };
            let at = got.iter().zip(&want).position(is_off)?;
            let place = indices(&data.shape(), at);
            format!(
                "`{}` is {} at {place:?} in the export, and {} in the graph",
                array.name, got[at], want[at]
            )
        } else {
            let (own, shape) = (array.tensor.shape(), data.shape());
            format!("`{}` has shape {own} in the export, and {shape} in the graph", array.name)
        };
        let fault = Diagnostic::error(words).at(graph.value(id).span, "this leaf");
        Some(fault.help("the export states it by NumPy or reads its file: is that file another one by now?"))
    });
    let faults: Vec<Diagnostic> = faults.collect();
    if faults.is_empty() { Ok(()) } else { Err(Refusal(faults)) }
}
