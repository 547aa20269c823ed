//! The picture in letters, for a terminal: the same columns, in cells.

mod grid;
mod lanes;

use super::{
    label::Label,
    layout::{Layout, Rectangle, Size, Sizes, TooTangled},
    scene::{Edge, Form, Item, Scene},
};
use crate::report::Style;
use grid::{Frame, Grid, Ink};
use lanes::Lanes;
use unicode_width::UnicodeWidthStr;

/// Items that are still read with pleasure in a terminal.
pub const MOST_ITEMS: usize = 80;

/// A picture in letters and its width in cells.
pub struct Drawn {
    pub text: String,
    pub width: usize,
}

/// Draws a scene, in colours where the style has some.
///
/// # Errors
/// The scene is too tangled.
pub fn draw(scene: &Scene, style: Style) -> Result<Drawn, TooTangled> {
    let mut doors = vec![Doors::default(); scene.items.len()];
    for edge in &scene.edges {
        let doors = &mut doors[edge.to];
        doors.count += 1;
        doors.words = doors.words.max(edge.port.map_or(0, |port| port.width() + 1));
    }
    let grouped = if scene.groups.is_empty() { 0.0 } else { 2.0 };
    let layout = Layout::of(
        scene,
        &Sizes {
            item: &|at| item_size(&scene.items[at], doors[at]),
            label: &label_size,
            port: &|_, _, rank, count| port(rank, count) as f64,
            between: &|slopes| Lanes::of(slopes).count() as f64 + 3.0,
            group: &|group| group.heading().width() as f64 + 6.0,
            lintel: 2.0,
            sill: 1.0,
            apart: 1.0 + grouped,
            margin: 0.0,
        },
    )?;
    let mut grid = Grid::new(layout.width.ceil() as usize + 2, layout.height.ceil() as usize + 1);
    for (group, place) in scene.groups.iter().zip(&layout.groups) {
        let (left, top) = (place.left().floor() as usize, place.top().floor().max(0.0) as usize);
        let (right, bottom) = (place.right().floor() as usize, place.bottom().ceil() as usize);
        grid.frame(left, top, right - left + 1, bottom - top, Frame::Dotted);
        grid.write(left + 2, top, &format!(" {} ", group.heading()), Ink::Plain);
    }
    let lanes = Lanes::of_gaps(&layout);
    for (at, edge) in scene.edges.iter().enumerate() {
        draw_edge(scene, at, edge, &layout, &lanes, &mut grid);
    }
    for ((item, place), doors) in scene.items.iter().zip(&layout.items).zip(&doors) {
        draw_item(item, *place, doors.words, &mut grid);
    }
    for (edge, way) in scene.edges.iter().zip(&layout.ways) {
        let (Some(port), Some(last)) = (edge.port, way.levels.last()) else { continue };
        let left = layout.items[edge.to].left().floor() as usize;
        grid.write(left + 1, row(last.y), port, Ink::Plain);
    }
    Ok(Drawn { text: grid.text(style), width: grid.width() })
}

/// The row of a height.
fn row(y: f64) -> usize {
    (y - 0.5).round().max(0.0) as usize
}

/// Rows below the middle where an edge arrives; the middle is left free for an even
/// number of them.
fn port(rank: usize, count: usize) -> isize {
    let (rank, half) = (rank as isize, (count / 2) as isize);
    let above = rank < half || count % 2 == 1;
    if above { rank - half } else { rank - half + 1 }
}

/// What comes into an item: how many edges, and columns for what it calls them.
#[derive(Debug, Clone, Copy, Default)]
struct Doors {
    count: usize,
    words: usize,
}

fn item_size(item: &Item, doors: Doors) -> Size {
    let lines = lines(item);
    let widest = lines.iter().map(|line| line.width()).max().unwrap_or(0);
    let odd = |rows: usize| (rows + 1 - rows % 2) as f64;
    let inside = lines.len().max(doors.count + usize::from(doors.count.is_multiple_of(2)));
    match item.form {
        Form::Port => (1.0, 1.0),
        Form::Literal | Form::Tag | Form::End => (widest as f64 + 1.0, odd(lines.len())),
        _ => ((widest + doors.words) as f64 + 4.0, odd(inside + 2)),
    }
}

/// A leaf's name and shape share a line.
fn lines(item: &Item) -> Vec<String> {
    let mut words = item.words();
    if matches!(item.form, Form::Input | Form::Param | Form::Const)
        && let Some(note) = &item.note
    {
        words.retain(|word| word != note);
        words[0] = format!("{} {note}", item.sign);
    }
    words
}

fn below(label: &Label) -> String {
    format!("← {}", label.text)
}

fn label_size(edge: &Edge) -> Size {
    let above = edge.above.as_ref().map_or(0, |label| label.with_shape().width());
    let below = edge.below.as_ref().map_or(0, |label| below(label).width());
    (above.max(below) as f64 + 2.0, 3.0)
}

fn draw_edge(scene: &Scene, at: usize, edge: &Edge, layout: &Layout, lanes: &Lanes, grid: &mut Grid) {
    let way = &layout.ways[at];
    let (start, end) = (layout.items[edge.from], layout.items[edge.to]);
    let mut x = (start.left().floor() + start.width) as usize;
    let arrives = (end.left().floor() as usize).saturating_sub(1);
    for (at, level) in way.levels.iter().enumerate() {
        let y = row(level.y);
        match way.levels.get(at + 1) {
            Some(next) if row(next.y) != y => {
                let turn = level.right as usize + 1 + lanes.lane(level.right, level.y);
                grid.level(x, turn, y);
                grid.upright(turn, y, row(next.y));
                x = turn;
            }
            Some(_) => {}
            None => grid.level(x, arrives, y),
        }
    }
    if scene.items[edge.to].form != Form::Port
        && let Some(last) = way.levels.last()
    {
        grid.write(arrives, row(last.y), "▶", Ink::Plain);
    }
    let Some(room) = way.label else { return };
    let centred = |text: &str| (room.x - text.width() as f64 / 2.0).round().max(0.0) as usize;
    if let Some(above) = edge.above.as_ref().map(Label::with_shape) {
        grid.write(centred(&above), row(room.y).saturating_sub(1), &above, Ink::Value);
    }
    if let Some(below) = edge.below.as_ref().map(below) {
        grid.write(centred(&below), row(room.y) + 1, &below, Ink::Gradient);
    }
}

fn draw_item(item: &Item, place: Rectangle, doors: usize, grid: &mut Grid) {
    let (left, middle) = (place.left().floor() as usize, row(place.y));
    let (width, height) = (place.width as usize, place.height as usize);
    let top = middle.saturating_sub(height / 2);
    let lines = lines(item);
    let ink = |line: &String| if item.total.as_ref() == Some(line) { Ink::Gradient } else { Ink::Plain };
    let frame = match item.form {
        Form::Port => {
            grid.write(left, middle, "●", Ink::Plain);
            return;
        }
        Form::Literal | Form::Tag | Form::End => {
            for (at, line) in lines.iter().enumerate() {
                grid.write(left + 1, top + (height - lines.len()) / 2 + at, line, ink(line));
            }
            return;
        }
        Form::Input | Form::Circle => Frame::Round,
        Form::Const => Frame::Dashed,
        Form::Param => Frame::Double,
        Form::Box => Frame::Plain,
        Form::Fold => Frame::Heavy,
    };
    grid.frame(left, top, width, height, frame);
    for (at, line) in lines.iter().enumerate() {
        let indent = doors + (width - doors - line.width()) / 2;
        grid.write(left + indent, top + (height - lines.len()) / 2 + at, line, ink(line));
    }
}
