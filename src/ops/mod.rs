//! The ops, one file each; the list below is sorted by name.

use crate::op::{Map, OpEntry};

mod accuracy;
mod affine;
mod argmax;
mod cross_entropy;
mod log_softmax;
mod matmul;
mod max;
mod mean;
mod min;
mod mul;
mod one_hot;
mod relu;
mod sigmoid_loss;
mod softmax;
mod softmax_loss;
mod squared_error;
mod sum;

/// All ops, sorted by name.
pub const ALL: &[OpEntry] = &[
    OpEntry::of::<accuracy::Accuracy>(),
    OpEntry::of::<affine::Affine>(),
    OpEntry::of::<argmax::ArgMax>(),
    OpEntry::of::<cross_entropy::CrossEntropy>(),
    OpEntry::of::<log_softmax::LogSoftmax>(),
    OpEntry::of::<matmul::MatMul>(),
    OpEntry::of::<max::Max>(),
    OpEntry::of::<mean::Mean>(),
    OpEntry::of::<min::Min>(),
    OpEntry::of::<Map<mul::Mul, 2>>(),
    OpEntry::of::<one_hot::OneHot>(),
    OpEntry::of::<Map<relu::Relu, 1>>(),
    OpEntry::of::<sigmoid_loss::SigmoidLoss>(),
    OpEntry::of::<softmax::Softmax>(),
    OpEntry::of::<softmax_loss::SoftmaxLoss>(),
    OpEntry::of::<squared_error::SquaredError>(),
    OpEntry::of::<sum::Sum>(),
];

/// The op of a name spelled with underscores.
pub fn find(name: &str) -> Option<&'static OpEntry> {
    ALL.binary_search_by(|entry| entry.card.name.cmp(name)).ok().map(|at| &ALL[at])
}

#[cfg(test)]
mod loss_tests;
#[cfg(test)]
mod reduction_tests;
#[cfg(test)]
mod trial;
