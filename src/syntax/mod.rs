//! Text to syntax tree: two spellings, one tree, a span on every part.

mod tree;

pub use tree::*;
