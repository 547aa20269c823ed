//! Graph files as tests: what is found in folders, run, judged, blessed.
//!
//! It only computes; `report` lays results out and `cli` prints them.

mod bless;
mod case;
mod judge;
mod one;
mod pool;
mod select;
mod settings;
mod state;
mod tagged;
mod tags;
mod tested;
mod walk;

pub use bless::{Blessed, Blessing, Change, NotBlessed, Place, Stated, Subject, bless};
pub use case::Case;
pub use judge::{Check, Mismatch, Observed, Off};
pub use one::test;
pub use pool::{Limits, Test, run_all};
pub use select::Selection;
pub use settings::{SETTINGS, Settings};
pub use state::LastFailures;
pub use tagged::tagged;
pub use tags::Tags;
pub use tested::{Failure, Options, Outcome, Skip, Tested};
pub use walk::{Found, find};
