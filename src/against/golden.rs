//! Golden numbers for a kernel's own tests: inputs in its format, precise results, and what each may be off by.

use super::{bars, gradient_name};
use crate::{
    arrays::Array,
    double::Double,
    engine::Stored,
    graph::{Graph, Origin, ValueId},
    plan::Plan,
    precision::Precision,
    simulate::Arithmetic,
    tensor::Tensor,
};
use foldhash::{HashMap, HashSet};

/// The array of a bar, as it is named in golden files.
fn bar_name(array: &str) -> String {
    format!("bar({array})")
}

/// Rounds what a kernel gets to what it can hold: leaves and upstream gradients. Outputs without an upstream
/// gradient have ones.
pub fn round_inputs(graph: &mut Graph, precision: Precision) {
    let storage = Arithmetic::of(precision).storage;
    let round = |tensor: &mut Tensor| {
        if let Tensor::Float(array) = tensor {
            array.mapv_inplace(|x| storage.round(x));
        }
    };
    for value in &mut graph.values {
        if let Origin::Leaf { data, .. } = &mut value.origin {
            round(data);
        }
    }
    graph.upstreams.iter_mut().for_each(|(_, upstream)| round(upstream));
}

/// Inputs, then values and gradients of these and of the leaves, each result with its bar. Needs
/// [`round_inputs`] before it.
pub fn golden(graph: &Graph, of: &[ValueId], precision: Precision) -> Vec<(String, Array)> {
    let arithmetic = Arithmetic::of(precision);
    let plan = Plan::new(graph, &graph.wanted);
    let name = |id: ValueId| graph.value(id).name.to_string();
    let tensor = |id: ValueId, numbers: Vec<f64>| Tensor::float(&graph.value(id).ty.shape, numbers);
    let mut arrays = Vec::new();
    let mut asked = Vec::new();
    for &id in of {
        match &graph.value(id).origin {
            Origin::Leaf { data, .. } => {
                arrays.push((name(id), Array::of((**data).clone(), arithmetic.storage)))
            }
            _ => asked.push(Stored::Value(id)),
        }
    }
    let upstreams: HashMap<_, _> = graph.upstreams.iter().map(|(of, upstream)| (*of, upstream)).collect();
    let outputs: HashSet<ValueId> = graph.outputs.iter().copied().collect();
    for &output in graph.outputs.iter().filter(|&&output| graph.value(output).differentiable) {
        let given = upstreams.get(&output).map(|&upstream| upstream.clone());
        let ones = || tensor(output, vec![1.0; graph.value(output).ty.shape.size()]);
        if let Some(upstream) = given.or_else(ones) {
            arrays.push((gradient_name(&name(output)), Array::of(upstream, arithmetic.storage)));
        }
    }
    let gradients = of.iter().filter(|id| !outputs.contains(id) && plan.gradient(**id).is_some());
    asked.extend(gradients.map(|&id| Stored::Gradient(id)));
    for (&stored, (exact, bars)) in asked.iter().zip(bars(graph, &plan, &asked, &arithmetic)) {
        let (id, name) = match stored {
            Stored::Value(id) => (id, name(id)),
            Stored::Gradient(id) => (id, gradient_name(&name(id))),
        };
        let exact = tensor(id, exact.into_iter().map(Double::to_f64).collect());
        let all = [(name.clone(), exact), (bar_name(&name), tensor(id, bars))];
        arrays.extend(all.into_iter().filter_map(|(name, tensor)| Some((name, tensor?.into()))));
    }
    arrays
}
