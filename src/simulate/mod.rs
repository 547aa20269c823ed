//! How far rounding in a precision may carry the numbers of a graph: it runs precisely, and then
//! many times with every rounding drawn at random.
//!
//! - `arithmetic` says in which formats numbers are stored and sums are accumulated.
//! - `random` draws the roundings: those of stored results, of accumulations in any order, of the
//!   factors of products; `shared` those that numbers along an axis have in common; `draws` are the
//!   numbers for it.
//! - `nearest` runs once, and rounds to the nearest number.
//! - `runs` makes the runs and keeps what they give; `spread` says how far they lie apart.
//!
//! Stochastic arithmetic goes back to the CESTAC method of Vignes and La Porte; that an accumulation
//! of n terms errs like √n roundings of its largest partial sum is Higham's probabilistic bound.

mod arithmetic;
mod draws;
mod nearest;
mod random;
mod runs;
mod shared;
mod spread;

pub use arithmetic::Arithmetic;
pub use nearest::nearest;
pub use runs::{Change, Given, changed, meetings, precise, simulate};
pub use spread::{Centre, Off, Rounded, Spread, elements, relative, spread};

/// Runs with random roundings. A standard deviation of so many is off by a tenth.
pub const RUNS: usize = 48;
