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

/// What a statement said.
pub(super) enum Ahead {
    Leaf(Leaf),
    Node(Node),
}

pub(super) type Read = Result<Ahead, Diagnostic>;

/// Reads the leaves and nodes among the pieces of a text; `None` for all others.
pub(super) fn read(text: &Excerpt, pieces: &[Piece], reading: &Reading) -> Vec<Option<Read>> {
    let chunks = in_chunks(pieces, |pieces| -> Vec<Option<Read>> {
        pieces.iter().map(|piece| read_piece(text, piece, reading)).collect()
    });
    chunks.into_iter().flatten().collect()
}

fn read_piece(text: &Excerpt, piece: &Piece, reading: &Reading) -> Option<Read> {
    let Piece::Statement(statement) = piece else { return None };
    if statement.broken {
        return None;
    }
    let text = text.part(statement.range.clone());
    match first_word(text.text) {
        "input" | "param" | "const" => Some(leaf(&text, statement, reading)),
        "" => None,
        word if parts::is_reserved(word) => None,
        _ => Some(node(&text, statement, reading)),
    }
}

fn leaf(text: &Excerpt, statement: &Statement, reading: &Reading) -> Read {
    let pairs = grammar::run(Rule::leaf_line, text, statement.depth)?;
    Parts { text, reading }.leaf(pairs).map(Ahead::Leaf)
}

/// `N = EXPR`, or what was meant to be a statement of another kind.
pub(super) fn node(text: &Excerpt, statement: &Statement, reading: &Reading) -> Read {
    let parts = Parts { text, reading };
    let mut pairs = next(&mut grammar::run(Rule::definition_line, text, statement.depth)?).into_inner();
    let name = parts::free(parts.name(&next(&mut pairs)))?;
    let value = parts.expression(next(&mut pairs))?;
    Ok(Ahead::Node(Node { name, value, span: text.span(0..text.text.len()) }))
}
