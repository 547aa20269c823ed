//! What an op is: its card, its calls, and its two directions.
//!
//! An op is written once, over any [`Float`]; [`Kernel`] is the same op as the engine calls it,
//! with an entrance for each [`Number`] type. Such a type is a file that implements [`Float`]
//! and a row where [`Number`] is. Most ops never meet this room's
//! machinery: the elementwise ones write `f` and its derivative for one element
//! ([`Elementwise`]), those along axes the same for one vector ([`OfVector`]), and an
//! adapter owns loops, broadcasting and buffers: [`Map`] where speed is all, [`Light`] and
//! [`Along`] where the time to compile an op counts too.

mod along;
mod averaging;
mod broadcast;
mod call;
mod card;
pub mod cone;
mod convolution;
mod decision;
mod elementary;
mod elementwise;
mod equation;
mod float;
mod groups;
mod indexed;
mod joined;
mod kernel;
mod light;
mod matrix;
mod meeting;
mod normalizer;
mod number;
mod pairwise;
mod pool;
mod rearrange;
mod reduce;
mod scalar_batch;
mod sides;
mod slopes;
mod strips;
mod targets;
pub mod vector;
mod windows;

pub use along::{Along, OfVector, REDUCES};
pub use averaging::Averaging;
pub use broadcast::{Broadcast, broadcast_shape};
pub use call::{Argument, AttributeValue, Bound, Call, Misuse, Subject};
pub use card::{Attribute, AttributeKind, Card, Edge, Elsewhere, Many, Refusal, Sample, Takes};
pub use cone::{Cone, Dirty};
pub use convolution::Convolution;
pub use decision::{Compares, Comparison, Decides, Logic};
pub use elementwise::{Elementwise, Map, side_of_zero, step};
pub use equation::Equation;
pub use float::Float;
pub use groups::{Group, Groups, Winner};
pub use indexed::Indexed;
pub use joined::Joined;
pub use kernel::{Branches, Calls, CallsBackward, Inputs, Kernel, Op, OpEntry, Output, Slot};
pub use light::Light;
pub use matrix::{matrix, matrix_mut};
pub use normalizer::Normalizer;
pub use number::{Number, Real};
pub use pairwise::{pairwise_sum, pairwise_sum_of};
pub use pool::Pool;
pub use rearrange::{Move, Movement, Rearrangement};
pub use reduce::Reduction;
pub use scalar_batch::{BackwardCalls, ScalarBatch, ScalarCalls, ScalarCallsBackward};
pub use sides::{Beyond, Side, Sides, Triangle};
pub use slopes::slopes;
pub use targets::{Targets, in_classes};
pub use windows::{Axis, Windows, counted, in_groups};
