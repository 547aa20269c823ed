//! A place: a graph's values, the gradient that backward gives there in double-double, and
//! what the measurement says of it along a direction.

use super::{
    derived::derived,
    measure::{Along, Direction, Line, Moves, weights},
    slope::Slope,
};
use crate::{
    double::{Double, dot::dot},
    engine::{Memory, backward, forward},
    graph::{Graph, ValueId},
    op::{Slot, vector},
    plan::Plan,
};
use num_traits::Zero;
use std::{borrow::Cow, collections::HashMap};

/// Where gradient and measurement part by less than this of the terms' size, the data may be to
/// blame: rows that sum to one do so only to the last place of f64.
const DATA: f64 = 1e-12;

/// Rounding in double-double, of the terms' size.
const ROUNDING: f64 = 1e-18;

/// A first look decides only where its error is less than this of the terms' size: else other steps may
/// show what it cannot.
const SURE: f64 = 1e-14;

/// How many errors a slope must be off.
const MARGIN: f64 = 100.0;

/// How far and how often all data are moved.
#[derive(Clone, Copy)]
struct Nudge {
    by: f64,
    times: u64,
    /// What changes by less than so much of itself stays.
    stays: f64,
}

/// By some last places of f64, and so by more than laws of the data are off: what comes of that
/// changes by several times itself.
const DATA_MOVES: Nudge = Nudge { by: 4.0 * f64::EPSILON, times: 5, stays: 0.05 };

/// By some last places of double-double: a difference that is rounding alone does not stay.
const ROUNDING_MOVES: Nudge = Nudge { by: 1e-26, times: 5, stays: 1e-3 };

/// A run in double-double, forward and backward.
pub struct Place<'a> {
    pub plan: &'a Plan<'a>,
    pub memory: Memory<Double>,
    /// How much the outputs change with each element of the float arena, by size.
    weights: Vec<f64>,
    /// The gradients that the ops' own backward gives, where a custom one may give others.
    by_ops: HashMap<ValueId, Vec<Double>>,
}

/// What becomes of a difference when the data move.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Stays,
    Changes,
    /// Nothing can be measured at the places that were tried.
    Unknown,
}

/// What the measurement says of a gradient along one direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Found {
    Agrees,
    /// Nothing is measured but rounding, which the gradient does not exceed either.
    Blurred,
    /// Forward has a kink, and the gradient lies between its two slopes.
    Between {
        left: f64,
        right: f64,
    },
    /// Forward has a kink, and the gradient lies beyond both slopes.
    Beyond {
        left: f64,
        right: f64,
        error: f64,
    },
    Differs {
        measured: f64,
        error: f64,
    },
    Jumps,
    /// The digits do not suffice.
    Unknown,
}

impl Found {
    pub fn is_wrong(self) -> bool {
        matches!(self, Self::Differs { .. } | Self::Beyond { .. })
    }
}

impl<'a> Place<'a> {
    /// Runs forward and backward from the leaves in memory.
    pub fn new(plan: &'a Plan<'a>, mut memory: Memory<Double>) -> Self {
        forward(plan, &mut memory);
        backward(plan, &mut memory);
        let weights = weights(plan, &memory);
        Self { plan, memory, weights, by_ops: HashMap::new() }
    }

    /// Sees to what is inside of blocks too. Where a backward by hand goes around it, the ops' own
    /// backward says how far the outputs follow its rounding, and is kept beside it; that is never taken for
    /// the truth.
    pub fn weigh_blocks(mut self, graph: &Graph) -> Self {
        if graph.has_custom_backward() {
            let derived = derived(graph);
            let plan = Plan::new(&derived, &self.plan.wanted);
            let inner = self.on(&plan);
            for value in (0..plan.values() as u32).map(ValueId) {
                if let (Slot::Float { .. }, from @ Slot::Float { .. }) =
                    (self.plan.slot(value), plan.slot(value))
                {
                    let own = &mut self.weights[self.plan.slot(value).range()];
                    let sizes = inner.weights[from.range()].iter();
                    own.iter_mut().zip(sizes).for_each(|(own, size)| *own = own.max(*size));
                }
            }
            self.by_ops = plan.wanted.iter().map(|&leaf| (leaf, inner.gradient(leaf).to_vec())).collect();
        }
        self
    }

    /// The same leaves in another plan of the same values.
    pub fn on<'p>(&self, plan: &'p Plan<'p>) -> Place<'p> {
        let mut memory = Memory::<Double>::new(plan);
        for &(value, _) in plan.data() {
            if let slot @ Slot::Float { .. } = plan.slot(value) {
                let from = self.plan.slot(value).range();
                memory.floats[slot.range()].copy_from_slice(&self.memory.floats[from]);
            }
        }
        Place::new(plan, memory)
    }

    /// Forward runs around this place.
    pub fn line(&self) -> Line<'_> {
        Line::weighed(self.plan, &self.memory, Cow::Borrowed(&self.weights))
    }

    pub fn gradient(&self, leaf: ValueId) -> &[Double] {
        self.memory.gradient(self.plan, leaf).unwrap_or(&[])
    }

    /// The gradient that the ops' own backward gives.
    pub fn gradient_by_ops(&self, leaf: ValueId) -> &[Double] {
        self.by_ops.get(&leaf).map_or_else(|| self.gradient(leaf), Vec::as_slice)
    }

    /// The size of the largest gradient of any value.
    pub fn largest_gradient(&self) -> f64 {
        self.weights.iter().copied().filter(|weight| weight.is_finite()).fold(0.0, f64::max)
    }

    /// A place so near that nothing changes but rounding, blocks seen to.
    pub fn neighbour(&self, graph: &Graph) -> Self {
        self.moved(1, ROUNDING_MOVES.by).weigh_blocks(graph)
    }

    pub fn outputs_are_finite(&self) -> bool {
        self.memory.outputs(self.plan).iter().all(|y| y.is_finite())
    }

    /// The gradient along a direction, and the size of its terms.
    pub fn project(&self, direction: &Direction) -> (Double, f64) {
        direction.iter().fold((Double::zero(), 0.0), |(sum, size), moves| {
            let terms = Terms { gradient: self.gradient(moves.leaf), by: &moves.by };
            let (own, own_size) = vector::run(terms);
            (sum + own, size + own_size)
        })
    }

    /// The size of a leaf's terms.
    pub fn size(&self, moves: &Moves) -> f64 {
        let own = self.gradient(moves.leaf);
        let of = |&(entry, part): &(usize, f64)| own.get(entry).map_or(0.0, |g| (g.to_f64() * part).abs());
        moves.by.iter().map(of).sum()
    }

    /// A first look confirms the gradient. Where it does not, nothing is said.
    pub fn is_sure(&self, line: &mut Line, direction: &Direction) -> bool {
        let (gradient, size) = self.project(direction);
        gradient.is_finite() && line.first(direction).is_some_and(|slope| confirms(gradient, size, slope))
    }

    /// Holds the gradient against the measured slope.
    pub fn judge(&self, line: &mut Line, direction: &Direction) -> Found {
        let (gradient, size) = self.project(direction);
        if !gradient.is_finite() {
            let is_finite = |moves: &Moves| {
                let own = self.gradient(moves.leaf);
                moves.by.iter().all(|&(entry, _)| own.get(entry).is_none_or(|g| g.is_finite()))
            };
            return match line.along(direction) {
                // The gradient is not finite where the slope is.
                Along::Smooth(slope) if !direction.iter().all(is_finite) => differs(slope),
                _ => Found::Unknown,
            };
        }
        let confirms = |slope| confirms(gradient, size, slope);
        if line.first(direction).is_some_and(confirms) || line.glance(direction).is_some_and(confirms) {
            return Found::Agrees;
        }
        match line.along(direction) {
            Along::Smooth(slope) | Along::OneSide(slope) => {
                match self.hold(gradient, size, slope, direction, line) {
                    Found::Differs { .. } if line.outruns(direction) => Found::Blurred,
                    Found::Blurred if line.leaves_range(size) => Found::Unknown,
                    found => found,
                }
            }
            Along::Kink { left, right } => between(gradient, size, left, right),
            Along::Jump => Found::Jumps,
            Along::Unknown => Found::Unknown,
        }
    }

    fn hold(&self, gradient: Double, size: f64, slope: Slope, direction: &Direction, line: &Line) -> Found {
        let apart = off(gradient, slope);
        let explained = MARGIN * slope.error;
        if apart <= explained + ROUNDING * size {
            let known = size.max(slope.value.to_f64().abs());
            return match slope.error <= 1e-3 * known || known == 0.0 {
                true => Found::Agrees,
                // All digits are gone: a sum that is exactly 0, or one that 32 digits cannot tell.
                false if size <= explained => Found::Blurred,
                false => Found::Unknown,
            };
        }
        // A slope that is known to few digits only may be that of something else.
        if slope.error > 1e-5 * size.max(slope.value.to_f64().abs()) {
            return Found::Unknown;
        }
        let apart = gradient - slope.value;
        if self.fate(apart, direction, ROUNDING_MOVES) != Fate::Stays {
            return match apart.to_f64().abs() <= line.negligible() {
                true => Found::Blurred,
                false => Found::Unknown,
            };
        }
        match self.fate(apart, direction, DATA_MOVES) {
            Fate::Stays => differs(slope),
            Fate::Changes if apart.to_f64().abs() <= explained + DATA * size => Found::Agrees,
            // What the last place of an input turns about, steps may have passed over.
            Fate::Changes | Fate::Unknown => Found::Unknown,
        }
    }

    /// Whether what parts gradient and measurement stays when all data move a little: what moves with
    /// them is no slip.
    fn fate(&self, apart: Double, direction: &Direction, moves: Nudge) -> Fate {
        let mut stays = 0;
        for seed in 1..=moves.times {
            let moved = self.moved(seed, moves.by);
            let mut line = moved.line();
            let tells = |slope: &Slope| MARGIN * slope.error < moves.stays * apart.to_f64().abs();
            let glance = line.glance(direction).filter(tells);
            let again = match glance.map_or_else(|| line.along(direction), Along::Smooth) {
                Along::Smooth(slope) | Along::OneSide(slope) => slope,
                Along::Kink { .. } | Along::Jump | Along::Unknown => continue,
            };
            let (gradient, _) = moved.project(direction);
            let change = (gradient - again.value - apart).to_f64().abs();
            let (apart, blur) = (apart.to_f64().abs(), MARGIN * again.error);
            if change.is_nan() || change > moves.stays * apart + blur {
                return Fate::Changes;
            }
            if blur < 0.5 * apart {
                stays += 1;
            }
        }
        match 2 * stays >= moves.times {
            true => Fate::Stays,
            false => Fate::Unknown,
        }
    }

    /// The same with every element of the data moved by up to so many times itself, equal ones by the
    /// same: ties stay. Constants that are whole numbers stay: nothing was rounded there, and a power of a
    /// negative number needs them.
    fn moved(&self, seed: u64, by: f64) -> Self {
        let mut memory = self.memory.clone();
        for &(value, _) in self.plan.data() {
            if let slot @ Slot::Float { .. } = self.plan.slot(value) {
                let stays = |x: f64| x.fract() == 0.0 && !self.plan.wanted.contains(&value);
                for at in slot.range() {
                    let element = memory.floats[at];
                    // An infinity, as in a mask, has no neighbours.
                    if !element.is_finite() || stays(element.to_f64()) {
                        continue;
                    }
                    let part = part(element.to_f64().to_bits(), seed);
                    memory.floats[at] = element + element * Double::from(by * part);
                }
            }
        }
        let mut moved = Self::new(self.plan, memory);
        moved.weights.copy_from_slice(&self.weights);
        moved
    }

    /// A place where no entry stands on a kink by chance: each that gradients are asked for is moved by
    /// about a hundredth of its scale.
    pub fn beside(&self) -> Self {
        let mut memory = self.memory.clone();
        for &leaf in &self.plan.wanted {
            let scales = self.scales(leaf);
            let own = &mut memory.floats[self.plan.slot(leaf).range()];
            for (at, (element, scale)) in own.iter_mut().zip(scales).enumerate() {
                *element += Double::from(0.01 * scale * part(at as u64, 30));
            }
        }
        Self::new(self.plan, memory)
    }

    /// The size against which a step of an entry is small: its own, or the leaf's.
    pub fn scales(&self, leaf: ValueId) -> Vec<f64> {
        let elements = self.memory.float(self.plan, leaf);
        let squares: f64 = elements.iter().map(|x| x.to_f64() * x.to_f64()).sum();
        let rms = (squares / elements.len().max(1) as f64).sqrt();
        let floor = if rms > 0.0 && rms.is_finite() { rms } else { 1.0 };
        let scale = |x: &Double| Some(x.to_f64().abs()).filter(|size| *size > 0.0).unwrap_or(floor);
        elements.iter().map(scale).collect()
    }
}

/// A slope with next to no error shows the gradient, of terms of a size.
fn confirms(gradient: Double, size: f64, slope: Slope) -> bool {
    off(gradient, slope) <= MARGIN * slope.error + ROUNDING * size
        && slope.error <= if size > 0.0 { SURE * size } else { f64::MIN_POSITIVE }
}

/// What a leaf's gradient comes to along a direction.
struct Terms<'a> {
    gradient: &'a [Double],
    by: &'a [(usize, f64)],
}

impl vector::Loop for Terms<'_> {
    type Output = (Double, f64);

    #[inline(always)]
    fn run(self) -> (Double, f64) {
        const BLOCK: usize = 64;
        let (mut sum, mut size) = (Double::zero(), 0.0);
        for block in self.by.chunks(BLOCK) {
            let [mut gradient, mut by] = [[Double::zero(); BLOCK]; 2];
            for (at, &(entry, part)) in block.iter().enumerate() {
                // What no path leads from has no gradient.
                gradient[at] = self.gradient.get(entry).copied().unwrap_or_default();
                by[at] = Double::from(part);
                size += (gradient[at].to_f64() * part).abs();
            }
            sum += dot(&gradient[..block.len()], &by[..block.len()]);
        }
        (sum, size)
    }
}

fn off(gradient: Double, slope: Slope) -> f64 {
    (gradient - slope.value).to_f64().abs()
}

fn differs(slope: Slope) -> Found {
    Found::Differs { measured: slope.value.to_f64(), error: slope.error }
}

fn between(gradient: Double, size: f64, left: Slope, right: Slope) -> Found {
    let (l, r) = (left.value.to_f64(), right.value.to_f64());
    let (low, high) = (l.min(r), l.max(r));
    let tolerance = MARGIN * (left.error + right.error) + 1e-9 * (size + low.abs() + high.abs());
    let gradient = gradient.to_f64();
    match low - tolerance <= gradient && gradient <= high + tolerance {
        true => Found::Between { left: l, right: r },
        false => Found::Beyond { left: l, right: r, error: left.error.max(right.error) },
    }
}

/// A number between 0 and 1 for a count, without a pattern and the same on every run
/// (SplitMix64's output function).
pub fn unit(count: u64) -> f64 {
    let mut z = count.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// Half to one and a half, of either sign.
pub fn part(count: u64, seed: u64) -> f64 {
    let count = count.wrapping_mul(2).wrapping_add(seed << 40);
    let size = 0.5 + unit(count);
    if unit(count + 1) < 0.5 { -size } else { size }
}
