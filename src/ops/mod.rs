//! The ops, one file each; the list below is sorted by name.

// `std` alone is an op here.
use crate::op::{Along, Comparison, Light, Logic, Map, Move, OpEntry};
use ::std::sync::LazyLock;
use foldhash::HashMap;

mod abs;
mod accuracy;
mod acos;
mod acosh;
mod add;
mod affine;
mod argmax;
mod argmin;
mod argsort;
mod asin;
mod asinh;
mod atan;
mod atanh;
mod avg_pool;
mod broadcast_to;
mod cast;
mod ceil;
mod clip;
mod concat;
mod conv;
mod conv_transpose;
mod cos;
mod cosh;
mod cross_entropy;
mod cumprod;
mod cumsum;
mod diagonal;
mod div;
mod einsum;
mod equal;
mod erf;
mod exp;
mod expm1;
mod flatten;
mod flip;
mod floor;
mod fold;
mod gather;
mod greater;
mod greater_equal;
mod huber_loss;
mod identity;
mod leaky_relu;
mod less;
mod less_equal;
mod log;
mod log1p;
mod log2;
mod log_softmax;
mod logical_and;
mod logical_not;
mod logical_or;
mod logical_xor;
mod logsumexp;
mod matmul;
mod max;
mod max_pool;
mod maximum;
mod mean;
mod min;
mod minimum;
mod modulo;
mod mul;
mod neg;
mod norm;
mod not_equal;
mod one_hot;
mod pad;
mod pow;
mod prod;
mod reciprocal;
mod relu;
mod repeat_interleave;
mod reshape;
mod roll;
mod round;
mod scatter_add;
mod sigmoid;
mod sigmoid_loss;
mod sign;
mod sin;
mod sinh;
mod slice;
mod softmax;
mod softmax_loss;
mod softplus;
mod sort;
mod sqrt;
mod square;
mod squared_error;
mod squeeze;
mod stack;
mod std;
mod sub;
mod sum;
mod take;
mod tan;
mod tanh;
mod tile;
mod transpose;
mod tril;
mod triu;
mod unfold;
mod unsqueeze;
mod var;
mod r#where;

/// All ops, sorted by name.
pub const ALL: &[OpEntry] = &[
    OpEntry::of::<Map<abs::Abs, 1>>(),
    OpEntry::of::<accuracy::Accuracy>(),
    OpEntry::of::<Light<acos::Acos, 1>>(),
    OpEntry::of::<Light<acosh::Acosh, 1>>(),
    OpEntry::of::<Map<add::Add, 2>>(),
    OpEntry::of::<affine::Affine>(),
    OpEntry::of::<argmax::ArgMax>(),
    OpEntry::of::<argmin::ArgMin>(),
    OpEntry::of::<argsort::ArgSort>(),
    OpEntry::of::<Light<asin::Asin, 1>>(),
    OpEntry::of::<Light<asinh::Asinh, 1>>(),
    OpEntry::of::<Light<atan::Atan, 1>>(),
    OpEntry::of::<Light<atanh::Atanh, 1>>(),
    OpEntry::of::<avg_pool::AvgPool>(),
    OpEntry::of::<Move<broadcast_to::BroadcastTo>>(),
    OpEntry::of::<cast::Cast>(),
    OpEntry::of::<Light<ceil::Ceil, 1>>(),
    OpEntry::of::<Light<clip::Clip, 1>>(),
    OpEntry::of::<concat::Concat>(),
    OpEntry::of::<conv::Conv>(),
    OpEntry::of::<conv_transpose::ConvTranspose>(),
    OpEntry::of::<Map<cos::Cos, 1>>(),
    OpEntry::of::<Light<cosh::Cosh, 1>>(),
    OpEntry::of::<cross_entropy::CrossEntropy>(),
    OpEntry::of::<Along<cumprod::CumProd>>(),
    OpEntry::of::<Along<cumsum::CumSum>>(),
    OpEntry::of::<Move<diagonal::Diagonal>>(),
    OpEntry::of::<Map<div::Div, 2>>(),
    OpEntry::of::<einsum::Einsum>(),
    OpEntry::of::<Comparison<equal::Equal>>(),
    OpEntry::of::<Light<erf::Erf, 1>>(),
    OpEntry::of::<Map<exp::Exp, 1>>(),
    OpEntry::of::<Light<expm1::Expm1, 1>>(),
    OpEntry::of::<Move<flatten::Flatten>>(),
    OpEntry::of::<Move<flip::Flip>>(),
    OpEntry::of::<Light<floor::Floor, 1>>(),
    OpEntry::of::<fold::Fold>(),
    OpEntry::of::<gather::Gather>(),
    OpEntry::of::<Comparison<greater::Greater>>(),
    OpEntry::of::<Comparison<greater_equal::GreaterEqual>>(),
    OpEntry::of::<huber_loss::HuberLoss>(),
    OpEntry::of::<identity::Identity>(),
    OpEntry::of::<Map<leaky_relu::LeakyRelu, 1>>(),
    OpEntry::of::<Comparison<less::Less>>(),
    OpEntry::of::<Comparison<less_equal::LessEqual>>(),
    OpEntry::of::<Map<log::Log, 1>>(),
    OpEntry::of::<Light<log1p::Log1p, 1>>(),
    OpEntry::of::<Light<log2::Log2, 1>>(),
    OpEntry::of::<log_softmax::LogSoftmax>(),
    OpEntry::of::<Logic<logical_and::LogicalAnd, 2>>(),
    OpEntry::of::<Logic<logical_not::LogicalNot, 1>>(),
    OpEntry::of::<Logic<logical_or::LogicalOr, 2>>(),
    OpEntry::of::<Logic<logical_xor::LogicalXor, 2>>(),
    OpEntry::of::<Along<logsumexp::LogSumExp>>(),
    OpEntry::of::<matmul::MatMul>(),
    OpEntry::of::<max::Max>(),
    OpEntry::of::<max_pool::MaxPool>(),
    OpEntry::of::<Light<maximum::Maximum, 2>>(),
    OpEntry::of::<mean::Mean>(),
    OpEntry::of::<min::Min>(),
    OpEntry::of::<Light<minimum::Minimum, 2>>(),
    OpEntry::of::<Light<modulo::Mod, 2>>(),
    OpEntry::of::<Map<mul::Mul, 2>>(),
    OpEntry::of::<Map<neg::Neg, 1>>(),
    OpEntry::of::<Along<norm::Norm>>(),
    OpEntry::of::<Comparison<not_equal::NotEqual>>(),
    OpEntry::of::<one_hot::OneHot>(),
    OpEntry::of::<Move<pad::Pad>>(),
    OpEntry::of::<Map<pow::Pow, 2>>(),
    OpEntry::of::<Along<prod::Prod>>(),
    OpEntry::of::<Map<reciprocal::Reciprocal, 1>>(),
    OpEntry::of::<Map<relu::Relu, 1>>(),
    OpEntry::of::<Move<repeat_interleave::RepeatInterleave>>(),
    OpEntry::of::<Move<reshape::Reshape>>(),
    OpEntry::of::<Move<roll::Roll>>(),
    OpEntry::of::<Light<round::Round, 1>>(),
    OpEntry::of::<scatter_add::ScatterAdd>(),
    OpEntry::of::<Map<sigmoid::Sigmoid, 1>>(),
    OpEntry::of::<sigmoid_loss::SigmoidLoss>(),
    OpEntry::of::<Light<sign::Sign, 1>>(),
    OpEntry::of::<Map<sin::Sin, 1>>(),
    OpEntry::of::<Light<sinh::Sinh, 1>>(),
    OpEntry::of::<Move<slice::Slice>>(),
    OpEntry::of::<softmax::Softmax>(),
    OpEntry::of::<softmax_loss::SoftmaxLoss>(),
    OpEntry::of::<Map<softplus::Softplus, 1>>(),
    OpEntry::of::<Along<sort::Sort>>(),
    OpEntry::of::<Map<sqrt::Sqrt, 1>>(),
    OpEntry::of::<Map<square::Square, 1>>(),
    OpEntry::of::<squared_error::SquaredError>(),
    OpEntry::of::<Move<squeeze::Squeeze>>(),
    OpEntry::of::<stack::Stack>(),
    OpEntry::of::<Along<std::Std>>(),
    OpEntry::of::<Map<sub::Sub, 2>>(),
    OpEntry::of::<sum::Sum>(),
    OpEntry::of::<take::Take>(),
    OpEntry::of::<Light<tan::Tan, 1>>(),
    OpEntry::of::<Map<tanh::Tanh, 1>>(),
    OpEntry::of::<Move<tile::Tile>>(),
    OpEntry::of::<Move<transpose::Transpose>>(),
    OpEntry::of::<Move<tril::Tril>>(),
    OpEntry::of::<Move<triu::Triu>>(),
    OpEntry::of::<unfold::Unfold>(),
    OpEntry::of::<Move<unsqueeze::Unsqueeze>>(),
    OpEntry::of::<Along<var::Var>>(),
    OpEntry::of::<r#where::Where>(),
];

/// The op of a name spelled with underscores.
pub fn find(name: &str) -> Option<&'static OpEntry> {
    static BY_NAME: LazyLock<HashMap<&str, &OpEntry>> =
        LazyLock::new(|| ALL.iter().map(|entry| (entry.card.name, entry)).collect());
    BY_NAME.get(name).copied()
}

#[cfg(test)]
mod along_tests;
#[cfg(test)]
mod einsum_tests;
#[cfg(test)]
mod index_tests;
#[cfg(test)]
mod light_tests;
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
