//! Texts and places in them: what a byte offset means as file, line and column.
//!
//! All texts of a run share one numbering of positions, so a [`Span`] names its
//! file by itself. This room never looks at what a text says.

use std::sync::{Arc, OnceLock};

/// The two spellings of a graph file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// The line-oriented language of `NAME.graph`.
    Graph,
    /// TOML, `NAME.toml`.
    Toml,
}

impl Spelling {
    /// The spelling that a file name's ending announces.
    pub fn of(name: &str) -> Option<Self> {
        if name.ends_with(".graph") {
            Some(Self::Graph)
        } else if name.ends_with(".toml") {
            Some(Self::Toml)
        } else {
            None
        }
    }
}

/// A half-open range of positions, `start..end`, in the common numbering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// Something with the place where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

impl<T> Spanned<T> {
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// A word of the text: a name of a value, an op, an attribute.
pub type Name = Spanned<Box<str>>;

/// One text: a file, standard input, or an expression from the command line.
#[derive(Debug, Clone)]
pub struct Source {
    /// What people know it by: the path as they gave it, or `--set x`.
    pub name: Arc<str>,
    pub text: Arc<String>,
    /// The position of the first byte in the common numbering.
    pub base: u32,
    /// Known places, made when the first one is asked for.
    marks: Arc<OnceLock<Vec<Mark>>>,
}

/// A place in a text whose line and column are known.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: usize,
    line: usize,
    column: usize,
    line_start: usize,
}

/// Bytes of a line from one mark to the next.
const BETWEEN_MARKS: usize = 1024;

impl Source {
    pub fn new(name: Arc<str>, text: Arc<String>, base: u32) -> Self {
        Self { name, text, base, marks: Arc::default() }
    }

    /// Where the line of a byte begins, and its number, from 1.
    pub fn line(&self, at: usize) -> (usize, usize) {
        let mark = self.mark(at);
        (mark.line_start, mark.line)
    }

    /// The line and the column, in characters, of a byte; both from 1.
    pub fn line_and_column(&self, at: usize) -> (usize, usize) {
        let mark = self.mark(at);
        let after = self.text.get(mark.at..at).unwrap_or("");
        (mark.line, mark.column + after.chars().count())
    }

    /// The last mark at a byte or before it.
    fn mark(&self, at: usize) -> Mark {
        let marks = self.marks.get_or_init(|| marks(&self.text));
        marks[marks.partition_point(|mark| mark.at <= at) - 1]
    }

    /// The span of the whole text.
    pub fn span(&self) -> Span {
        Span::new(self.base, self.base + self.text.len() as u32)
    }
}

/// A mark where each line begins, and within long lines at every so many bytes.
fn marks(text: &str) -> Vec<Mark> {
    let mut mark = Mark { at: 0, line: 1, column: 1, line_start: 0 };
    let mut marks = vec![mark];
    let mut column = 1;
    for (at, character) in text.char_indices() {
        let next = at + character.len_utf8();
        column += 1;
        let line_ends = character == '\n';
        if line_ends {
            column = 1;
            mark = Mark { line: mark.line + 1, line_start: next, ..mark };
        }
        if line_ends || next - mark.at >= BETWEEN_MARKS {
            mark = Mark { at: next, column, ..mark };
            marks.push(mark);
        }
    }
    marks
}

/// A place for people: one-based line and column (in characters).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: Arc<str>,
    pub line: usize,
    pub column: usize,
}

/// All texts of one run.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    texts: Vec<Source>,
}

impl SourceMap {
    /// Takes a text in. `None` when the numbering (4 GiB in all) is used up.
    pub fn add(&mut self, name: &str, text: impl Into<String>) -> Option<Source> {
        let text = text.into();
        // One position is left free between texts, so that an empty span at
        // the end of one is not taken for the beginning of the next.
        let base = self.texts.last().map_or(Some(0), |last| last.span().end.checked_add(1))?;
        let length = u32::try_from(text.len()).ok()?;
        base.checked_add(length)?;
        let source = Source::new(name.into(), Arc::new(text), base);
        self.texts.push(source.clone());
        Some(source)
    }

    /// The text in which a span stands, and the span as byte offsets in it.
    pub fn find(&self, span: Span) -> Option<(&Source, std::ops::Range<usize>)> {
        let after = self.texts.partition_point(|source| source.base <= span.start);
        let source = self.texts.get(after.checked_sub(1)?)?;
        let clamp = |position: u32| ((position - source.base) as usize).min(source.text.len());
        let (start, end) = (clamp(span.start), clamp(span.end.max(span.start)));
        Some((source, start..end))
    }

    /// The words of a span.
    pub fn text(&self, span: Span) -> &str {
        self.find(span).and_then(|(source, range)| source.text.get(range)).unwrap_or("")
    }

    /// Where a span begins.
    pub fn place(&self, span: Span) -> Option<Place> {
        let (source, range) = self.find(span)?;
        let (line, column) = source.line_and_column(range.start);
        Some(Place { file: source.name.clone(), line, column })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_know_their_file_line_and_column() {
        let mut sources = SourceMap::default();
        sources.add("a.graph", "one\n").unwrap();
        let second = sources.add("b.graph", "りんご = 1\nx = 2\n").unwrap();
        let at = second.base + "りんご = 1\nx".len() as u32;
        let place = sources.place(Span::new(at - 1, at)).unwrap();
        assert_eq!((&*place.file, place.line, place.column), ("b.graph", 2, 1));
        let digit = second.base + "りんご = ".len() as u32;
        assert_eq!(sources.place(Span::new(digit, digit + 1)).unwrap().column, 7);
        assert_eq!(sources.text(Span::new(second.base, second.base + 9)), "りんご");
    }
    #[test]
    fn long_lines_and_many_lines_are_counted_right() {
        let text = format!("{}\nい{}ん\n\nlast", "あ".repeat(2000), "x".repeat(5000));
        let mut sources = SourceMap::default();
        let source = sources.add("a", text.clone()).unwrap();
        for (at, _) in text.char_indices() {
            let before = &text[..at];
            let start = before.rfind('\n').map_or(0, |end| end + 1);
            let line = before.matches('\n').count() + 1;
            assert_eq!(source.line(at), (start, line), "{at}");
            assert_eq!(source.line_and_column(at), (line, before[start..].chars().count() + 1), "{at}");
        }
        assert_eq!(source.line_and_column(text.len()), (4, 5));
    }
}
