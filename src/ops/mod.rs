//! The ops, one file each, in rooms by what they do; the list below is sorted by name.

use crate::op::{Along, Comparison, Light, Logic, Map, Move, OpEntry};
use foldhash::HashMap;
use std::sync::LazyLock;

mod axes;
mod choosing;
mod elementwise;
mod indexing;
mod losses;
mod moving;
mod products;
mod windows;

/// All ops, sorted by name.
pub const ALL: &[OpEntry] = &[
    OpEntry::of::<Map<elementwise::abs::Abs, 1>>(),
    OpEntry::of::<losses::accuracy::Accuracy>(),
    OpEntry::of::<Light<elementwise::acos::Acos, 1>>(),
    OpEntry::of::<Light<elementwise::acosh::Acosh, 1>>(),
    OpEntry::of::<Map<elementwise::add::Add, 2>>(),
    OpEntry::of::<products::affine::Affine>(),
    OpEntry::of::<axes::argmax::ArgMax>(),
    OpEntry::of::<axes::argmin::ArgMin>(),
    OpEntry::of::<axes::argsort::ArgSort>(),
    OpEntry::of::<Light<elementwise::asin::Asin, 1>>(),
    OpEntry::of::<Light<elementwise::asinh::Asinh, 1>>(),
    OpEntry::of::<Light<elementwise::atan::Atan, 1>>(),
    OpEntry::of::<Light<elementwise::atanh::Atanh, 1>>(),
    OpEntry::of::<windows::avg_pool::AvgPool>(),
    OpEntry::of::<Move<moving::broadcast_to::BroadcastTo>>(),
    OpEntry::of::<choosing::cast::Cast>(),
    OpEntry::of::<Light<elementwise::ceil::Ceil, 1>>(),
    OpEntry::of::<Map<elementwise::clip::Clip, 1>>(),
    OpEntry::of::<moving::concat::Concat>(),
    OpEntry::of::<windows::conv::Conv>(),
    OpEntry::of::<windows::conv_transpose::ConvTranspose>(),
    OpEntry::of::<Map<elementwise::cos::Cos, 1>>(),
    OpEntry::of::<Light<elementwise::cosh::Cosh, 1>>(),
    OpEntry::of::<losses::cross_entropy::CrossEntropy>(),
    OpEntry::of::<Along<axes::cumprod::CumProd>>(),
    OpEntry::of::<Along<axes::cumsum::CumSum>>(),
    OpEntry::of::<Move<moving::diagonal::Diagonal>>(),
    OpEntry::of::<Map<elementwise::div::Div, 2>>(),
    OpEntry::of::<products::einsum::Einsum>(),
    OpEntry::of::<Comparison<choosing::equal::Equal>>(),
    OpEntry::of::<Light<elementwise::erf::Erf, 1>>(),
    OpEntry::of::<Map<elementwise::exp::Exp, 1>>(),
    OpEntry::of::<Light<elementwise::expm1::Expm1, 1>>(),
    OpEntry::of::<Move<moving::flatten::Flatten>>(),
    OpEntry::of::<Move<moving::flip::Flip>>(),
    OpEntry::of::<Light<elementwise::floor::Floor, 1>>(),
    OpEntry::of::<windows::fold::Fold>(),
    OpEntry::of::<indexing::gather::Gather>(),
    OpEntry::of::<Comparison<choosing::greater::Greater>>(),
    OpEntry::of::<Comparison<choosing::greater_equal::GreaterEqual>>(),
    OpEntry::of::<losses::huber_loss::HuberLoss>(),
    OpEntry::of::<moving::identity::Identity>(),
    OpEntry::of::<Map<elementwise::leaky_relu::LeakyRelu, 1>>(),
    OpEntry::of::<Comparison<choosing::less::Less>>(),
    OpEntry::of::<Comparison<choosing::less_equal::LessEqual>>(),
    OpEntry::of::<Map<elementwise::log::Log, 1>>(),
    OpEntry::of::<Light<elementwise::log1p::Log1p, 1>>(),
    OpEntry::of::<Light<elementwise::log2::Log2, 1>>(),
    OpEntry::of::<axes::log_softmax::LogSoftmax>(),
    OpEntry::of::<Logic<choosing::logical_and::LogicalAnd, 2>>(),
    OpEntry::of::<Logic<choosing::logical_not::LogicalNot, 1>>(),
    OpEntry::of::<Logic<choosing::logical_or::LogicalOr, 2>>(),
    OpEntry::of::<Logic<choosing::logical_xor::LogicalXor, 2>>(),
    OpEntry::of::<Along<axes::logsumexp::LogSumExp>>(),
    OpEntry::of::<products::matmul::MatMul>(),
    OpEntry::of::<axes::max::Max>(),
    OpEntry::of::<windows::max_pool::MaxPool>(),
    OpEntry::of::<Light<elementwise::maximum::Maximum, 2>>(),
    OpEntry::of::<axes::mean::Mean>(),
    OpEntry::of::<axes::min::Min>(),
    OpEntry::of::<Light<elementwise::minimum::Minimum, 2>>(),
    OpEntry::of::<Light<elementwise::modulo::Mod, 2>>(),
    OpEntry::of::<Map<elementwise::mul::Mul, 2>>(),
    OpEntry::of::<Map<elementwise::neg::Neg, 1>>(),
    OpEntry::of::<Along<axes::norm::Norm>>(),
    OpEntry::of::<Comparison<choosing::not_equal::NotEqual>>(),
    OpEntry::of::<indexing::one_hot::OneHot>(),
    OpEntry::of::<Move<moving::pad::Pad>>(),
    OpEntry::of::<Map<elementwise::pow::Pow, 2>>(),
    OpEntry::of::<Along<axes::prod::Prod>>(),
    OpEntry::of::<Map<elementwise::reciprocal::Reciprocal, 1>>(),
    OpEntry::of::<Map<elementwise::relu::Relu, 1>>(),
    OpEntry::of::<Move<moving::repeat_interleave::RepeatInterleave>>(),
    OpEntry::of::<Move<moving::reshape::Reshape>>(),
    OpEntry::of::<Move<moving::roll::Roll>>(),
    OpEntry::of::<Light<elementwise::round::Round, 1>>(),
    OpEntry::of::<indexing::scatter_add::ScatterAdd>(),
    OpEntry::of::<Map<elementwise::sigmoid::Sigmoid, 1>>(),
    OpEntry::of::<losses::sigmoid_loss::SigmoidLoss>(),
    OpEntry::of::<Light<elementwise::sign::Sign, 1>>(),
    OpEntry::of::<Map<elementwise::sin::Sin, 1>>(),
    OpEntry::of::<Light<elementwise::sinh::Sinh, 1>>(),
    OpEntry::of::<Move<moving::slice::Slice>>(),
    OpEntry::of::<axes::softmax::Softmax>(),
    OpEntry::of::<losses::softmax_loss::SoftmaxLoss>(),
    OpEntry::of::<Map<elementwise::softplus::Softplus, 1>>(),
    OpEntry::of::<Along<axes::sort::Sort>>(),
    OpEntry::of::<Map<elementwise::sqrt::Sqrt, 1>>(),
    OpEntry::of::<Map<elementwise::square::Square, 1>>(),
    OpEntry::of::<losses::squared_error::SquaredError>(),
    OpEntry::of::<Move<moving::squeeze::Squeeze>>(),
    OpEntry::of::<moving::stack::Stack>(),
    OpEntry::of::<Along<axes::std::Std>>(),
    OpEntry::of::<Map<elementwise::sub::Sub, 2>>(),
    OpEntry::of::<axes::sum::Sum>(),
    OpEntry::of::<indexing::take::Take>(),
    OpEntry::of::<Light<elementwise::tan::Tan, 1>>(),
    OpEntry::of::<Map<elementwise::tanh::Tanh, 1>>(),
    OpEntry::of::<Move<moving::tile::Tile>>(),
    OpEntry::of::<Move<moving::transpose::Transpose>>(),
    OpEntry::of::<Move<moving::tril::Tril>>(),
    OpEntry::of::<Move<moving::triu::Triu>>(),
    OpEntry::of::<windows::unfold::Unfold>(),
    OpEntry::of::<Move<moving::unsqueeze::Unsqueeze>>(),
    OpEntry::of::<Along<axes::var::Var>>(),
    OpEntry::of::<choosing::r#where::Where>(),
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
