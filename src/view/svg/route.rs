//! How edges leave, bend and arrive.

use super::super::{
    layout::{Layout, Point, Rectangle, Way},
    scene::{Form, Scene},
};

/// The radius of an op's circle.
pub const RADIUS: f64 = 18.0;

/// Where an edge arrives.
#[derive(Debug, Clone, Copy)]
pub struct End {
    pub at: Point,
    /// The direction of the arrow head, in radians.
    pub angle: f64,
    /// Where the name of the input stands, if it is shown.
    pub port: Option<Point>,
}

/// Both ends of every edge.
pub struct Routes {
    pub starts: Vec<Point>,
    pub ends: Vec<End>,
}

impl Routes {
    pub fn of(scene: &Scene, layout: &Layout) -> Self {
        let start = |edge: &super::Edge| {
            let place = layout.items[edge.from];
            let half = match scene.items[edge.from].form {
                Form::Circle => RADIUS,
                _ => place.width / 2.0,
            };
            Point { x: place.x + half, y: place.y }
        };
        let starts: Vec<Point> = scene.edges.iter().map(start).collect();
        let mut arriving: Vec<Vec<usize>> = vec![Vec::new(); scene.items.len()];
        for (at, edge) in scene.edges.iter().enumerate() {
            arriving[edge.to].push(at);
        }
        let nowhere = End { at: Point { x: 0.0, y: 0.0 }, angle: 0.0, port: None };
        let mut ends = vec![nowhere; scene.edges.len()];
        for (item, mut edges) in arriving.into_iter().enumerate() {
            let place = layout.items[item];
            let written = edges.clone();
            edges.sort_by(|&a, &b| last_height(layout, &starts, a).total_cmp(&last_height(layout, &starts, b)));
            let crossed = edges != written;
            let count = edges.len();
            for (rank, at) in edges.into_iter().enumerate() {
                ends[at] = match scene.items[item].form {
                    Form::Circle => on_circle(place, rank, count, crossed),
                    _ => on_box(place, rank, count),
                };
            }
        }
        Self { starts, ends }
    }
}

fn last_height(layout: &Layout, starts: &[Point], edge: usize) -> f64 {
    let way = &layout.ways[edge];
    way.bends.last().map_or(starts[edge].y, |bend| bend.y)
}

fn on_circle(place: Rectangle, rank: usize, count: usize, crossed: bool) -> End {
    let spread = if count > 1 { 0.85 * (2.0 * rank as f64 / (count - 1) as f64 - 1.0) } else { 0.0 };
    let at = Point { x: place.x - RADIUS * spread.cos(), y: place.y + RADIUS * spread.sin() };
    // Where arguments do not stand from top to bottom, each edge says which it is.
    let above = if spread > 0.0 { 12.0 } else { -5.0 };
    let port = crossed.then_some(Point { x: at.x - 11.0, y: at.y + above });
    End { at, angle: -spread * 0.6, port }
}

fn on_box(place: Rectangle, rank: usize, count: usize) -> End {
    let y = place.top() + place.height * (rank as f64 + 1.0) / (count as f64 + 1.0);
    let at = Point { x: place.left(), y };
    End { at, angle: 0.0, port: Some(Point { x: at.x + 4.0, y: y + 3.5 }) }
}

/// The way of an edge as an SVG path: level along its label, and smooth between.
pub fn path(from: Point, way: &Way, to: Point) -> String {
    let mut points = vec![from];
    for &bend in &way.bends {
        match way.label.filter(|room| (room.x - bend.x).abs() < 0.5 && (room.y - bend.y).abs() < 0.5) {
            Some(room) => {
                points.push(Point { x: room.left(), y: room.y });
                points.push(Point { x: room.right(), y: room.y });
            }
            None => points.push(bend),
        }
    }
    points.push(to);
    let mut path = format!("M{:.1} {:.1}", from.x, from.y);
    for pair in points.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if (a.y - b.y).abs() < 0.05 {
            path.push_str(&format!("L{:.1} {:.1}", b.x, b.y));
        } else {
            let middle = (a.x + b.x) / 2.0;
            path.push_str(&format!(
                "C{middle:.1} {:.1} {middle:.1} {:.1} {:.1} {:.1}",
                a.y, b.y, b.x, b.y
            ));
        }
    }
    path
}
