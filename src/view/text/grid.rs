//! Cells of letters and lines.

use unicode_width::UnicodeWidthChar;

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
    Letter(char),
    /// Behind a letter that is two cells wide.
    Covered,
    Lines(u8),
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
        let rows = self.cells.chunks(self.width.max(1));
        let end =
            |row: &[Cell]| row.iter().rposition(|cell| !matches!(cell, Cell::Empty)).map_or(0, |at| at + 1);
        rows.map(end).max().unwrap_or(0)
    }

    fn cell(&mut self, x: usize, y: usize) -> Option<&mut Cell> {
        if x < self.width { self.cells.get_mut(y * self.width + x) } else { None }
    }

    fn set(&mut self, x: usize, y: usize, cell: Cell) {
        if let Some(slot) = self.cell(x, y) {
            *slot = cell;
        }
    }

    pub fn write(&mut self, x: usize, y: usize, text: &str) {
        let mut x = x;
        for character in text.chars() {
            let Some(width) = character.width().filter(|&width| width > 0) else { continue };
            self.set(x, y, Cell::Letter(character));
            (1..width).for_each(|more| self.set(x + more, y, Cell::Covered));
            x += width;
        }
    }

    pub fn frame(&mut self, x: usize, y: usize, width: usize, height: usize, frame: Frame) {
        let [level, upright, upper_left, upper_right, lower_right, lower_left] = frame.signs();
        let (right, bottom) = (x + width.max(1) - 1, y + height.max(1) - 1);
        for at in x..=right {
            self.set(at, y, Cell::Letter(level));
            self.set(at, bottom, Cell::Letter(level));
        }
        for at in y..=bottom {
            self.set(x, at, Cell::Letter(upright));
            self.set(right, at, Cell::Letter(upright));
        }
        self.set(x, y, Cell::Letter(upper_left));
        self.set(right, y, Cell::Letter(upper_right));
        self.set(right, bottom, Cell::Letter(lower_right));
        self.set(x, bottom, Cell::Letter(lower_left));
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

impl std::fmt::Display for Grid {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let lines: Vec<String> = self
            .cells
            .chunks(self.width.max(1))
            .map(|row| row.iter().filter_map(|cell| sign(*cell)).collect::<String>().trim_end().to_string())
            .collect();
        let from = lines.iter().position(|line| !line.is_empty()).unwrap_or(0);
        let to = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |at| at + 1);
        lines.get(from..to).unwrap_or(&[]).iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

fn sign(cell: Cell) -> Option<char> {
    Some(match cell {
        Cell::Empty => ' ',
        Cell::Letter(letter) => letter,
        Cell::Covered => return None,
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

    #[test]
    fn wide_letters_take_two_cells() {
        let mut grid = Grid::new(10, 3);
        grid.frame(0, 0, 8, 3, Frame::Plain);
        grid.write(1, 1, "りんご");
        assert_eq!(grid.to_string(), "┌──────┐\n│りんご│\n└──────┘\n");
    }

    #[test]
    fn lines_join() {
        let mut grid = Grid::new(5, 3);
        grid.level(0, 2, 0);
        grid.upright(2, 0, 2);
        grid.level(2, 4, 2);
        grid.level(0, 4, 1);
        assert_eq!(grid.to_string(), "──╮\n──┼──\n  ╰──\n");
    }
}
