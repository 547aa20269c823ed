//! Edges with what flows along them: the value on one side, the gradient on the other.

use super::{
    super::{
        label::Label,
        place::{Axis, Layout, Rectangle, Size},
        scene::{Edge, Scene},
    },
    content::draw_content,
    line::{line, rounded},
    measure::content_size,
    pen::{Part, Pen},
};

/// Between a label and its line.
const GAP: f64 = 4.0;

/// What says that a gradient comes back.
pub fn sign(axis: Axis) -> &'static str {
    match axis {
        Axis::Right => "←",
        Axis::Down => "↑",
    }
}

/// The room of a label along the axis and across it: half of it on each side of the
/// line.
pub fn label_size(edge: &Edge, axis: Axis) -> Size {
    let size =
        |label: &Option<Label>, sign| label.as_ref().map_or((0.0, 0.0), |label| content_size(label, sign));
    let (above, below) = (size(&edge.above, ""), size(&edge.below, sign(axis)));
    let (width, height) = (above.0.max(below.0), above.1.max(below.1));
    match axis {
        Axis::Right => (width.max(16.0) + 12.0, 2.0 * (if height > 0.0 { height + GAP } else { 6.0 })),
        Axis::Down => (height.max(10.0) + 8.0, 2.0 * (if width > 0.0 { width + 2.0 * GAP } else { 6.0 })),
    }
}

pub fn draw_edge(scene: &Scene, at: usize, layout: &Layout, pen: &mut dyn Pen) {
    let edge = &scene.edges[at];
    let Some(drawn) = line(scene, at, layout) else { return };
    let (from, to) = (&scene.items[edge.from].key, &scene.items[edge.to].key);
    pen.begin(Part::Edge { from, to, input: edge.input, name: &edge.name }, &edge.tip);
    pen.path("edge", &drawn.steps);
    if let Some(head) = &drawn.head {
        pen.path("head", head);
    }
    if let Some(room) = layout.ways[at].label {
        draw_label(edge.above.as_ref(), room, layout.axis, true, pen);
        draw_label(edge.below.as_ref(), room, layout.axis, false, pen);
    }
    pen.end();
}

fn draw_label(label: Option<&Label>, room: Rectangle, axis: Axis, is_above: bool, pen: &mut dyn Pen) {
    let Some(label) = label else { return };
    let (style, sign) = if is_above { ("value", "") } else { ("gradient", sign(axis)) };
    let (width, height) = content_size(label, sign);
    let top = match (axis, is_above) {
        (Axis::Right, true) => (room.x, room.y - GAP - height),
        (Axis::Right, false) => (room.x, room.y + GAP),
        (Axis::Down, true) => (room.x - 2.0 * GAP - width / 2.0, room.y - height / 2.0),
        (Axis::Down, false) => (room.x + 2.0 * GAP + width / 2.0, room.y - height / 2.0),
    };
    draw_content(label, sign, style, top, is_above, pen);
}

/// The ways of edges from row to row.
pub fn draw_turns(layout: &Layout, pen: &mut dyn Pen) {
    for turn in &layout.turns {
        pen.begin(Part::Turn, "");
        pen.path("edge", &rounded(&turn.corners));
        pen.end();
    }
}
