//! What a picture shows, before anything has a place: items, the edges between
//! them with forward values and gradients, and the groups that blocks make.

use super::{
    build::Builder,
    label::Label,
    marks::{Mark, Marks},
    owner::Owners,
};
use crate::{
    graph::{Graph, ValueId},
    run::Run,
};

/// One thing that is drawn as a whole.
#[derive(Debug, Clone)]
pub struct Item {
    pub form: Form,
    /// Unique in the scene: the name of the value that it brings forth; with more
    /// behind it for a literal, an end, and the port of a block.
    pub key: String,
    /// What stands inside: a sign, an op's name, a leaf's name, a block's name.
    pub sign: String,
    /// The name of the node, where the file gives it one and the sign is not it.
    pub name: Option<String>,
    /// A leaf's shape, or what else there is to know of an item.
    pub note: Option<String>,
    /// Its whole gradient, where no edge tells it: a sum over several, or nothing.
    pub total: Option<String>,
    /// Everything in full, for those who ask.
    pub tip: String,
    pub group: Option<usize>,
    pub mark: Option<Mark>,
    /// The value that it brings forth.
    pub value: ValueId,
}

impl Item {
    /// Its lines of text, the sign first; with its verdict, if that is not ok.
    pub fn words(&self) -> Vec<String> {
        let sign = (!self.sign.is_empty()).then(|| self.sign.clone());
        let more = self.name.iter().chain(&self.note).chain(&self.total).cloned();
        let mark = self.mark.filter(|&mark| mark != Mark::Ok).map(|mark| mark.word().to_string());
        sign.into_iter().chain(more).chain(mark).collect()
    }
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
    /// Where a value comes into an opened block whose backward is written by hand.
    Port,
    /// The name of a value, where an edge from it would be too long.
    Tag,
    /// Where a value leaves the picture.
    End,
}

impl Form {
    /// For programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Param => "param",
            Self::Const => "const",
            Self::Literal => "literal",
            Self::Circle | Self::Box => "op",
            Self::Fold => "fold",
            Self::Port => "port",
            Self::Tag => "tag",
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
    /// The name of the value.
    pub name: String,
    /// Which of the inputs it is: edges to one item come in this order.
    pub input: usize,
    /// What the op calls this input, where the picture must say it.
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
    /// Unique in the scene: the name, with more behind it where the block around it
    /// puts out the same node.
    pub key: String,
    /// The name of the node that the block makes.
    pub name: String,
    pub title: String,
    pub parent: Option<usize>,
    pub mark: Option<Mark>,
}

impl Group {
    /// Its title, with its verdict if that is not ok.
    pub fn heading(&self) -> String {
        match self.mark.filter(|&mark| mark != Mark::Ok) {
            Some(mark) => format!("{}: {}", self.title, mark.word()),
            None => self.title.clone(),
        }
    }
}

/// The whole of a picture.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    pub title: Option<String>,
    pub items: Vec<Item>,
    pub edges: Vec<Edge>,
    /// Outer ones first.
    pub groups: Vec<Group>,
    /// What the reader must know: that statements are folded, that a part is shown.
    pub remarks: Vec<String>,
}

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
pub const COSY: usize = 20;

/// A graph that is too large to draw even with all statements folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this picture would have {items} parts, more than {most}: nobody could read it")]
pub struct TooLarge {
    pub items: usize,
    pub most: usize,
}

impl Scene {
    /// Of a run, forward only or both ways; `marks` come from a comparison.
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
