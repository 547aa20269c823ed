//! What the outputs become when one entry of one leaf changes.
//!
//! The one way in is [`Perturbation::probe`]: however it saves work, its outputs
//! are bit for bit those of a whole forward run. Today it recomputes the steps
//! that depend on the entry, and stops where nothing changes any more.

use super::{Memory, branches, forward, run};
use crate::{
    graph::ValueId,
    op::{Branches, Slot},
    plan::Plan,
};

/// Copies of one run that differ in one entry of one leaf.
pub struct Perturbation<'a> {
    plan: &'a Plan<'a>,
    base: &'a Memory<f64>,
    /// The branches of each downstream step at the base point.
    branches: Vec<Branches>,
    /// The steps between the leaf and the outputs, in order.
    steps: Vec<u32>,
    leaf: ValueId,
    memory: Memory<f64>,
    changed: Vec<bool>,
    touched: Vec<ValueId>,
}

/// What one perturbed run showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Probe {
    /// The first step that took another branch than at the base point.
    pub crossed: Option<u32>,
    /// The first step behind which nothing changed.
    pub stopped: Option<u32>,
}

impl<'a> Perturbation<'a> {
    /// `base` holds the values of a forward run.
    pub fn new(plan: &'a Plan<'a>, base: &'a Memory<f64>, leaf: ValueId) -> Self {
        let steps = plan.downstream(leaf);
        let branches = steps
            .iter()
            .map(|&step| {
                let step = &plan.steps[step as usize];
                match step.kernel.card().kinks {
                    Some(_) => branches(plan, step, base),
                    None => Branches::default(),
                }
            })
            .collect();
        let memory = Memory { floats: base.floats.clone(), ints: base.ints.clone(), gradients: Vec::new() };
        let changed = vec![false; plan.values()];
        Self { plan, base, branches, steps, leaf, memory, changed, touched: Vec::new() }
    }

    /// The leaf has a path to an output.
    pub fn has_path(&self) -> bool {
        !self.steps.is_empty() || self.plan.outputs.contains(&self.leaf)
    }

    /// The entry's own value.
    pub fn entry(&self, index: usize) -> f64 {
        self.base.floats[self.plan.slot(self.leaf).range().start + index]
    }

    /// Sets entry `index` of the leaf to `value` and writes all outputs, one
    /// behind the other, to `outputs`.
    pub fn probe(&mut self, index: usize, value: f64, outputs: &mut Vec<f64>) -> Probe {
        let at = self.plan.slot(self.leaf).range().start + index;
        self.memory.floats[at] = value;
        self.changed[self.leaf.index()] = true;
        self.touched.push(self.leaf);

        let mut probe = Probe::default();
        for (order, &index) in self.steps.iter().enumerate() {
            let step = &self.plan.steps[index as usize];
            if !self.plan.inputs(step).iter().any(|input| self.changed[input.index()]) {
                continue;
            }
            run(self.plan, step, &mut self.memory);
            if probe.crossed.is_none() && step.kernel.card().kinks.is_some() {
                let taken = branches(self.plan, step, &self.memory);
                probe.crossed = (taken != self.branches[order]).then_some(index);
            }
            if self.same_as_base(step.output) {
                probe.stopped = probe.stopped.or(Some(index));
            } else {
                self.changed[step.output.index()] = true;
                self.touched.push(step.output);
            }
        }
        self.collect(outputs);
        self.restore(at);
        probe
    }

    /// As [`Self::probe`], by a whole forward run that shares nothing with it.
    pub fn probe_whole(&self, index: usize, value: f64) -> Vec<f64> {
        let mut memory = Memory::new(self.plan);
        memory.floats[self.plan.slot(self.leaf).range().start + index] = value;
        forward(self.plan, &mut memory);
        memory.outputs(self.plan)
    }

    fn collect(&self, outputs: &mut Vec<f64>) {
        outputs.clear();
        for &output in &self.plan.outputs {
            outputs.extend_from_slice(self.memory.float(self.plan, output));
        }
    }

    fn same_as_base(&self, value: ValueId) -> bool {
        match self.plan.slot(value) {
            slot @ Slot::Float { .. } => self.memory.floats[slot.range()]
                .iter()
                .zip(&self.base.floats[slot.range()])
                .all(|(new, old)| new.to_bits() == old.to_bits()),
            slot @ Slot::Int { .. } => self.memory.ints[slot.range()] == self.base.ints[slot.range()],
        }
    }

    fn restore(&mut self, at: usize) {
        self.memory.floats[at] = self.base.floats[at];
        for value in self.touched.drain(..) {
            self.changed[value.index()] = false;
            if value == self.leaf {
                continue;
            }
            match self.plan.slot(value) {
                slot @ Slot::Float { .. } => {
                    self.memory.floats[slot.range()].copy_from_slice(&self.base.floats[slot.range()]);
                }
                slot @ Slot::Int { .. } => {
                    self.memory.ints[slot.range()].copy_from_slice(&self.base.ints[slot.range()]);
                }
            }
        }
    }
}
