//! The runs, and what is kept of them.

use super::{Arithmetic, RUNS, random::Random};
use crate::{
    double::Double,
    engine::{Meetings, Memory, Real, Rounder, Stored, backward_rounded, forward, forward_rounded},
    graph::{Graph, Origin},
    op::Slot,
    plan::Plan,
};
use foldhash::HashMap;
use rayon::prelude::*;

/// Numbers that take the place of those that a run computes, once these have been kept.
pub type Given = HashMap<Stored, Vec<f64>>;

/// Keeps what is asked for as it becomes complete, and puts what is given in its place.
pub struct Tap<'a, F> {
    asked: &'a [Stored],
    given: Option<&'a Given>,
    kept: Vec<Vec<F>>,
}

impl<'a, F: Real> Tap<'a, F> {
    pub fn new(asked: &'a [Stored], given: Option<&'a Given>) -> Self {
        Self { asked, given, kept: vec![Vec::new(); asked.len()] }
    }

    pub fn complete(&mut self, of: Stored, y: &mut [F]) {
        if let Some(at) = self.asked.iter().position(|asked| *asked == of) {
            self.kept[at] = y.to_vec();
        }
        if let Some(given) = self.given.and_then(|given| given.get(&of)) {
            y.iter_mut().zip(given).for_each(|(y, &given)| *y = F::from_f64(given));
        }
    }

    /// What was asked for; ints are taken from the run's memory.
    fn kept(mut self, plan: &Plan, memory: &Memory<F>) -> Vec<Vec<F>> {
        for (kept, of) in self.kept.iter_mut().zip(self.asked) {
            if let Stored::Value(value) = of
                && let slot @ Slot::Int { .. } = plan.slot(*value)
            {
                *kept = memory.ints[slot.range()].iter().map(|&int| F::from_f64(int as f64)).collect();
            }
        }
        self.kept
    }
}

/// Rounds nothing.
struct Exactly<'a, F>(Tap<'a, F>);

impl<F: Real> Rounder<F> for Exactly<'_, F> {
    fn complete(&mut self, of: Stored, y: &mut [F]) {
        self.0.complete(of, y);
    }
}

/// The precise numbers of what is asked for, in double-double; the leaves hold what the graph says.
pub fn precise(plan: &Plan, asked: &[Stored], given: Option<&Given>) -> Vec<Vec<Double>> {
    let mut memory = Memory::<Double>::new(plan);
    let mut exactly = Exactly(Tap::new(asked, given));
    let meetings = meetings(plan);
    forward_rounded(plan, &meetings, &mut memory, &mut exactly);
    backward_rounded(plan, &meetings, &mut memory, &mut exactly);
    exactly.0.kept(plan, &memory)
}

/// What is asked for in f64, of a run whose memory is changed before it begins.
pub fn changed(
    plan: &Plan,
    asked: &[Stored],
    given: Option<&Given>,
    change: impl FnOnce(&mut Memory<f64>),
) -> Vec<Vec<f64>> {
    let mut memory = Memory::<f64>::new(plan);
    change(&mut memory);
    let mut exactly = Exactly(Tap::new(asked, given));
    let meetings = meetings(plan);
    forward_rounded(plan, &meetings, &mut memory, &mut exactly);
    backward_rounded(plan, &meetings, &mut memory, &mut exactly);
    exactly.0.kept(plan, &memory)
}

/// How much meets where.
pub fn meetings(plan: &Plan) -> Meetings {
    let mut memory = Memory::<f64>::new(plan);
    forward(plan, &mut memory);
    Meetings::of(plan, &memory)
}

/// What is asked for as many runs with random roundings give it, by run; all roundings are `scale` times
/// as large as they are.
pub fn simulate(
    graph: &Graph,
    plan: &Plan,
    arithmetic: &Arithmetic,
    scale: f64,
    asked: &[Stored],
    given: Option<&Given>,
) -> Vec<Vec<Vec<f64>>> {
    let meetings = meetings(plan);
    let all = (0..RUNS as u64).into_par_iter().map(|seed| {
        let mut random = Random::new(arithmetic, seed, scale, Tap::new(asked, given));
        let memory = one(graph, plan, &meetings, &mut random);
        random.tap.kept(plan, &memory)
    });
    all.collect()
}

/// One run with random roundings, forward and backward.
pub fn one(graph: &Graph, plan: &Plan, meetings: &Meetings, random: &mut Random) -> Memory<f64> {
    let mut memory = Memory::<f64>::new(plan);
    round_data(graph, plan, &mut memory, random);
    forward_rounded(plan, meetings, &mut memory, random);
    backward_rounded(plan, meetings, &mut memory, random);
    memory
}

/// Whoever runs a kernel rounds what its formats do not hold: leaves, and the numbers within expressions.
fn round_data(graph: &Graph, plan: &Plan, memory: &mut Memory<f64>, random: &mut Random) {
    for &(value, _) in plan.data() {
        let slot @ Slot::Float { len, .. } = plan.slot(value) else { continue };
        let precision =
            random.holds(value, len == 1 || matches!(graph.value(value).origin, Origin::Literal(_)));
        let numbers = &mut memory.floats[slot.range()];
        if numbers.iter().any(|&x| precision.round(x) != x) {
            random.round(precision, numbers);
        }
    }
}
