//! What went wrong, where, and what to do; and the one renderer of it.
//!
//! Every refusal of a file, a data file or a command line is a [`Diagnostic`].
//! Stages collect them, so that one run shows all that is independent.

use crate::source::{Source, SourceMap, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::{ops::Range, path::PathBuf};

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
    /// A file that holds so many blocks, and nothing to run.
    OnlyBlocks(usize),
    /// A count over the limit of this name: nothing may be made of the file.
    Limit(&'static str),
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

/// The known word nearest to a typed one, when it is near enough to be meant;
/// of several as near the first by the alphabet.
pub fn closest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (typed.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(typed, name), name))
        .filter(|&(distance, _)| distance <= allowed)
        .min()
        .map(|(_, name)| name)
}

/// Lays diagnostics out for people, as rustc does: message, `file:line:column`,
/// the line itself with a caret under the span, and help.
pub fn render(diagnostics: &[Diagnostic], sources: &SourceMap, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let texts: Vec<String> = diagnostics.iter().map(|one| render_one(one, sources, &renderer)).collect();
    texts.join("\n")
}

fn render_one(diagnostic: &Diagnostic, sources: &SourceMap, renderer: &Renderer) -> String {
    let level = if diagnostic.warning { Level::WARNING } else { Level::ERROR };
    let title = level.primary_title(diagnostic.message.as_str());
    let views = views(diagnostic, sources);
    let mut group = Group::with_title(title);
    for view in &views {
        let mut snippet = Snippet::source(view.text).path(view.name).line_start(view.line);
        for (index, range) in &view.labels {
            let kind = if *index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            snippet =
                snippet.annotation(kind.span(range.clone()).label(diagnostic.labels[*index].text.as_str()));
        }
        group = group.element(snippet);
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let text = renderer.render(&[group]);
    match views.is_empty() {
        // Without a text the renderer still draws the margin beside one.
        true => text.lines().filter(|line| line.trim() != "|").map(|line| format!("{line}\n")).collect(),
        false => format!("{text}\n"),
    }
}

/// The lines of one text that hold labels.
struct View<'a> {
    name: &'a str,
    text: &'a str,
    /// The number of the first line.
    line: usize,
    /// Labels by number, with their ranges in these lines.
    labels: Vec<(usize, Range<usize>)>,
}

/// Labels farther apart than this are shown in views of their own, so that a
/// long file is not laid out whole for two of its lines.
const FAR: usize = 1 << 16;

fn views<'a>(diagnostic: &Diagnostic, sources: &'a SourceMap) -> Vec<View<'a>> {
    let mut clusters: Vec<Cluster> = Vec::new();
    for (index, label) in diagnostic.labels.iter().enumerate() {
        let Some((source, range)) = sources.find(label.span) else { continue };
        match clusters.iter_mut().find(|cluster| cluster.is_near(source, &range)) {
            Some(cluster) => cluster.labels.push((index, range)),
            None => clusters.push(Cluster { source, labels: vec![(index, range)] }),
        }
    }
    clusters.into_iter().map(Cluster::view).collect()
}

/// Labels of one text that are shown together.
struct Cluster<'a> {
    source: &'a Source,
    labels: Vec<(usize, Range<usize>)>,
}

impl<'a> Cluster<'a> {
    fn extent(&self) -> (usize, usize) {
        let start = self.labels.iter().map(|(_, range)| range.start).min().unwrap_or(0);
        let end = self.labels.iter().map(|(_, range)| range.end).max().unwrap_or(0);
        (start, end)
    }

    fn is_near(&self, source: &Source, range: &Range<usize>) -> bool {
        let (start, end) = self.extent();
        self.source.base == source.base && range.start + FAR > start && range.start < end + FAR
    }

    fn view(self) -> View<'a> {
        let text: &'a str = &self.source.text;
        let (start, end) = self.extent();
        let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let to = text[end..].find('\n').map_or(text.len(), |at| end + at);
        let shifted = |(index, range): (usize, Range<usize>)| (index, range.start - from..range.end - from);
        View {
            name: &self.source.name,
            text: &text[from..to],
            line: text[..from].bytes().filter(|&byte| byte == b'\n').count() + 1,
            labels: self.labels.into_iter().map(shifted).collect(),
        }
    }
}
