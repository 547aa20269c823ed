//! What went wrong, where, and what to do; and the one renderer of it.
//!
//! Every refusal of a file, a data file or a command line is a [`Diagnostic`].
//! Stages collect them, so that one run shows all that is independent.

use crate::source::{Sources, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// A place with a remark under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    pub span: Span,
    pub text: String,
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
}

impl Diagnostic {
    pub fn error(message: impl Into<String>) -> Self {
        Self { warning: false, message: message.into(), labels: Vec::new(), help: Vec::new() }
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

impl From<Diagnostic> for Refusal {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

/// The known word nearest to a typed one, when it is near enough to be meant;
/// of several the first.
pub fn closest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (typed.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(typed, name), name))
        .filter(|&(distance, _)| distance <= allowed)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// Lays diagnostics out for people, as rustc does: message, `file:line:column`,
/// the line itself with a caret under the span, and help.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        let level = if diagnostic.warning { Level::WARNING } else { Level::ERROR };
        let title = level.primary_title(diagnostic.message.as_str());
        let mut snippets: Vec<(u32, Snippet<_>)> = Vec::new();
        for (index, label) in diagnostic.labels.iter().enumerate() {
            let Some((source, range)) = sources.find(label.span) else { continue };
            let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let note = kind.span(range).label(label.text.as_str());
            match snippets.iter_mut().find(|(base, _)| *base == source.base) {
                Some((_, snippet)) => {
                    let taken = std::mem::replace(snippet, Snippet::source(""));
                    *snippet = taken.annotation(note);
                }
                None => snippets
                    .push((source.base, Snippet::source(&*source.text).path(&*source.name).annotation(note))),
            }
        }
        let mut group = if snippets.is_empty() {
            Group::with_title(title)
        } else {
            title.elements(snippets.into_iter().map(|(_, snippet)| snippet))
        };
        for help in &diagnostic.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        out.push_str(&renderer.render(&[group]));
        out.push('\n');
    }
    out
}
