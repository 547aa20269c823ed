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

    /// Where the title of a group stands that is this wide and reaches from its first
    /// height to its second: behind the edges that come down there.
    pub fn title(&self, group: usize, indent: f64, width: f64, (top, bottom): (f64, f64)) -> f64 {
        let place = self.groups[group];
        let (top, bottom) = (place.top() + top, place.top() + bottom);
        let falls = self.turns.iter().flat_map(|turn| turn.corners.windows(2)).filter_map(|pair| {
            let (a, b) = (pair[0], pair[1]);
            let meets = a.1.min(b.1) < bottom && a.1.max(b.1) > top && (a.0 - b.0).abs() < 0.01;
            meets.then_some(a.0)
        });
        let mut falls: Vec<f64> = falls.collect();
        falls.sort_by(f64::total_cmp);
        falls.into_iter().fold(place.left() + indent, |left, fall| {
            if left - indent < fall && fall < left + width { fall + indent } else { left }
        })
    }
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
