//! The layouts of all rows as one, and the ways of edges between them.

use super::{
    super::place::{Layout, Level, Rectangle, Turn, Way},
    broken::Broken,
};
use std::collections::BTreeMap;

/// The room for edges between rows.
pub struct Lanes {
    /// From one line to the next.
    pub apart: f64,
    /// Between the lines and the rows.
    pub around: f64,
}

/// The rows below each other, with lanes between them.
pub fn stacked(broken: &Broken, laid: &[Layout], lanes: &Lanes) -> Layout {
    let scene = &broken.scene;
    let nowhere = Rectangle { x: 0.0, y: 0.0, width: 0.0, height: 0.0 };
    let mut layout = Layout {
        items: vec![nowhere; scene.items.len()],
        ways: vec![Way::default(); scene.edges.len()],
        groups: vec![nowhere; scene.groups.len()],
        ..Layout::default()
    };
    let row_of = |turn: usize| broken.items[turn];
    let passing = broken.turns.iter().filter(|&&(from, to)| row_of(to) > row_of(from) + 1).count();
    let sides = |count: usize| if count > 0 { lanes.around + lanes.apart * count as f64 } else { 0.0 };
    let aside = sides(broken.turns.len().min(3) + passing);
    // Lanes above each row, and where they begin.
    let above = |row: usize| {
        let comes = |&&(from, to): &&(usize, usize)| {
            row_of(from) + 1 == row || (row_of(to) == row && row_of(from) + 1 < row)
        };
        broken.turns.iter().filter(comes).count()
    };
    let mut gutters = vec![0.0; laid.len()];
    let mut bottom = 0.0;
    for (row, placed) in laid.iter().enumerate() {
        if row > 0 {
            gutters[row] = bottom + lanes.around;
            bottom += 2.0 * lanes.around + lanes.apart * above(row).saturating_sub(1) as f64;
        }
        let moved = |r: &Rectangle| Rectangle { x: r.x + aside, y: r.y + bottom, ..*r };
        let [items, edges, groups] = broken.row(row).1;
        items.iter().zip(&placed.items).for_each(|(&at, place)| layout.items[at] = moved(place));
        groups.iter().zip(&placed.groups).for_each(|(&at, place)| layout.groups[at] = moved(place));
        for (&at, way) in edges.iter().zip(&placed.ways) {
            let level = |level: &Level| Level {
                left: level.left + aside,
                right: level.right + aside,
                y: level.y + bottom,
            };
            layout.ways[at] =
                Way { levels: way.levels.iter().map(level).collect(), label: way.label.as_ref().map(moved) };
        }
        layout.width = layout.width.max(placed.width + aside);
        layout.rows.push(bottom);
        bottom += placed.height;
    }
    layout.height = bottom;
    turn(broken, lanes, &gutters, &mut layout);
    layout
}

/// Draws the way of every edge from row to row: down beside the column that it leaves,
/// back between the rows, and down beside the column that it comes to.
fn turn(broken: &Broken, lanes: &Lanes, gutters: &[f64], layout: &mut Layout) {
    let mut turns = broken.turns.clone();
    // What leaves higher turns farther out, so that the lines do not cross.
    turns.sort_by(|a, b| layout.items[b.0].y.total_cmp(&layout.items[a.0].y));
    let mut in_gutter = vec![0; gutters.len()];
    let mut lane = |row: usize| {
        in_gutter[row] += 1;
        gutters[row] + lanes.apart * f64::from(in_gutter[row] - 1)
    };
    let (mut beside, mut margin) = (BTreeMap::new(), 0);
    let mut right: f64 = layout.width;
    for (from, to) in turns {
        let (start, end) = (layout.items[from], layout.items[to]);
        let ways = || broken.scene.edges.iter().zip(&layout.ways);
        let leaves = ways().find(|(edge, _)| edge.to == from).and_then(|(_, way)| way.levels.last());
        let comes = ways().find(|(edge, _)| edge.from == to).and_then(|(_, way)| way.levels.first());
        let (leaves, comes) =
            (leaves.map_or(start.x, |level| level.right), comes.map_or(end.x, |level| level.left));
        let (first, last) = (broken.items[from] + 1, broken.items[to]);
        let mut off = |row: usize, x: f64, side: f64| {
            let count = beside.entry((row, (x * 10.0).round() as i64)).or_insert(0.0);
            *count += 1.0;
            x + side * lanes.apart * (*count - 0.3)
        };
        let (out, back) = (off(first - 1, leaves, 1.0), off(last, comes, -1.0));
        right = right.max(out + lanes.apart);
        let under = lane(first);
        let mut corners = vec![(start.x, start.y), (out, start.y), (out, under)];
        if last > first {
            let (far, over) = (lanes.apart * (f64::from(margin) + 0.7), lane(last));
            margin += 1;
            corners.extend([(far, under), (far, over), (back, over)]);
        } else {
            corners.push((back, under));
        }
        corners.extend([(back, end.y), (end.x, end.y)]);
        layout.turns.push(Turn { from, to, corners });
    }
    layout.width = right;
}
