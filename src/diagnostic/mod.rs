//! What went wrong, where, and what to do; and the one renderer of it.
//!
//! Every refusal of a file, a data file or a command line is a [`Diagnostic`].
//! Stages collect them, so that one run shows all that is independent.

mod closest;
mod render;
mod told;

pub use closest::{closest, work};
pub use render::{SHOWN, render, render_some};
pub use told::told;

use crate::source::Span;
use std::path::PathBuf;

/// A place with a remark under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// What is at fault, for whoever goes on from it: nothing is decided by words.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Cause {
    /// What only the words say.
    #[default]
    Said,
    /// A data file that is in none of its folders.
    MissingFile(Box<MissingFile>),
    /// A name that stands for nothing here.
    Unresolved(Box<str>),
    /// Ints are wanted of the value that is named here, and it is a float.
    WantsInts(Span),
    /// The ending of a file tells no spelling: the first advice is of its name, the second of a flag.
    Spelling,
    /// A value has another shape than is expected of it.
    ExpectedShape,
    /// A name is defined twice.
    DefinedTwice,
    /// A bracket without a partner.
    Unbalanced,
    /// A text that is not closed.
    OpenText,
    /// Something is missing, and may stand in what could not be read.
    Absent,
    /// A gradient that no backward line uses: the line may use it under a name that is wrong.
    Unused,
    /// A value that is called as if it were an op.
    ValueAsOp,
    /// A list of values of the graph, which the call around it takes one by one.
    ListOfValues,
    /// A call of what is neither an op nor a block.
    UnknownOp(Box<str>),
    /// A file that holds so many blocks, and nothing to run.
    OnlyBlocks(usize),
    /// A count over the limit of this name: nothing may be made of the file.
    Limit(&'static str),
    /// So many more were found, and not kept.
    More(usize),
}

impl Cause {
    /// The name of the limit that is exceeded, if one is.
    pub fn limit(&self) -> Option<&'static str> {
        match self {
            Self::Limit(name) => Some(name),
            _ => None,
        }
    }
}

/// A data file that was not found.
#[derive(Debug, Clone, PartialEq)]
pub struct MissingFile {
    pub name: String,
    /// Where it was looked for.
    pub folders: Vec<PathBuf>,
}

/// One refusal or warning.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    pub warning: bool,
    /// What was found and what was expected, in one sentence.
    pub message: String,
    /// Where: the first label is the place itself, the others explain it.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Vec<String>,
    pub cause: Cause,
}

impl Diagnostic {
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            warning: false,
            message: message.into(),
            labels: Vec::new(),
            help: Vec::new(),
            cause: Cause::Said,
        }
    }

    pub fn warning(message: impl Into<String>) -> Self {
        Self { warning: true, ..Self::error(message) }
    }

    /// Adds a place; the first one added is where the fault is.
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Gives this advice in place of any other.
    pub fn instead(self, text: impl Into<String>) -> Self {
        Self { help: vec![text.into()], ..self }
    }

    pub fn cause(self, cause: Cause) -> Self {
        Self { cause, ..self }
    }

    /// Adds `did you mean …` when one of `known` is close to `typed`.
    pub fn did_you_mean<'a>(self, typed: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match closest(typed, known) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    /// Where the fault is, if it has a place in a text.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// A file that is refused: at least one error, in the order of the text.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", .0.iter().map(|d| d.message.as_str()).collect::<Vec<_>>().join("; "))]
pub struct Refusal(pub Vec<Diagnostic>);

impl Refusal {
    /// How many blocks a file holds that is only refused because it holds nothing else.
    pub fn only_blocks(&self) -> Option<usize> {
        match self.0[..] {
            [Diagnostic { cause: Cause::OnlyBlocks(count), .. }] => Some(count),
            _ => None,
        }
    }

    /// The data files that are missing, where nothing else is wrong; none otherwise.
    pub fn missing_files(&self) -> Vec<MissingFile> {
        let missing = self.0.iter().map(|fault| match &fault.cause {
            Cause::MissingFile(file) => Some((**file).clone()),
            _ => None,
        });
        missing.collect::<Option<_>>().unwrap_or_default()
    }
}

impl From<Diagnostic> for Refusal {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}
