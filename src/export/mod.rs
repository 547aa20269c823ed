//! A graph as Python that a person would have written, for PyTorch or JAX.
//!
//! # The route
//!
//! ```text
//! graph ──▶ steps ──▶ body ──▶ function ──▶ module, check
//!                       ▲
//!          card ──▶ spelling
//! ```
//!
//! - `steps` lists what one function computes: ops, and calls of the blocks within it.
//! - `spelling` is one call of an op in the framework's words, from its card.
//! - `body` makes statements of steps, and decides what stands within what.
//! - `function` is that of a block, with its backward by hand, or of the whole graph; `custom` says how
//!   either framework wants a backward by hand.
//! - `globals` are the names at the top of a file, `names` those of Python and of one function.
//! - `leaves` are the values that the file states; [`module`] puts all together.
//! - [`check`] is a test of the module against golden numbers.
//! - [`Batch`] is what is shared out among devices, and [`train`] writes gradient steps that do so.
//! - [`probe`] runs the module in a Python, with a tap at every node, and stores what comes out.
//!
//! `python` is the tree of Python expressions under all of it, printed in the style of `ruff format`.

mod batch;
mod body;
mod check;
mod custom;
mod fill;
mod framework;
mod function;
mod globals;
mod leaves;
mod module;
mod names;
mod parse;
mod probe;
mod python;
mod request;
mod spelling;
mod steps;
mod train;

pub use batch::{Batch, BatchAxis};
pub use check::{check, golden_values};
pub use framework::{Custom, Framework};
pub use module::{Module, module};
pub use names::is_module;
pub use probe::{GOT, LEAVES, PROGRAM, Probe, VERSION, probe, same_leaves};
pub use request::Request;
pub use train::{Whole, can_train, train, whole};
