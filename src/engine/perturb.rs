//! What the outputs become when one entry of one leaf changes.
//!
//! The one way in is [`Perturbation::probe`]: however it saves work, its outputs
//! are bit for bit those of a whole forward run. It follows the change through
//! the steps that depend on the entry, by the elements that changed, and stops
//! where the bits stay as they were.

use super::{Memory, branches, forward, run};
use crate::{
    graph::{Phase, ValueId},
    op::{
        Branches, Cone, Inputs, Slot, Touched,
        cone::{Change, Scratch},
    },
    plan::{Plan, Step},
};
use rayon::prelude::*;
use smallvec::SmallVec;
use std::ops::Range;

/// Outputs of fewer elements are computed whole: looking up which of them change
/// would cost as much.
const SMALL: usize = 4;

/// How every step of a plan follows small changes of one run's values.
pub struct Cones<'a> {
    plan: &'a Plan<'a>,
    /// The values of a forward run.
    base: &'a Memory<f64>,
    steps: Vec<Rule<'a>>,
}

/// How one step follows a change.
enum Rule<'a> {
    Cone(Box<dyn Cone + 'a>),
    /// By running whole; with the branches it takes without the change.
    Whole(Branches),
}

impl<'a> Cones<'a> {
    /// `base` holds the values of a forward run.
    pub fn new(plan: &'a Plan<'a>, base: &'a Memory<f64>) -> Self {
        let steps = plan.steps.par_iter().map(|step| Rule::of(plan, step, base)).collect();
        Self { plan, base, steps }
    }
}

impl<'a> Rule<'a> {
    fn of(plan: &Plan<'a>, step: &Step<'a>, base: &Memory<f64>) -> Self {
        let x = Inputs { slots: plan.input_slots(step), floats: &base.floats, ints: &base.ints };
        let cone = match plan.slot(step.output) {
            _ if plan.gradient(step.output).is_none() || step.phase == Phase::Backward => None,
            Slot::Float { len: SMALL.., .. } => step.kernel.cone(&x),
            _ => None,
        };
        match cone {
            Some(cone) => Self::Cone(cone),
            None if step.kernel.card().kinks.is_some() => Self::Whole(branches(plan, step, base)),
            None => Self::Whole(Branches::default()),
        }
    }
}

/// Copies of one run that differ in one entry of one leaf.
pub struct Perturbation<'a> {
    cones: &'a Cones<'a>,
    leaf: ValueId,
    /// The steps between the leaf and the outputs, in order.
    steps: Vec<u32>,
    /// The values of the run: between probes those of the base.
    memory: Memory<f64>,
    /// The elements that differ from the base, and for each value which of them are its own.
    moved: Vec<u32>,
    of: Vec<Range<u32>>,
    /// The values with such elements.
    values: Vec<ValueId>,
    fresh: Vec<u32>,
    scratch: Scratch,
}

/// What one perturbed run showed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Probe {
    /// The elements of the outputs that differ from the base's: counted through
    /// all outputs, one behind the other, and in that order.
    pub moved: SmallVec<[(u32, f64); 2]>,
    /// The first step that took another branch than at the base point.
    pub crossed: Option<u32>,
    /// The first step behind which nothing changed.
    pub stopped: Option<u32>,
}

impl<'a> Perturbation<'a> {
    pub fn new(cones: &'a Cones<'a>, leaf: ValueId) -> Self {
        let Memory { floats, ints, .. } = cones.base;
        Self {
            cones,
            leaf,
            steps: cones.plan.downstream(leaf),
            memory: Memory { floats: floats.clone(), ints: ints.clone(), gradients: Vec::new() },
            moved: Vec::new(),
            of: vec![0..0; cones.plan.values()],
            values: Vec::new(),
            fresh: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    /// Goes on with the entries of another leaf.
    pub fn turn_to(&mut self, leaf: ValueId) {
        if leaf != self.leaf {
            self.leaf = leaf;
            self.steps = self.cones.plan.downstream(leaf);
        }
    }

    /// The leaf has a path to an output.
    pub fn has_path(&self) -> bool {
        !self.steps.is_empty() || self.cones.plan.outputs.contains(&self.leaf)
    }

    /// The entry's own value.
    pub fn entry(&self, index: usize) -> f64 {
        self.cones.base.floats[self.cones.plan.slot(self.leaf).range().start + index]
    }

    /// Sets entry `index` of the leaf to `value` and follows what becomes of it.
    pub fn probe(&mut self, index: usize, value: f64) -> Probe {
        let plan = self.cones.plan;
        let at = plan.slot(self.leaf).range().start + index;
        self.memory.floats[at] = value;
        self.fresh.push(index as u32);
        self.keep(self.leaf);

        let mut probe = Probe::default();
        for order in 0..self.steps.len() {
            let index = self.steps[order];
            let step = &plan.steps[index as usize];
            if plan.inputs(step).iter().all(|input| self.of[input.index()].is_empty()) {
                continue;
            }
            let crossed = match &self.cones.steps[index as usize] {
                Rule::Cone(cone) => self.follow(step, &**cone),
                Rule::Whole(taken) => self.run_whole(step, *taken),
            };
            if crossed {
                probe.crossed = probe.crossed.or(Some(index));
            }
            if self.fresh.is_empty() {
                probe.stopped = probe.stopped.or(Some(index));
            } else {
                self.keep(step.output);
            }
        }
        self.collect(&mut probe);
        self.restore();
        probe
    }

    /// The outputs of a whole forward run that shares nothing with [`Self::probe`]
    /// but the rules of the ops.
    pub fn probe_whole(&self, index: usize, value: f64) -> Vec<f64> {
        let plan = self.cones.plan;
        let mut memory = Memory::new(plan);
        memory.floats[plan.slot(self.leaf).range().start + index] = value;
        forward(plan, &mut memory);
        memory.outputs(plan)
    }

    /// Follows the change through one step; whether it crosses a kink there.
    fn follow(&mut self, step: &Step, cone: &dyn Cone) -> bool {
        let (plan, base) = (self.cones.plan, self.cones.base);
        let slots = plan.input_slots(step);
        let output = plan.slot(step.output).range();
        let (floats, rest) = self.memory.floats.split_at_mut(output.start);
        let changed: SmallVec<[&[u32]; 3]> = plan
            .inputs(step)
            .iter()
            .map(|input| {
                let own = &self.of[input.index()];
                &self.moved[own.start as usize..own.end as usize]
            })
            .collect();
        let change = Change {
            now: Inputs { slots, floats, ints: &self.memory.ints },
            before: Inputs { slots, floats: &base.floats, ints: &base.ints },
            changed: &changed,
        };
        let before = &base.floats[output.clone()];
        let mut y = Touched::new(&mut rest[..output.len()], before, &mut self.fresh, &mut self.scratch);
        cone.follow(&change, &mut y);
        y.crossed
    }

    /// Runs one step whole; whether it takes other branches than `taken`.
    fn run_whole(&mut self, step: &Step, taken: Branches) -> bool {
        let (plan, base) = (self.cones.plan, self.cones.base);
        run(plan, step, &mut self.memory);
        let places = 0u32..;
        match plan.slot(step.output) {
            slot @ Slot::Float { .. } => {
                let pairs = self.memory.floats[slot.range()].iter().zip(&base.floats[slot.range()]);
                let moved = places.zip(pairs).filter(|(_, (new, old))| new.to_bits() != old.to_bits());
                self.fresh.extend(moved.map(|(at, _)| at));
            }
            slot @ Slot::Int { .. } => {
                let pairs = self.memory.ints[slot.range()].iter().zip(&base.ints[slot.range()]);
                self.fresh.extend(places.zip(pairs).filter(|(_, (new, old))| new != old).map(|(at, _)| at));
            }
        }
        step.kernel.card().kinks.is_some() && branches(plan, step, &self.memory) != taken
    }

    /// Notes the fresh elements as those of `value` that moved.
    fn keep(&mut self, value: ValueId) {
        let start = self.moved.len() as u32;
        self.moved.append(&mut self.fresh);
        self.of[value.index()] = start..self.moved.len() as u32;
        self.values.push(value);
    }

    fn collect(&self, probe: &mut Probe) {
        let mut before = 0;
        for &output in &self.cones.plan.outputs {
            let elements = self.memory.float(self.cones.plan, output);
            let own = &self.of[output.index()];
            let own = &self.moved[own.start as usize..own.end as usize];
            probe.moved.extend(own.iter().map(|&at| (before + at, elements[at as usize])));
            before += elements.len() as u32;
        }
        probe.moved.sort_unstable_by_key(|&(at, _)| at);
    }

    fn restore(&mut self) {
        for value in self.values.drain(..) {
            let own = std::mem::replace(&mut self.of[value.index()], 0..0);
            let own = &self.moved[own.start as usize..own.end as usize];
            match self.cones.plan.slot(value) {
                Slot::Float { start, .. } => {
                    for &at in own {
                        let at = start + at as usize;
                        self.memory.floats[at] = self.cones.base.floats[at];
                    }
                }
                Slot::Int { start, .. } => {
                    for &at in own {
                        let at = start + at as usize;
                        self.memory.ints[at] = self.cones.base.ints[at];
                    }
                }
            }
        }
        self.moved.clear();
    }
}
