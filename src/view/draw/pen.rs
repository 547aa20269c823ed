//! What a picture is drawn with: the few strokes that every format of it has.

use super::super::place::Rectangle;

/// A point of a picture.
pub type Point = (f64, f64);

/// A step of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    Move(Point),
    Line(Point),
    /// By two points that it leans to.
    Curve(Point, Point, Point),
    /// Back to where it began.
    Close,
}

impl Step {
    /// The same in a picture that runs along another axis.
    pub fn map(self, to: &dyn Fn(Point) -> Point) -> Self {
        match self {
            Self::Move(p) => Self::Move(to(p)),
            Self::Line(p) => Self::Line(to(p)),
            Self::Curve(a, b, p) => Self::Curve(to(a), to(b), to(p)),
            Self::Close => Self::Close,
        }
    }
}

/// Which end of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// What belongs together, for formats that can say so.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    Item {
        key: &'a str,
        form: &'static str,
    },
    Edge {
        from: &'a str,
        to: &'a str,
        input: usize,
        name: &'a str,
    },
    Group {
        key: &'a str,
        name: &'a str,
    },
    /// An edge on its way from row to row.
    Turn,
}

/// Draws in one format. A style is one or several words, as `shape wrong`, which the
/// format gives their colours and widths.
pub trait Pen {
    fn begin(&mut self, part: Part, tip: &str);
    fn end(&mut self);
    /// A text on its baseline.
    fn text(&mut self, style: &str, at: Point, size: f64, anchor: Anchor, text: &str);
    fn rectangle(&mut self, style: &str, place: Rectangle, round: f64);
    fn circle(&mut self, style: &str, middle: Point, radius: f64);
    fn path(&mut self, style: &str, steps: &[Step]);
}
