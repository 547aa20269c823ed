//! The line of an edge: level through columns, smooth between them, from the outline
//! of one item to the base of the arrow head that touches the other.

use super::{
    super::{
        place::{Layout, Rectangle},
        scene::{Form, Scene},
    },
    item::{DOT, RADIUS},
    pen::{Point, Step},
};

/// The length of an arrow head, and half its width.
pub const HEAD: (f64, f64) = (8.0, 3.6);

/// The radius of a corner.
const CORNER: f64 = 7.0;

/// An edge as it is drawn.
pub struct Line {
    pub steps: Vec<Step>,
    /// The outline of the head, where it has one.
    pub head: Option<[Step; 4]>,
}

/// Where an edge leaves or meets an item, so far across from its middle: half the
/// length of the item there.
fn reach(form: Form, place: Rectangle, across: f64) -> f64 {
    match form {
        Form::Circle => (RADIUS * RADIUS - (across - place.y).powi(2)).max(0.0).sqrt(),
        Form::Port => DOT,
        Form::Turn => 0.0,
        _ => place.width / 2.0,
    }
}

/// The line of an edge; nothing where it has no way.
pub fn line(scene: &Scene, at: usize, layout: &Layout) -> Option<Line> {
    let (edge, levels) = (&scene.edges[at], &layout.ways[at].levels);
    let (first, last) = (levels.first()?, levels.last()?);
    let room = |item: usize| layout.axis.turned_room(layout.items[item]);
    let (start, end) = (room(edge.from), room(edge.to));
    let tip = end.x - reach(scene.items[edge.to].form, end, last.y);
    let is_arrow = edge.is_arrow(scene);
    let stop = if is_arrow { tip - HEAD.0 } else { tip };
    let mut steps = vec![Step::Move((start.x + reach(scene.items[edge.from].form, start, first.y), first.y))];
    for pair in levels.windows(2).filter(|pair| (pair[0].y - pair[1].y).abs() >= 0.05) {
        let (a, b) = (pair[0].right, pair[1].left.min(stop));
        let middle = (a + b) / 2.0;
        steps.push(Step::Line((a, pair[0].y)));
        steps.push(Step::Curve((middle, pair[0].y), (middle, pair[1].y), (b, pair[1].y)));
    }
    steps.push(Step::Line((stop, last.y)));
    let corners = [(tip, last.y), (stop, last.y - HEAD.1), (stop, last.y + HEAD.1)];
    let head = [Step::Move(corners[0]), Step::Line(corners[1]), Step::Line(corners[2]), Step::Close];
    let turned = |step: Step| step.map(&|point| layout.axis.turned(point));
    Some(Line { steps: steps.into_iter().map(turned).collect(), head: is_arrow.then(|| head.map(turned)) })
}

/// A line through corners, which are rounded.
pub fn rounded(corners: &[Point]) -> Vec<Step> {
    let mut steps: Vec<Step> = corners.first().map(|&start| Step::Move(start)).into_iter().collect();
    for three in corners.windows(3) {
        let towards = |from: Point, to: Point| {
            let (dx, dy) = (to.0 - from.0, to.1 - from.1);
            let long = dx.hypot(dy);
            let part = if long > 0.0 { CORNER.min(long / 2.0) / long } else { 0.0 };
            (from.0 + dx * part, from.1 + dy * part)
        };
        steps.push(Step::Line(towards(three[1], three[0])));
        steps.push(Step::Curve(three[1], three[1], towards(three[1], three[2])));
    }
    steps.extend(corners.last().map(|&end| Step::Line(end)));
    steps
}
