//! What the outputs become when one entry of one leaf changes.
//!
//! The one way in is [`Perturbation::probes`]: however it saves work, its outputs
//! are bit for bit those of a whole forward run. It follows the change through
//! the steps that depend on the entry, by the elements that changed, and stops
//! where the bits stay as they were. Several values of the entry are followed side
//! by side, each in a lane of its own.

use super::{Memory, branches, forward, run};
use crate::{
    graph::{Phase, ValueId},
    op::{
        Branches, Cone, Dirty, Inputs, Slot,
        cone::{Change, LANES, Lanes, Scratch},
    },
    plan::{Plan, Step},
};
use rayon::prelude::*;
use smallvec::SmallVec;

/// A call whose tensors all have fewer elements runs whole: looking up what changes
/// would cost as much.
const SMALL: usize = 4;

/// Where more than one of so many elements moved, all are put back.
const MOST: usize = 8;

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
        let largest = x.slots.iter().chain([&plan.slot(step.output)]).map(|slot| slot.range().len()).max();
        let cone = match plan.slot(step.output) {
            _ if plan.gradient(step.output).is_none() || step.phase == Phase::Backward => None,
            Slot::Float { .. } if largest >= Some(SMALL) => step.kernel.cone(&x),
            _ => None,
        };
        match cone {
            Some(cone) => Self::Cone(cone),
            None => Self::Whole(branches(plan, step, base, Branches::default())),
        }
    }
}

/// Copies of one run that differ from it in one entry of one leaf.
pub struct Perturbation<'a> {
    cones: &'a Cones<'a>,
    leaf: ValueId,
    /// The steps between the leaf and the outputs, in order.
    steps: Vec<u32>,
    /// The values of each copy: between probes those of the base.
    lanes: [Memory<f64>; LANES],
    /// The elements of each value that differ from the base in a lane.
    moved: Vec<Vec<u32>>,
    /// The values with such elements.
    values: Vec<ValueId>,
    scratch: Scratch,
}

/// What the perturbed runs of an entry showed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Probes {
    /// The elements of the outputs that differ from the base's in a lane, with what they
    /// are in each: counted through all outputs, one behind the other, and in that order.
    pub moved: SmallVec<[(u32, Lanes); 2]>,
    /// The first step that took another branch than at the base point, in each lane.
    pub crossed: [Option<u32>; LANES],
    /// The first step behind which nothing changed in any lane.
    pub stopped: Option<u32>,
    /// A step computed something anew. Where none did, no finite value of the entry
    /// changes anything.
    pub reached: bool,
}

impl<'a> Perturbation<'a> {
    pub fn new(cones: &'a Cones<'a>, leaf: ValueId) -> Self {
        let Memory { floats, ints, .. } = cones.base;
        Self {
            cones,
            leaf,
            steps: cones.plan.downstream(leaf),
            lanes: std::array::from_fn(|_| Memory {
                floats: floats.clone(),
                ints: ints.clone(),
                gradients: Vec::new(),
                upstreams: Vec::new(),
            }),
            moved: vec![Vec::new(); cones.plan.values()],
            values: Vec::new(),
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

    /// Sets entry `index` of the leaf to each of these values and follows what
    /// becomes of it.
    pub fn probes(&mut self, index: usize, values: Lanes) -> Probes {
        let plan = self.cones.plan;
        let at = plan.slot(self.leaf).range().start + index;
        self.lanes.iter_mut().zip(values).for_each(|(lane, value)| lane.floats[at] = value);
        self.moved[self.leaf.index()].push(index as u32);
        self.values.push(self.leaf);

        let mut probes = Probes::default();
        for order in 0..self.steps.len() {
            let index = self.steps[order];
            let step = &plan.steps[index as usize];
            if plan.inputs(step).iter().all(|input| self.moved[input.index()].is_empty()) {
                continue;
            }
            let mut moved = std::mem::take(&mut self.moved[step.output.index()]);
            let (crossed, reached) = match &self.cones.steps[index as usize] {
                Rule::Cone(cone) => self.follow(step, &**cone, &mut moved),
                Rule::Whole(taken) => (self.run_whole(step, taken, &mut moved), true),
            };
            probes.reached |= reached;
            for (first, crossed) in probes.crossed.iter_mut().zip(crossed) {
                *first = first.or(crossed.then_some(index));
            }
            if moved.is_empty() {
                probes.stopped = probes.stopped.or(Some(index));
            } else {
                self.values.push(step.output);
            }
            self.moved[step.output.index()] = moved;
        }
        self.collect(&mut probes.moved);
        self.restore();
        probes
    }

    /// The outputs of a whole forward run that shares nothing with [`Self::probes`]
    /// but the rules of the ops.
    pub fn probe_whole(&self, index: usize, value: f64) -> Vec<f64> {
        let plan = self.cones.plan;
        let mut memory = Memory::new(plan);
        memory.floats[plan.slot(self.leaf).range().start + index] = value;
        forward(plan, &mut memory);
        memory.outputs(plan)
    }

    /// Follows the change through one step: the lanes in which it crosses a kink there,
    /// and whether anything was computed anew.
    fn follow(&mut self, step: &Step, cone: &dyn Cone, moved: &mut Vec<u32>) -> ([bool; LANES], bool) {
        let (plan, base) = (self.cones.plan, self.cones.base);
        let slots = plan.input_slots(step);
        let output = plan.slot(step.output).range();
        let mut y: [&mut [f64]; LANES] = Default::default();
        let (mut floats, mut ints): ([&[f64]; LANES], [&[i64]; LANES]) = Default::default();
        for (lane, memory) in self.lanes.iter_mut().enumerate() {
            let (before, rest) = memory.floats.split_at_mut(output.start);
            (floats[lane], ints[lane], y[lane]) = (before, &memory.ints, &mut rest[..output.len()]);
        }
        let changed: SmallVec<[&[u32]; 3]> =
            plan.inputs(step).iter().map(|input| &self.moved[input.index()][..]).collect();
        let before = Inputs { slots, floats: &base.floats, ints: &base.ints };
        let change = Change { floats, ints, before, changed: &changed };
        let mut y = Dirty::new(y, &base.floats[output], moved, &mut self.scratch);
        cone.follow(&change, &mut y);
        (y.crossed, y.reached)
    }

    /// Runs one step whole; the lanes in which it takes other branches than `taken`.
    fn run_whole(&mut self, step: &Step, taken: &Branches, moved: &mut Vec<u32>) -> [bool; LANES] {
        let (plan, base) = (self.cones.plan, self.cones.base);
        self.lanes.iter_mut().for_each(|lane| run(plan, step, lane));
        let lanes = self.lanes.each_ref();
        let moves = |at: &u32| {
            let at = *at as usize;
            match plan.slot(step.output) {
                Slot::Float { start, .. } => {
                    let old = base.floats[start + at].to_bits();
                    lanes.iter().any(|lane| lane.floats[start + at].to_bits() != old)
                }
                Slot::Int { start, .. } => {
                    lanes.iter().any(|lane| lane.ints[start + at] != base.ints[start + at])
                }
            }
        };
        let size = plan.slot(step.output).range().len() as u32;
        moved.extend((0..size).filter(moves));
        let has_kinks = step.kernel.card().kinks.is_some();
        lanes.map(|lane| has_kinks && branches(plan, step, lane, Branches::default()) != *taken)
    }

    fn collect(&self, moved: &mut SmallVec<[(u32, Lanes); 2]>) {
        let (plan, base) = (self.cones.plan, self.cones.base);
        let mut before = 0;
        for &output in &plan.outputs {
            let range = plan.slot(output).range();
            for &at in &self.moved[output.index()] {
                let element = range.start + at as usize;
                let new: Lanes = std::array::from_fn(|lane| self.lanes[lane].floats[element]);
                if new.iter().any(|new| new.to_bits() != base.floats[element].to_bits()) {
                    moved.push((before + at, new));
                }
            }
            before += range.len() as u32;
        }
        moved.sort_unstable_by_key(|&(at, _)| at);
    }

    fn restore(&mut self) {
        let base = self.cones.base;
        for value in self.values.drain(..) {
            let own = &mut self.moved[value.index()];
            let slot = self.cones.plan.slot(value);
            for lane in &mut self.lanes {
                match slot {
                    Slot::Float { .. } => {
                        put_back(own, &mut lane.floats[slot.range()], &base.floats[slot.range()])
                    }
                    Slot::Int { .. } => put_back(own, &mut lane.ints[slot.range()], &base.ints[slot.range()]),
                }
            }
            own.clear();
        }
    }
}

fn put_back<T: Copy>(moved: &[u32], now: &mut [T], before: &[T]) {
    match moved.len() > now.len() / MOST {
        true => now.copy_from_slice(before),
        false => moved.iter().for_each(|&at| now[at as usize] = before[at as usize]),
    }
}
