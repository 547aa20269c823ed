//! Where a graph has no derivative, another program may take another subgradient: that is no fault of it.

use super::{ArrayJudged, Claim, Part};
use crate::{
    compare::{self, Evidence, Options, compare},
    engine::Stored,
    graph::{Graph, Origin, ValueId},
    limits::Limits,
};

/// Takes gradients out of the faults that are off only where the graph itself stands on a kink, and, where no
/// other gradient of a leaf is off, those of the nodes that lead there. A comparison says where that is, as far as
/// limits allow one.
pub fn excuse_kinks(graph: &Graph, results: &[Claim], arrays: &mut [ArrayJudged], limits: &Limits) {
    let is_off = |array: &ArrayJudged| matches!(array.part, Part::Fault | Part::Follows);
    let of_leaf = |array: &ArrayJudged| match array.of {
        Stored::Gradient(id) => matches!(graph.value(id).origin, Origin::Leaf { .. }).then_some(id),
        Stored::Value(_) => None,
    };
    let off: Vec<&ArrayJudged> = arrays.iter().filter(|array| is_off(array)).collect();
    let leaves: Vec<ValueId> = off.iter().filter_map(|array| of_leaf(array)).collect();
    let is_value = |array: &&ArrayJudged| matches!(array.of, Stored::Value(_));
    if leaves.is_empty() || off.iter().any(is_value) {
        return;
    }
    let options = Options { settings: graph.comparison.clone(), measured: false, ..Options::default() };
    if compare::fits(graph, &leaves, &options, limits).is_err() {
        return;
    }
    let comparison = compare(graph, &leaves, &options);
    let on_kink = |leaf: ValueId, at: usize, got: f64| {
        let tensor = comparison.tensors.iter().find(|tensor| tensor.leaf == leaf);
        let mut findings = tensor.into_iter().flat_map(|tensor| &tensor.findings);
        findings.any(|finding| {
            let is_between = match finding.evidence {
                Evidence::Slopes { left, right, error } => {
                    (left.min(right) - error..=left.max(right) + error).contains(&got)
                }
                _ => true,
            };
            finding.entry == at && matches!(finding.verdict, compare::Verdict::Kink { .. }) && is_between
        })
    };
    let is_excused = |array: &ArrayJudged| {
        let Some(leaf) = of_leaf(array) else { return false };
        let Some(claim) = results.iter().find(|claim| claim.of == array.of) else { return false };
        let at = &array.whole.at;
        array.whole.trend.is_none() && !at.is_empty() && at.iter().all(|&at| on_kink(leaf, at, claim.got[at]))
    };
    if arrays.iter().any(|array| of_leaf(array).is_some() && is_off(array) && !is_excused(array)) {
        return;
    }
    for array in arrays.iter_mut().filter(|array| is_off(array)) {
        array.part = Part::Kink;
    }
}
