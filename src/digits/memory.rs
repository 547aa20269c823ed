//! What the runs in all precisions take, counted before they begin.

use crate::{
    compare::hold, diagnostic::Diagnostic, graph::Graph, limits::Limits, simulate::RUNS, tensor::Kind,
};

/// Bytes of a number of the precise run and of what stays of it, with a copy; of what a precision is off by, with
/// the run to nearest; of the same of f64 and of the inputs, with what is 0.
const STAYING: u64 = 16 + 2 * 8 + 8 + 8 + 2 * 8 + 1;

/// Bytes of a number of one run, of what a step is given, and of what the run is off by.
const RUNNING: u64 = 3 * 8;

/// Refuses runs that would take too much memory.
///
/// # Errors
/// They are over the limit of bytes; the place is the largest value.
pub fn fits(graph: &Graph, limits: &Limits) -> Result<(), Diagnostic> {
    let size = |wanted: &dyn Fn(usize) -> bool| {
        let values = graph.values.iter().enumerate().filter(|(at, _)| wanted(*at));
        values.map(|(_, value)| value.ty.shape.size() as u64).fold(0, u64::saturating_add)
    };
    let floats = size(&|at| graph.values[at].ty.kind != Kind::Int);
    let ints = size(&|at| graph.values[at].ty.kind == Kind::Int);
    let gradients = size(&|at| graph.values[at].differentiable);
    let copies = rayon::current_num_threads().min(RUNS) as u64;
    let numbers = floats.saturating_add(gradients).saturating_mul(STAYING + copies * RUNNING);
    let count = numbers.saturating_add(ints.saturating_mul(8 * (copies + 3)));
    hold(graph, "a count of digits", count, limits)
}
