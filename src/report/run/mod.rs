//! What `graphrun FILE…` found, in the formats that people and programs read: one
//! printer a format.

mod arrays;
mod json;
mod table;

pub use arrays::arrays;
pub use json::Json;
pub use table::Table;

use crate::{
    compare::Comparison,
    diagnostic::Refusal,
    engine::Profile,
    graph::{Graph, Origin, Phase, ValueId},
    precision::Precision,
    report::Judgement,
    run::Run,
    source::SourceMap,
};
use std::io::{self, Write};

/// What was compared.
pub enum Compared {
    Nothing,
    Entries(Box<Comparison>),
}

/// A file that ran.
pub struct Ran<'a> {
    pub run: &'a Run<'a>,
    pub file: &'a str,
    pub sources: &'a SourceMap,
    pub compared: &'a Compared,
    /// How long the comparison took.
    pub seconds: f64,
}

/// A file whose run was timed.
#[derive(Clone, Copy)]
pub struct Profiled<'a> {
    pub profile: &'a Profile,
    pub graph: &'a Graph,
    pub file: &'a str,
    pub dtype: Precision,
}

/// One format of the results. It writes where it is told to.
///
/// Every file is begun, and then refused, ran, timed or judged; `end` follows the last one.
pub trait Printer {
    /// # Errors
    /// The writer's, as everywhere here.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()>;

    /// # Errors
    /// The writer's.
    fn refused(
        &mut self,
        refusal: &Refusal,
        file: &str,
        sources: &SourceMap,
        out: &mut dyn Write,
    ) -> io::Result<()>;

    /// # Errors
    /// The writer's.
    fn ran(&mut self, ran: &Ran, out: &mut dyn Write) -> io::Result<()>;

    /// # Errors
    /// The writer's.
    fn profiled(&mut self, profiled: &Profiled, out: &mut dyn Write) -> io::Result<()>;

    /// # Errors
    /// The writer's.
    fn judged(&mut self, judgement: Judgement, out: &mut dyn Write) -> io::Result<()>;

    /// # Errors
    /// The writer's.
    fn end(&mut self, out: &mut dyn Write) -> io::Result<()>;
}

/// A leaf, or a node of forward; inner nodes of chains only with `all`.
pub fn is_shown(graph: &Graph, id: ValueId, all: bool) -> bool {
    match graph.value(id).origin {
        Origin::Leaf { .. } => true,
        Origin::Literal(_) | Origin::Upstream(_) => false,
        Origin::Node(node) => {
            let node = graph.node(node);
            node.phase == Phase::Forward && (all || node.named)
        }
    }
}

/// What makes a value: its op, or the role of a leaf.
pub fn kind(graph: &Graph, id: ValueId) -> &'static str {
    match &graph.value(id).origin {
        Origin::Leaf { role, .. } => role.word(),
        Origin::Literal(_) => "literal",
        Origin::Upstream(_) => "upstream",
        Origin::Node(node) => graph.node(*node).kernel.card().name,
    }
}
