//! The measurement: slopes along a line through a run's values, from forward runs in
//! double-double alone.
//!
//! One step is never enough. Saturation eats digits, a zero beside large entries has no
//! scale, and two slopes may agree by chance: slopes are taken at several steps, and the value is
//! where three in a row agree best, with their scatter as its error.

use super::slope::{Slope, differ, gap_and_size, settled};
use crate::{
    double::Double,
    engine::{Memory, branches, forward},
    graph::{Phase, ValueId},
    op::{Branches, Rounding, Slot, vector},
    plan::Plan,
};
use num_traits::Zero;
use std::borrow::Cow;

/// The step, as a part of a direction, of a first look: what its square leaves out is below what
/// gradients are held to, and so is rounding.
const FIRST: f64 = 1e-10;

/// Steps for a second look.
const QUICK: [f64; 2] = [1e-8, 1e-10];

/// All steps that are tried. The last are for what swings many times within an entry's own size.
pub(super) const LADDER: [f64; 16] = [
    1e-3, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-14, 1e-16, 1e-18, 1e-20, 1e-22, 1e-24, 1e-26,
];

/// The rounding of one operation in double-double, of its result, with room for some more.
const ROUNDING: f64 = 2e-31;

/// Numbers below have no room for the digits of a double-double.
const SMALL: f64 = 1e-276;

/// What forward does along a line, at the point where it begins.
#[derive(Debug, Clone, Copy)]
pub enum Along {
    /// The same slope on both sides.
    Smooth(Slope),
    /// Two slopes.
    Kink { left: Slope, right: Slope },
    /// Forward is finite on one side only.
    OneSide(Slope),
    /// The value itself jumps.
    Jump,
    /// No slopes agree.
    Unknown,
}

/// How far entries of one leaf move along a direction.
#[derive(Debug, Clone)]
pub struct Moves {
    pub leaf: ValueId,
    pub by: Vec<(usize, f64)>,
}

/// How far entries of leaves move; no leaf's entry occurs twice.
pub type Direction = [Moves];

/// Forward runs around the values of one run.
pub struct Line<'a> {
    plan: &'a Plan<'a>,
    base: &'a Memory<Double>,
    memory: Memory<Double>,
    /// The elements of the outputs that are finite in this run, each with its upstream gradient.
    outputs: Vec<(usize, Double)>,
    taken: Branches,
    /// How much the outputs change with each element of the float arena, by size.
    weights: Cow<'a, [f64]>,
    /// How much the outputs would change if every value changed by all of itself: what rounding is
    /// measured by.
    reference: f64,
    /// How much the outputs may change with what rounds to the least number that there is, of what moves along the
    /// direction at hand.
    underflow: f64,
    /// As `reference`, for what a step along the direction at hand changes, for a whole step.
    swing: f64,
}

/// The outputs at a point, times their upstream gradients, and whether all branches are those of the run.
pub(super) struct Point {
    pub(super) outputs: Vec<Double>,
    same_branches: bool,
    taken: Branches,
}

/// Slopes at one step.
#[derive(Debug, Clone, Copy, Default)]
struct Rung {
    central: Option<Double>,
    left: Option<Double>,
    right: Option<Double>,
    crosses: bool,
}

impl<'a> Line<'a> {
    /// `base` holds a forward and a backward run. Its gradients set the scale of rounding, and
    /// nothing else: to first order, the outputs' rounding is at most that of each value
    /// times its gradient.
    pub fn new(plan: &'a Plan<'a>, base: &'a Memory<Double>) -> Self {
        Self::weighed(plan, base, Cow::Owned(weights(plan, base)))
    }

    /// With the sizes of gradients that are known from elsewhere.
    pub fn weighed(plan: &'a Plan<'a>, base: &'a Memory<Double>, weights: Cow<'a, [f64]>) -> Self {
        let places = plan.outputs.iter().flat_map(|&output| plan.slot(output).range());
        let outputs = places.zip(plan.upstream().map(Double::from));
        let outputs = outputs.filter(|&(at, _)| base.floats[at].is_finite()).collect();
        let memory = Memory {
            floats: base.floats.clone(),
            ints: base.ints.clone(),
            gradients: Vec::new(),
            upstreams: Vec::new(),
        };
        let terms = base.floats.iter().zip(&weights[..]).map(|(x, weight)| x.to_f64().abs() * weight);
        let reference = terms.filter(|term| term.is_finite()).sum::<f64>() + within(plan, &weights);
        let underflow = underflow(&base.floats, &weights, |_| true);
        Self {
            plan,
            base,
            memory,
            outputs,
            taken: taken(plan, base, Branches::default()),
            weights,
            reference,
            underflow,
            swing: 0.0,
        }
    }

    /// A first look: the slope between two points, one on either side, where it is smooth. Only its
    /// rounding is known, not what the step leaves out: it can confirm, but not contradict.
    pub fn first(&mut self, direction: &Direction) -> Option<Slope> {
        let [left, right] = [-FIRST, FIRST].map(|step| self.at(direction, step));
        let (left, right) = (left?, right?);
        let here = self.base_outputs();
        let [fall, rise] = [rise(&left.outputs, &here), rise(&here, &right.outputs)];
        if !left.same_branches || !right.same_branches || differ(fall, rise) {
            return None;
        }
        self.swing = 0.0;
        let (value, rounding) = ((fall + rise) / Double::from(2.0 * FIRST), self.rounding(FIRST));
        Some(Slope { value, error: rounding, rounding, at: 0 })
    }

    /// A second look: a smooth slope that two steps agree on, or nothing.
    pub fn glance(&mut self, direction: &Direction) -> Option<Slope> {
        let [wide, narrow] = QUICK.map(|step| self.rung(direction, step));
        if wide.crosses || narrow.crosses || differ(wide.left?, wide.right?) {
            return None;
        }
        let (value, other) = (wide.central?, narrow.central?);
        self.swing = 0.0;
        let rounding = self.rounding(QUICK[0]);
        Some(Slope { value, error: (value - other).to_f64().abs() + rounding, rounding, at: 0 })
    }

    /// The slopes along a direction, by all steps.
    pub fn along(&mut self, direction: &Direction) -> Along {
        let rungs = LADDER.map(|step| self.rung(direction, step));
        self.swing = self.swing(direction);
        self.underflow = self.underflow(direction);
        let rounding = LADDER.map(|step| self.rounding(step));
        // Where a sum of squares has its least value, nothing but the steps themselves says what is small.
        let widest = rungs[0].left.into_iter().chain(rungs[0].right);
        let widest = widest.map(|slope| slope.to_f64().abs()).filter(|slope| slope.is_finite());
        let least = (1e-13 * self.reference).max(1e-20 * widest.fold(0.0, f64::max));
        let side = |pick: fn(&Rung) -> Option<Double>| {
            settled::<2>(&rungs.map(|rung| pick(&rung)), &rounding, least)
        };
        let tells = Slope::tells;
        let (left, right) = (side(|rung| rung.left), side(|rung| rung.right));
        let smooth = rungs.map(|rung| rung.central.filter(|_| !rung.crosses));
        let sides_differ = match (left, right) {
            (Some(left), Some(right)) => {
                let (gap, size) = gap_and_size(left.value, right.value);
                gap > 1e-4 * size + 100.0 * (left.error + right.error)
            }
            _ => false,
        };
        match (settled::<3>(&smooth, &rounding, least), left, right) {
            (Some(central), ..) if !sides_differ && tells(central) => Along::Smooth(central),
            (_, Some(left), Some(right)) if tells(left) && tells(right) => {
                let (gap, size) = gap_and_size(left.value, right.value);
                let error = left.error + right.error;
                match gap <= 100.0 * error + 1e-9 * size {
                    true => {
                        let value = (left.value + right.value).scaled(-1);
                        Along::Smooth(Slope { value, error: error.max(gap), ..right })
                    }
                    false => Along::Kink { left, right },
                }
            }
            // On the other side the outputs are not finite, or run away; a jump has no slope at all.
            (_, Some(left), None) if tells(left) && !self.jumps(direction) => Along::OneSide(left),
            (_, None, Some(right)) if tells(right) && !self.jumps(direction) => Along::OneSide(right),
            (Some(central), ..) if !sides_differ && central.tells_a_little() => Along::Smooth(central),
            _ if self.jumps(direction) => Along::Jump,
            _ => Along::Unknown,
        }
    }

    /// How much the outputs would change if every value changed by all of itself.
    pub fn reference(&self) -> f64 {
        self.reference
    }

    /// What rounds to the least number that there is may be as large as terms of a size along a direction.
    pub fn leaves_range(&self, size: f64) -> bool {
        self.underflow / LADDER[0] >= size && size > 0.0
    }

    /// What nobody can tell from 0 along a direction of the size of the values themselves.
    pub fn negligible(&self) -> f64 {
        1e-20 * self.reference
    }

    /// What rounding may do to a slope at this step.
    fn rounding(&self, step: f64) -> f64 {
        ROUNDING * (self.reference / step + self.swing) + self.underflow / step
    }

    /// How much the outputs change with what a step changes within, for a whole step: what is 0 here
    /// need not be beside it.
    fn swing(&mut self, direction: &Direction) -> f64 {
        const STEP: f64 = 1e-6;
        self.beside(direction, STEP, |line| {
            if line.outputs.iter().any(|&(at, _)| !line.memory.floats[at].is_finite()) {
                return 0.0;
            }
            let moved = line.memory.floats.iter().zip(&line.base.floats).zip(&line.weights[..]);
            let terms = moved.map(|((to, from), weight)| (*to - *from).to_f64().abs() * weight);
            terms.filter(|term| term.is_finite()).sum::<f64>() / STEP
        })
    }

    /// How much the outputs may change with what rounds to the least number, of what moves along a direction.
    fn underflow(&mut self, direction: &Direction) -> f64 {
        if underflow(&self.base.floats, &self.weights, |_| true) == 0.0 {
            return 0.0;
        }
        self.beside(direction, 1.0, |line| {
            let moves = |at: usize| line.memory.floats[at] != line.base.floats[at];
            underflow(&line.base.floats, &line.weights, moves)
        })
    }

    /// The slopes on both sides at one small step, to tell which entries meet in a kink.
    pub fn sides(&mut self, direction: &Direction) -> Option<[f64; 2]> {
        let rung = self.rung(direction, QUICK[0]);
        Some([rung.left?.to_f64(), rung.right?.to_f64()])
    }

    /// How many elements take another branch beside the point than at it.
    pub fn turns(&mut self, direction: &Direction) -> usize {
        let here = taken(self.plan, self.base, Branches::kept());
        let [left, right] = [-FIRST, FIRST].map(|step| {
            self.beside(direction, step, |line| taken(line.plan, &line.memory, Branches::kept()))
        });
        here.differ(&left).zip(here.differ(&right)).filter(|(left, right)| *left || *right).count()
    }

    pub(super) fn base_outputs(&self) -> Vec<Double> {
        self.outputs.iter().map(|&(at, upstream)| upstream * self.base.floats[at]).collect()
    }

    fn rung(&mut self, direction: &Direction, step: f64) -> Rung {
        let [far_left, left, right, far_right] =
            [-step, -step / 2.0, step / 2.0, step].map(|step| self.at(direction, step));
        let here = self.base_outputs();
        let per = |rise: Double, step: f64| rise / Double::from(step);
        let mut rung = Rung::default();
        let points = [&far_left, &left, &right, &far_right];
        rung.crosses = points.iter().any(|point| point.as_ref().is_some_and(|point| !point.same_branches));
        if let [Some(far_left), Some(left), Some(right), Some(far_right)] = points {
            let narrow = per(rise(&left.outputs, &right.outputs), step);
            let wide = per(rise(&far_left.outputs, &far_right.outputs), 2.0 * step);
            // Richardson's extrapolation, of which the error is of the fourth order.
            rung.central = Some(narrow + (narrow - wide) / Double::from(3.0));
        }
        let side = |near: &Option<Point>, far: &Option<Point>, step: f64| {
            let (near, far) = (near.as_ref()?, far.as_ref()?);
            // What changes its branch between two steps has jumped or turned there, as a staircase does
            // whose steps are smaller than these: that is no slope at the point.
            if near.taken != far.taken {
                return None;
            }
            let narrow = per(rise(&here, &near.outputs), step / 2.0);
            let wide = per(rise(&here, &far.outputs), step);
            Some(narrow + (narrow - wide))
        };
        rung.left = side(&left, &far_left, -step);
        rung.right = side(&right, &far_right, step);
        rung
    }

    /// Forward at so many times the direction; `None` where an output is not finite there.
    pub(super) fn at(&mut self, direction: &Direction, step: f64) -> Option<Point> {
        self.beside(direction, step, |line| {
            let outputs = line.outputs.iter().map(|&(at, upstream)| upstream * line.memory.floats[at]);
            let outputs: Vec<Double> = outputs.collect();
            let taken = line.taken_here();
            let same_branches = line.memory.ints == line.base.ints && taken == line.taken;
            outputs.iter().all(|y| y.is_finite()).then_some(Point { outputs, same_branches, taken })
        })
    }

    /// Looks at a forward run at so many times the direction.
    fn beside<T>(&mut self, direction: &Direction, step: f64, look: impl FnOnce(&Self) -> T) -> T {
        for Moves { leaf, by } in direction {
            let range = self.plan.slot(*leaf).range();
            let (moved, base) = (&mut self.memory.floats[range.clone()], &self.base.floats[range]);
            vector::run(Moved { moved, base, by, step });
        }
        forward(self.plan, &mut self.memory);
        let seen = look(self);
        for Moves { leaf, by } in direction {
            let range = self.plan.slot(*leaf).range();
            let (moved, base) = (&mut self.memory.floats[range.clone()], &self.base.floats[range]);
            by.iter().for_each(|&(entry, _)| moved[entry] = base[entry]);
        }
        seen
    }

    fn taken_here(&self) -> Branches {
        taken(self.plan, &self.memory, Branches::default())
    }
}

/// Entries of a leaf, moved by so many times what a direction says.
struct Moved<'a> {
    moved: &'a mut [Double],
    base: &'a [Double],
    by: &'a [(usize, f64)],
    step: f64,
}

impl vector::Loop for Moved<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for &(entry, by) in self.by {
            self.moved[entry] = self.base[entry] + Double::from_product(by, self.step);
        }
    }
}

/// The branches that all steps of forward take.
fn taken(plan: &Plan, memory: &Memory<Double>, none: Branches) -> Branches {
    let forward = plan.steps.iter().filter(|step| step.phase == Phase::Forward);
    let with_kinks = forward.filter(|step| step.kernel.card().kinks.is_some());
    with_kinks.fold(none, |taken, step| branches(plan, step, memory, taken))
}

/// How much the outputs change with those of the smallest floats that `counts` picks, for the least number each.
fn underflow(floats: &[Double], weights: &[f64], counts: impl Fn(usize) -> bool) -> f64 {
    let small = |&at: &usize| (f64::from_bits(1)..SMALL).contains(&floats[at].to_f64().abs());
    let counted = (0..floats.len()).filter(small).filter(|&at| counts(at));
    counted.map(|at| weights[at] * f64::from_bits(1)).sum()
}

/// How much the sum of all outputs rises. Differences first: what does not move adds nothing.
pub(super) fn rise(from: &[Double], to: &[Double]) -> Double {
    from.iter().zip(to).fold(Double::zero(), |sum, (&from, &to)| sum + (to - from))
}

/// The rounding of ops that shows neither in what goes in nor in what comes out.
fn within(plan: &Plan, weights: &[f64]) -> f64 {
    let forward = plan.steps.iter().filter(|step| step.phase == Phase::Forward);
    let sizes = forward
        .filter(|step| matches!(step.kernel.rounding(), Rounding::LogOfSum(_) | Rounding::LogSoftmax(_)))
        .map(|step| {
            weights[plan.slot(step.output).range()].iter().filter(|size| size.is_finite()).sum::<f64>()
        });
    sizes.sum()
}

/// The size of the gradient of each element of the float arena, 0 where there is none.
pub fn weights(plan: &Plan, memory: &Memory<Double>) -> Vec<f64> {
    let mut weights = vec![0.0; memory.floats.len()];
    for value in (0..plan.values() as u32).map(ValueId) {
        if let (slot @ Slot::Float { .. }, Some(gradient)) = (plan.slot(value), memory.gradient(plan, value))
        {
            let sizes = gradient.iter().map(|g| g.to_f64().abs());
            weights[slot.range()].iter_mut().zip(sizes).for_each(|(weight, size)| *weight = size);
        }
    }
    weights
}
