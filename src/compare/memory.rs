//! What a comparison takes, counted before it begins.

use super::{Options, blocks, display::is_measured};
use crate::{
    diagnostic::Diagnostic,
    graph::{Graph, ValueId},
    limits::{Limits, bytes},
    op::cone::LANES,
    tensor::Kind,
};

/// Bytes of what is known of an entry.
const ENTRY: u64 = 80;

/// Refuses a comparison that would take too much memory.
///
/// # Errors
/// It is over the limit of bytes; the place is the largest value.
pub fn fits(graph: &Graph, wanted: &[ValueId], options: &Options, limits: &Limits) -> Result<(), Diagnostic> {
    hold(graph, "a comparison", needed(graph, wanted, options), limits)
}

/// Refuses what would take too many bytes for a graph.
///
/// # Errors
/// It is over the limit of bytes; the place is the largest value.
pub fn hold(graph: &Graph, what: &str, count: u64, limits: &Limits) -> Result<(), Diagnostic> {
    let held = limits
        .hold("bytes", count, || format!("{what} of this graph needs too much memory, {}", bytes(count)));
    let largest = graph.values.iter().max_by_key(|value| value.ty.shape.size());
    held.map_err(|excess| match largest {
        Some(value) => {
            let text = format!("the largest value, {} elements", value.ty.shape.size());
            Diagnostic::from(excess).at(value.span, text)
        }
        None => excess.into(),
    })
}

/// The most bytes that are there at a time, beside the graph.
fn needed(graph: &Graph, wanted: &[ValueId], options: &Options) -> u64 {
    let size = |id: ValueId| graph.value(id).ty.shape.size() as u64;
    let sum = |ids: &mut dyn Iterator<Item = ValueId>| ids.map(size).fold(0, u64::saturating_add);
    let floats = sum(&mut graph.ids().filter(|&id| graph.value(id).ty.kind != Kind::Int));
    let ints = sum(&mut graph.ids().filter(|&id| graph.value(id).ty.kind == Kind::Int));
    let gradients = sum(&mut graph.ids().filter(|&id| graph.value(id).differentiable));
    let entries = sum(&mut wanted.iter().copied());

    // In f64 the run that is shown, the one that is compared, and the one that faults are looked
    // for in; in double-double the values, a copy that moves, and how much each weighs.
    let mut each = Each { float: 3 * 8 + 2 * 16 + 8, int: 5 * 8, gradient: 3 * 8 + 16 };
    if blocks::any(graph) {
        // The graph without backwards by hand; and each block alone, at places beside this run's
        // and with upstream gradients of its own.
        each.add(&Each { float: 8 + 16 + 8, int: 2 * 8, gradient: 16 });
        each.add(&Each { float: 5 * 16 + 3 * 8, int: 4 * 8, gradient: 3 * 16 });
    }
    if is_measured(entries, floats, options) {
        let copies = (rayon::current_num_threads() * LANES) as u64;
        each.add(&Each { float: 8 * copies, int: 8 * copies, gradient: 0 });
    }
    [(floats, each.float), (ints, each.int), (gradients, each.gradient), (entries, ENTRY)]
        .into_iter()
        .map(|(count, bytes)| count.saturating_mul(bytes))
        .fold(0, u64::saturating_add)
}

/// Bytes of copies, by what is copied.
struct Each {
    float: u64,
    int: u64,
    gradient: u64,
}

impl Each {
    fn add(&mut self, other: &Self) {
        self.float += other.float;
        self.int += other.int;
        self.gradient += other.gradient;
    }
}
