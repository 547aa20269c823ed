//! Edges: level through columns, smooth between them, the value above and the
//! gradient below.

use super::{
    super::{
        label::Label,
        layout::{Layout, Rectangle, Way},
        scene::{Edge, Form, Scene},
    },
    BARS, DOT, LINE, RADIUS, SMALL, TEXT,
    write::{Writer, width_of},
};
use crate::escape::xml;

/// Between a label and its line.
const GAP: f64 = 4.0;

fn label_height(label: Option<&Label>) -> f64 {
    label.map_or(0.0, |label| LINE + GAP + if label.bars.is_empty() { 0.0 } else { BARS })
}

fn label_width(label: Option<&Label>, arrow: &str) -> f64 {
    label.map_or(0.0, |label| {
        let shape = label.shape.as_ref().map_or(0.0, |shape| 8.0 + width_of(shape, SMALL));
        let text = width_of(&format!("{arrow}{}", label.text), TEXT);
        text.max(super::write::bars_width(&label.bars) + shape)
    })
}

/// The room of a label, half of it above the line and half below.
pub fn label_size(edge: &Edge) -> (f64, f64) {
    let width = label_width(edge.above.as_ref(), "").max(label_width(edge.below.as_ref(), "← "));
    let height = label_height(edge.above.as_ref()).max(label_height(edge.below.as_ref()));
    (width.max(16.0) + 12.0, 2.0 * height.max(6.0))
}

/// Where an edge leaves or meets an item at a height: half its width there.
fn reach(form: Form, place: Rectangle, y: f64) -> f64 {
    match form {
        Form::Circle => (RADIUS * RADIUS - (y - place.y).powi(2)).max(0.0).sqrt(),
        Form::Port => DOT,
        _ => place.width / 2.0,
    }
}

pub fn draw_edge(scene: &Scene, at: usize, way: &Way, layout: &Layout, out: &mut Writer) {
    let edge = &scene.edges[at];
    let (from, to) = (&scene.items[edge.from], &scene.items[edge.to]);
    let (start, end) = (layout.items[edge.from], layout.items[edge.to]);
    let (Some(first), Some(last)) = (way.levels.first(), way.levels.last()) else { return };
    let (from_key, to_key) = (xml(&from.key), xml(&to.key));
    out.line(&format!(
        "<g class=\"use\" id=\"edge-{from_key}-{to_key}-{}\" data-name=\"{}\" data-from=\"{from_key}\" data-to=\"{to_key}\">",
        edge.input,
        xml(&edge.name),
    ));
    out.title(&edge.tip);
    let tip = end.x - reach(to.form, end, last.y);
    let line_end = if to.form == Form::Port { tip } else { tip - 6.0 };
    let mut path = format!("M{:.1} {:.1}", start.x + reach(from.form, start, first.y), first.y);
    for (at, level) in way.levels.iter().enumerate() {
        if let Some(next) = way.levels.get(at + 1) {
            let (a, b) = (level.right, next.left);
            if (level.y - next.y).abs() < 0.05 {
                continue;
            }
            let middle = (a + b) / 2.0;
            path.push_str(&format!(
                "L{a:.1} {0:.1}C{middle:.1} {0:.1} {middle:.1} {1:.1} {b:.1} {1:.1}",
                level.y, next.y
            ));
        }
    }
    path.push_str(&format!("L{line_end:.1} {:.1}", last.y));
    out.line(&format!("<path class=\"edge\" d=\"{path}\"/>"));
    if to.form != Form::Port {
        out.line(&format!("<path class=\"head\" d=\"M{tip:.1} {:.1}l-8 -3.6v7.2z\"/>", last.y));
    }
    if let Some(room) = way.label {
        draw_label(edge.above.as_ref(), room, true, out);
        draw_label(edge.below.as_ref(), room, false, out);
    }
    match (edge.port, to.form) {
        (Some(port), Form::Circle) => {
            let baseline = if last.y > end.y { last.y + 11.0 } else { last.y - 4.0 };
            out.text("faint", tip - 9.0, baseline, 10.0, "end", port);
        }
        (Some(port), _) => out.text("faint", tip + 5.0, last.y + 3.5, 10.0, "start", port),
        (None, _) => {}
    }
    out.line("</g>");
}

fn draw_label(label: Option<&Label>, room: Rectangle, above: bool, out: &mut Writer) {
    let Some(label) = label else { return };
    let class = if above { "value" } else { "gradient" };
    let text = if above { label.text.clone() } else { format!("← {}", label.text) };
    let baseline = if above { room.y - GAP - 1.0 } else { room.y + GAP + 11.0 };
    out.text(class, room.x, baseline, TEXT, "middle", &text);
    let middle = if above { baseline - LINE - BARS / 2.0 + 3.0 } else { baseline + 3.0 + BARS / 2.0 };
    let shape = label.shape.as_ref().map_or(0.0, |shape| 8.0 + width_of(shape, SMALL));
    out.bars(class, &label.bars, room.x - shape / 2.0, middle, BARS);
    if let Some(shape) = &label.shape {
        let right = room.x - shape_half(label) + super::write::bars_width(&label.bars) + 8.0;
        out.text("faint", right, middle + 4.0, SMALL, "start", shape);
    }
}

/// Half the width of bars with a shape beside them.
fn shape_half(label: &Label) -> f64 {
    let shape = label.shape.as_ref().map_or(0.0, |shape| 8.0 + width_of(shape, SMALL));
    (super::write::bars_width(&label.bars) + shape) / 2.0
}
