//! What is wrong with a data file, said without its name: whoever opened the
//! file puts the name in front.

use crate::{
    diagnostic::Diagnostic,
    op::{Misuse, Subject},
};
use std::{io, path::Path};

/// The rest of a sentence that begins with the file's name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unreadable {
    /// The parameter of the call that is to blame.
    parameter: &'static str,
    message: String,
    help: Option<String>,
    limit: Option<&'static str>,
}

impl Unreadable {
    pub fn new(message: impl Into<String>) -> Self {
        Self { parameter: "file", message: message.into(), help: None, limit: None }
    }

    /// Blames another parameter than the file's name.
    pub fn of(self, parameter: &'static str) -> Self {
        Self { parameter, ..self }
    }

    /// What to do; said twice, it is one sentence.
    pub fn help(self, text: impl Into<String>) -> Self {
        let text = match self.help {
            Some(before) => format!("{before}; {}", text.into()),
            None => text.into(),
        };
        Self { help: Some(text), ..self }
    }

    /// A limit is to blame.
    pub fn over(self, limit: &'static str) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// The whole sentence, for a file that the user names.
    pub fn of_named(self, path: &Path) -> Diagnostic {
        let refused = Diagnostic::error(format!("{}: {}", path.display(), self.message));
        self.help.into_iter().fold(refused, Diagnostic::help)
    }

    /// Says of which array of the file it is.
    pub fn in_array(self, name: &str) -> Self {
        Self { message: format!("array {name:?} {}", self.message), ..self }
    }

    /// The whole sentence, for the file of this name.
    pub fn in_file(self, name: &str) -> Misuse {
        let message = format!("{name:?} {}", self.message);
        Misuse {
            help: self.help,
            limit: self.limit,
            ..Misuse::new(Subject::Attribute(self.parameter), message)
        }
    }
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::new("is cut short"),
            _ => Self::new(format!("cannot be read: {error}")),
        }
    }
}
