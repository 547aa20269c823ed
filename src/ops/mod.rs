//! The ops, one file each; the list below is sorted by name.

use crate::op::{Map, OpEntry};

mod abs;
mod add;
mod affine;
mod concat;
mod cos;
mod div;
mod exp;
mod flatten;
mod identity;
mod leaky_relu;
mod log;
mod mul;
mod neg;
mod pow;
mod reciprocal;
mod relu;
mod reshape;
mod sigmoid;
mod sin;
mod slice;
mod softplus;
mod sqrt;
mod square;
mod sub;
mod sum;
mod tanh;
mod transpose;

/// All ops, sorted by name.
pub const ALL: &[OpEntry] = &[
    OpEntry::of::<Map<abs::Abs, 1>>(),
    OpEntry::of::<Map<add::Add, 2>>(),
    OpEntry::of::<affine::Affine>(),
    OpEntry::of::<concat::Concat>(),
    OpEntry::of::<Map<cos::Cos, 1>>(),
    OpEntry::of::<Map<div::Div, 2>>(),
    OpEntry::of::<Map<exp::Exp, 1>>(),
    OpEntry::of::<flatten::Flatten>(),
    OpEntry::of::<identity::Identity>(),
    OpEntry::of::<Map<leaky_relu::LeakyRelu, 1>>(),
    OpEntry::of::<Map<log::Log, 1>>(),
    OpEntry::of::<Map<mul::Mul, 2>>(),
    OpEntry::of::<Map<neg::Neg, 1>>(),
    OpEntry::of::<Map<pow::Pow, 2>>(),
    OpEntry::of::<Map<reciprocal::Reciprocal, 1>>(),
    OpEntry::of::<Map<relu::Relu, 1>>(),
    OpEntry::of::<reshape::Reshape>(),
    OpEntry::of::<Map<sigmoid::Sigmoid, 1>>(),
    OpEntry::of::<Map<sin::Sin, 1>>(),
    OpEntry::of::<slice::Slice>(),
    OpEntry::of::<Map<softplus::Softplus, 1>>(),
    OpEntry::of::<Map<sqrt::Sqrt, 1>>(),
    OpEntry::of::<Map<square::Square, 1>>(),
    OpEntry::of::<Map<sub::Sub, 2>>(),
    OpEntry::of::<sum::Sum>(),
    OpEntry::of::<Map<tanh::Tanh, 1>>(),
    OpEntry::of::<transpose::Transpose>(),
];

/// The op of a name spelled with underscores.
pub fn find(name: &str) -> Option<&'static OpEntry> {
    ALL.binary_search_by(|entry| entry.card.name.cmp(name)).ok().map(|at| &ALL[at])
}
