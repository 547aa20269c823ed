//! A run as arrays: values under the names of nodes, gradients as `grad(NAME)`, and what was
//! measured of them as `measured(NAME)`.

use super::{Compared, Ran, is_shown};
use crate::{
    against::{gradient_name, measured_name},
    arrays::Array,
    graph::ValueId,
    tensor::Tensor,
};

/// All leaves and named nodes, inner nodes of chains only with `all`.
pub fn arrays(ran: &Ran, all: bool) -> Vec<(String, Array)> {
    let (run, graph) = (ran.run, ran.run.graph);
    let name = |id: ValueId| &*graph.value(id).name;
    let float = |id: ValueId, elements: Vec<f64>| Tensor::float(&graph.value(id).ty.shape, elements);
    let shown = || graph.ids().filter(|&id| is_shown(graph, id, all));
    let values = shown().map(|id| (name(id).to_string(), Array::of(run.value_of(id), run.precision)));
    let gradients = shown().filter_map(|id| {
        let gradient = float(id, run.gradient_of(id)?.to_vec())?;
        Some((gradient_name(name(id)), Array::of(gradient, run.precision)))
    });
    let measured = match ran.compared {
        Compared::Nothing => &[][..],
        Compared::Entries(comparison) => &comparison.tensors,
    };
    // Measured in f64 whatever the run's type.
    let measured = measured.iter().filter(|tensor| !tensor.slopes.is_empty()).filter_map(|tensor| {
        let slopes = tensor.slopes.iter().map(|slope| slope.unwrap_or(f64::NAN));
        let slopes = float(tensor.leaf, slopes.collect())?;
        Some((measured_name(name(tensor.leaf)), slopes.into()))
    });
    values.chain(gradients).chain(measured).collect()
}
