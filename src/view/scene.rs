//! What a picture shows, before anything has a place: items, the edges between
//! them with forward values and gradients, and the groups that blocks make.

use super::{
    marks::{Mark, Marks},
    number::Label,
    owner::Owners,
};
use crate::graph::ValueId;

/// One thing that is drawn as a whole.
#[derive(Debug, Clone)]
pub struct Item {
    pub form: Form,
    /// What stands inside: a sign, an op's name, a leaf's name, a block's name.
    pub sign: String,
    /// The name of the node, where the file gives it one and the sign is not it.
    pub name: Option<String>,
    /// A leaf's shape, or the statement that is folded here.
    pub note: Option<String>,
    /// The whole gradient, where several edges bring its terms.
    pub total: Option<Label>,
    /// Everything in full, for those who ask.
    pub tip: String,
    pub group: Option<usize>,
    pub mark: Option<Mark>,
    /// The value that it brings forth.
    pub value: ValueId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Input,
    Param,
    Const,
    /// A number within an expression.
    Literal,
    /// An elementwise op.
    Circle,
    /// A layer.
    Box,
    /// A block or a statement with its inside left out.
    Fold,
    /// Where a value leaves the picture.
    End,
}

impl Form {
    pub fn is_leaf(self) -> bool {
        matches!(self, Self::Input | Self::Param | Self::Const | Self::Literal)
    }

    /// For programs and readers of the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Param => "param",
            Self::Const => "const",
            Self::Literal => "literal",
            Self::Circle | Self::Box => "op",
            Self::Fold => "block",
            Self::End => "end",
        }
    }
}

/// A value on its way to one use.
#[derive(Debug, Clone)]
pub struct Edge {
    pub from: usize,
    pub to: usize,
    pub value: ValueId,
    /// Which input of the op it is, where that matters.
    pub port: Option<&'static str>,
    /// The value, above the line; `None` where the item it comes from says it.
    pub above: Option<Label>,
    /// What this use sends back, below the line.
    pub below: Option<Label>,
    pub tip: String,
}

/// An opened block.
#[derive(Debug, Clone)]
pub struct Group {
    pub title: String,
    pub parent: Option<usize>,
    pub mark: Option<Mark>,
}

/// The whole of a picture.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    pub title: Option<String>,
    pub items: Vec<Item>,
    pub edges: Vec<Edge>,
    pub groups: Vec<Group>,
    /// What the reader must know: that statements are folded, that gradients lack.
    pub remarks: Vec<String>,
}

/// How much a picture shows.
#[derive(Debug, Clone, Default)]
pub struct Detail {
    /// Blocks within so many others are opened.
    pub depth: usize,
    /// Only what is near this value, so many steps each way.
    pub near: Option<(ValueId, usize)>,
}

/// Items at most; more are folded, then refused.
pub const MOST_ITEMS: usize = 3000;

/// A graph that is too large to draw even with all statements folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this picture would have {items} parts, and nobody could read it")]
pub struct TooLarge {
    pub items: usize,
}

impl Scene {
    /// Of a run, forward only or both ways; `marks` come from a comparison.
    ///
    /// # Errors
    /// Even folded, the graph has too many parts.
    pub fn of(run: &crate::run::Run, detail: &Detail, marks: &Marks) -> Result<Self, TooLarge> {
        let graph = run.graph;
        let near = |owners: Owners| match detail.near {
            Some((value, steps)) => owners.near(graph, value, steps),
            None => owners,
        };
        let whole = near(Owners::of(graph, detail.depth, false));
        let folds = whole.count(graph) > MOST_ITEMS;
        let owners = if folds { near(Owners::of(graph, 0, true)) } else { whole };
        let items = owners.count(graph);
        if items > MOST_ITEMS {
            return Err(TooLarge { items });
        }
        let mut scene = super::build::Builder::new(run, &owners, marks).scene();
        if folds {
            scene.remarks.push("each statement is folded into one box: the graph is large".to_string());
        }
        if detail.near.is_some() {
            scene.remarks.push("a part of the graph".to_string());
        }
        Ok(scene)
    }
}
