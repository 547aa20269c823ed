//! Graph files as tests: what is found in folders, run, judged, blessed.
//!
//! It only computes; `report` lays results out and `cli` prints them.

mod bless;
mod judge;
mod one;
mod pool;
mod state;
mod walk;

pub use bless::{Blessed, Blessing, NotBlessed, Subject, bless};
pub use judge::{Check, Mismatch, Observed};
pub use one::{Failure, Options, Outcome, Tested, test};
pub use pool::{Limits, run_all};
pub use state::LastFailures;
pub use walk::{Case, Selection, find};
