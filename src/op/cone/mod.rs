//! Following a small change through an op without running it whole.
//!
//! A comparison changes one entry of a leaf at a time, and little of a graph's
//! output moves with it. An op that knows which of its output elements a changed
//! input element reaches gives a [`Cone`]; one that does not is run whole. A cone
//! computes by the op's own formulas and in the order of summation of its
//! `forward`, so that each element has the bits of a whole run.

mod chain;
mod inverse_map;
mod membership;
mod product;
mod products;
mod scores;
mod sparse;
mod sums;

pub use inverse_map::{InverseMap, Reached};
pub use membership::Membership;
pub use product::Product;
pub use products::Products;
pub use scores::{Changed, Scores};
pub use sums::{PartialSums, Total};

use super::{Inputs, vector};
use std::ops::Range;

/// An op at fixed values of its inputs, ready to follow changes of a few of them.
pub trait Cone: Send + Sync {
    /// Recomputes every element of the output that the changed elements reach: all but
    /// those that would stay as they are whatever finite numbers these were.
    fn follow(&self, change: &Change, y: &mut Dirty);
}

impl<F: Fn(&Change, &mut Dirty) + Send + Sync> Cone for F {
    fn follow(&self, change: &Change, y: &mut Dirty) {
        self(change, y);
    }
}

/// A change is followed in so many lanes side by side: runs that differ in what the
/// changed entry becomes. They are the points of a difference quotient.
pub const LANES: usize = 4;

/// A number in each of the lanes.
pub type Lanes = [f64; LANES];

/// The sum of two numbers, lane by lane.
#[inline(always)]
fn plus(a: Lanes, b: Lanes) -> Lanes {
    std::array::from_fn(|lane| a[lane] + b[lane])
}

/// The elements at one place, across the lanes.
#[inline(always)]
pub fn across(x: [&[f64]; LANES], at: usize) -> Lanes {
    std::array::from_fn(|lane| x[lane][at])
}

/// What changed in the inputs of an op.
pub struct Change<'a> {
    /// The arenas with the change, in each lane, that the slots of `before` point into.
    pub floats: [&'a [f64]; LANES],
    pub ints: [&'a [i64]; LANES],
    /// The inputs without it.
    pub before: Inputs<'a, f64>,
    /// For each input the offsets of the elements that changed in a lane, each once,
    /// in any order.
    pub changed: &'a [&'a [u32]],
}

/// An op's output while a change is followed: the elements it has without the
/// change, and those recomputed so far.
pub struct Dirty<'a> {
    y: [&'a mut [f64]; LANES],
    before: &'a [f64],
    moved: &'a mut Vec<u32>,
    /// The lanes in which an element took another branch than without the change.
    pub crossed: [bool; LANES],
    /// An element was computed anew, whatever it came to.
    pub reached: bool,
    pub scratch: &'a mut Scratch,
}

/// Buffers that a cone may use as it likes, kept from call to call.
#[derive(Debug, Default)]
pub struct Scratch {
    pub rows: product::Rows,
    pub indices: Vec<u32>,
    pub terms: Vec<(u32, Lanes)>,
}

impl<'a> Dirty<'a> {
    /// `y` and `before` hold the output without the change; the offsets of all
    /// elements that move in a lane are added to `moved`.
    pub fn new(
        y: [&'a mut [f64]; LANES],
        before: &'a [f64],
        moved: &'a mut Vec<u32>,
        scratch: &'a mut Scratch,
    ) -> Self {
        Self { y, before, moved, crossed: [false; LANES], reached: false, scratch }
    }

    /// Gives an element its new value; the same one may be given twice.
    #[inline(always)]
    pub fn set(&mut self, at: usize, value: Lanes) {
        self.reached = true;
        let before = self.before[at].to_bits();
        if (0..LANES).all(|lane| self.y[lane][at].to_bits() == before) {
            if value.iter().all(|value| value.to_bits() == before) {
                return;
            }
            self.moved.push(at as u32);
        }
        (0..LANES).for_each(|lane| self.y[lane][at] = value[lane]);
    }

    /// Gives neighbours their new values, `[LANES, stride]`, for the first time. If one of
    /// them moves, all are said to.
    pub fn set_row(&mut self, places: Range<usize>, new: &[f64], stride: usize) {
        self.reached = true;
        let mut moves = false;
        for (lane, new) in new.chunks(stride).take(LANES).enumerate() {
            let (y, before) = (&mut self.y[lane][places.clone()], &self.before[places.clone()]);
            moves |= vector::run(Renew { y, before, new });
        }
        if moves {
            self.moved.extend(places.start as u32..places.end as u32);
        }
    }

    /// Has neighbours given their new values, lane by lane and for the first time. If one
    /// of them moves, all are said to.
    #[inline(always)]
    pub fn set_run(&mut self, places: Range<usize>, mut fill: impl FnMut(usize, &mut [f64])) {
        self.reached = true;
        let mut moves = false;
        for (lane, y) in self.y.iter_mut().enumerate() {
            let y = &mut y[places.clone()];
            fill(lane, y);
            moves = moves || vector::run(Differ(y, &self.before[places.clone()]));
        }
        if moves {
            self.moved.extend(places.start as u32..places.end as u32);
        }
    }

    /// Has the whole output computed by `run`, lane by lane.
    pub fn set_all(&mut self, run: impl Fn(usize, &mut [f64])) {
        self.reached = true;
        self.y.iter_mut().enumerate().for_each(|(lane, y)| run(lane, y));
        self.moved.clear();
        let moves = |at: usize| self.y.iter().any(|y| y[at].to_bits() != self.before[at].to_bits());
        self.moved.extend((0..self.before.len()).filter(|&at| moves(at)).map(|at| at as u32));
    }

    /// Marks the lanes in which an element takes another branch than without the change.
    #[inline(always)]
    pub fn compare_branches(&mut self, now: [usize; LANES], before: usize) {
        (0..LANES).for_each(|lane| self.crossed[lane] |= now[lane] != before);
    }
}

/// Gives an output new elements; whether one differs from what it was.
struct Renew<'a> {
    y: &'a mut [f64],
    before: &'a [f64],
    new: &'a [f64],
}

impl vector::Loop for Renew<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let mut different = 0;
        for ((y, before), new) in self.y.iter_mut().zip(self.before).zip(self.new) {
            *y = *new;
            different |= new.to_bits() ^ before.to_bits();
        }
        different != 0
    }
}

/// Whether some elements are others than they were.
struct Differ<'a>(&'a [f64], &'a [f64]);

impl vector::Loop for Differ<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let bits = self.0.iter().zip(self.1).fold(0, |bits, (a, b)| bits | (a.to_bits() ^ b.to_bits()));
        bits != 0
    }
}

impl<'a> Change<'a> {
    /// The changed elements of an input.
    pub fn of(&self, input: usize) -> &'a [u32] {
        self.changed[input]
    }

    /// The inputs with the change, in one lane.
    #[inline]
    pub fn now(&self, lane: usize) -> Inputs<'a, f64> {
        Inputs { slots: self.before.slots, floats: self.floats[lane], ints: self.ints[lane] }
    }

    /// The elements of a float input, in each lane.
    #[inline]
    pub fn float(&self, input: usize) -> [&'a [f64]; LANES] {
        let range = self.before.slots[input].range();
        std::array::from_fn(|lane| &self.floats[lane][range.clone()])
    }

    /// The changes lie in this input alone.
    pub fn only_in(&self, input: usize) -> bool {
        self.changed.iter().enumerate().all(|(k, changed)| k == input || changed.is_empty())
    }
}
