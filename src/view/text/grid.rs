//! Cells of letters and lines.

use crate::{report::Style, view::kept::Grade};
use unicode_width::UnicodeWidthChar;

/// What a text is about, which a terminal shows by its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    Plain,
    Value,
    Gradient,
    /// Digits that are kept.
    Kept(Grade),
}

impl Ink {
    fn paint(self, text: &str, style: Style) -> String {
        match self {
            Self::Plain => text.to_string(),
            Self::Value => style.value(text),
            Self::Gradient => style.gradient(text),
            Self::Kept(Grade::Enough) => style.good(text),
            Self::Kept(Grade::Few) => style.doubtful(text),
            Self::Kept(Grade::Lost) => style.bad(text),
        }
    }
}

/// How a box is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    Plain,
    Round,
    Double,
    Heavy,
    Dashed,
    Dotted,
}

impl Frame {
    /// Level, upright, and the corners from the upper left clockwise.
    fn signs(self) -> [char; 6] {
        match self {
            Self::Plain => ['─', '│', '┌', '┐', '┘', '└'],
            Self::Round => ['─', '│', '╭', '╮', '╯', '╰'],
            Self::Double => ['═', '║', '╔', '╗', '╝', '╚'],
            Self::Heavy => ['━', '┃', '┏', '┓', '┛', '┗'],
            Self::Dashed => ['╌', '╎', '╭', '╮', '╯', '╰'],
            Self::Dotted => ['┄', '┊', '┌', '┐', '┘', '└'],
        }
    }
}

/// The sides of a cell that lines leave by.
const LEFT: u8 = 1;
const RIGHT: u8 = 2;
const UP: u8 = 4;
const DOWN: u8 = 8;

#[derive(Debug, Clone, Copy)]
enum Cell {
    Empty,
    Letter(char, Ink),
    /// Behind a letter that is two cells wide.
    Covered(Ink),
    Lines(u8),
}

impl Cell {
    fn ink(self) -> Ink {
        match self {
            Self::Letter(_, ink) | Self::Covered(ink) => ink,
            Self::Empty | Self::Lines(_) => Ink::Plain,
        }
    }
}

/// Where a row ends.
fn end(row: &[Cell]) -> usize {
    row.iter().rposition(|cell| !matches!(cell, Cell::Empty)).map_or(0, |at| at + 1)
}

pub struct Grid {
    cells: Vec<Cell>,
    width: usize,
}

impl Grid {
    pub fn new(width: usize, height: usize) -> Self {
        Self { cells: vec![Cell::Empty; width * height], width }
    }

    pub fn width(&self) -> usize {
        self.rows().map(end).max().unwrap_or(0)
    }

    fn rows(&self) -> impl Iterator<Item = &[Cell]> {
        self.cells.chunks(self.width.max(1))
    }

    /// The rows as text, without empty ones before and behind them.
    pub fn text(&self, style: Style) -> String {
        let rows: Vec<&[Cell]> = self.rows().map(|row| &row[..end(row)]).collect();
        let from = rows.iter().position(|row| !row.is_empty()).unwrap_or(rows.len());
        let to = rows.iter().rposition(|row| !row.is_empty()).map_or(from, |at| at + 1);
        let painted = |run: &[Cell]| {
            run[0].ink().paint(&run.iter().filter_map(|cell| sign(*cell)).collect::<String>(), style)
        };
        let line = |row: &&[Cell]| {
            let runs = row.chunk_by(|a, b| a.ink() == b.ink());
            runs.map(painted).chain(["\n".to_string()]).collect::<String>()
        };
        rows[from..to].iter().map(line).collect()
    }

    fn cell(&mut self, x: usize, y: usize) -> Option<&mut Cell> {
        if x < self.width { self.cells.get_mut(y * self.width + x) } else { None }
    }

    fn set(&mut self, x: usize, y: usize, cell: Cell) {
        if let Some(slot) = self.cell(x, y) {
            *slot = cell;
        }
    }

    pub fn write(&mut self, x: usize, y: usize, text: &str, ink: Ink) {
        let mut x = x;
        for character in text.chars() {
            let Some(width) = character.width().filter(|&width| width > 0) else { continue };
            self.set(x, y, Cell::Letter(character, ink));
            (1..width).for_each(|more| self.set(x + more, y, Cell::Covered(ink)));
            x += width;
        }
    }

    pub fn frame(&mut self, x: usize, y: usize, width: usize, height: usize, frame: Frame) {
        let [level, upright, upper_left, upper_right, lower_right, lower_left] = frame.signs();
        let (right, bottom) = (x + width.max(1) - 1, y + height.max(1) - 1);
        for at in x..=right {
            self.set(at, y, Cell::Letter(level, Ink::Plain));
            self.set(at, bottom, Cell::Letter(level, Ink::Plain));
        }
        for at in y..=bottom {
            self.set(x, at, Cell::Letter(upright, Ink::Plain));
            self.set(right, at, Cell::Letter(upright, Ink::Plain));
        }
        self.set(x, y, Cell::Letter(upper_left, Ink::Plain));
        self.set(right, y, Cell::Letter(upper_right, Ink::Plain));
        self.set(right, bottom, Cell::Letter(lower_right, Ink::Plain));
        self.set(x, bottom, Cell::Letter(lower_left, Ink::Plain));
    }

    fn join(&mut self, x: usize, y: usize, sides: u8) {
        if let Some(cell) = self.cell(x, y) {
            *cell = match *cell {
                Cell::Lines(known) => Cell::Lines(known | sides),
                _ => Cell::Lines(sides),
            };
        }
    }

    /// A line to the right.
    pub fn level(&mut self, from: usize, to: usize, y: usize) {
        for x in from..to {
            self.join(x, y, RIGHT | if x > from { LEFT } else { 0 });
        }
        if from < to {
            self.join(to, y, LEFT);
        }
    }

    /// A line up or down.
    pub fn upright(&mut self, x: usize, from: usize, to: usize) {
        let (top, bottom) = (from.min(to), from.max(to));
        for y in top..=bottom {
            let up = if y > top { UP } else { 0 };
            self.join(x, y, up | if y < bottom { DOWN } else { 0 });
        }
    }
}

fn sign(cell: Cell) -> Option<char> {
    Some(match cell {
        Cell::Empty => ' ',
        Cell::Letter(letter, _) => letter,
        Cell::Covered(_) => return None,
        Cell::Lines(sides) => match (sides & (LEFT | RIGHT), sides & (UP | DOWN)) {
            (_, 0) => '─',
            (0, _) => '│',
            (LEFT, UP) => '╯',
            (LEFT, DOWN) => '╮',
            (LEFT, _) => '┤',
            (RIGHT, UP) => '╰',
            (RIGHT, DOWN) => '╭',
            (RIGHT, _) => '├',
            (_, UP) => '┴',
            (_, DOWN) => '┬',
            (_, _) => '┼',
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { color: false };

    #[test]
    fn wide_letters_take_two_cells() {
        let mut grid = Grid::new(10, 3);
        grid.frame(0, 0, 8, 3, Frame::Plain);
        grid.write(1, 1, "りんご", Ink::Plain);
        assert_eq!(grid.text(PLAIN), "┌──────┐\n│りんご│\n└──────┘\n");
    }

    #[test]
    fn lines_join() {
        let mut grid = Grid::new(5, 3);
        grid.level(0, 2, 0);
        grid.upright(2, 0, 2);
        grid.level(2, 4, 2);
        grid.level(0, 4, 1);
        assert_eq!(grid.text(PLAIN), "──╮\n──┼──\n  ╰──\n");
    }

    #[test]
    fn colours_change_no_letter() {
        let mut grid = Grid::new(12, 2);
        grid.write(0, 0, "x", Ink::Plain);
        grid.write(2, 0, "値 2", Ink::Value);
        grid.write(7, 0, "← 3", Ink::Gradient);
        let painted = grid.text(Style { color: true });
        assert_eq!(painted, "x \u{1b}[38;5;33m値 2\u{1b}[0m \u{1b}[3m\u{1b}[38;5;166m← 3\u{1b}[0m\n");
        assert_eq!(grid.text(PLAIN), "x 値 2 ← 3\n");
    }
}
