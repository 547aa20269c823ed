//! What a picture shows, before anything has a place: items, the edges between
//! them with forward values and gradients, and the groups that blocks make.

use super::{label::Label, marks::Mark};
use crate::graph::{BlockId, ValueId};

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
    pub total: Option<Total>,
    /// What a literal says, in place of the sign.
    pub literal: Option<Label>,
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
        let more = self.name.iter().chain(&self.note).cloned();
        let more = more.chain(self.total.as_ref().map(Total::line));
        let mark = self.mark.filter(|&mark| mark != Mark::Ok).map(|mark| mark.word().to_string());
        sign.into_iter().chain(more).chain(mark).collect()
    }
}

/// A whole gradient, and how it came together.
#[derive(Debug, Clone, PartialEq)]
pub enum Total {
    /// What the one path, which is not drawn, sends back.
    One(Label),
    /// The sum over several uses.
    Sum(Label),
    /// Nothing leads back to it.
    NoPath,
}

impl Total {
    /// What stands before the numbers.
    pub fn sign(&self) -> &'static str {
        match self {
            Self::One(_) => "←",
            Self::Sum(_) => "← Σ",
            Self::NoPath => "← 0: no path",
        }
    }

    pub fn label(&self) -> Option<&Label> {
        match self {
            Self::One(label) | Self::Sum(label) => Some(label),
            Self::NoPath => None,
        }
    }

    pub fn label_mut(&mut self) -> Option<&mut Label> {
        match self {
            Self::One(label) | Self::Sum(label) => Some(label),
            Self::NoPath => None,
        }
    }

    /// On one line.
    pub fn line(&self) -> String {
        match self.label() {
            Some(label) => {
                let kept = label.kept.as_ref().map_or(String::new(), |kept| format!(", {}", kept.words));
                format!("{} {}{kept}", self.sign(), label.text)
            }
            None => self.sign().to_string(),
        }
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
    /// Where an edge leaves a row for another, or comes from one.
    Turn,
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
            Self::Turn => "turn",
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
    pub block: BlockId,
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

impl Edge {
    /// Whether its line has a head: where it ends at a part, and not on the way.
    pub fn is_arrow(&self, scene: &Scene) -> bool {
        !matches!(scene.items[self.to].form, Form::Port | Form::Turn)
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
