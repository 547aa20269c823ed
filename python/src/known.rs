//! Ints that are known before a run, and what a plan takes for granted of them.
//!
//! Loading holds whole numbers against the axes and classes that they count, and lays slices out by their
//! bounds. A run that is given other ints is right in the same plan only where loading would say the same.

use graphrun::{
    engine::Memory,
    graph::{NodeId, Origin, ValueId},
    op::{Inputs, Output},
    plan::Plan,
    tensor::Kind,
};
use std::sync::{Mutex, PoisonError};

/// What another run's ints are to a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Loading would say the same.
    Fits,
    /// Some lie beyond all that loading was asked of; if it takes them, the plan is theirs too.
    Unseen,
    /// A number that may be the bound of a slice is another: the plan is not theirs.
    Other,
}

/// The known ints of a graph: int leaves, and what is computed of leaves without floats alone.
pub struct Known {
    /// Each with whether it may be the bound of a slice.
    values: Vec<(ValueId, bool)>,
    /// What computes those that are no leaves, in order.
    nodes: Vec<NodeId>,
    /// Least and greatest elements that loading took, by value; least above greatest where there are none.
    /// What ops refuse is beyond an end, so what lies between two that are taken is taken.
    taken: Mutex<Vec<(i64, i64)>>,
}

impl Known {
    /// Of a plan that loading has just made of the values in its leaves.
    pub fn of(graph: &graphrun::Graph, plan: &Plan) -> Self {
        let has_slices = graph.nodes.iter().any(|node| node.kernel.card().name == "slice");
        let mut is_known = vec![false; graph.values.len()];
        let (mut values, mut nodes) = (Vec::new(), Vec::new());
        for id in graph.ids() {
            let value = graph.value(id);
            is_known[id.index()] = match &value.origin {
                Origin::Leaf { .. } | Origin::Literal(_) => value.ty.kind != Kind::Float,
                Origin::Node(node) => {
                    let inputs = &graph.node(*node).inputs;
                    value.ty.kind == Kind::Int && inputs.iter().all(|input| is_known[input.index()])
                }
                Origin::Upstream(_) => false,
            };
            match value.origin {
                _ if !is_known[id.index()] || value.ty.kind != Kind::Int => continue,
                Origin::Literal(_) => continue,
                Origin::Node(node) => nodes.push(node),
                _ => {}
            }
            values.push((id, has_slices && value.ty.shape.is_scalar()));
        }
        let mut known = Self { values, nodes, taken: Mutex::default() };
        if !known.values.is_empty() {
            let mut memory = Memory::new(plan);
            known.compute(plan, &mut memory);
            known.taken = Mutex::new(known.ranges(plan, &memory).collect());
        }
        known
    }

    /// What the ints in these arenas are to the plan.
    pub fn fit(&self, plan: &Plan, memory: &mut Memory<f64>) -> Fit {
        self.compute(plan, memory);
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.values.iter().zip(&*taken).zip(self.ranges(plan, memory));
        let fits = found.map(|((&(_, is_bound), taken), now)| match now.0 > now.1 || within(now, *taken) {
            _ if is_bound && *taken != now => Fit::Other,
            true => Fit::Fits,
            false => Fit::Unseen,
        });
        fits.max().unwrap_or(Fit::Fits)
    }

    /// Loading took the ints in these arenas.
    pub fn take(&self, plan: &Plan, memory: &Memory<f64>) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        for (taken, now) in taken.iter_mut().zip(self.ranges(plan, memory)) {
            *taken = (taken.0.min(now.0), taken.1.max(now.1));
        }
    }

    /// Computes those that are not leaves, as the run will.
    fn compute(&self, plan: &Plan, memory: &mut Memory<f64>) {
        for node in &self.nodes {
            let step = &plan.steps[node.index()];
            let slot = plan.slot(step.output).range();
            let mut computed = vec![0; slot.len()];
            let x = Inputs { slots: plan.input_slots(step), floats: &memory.floats, ints: &memory.ints };
            step.kernel.call(&x, Output::Int(&mut computed));
            memory.ints[slot].copy_from_slice(&computed);
        }
    }

    fn ranges(&self, plan: &Plan, memory: &Memory<f64>) -> impl Iterator<Item = (i64, i64)> {
        self.values.iter().map(|&(value, _)| {
            let ints = memory.ints[plan.slot(value).range()].iter();
            ints.fold((i64::MAX, i64::MIN), |(least, greatest), &int| (least.min(int), greatest.max(int)))
        })
    }
}

fn within(inner: (i64, i64), outer: (i64, i64)) -> bool {
    outer.0 <= inner.0 && inner.1 <= outer.1
}
