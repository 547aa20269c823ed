//! What a picture is written as, which way it runs, and its colours.

use crate::view::{self, Theme};
use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Svg,
    Html,
    Png,
    #[value(alias = "gv")]
    Dot,
    #[value(alias = "mmd")]
    Mermaid,
    #[value(alias = "tex")]
    Tikz,
    #[value(alias = "txt")]
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DirectionFlag {
    /// To the right, in rows, or down, as it fills a slide or the terminal best
    Auto,
    /// To the right, in one row
    Right,
    /// From top to bottom
    Down,
}

impl From<DirectionFlag> for view::Direction {
    fn from(flag: DirectionFlag) -> Self {
        match flag {
            DirectionFlag::Auto => Self::Auto,
            DirectionFlag::Right => Self::Right,
            DirectionFlag::Down => Self::Down,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ThemeFlag {
    Auto,
    Light,
    Dark,
}

impl From<ThemeFlag> for Theme {
    fn from(flag: ThemeFlag) -> Self {
        match flag {
            ThemeFlag::Auto => Self::Auto,
            ThemeFlag::Light => Self::Light,
            ThemeFlag::Dark => Self::Dark,
        }
    }
}
