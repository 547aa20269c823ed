//! Pictures of a run: the graph from left to right, forward values above the
//! edges and what comes back below them.
//!
//! A [`Scene`] says what is shown and folds what is too much; a [`Layout`] gives it
//! places; one file writes each format. This room reads results and prints nothing.

mod build;
mod columns;
mod flow;
mod label;
mod layout;
mod marks;
mod order;
mod owner;
pub mod png;
mod scene;
pub mod svg;
mod theme;

pub use flow::{Flow, Sender};
pub use layout::Layout;
pub use marks::{Mark, Marks};
pub use theme::Theme;
pub use scene::{Detail, Form, MOST_ITEMS, Scene, TooLarge};
