//! Colour, where it is wanted.

use anstyle::{Ansi256Color, AnsiColor, Effects, Style as Ansi};
use comfy_table::{Table, presets};

/// Paints words or leaves them plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
}

impl Style {
    pub fn bold(self, text: &str) -> String {
        self.paint(Ansi::new().effects(Effects::BOLD), text)
    }

    pub fn faint(self, text: &str) -> String {
        self.paint(Ansi::new().effects(Effects::DIMMED), text)
    }

    pub fn good(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    pub fn doubtful(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    pub fn bad(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().effects(Effects::BOLD), text)
    }

    /// Forward values: a blue that is read on light and on dark.
    pub fn value(self, text: &str) -> String {
        self.paint(Ansi256Color(33).on_default(), text)
    }

    /// Gradients: vermilion, and in italics.
    pub fn gradient(self, text: &str) -> String {
        self.paint(Ansi256Color(166).on_default().effects(Effects::ITALIC), text)
    }

    /// An empty table without lines, under a row of titles.
    pub fn table<'a>(self, titles: impl IntoIterator<Item = &'a str>) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(titles);
        table
    }

    /// The lines of a table, its titles faint.
    pub fn laid_out(self, table: &Table) -> String {
        let text = table.to_string();
        let mut lines = text.lines().map(str::trim_end);
        let titles = lines.next().map_or(String::new(), |titles| format!("{}\n", self.faint(titles)));
        lines.fold(titles, |out, line| out + line + "\n")
    }

    fn paint(self, ansi: Ansi, text: &str) -> String {
        match self.color {
            true => format!("{ansi}{text}{ansi:#}"),
            false => text.to_string(),
        }
    }
}
