//! What the values of a file take, counted before they are made.

use crate::{
    limits::{Excess, Limits, bytes},
    shape::Shape,
    tensor::{Kind, Type},
};

/// What a value takes beside its elements: its names, its node, its places in a plan.
pub const BESIDES: u64 = 600;

/// What the lengths of a tensor's axes may come to, so that no place in it is beyond an address.
const MOST: usize = isize::MAX as usize / 16;

/// Arrays of no more elements are not counted among the constants: every call may have some.
const SMALL: u64 = 16;

/// What making a tensor of constants takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Elements of all tensors on the way.
    pub elements: u64,
    /// Random numbers.
    pub draws: u64,
    /// The most bytes that are there at a time.
    pub peak: u64,
}

/// Whose account a tensor of constants goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// An attribute's, or an operand's of a node.
    Constants,
    /// A leaf's whose cost is not known before.
    Leaf,
    /// It was counted before.
    Settled,
}

/// The counts of one file, and the limits that they are held against.
pub struct Meter {
    pub limits: Limits,
    pub account: Account,
    /// Held by the values of the graph, as a run holds them.
    bytes: u64,
    constants: u64,
    leaves: u64,
    draws: u64,
}

impl Meter {
    pub fn new(limits: Limits) -> Self {
        Self { limits, account: Account::Constants, bytes: 0, constants: 0, leaves: 0, draws: 0 }
    }

    /// Bytes that the values of the graph take in a run.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The size of a tensor that is about to be made.
    ///
    /// # Errors
    /// It is over the limit of elements.
    pub fn size(&self, shape: &Shape) -> Result<u64, Excess> {
        let axes = shape.rank() as u64;
        self.limits.hold("axes", axes, || format!("a tensor of {axes} axes is too large"))?;
        // Of an empty tensor the other axes must make sense too.
        let mut axes = shape.iter().filter(|&&length| length > 0);
        let spread = axes.try_fold(1usize, |spread, &length| spread.checked_mul(length));
        let makes_sense = spread.is_some_and(|spread| spread < MOST);
        let size = shape.checked_size().filter(|_| makes_sense).map_or(u64::MAX, |size| size as u64);
        self.limits.hold("elements", size, || too_large(shape))?;
        Ok(size)
    }

    /// Counts a value of the graph: in a run, its gradient, and what it brings along itself.
    ///
    /// # Errors
    /// A limit is reached.
    pub fn value(&mut self, ty: &Type, has_gradient: bool, brings: bool, name: &str) -> Result<(), Excess> {
        let size = self.size(&ty.shape)?;
        let copies = 1 + u64::from(has_gradient && ty.kind == Kind::Float) + u64::from(brings);
        self.held(size.saturating_mul(8 * copies).saturating_add(BESIDES + name.len() as u64))
    }

    /// Counts what stays as long as the graph.
    ///
    /// # Errors
    /// The memory of the run is over its limit.
    pub fn held(&mut self, more: u64) -> Result<(), Excess> {
        self.bytes = self.bytes.saturating_add(more);
        self.limits.hold("bytes", self.bytes, || needs(self.bytes))
    }

    /// Counts what a leaf's value takes to be made.
    ///
    /// # Errors
    /// A limit is reached.
    pub fn leaf(&mut self, cost: &Cost) -> Result<(), Excess> {
        self.drawn(cost.draws)?;
        self.leaves = self.leaves.saturating_add(cost.elements);
        self.limits.hold("leaves", self.leaves, || {
            format!("the values of leaves take too much work, {} elements up to here", self.leaves)
        })?;
        let peak = self.bytes.saturating_add(cost.peak);
        self.limits.hold("bytes", peak, || needs(peak))
    }

    /// Counts random numbers.
    ///
    /// # Errors
    /// A limit is reached.
    pub fn drawn(&mut self, more: u64) -> Result<(), Excess> {
        if self.account == Account::Settled {
            return Ok(());
        }
        self.draws = self.draws.saturating_add(more);
        self.limits.hold("draws", self.draws, || {
            format!("the random numbers of this file are too many, {} up to here", self.draws)
        })
    }

    /// Counts a tensor of constants that is made at once.
    ///
    /// # Errors
    /// A limit is reached.
    pub fn constant(&mut self, shape: &Shape) -> Result<(), Excess> {
        let size = self.size(shape)?;
        match self.account {
            Account::Settled => Ok(()),
            Account::Leaf => {
                // Operands are copied to where an op reads them.
                let peak = size.saturating_mul(8 * 4);
                self.leaf(&Cost { elements: size, draws: 0, peak })
            }
            Account::Constants if size <= SMALL => Ok(()),
            Account::Constants => {
                self.constants = self.constants.saturating_add(size);
                let held = self.limits.hold("constants", self.constants, || {
                    format!("arrays beside the leaves are too large, {} elements up to here", self.constants)
                });
                held.map_err(|excess| {
                    let help = format!("{}; or make it a leaf: `const NAME = …`", excess.help);
                    Excess { help, ..excess }
                })
            }
        }
    }
}

fn too_large(shape: &Shape) -> String {
    match shape.checked_size() {
        Some(size) if size > 0 => format!("a tensor of shape {shape} is too large, {size} elements"),
        _ => format!("a tensor of shape {shape} is too large"),
    }
}

fn needs(count: u64) -> String {
    format!("this graph needs too much memory, {} up to here", bytes(count))
}
