//! What a graph can call, from the cards of the ops and the comments of the library.

use graphrun::{gallery, ops::ALL};
use pyo3::prelude::*;

/// Name, signature, sentence, formula of forward, formulas of backward by input, and kinks.
type Op = (
    &'static str,
    String,
    &'static str,
    &'static str,
    Vec<(&'static str, &'static str)>,
    Option<&'static str>,
);

/// Every op.
#[pyfunction]
pub fn ops() -> Vec<Op> {
    let op = |card: &'static graphrun::op::Card| {
        (card.name, card.signature(), card.doc, card.forward, card.backward.to_vec(), card.kinks)
    };
    ALL.iter().map(|entry| op(entry.card)).collect()
}

/// Name, the path that `use` takes, signature, sentence, what is said of it, and source.
type Block = (&'static str, String, &'static str, String, String, &'static str);

/// Every block of the library.
#[pyfunction]
pub fn blocks() -> Vec<Block> {
    let block = |entry: &gallery::Entry| {
        let path = format!("{}{}", gallery::PREFIX, entry.volume.name);
        let said: Vec<&str> = entry.said().collect();
        (entry.name, path, entry.signature(), entry.doc(), said.join("\n"), entry.source)
    };
    gallery::entries().iter().map(block).collect()
}
