//! Where everything stands, left to right, in columns: items and labels do not
//! overlap, and edges run level through columns and bend only between them.
//!
//! Columns and heights are dagre's, by `dugong`; the widths between columns are
//! made to measure here.

use super::{
    order::Order,
    scene::{Edge, Form, Group, Item, Scene},
};
use dugong::{
    EdgeLabel, GraphLabel, LayoutError, NodeLabel, RankDir, WorkControl, WorkError,
    graphlib::{EdgeKey, Graph, GraphOptions},
};

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

/// A level part of an edge's way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    pub left: f64,
    pub right: f64,
    pub y: f64,
}

/// The way of an edge: level through each column, from its start to its end.
#[derive(Debug, Clone, Default)]
pub struct Way {
    pub levels: Vec<Level>,
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

/// The heights between which an edge rises or falls.
pub type Slope = (f64, f64);

/// Width and height.
pub type Size = (f64, f64);

/// How large things are in the units of the picture.
pub struct Sizes<'a> {
    /// Of an item, by its number.
    pub item: &'a dyn Fn(usize) -> Size,
    pub label: &'a dyn Fn(&Edge) -> Size,
    /// How far below the middle of an item an edge arrives, as the n-th of so many;
    /// the second is the item's height.
    pub port: &'a dyn Fn(&Item, f64, usize, usize) -> f64,
    /// Between two columns: how wide, for edges from one height to another.
    pub between: &'a dyn Fn(&[Slope]) -> f64,
    /// How wide a group is at least, and the room at its top and at its bottom.
    pub group: &'a dyn Fn(&Group) -> f64,
    pub lintel: f64,
    pub sill: f64,
    /// Between items above each other.
    pub apart: f64,
    pub margin: f64,
}

/// The stack that a layout may use: dagre walks the graph by recursion.
const STACK: usize = 1 << 28;

/// Steps of dagre's own counting that a layout may take.
const MOST_WORK: usize = 400_000_000;

/// A layout that would take too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this picture would take too long to lay out: its edges reach too far")]
pub struct TooTangled;

struct Budget(usize);

impl WorkControl for Budget {
    fn charge(&mut self, units: usize) -> Result<(), WorkError> {
        self.0 = self.0.checked_sub(units).ok_or(WorkError::Interrupted)?;
        Ok(())
    }
}

impl Layout {
    /// # Errors
    /// The scene is so tangled that nobody would wait for it.
    pub fn of(scene: &Scene, sizes: &Sizes) -> Result<Self, TooTangled> {
        if scene.items.is_empty() {
            return Ok(Self::default());
        }
        let order = Order::of(scene);
        let mut graph = whole(scene, sizes, &order);
        let done: Result<(), LayoutError> =
            stacker::grow(STACK, || dugong::layout_controlled(&mut graph, &mut Budget(MOST_WORK)));
        done.map_err(|_| TooTangled)?;
        Ok(super::columns::measured(scene, sizes, &read(scene, &graph)))
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

fn whole(scene: &Scene, sizes: &Sizes, order: &Order) -> Dagre {
    let compound = !scene.groups.is_empty();
    let depths = depths(scene, order);
    let mut graph = Dagre::new(GraphOptions { multigraph: true, compound, directed: true });
    graph.set_graph(GraphLabel {
        rankdir: RankDir::LR,
        nodesep: sizes.apart,
        edgesep: sizes.apart,
        ranksep: 40.0,
        ..GraphLabel::default()
    });
    graph.set_default_node_label(NodeLabel::default);
    graph.set_default_edge_label(EdgeLabel::default);
    // Whatever crosses as little either way stands in the order in which it is added.
    for &at in &order.items {
        let (width, height) = (sizes.item)(at);
        graph.set_node(item_id(at), NodeLabel { width, height, ..NodeLabel::default() });
    }
    for (at, group) in scene.groups.iter().enumerate() {
        graph.set_node(group_id(at), NodeLabel::default());
        if let Some(outer) = group.parent {
            graph.set_parent(group_id(at), group_id(outer));
        }
    }
    for &at in &order.items {
        if let Some(group) = scene.items[at].group {
            graph.set_parent(item_id(at), group_id(group));
        }
    }
    for &at in &order.edges {
        let edge = &scene.edges[at];
        let (width, height) = (sizes.label)(edge);
        // Ports stand at the left of their group, however far inside their users are.
        let minlen = match scene.items[edge.from].form {
            Form::Port => depths[edge.to].max(1),
            _ => 1,
        };
        let label = EdgeLabel { width, height, minlen, weight: 1.0, ..EdgeLabel::default() };
        graph.set_edge_key(edge_key(at, edge), label);
    }
    graph
}

/// How many items of its own group each item stands behind.
fn depths(scene: &Scene, order: &Order) -> Vec<usize> {
    let mut depths = vec![0; scene.items.len()];
    // Every edge stands here before those that its end sends on.
    for edge in order.edges.iter().map(|&at| &scene.edges[at]) {
        if scene.items[edge.from].group == scene.items[edge.to].group {
            depths[edge.to] = depths[edge.to].max(depths[edge.from] + 1);
        }
    }
    depths
}

fn read(scene: &Scene, graph: &Dagre) -> Layout {
    let rectangle = |label: Option<&NodeLabel>| {
        let label = label.cloned().unwrap_or_default();
        let (x, y) = (label.x.unwrap_or(0.0), label.y.unwrap_or(0.0));
        Rectangle { x, y, width: label.width, height: label.height }
    };
    let way = |at: usize, edge: &Edge| {
        let Some(label) = graph.edge_by_key(&edge_key(at, edge)) else { return Way::default() };
        // The first and the last point lie on the outlines of the items.
        let inner = label.points.get(1..label.points.len().saturating_sub(1)).unwrap_or(&[]);
        let levels = inner.iter().map(|point| Level { left: point.x, right: point.x, y: point.y });
        let room = label.x.zip(label.y).filter(|_| label.width > 0.0);
        let room = room.map(|(x, y)| Rectangle { x, y, width: label.width, height: label.height });
        Way { levels: levels.collect(), label: room }
    };
    Layout {
        items: (0..scene.items.len()).map(|at| rectangle(graph.node(&item_id(at)))).collect(),
        groups: (0..scene.groups.len()).map(|at| rectangle(graph.node(&group_id(at)))).collect(),
        ways: scene.edges.iter().enumerate().map(|(at, edge)| way(at, edge)).collect(),
        ..Layout::default()
    }
}
