//! The grammar at work: runs a rule over an excerpt, with as much stack as its
//! nesting asks for.

use super::{excerpt::Excerpt, message::explain};
use crate::diagnostic::Diagnostic;
use pest::{Parser, error::Error, iterators::Pairs};
use std::sync::Mutex;

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/graph.pest"]
pub(super) struct Grammar;

/// Stack that a level of nesting takes in the parser, generously, and what is
/// needed besides.
const STACK_PER_LEVEL: usize = 16 << 10;
const STACK_BESIDES: usize = 256 << 10;

/// For so few levels any thread has the stack; to ask how much is left takes time.
const SHALLOW: usize = 8;

/// Parses a whole excerpt by a rule. `depth` is how deep its brackets are nested.
///
/// # Errors
/// The first place where the text cannot go on, in words.
pub(super) fn run<'a>(
    rule: Rule,
    excerpt: &Excerpt<'a>,
    depth: usize,
) -> Result<Pairs<'a, Rule>, Diagnostic> {
    with_stack(depth, || match Grammar::parse(rule, excerpt.text) {
        Ok(pairs) => Ok(pairs),
        Err(error) => Err(explain(rule, excerpt, &attempts(rule, excerpt.text).unwrap_or(error))),
    })
}

/// As [`run`], without a word on what is wrong.
pub(super) fn pairs(rule: Rule, text: &str, depth: usize) -> Option<Pairs<'_, Rule>> {
    with_stack(depth, || Grammar::parse(rule, text).ok())
}

fn with_stack<R>(depth: usize, parse: impl FnOnce() -> R) -> R {
    if depth <= SHALLOW {
        return parse();
    }
    let stack = STACK_BESIDES + depth * STACK_PER_LEVEL;
    stacker::maybe_grow(stack, stack, parse)
}

/// Parses a text that is known to be bad once more, keeping track of what was
/// tried where. The tracking is a switch for the whole process and costs time,
/// so it is on only here.
fn attempts(rule: Rule, text: &str) -> Option<Error<Rule>> {
    static SWITCH: Mutex<()> = Mutex::new(());
    let _guard = SWITCH.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    pest::set_error_detail(true);
    let result = Grammar::parse(rule, text);
    pest::set_error_detail(false);
    result.err()
}

/// Whether a short text is what a rule says.
pub(super) fn matches(rule: Rule, text: &str) -> bool {
    Grammar::parse(rule, text).is_ok()
}
