//! The picture as SVG. Every part of it bears an `id` and a `data-name` by the name
//! of its value, for pages that bring it to life.

mod edge;
mod item;
mod write;

use super::{
    layout::{Layout, Rectangle, Sizes, TooTangled},
    marks::Mark,
    scene::{Form, Item, Scene},
    theme::Theme,
};
use crate::escape::xml;
use edge::{draw_edge, label_size};
use item::{draw_badge, draw_item, item_size};
use write::{Writer, width_of};

/// Heights of a line of text and of bars, in pixels.
const LINE: f64 = 15.0;
const BARS: f64 = 13.0;
/// Sizes of letters: of values, and of what is said beside them.
const TEXT: f64 = 13.0;
const SMALL: f64 = 11.5;
/// The radius of an op's circle, and of the dot of a port.
const RADIUS: f64 = 18.0;
const DOT: f64 = 4.0;
const MARGIN: f64 = 20.0;
const HEADING: f64 = 28.0;
const FOOT: f64 = 24.0;

/// The layout that [`draw`] draws.
///
/// # Errors
/// The scene is too tangled.
pub fn layout(scene: &Scene) -> Result<Layout, TooTangled> {
    let grouped = if scene.groups.is_empty() { 0.0 } else { 8.0 };
    Layout::of(
        scene,
        &Sizes {
            item: &|at| item_size(&scene.items[at]),
            label: &label_size,
            port: &|item, height, rank, count| {
                let share = (rank as f64 + 1.0) / (count as f64 + 1.0) - 0.5;
                match item.form {
                    Form::Circle => 40.0 * share * (count as f64 + 1.0) / (count as f64 + 2.0),
                    Form::Box | Form::Fold => height * share,
                    _ => 0.0,
                }
            },
            between: &|slopes| {
                let steepest = slopes.iter().map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                18.0 + (0.22 * steepest).min(44.0)
            },
            group: &|group| width_of(&group.title, SMALL) + 20.0 + group.mark.map_or(0.0, |_| 90.0),
            lintel: 24.0,
            sill: 14.0,
            apart: 20.0 + grouped,
            margin: MARGIN,
        },
    )
}

/// Draws a scene.
pub fn draw(scene: &Scene, layout: &Layout, theme: Theme) -> String {
    let mut out = Writer::default();
    let legend = legend(scene);
    let heading = scene.title.as_deref().map_or(0.0, |_| HEADING);
    let widest = scene.title.as_deref().map_or(0.0, |title| 1.1 * width_of(title, 16.0));
    let width = layout.width.max(widest.max(width_of(&legend, SMALL)) + 2.0 * MARGIN).ceil();
    let height = (layout.height + heading + FOOT).ceil();
    out.open(width, height, scene.title.as_deref().unwrap_or("A computation graph"), &theme.rules());
    if let Some(title) = &scene.title {
        out.text("title", MARGIN, MARGIN + 10.0, 16.0, "start", title);
    }
    out.line(&format!("<g transform=\"translate(0 {heading})\">"));
    draw_parts(scene, layout, &mut out);
    out.line("</g>");
    out.text("faint", MARGIN, height - 10.0, SMALL, "start", &legend);
    out.close()
}

/// The parts of a picture without a frame, for a page that has its own.
pub fn parts(scene: &Scene, layout: &Layout) -> String {
    let mut out = Writer::default();
    draw_parts(scene, layout, &mut out);
    out.into_text()
}

/// An item around the origin, and its size.
pub fn alone(item: &Item) -> (String, (f64, f64)) {
    let (width, height) = item_size(item);
    let mut out = Writer::default();
    draw_item(item, Rectangle { x: 0.0, y: 0.0, width, height }, &mut out);
    (out.into_text(), (width, height))
}

fn draw_parts(scene: &Scene, layout: &Layout, out: &mut Writer) {
    draw_groups(scene, layout, out);
    for (at, way) in layout.ways.iter().enumerate() {
        draw_edge(scene, at, way, layout, out);
    }
    for (item, &place) in scene.items.iter().zip(&layout.items) {
        draw_item(item, place, out);
    }
}

/// What the signs of a picture mean.
pub fn legend(scene: &Scene) -> String {
    let mut parts = vec!["above an edge: the value"];
    if scene.edges.iter().any(|edge| edge.below.is_some()) {
        parts.push("← below: the gradient that comes back");
    }
    if scene.items.iter().any(|item| item.total.as_ref().is_some_and(|total| total.contains('Σ'))) {
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
    parts.join("  ·  ")
}

fn draw_groups(scene: &Scene, layout: &Layout, out: &mut Writer) {
    for (group, place) in scene.groups.iter().zip(&layout.groups) {
        let class = group.mark.filter(|&mark| mark != Mark::Ok).map_or("", Mark::word);
        let (key, name) = (xml(&group.key), xml(&group.name));
        out.line(&format!(
            "<g class=\"block\" id=\"group-{key}\" data-name=\"{name}\"><rect class=\"group {class}\" x=\"{:.1}\" y=\"{:.1}\" \
             width=\"{:.1}\" height=\"{:.1}\" rx=\"8\"/>",
            place.left(),
            place.top(),
            place.width,
            place.height,
        ));
        out.text("faint", place.left() + 8.0, place.top() + 14.0, SMALL, "start", &group.title);
        if let Some(mark) = group.mark.filter(|&mark| mark != Mark::Ok) {
            draw_badge(place.right() - 8.0, place.top(), mark, out);
        }
        out.line("</g>");
    }
}
