//! All tests from outside, in one binary: linking one is seconds, linking twenty is minutes.
//!
//! `cargo test --test it planted_faults` runs the tests of one module.

mod bless;
mod cards;
mod command_lines;
mod common;
mod cones;
mod corpus;
mod counted;
mod coverage;
mod engine;
mod examples;
mod explain;
mod floors;
mod formulas;
mod fuzzed;
mod hostile;
mod inside;
mod large;
mod libraries;
mod many_faults;
mod planted_faults;
mod precise;
mod reference_ops;
mod regress;
mod right_code;
mod serve;
mod skips;
mod strangers;
mod streams;
mod transcripts;
mod unseen;
mod verdicts;
mod view;
mod view_drawn;
mod view_layout;
mod watch;
mod why;
