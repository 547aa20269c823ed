//! Results for people and for programs. It reads results and computes nothing
//! that they do not say.

mod against;
mod comparison;
mod digits;
mod json;
mod location;
mod loss;
mod not_finite;
mod number;
mod profile;
pub mod regression;
pub mod run;
mod style;

pub use against::{Judgement, against, against_object};
pub use comparison::comparison;
pub use digits::{Counted, count_words, digits, digits_object};
pub use json::{JSON_VERSION, comparison_object, float, refused};
pub use location::words;
pub use loss::loss;
pub use not_finite::origin;
pub use number::{grouped, index, indices, number};
pub use profile::{profile, profile_object};
pub use style::Style;
