//! All tests from outside, in one binary: linking one is seconds, linking twenty is minutes.
//!
//! `cargo test --test it planted_faults` runs the tests of one module.

mod asked;
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
mod expected_formulas;
mod explain;
mod floors;
mod formats;
mod formulas;
mod fuzzed;
mod hostile;
mod inside;
mod language;
mod large;
mod libraries;
mod many_faults;
mod marks;
mod one_fault;
mod phrasebook;
mod planted_faults;
mod precise;
mod reference_ops;
mod regress;
mod right_code;
mod serve;
mod settings;
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
