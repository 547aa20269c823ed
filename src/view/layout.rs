//! Where everything stands, left to right: boxes without overlap, edges with room
//! for their labels. The layering is dagre's, by `dugong`.

use super::scene::{Edge, Item, Scene};
use dugong::{
    EdgeLabel, GraphLabel, NodeLabel, RankDir,
    graphlib::{EdgeKey, Graph, GraphOptions},
};

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// A rectangle by its centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rectangle {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rectangle {
    pub fn left(self) -> f64 {
        self.x - self.width / 2.0
    }

    pub fn right(self) -> f64 {
        self.x + self.width / 2.0
    }

    pub fn top(self) -> f64 {
        self.y - self.height / 2.0
    }

    pub fn bottom(self) -> f64 {
        self.y + self.height / 2.0
    }

    pub fn overlaps(self, other: Self) -> bool {
        let apart = |a: f64, b: f64, room: f64| (a - b).abs() >= room - 1e-6;
        !apart(self.x, other.x, (self.width + other.width) / 2.0)
            && !apart(self.y, other.y, (self.height + other.height) / 2.0)
    }
}

/// The way of an edge between its two items.
#[derive(Debug, Clone, Default)]
pub struct Way {
    /// Bends, from left to right.
    pub bends: Vec<Point>,
    /// The room of the label; the edge crosses it at half its height.
    pub label: Option<Rectangle>,
}

/// A scene with a place for everything.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    pub width: f64,
    pub height: f64,
    pub items: Vec<Rectangle>,
    pub ways: Vec<Way>,
    pub groups: Vec<Rectangle>,
}

/// How large things are in the units of the picture.
pub struct Sizes<'a> {
    pub item: &'a dyn Fn(&Item) -> (f64, f64),
    pub label: &'a dyn Fn(&Edge) -> (f64, f64),
    /// Between items above each other.
    pub apart: f64,
    /// Between columns.
    pub columns: f64,
    pub margin: f64,
}

/// The stack that a layout may use: dagre walks the graph by recursion.
const STACK: usize = 1 << 30;

impl Layout {
    pub fn of(scene: &Scene, sizes: &Sizes) -> Self {
        if scene.items.is_empty() {
            return Self::default();
        }
        let mut graph = whole(scene, sizes);
        stacker::grow(STACK, || dugong::layout(&mut graph)).unwrap();
        read(scene, &graph, sizes.margin)
    }
}

type Dagre = Graph<NodeLabel, EdgeLabel, GraphLabel>;

fn item_id(at: usize) -> String {
    format!("i{at}")
}

fn group_id(at: usize) -> String {
    format!("g{at}")
}

fn edge_key(at: usize, edge: &Edge) -> EdgeKey {
    EdgeKey::new(item_id(edge.from), item_id(edge.to), Some(format!("e{at}")))
}

fn whole(scene: &Scene, sizes: &Sizes) -> Dagre {
    let compound = !scene.groups.is_empty();
    let mut graph = Dagre::new(GraphOptions { multigraph: true, compound, directed: true });
    // The simplex takes too long on large graphs; the longest path is good enough there.
    let ranker = (scene.items.len() > 400).then(|| "longest-path".to_string());
    graph.set_graph(GraphLabel {
        rankdir: RankDir::LR,
        nodesep: sizes.apart,
        edgesep: sizes.apart / 2.0,
        ranksep: sizes.columns,
        ranker,
        ..GraphLabel::default()
    });
    graph.set_default_node_label(NodeLabel::default);
    graph.set_default_edge_label(EdgeLabel::default);
    for (at, item) in scene.items.iter().enumerate() {
        let (width, height) = (sizes.item)(item);
        graph.set_node(item_id(at), NodeLabel { width, height, ..NodeLabel::default() });
    }
    for (at, group) in scene.groups.iter().enumerate() {
        graph.set_node(group_id(at), NodeLabel::default());
        if let Some(outer) = group.parent {
            graph.set_parent(group_id(at), group_id(outer));
        }
    }
    for (at, item) in scene.items.iter().enumerate() {
        if let Some(group) = item.group {
            graph.set_parent(item_id(at), group_id(group));
        }
    }
    for (at, edge) in scene.edges.iter().enumerate() {
        let (width, height) = (sizes.label)(edge);
        let label = EdgeLabel { width, height, weight: 1.0, ..EdgeLabel::default() };
        graph.set_edge_key(edge_key(at, edge), label);
    }
    graph
}

fn read(scene: &Scene, graph: &Dagre, margin: f64) -> Layout {
    let rectangle = |label: Option<&NodeLabel>| {
        let label = label.cloned().unwrap_or_default();
        let (x, y) = (label.x.unwrap_or(0.0), label.y.unwrap_or(0.0));
        Rectangle { x, y, width: label.width, height: label.height }
    };
    let mut layout = Layout {
        items: (0..scene.items.len()).map(|at| rectangle(graph.node(&item_id(at)))).collect(),
        groups: (0..scene.groups.len()).map(|at| rectangle(graph.node(&group_id(at)))).collect(),
        ..Layout::default()
    };
    layout.ways = scene
        .edges
        .iter()
        .enumerate()
        .map(|(at, edge)| graph.edge_by_key(&edge_key(at, edge)).map(way).unwrap_or_default())
        .collect();
    layout.shift(margin);
    layout
}

fn way(label: &EdgeLabel) -> Way {
    let bends: Vec<Point> = label.points.iter().map(|point| Point { x: point.x, y: point.y }).collect();
    let inner = bends.get(1..bends.len().saturating_sub(1)).unwrap_or(&[]).to_vec();
    let room = label.x.zip(label.y).filter(|_| label.width > 0.0);
    let room = room.map(|(x, y)| Rectangle { x, y, width: label.width, height: label.height });
    Way { bends: inner, label: room }
}

impl Layout {
    /// Moves all so that it begins at the margin, and measures the whole.
    fn shift(&mut self, margin: f64) {
        let labels = self.ways.iter().filter_map(|way| way.label);
        let all: Vec<Rectangle> =
            self.items.iter().chain(&self.groups).copied().chain(labels).collect();
        let bends = self.ways.iter().flat_map(|way| &way.bends);
        let least = |of: &dyn Fn(&Rectangle) -> f64| all.iter().map(of).fold(f64::INFINITY, f64::min);
        let left = least(&|r| r.left()) - margin;
        let top = bends.map(|bend| bend.y).fold(least(&|r| r.top()), f64::min) - margin;
        let move_by = |r: &mut Rectangle| (r.x, r.y) = (r.x - left, r.y - top);
        self.items.iter_mut().chain(&mut self.groups).for_each(move_by);
        for way in &mut self.ways {
            way.label.iter_mut().for_each(move_by);
            way.bends.iter_mut().for_each(|p| (p.x, p.y) = (p.x - left, p.y - top));
        }
        let bottoms = self.ways.iter().flat_map(|way| &way.bends).map(|bend| bend.y);
        self.width = all.iter().map(|r| r.right()).fold(0.0, f64::max) - left + margin;
        self.height =
            all.iter().map(|r| r.bottom() - top).chain(bottoms).fold(0.0, f64::max) + margin;
    }
}
