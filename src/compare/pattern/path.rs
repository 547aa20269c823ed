//! Paths that are missing: of a value that is used several times, what comes back from one use.

use super::{
    factor::factor,
    kind::{Edge, Pattern},
    sight::{Sight, Subject, largest},
};
use crate::{
    double::Double,
    engine::{Memory, backward},
    graph::ValueId,
    plan::{Back, Plan},
};
use num_traits::Zero;
use std::ops::RangeInclusive;

/// Edges that are left out in turn, at most.
const PATHS: usize = 64;

/// Gradient elements that are computed with edges left out, at most.
const AFFORDABLE: usize = 50_000_000;

/// Edges that are missing together, at most.
pub const TOGETHER: usize = 3;

/// Two sums of edges are the same, before they are tried.
const NEAR: f64 = 1e-9;

/// The true gradient with edges left out, at all places.
struct Edges<'a, 'g> {
    subject: &'a Subject<'g>,
    plan: Plan<'g>,
    memories: Vec<Memory<Double>>,
    /// All of backward.
    whole: Vec<Back>,
    /// Places of `whole` behind which a value is used several times.
    open: Vec<usize>,
}

impl<'a, 'g> Edges<'a, 'g> {
    fn new(subject: &'a Subject<'g>, sights: &[Sight<'g>]) -> Self {
        // Batches lie in another order: the steps one by one keep the memory's layout.
        let mut plan = Plan::new(subject.derived, &subject.derived_plan.wanted);
        let whole = std::mem::take(&mut plan.backward);
        let source = |part: &Back| match part {
            Back::Product { step, input } => Some(plan.inputs(&plan.steps[*step as usize])[*input as usize]),
            Back::Custom(_) => None,
        };
        let sources: Vec<Option<ValueId>> = whole.iter().map(source).collect();
        let is_fan_out = |at: usize| sources.iter().filter(|&&other| other == sources[at]).count() > 1;
        let most = PATHS.min(AFFORDABLE / plan.sizes.gradients.max(1));
        let open = (0..whole.len()).filter(|&at| is_fan_out(at)).take(most).collect();
        let memories = sights.iter().map(|sight| sight.right.memory.clone()).collect();
        Self { subject, plan, memories, whole, open }
    }

    /// The gradients without these edges, one a place.
    fn without(&mut self, left_out: &[usize]) -> Vec<Vec<Double>> {
        let others = self.whole.iter().enumerate().filter(|(at, _)| !left_out.contains(at));
        self.plan.go_back_by(others.map(|(_, part)| part.clone()).collect());
        let (plan, leaf) = (&self.plan, self.subject.leaf);
        let gradients = self.memories.iter_mut().map(|memory| {
            backward(plan, memory);
            memory.gradient(plan, leaf).map(<[Double]>::to_vec).unwrap_or_default()
        });
        gradients.collect()
    }

    fn edge(&self, at: usize) -> Option<Edge> {
        let Back::Product { step, input } = &self.whole[at] else { return None };
        let step = &self.plan.steps[*step as usize];
        let name = |id: ValueId| self.subject.name(id);
        let inputs = self.plan.inputs(step);
        let to = inputs[*input as usize];
        // What weighs the outputs stands behind the unit.
        let weighs = inputs.iter().any(|input| self.subject.alone.weights.contains(input));
        let through = (!weighs).then(|| (name(step.output), step.kernel.card().name));
        Some(Edge { to: name(to), through })
    }
}

/// What edges carry, and what backward lacks, at all places one behind the other.
pub struct Paths<'a, 'g> {
    edges: Edges<'a, 'g>,
    sights: &'a [Sight<'g>],
    /// Those that carry anything.
    carried: Vec<(usize, Vec<Double>)>,
    lacking: Vec<Double>,
}

impl<'a, 'g> Paths<'a, 'g> {
    /// `None` for a single op, and where the truth is not known from the ops.
    pub fn new(subject: &'a Subject<'g>, sights: &'a [Sight<'g>]) -> Option<Self> {
        subject.unit.block?;
        if !sights.iter().all(|sight| sight.by_ops) {
            return None;
        }
        let mut edges = Edges::new(subject, sights);
        let carried = edges.open.clone().into_iter().map(|at| {
            let without = edges.without(&[at]);
            let parts = sights.iter().zip(without).flat_map(|(sight, without)| {
                sight.truth.iter().zip(without).map(|(&whole, less)| whole - less).collect::<Vec<_>>()
            });
            (at, parts.collect::<Vec<_>>())
        });
        let carried = carried.filter(|(_, part)| part.iter().any(|x| !x.is_zero())).collect();
        let lacking = sights.iter().flat_map(|sight| sight.surplus()).map(|x| -x).collect();
        Some(Self { edges, sights, carried, lacking })
    }

    /// So many edges whose lack explains all wrong entries.
    pub fn missing(&mut self, together: RangeInclusive<usize>) -> Option<Pattern> {
        let Self { edges, sights, carried, lacking } = self;
        let size = largest(lacking);
        let near = |set: &[usize]| {
            lacking.iter().enumerate().all(|(entry, &lack)| {
                let sum = set.iter().fold(Double::zero(), |sum, &one| sum + carried[one].1[entry]);
                (sum - lack).to_f64().abs() <= NEAR * size
            })
        };
        let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
        for count in 1..=*together.end() {
            sets = sets
                .iter()
                .flat_map(|set| {
                    let next = set.last().map_or(0, |last| last + 1);
                    (next..carried.len()).map(|one| [&set[..], &[one]].concat())
                })
                .collect();
            if count < *together.start() {
                continue;
            }
            for set in sets.iter().filter(|set| near(set)) {
                let left_out: Vec<usize> = set.iter().map(|&one| carried[one].0).collect();
                let without = edges.without(&left_out);
                if sights.iter().zip(&without).all(|(sight, without)| sight.is_backward(without)) {
                    let edges = left_out.iter().filter_map(|&at| edges.edge(at)).collect();
                    return Some(Pattern::MissingPath { edges });
                }
            }
        }
        None
    }

    /// The one edge that carries a multiple of what is right, if there is one alone.
    pub fn scaled(&self) -> Option<Pattern> {
        let Self { edges, sights, carried, lacking } = self;
        let mut found: Vec<(usize, Double)> = Vec::new();
        for (at, part) in carried {
            let size = |entry: &usize| part[*entry].to_f64().abs();
            let entry = (0..part.len()).max_by(|a, b| size(a).total_cmp(&size(b)))?;
            let surplus = -lacking[entry] / part[entry];
            let mut parts = &part[..];
            let fits = sights.iter().all(|sight| {
                let (own, rest) = parts.split_at(sight.truth.len());
                parts = rest;
                let planted = sight.truth.iter().zip(own).map(|(&truth, &part)| truth + surplus * part);
                sight.is_backward(&planted.collect::<Vec<_>>())
            });
            if fits {
                found.push((*at, Double::from(1.0) + surplus));
            }
        }
        // Edges one behind the other carry the same: the first stands for all.
        let &(at, times) = found.first()?;
        let alike = found.iter().all(|&(_, other)| (other - times).to_f64().abs() <= NEAR);
        let edge = edges.edge(at).filter(|_| alike)?;
        Some(Pattern::ScaledPath { edge, factor: factor(edges.subject, times.to_f64()) })
    }
}
