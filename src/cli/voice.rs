//! Words for people on standard error.

use super::options::Color;
use crate::{
    diagnostic::{Diagnostic, Refusal, render_some},
    escape,
    source::SourceMap,
};
use std::{
    fmt::Display,
    io::{self, Write},
};

/// Says something, with words that are escaped already; whoever read it may have gone away, which ends no command.
pub fn say(words: impl Display) {
    let _ = write!(io::stderr(), "{words}");
}

/// Says that the command line is refused, and what to do.
pub fn complain(message: &str, help: &str) {
    say(format_args!("error: {}\n = help: {}\n", escape::line(message), escape::line(help)));
}

/// Prints warnings or faults, as many as anybody reads.
pub fn warn(diagnostics: &[Diagnostic], sources: &SourceMap, color: Color) {
    say(render_some(diagnostics, sources, color.style(&io::stderr()).color));
}

/// Prints a refusal.
pub fn print_refusal(refusal: &Refusal, sources: &SourceMap, color: Color) {
    warn(&refusal.0, sources, color);
}
