//! Leaf and node statements of a `.graph` file, read ahead of their place in it.
//!
//! Nearly all of a large file is made of them, and none looks at what stands
//! around it. Where a statement belongs, and whether it may stand there, is
//! found out afterwards.

use super::{
    Reading,
    chunks::in_chunks,
    excerpt::Excerpt,
    explain::first_word,
    grammar::{self, Rule},
    lines::{Piece, Statement},
    parts::{self, Parts, next},
    tree::{Leaf, Node},
};
use crate::diagnostic::Diagnostic;
use pest::iterators::Pair;

/// What a statement said.
pub(super) enum Ahead {
    Leaf(Leaf),
    Node(Node),
}

pub(super) type Read = Result<Ahead, Diagnostic>;

/// Nodes that are parsed as one text, so that the parser is set up less often.
const TOGETHER: usize = 64;

/// Reads the leaves and nodes among the pieces of a text; `None` for all others.
pub(super) fn read(text: &Excerpt, pieces: &[Piece], reading: &Reading) -> Vec<Option<Read>> {
    let chunks = in_chunks(pieces, |pieces| read_chunk(text, pieces, reading));
    chunks.into_iter().flatten().collect()
}

fn read_chunk(text: &Excerpt, pieces: &[Piece], reading: &Reading) -> Vec<Option<Read>> {
    let mut read = Vec::with_capacity(pieces.len());
    while read.len() < pieces.len() {
        let rest = &pieces[read.len()..];
        let run: Vec<&Statement> = rest
            .iter()
            .take(TOGETHER)
            .map_while(|piece| match kind(text, piece) {
                Some(Kind::Node(statement)) => Some(statement),
                _ => None,
            })
            .collect();
        match nodes(text, &run, reading) {
            Some(nodes) => read.extend(nodes.into_iter().map(Some)),
            None => read.extend(rest[..run.len().max(1)].iter().map(|piece| match kind(text, piece)? {
                Kind::Leaf(statement) => Some(leaf(&text.part(statement.range.clone()), statement, reading)),
                Kind::Node(statement) => Some(node(&text.part(statement.range.clone()), statement, reading)),
            })),
        }
    }
    read
}

/// A statement that can be read ahead.
enum Kind<'a> {
    Leaf(&'a Statement),
    Node(&'a Statement),
}

fn kind<'a>(text: &Excerpt, piece: &'a Piece) -> Option<Kind<'a>> {
    let Piece::Statement(statement) = piece else { return None };
    if statement.broken {
        return None;
    }
    match first_word(&text.text[statement.range.clone()]) {
        "input" | "param" | "const" => Some(Kind::Leaf(statement)),
        "" => None,
        word if parts::is_reserved(word) => None,
        _ => Some(Kind::Node(statement)),
    }
}

/// Neighbouring nodes; `None` where one of them cannot be read, or where what they say together
/// is not what each says.
fn nodes(text: &Excerpt, statements: &[&Statement], reading: &Reading) -> Option<Vec<Read>> {
    let [first, .., last] = statements else { return None };
    let all = text.part(first.range.start..last.range.end);
    let depth = statements.iter().map(|statement| statement.depth).max()?;
    let mut pairs = grammar::pairs(Rule::definition_lines, all.text, depth)?;
    let read = statements.iter().map(|statement| {
        let pair = pairs.next()?;
        let (range, own) = (pair.as_span(), &statement.range);
        let is_own =
            first.range.start + range.start() == own.start && first.range.start + range.end() == own.end;
        is_own.then(|| definition(pair, &all, reading))
    });
    read.collect()
}

fn leaf(text: &Excerpt, statement: &Statement, reading: &Reading) -> Read {
    let pairs = grammar::run(Rule::leaf_line, text, statement.depth)?;
    Parts { text, reading }.leaf(pairs).map(Ahead::Leaf)
}

/// `N = EXPR`, or what was meant to be a statement of another kind.
pub(super) fn node(text: &Excerpt, statement: &Statement, reading: &Reading) -> Read {
    definition(next(&mut grammar::run(Rule::definition_line, text, statement.depth)?), text, reading)
}

fn definition(pair: Pair<Rule>, text: &Excerpt, reading: &Reading) -> Read {
    let parts = Parts { text, reading };
    let span = parts.span(&pair);
    let mut pairs = pair.into_inner();
    let name = parts::free(parts.name(&next(&mut pairs)))?;
    let value = parts.expression(next(&mut pairs))?;
    Ok(Ahead::Node(Node { name, value, span }))
}
