//! The ops, one file each; the list below is sorted by name.

use crate::op::{Comparison, Logic, Map, Move, OpEntry};
use foldhash::HashMap;
use std::sync::LazyLock;

mod abs;
mod accuracy;
mod add;
mod affine;
mod argmax;
mod avg_pool;
mod broadcast_to;
mod cast;
mod concat;
mod conv;
mod conv_transpose;
mod cos;
mod cross_entropy;
mod diagonal;
mod div;
mod einsum;
mod equal;
mod exp;
mod flatten;
mod flip;
mod fold;
mod gather;
mod greater;
mod greater_equal;
mod identity;
mod leaky_relu;
mod less;
mod less_equal;
mod log;
mod log_softmax;
mod logical_and;
mod logical_not;
mod logical_or;
mod logical_xor;
mod matmul;
mod max;
mod max_pool;
mod mean;
mod min;
mod mul;
mod neg;
mod not_equal;
mod one_hot;
mod pad;
mod pow;
mod reciprocal;
mod relu;
mod repeat_interleave;
mod reshape;
mod roll;
mod scatter_add;
mod sigmoid;
mod sigmoid_loss;
mod sin;
mod slice;
mod softmax;
mod softmax_loss;
mod softplus;
mod sqrt;
mod square;
mod squared_error;
mod squeeze;
mod stack;
mod sub;
mod sum;
mod take;
mod tanh;
mod tile;
mod transpose;
mod tril;
mod triu;
mod unfold;
mod unsqueeze;
mod r#where;

/// All ops, sorted by name.
pub const ALL: &[OpEntry] = &[
    OpEntry::of::<Map<abs::Abs, 1>>(),
    OpEntry::of::<accuracy::Accuracy>(),
    OpEntry::of::<Map<add::Add, 2>>(),
    OpEntry::of::<affine::Affine>(),
    OpEntry::of::<argmax::ArgMax>(),
    OpEntry::of::<avg_pool::AvgPool>(),
    OpEntry::of::<Move<broadcast_to::BroadcastTo>>(),
    OpEntry::of::<cast::Cast>(),
    OpEntry::of::<concat::Concat>(),
    OpEntry::of::<conv::Conv>(),
    OpEntry::of::<conv_transpose::ConvTranspose>(),
    OpEntry::of::<Map<cos::Cos, 1>>(),
    OpEntry::of::<cross_entropy::CrossEntropy>(),
    OpEntry::of::<Move<diagonal::Diagonal>>(),
    OpEntry::of::<Map<div::Div, 2>>(),
    OpEntry::of::<einsum::Einsum>(),
    OpEntry::of::<Comparison<equal::Equal>>(),
    OpEntry::of::<Map<exp::Exp, 1>>(),
    OpEntry::of::<Move<flatten::Flatten>>(),
    OpEntry::of::<Move<flip::Flip>>(),
    OpEntry::of::<fold::Fold>(),
    OpEntry::of::<gather::Gather>(),
    OpEntry::of::<Comparison<greater::Greater>>(),
    OpEntry::of::<Comparison<greater_equal::GreaterEqual>>(),
    OpEntry::of::<identity::Identity>(),
    OpEntry::of::<Map<leaky_relu::LeakyRelu, 1>>(),
    OpEntry::of::<Comparison<less::Less>>(),
    OpEntry::of::<Comparison<less_equal::LessEqual>>(),
    OpEntry::of::<Map<log::Log, 1>>(),
    OpEntry::of::<log_softmax::LogSoftmax>(),
    OpEntry::of::<Logic<logical_and::LogicalAnd, 2>>(),
    OpEntry::of::<Logic<logical_not::LogicalNot, 1>>(),
    OpEntry::of::<Logic<logical_or::LogicalOr, 2>>(),
    OpEntry::of::<Logic<logical_xor::LogicalXor, 2>>(),
    OpEntry::of::<matmul::MatMul>(),
    OpEntry::of::<max::Max>(),
    OpEntry::of::<max_pool::MaxPool>(),
    OpEntry::of::<mean::Mean>(),
    OpEntry::of::<min::Min>(),
    OpEntry::of::<Map<mul::Mul, 2>>(),
    OpEntry::of::<Map<neg::Neg, 1>>(),
    OpEntry::of::<Comparison<not_equal::NotEqual>>(),
    OpEntry::of::<one_hot::OneHot>(),
    OpEntry::of::<Move<pad::Pad>>(),
    OpEntry::of::<Map<pow::Pow, 2>>(),
    OpEntry::of::<Map<reciprocal::Reciprocal, 1>>(),
    OpEntry::of::<Map<relu::Relu, 1>>(),
    OpEntry::of::<Move<repeat_interleave::RepeatInterleave>>(),
    OpEntry::of::<Move<reshape::Reshape>>(),
    OpEntry::of::<Move<roll::Roll>>(),
    OpEntry::of::<scatter_add::ScatterAdd>(),
    OpEntry::of::<Map<sigmoid::Sigmoid, 1>>(),
    OpEntry::of::<sigmoid_loss::SigmoidLoss>(),
    OpEntry::of::<Map<sin::Sin, 1>>(),
    OpEntry::of::<Move<slice::Slice>>(),
    OpEntry::of::<softmax::Softmax>(),
    OpEntry::of::<softmax_loss::SoftmaxLoss>(),
    OpEntry::of::<Map<softplus::Softplus, 1>>(),
    OpEntry::of::<Map<sqrt::Sqrt, 1>>(),
    OpEntry::of::<Map<square::Square, 1>>(),
    OpEntry::of::<squared_error::SquaredError>(),
    OpEntry::of::<Move<squeeze::Squeeze>>(),
    OpEntry::of::<stack::Stack>(),
    OpEntry::of::<Map<sub::Sub, 2>>(),
    OpEntry::of::<sum::Sum>(),
    OpEntry::of::<take::Take>(),
    OpEntry::of::<Map<tanh::Tanh, 1>>(),
    OpEntry::of::<Move<tile::Tile>>(),
    OpEntry::of::<Move<transpose::Transpose>>(),
    OpEntry::of::<Move<tril::Tril>>(),
    OpEntry::of::<Move<triu::Triu>>(),
    OpEntry::of::<unfold::Unfold>(),
    OpEntry::of::<Move<unsqueeze::Unsqueeze>>(),
    OpEntry::of::<r#where::Where>(),
];

/// The op of a name spelled with underscores.
pub fn find(name: &str) -> Option<&'static OpEntry> {
    static BY_NAME: LazyLock<HashMap<&str, &OpEntry>> =
        LazyLock::new(|| ALL.iter().map(|entry| (entry.card.name, entry)).collect());
    BY_NAME.get(name).copied()
}

#[cfg(test)]
mod einsum_tests;
#[cfg(test)]
mod index_tests;
#[cfg(test)]
mod loss_tests;
#[cfg(test)]
mod movement_tests;
#[cfg(test)]
mod reduction_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trial;
#[cfg(test)]
mod window_tests;
