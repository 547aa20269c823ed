//! Text to syntax tree and back: two spellings, one tree, a span on every part.
//!
//! `grammar/graph.pest` is the one grammar: of the statements of a `.graph` file,
//! and of every string that stands for a value in a `.toml` file. All errors that
//! do not depend on each other are collected. What exists (ops, names, shapes)
//! is not known here.

mod comments;
mod dsl;
mod excerpt;
mod expression;
mod followers;
mod foreign;
mod grammar;
mod hidden;
mod lines;
mod literal;
mod message;
mod parallel;
mod parts;
mod print;
mod term;
#[cfg(test)]
mod tests;
mod tolerance;
mod toml;
mod tree;

pub use comments::comments;
pub use hidden::hidden;
pub use print::{literal, operands, print, print_expression, print_signature, quoted};
pub use tolerance::Tolerance;
pub use tree::*;

use crate::{
    diagnostic::Diagnostic,
    faults::Faults,
    source::{Source, Span, Spelling},
};

/// What a text turned out to say.
#[derive(Debug)]
pub struct Parsed {
    /// All that could be read.
    pub document: Document,
    /// In the order of the text.
    pub errors: Faults,
}

/// What the reader of a text has to be told.
pub struct ParseOptions<'a> {
    /// Whether a word with underscores is the name of an op: those may also be
    /// spelled with hyphens.
    pub is_op: &'a (dyn Fn(&str) -> bool + Sync),
    /// How deep brackets may be nested.
    pub max_depth: usize,
    /// How many errors are kept.
    pub max_errors: usize,
    /// Bytes that reading may take.
    pub max_memory: u64,
}

/// Reads a whole file.
pub fn parse(source: &Source, spelling: Spelling, reading: &ParseOptions) -> Parsed {
    let mut parsed = match spelling {
        Spelling::Graph => dsl::parse(source, reading),
        Spelling::Toml => toml::parse(source, reading),
    };
    let mut last = None;
    for error in parsed.errors.iter().filter(|error| !error.warning) {
        if let Some(span) = error.span().filter(|span| source.span().start <= span.start) {
            let at = ((span.start - source.base) as usize).min(source.text.len());
            let (start, _) = source.line(at);
            if last.replace(start) != Some(start) {
                parsed.document.lost.add(source.text[start..].lines().next().unwrap_or(""));
            }
        }
    }
    parsed
}

/// The most bytes of memory that a text takes to be read as TOML.
pub fn toml_memory(text: &str) -> u64 {
    toml::memory(text)
}

/// Reads an expression by itself, as `--set x=…` gives one.
///
/// # Errors
/// What is wrong with it; at least one.
pub fn parse_expression(source: &Source, reading: &ParseOptions) -> Result<Expression, Vec<Diagnostic>> {
    parts::expression_of(&excerpt::Excerpt::whole(source), reading)
}

/// Reads the inside of `x[…]` given as text, `"0:3, :"`. `span` is the text with
/// its quotes; faults are shown inside of it.
///
/// # Errors
/// What is wrong with it.
pub fn parse_subscripts(text: &str, span: Span) -> Result<Box<[Subscript]>, Diagnostic> {
    let reading = ParseOptions { is_op: &|_| false, max_depth: 1, max_errors: 1, max_memory: u64::MAX };
    parts::subscripts_of(&excerpt::Excerpt::at(text, span.start + 1), &reading)
        .map_err(|mut errors| errors.swap_remove(0))
}
