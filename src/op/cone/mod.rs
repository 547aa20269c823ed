//! Following a small change through an op without running it whole.
//!
//! A comparison changes one entry of a leaf at a time, and little of a graph's
//! output moves with it. An op that knows which of its output elements a changed
//! input element reaches gives a [`Cone`]; one that does not is run whole. A cone
//! computes by the op's own formulas and in the order of summation of its
//! `forward`, so that each element has the bits of a whole run.

mod chain;
mod fibres;
mod members;
mod products;
mod scores;
mod sparse;
mod sums;

pub use fibres::Fibres;
pub use members::Members;
pub use products::{Product, Products};
pub use scores::{Changed, Scores};
pub use sums::{PartialSums, Total};

use super::{Branches, Inputs};

/// An op at fixed values of its inputs, ready to follow changes of a few of them.
pub trait Cone: Send + Sync {
    /// Recomputes every element of the output that the changed elements reach.
    fn follow(&self, change: &Change, y: &mut Touched);
}

impl<F: Fn(&Change, &mut Touched) + Send + Sync> Cone for F {
    fn follow(&self, change: &Change, y: &mut Touched) {
        self(change, y);
    }
}

/// What changed in the inputs of an op.
pub struct Change<'a> {
    /// The inputs with the change.
    pub now: Inputs<'a, f64>,
    /// The inputs without it.
    pub before: Inputs<'a, f64>,
    /// For each input the offsets of its changed elements, each once, in any order.
    pub changed: &'a [&'a [u32]],
}

/// An op's output while a change is followed: the elements it has without the
/// change, and those recomputed so far.
pub struct Touched<'a> {
    y: &'a mut [f64],
    before: &'a [f64],
    moved: &'a mut Vec<u32>,
    /// An element took another branch than without the change.
    pub crossed: bool,
    pub scratch: &'a mut Scratch,
}

/// Buffers that a cone may use as it likes, kept from call to call.
#[derive(Debug, Default)]
pub struct Scratch {
    pub floats: Vec<f64>,
    pub indices: Vec<u32>,
    pub terms: Vec<(u32, f64)>,
}

impl<'a> Touched<'a> {
    /// `y` and `before` hold the output without the change; the offsets of the
    /// elements that move are added to `moved`.
    pub fn new(
        y: &'a mut [f64],
        before: &'a [f64],
        moved: &'a mut Vec<u32>,
        scratch: &'a mut Scratch,
    ) -> Self {
        Self { y, before, moved, crossed: false, scratch }
    }

    /// Gives an element its new value; the same one may be given twice.
    #[inline(always)]
    pub fn set(&mut self, at: usize, value: f64) {
        let old = self.y[at].to_bits();
        if old == value.to_bits() {
            return;
        }
        if old == self.before[at].to_bits() {
            self.moved.push(at as u32);
        }
        self.y[at] = value;
    }

    /// Has the whole output computed by `run`.
    pub fn set_all(&mut self, run: impl FnOnce(&mut [f64])) {
        run(self.y);
        let pairs = self.y.iter().zip(self.before).enumerate();
        let moved = pairs.filter(|(_, (new, old))| new.to_bits() != old.to_bits());
        self.moved.clear();
        self.moved.extend(moved.map(|(at, _)| at as u32));
    }

    /// Marks the change as having crossed a kink when the branches of an element
    /// differ with and without it.
    #[inline(always)]
    pub fn compare_branches(&mut self, now: impl FnOnce(&mut Branches), before: impl FnOnce(&mut Branches)) {
        if self.crossed {
            return;
        }
        let (mut here, mut there) = (Branches::default(), Branches::default());
        now(&mut here);
        before(&mut there);
        self.crossed = here != there;
    }
}

impl<'a> Change<'a> {
    /// The changed elements of an input.
    pub fn of(&self, input: usize) -> &'a [u32] {
        self.changed[input]
    }

    /// The changes lie in this input alone.
    pub fn only_in(&self, input: usize) -> bool {
        self.changed.iter().enumerate().all(|(k, changed)| k == input || changed.is_empty())
    }
}
