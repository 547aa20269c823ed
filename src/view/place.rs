//! What a layout says: a place for every item, the way of every edge, and the sizes
//! that it was made for.

use super::scene::{Edge, Group, Item};

/// A rectangle by its centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rectangle {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rectangle {
    pub fn left(self) -> f64 {
        self.x - self.width / 2.0
    }

    pub fn right(self) -> f64 {
        self.x + self.width / 2.0
    }

    pub fn top(self) -> f64 {
        self.y - self.height / 2.0
    }

    pub fn bottom(self) -> f64 {
        self.y + self.height / 2.0
    }

    pub fn overlaps(self, other: Self) -> bool {
        let apart = |a: f64, b: f64, room: f64| (a - b).abs() >= room - 1e-6;
        !apart(self.x, other.x, (self.width + other.width) / 2.0)
            && !apart(self.y, other.y, (self.height + other.height) / 2.0)
    }
}

/// A level part of an edge's way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    pub left: f64,
    pub right: f64,
    pub y: f64,
}

/// The way of an edge: level through each column, from its start to its end.
#[derive(Debug, Clone, Default)]
pub struct Way {
    pub levels: Vec<Level>,
    /// The room of the label; the edge crosses it at half its height.
    pub label: Option<Rectangle>,
}

/// A scene with a place for everything.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    pub axis: Axis,
    pub width: f64,
    pub height: f64,
    pub items: Vec<Rectangle>,
    /// Along the axis, whichever it is: turned for a picture that runs down.
    pub ways: Vec<Way>,
    pub groups: Vec<Rectangle>,
    /// Where edges go over from the end of one row to the start of another, by the
    /// items that stand there.
    pub turns: Vec<Turn>,
    /// Where each of several rows begins.
    pub rows: Vec<f64>,
}

impl Layout {
    /// The row of a height.
    pub fn row(&self, y: f64) -> usize {
        self.rows.partition_point(|&top| top <= y).saturating_sub(1)
    }

    /// Where a title of this width stands that reaches from the first height to the
    /// second, and how much room it has: between the lines that run there.
    pub fn title(&self, (left, right): (f64, f64), width: f64, band: (f64, f64)) -> (f64, f64) {
        let mut lines: Vec<(f64, f64)> = self.lines().filter_map(|line| across(line, band)).collect();
        lines.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut best, mut start) = ((left, 0.0), left);
        for (from, to) in lines.into_iter().chain([(right, right)]) {
            let free = from.min(right) - start;
            if free > best.1 && best.1 < width {
                best = (start, free);
            }
            start = start.max(to);
        }
        best
    }

    /// All parts of lines, each within a rectangle by two of its corners.
    fn lines(&self) -> impl Iterator<Item = [Size; 2]> {
        let turns = self.turns.iter().flat_map(|turn| turn.corners.windows(2)).map(|pair| [pair[0], pair[1]]);
        let ways = self.ways.iter().flat_map(|way| {
            let levels = way.levels.iter().map(|level| [(level.left, level.y), (level.right, level.y)]);
            let slopes =
                way.levels.windows(2).map(|pair| [(pair[0].right, pair[0].y), (pair[1].left, pair[1].y)]);
            levels.chain(slopes).map(|ends| ends.map(|end| self.axis.turned(end)))
        });
        turns.chain(ways)
    }
}

/// From where to where a line may be within a band of heights.
fn across([a, b]: [Size; 2], (top, bottom): (f64, f64)) -> Option<(f64, f64)> {
    let meets = a.1.min(b.1) < bottom && a.1.max(b.1) > top;
    meets.then(|| (a.0.min(b.0), a.0.max(b.0)))
}

/// Where a picture runs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Axis {
    #[default]
    Right,
    Down,
}

impl Axis {
    /// A place or a size along the axis and across it, as one of the picture; and back.
    pub fn turned(self, (along, across): Size) -> Size {
        match self {
            Self::Right => (along, across),
            Self::Down => (across, along),
        }
    }

    pub fn turned_room(self, r: Rectangle) -> Rectangle {
        let ((x, y), (width, height)) = (self.turned((r.x, r.y)), self.turned((r.width, r.height)));
        Rectangle { x, y, width, height }
    }
}

/// The way from the end of a row around to the start of another.
#[derive(Debug, Clone)]
pub struct Turn {
    /// The items at its two ends.
    pub from: usize,
    pub to: usize,
    /// Its corners, the ends among them.
    pub corners: Vec<(f64, f64)>,
}

/// The heights between which an edge rises or falls.
pub type Slope = (f64, f64);

/// Width and height.
pub type Size = (f64, f64);

/// How large things are in the units of the picture.
pub struct Sizes<'a> {
    /// Of an item, by its number.
    pub item: &'a dyn Fn(usize) -> Size,
    pub label: &'a dyn Fn(&Edge) -> Size,
    /// How far below the middle of an item an edge arrives, as the n-th of so many;
    /// the second is the item's height.
    pub port: &'a dyn Fn(&Item, f64, usize, usize) -> f64,
    /// Between two columns: how wide, for edges from one height to another.
    pub between: &'a dyn Fn(&[Slope]) -> f64,
    /// How long a group is at least, and the room across at its two sides.
    pub group: &'a dyn Fn(&Group) -> f64,
    pub lintel: f64,
    pub sill: f64,
    /// Between items above each other.
    pub apart: f64,
    pub margin: f64,
}

/// A layout that would take too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this picture would take too long to lay out: its edges reach too far")]
pub struct TooTangled;
