//! Pictures of a run: the graph from left to right, forward values above the
//! edges and what comes back below them.
//!
//! A [`Scene`] says what is shown and folds what is too much; a [`Layout`] gives it
//! places, in one row, in several or down; `draw` draws it with a pen, and one file
//! writes each format. This room reads results and prints nothing.

mod build;
mod columns;
mod detail;
mod dot;
mod draw;
mod flow;
#[cfg(feature = "png")]
mod fonts;
pub mod html;
mod label;
mod layout;
mod marks;
mod mermaid;
mod order;
mod owner;
mod place;
#[cfg(feature = "png")]
mod png;
mod rows;
mod scene;
pub mod svg;
mod tags;
pub mod text;
mod theme;
mod tikz;

pub use detail::{Detail, MOST_ITEMS, TooLarge};
pub use dot::dot;
pub use draw::{
    Direction, SLIDE, arranged,
    line::{Line, line},
    pen::{Point, Step},
    scale,
};
pub use flow::{Flow, Sender};
pub use label::Label;
pub use marks::{Mark, Marks};
pub use mermaid::mermaid;
pub use place::{Axis, Layout, Level, Rectangle, TooTangled, Turn, Way};
#[cfg(feature = "png")]
pub use png::{Painted, Unpainted, paint};
pub use scene::{Edge, Form, Group, Item, Scene, Total};
pub use theme::{Palette, Theme};
pub use tikz::tikz;

/// A part of a scene as nested text has it.
enum Nested {
    /// A group begins.
    Open(usize),
    Close,
    Item(usize),
}

/// Walks a scene's groups with the items in them; the number is how deep it is.
fn outline(scene: &Scene, out: &mut String, write: &mut dyn FnMut(Nested, usize, &mut String)) {
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); scene.groups.len() + 1];
    let mut items: Vec<Vec<usize>> = groups.clone();
    let slot = |group: Option<usize>| group.map_or(0, |group| group + 1);
    for (at, group) in scene.groups.iter().enumerate() {
        groups[slot(group.parent)].push(at);
    }
    for (at, item) in scene.items.iter().enumerate() {
        items[slot(item.group)].push(at);
    }
    items[0].iter().for_each(|&at| write(Nested::Item(at), 0, out));
    let mut open: Vec<usize> = Vec::new();
    let mut next: Vec<std::vec::IntoIter<usize>> = vec![std::mem::take(&mut groups[0]).into_iter()];
    while let Some(siblings) = next.last_mut() {
        match siblings.next() {
            Some(group) => {
                write(Nested::Open(group), open.len(), out);
                open.push(group);
                items[group + 1].iter().for_each(|&at| write(Nested::Item(at), open.len(), out));
                next.push(std::mem::take(&mut groups[group + 1]).into_iter());
            }
            None => {
                next.pop();
                if open.pop().is_some() {
                    write(Nested::Close, open.len(), out);
                }
            }
        }
    }
}
