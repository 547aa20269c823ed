//! Leaf and node statements of a `.graph` file, read ahead of their place in it.
//!
//! Nearly all of a large file is made of them, and none looks at what stands
//! around it. Where a statement belongs, and whether it may stand there, is
//! found out afterwards.

use crate::diagnostic::Diagnostic;
use crate::syntax::{
    ParseOptions,
    excerpt::{Excerpt, first_word},
    grammar::{self, Rule},
    lines::{Piece, Statement},
    parallel::in_chunks,
    parts::{self, PairReader, next},
    tree::{Leaf, Node},
};
use pest::iterators::Pair;

/// What a statement said.
pub(in crate::syntax) enum Ahead {
    Leaf(Leaf),
    Node(Node),
}

pub(in crate::syntax) type Read = Result<Ahead, Diagnostic>;

/// Nodes that are parsed as one text, so that the parser is set up less often.
const TOGETHER: usize = 64;

/// Reads the leaves and nodes among the pieces of a text; `None` for all others.
pub(in crate::syntax) fn read(text: &Excerpt, pieces: &[Piece], reading: &ParseOptions) -> Vec<Option<Read>> {
    let chunks = in_chunks(pieces, |pieces| read_chunk(text, pieces, reading));
    chunks.into_iter().flatten().collect()
}

fn read_chunk(text: &Excerpt, pieces: &[Piece], reading: &ParseOptions) -> Vec<Option<Read>> {
    let kinds: Vec<Option<Kind>> = pieces.iter().map(|piece| kind(text, piece)).collect();
    let are_nodes = |one: &Option<Kind>, next: &Option<Kind>| {
        matches!((one, next), (Some(Kind::Node(_)), Some(Kind::Node(_))))
    };
    let mut read = Vec::with_capacity(pieces.len());
    for run in kinds.chunk_by(are_nodes).flat_map(|run| run.chunks(TOGETHER)) {
        match nodes(text, run, reading) {
            Some(nodes) => read.extend(nodes.into_iter().map(Some)),
            None => read.extend(run.iter().map(|kind| Some(alone(text, kind.as_ref()?, reading)))),
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
        _ if parts::STATEMENTS.contains(&parts::statement_word(&text.text[statement.range.clone()])) => None,
        _ => Some(Kind::Node(statement)),
    }
}

/// Neighbouring nodes; `None` where there is no more than one, where one cannot be read, or where
/// what they say together is not what each says.
fn nodes(text: &Excerpt, run: &[Option<Kind>], reading: &ParseOptions) -> Option<Vec<Read>> {
    let node = |kind: &Option<Kind<'_>>| match kind {
        Some(Kind::Node(statement)) => Some((statement.range.clone(), statement.depth)),
        _ => None,
    };
    let nodes = run.iter().map(node).collect::<Option<Vec<_>>>()?;
    let [(first, _), .., (last, _)] = nodes.as_slice() else { return None };
    let (start, depth) = (first.start, nodes.iter().map(|&(_, depth)| depth).max()?);
    let all = text.part(start..last.end);
    let mut pairs = grammar::pairs(Rule::definition_lines, all.text, depth)?;
    let read = nodes.iter().map(|(own, _)| {
        let pair = pairs.next()?;
        let found = start + pair.as_span().start()..start + pair.as_span().end();
        (found == *own).then(|| definition(pair, &all, reading))
    });
    read.collect()
}

fn alone(text: &Excerpt, kind: &Kind, reading: &ParseOptions) -> Read {
    match kind {
        Kind::Leaf(statement) => leaf(&text.part(statement.range.clone()), statement, reading),
        Kind::Node(statement) => node(&text.part(statement.range.clone()), statement, reading),
    }
}

fn leaf(text: &Excerpt, statement: &Statement, reading: &ParseOptions) -> Read {
    let pairs = grammar::run(Rule::leaf_line, text, statement.depth)?;
    PairReader { text, reading }.leaf(pairs).map(Ahead::Leaf)
}

/// `N = EXPR`, or what was meant to be a statement of another kind.
pub(in crate::syntax) fn node(text: &Excerpt, statement: &Statement, reading: &ParseOptions) -> Read {
    definition(next(&mut grammar::run(Rule::definition_line, text, statement.depth)?), text, reading)
}

fn definition(pair: Pair<Rule>, text: &Excerpt, reading: &ParseOptions) -> Read {
    let parts = PairReader { text, reading };
    let span = parts.span(&pair);
    let mut pairs = pair.into_inner();
    let name = parts::free(parts.name(&next(&mut pairs)))?;
    let mut others = Vec::new();
    let mut next_pair = next(&mut pairs);
    while next_pair.as_rule() == Rule::name {
        others.push(parts::free(parts.name(&next_pair))?);
        next_pair = next(&mut pairs);
    }
    let value = parts.expression(next_pair)?;
    Ok(Ahead::Node(Node { name, others, value, span }))
}
