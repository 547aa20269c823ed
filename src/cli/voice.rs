//! Words for people on standard error.

use super::options::Color;
use crate::{
    diagnostic::{Diagnostic, Refusal, render},
    source::SourceMap,
};
use std::{
    fmt::Display,
    io::{self, Write},
};

/// Says something; whoever read it may have gone away, which ends no command.
pub fn say(words: impl Display) {
    let _ = write!(io::stderr(), "{words}");
}

/// Says that the command line is refused, and what to do.
pub fn complain(message: &str, help: &str) {
    say(format_args!("error: {message}\n = help: {help}\n"));
}

/// Prints warnings or faults.
pub fn warn(diagnostics: &[Diagnostic], sources: &SourceMap, color: Color) {
    say(render(diagnostics, sources, color.style(&io::stderr()).color));
}

/// Prints a refusal, as many of its diagnostics as anybody reads.
pub fn print_refusal(refusal: &Refusal, sources: &SourceMap, color: Color) {
    const SHOWN: usize = 50;
    let Refusal(diagnostics) = refusal;
    warn(&diagnostics[..diagnostics.len().min(SHOWN)], sources, color);
    if diagnostics.len() > SHOWN {
        say(format_args!("… and {} more errors\n", diagnostics.len() - SHOWN));
    }
}
