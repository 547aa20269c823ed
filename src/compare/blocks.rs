//! Blocks with a custom backward, each tried alone: at this run's values and beside them, every
//! line of it, with upstream gradients of its own, whatever the loss is.

use super::{
    Options, alike,
    alone::Alone,
    by_ops::is_nothing_hidden,
    leaves::{Judge, RANGE},
    linear::are_linear,
    measure::{Line, Moves},
    place::{Found, Place, part, unit},
    verdict::Verdict,
};
use crate::{
    cancel,
    double::Double,
    engine::Memory,
    graph::{BlockId, ComparisonSettings, Graph, Phase, ValueId},
    op::Slot,
    plan::Plan,
    run::Run,
};
use rayon::prelude::*;

/// This run's values and three places beside them.
pub const PLACES: u64 = 4;

/// Of uses that compute the same, so many are tried beside their values: the values of the others are
/// beside these.
const MOVED: usize = 4;

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

/// The blocks with a custom backward of which this run's forward computes something.
fn to_try(graph: &Graph) -> impl Iterator<Item = BlockId> {
    let is_forward = |id: ValueId| graph.maker(id).is_some_and(|node| node.phase == Phase::Forward);
    let blocks = graph.blocks.iter().enumerate().filter(move |(_, block)| {
        let mut lines = block.backward.iter().flat_map(|backward| &backward.lines);
        lines.any(|line| !line.surrogate) && is_forward(block.output())
    });
    blocks.map(|(index, _)| BlockId(index as u32))
}

/// There is a block to try.
pub fn any(graph: &Graph) -> bool {
    to_try(graph).next().is_some()
}

/// Tries every use of a block with a custom backward that this run's forward computes.
pub fn try_all(graph: &Graph, run: &Run, whole: &Place) -> Vec<BlockTrial> {
    let blocks: Vec<BlockId> = to_try(graph).collect();
    let places = alike::before(graph, &blocks).into_iter().map(|before| match before {
        0..MOVED => PLACES,
        _ => 1,
    });
    let uses: Vec<(BlockId, u64)> = blocks.into_iter().zip(places).collect();
    let try_one = |&(block, places): &(BlockId, u64)| {
        let alone = Alone::new(&graph.unit_of_block(block), graph, run);
        BlockTrial { block, lines: try_alone(graph, &alone, whole, places) }
    };
    // Threads take small ones, so that all of their copies together are no larger than the whole.
    let is_small = |block: BlockId| {
        let block = graph.block(block);
        let own = block.values.clone().map(ValueId).chain(block.inputs.iter().copied());
        let floats: usize = own.map(|id| graph.value(id).ty.shape.size()).sum();
        floats.saturating_mul(rayon::current_num_threads()) <= whole.plan.sizes.floats
    };
    let work = cancel::shared();
    let small = uses.par_iter().map(|of| is_small(of.0).then(|| work.run(|| try_one(of))));
    let small: Vec<Option<BlockTrial>> = small.collect();
    small.into_iter().zip(&uses).map(|(trial, of)| trial.unwrap_or_else(|| try_one(of))).collect()
}

/// Tries all gradients of a unit that was cut out, at so many places.
pub fn try_alone(graph: &Graph, alone: &Alone, whole: &Place, places: u64) -> Vec<LineTrial> {
    let plan = Plan::new(&alone.graph, &alone.graph.wanted);
    let mut outcomes: Vec<Option<Outcome>> = vec![None; alone.wanted.len()];
    for number in 0..places {
        let place = Place::new(&plan, values(graph, alone, &plan, whole, number)).weigh_blocks(&alone.graph);
        if !place.outputs_are_finite() {
            continue;
        }
        let mut line = place.line();
        let leaves: Vec<ValueId> = alone.wanted.iter().map(|&(leaf, _)| leaf).collect();
        let are_sure = agree_together(&alone.graph, &place, &mut line, &leaves);
        for (&(leaf, input), outcome) in alone.wanted.iter().zip(&mut outcomes) {
            if matches!(outcome, Some(Outcome::Wrong(_))) {
                continue;
            }
            if are_sure {
                *outcome = Some(graver(*outcome, Outcome::Ok));
                continue;
            }
            let is_asked = graph.value(input).differentiable;
            let here = at_place(&alone.graph, &graph.comparison, &place, &mut line, (leaf, is_asked), number);
            *outcome = Some(graver(*outcome, here));
        }
        if number == 0 || number == 1 {
            for (linear, outcome) in are_linear(&place, alone, &leaves).into_iter().zip(&mut outcomes) {
                if !linear && !matches!(outcome, Some(Outcome::Wrong(_))) {
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
                *element = beside(*element, size * by);
            }
        }
    }
    alone.set_upstream(plan, &mut memory, |at| Double::from(part(at, 100 + number)));
    memory
}

/// How far the entries of a leaf move along a direction, in parts of their scales, by their count.
const PATTERNS: [fn(u64) -> f64; 4] =
    [|count| part(count, 1), |count| part(count, 2), |_| 1.0, |count| -part(count, 3).signum()];

fn along(leaf: ValueId, scales: &[f64], part: impl Fn(u64) -> f64) -> Moves {
    let by = scales.iter().enumerate().map(|(at, scale)| (at, scale * part(at as u64)));
    Moves { leaf, by: by.collect() }
}

/// All gradients are confirmed at once, along directions in which every leaf has an equal part: what is
/// wrong with one shows beside the others. Where something does not agree, each is looked at alone.
///
/// No two leaves have parts in common: of y and t that move alike, nothing reaches y - t.
fn agree_together(graph: &Graph, place: &Place, line: &mut Line, leaves: &[ValueId]) -> bool {
    let scales: Vec<Vec<f64>> = leaves.iter().map(|&leaf| place.scales(leaf)).collect();
    PATTERNS.iter().all(|&pattern| {
        let moves = leaves.iter().zip(&scales).map(|(&leaf, scales)| {
            let first = 1_000_003 * u64::from(leaf.0);
            along(leaf, scales, |count| pattern(first + count))
        });
        let mut direction: Vec<Moves> = moves.collect();
        let sizes: Vec<f64> = direction.iter().map(|moves| place.size(moves)).collect();
        let least = sizes.iter().copied().filter(|&size| size > 0.0).fold(f64::INFINITY, f64::min);
        for (moves, size) in direction.iter_mut().zip(sizes).filter(|(_, size)| *size > 0.0) {
            moves.by.iter_mut().for_each(|(_, by)| *by *= least / size);
        }
        place.is_sure(line, &direction) && is_nothing_hidden(graph, place, &direction)
    })
}

/// So far beside a number, on its own side of 0, which belongs to the positive one: what is no place in a
/// table, or no length, should not become one or cease to be.
fn beside(element: Double, by: f64) -> Double {
    let (near, far) = (element + Double::from(by), element - Double::from(by));
    let is_beyond = |moved: Double| match element.to_f64() {
        0.0 => moved.to_f64() < 0.0,
        own => own.signum() != moved.to_f64().signum(),
    };
    if is_beyond(near) { far } else { near }
}

fn at_place(
    graph: &Graph,
    settings: &ComparisonSettings,
    place: &Place,
    line: &mut Line,
    (leaf, is_asked): (ValueId, bool),
    number: u64,
) -> Outcome {
    let scales = place.scales(leaf);
    let directions = PATTERNS.map(|pattern| [along(leaf, &scales, pattern)]);
    // Tolerances are of entries.
    let is_strict = settings.rtol.is_none() && settings.atol.is_none();
    let fits = |scale: f64| (1.0 / RANGE..=RANGE).contains(&scale);
    let wrong = Outcome::Wrong(if number == 0 { Slip::Here } else { Slip::Beside(number) });
    for (at, direction) in directions.iter().enumerate() {
        match place.judge(line, direction) {
            Found::Agrees if is_nothing_hidden(graph, place, direction) => {}
            // Parts without a pattern make no kink look smooth, but kinks that meet do so.
            Found::Differs { .. }
                if at < 2
                    && is_strict
                    && scales.iter().all(|scale| fits(*scale))
                    && line.turns(direction) == 0 =>
            {
                return wrong;
            }
            _ => return by_entries(graph, settings, place, (leaf, is_asked), wrong),
        }
    }
    Outcome::Ok
}

/// Where entries stand on kinks, directions that they share prove nothing: of two kinks, one may
/// open upwards and the other downwards. Of an argument whose gradient nobody asks for, such as a mask
/// of -inf, the entries that can be decided speak for the others.
fn by_entries(
    graph: &Graph,
    settings: &ComparisonSettings,
    place: &Place,
    (leaf, is_asked): (ValueId, bool),
    wrong: Outcome,
) -> Outcome {
    let tolerances = ComparisonSettings { rtol: settings.rtol, atol: settings.atol, ..Default::default() };
    let options = Options { settings: tolerances, ..Options::default() };
    let leaves = Judge::new(graph, place, &options).leaves(&[leaf]);
    let exceptions = leaves.iter().flat_map(|leaf| leaf.exceptions.values());
    let is_undecided = |verdict: &Verdict| matches!(verdict, Verdict::Undecided(_));
    let undecided = exceptions.clone().filter(|known| is_undecided(&known.verdict)).count();
    let is_told = !is_asked && undecided < place.gradient(leaf).len();
    let outcomes = exceptions.map(|known| match known.verdict {
        Verdict::Ok | Verdict::Zero(_) => Outcome::Ok,
        Verdict::Kink { .. } => Outcome::Kink,
        Verdict::Wrong => wrong,
        Verdict::Undecided(_) => Outcome::Undecided,
    });
    let mut worst = Outcome::Ok;
    for outcome in outcomes {
        match outcome {
            Outcome::Wrong(_) => return wrong,
            Outcome::Undecided if is_told => {}
            Outcome::Undecided => worst = Outcome::Undecided,
            Outcome::Kink if worst == Outcome::Ok => worst = Outcome::Kink,
            Outcome::Kink | Outcome::Ok => {}
        }
    }
    worst
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
