//! The ops, one file each; the list below is sorted by name.

use crate::op::{Map, OpEntry};

mod affine;
mod mul;
mod relu;
mod sum;

/// All ops, sorted by name.
pub const ALL: &[OpEntry] = &[
    OpEntry::of::<affine::Affine>(),
    OpEntry::of::<Map<mul::Mul, 2>>(),
    OpEntry::of::<Map<relu::Relu, 1>>(),
    OpEntry::of::<sum::Sum>(),
];

/// The op of a name spelled with underscores.
pub fn find(name: &str) -> Option<&'static OpEntry> {
    ALL.binary_search_by(|entry| entry.card.name.cmp(name)).ok().map(|at| &ALL[at])
}
