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
mod fit;
mod flow;
#[cfg(feature = "png")]
mod fonts;
pub mod html;
mod kept;
mod label;
mod layout;
mod marks;
mod mermaid;
mod order;
mod outline;
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
pub use draw::pen::Point;
pub use fit::{Direction, SLIDE, arranged, scale};
pub use flow::{Flow, Sender};
pub use kept::{Grade, Kept, KeptDigits};
pub use label::Label;
pub use marks::{Mark, Marks};
pub use mermaid::mermaid;
pub use place::{Axis, Layout, Level, Rectangle, TooTangled, Turn, Way};
#[cfg(feature = "png")]
pub use png::{Painted, Unpainted, paint};
pub use scene::{Edge, Form, Group, Item, Scene, Total};
pub use theme::{Palette, Theme};
pub use tikz::tikz;
