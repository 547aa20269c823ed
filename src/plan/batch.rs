//! Batches: calls of one op on single numbers that do not wait for each other.
//!
//! Every node has a level, one above the highest of its inputs. The calls of one
//! op on one level are laid side by side in the arenas, and run as one.

use super::Plan;
use crate::{
    graph::{Graph, Phase, ValueId},
    op::{NOWHERE, Singles},
    tensor::Kind,
};
use foldhash::{HashMap, HashMapExt};
use std::ops::Range;

/// Batches are made where they hold so many calls on the average.
const WORTH_IT: usize = 4;

/// Calls that run as one.
pub struct Batch<'g> {
    pub singles: &'g dyn Singles,
    pub steps: Vec<u32>,
    /// Where the outputs lie in the float arena.
    pub outputs: Range<usize>,
    /// Where their gradients lie, if backward needs them.
    pub gradients: Option<Range<usize>>,
    /// Where the inputs lie, as [`Singles`] wants them, and their gradients.
    pub from: Vec<u32>,
    pub to: Vec<u32>,
}

/// What runs next: one step, or many.
pub enum Part<'g> {
    Step(u32),
    Batch(Batch<'g>),
}

/// An order of all steps of a graph in which calls that make a batch stand together.
pub(super) struct Levels {
    /// The nodes in the order of running.
    pub order: Vec<u32>,
    /// Ranges of `order` that make a batch each.
    batches: Vec<Range<u32>>,
}

impl Levels {
    /// `None` where the order of the graph is just as good.
    pub fn of(graph: &Graph, on_path: &[bool]) -> Option<Self> {
        // A block by hand goes back as one, wherever its nodes stand.
        if graph.blocks.iter().any(|block| block.backward.is_some()) {
            return None;
        }
        let mut level = vec![0u32; graph.values.len()];
        let mut ops: HashMap<*const u8, u64> = HashMap::new();
        let mut singles = 0usize;
        let mut keyed: Vec<(u64, u32)> = Vec::with_capacity(graph.nodes.len());
        for (node, index) in graph.nodes.iter().zip(0u32..) {
            let own = 1 + node.inputs.iter().map(|input| level[input.index()]).max().unwrap_or(0);
            let output = node.outputs[0];
            level[output.index()] = own;
            let key = if is_single(graph, index) {
                singles += 1;
                let next = ops.len() as u64 + 1;
                let op = *ops.entry(node.kernel.card().name.as_ptr()).or_insert(next);
                2 * op + u64::from(on_path[output.index()])
            } else {
                0
            };
            keyed.push((u64::from(own) << 32 | key, index));
        }
        keyed.sort_unstable();
        let (mut batches, mut start) = (Vec::new(), 0);
        for alike in keyed.chunk_by(|a, b| a.0 == b.0) {
            let end = start + alike.len() as u32;
            if alike[0].0 as u32 != 0 {
                batches.push(start..end);
            }
            start = end;
        }
        if singles < WORTH_IT * batches.len().max(WORTH_IT) {
            return None;
        }
        Some(Self { order: keyed.into_iter().map(|(_, node)| node).collect(), batches })
    }

    /// The parts of a run of a plan that lies in this order.
    pub fn parts<'g>(&self, plan: &Plan<'g>) -> Vec<Part<'g>> {
        let mut parts = Vec::new();
        let mut at = 0;
        let mut batches = self.batches.iter().peekable();
        while at < self.order.len() {
            let first = self.order[at];
            let batch = batches.next_if(|batch| batch.start as usize == at);
            match (batch, plan.steps[first as usize].kernel.singles()) {
                (Some(batch), Some(singles)) => {
                    let range = batch.start as usize..batch.end as usize;
                    at = range.end;
                    parts.push(Part::Batch(Batch::of(plan, singles, &self.order[range])));
                }
                _ => {
                    at += 1;
                    parts.push(Part::Step(first));
                }
            }
        }
        parts
    }
}

impl<'g> Batch<'g> {
    /// Of the steps `members`, whose outputs lie side by side.
    fn of(plan: &Plan<'g>, singles: &'g dyn Singles, members: &[u32]) -> Self {
        let first = &plan.steps[members[0] as usize];
        let (count, inputs) = (members.len(), plan.inputs(first).len());
        let (mut from, mut to) = (vec![0; count * inputs], vec![NOWHERE; count * inputs]);
        for (call, &member) in members.iter().enumerate() {
            let step = &plan.steps[member as usize];
            for (input, &value) in plan.inputs(step).iter().enumerate() {
                from[input * count + call] = plan.slot(value).range().start as u32;
                if let Some(gradient) = plan.gradient(value).filter(|_| step.kernel.differentiates(input)) {
                    to[input * count + call] = gradient.start as u32;
                }
            }
        }
        let from_here = |start: usize| start..start + count;
        let outputs = from_here(plan.slot(first.output).range().start);
        let gradients = plan.gradient(first.output).map(|gradient| from_here(gradient.start));
        Self { singles, steps: members.to_vec(), outputs, gradients, from, to }
    }
}

/// A call on single floats that may be part of a batch.
fn is_single(graph: &Graph, index: u32) -> bool {
    let node = &graph.nodes[index as usize];
    let is_number = |value: &ValueId| {
        let ty = &graph.value(*value).ty;
        ty.kind == Kind::Float && ty.shape.size() == 1
    };
    node.phase == Phase::Forward
        && node.kernel.singles().is_some()
        && node.outputs.iter().chain(&node.inputs).all(is_number)
}
