//! The drawing of a scene, in whatever format: sizes for the layout, and strokes for
//! a pen.

mod content;
mod edge;
mod item;
mod line;
mod measure;
pub mod pen;

use measure::{SMALL, TITLE, width_of};

use super::{
    label,
    marks::Mark,
    place::{Axis, Layout, Rectangle, Sizes, TooTangled},
    scene::{Form, Group, Item, Scene},
};
use edge::{draw_edge, draw_turns, label_size};
use item::{Port, RADIUS, draw_badge, draw_item, item_size};
use pen::{Anchor, Part, Pen};

const MARGIN: f64 = 20.0;
const HEADING: f64 = 28.0;
/// From where to where a group's title reaches below its upper edge.
const TITLE_ROOM: (f64, f64) = (3.0, 19.0);
/// A line of the legend, which is no narrower than this.
const LEGEND: f64 = 17.0;
const NARROW: f64 = 520.0;
/// How wide a title makes a picture at most, and the size of letters that are as wide
/// as its bold ones.
const WIDE: f64 = 1000.0;
const BOLD: f64 = 1.1 * TITLE;

/// The layout that [`draw_parts`] draws, in one row.
///
/// # Errors
/// The scene is too tangled.
pub fn layout(scene: &Scene, axis: Axis) -> Result<Layout, TooTangled> {
    let grouped = if scene.groups.is_empty() { 0.0 } else { 8.0 };
    let mut ports = vec![Vec::new(); scene.items.len()];
    for edge in &scene.edges {
        ports[edge.to].extend(edge.port);
    }
    let title = |group: &Group| width_of(&group.title, SMALL) + 32.0 + group.mark.map_or(0.0, |_| 90.0);
    let least = if axis == Axis::Down && !scene.groups.is_empty() { 28.0 } else { 22.0 };
    let layout = Layout::of(
        scene,
        &Sizes {
            item: &|at| axis.turned(item_size(&scene.items[at], &ports[at], axis)),
            label: &|edge| label_size(edge, axis),
            port: &|item, across, rank, count| {
                let share = (rank as f64 + 1.0) / (count as f64 + 1.0) - 0.5;
                match item.form {
                    Form::Circle => 2.8 * RADIUS * share * (count as f64 + 1.0) / (count as f64 + 2.0),
                    Form::Box | Form::Fold => across * share,
                    _ => 0.0,
                }
            },
            between: &|slopes| {
                let steepest = slopes.iter().map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                least + (0.22 * steepest).min(44.0)
            },
            group: &|group| if axis == Axis::Right { title(group) } else { 0.0 },
            lintel: if axis == Axis::Right { 24.0 } else { 14.0 },
            sill: 14.0,
            apart: 20.0 + grouped,
            margin: MARGIN,
        },
    )?;
    Ok(layout.along(axis))
}

/// A picture's width and height with its title and its legend, and the legend's lines.
pub struct Frame {
    pub width: f64,
    pub height: f64,
    pub heading: f64,
    legend: Vec<String>,
}

impl Frame {
    pub fn of(scene: &Scene, layout: &Layout) -> Self {
        let title = scene.title.as_deref().map_or(0.0, |title| width_of(title, BOLD));
        let least = layout.width.max(NARROW);
        let width = least.max((title + 2.0 * MARGIN).min(WIDE)).ceil();
        let heading = scene.title.as_deref().map_or(0.0, |_| HEADING);
        let legend = wrapped(&legend(scene, layout.axis), least - 2.0 * MARGIN);
        let height = (layout.height + heading + LEGEND * legend.len() as f64 + 7.0).ceil();
        Self { width, height, heading, legend }
    }

    /// The title and the legend.
    pub fn draw(&self, scene: &Scene, pen: &mut dyn Pen) {
        if let Some(title) = &scene.title {
            let title = cut(title, BOLD, self.width - 2.0 * MARGIN);
            pen.text("title", (MARGIN, MARGIN + 10.0), TITLE, Anchor::Start, &title);
        }
        for (at, line) in self.legend.iter().rev().enumerate() {
            let baseline = self.height - 10.0 - LEGEND * at as f64;
            pen.text("faint", (MARGIN, baseline), SMALL, Anchor::Start, line);
        }
    }
}

/// Parts beside each other, in lines of a width.
fn wrapped(parts: &[&str], width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        let longer = lines.last().map(|line| format!("{line}  ·  {part}"));
        match longer.filter(|longer| width_of(longer, SMALL) <= width) {
            Some(longer) => *lines.last_mut().expect("a line") = longer,
            None => lines.push((*part).to_string()),
        }
    }
    lines
}

/// An item around the origin, and its size.
pub fn draw_alone(item: &Item, pen: &mut dyn Pen) -> (f64, f64) {
    let (width, height) = item_size(item, &[], Axis::Right);
    draw_item(item, Rectangle { x: 0.0, y: 0.0, width, height }, &[], Axis::Right, pen);
    (width, height)
}

/// All that a layout places.
pub fn draw_parts(scene: &Scene, layout: &Layout, pen: &mut dyn Pen) {
    draw_groups(scene, layout, pen);
    draw_turns(layout, pen);
    let mut ports: Vec<Vec<Port>> = vec![Vec::new(); scene.items.len()];
    for (at, (edge, way)) in scene.edges.iter().zip(&layout.ways).enumerate() {
        draw_edge(scene, at, layout, pen);
        let middle = layout.axis.turned_room(layout.items[edge.to]).y;
        ports[edge.to].extend(edge.port.zip(way.levels.last().map(|last| last.y - middle)));
    }
    for ((item, &place), ports) in scene.items.iter().zip(&layout.items).zip(&ports) {
        draw_item(item, place, ports, layout.axis, pen);
    }
}

/// What the signs of a picture mean.
pub fn legend(scene: &Scene, axis: Axis) -> Vec<&str> {
    let mut parts = vec![match axis {
        Axis::Right => "above an edge: the value",
        Axis::Down => "left of an edge: the value",
    }];
    if scene.edges.iter().any(|edge| edge.below.is_some()) {
        parts.push(match axis {
            Axis::Right => "← below: the gradient that comes back",
            Axis::Down => "↑ right: the gradient that comes back",
        });
    }
    if scene.items.iter().any(|item| item.total.as_ref().is_some_and(|total| total.sign().contains('Σ'))) {
        parts.push("← Σ: the sum over all uses");
    }
    let drawn = |form| scene.items.iter().any(|item| item.form == form);
    if drawn(Form::Param) {
        parts.push("double outline: a param");
    }
    if drawn(Form::Const) {
        parts.push("dashed: a const");
    }
    parts.extend(scene.remarks.iter().map(String::as_str));
    parts
}

fn draw_groups(scene: &Scene, layout: &Layout, pen: &mut dyn Pen) {
    for (group, &place) in scene.groups.iter().zip(&layout.groups) {
        let mark = group.mark.filter(|&mark| mark != Mark::Ok);
        pen.begin(Part::Group { key: &group.key, name: &group.name }, "");
        pen.rectangle(&format!("group {}", mark.map_or("", Mark::word)), place, 8.0);
        let between = (place.left() + 8.0, place.right() - 8.0 - mark.map_or(0.0, |_| 90.0));
        let band = (place.top() + TITLE_ROOM.0, place.top() + TITLE_ROOM.1);
        let (left, free) = layout.title(between, width_of(&group.title, SMALL) + 8.0, band);
        let left = if left > between.0 { left + 8.0 } else { left };
        let title = cut(&group.title, SMALL, free - 8.0);
        pen.text("faint", (left, place.top() + 15.0), SMALL, Anchor::Start, &title);
        if let Some(mark) = mark {
            draw_badge((place.right() - 8.0, place.top()), mark, pen);
        }
        pen.end();
    }
}

/// A title in letters of a size, cut to a width.
fn cut(title: &str, size: f64, width: f64) -> String {
    let fits = |text: &str| width_of(text, size) <= width;
    if fits(title) {
        return title.to_string();
    }
    // By halves: a title may be as long as a file.
    let (mut least, mut most) = (1, title.chars().count().max(1));
    while least < most {
        let columns = (least + most).div_ceil(2);
        match fits(&label::cut(title, columns)) {
            true => least = columns,
            false => most = columns - 1,
        }
    }
    label::cut(title, least)
}
