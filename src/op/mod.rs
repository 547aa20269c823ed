//! What an op is: its card, its calls, and its two directions.
//!
//! An op is written once, over any [`Float`]; [`Kernel`] is the same op as the engine calls it,
//! with an entrance for each [`Number`] type. Such a type is a file that implements [`Float`]
//! and a row where [`Number`] is. Most ops never meet this room's
//! machinery: the elementwise ones write `f` and its derivative for one element
//! ([`Elementwise`]), those along axes the same for one vector ([`OfVector`]), and an
//! adapter owns loops, broadcasting and buffers: [`Map`] where speed is all, [`Light`] and
//! [`Along`] where the time to compile an op counts too.

mod along_axes;
mod call;
mod card;
pub mod cone;
mod elementary;
mod float;
mod kernel;
mod loops;
mod number;
mod places;
mod products;
mod rounding;
mod slopes;

pub use along_axes::along::{Along, OfVector, REDUCES};
pub use along_axes::averaging::Averaging;
pub use along_axes::groups::{Group, Groups, Winner};
pub use along_axes::normalizer::Normalizer;
pub use along_axes::pairwise::{pairwise_sum, pairwise_sum_of};
pub use along_axes::reduce::Reduction;
pub use along_axes::targets::{Targets, in_classes};
pub use call::{Argument, AttributeValue, Bound, Call, Misuse, Subject};
pub use card::{Attribute, AttributeKind, Card, Edge, Elsewhere, Many, Refusal, Sample, Takes};
pub use cone::{Cone, Dirty};
pub use float::Float;
pub use kernel::{Branches, Calls, CallsBackward, Inputs, Kernel, Op, OpEntry, Output, Slot};
pub use loops::decision::{Compares, Comparison, Decides, Logic};
pub use loops::elementwise::{Elementwise, Map, side_of_zero, step};
pub use loops::light::Light;
pub use loops::meeting::{Meeting, in_parts};
pub use loops::scalar_batch::{BackwardCalls, ScalarBatch, ScalarCalls, ScalarCallsBackward};
pub use loops::vector;
pub use number::{Number, Real};
pub use places::indexed::Indexed;
pub use places::joined::Joined;
pub use places::rearrange::{Move, Movement, Rearrangement};
pub use places::sides::{Beyond, Side, Sides, Triangle};
pub use places::strided::{add_back, gather};
pub use products::convolution::Convolution;
pub use products::equation::Equation;
pub use products::matrix::{matrix, matrix_mut};
pub use products::pool::Pool;
pub use products::windows::{Axis, Windows, counted, in_groups};
pub use rounding::Rounding;
pub use slopes::slopes;
