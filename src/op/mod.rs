//! What an op is: its card, its calls, and its two directions.
//!
//! An op is written once, over any [`Float`]; [`Kernel`] is the same op with the
//! number type chosen, as the engine calls it. Most ops never meet this room's
//! machinery: the elementwise ones write `f` and its derivative for one element
//! ([`Elementwise`]), and an adapter owns loops, broadcasting and buffers.

mod call;
mod card;
mod elementwise;
mod float;
mod kernel;
mod rearrange;
mod reduce;

pub use call::{Argument, AttributeValue, Bound, Call, Misuse, Subject};
pub use card::{Attribute, AttributeKind, Card, Edge, Elsewhere, Many, Refusal, Sample, Takes};
pub use elementwise::{Elementwise, Map};
pub use float::{Complex, Float};
pub use kernel::{Branches, Inputs, Kernel, Op, OpEntry, Output, Slot};
pub use rearrange::Rearrangement;
pub use reduce::{Reduction, pairwise_sum};
