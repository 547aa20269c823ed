//! Diagnostics laid out for people, with the lines that they are about.

use super::{Diagnostic, told};
use crate::{
    escape::{self, Excerpt},
    source::{Source, SourceMap},
};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::{borrow::Cow, ops::Range};

/// Of a file's diagnostics so many are shown.
pub const SHOWN: usize = 20;

/// Characters of a sentence that are shown.
const SENTENCE: usize = 1000;

/// Labels farther apart than this are shown in views of their own, so that a
/// long file is not laid out whole for two of its lines; a longer one is cut.
const FAR: usize = 1 << 16;

/// Bytes of a long line that are shown before and behind its labels.
const AROUND: usize = 1 << 10;

/// Lays the first of many diagnostics out, and says how many more there are.
pub fn render_some(diagnostics: &[Diagnostic], sources: &SourceMap, color: bool) -> String {
    let (shown, more) = told(diagnostics, SHOWN);
    let mut text = render(shown, sources, color);
    if more > 0 {
        let kind = if shown.iter().any(|one| one.warning) { "warning" } else { "error" };
        let plural = if more == 1 { "" } else { "s" };
        text.push_str(&format!("… and {more} more {kind}{plural}\n"));
    }
    text
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
    let title = level.primary_title(sentence(&diagnostic.message));
    let views = views(diagnostic, sources);
    let mut group = Group::with_title(title);
    for view in &views {
        let mut snippet = Snippet::source(&*view.shown.text).path(&*view.name).line_start(view.line);
        for (index, range) in &view.labels {
            let kind = if *index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            snippet =
                snippet.annotation(kind.span(range.clone()).label(sentence(&diagnostic.labels[*index].text)));
        }
        group = group.element(snippet);
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(sentence(help)));
    }
    let mut text = renderer.render(&[group]);
    for view in &views {
        if let Some((shown, real)) = &view.place {
            text = text.replacen(shown, real, 1);
        }
    }
    match views.is_empty() {
        // Without a text the renderer still draws the margin beside one.
        true => text.lines().filter(|line| line.trim() != "|").map(|line| format!("{line}\n")).collect(),
        false => text.lines().map(|line| format!("{}\n", without_colons(line))).collect(),
    }
}

/// A sentence of a diagnostic, in which words of the file may stand.
fn sentence(words: &str) -> Cow<'_, str> {
    match words.char_indices().nth(SENTENCE) {
        Some((end, _)) => Cow::Owned(format!("{}…", escape::line(&words[..end]))),
        None => escape::line(words),
    }
}

/// The renderer writes `:::` before a further file, and CI servers take a line that
/// begins with two colons for a command.
fn without_colons(line: &str) -> Cow<'_, str> {
    match line.split_once(":::") {
        Some((margin, place)) if is_margin(margin) => Cow::Owned(format!("{margin}-->{place}")),
        _ => Cow::Borrowed(line),
    }
}

/// Blanks, and colours of the renderer.
fn is_margin(text: &str) -> bool {
    let colours = text.split('\u{1b}').skip(1).all(|part| part.starts_with('[') && part.contains('m'));
    let blanks = text.split('\u{1b}').enumerate().all(|(at, part)| {
        let behind = if at == 0 { part } else { part.split_once('m').map_or(part, |(_, behind)| behind) };
        behind.chars().all(|c| c == ' ')
    });
    colours && blanks
}

/// The lines of one text that hold labels.
struct View<'a> {
    name: Cow<'a, str>,
    shown: Excerpt<'a>,
    /// The number of the first line.
    line: usize,
    /// Labels by number, with their ranges in what is shown.
    labels: Vec<(usize, Range<usize>)>,
    /// `file:line:column` as the renderer counts it in what is shown, and as it is.
    place: Option<(String, String)>,
}

fn views<'a>(diagnostic: &Diagnostic, sources: &'a SourceMap) -> Vec<View<'a>> {
    let mut clusters: Vec<Cluster> = Vec::new();
    for (index, label) in diagnostic.labels.iter().enumerate() {
        let Some((source, range)) = sources.find(label.span) else { continue };
        let range = range.start..range.end.min(source.text.floor_char_boundary(range.start + FAR));
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
        let (source, text): (&'a Source, &'a str) = (self.source, &self.source.text);
        let (start, end) = self.extent();
        let (line_start, line) = source.line(start);
        // Of a long line a part.
        let from = line_start.max(text.floor_char_boundary(start.saturating_sub(AROUND)));
        let room = text.ceil_char_boundary((end + AROUND).min(text.len()));
        let to = text[end..room].find('\n').map_or(room, |at| end + at);
        let shown = escape::excerpt(&text[from..to]);
        let name = escape::line(&source.name);
        // The first label of a diagnostic is its place; elsewhere it is the first in the text.
        let first = self.labels.iter().map(|(index, range)| (*index != 0, range.start)).min();
        let place = first.and_then(|(_, at)| place(source, &name, from, &shown, at));
        let labels = self
            .labels
            .into_iter()
            .map(|(index, range)| (index, shown.place(range.start - from)..shown.place(range.end - from)));
        View { name, labels: labels.collect(), shown, line, place }
    }
}

/// The renderer counts columns in what is shown, which is not always what is there.
fn place(source: &Source, name: &str, from: usize, shown: &Excerpt, at: usize) -> Option<(String, String)> {
    if matches!(shown.text, Cow::Borrowed(_)) && source.line(from).0 == from {
        return None;
    }
    let before = &shown.text[..shown.place(at - from)];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let (line, column) = source.line_and_column(at);
    let counted = before[line_start..].chars().count() + 1;
    Some((format!("{name}:{line}:{counted}"), format!("{name}:{line}:{column}")))
}
