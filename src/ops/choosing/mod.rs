//! Truths: comparisons, logic, and what is chosen by them; and other kinds of numbers.

pub mod cast;
pub mod equal;
pub mod greater;
pub mod greater_equal;
pub mod less;
pub mod less_equal;
pub mod logical_and;
pub mod logical_not;
pub mod logical_or;
pub mod logical_xor;
pub mod not_equal;
pub mod r#where;
