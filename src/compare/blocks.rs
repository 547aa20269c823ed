//! Blocks with a custom backward, each tried alone: at this run's values and beside them, every
//! line of it, with upstream gradients of its own, whatever the loss is.

use super::{
    measure::Line,
    place::{Direction, Found, Place, part, unit},
    unit::{Alone, Unit},
};
use crate::{
    double::Double,
    engine::Memory,
    graph::{BlockId, Graph, Phase, ValueId},
    op::Slot,
    plan::Plan,
    run::Run,
};
use num_traits::Zero;

/// This run's values and three places beside them.
const PLACES: u64 = 4;

/// How far beside, in parts of an argument's size.
const BESIDE: f64 = 0.01;

/// What came of trying one use of a block.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockTrial {
    pub block: BlockId,
    pub lines: Vec<LineTrial>,
}

/// What came of one backward line.
#[derive(Debug, Clone, PartialEq)]
pub struct LineTrial {
    /// The argument or param, in the whole graph.
    pub input: ValueId,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    Ok,
    /// Right, but for points on a kink, where it lies between the slopes.
    Kink,
    Wrong(Slip),
    /// No place with finite values, or too few digits.
    Undecided,
}

/// How a line is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// At this run's values.
    Here,
    /// At values beside this run's.
    Beside(u64),
    /// It is not 0 where upstream is 0, or not additive in upstream.
    NotLinear,
}

impl BlockTrial {
    pub fn is_wrong(&self) -> bool {
        self.lines.iter().any(|line| matches!(line.outcome, Outcome::Wrong(_)))
    }

    /// The one word for all lines.
    pub fn word(&self) -> &'static str {
        let any = |outcome: Outcome| self.lines.iter().any(|line| line.outcome == outcome);
        match self.is_wrong() {
            true => "wrong",
            false if any(Outcome::Undecided) => "undecided",
            false if any(Outcome::Kink) => "kink",
            false => "ok",
        }
    }
}

/// Tries every use of a block with a custom backward that this run's forward computes.
pub fn try_all(graph: &Graph, run: &Run, whole: &Place) -> Vec<BlockTrial> {
    let is_forward = |id: ValueId| graph.maker(id).is_some_and(|node| node.phase == Phase::Forward);
    let blocks = graph.blocks.iter().enumerate();
    blocks
        .filter(|(_, block)| {
            let lines = block.backward.iter().flat_map(|backward| &backward.lines);
            lines.filter(|line| !line.surrogate).count() > 0 && is_forward(block.output)
        })
        .map(|(index, _)| try_one(graph, run, whole, BlockId(index as u32)))
        .collect()
}

fn try_one(graph: &Graph, run: &Run, whole: &Place, block: BlockId) -> BlockTrial {
    let unit = Unit::of_block(graph, block);
    let alone = unit.alone(graph, run);
    let lines = try_alone(graph, &alone, whole);
    BlockTrial { block, lines }
}

/// Tries all gradients of a unit that was cut out.
pub fn try_alone(graph: &Graph, alone: &Alone, whole: &Place) -> Vec<LineTrial> {
    let plan = Plan::new(&alone.graph, &alone.graph.wanted);
    let mut outcomes: Vec<Option<Outcome>> = vec![None; alone.wanted.len()];
    for number in 0..PLACES {
        let place = Place::new(&plan, values(graph, alone, &plan, whole, number));
        if !place.outputs_are_finite() {
            continue;
        }
        let mut line = Line::new(&plan, &place.memory);
        for (&(leaf, _), outcome) in alone.wanted.iter().zip(&mut outcomes) {
            if matches!(outcome, Some(Outcome::Wrong(_))) {
                continue;
            }
            let here = at_place(&place, &mut line, leaf, number);
            *outcome = Some(graver(*outcome, here));
        }
        if number == 0 || number == 1 {
            for (&(leaf, _), outcome) in alone.wanted.iter().zip(&mut outcomes) {
                if !matches!(outcome, Some(Outcome::Wrong(_))) && !is_linear(&place, alone, leaf) {
                    *outcome = Some(Outcome::Wrong(Slip::NotLinear));
                }
            }
        }
    }
    let lines = alone.wanted.iter().zip(outcomes);
    lines
        .map(|(&(_, input), outcome)| LineTrial { input, outcome: outcome.unwrap_or(Outcome::Undecided) })
        .collect()
}

/// The values of a place: those of the whole run to all of their digits, or beside them. Only what
/// inputs or params reach is moved: labels and masks obey laws that a backward may rely on.
pub fn values(graph: &Graph, alone: &Alone, plan: &Plan, whole: &Place, number: u64) -> Memory<Double> {
    let mut memory = Memory::<Double>::new(plan);
    for &(leaf, outer) in &alone.leaves {
        let (slot @ Slot::Float { .. }, from) = (plan.slot(leaf), whole.plan.slot(outer)) else { continue };
        let own = &mut memory.floats[slot.range()];
        own.copy_from_slice(&whole.memory.floats[from.range()]);
        if number > 0 && graph.value(outer).differentiable {
            let squares: f64 = own.iter().map(|x| x.to_f64() * x.to_f64()).sum();
            let rms = (squares / own.len().max(1) as f64).sqrt();
            let size = BESIDE * if rms > 0.0 && rms.is_finite() { rms } else { 1.0 };
            for (at, element) in own.iter_mut().enumerate() {
                let by = 2.0 * unit(at as u64 + 1_000_003 * number + 77 * u64::from(leaf.0)) - 1.0;
                *element += Double::from(size * by);
            }
        }
    }
    let weights = plan.slot(alone.weights).range();
    for (at, weight) in memory.floats[weights].iter_mut().enumerate() {
        *weight = Double::from(part(at as u64, 100 + number));
    }
    memory
}

fn at_place(place: &Place, line: &mut Line, leaf: ValueId, number: u64) -> Outcome {
    let scales = place.scales(leaf);
    let along = |part: &dyn Fn(u64) -> f64| -> Direction {
        scales.iter().enumerate().map(|(at, scale)| (leaf, at, scale * part(at as u64))).collect()
    };
    let directions = [
        along(&|count| part(count, 1)),
        along(&|count| part(count, 2)),
        along(&|_| 1.0),
        along(&|count| -part(count, 3).signum()),
    ];
    let mut outcome = Outcome::Ok;
    for direction in &directions {
        let here = match place.judge(line, direction) {
            Found::Agrees => Outcome::Ok,
            Found::Between { .. } => Outcome::Kink,
            Found::Differs { .. } | Found::Beyond { .. } => {
                return Outcome::Wrong(if number == 0 { Slip::Here } else { Slip::Beside(number) });
            }
            Found::Jumps | Found::Unknown => Outcome::Undecided,
        };
        outcome = graver(Some(outcome), here);
    }
    outcome
}

/// A place that decides nothing leaves what another has shown.
fn graver(known: Option<Outcome>, here: Outcome) -> Outcome {
    let gravity = |outcome: Outcome| match outcome {
        Outcome::Undecided => 0,
        Outcome::Ok => 1,
        Outcome::Kink => 2,
        Outcome::Wrong(_) => 3,
    };
    match known {
        Some(known) if gravity(known) >= gravity(here) => known,
        _ => here,
    }
}

/// Backward is linear in upstream: B(0) = 0 and B(u + v) = B(u) + B(v).
pub fn is_linear(place: &Place, alone: &Alone, leaf: ValueId) -> bool {
    let range = place.plan.slot(alone.weights).range();
    let with = |upstream: &dyn Fn(usize) -> f64| {
        let mut memory = place.memory.clone();
        for (at, weight) in memory.floats[range.clone()].iter_mut().enumerate() {
            *weight = Double::from(upstream(at));
        }
        Place::new(place.plan, memory).gradient(leaf).to_vec()
    };
    let (u, v) = (|at: usize| part(at as u64, 7), |at: usize| part(at as u64, 8));
    let zero = with(&|_| 0.0);
    if zero.iter().any(|g| g.is_finite() && !g.is_zero()) {
        return false;
    }
    // Sums of these are exact.
    let (u, v) = (|at| f64::from(u(at) as f32), |at| f64::from(v(at) as f32));
    let (of_u, of_v, of_both) = (with(&u), with(&v), with(&|at| u(at) + v(at)));
    let size = of_u.iter().chain(&of_v).fold(0.0f64, |size, g| size.max(g.to_f64().abs()));
    of_both.iter().zip(&of_u).zip(&of_v).all(|((&both, &u), &v)| {
        let apart = (both - (u + v)).to_f64().abs();
        !apart.is_finite() || apart <= 1e-20 * size
    })
}
