//! How much of a run a picture shows: blocks open as far as it stays small, and what
//! is too much is folded or refused.

use super::{build::Builder, marks::Marks, owner::Owners, scene::Scene};
use crate::{
    graph::{Graph, ValueId},
    run::Run,
};

/// How much a picture shows.
#[derive(Debug, Clone, Default)]
pub struct Detail {
    /// Blocks within fewer others are opened; `None` opens what still leaves the
    /// picture small.
    pub depth: Option<usize>,
    /// Only what is near this value, so many steps each way.
    pub near: Option<(ValueId, usize)>,
    /// Items at most; with more, statements are folded, and then it is refused.
    pub most: Option<usize>,
}

/// Items that a picture lays out at most.
pub const MOST_ITEMS: usize = 3000;

/// Blocks that are not asked for are opened while there are no more items.
pub const COSY: usize = 22;

/// A graph that is too large to draw even with all statements folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this picture would have {items} parts, more than {most}: nobody could read it")]
pub struct TooLarge {
    pub items: usize,
    pub most: usize,
}

impl Scene {
    /// Of a run, forward only or both ways; `marks` come from a comparison and from a count of digits.
    ///
    /// # Errors
    /// Even folded, the graph has too many parts.
    pub fn of(run: &Run, detail: &Detail, marks: &Marks) -> Result<Self, TooLarge> {
        let graph = run.graph;
        let folded = |depth, statements| {
            let owners = Owners::of(graph, depth, statements);
            match detail.near {
                Some((value, steps)) => owners.near(graph, value, steps),
                None => owners,
            }
        };
        let most = detail.most.unwrap_or(usize::MAX);
        let mut owners = match detail.depth {
            Some(depth) => folded(depth, false),
            None => (0..=levels(graph))
                .rev()
                .map(|depth| folded(depth, false))
                .find(|owners| owners.fit(graph, COSY))
                .unwrap_or_else(|| folded(0, false)),
        };
        let mut remarks = Vec::new();
        if owners.all(graph).len() > most {
            owners = folded(0, true);
            let remark =
                "the graph is large, and each statement folded into one box: `--near NAME` opens them";
            remarks.push(remark.to_string());
        }
        let items = owners.all(graph).len();
        if items > most {
            return Err(TooLarge { items, most });
        }
        remarks.extend(marks.kept.meaning.clone());
        if detail.near.is_some() {
            remarks.push("a part of the graph".to_string());
        }
        let scene = Self { remarks, ..Builder::new(run, &owners, marks).scene() };
        Ok(if detail.most.is_some() { scene.with_tags() } else { scene })
    }
}

/// How deep blocks stand in each other; a guess of at most 8, as small pictures
/// have no more.
fn levels(graph: &Graph) -> usize {
    if graph.blocks.is_empty() { 0 } else { graph.blocks.len().min(8) }
}
