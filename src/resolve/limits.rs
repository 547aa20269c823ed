//! How large a document may be; checked before anything is allocated.

use crate::{diagnostic::Diagnostic, source::Span};

/// Upper bounds that a run declares; each can be raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a graph file.
    pub file: usize,
    /// Nodes after expansion.
    pub nodes: usize,
    /// Elements of one tensor.
    pub elements: usize,
    /// Bytes of all tensors of a plan together, values and gradients.
    pub bytes: usize,
    /// Brackets within brackets, blocks within blocks.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file: 1 << 30, nodes: 20_000_000, elements: 1 << 28, bytes: 8 << 30, depth: 200 }
    }
}

impl Limits {
    /// Every limit with its name on the command line and its meaning.
    pub const NAMES: &[(&str, &str)] = &[
        ("file", "bytes of a graph file"),
        ("nodes", "nodes after expansion"),
        ("elements", "elements of one tensor"),
        ("bytes", "bytes of all tensors together"),
        ("depth", "brackets within brackets, blocks within blocks"),
    ];

    /// The limit of a name.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut usize> {
        Some(match name {
            "file" => &mut self.file,
            "nodes" => &mut self.nodes,
            "elements" => &mut self.elements,
            "bytes" => &mut self.bytes,
            "depth" => &mut self.depth,
            _ => return None,
        })
    }

    /// What is said when a limit is reached.
    pub fn reached(name: &str, limit: usize, found: impl std::fmt::Display, span: Span) -> Diagnostic {
        Diagnostic::error(format!("{found}: the limit is {limit}"))
            .at(span, "here")
            .help(format!("if it is meant, raise the limit: `--limit {name}=N`"))
    }
}
