//! Words in an expression: names, constants, calls, and what a hyphen between
//! two of them means.

use super::{Builder, Kind, Pipe, Step};
use crate::{
    source::Spanned,
    syntax::{
        literal,
        tree::{Binary, Call, What},
    },
};
use std::{collections::BTreeSet, ops::Range};

impl Builder<'_> {
    /// A run of words joined by hyphens: one name, an op in its hyphen spelling,
    /// or a subtraction.
    pub(super) fn reference(&mut self, range: Range<usize>, called: bool) -> Step {
        let word = &self.text.text[range.clone()];
        let piped = match self.frame().pipe {
            Pipe::Open(arrow) => {
                if self.hyphenated(word).is_none() {
                    return Err(self.no_call(arrow, range));
                }
                self.frame().pipe = Pipe::Done(arrow);
                true
            }
            _ => false,
        };
        if !word.contains('-') {
            return self.word(range, called, piped);
        }
        // A name longer than any op's needs no search.
        let tail = if piped { range.start } else { self.op_at_the_end(word, called) + range.start };
        let mut start = range.start;
        for (at, _) in word.match_indices('-') {
            let at = range.start + at;
            if at >= tail {
                break;
            }
            self.word(start..at, false, false)?;
            self.binary(Binary::Sub, at..at + 1);
            start = at + 1;
        }
        self.word(tail..range.end, called, piped)
    }

    /// The op that a word names after `->`, with underscores.
    fn hyphenated(&self, word: &str) -> Option<String> {
        let joined = word.replace('-', "_");
        (!word.contains('-') || (self.reading.is_op)(&joined)).then_some(joined)
    }

    /// Where in `a-b-softmax-loss` the called op begins: the longest end that is an op.
    fn op_at_the_end(&self, word: &str, called: bool) -> usize {
        const MOST_PARTS: usize = 8;
        let last = word.rfind('-').map_or(0, |at| at + 1);
        if !called {
            return last;
        }
        let starts = word.rmatch_indices('-').map(|(at, _)| at + 1).chain([0]).take(MOST_PARTS);
        let ops = starts.filter(|&start| (self.reading.is_op)(&word[start..].replace('-', "_")));
        ops.last().unwrap_or(last)
    }

    /// One word as an operand: a literal, a name, or the beginning of a call.
    fn word(&mut self, range: Range<usize>, called: bool, piped: bool) -> Step {
        let word = &self.text.text[range.clone()];
        let span = self.span(range.clone());
        if !called && !piped {
            self.push(literal::constant(word).unwrap_or_else(|| What::Name(word.into())), span);
            return Ok(());
        }
        let name = Spanned::new(word.replace('-', "_").into(), span);
        if called {
            let kind = Kind::Call { name, piped, attributes: Vec::new(), seen: BTreeSet::new() };
            self.open(kind, range.start);
        } else {
            let (runs, named, attributes) = (None, Vec::new(), Vec::new());
            let call = Call { name, inputs: 1, piped: true, runs, named, attributes };
            self.push(What::Call(Box::new(call)), span);
        }
        Ok(())
    }
}
