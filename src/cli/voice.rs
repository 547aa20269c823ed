//! What is printed: results on standard output, words for people on standard error.

use super::options::Color;
use crate::{
    diagnostic::{Diagnostic, Refusal, render_some},
    escape,
    source::SourceMap,
};
use std::{
    fmt::Display,
    io::{self, ErrorKind, StdoutLock, Write},
    sync::atomic::{AtomicBool, Ordering},
};

/// Whether nobody reads standard output any more.
static LEFT: AtomicBool = AtomicBool::new(false);

/// Standard output. Whoever read it may have gone away, as `head` does: then the rest goes nowhere, and the
/// command runs on to its files and its exit code.
pub struct Results(StdoutLock<'static>);

pub fn results() -> Results {
    Results(io::stdout().lock())
}

/// Whether somebody may still read the results.
pub fn is_read() -> bool {
    !LEFT.load(Ordering::Relaxed)
}

impl Write for Results {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        unless_left(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        unless_left(self.0.flush(), ())
    }
}

fn unless_left<T>(done: io::Result<T>, instead: T) -> io::Result<T> {
    done.or_else(|fault| match fault.kind() {
        ErrorKind::BrokenPipe => {
            LEFT.store(true, Ordering::Relaxed);
            Ok(instead)
        }
        kind => Err(io::Error::new(kind, format!("standard output cannot be written: {fault}"))),
    })
}

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
