//! Where the values of leaves come from: fills, random streams, data files; one
//! source a file, the list below sorted by name.
//!
//! A source says what it takes on its card, as an op does, and reads once.

use crate::{op::Misuse, shape::Shape, tensor::Tensor};

mod files;
mod random;

pub use files::Files;
pub use random::RandomState;

/// All that is known of a source without reading it.
#[derive(Debug)]
pub struct SourceCard {
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    pub parameters: &'static [Parameter],
    /// Its shape comes from `shape = […]` or from the leaf's annotation.
    pub shaped: bool,
    /// A leaf that uses it.
    pub example: &'static str,
}

/// One argument of a source, given by position or by name.
#[derive(Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: ParameterKind,
    /// As a person would type it; `None` where it must be given, `Some("")`
    /// where leaving it out has a meaning of its own.
    pub default: Option<&'static str>,
    pub doc: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    Int,
    Number,
    Text,
    Flag,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ParameterValue {
    Int(i64),
    Number(f64),
    Text(String),
    Flag(bool),
}

/// A call whose parameters are of the kinds that the card names.
#[derive(Debug)]
pub struct SourceCall<'a> {
    pub parameters: &'a [(&'static str, ParameterValue)],
    /// For a shaped source: the shape asked for. Its size is within the limits.
    pub shape: Option<&'a Shape>,
}

impl SourceCall<'_> {
    fn get(&self, name: &str) -> Option<&ParameterValue> {
        self.parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(ParameterValue::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// A number; an int counts as one.
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.get(name) {
            Some(ParameterValue::Number(value)) => Some(*value),
            Some(ParameterValue::Int(value)) => Some(*value as f64),
            _ => None,
        }
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(ParameterValue::Text(value)) => Some(value),
            _ => None,
        }
    }

    pub fn flag(&self, name: &str) -> bool {
        self.get(name) == Some(&ParameterValue::Flag(true))
    }

    /// The shape of a shaped source's result.
    pub fn shape(&self) -> Shape {
        self.shape.cloned().unwrap_or_default()
    }
}

/// What sources reach for: the file's random stream, the folders, the limits.
#[derive(Debug)]
pub struct World<'a> {
    pub random: &'a mut RandomState,
    pub files: &'a Files,
    /// The most elements that one tensor may have.
    pub max_elements: usize,
}

/// A maker of tensors.
pub trait Source: Sync {
    fn card(&self) -> &'static SourceCard;

    /// # Errors
    /// A parameter's value that makes no sense (`Subject::Attribute` with its
    /// name), or a data file that is missing, short, malformed or too large.
    fn read(&self, call: &SourceCall, world: &mut World) -> Result<Tensor, Misuse>;
}

/// All sources, sorted by name.
pub const ALL: &[&dyn Source] = &[];

/// The source of a name.
pub fn find(name: &str) -> Option<&'static dyn Source> {
    ALL.iter().copied().find(|source| source.card().name == name)
}
