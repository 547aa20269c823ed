//! Columns made to measure: each as wide as what stands in it, and as far from the
//! next as the edges between them need.

use super::{
    place::{Layout, Level, Rectangle, Sizes, Way},
    scene::Scene,
};
use std::collections::BTreeMap;

/// A column, by the middle that it had at first.
#[derive(Debug, Clone, Copy, Default)]
struct Column {
    width: f64,
    left: f64,
}

/// Middles that differ by less are one.
const GRAIN: f64 = 10.0;

fn key(x: f64) -> i64 {
    (x * GRAIN).round() as i64
}

struct Columns {
    all: Vec<Column>,
    at: BTreeMap<i64, usize>,
}

impl Columns {
    fn of(layout: &Layout) -> Self {
        let mut widths: BTreeMap<i64, f64> = BTreeMap::new();
        let mut add = |x: f64, width: f64| {
            let known = widths.entry(key(x)).or_default();
            *known = known.max(width);
        };
        layout.items.iter().for_each(|item| add(item.x, item.width));
        for way in &layout.ways {
            way.levels.iter().for_each(|level| add(level.left, 0.0));
            way.label.iter().for_each(|label| add(label.x, label.width));
        }
        for group in &layout.groups {
            add(group.left(), 0.0);
            add(group.right(), 0.0);
        }
        let at = widths.keys().enumerate().map(|(at, &key)| (key, at)).collect();
        let all = widths.values().map(|&width| Column { width, left: 0.0 }).collect();
        Self { all, at }
    }

    fn find(&self, x: f64) -> usize {
        self.at.get(&key(x)).copied().unwrap_or(0)
    }

    fn middle(&self, at: usize) -> f64 {
        self.all[at].left + self.all[at].width / 2.0
    }

    fn right(&self, at: usize) -> f64 {
        self.all[at].left + self.all[at].width
    }
}

/// An edge's stops: column and height.
type Stops = Vec<(usize, f64)>;

/// A layout with columns of these sizes, from one whose middles tell its columns.
pub fn measured(scene: &Scene, sizes: &Sizes, rough: &Layout) -> Layout {
    let mut columns = Columns::of(rough);
    let ports = ports(scene, sizes, rough);
    let stops: Vec<Stops> = scene
        .edges
        .iter()
        .enumerate()
        .map(|(at, edge)| {
            let (from, to) = (rough.items[edge.from], rough.items[edge.to]);
            let mut stops = vec![(columns.find(from.x), from.y)];
            stops.extend(rough.ways[at].levels.iter().map(|level| (columns.find(level.left), level.y)));
            stops.push((columns.find(to.x), to.y + ports[at]));
            stops
        })
        .collect();
    let mut between: Vec<Vec<(f64, f64)>> = vec![Vec::new(); columns.all.len()];
    for pair in stops.iter().flat_map(|stops| stops.windows(2)) {
        between[pair[0].0].push((pair[0].1, pair[1].1));
    }
    let mut left = sizes.margin;
    for (column, slopes) in columns.all.iter_mut().zip(&between) {
        column.left = left;
        left += column.width + (sizes.between)(slopes);
    }
    for (group, place) in scene.groups.iter().zip(&rough.groups).rev() {
        let (left, right) = (columns.find(place.left()), columns.find(place.right()));
        let lacks = (sizes.group)(group) - (columns.middle(right) - columns.middle(left));
        if lacks > 0.0 {
            columns.all[left + 1..].iter_mut().for_each(|column| column.left += lacks / 2.0);
            columns.all[right..].iter_mut().for_each(|column| column.left += lacks / 2.0);
        }
    }
    let top = top(rough) - sizes.margin;
    let place = |r: &Rectangle| Rectangle { x: columns.middle(columns.find(r.x)), y: r.y - top, ..*r };
    let group = |r: &Rectangle| {
        let (left, right) = (columns.find(r.left()), columns.find(r.right()));
        let (left, right) = (columns.middle(left), columns.middle(right));
        Rectangle { x: (left + right) / 2.0, y: r.y - top, width: right - left, height: r.height }
    };
    let mut layout = Layout {
        items: rough.items.iter().map(place).collect(),
        groups: rough.groups.iter().map(group).collect(),
        ..Layout::default()
    };
    layout.ways = stops
        .into_iter()
        .zip(&rough.ways)
        .map(|(stops, way)| Way {
            levels: stops
                .into_iter()
                .map(|(at, y)| Level { left: columns.all[at].left, right: columns.right(at), y: y - top })
                .collect(),
            label: way.label.as_ref().map(place),
        })
        .collect();
    tighten(scene, sizes, &mut layout);
    layout.width = columns.all.len().checked_sub(1).map_or(0.0, |last| columns.right(last)) + sizes.margin;
    layout.height = bottom(&layout) + sizes.margin;
    layout
}

/// Draws groups closer around what is in them.
fn tighten(scene: &Scene, sizes: &Sizes, layout: &mut Layout) {
    let mut within: Vec<Vec<(f64, f64)>> = vec![Vec::new(); scene.groups.len()];
    for (item, place) in scene.items.iter().zip(&layout.items) {
        within
            .get_mut(item.group.unwrap_or(usize::MAX))
            .into_iter()
            .for_each(|all| all.push((place.top(), place.bottom())));
    }
    for (edge, way) in scene.edges.iter().zip(&layout.ways) {
        let Some(group) = common(scene, edge.from, edge.to) else { continue };
        within[group].extend(way.label.iter().map(|label| (label.top(), label.bottom())));
        within[group].extend(way.levels.iter().map(|level| (level.y, level.y)));
    }
    // Inner groups stand behind the outer ones.
    for at in (0..scene.groups.len()).rev() {
        let place = &mut layout.groups[at];
        let top = within[at].iter().map(|&(top, _)| top).fold(f64::INFINITY, f64::min) - sizes.lintel;
        let bottom =
            within[at].iter().map(|&(_, bottom)| bottom).fold(f64::NEG_INFINITY, f64::max) + sizes.sill;
        if top < bottom {
            let (top, bottom) = (top.max(place.top()), bottom.min(place.bottom()));
            (place.y, place.height) = ((top + bottom) / 2.0, bottom - top);
        }
        if let Some(outer) = scene.groups[at].parent {
            within[outer].push((place.top(), place.bottom()));
        }
    }
}

/// The innermost group that two items share.
pub fn common(scene: &Scene, a: usize, b: usize) -> Option<usize> {
    let (mut a, mut b) = (scene.items[a].group?, scene.items[b].group?);
    // Outer groups stand first, so that the later of two is never around the other.
    while a != b {
        let deeper = if a > b { &mut a } else { &mut b };
        *deeper = scene.groups[*deeper].parent?;
    }
    Some(a)
}

/// How far from the middle of its item each edge arrives: from top to bottom as
/// they come.
fn ports(scene: &Scene, sizes: &Sizes, rough: &Layout) -> Vec<f64> {
    let mut arriving: Vec<Vec<usize>> = vec![Vec::new(); scene.items.len()];
    for (at, edge) in scene.edges.iter().enumerate() {
        arriving[edge.to].push(at);
    }
    let comes_at = |at: usize| {
        let start = rough.items[scene.edges[at].from].y;
        rough.ways[at].levels.last().map_or(start, |level| level.y)
    };
    let mut ports = vec![0.0; scene.edges.len()];
    for (item, mut edges) in arriving.into_iter().enumerate() {
        edges.sort_by(|&a, &b| {
            comes_at(a).total_cmp(&comes_at(b)).then(scene.edges[a].input.cmp(&scene.edges[b].input))
        });
        let count = edges.len();
        for (rank, at) in edges.into_iter().enumerate() {
            ports[at] = (sizes.port)(&scene.items[item], rough.items[item].height, rank, count);
        }
    }
    ports
}

fn rectangles(layout: &Layout) -> impl Iterator<Item = &Rectangle> {
    let labels = layout.ways.iter().filter_map(|way| way.label.as_ref());
    layout.items.iter().chain(&layout.groups).chain(labels)
}

fn heights(layout: &Layout) -> impl Iterator<Item = f64> {
    layout.ways.iter().flat_map(|way| &way.levels).map(|level| level.y)
}

fn top(layout: &Layout) -> f64 {
    rectangles(layout).map(|r| r.top()).chain(heights(layout)).fold(f64::INFINITY, f64::min)
}

fn bottom(layout: &Layout) -> f64 {
    rectangles(layout).map(|r| r.bottom()).chain(heights(layout)).fold(0.0, f64::max)
}
