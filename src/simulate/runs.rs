//! The runs, and what is kept of them.

use super::{Arithmetic, RUNS, random::Random};
use crate::{
    double::Double,
    engine::{
        Meeting, Meetings, Memory, Real, Rounder, Stored, backward, backward_rounded, forward,
        forward_rounded,
    },
    graph::{Graph, Origin, Phase, ValueId},
    op::{Rounding, Slot},
    plan::Plan,
    precision::Precision,
};
use foldhash::HashMap;
use rayon::prelude::*;

/// Numbers that take the place of those that a run computes, once these have been kept.
pub type Given = HashMap<Stored, Vec<f64>>;

/// Keeps what is asked for as it becomes complete, and puts what is given in its place.
pub struct Tap<'a, F> {
    asked: &'a [Stored],
    /// The place of each.
    places: HashMap<Stored, usize>,
    given: Option<&'a Given>,
    kept: Vec<Vec<F>>,
}

impl<'a, F: Real> Tap<'a, F> {
    pub fn new(asked: &'a [Stored], given: Option<&'a Given>) -> Self {
        let places = asked.iter().enumerate().map(|(place, &asked)| (asked, place)).collect();
        Self { asked, places, given, kept: vec![Vec::new(); asked.len()] }
    }

    pub fn complete(&mut self, of: Stored, y: &mut [F]) {
        if let Some(&place) = self.places.get(&of) {
            self.kept[place] = y.to_vec();
        }
        if let Some(given) = self.given.and_then(|given| given.get(&of)) {
            y.iter_mut().zip(given).for_each(|(y, &given)| *y = F::from_f64(given));
        }
    }

    /// What was asked for; ints are taken from the run's memory.
    fn kept(mut self, plan: &Plan, memory: &Memory<F>) -> Vec<Vec<F>> {
        for (kept, of) in self.kept.iter_mut().zip(self.asked) {
            match *of {
                Stored::Value(value) if matches!(plan.slot(value), Slot::Int { .. }) => {
                    let ints = &memory.ints[plan.slot(value).range()];
                    *kept = ints.iter().map(|&int| F::from_f64(int as f64)).collect();
                }
                // Where nothing comes back, the gradient is 0.
                Stored::Gradient(value) if plan.gradient(value).is_none() => {
                    *kept = vec![F::zero(); plan.slot(value).range().len()];
                }
                Stored::Value(_) | Stored::Gradient(_) => {}
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

/// What is another in a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// All entries of a leaf, or a number within an expression, are this, from forward or from backward on.
    Fill { of: ValueId, value: f64, from: Phase },
    /// These entries of a leaf are 0.
    Zeros { of: ValueId, within: Vec<usize> },
    /// Each entry of a leaf is the one that stands there.
    Moved { of: ValueId, from: Vec<usize> },
    /// All entries of the gradient at a value are this.
    Gradient { of: ValueId, value: f64 },
    /// The factors of all products are rounded to this format.
    Factors(Precision),
    /// A node computes 0.
    Without(ValueId),
    /// Of what is added to the gradient at a value, the part of this number is 0.
    WithoutPart { to: ValueId, nth: usize },
}

/// Rounds nothing, and changes one thing.
struct Changing<'a> {
    tap: Tap<'a, f64>,
    change: &'a Change,
    parts: usize,
}

impl Rounder<f64> for Changing<'_> {
    const TAKES_OPERANDS: bool = true;

    fn operands(&mut self, meeting: Meeting, _input: usize, x: &mut [f64]) {
        if let (Rounding::Products { .. }, Change::Factors(format)) = (meeting.rounding, self.change) {
            x.iter_mut().for_each(|x| *x = format.round(*x));
        }
    }

    fn upstream(&mut self, meeting: Meeting, _y: &[f64], upstream: &mut [f64]) {
        self.operands(meeting, 0, upstream);
    }

    fn stored(&mut self, of: Stored, y: &mut [f64]) {
        if let (Stored::Value(value), Change::Without(without)) = (of, self.change)
            && value == *without
        {
            y.fill(0.0);
        }
    }

    fn part(&mut self, of: ValueId, part: &mut [f64]) {
        if let Change::WithoutPart { to, nth } = *self.change
            && of == to
        {
            if self.parts == nth {
                part.fill(0.0);
            }
            self.parts += 1;
        }
    }

    fn complete(&mut self, of: Stored, y: &mut [f64]) {
        if let Change::Gradient { of: changed, value } = *self.change
            && of == Stored::Gradient(changed)
        {
            y.fill(value);
        }
        self.tap.complete(of, y);
    }
}

/// The precise numbers of what is asked for, in double-double; the leaves hold what the graph says.
pub fn precise(
    plan: &Plan,
    meetings: &Meetings,
    asked: &[Stored],
    given: Option<&Given>,
) -> Vec<Vec<Double>> {
    let mut memory = Memory::<Double>::new(plan);
    let mut exactly = Exactly(Tap::new(asked, given));
    forward_rounded(plan, meetings, &mut memory, &mut exactly);
    backward_rounded(plan, meetings, &mut memory, &mut exactly);
    exactly.0.kept(plan, &memory)
}

/// What is asked for, in f64, of a run in which one thing is another.
pub fn changed(
    plan: &Plan,
    meetings: &Meetings,
    asked: &[Stored],
    given: Option<&Given>,
    change: &Change,
) -> Vec<Vec<f64>> {
    let mut memory = Memory::<f64>::new(plan);
    let fill = |memory: &mut Memory<f64>, now: Phase| match *change {
        Change::Fill { of, value, from } if from == now => memory.floats[plan.slot(of).range()].fill(value),
        _ => {}
    };
    match change {
        Change::Zeros { of, within } => {
            let own = &mut memory.floats[plan.slot(*of).range()];
            within.iter().for_each(|&at| own[at] = 0.0);
        }
        Change::Moved { of, from } => {
            let own = &mut memory.floats[plan.slot(*of).range()];
            let before = own.to_vec();
            own.iter_mut().zip(from).for_each(|(x, &from)| *x = before[from]);
        }
        Change::Fill { .. }
        | Change::Factors(_)
        | Change::Gradient { .. }
        | Change::Without(_)
        | Change::WithoutPart { .. } => {}
    }
    fill(&mut memory, Phase::Forward);
    let mut changing = Changing { tap: Tap::new(asked, given), change, parts: 0 };
    forward_rounded(plan, meetings, &mut memory, &mut changing);
    fill(&mut memory, Phase::Backward);
    backward_rounded(plan, meetings, &mut memory, &mut changing);
    changing.tap.kept(plan, &memory)
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
    meetings: &Meetings,
    arithmetic: &Arithmetic,
    scale: f64,
    asked: &[Stored],
    given: Option<&Given>,
) -> Vec<Vec<Vec<f64>>> {
    let all = (0..RUNS as u64).into_par_iter().map(|seed| {
        let mut random = Random::new(arithmetic, seed, scale, Tap::new(asked, given));
        let memory = one(graph, plan, meetings, &mut random);
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

/// One run in f64 of inputs that are rounded at random.
pub fn inputs_rounded(graph: &Graph, plan: &Plan, random: &mut Random) -> Memory<f64> {
    let mut memory = Memory::<f64>::new(plan);
    round_data(graph, plan, &mut memory, random);
    forward(plan, &mut memory);
    backward(plan, &mut memory);
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
