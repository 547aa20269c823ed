//! What holding a kernel's numbers against a graph takes, counted before it begins.

use crate::{
    compare::hold,
    diagnostic::Diagnostic,
    engine::Stored,
    graph::{Graph, ValueId},
    limits::Limits,
    simulate::RUNS,
    tensor::Kind,
};

/// Refuses what would take too much memory to judge so many results.
///
/// # Errors
/// It is over the limit of bytes; the place is the largest value.
pub fn fits(graph: &Graph, asked: impl Iterator<Item = Stored>, limits: &Limits) -> Result<(), Diagnostic> {
    let size = |id: ValueId| graph.value(id).ty.shape.size() as u64;
    let sum = |ids: &mut dyn Iterator<Item = ValueId>| ids.map(size).fold(0, u64::saturating_add);
    let all = sum(&mut graph.ids());
    let gradients = sum(&mut graph.ids().filter(|&id| graph.value(id).ty.kind == Kind::Float));
    let kept = sum(&mut asked.map(|(Stored::Value(id) | Stored::Gradient(id))| id));
    let threads = rayon::current_num_threads() as u64;
    // A run on every thread with copies of operands, one in double-double, one in f64. Of what is asked for
    // all runs, whole and alone, with usual and with large roundings, as numbers and as what they are off by.
    let run = 2 * 8 * threads + 16 + 2 * 8;
    let count = (all.saturating_add(gradients))
        .saturating_mul(run)
        .saturating_add(kept.saturating_mul(2 * 2 * 2 * 8 * RUNS as u64));
    hold(graph, "simulated rounding", count, limits)
}
