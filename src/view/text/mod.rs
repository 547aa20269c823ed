//! The picture in letters, for a terminal: the same columns, in cells.

mod grid;
mod lanes;

use super::{
    label::{Label, cut},
    marks::Mark,
    place::{Layout, Rectangle, Size, Sizes, TooTangled},
    rows::{Gathered, Lanes as Between, in_rows},
    scene::{Edge, Form, Group, Item, Scene, Total},
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

/// Columns of a name where there are too few of them.
const BRIEF_COLUMNS: usize = 16;

/// Rows of a picture at most.
const MOST_ROWS: usize = 24;

/// Draws a scene in one row, in colours where the style has some.
///
/// # Errors
/// The scene is too tangled.
pub fn draw(scene: &Scene, style: Style) -> Result<Drawn, TooTangled> {
    Ok(print(scene, &layout(scene)?, style))
}

/// Draws a scene in as many rows as it takes to be no wider than so many columns; one
/// that cannot be is as narrow as it can.
///
/// # Errors
/// The scene is too tangled.
pub fn fitted(scene: &Scene, style: Style, columns: usize) -> Result<Drawn, TooTangled> {
    let drawn = in_rows_of(scene, style, columns, Gathered::All, &layout)?;
    if drawn.width <= columns {
        return Ok(drawn);
    }
    // Shapes, and the ends of long names and titles, are the first that one can do without.
    let mut brief = scene.clone();
    let labels = brief.edges.iter_mut().flat_map(|edge| [&mut edge.above, &mut edge.below]);
    labels.flatten().for_each(|label| label.shape = None);
    let names = brief.items.iter_mut().flat_map(|item| item.name.iter_mut().chain(&mut item.note));
    names.for_each(|name| *name = cut(name, BRIEF_COLUMNS));
    let mut narrowest = drawn;
    for gathered in [Gathered::Leaves, Gathered::Nothing] {
        let drawn = in_rows_of(&brief, style, columns, gathered, &|scene| laid(scene, &|_| 12.0, 2.0))?;
        if drawn.width < narrowest.width {
            narrowest = drawn;
        }
        if narrowest.width <= columns {
            break;
        }
    }
    Ok(narrowest)
}

fn in_rows_of(
    scene: &Scene,
    style: Style,
    columns: usize,
    gathered: Gathered,
    lay: &dyn Fn(&Scene) -> Result<Layout, TooTangled>,
) -> Result<Drawn, TooTangled> {
    let row = lay(scene)?;
    let mut narrowest = print(scene, &row, style);
    let lanes = Between { apart: 1.0, around: 1.0 };
    for rows in 2..=MOST_ROWS {
        if narrowest.width <= columns {
            break;
        }
        let Some((broken, placed)) = in_rows(scene, &row, rows, gathered, &lanes, lay)? else { break };
        let drawn = print(&broken, &placed, style);
        if drawn.width < narrowest.width {
            narrowest = drawn;
        }
    }
    Ok(narrowest)
}

fn doors(scene: &Scene) -> Vec<Doors> {
    let mut doors = vec![Doors::default(); scene.items.len()];
    for edge in &scene.edges {
        let doors = &mut doors[edge.to];
        doors.count += 1;
        doors.words = doors.words.max(edge.port.map_or(0, |port| port.width() + 1));
    }
    doors
}

fn layout(scene: &Scene) -> Result<Layout, TooTangled> {
    laid(scene, &|group| group.heading().width() as f64 + 6.0, 3.0)
}

/// With groups of some least width, and so much between columns besides the lanes.
fn laid(scene: &Scene, group: &dyn Fn(&Group) -> f64, gap: f64) -> Result<Layout, TooTangled> {
    let doors = doors(scene);
    let grouped = if scene.groups.is_empty() { 0.0 } else { 2.0 };
    Layout::of(
        scene,
        &Sizes {
            item: &|at| item_size(&scene.items[at], doors[at]),
            label: &label_size,
            port: &|_, _, rank, count| port(rank, count) as f64,
            between: &|slopes| Lanes::of(slopes).count() as f64 + gap,
            group,
            lintel: 2.0,
            sill: 1.0,
            apart: 1.0 + grouped,
            margin: 0.0,
        },
    )
}

fn print(scene: &Scene, layout: &Layout, style: Style) -> Drawn {
    let mut grid = Grid::new(layout.width.ceil() as usize + 2, layout.height.ceil() as usize + 1);
    for place in &layout.groups {
        let (left, top) = (place.left().floor() as usize, place.top().floor().max(0.0) as usize);
        let (right, bottom) = (place.right().floor() as usize, place.bottom().ceil() as usize);
        grid.frame(left, top, right - left + 1, bottom - top, Frame::Dotted);
    }
    let lanes = Lanes::of_gaps(layout);
    for (at, edge) in scene.edges.iter().enumerate() {
        draw_edge(scene, at, edge, layout, &lanes, &mut grid);
    }
    layout.turns.iter().for_each(|turn| draw_turn(&turn.corners, &mut grid));
    // Over the edges, of which none may make a title illegible.
    for (group, place) in scene.groups.iter().zip(&layout.groups) {
        let title = format!(" {} ", group.heading());
        let between = (place.left().floor() + 2.0, place.right().floor() - 1.0);
        let band = (place.top() - 0.5, place.top() + 0.5);
        let (left, free) = layout.title(between, title.width() as f64 + 1.0, band);
        let left = if left > between.0 { left + 1.0 } else { left };
        let title = cut(&title, free.max(2.0) as usize - 1);
        grid.write(left.floor() as usize, place.top().floor().max(0.0) as usize, &title, Ink::Plain);
    }
    for ((item, place), doors) in scene.items.iter().zip(&layout.items).zip(&doors(scene)) {
        draw_item(item, *place, doors.words, &mut grid);
    }
    for (edge, way) in scene.edges.iter().zip(&layout.ways) {
        let (Some(port), Some(last)) = (edge.port, way.levels.last()) else { continue };
        let left = layout.items[edge.to].left().floor() as usize;
        grid.write(left + 1, row(last.y), port, Ink::Plain);
    }
    Drawn { text: grid.text(style), width: grid.width() }
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
        Form::Port | Form::Turn => (1.0, 1.0),
        Form::Literal | Form::Tag | Form::End => (widest as f64 + 1.0, odd(lines.len())),
        _ => ((widest + doors.words) as f64 + 4.0, odd(inside + 2)),
    }
}

/// A leaf's name and shape share a line.
fn lines(item: &Item) -> Vec<String> {
    let first = match (&item.literal, &item.note) {
        (Some(label), _) => label.lines(),
        (None, Some(note)) if is_leaf(item) => vec![format!("{} {note}", item.sign)],
        (None, _) if item.sign.is_empty() => Vec::new(),
        (None, _) => vec![item.sign.clone()],
    };
    let note = item.note.iter().filter(|_| !is_leaf(item));
    let small = item.name.iter().chain(note).cloned();
    let mark = item.mark.filter(|&mark| mark != Mark::Ok).map(|mark| mark.word().to_string());
    first.into_iter().chain(small).chain(item.total.iter().flat_map(total)).chain(mark).collect()
}

fn is_leaf(item: &Item) -> bool {
    matches!(item.form, Form::Input | Form::Param | Form::Const)
}

fn total(total: &Total) -> Vec<String> {
    match total.label() {
        Some(label) => {
            let kept = label.kept.iter().map(|kept| kept.words.clone());
            behind(total.sign(), label).into_iter().chain(kept).collect()
        }
        None => vec![total.sign().to_string()],
    }
}

/// A label behind its sign, which stands in the middle of its lines.
fn behind(sign: &str, label: &Label) -> Vec<String> {
    let lines = label.lines();
    let middle = (lines.len() - 1) / 2;
    let line = |(at, line): (usize, &String)| match at == middle {
        true => format!("{sign} {line}"),
        false => format!("{}{line}", " ".repeat(sign.width() + 1)),
    };
    lines.iter().enumerate().map(line).collect()
}

/// The lines over an edge: digits kept, and under them the numbers.
fn above(label: &Label) -> Vec<(String, Ink)> {
    let numbers = label.lines().into_iter().map(|line| (line, Ink::Value));
    kept(label).into_iter().chain(numbers).collect()
}

/// The lines under an edge, behind the sign.
fn below(label: &Label) -> Vec<(String, Ink)> {
    let numbers = behind("←", label).into_iter().map(|line| (line, Ink::Gradient));
    numbers.chain(kept(label).map(|(words, ink)| (format!("  {words}"), ink))).collect()
}

fn kept(label: &Label) -> Option<(String, Ink)> {
    label.kept.as_ref().map(|kept| (kept.words.clone(), Ink::Kept(kept.grade)))
}

fn label_size(edge: &Edge) -> Size {
    let lines: Vec<Vec<(String, Ink)>> =
        edge.above.iter().map(above).chain(edge.below.iter().map(below)).collect();
    let width = lines.iter().flatten().map(|(line, _)| line.width()).max().unwrap_or(0);
    let height = lines.iter().map(Vec::len).max().unwrap_or(1);
    (width as f64 + 2.0, 2.0 * height as f64 + 1.0)
}

fn draw_edge(scene: &Scene, at: usize, edge: &Edge, layout: &Layout, lanes: &Lanes, grid: &mut Grid) {
    let way = &layout.ways[at];
    let (start, end) = (layout.items[edge.from], layout.items[edge.to]);
    let is_turned = scene.items[edge.from].form == Form::Turn;
    let mut x = (start.left().floor() + if is_turned { 0.0 } else { start.width }) as usize;
    let arrives = (end.left().floor() as usize).saturating_sub(1);
    for (at, level) in way.levels.iter().enumerate() {
        let y = row(level.y);
        match way.levels.get(at + 1) {
            Some(next) if row(next.y) != y => {
                let turn = level.right as usize + 1 + lanes.lane(layout.row(level.y), level.right, level.y);
                grid.level(x, turn, y);
                grid.upright(turn, y, row(next.y));
                x = turn;
            }
            Some(_) => {}
            None if scene.items[edge.to].form == Form::Turn => grid.level(x, arrives + 1, y),
            None => grid.level(x, arrives, y),
        }
    }
    if edge.is_arrow(scene)
        && let Some(last) = way.levels.last()
    {
        grid.write(arrives, row(last.y), "▶", Ink::Plain);
    }
    let Some(room) = way.label else { return };
    let centred = |text: &str| (room.x - text.width() as f64 / 2.0).round().max(0.0) as usize;
    let above = edge.above.as_ref().map_or_else(Vec::new, above);
    for (at, (line, ink)) in above.iter().rev().enumerate() {
        grid.write(centred(line), row(room.y).saturating_sub(at + 1), line, *ink);
    }
    let below = edge.below.as_ref().map_or_else(Vec::new, below);
    let left = below.iter().map(|(line, _)| centred(line)).min().unwrap_or(0);
    for (at, (line, ink)) in below.iter().enumerate() {
        grid.write(left, row(room.y) + 1 + at, line, *ink);
    }
}

/// The way of an edge from row to row.
fn draw_turn(corners: &[(f64, f64)], grid: &mut Grid) {
    let cell = |at: f64| at.floor().max(0.0) as usize;
    for pair in corners.windows(2) {
        let (from, to) = ((cell(pair[0].0), row(pair[0].1)), (cell(pair[1].0), row(pair[1].1)));
        grid.level(from.0.min(to.0), from.0.max(to.0), from.1);
        grid.upright(to.0, from.1, to.1);
    }
}

fn draw_item(item: &Item, place: Rectangle, doors: usize, grid: &mut Grid) {
    let (left, middle) = (place.left().floor() as usize, row(place.y));
    let (width, height) = (place.width as usize, place.height as usize);
    let top = middle.saturating_sub(height / 2);
    let lines = lines(item);
    let totals = item.total.as_ref().map_or_else(Vec::new, total);
    let ink = |line: &String| if totals.contains(line) { Ink::Gradient } else { Ink::Plain };
    let frame = match item.form {
        Form::Port => {
            grid.write(left, middle, "●", Ink::Plain);
            return;
        }
        Form::Turn => return,
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
