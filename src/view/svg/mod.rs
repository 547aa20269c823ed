//! The picture as SVG.

mod item;
mod route;
mod write;

use super::{
    layout::{Layout, Rectangle, Sizes, Way},
    marks::Mark,
    number::Label,
    scene::{Edge, Scene},
    theme::Theme,
};
use item::{draw_item, item_size};
use route::{Routes, path};
use write::{Writer, width_of};

/// Heights of the lines of text, in pixels, and of the bars.
const LINE: f64 = 15.0;
const BARS: f64 = 13.0;
/// Between a label and its line.
const GAP: f64 = 4.0;
const SMALL: f64 = 11.5;
const MARGIN: f64 = 18.0;
const HEADING: f64 = 26.0;
const FOOT: f64 = 22.0;

/// The layout that [`draw`] draws.
pub fn layout(scene: &Scene) -> Layout {
    let sizes = Sizes { item: &item_size, label: &label_size, apart: 24.0, columns: 22.0, margin: MARGIN };
    Layout::of(scene, &sizes)
}

/// Draws a scene.
pub fn draw(scene: &Scene, layout: &Layout, theme: Theme) -> String {
    let mut out = Writer::default();
    let legend = legend(scene);
    let heading = scene.title.as_deref().map_or(0.0, |_| HEADING);
    let widest = scene.title.as_deref().map_or(0.0, |title| width_of(title, 16.0));
    let width = layout.width.max(widest + 2.0 * MARGIN).max(width_of(&legend, SMALL) + 2.0 * MARGIN).ceil();
    let height = (layout.height + heading + FOOT).ceil();
    out.open(width, height, scene.title.as_deref().unwrap_or("A computation graph"), &theme.rules());
    if let Some(title) = &scene.title {
        out.text("title", MARGIN, MARGIN + 10.0, 16.0, "start", title);
    }
    out.line(&format!("<g transform=\"translate(0 {heading})\">"));
    draw_groups(scene, layout, &mut out);
    let routes = Routes::of(scene, layout);
    for (at, (edge, way)) in scene.edges.iter().zip(&layout.ways).enumerate() {
        draw_edge(at, edge, way, &routes, &mut out);
    }
    for (at, (item, &place)) in scene.items.iter().zip(&layout.items).enumerate() {
        draw_item(at, item, place, &mut out);
    }
    draw_ports(scene, &routes, &mut out);
    out.line("</g>");
    out.text("faint", MARGIN, height - 9.0, SMALL, "start", &legend);
    out.close()
}

fn legend(scene: &Scene) -> String {
    let mut parts = vec!["above an edge: the value"];
    if scene.edges.iter().any(|edge| edge.below.is_some()) {
        parts.push("← below: the gradient that this use sends back");
    }
    if scene.items.iter().any(|item| item.total.is_some()) {
        parts.push("Σ: their sum");
    }
    parts.extend(scene.remarks.iter().map(String::as_str));
    parts.join("  ·  ")
}

fn label_height(label: Option<&Label>) -> f64 {
    label.map_or(0.0, |label| LINE + GAP + if label.bars.is_empty() { 0.0 } else { BARS })
}

fn label_size(edge: &Edge) -> (f64, f64) {
    let above = edge.above.as_ref().map_or(0.0, |label| width_of(&label.text, 13.0));
    let below = edge.below.as_ref().map_or(0.0, |label| width_of(&format!("← {}", label.text), 13.0));
    let height = label_height(edge.above.as_ref()).max(label_height(edge.below.as_ref()));
    (above.max(below).max(24.0) + 10.0, 2.0 * height.max(8.0))
}

fn draw_edge(at: usize, edge: &Edge, way: &Way, routes: &Routes, out: &mut Writer) {
    let (from, to) = (routes.starts[at], routes.ends[at].at);
    out.line(&format!(
        "<g class=\"use\" data-edge=\"{at}\" data-from=\"{}\" data-to=\"{}\">",
        edge.from, edge.to
    ));
    out.title(&edge.tip);
    out.line(&format!("<path class=\"edge\" d=\"{}\"/>", path(from, way, to)));
    let angle = routes.ends[at].angle.to_degrees();
    out.line(&format!(
        "<path class=\"head\" d=\"M0 0L-8 -3.6L-8 3.6Z\" transform=\"translate({:.1} {:.1}) rotate({angle:.1})\"/>",
        to.x, to.y
    ));
    if let Some(room) = way.label {
        draw_label(edge.above.as_ref(), room, true, out);
        draw_label(edge.below.as_ref(), room, false, out);
    }
    out.line("</g>");
}

fn draw_label(label: Option<&Label>, room: Rectangle, above: bool, out: &mut Writer) {
    let Some(label) = label else { return };
    let class = if above { "value" } else { "gradient" };
    let text = if above { label.text.clone() } else { format!("← {}", label.text) };
    let baseline = if above { room.y - GAP - 1.0 } else { room.y + GAP + 11.0 };
    out.text(class, room.x, baseline, 13.0, "middle", &text);
    let middle = if above { baseline - LINE - BARS / 2.0 + 2.0 } else { baseline + 4.0 + BARS / 2.0 };
    out.bars(class, &label.bars, room.x, middle, BARS);
}

fn draw_groups(scene: &Scene, layout: &Layout, out: &mut Writer) {
    let levels = levels(scene);
    for (at, (group, place)) in scene.groups.iter().zip(&layout.groups).enumerate() {
        let room = 4.0 + 14.0 * (levels[at] as f64 + 1.0);
        let side = 4.0 * (levels[at] as f64 + 1.0);
        let class = group.mark.map_or("", Mark::word);
        out.line(&format!(
            "<g data-group=\"{at}\"><rect class=\"group {class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"8\"/>",
            place.left() - side,
            place.top() - room,
            place.width + 2.0 * side,
            place.height + room + side,
        ));
        let word = group.mark.filter(|&mark| mark != Mark::Ok).map(Mark::word);
        let title = word.map_or(group.title.clone(), |word| format!("{} — {word}", group.title));
        out.text("faint", place.left() - side + 8.0, place.top() - room + 13.0, SMALL, "start", &title);
        out.line("</g>");
    }
}

/// How many groups lie inside each other within each group.
fn levels(scene: &Scene) -> Vec<usize> {
    let mut levels = vec![0; scene.groups.len()];
    // Outer groups stand first, so that inner ones are complete when met from behind.
    for at in (0..scene.groups.len()).rev() {
        if let Some(outer) = scene.groups[at].parent {
            levels[outer] = levels[outer].max(levels[at] + 1);
        }
    }
    levels
}

fn draw_ports(scene: &Scene, routes: &Routes, out: &mut Writer) {
    for (edge, end) in scene.edges.iter().zip(&routes.ends) {
        let (Some(port), Some(at)) = (edge.port, end.port) else { continue };
        out.text("faint", at.x, at.y, 10.0, "start", port);
    }
}
