//! Where everything stands, left to right, in columns: items and labels do not
//! overlap, and edges run level through columns and bend only between them.
//!
//! Columns and heights are dagre's, by `dugong`; the widths between columns are
//! made to measure here.

use super::{
    columns,
    order::Order,
    place::{Axis, Layout, Level, Rectangle, Sizes, TooTangled, Way},
    scene::{Edge, Form, Scene},
};
use dugong::{
    EdgeLabel, GraphLabel, LayoutError, NodeLabel, RankDir, WorkControl, WorkError,
    graphlib::{EdgeKey, Graph, GraphOptions},
};

/// The stack that a layout may use: dagre walks the graph by recursion.
const STACK: usize = 1 << 28;

/// Steps of dagre's own counting that a layout may take.
const MOST_WORK: usize = 400_000_000;

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
        Ok(columns::measured(scene, sizes, &read(scene, &graph)))
    }
}

impl Layout {
    /// A layout along an axis, as the picture has it.
    pub fn along(mut self, axis: Axis) -> Self {
        self.axis = axis;
        (self.width, self.height) = axis.turned((self.width, self.height));
        let labels = self.ways.iter_mut().filter_map(|way| way.label.as_mut());
        for room in self.items.iter_mut().chain(&mut self.groups).chain(labels) {
            *room = axis.turned_room(*room);
        }
        self
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
    let within = depths(scene, order, |edge| scene.items[edge.from].group == scene.items[edge.to].group);
    let depths = depths(scene, order, |_| true);
    let deepest = depths.iter().max().copied().unwrap_or(0);
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
        // Edges turn at the ends of their row.
        let minlen = match (scene.items[edge.from].form, scene.items[edge.to].form) {
            (Form::Port, _) => within[edge.to].max(1),
            (Form::Turn, _) => depths[edge.to].max(1),
            (_, Form::Turn) => deepest.saturating_sub(depths[edge.from]).max(1),
            _ => 1,
        };
        let label = EdgeLabel { width, height, minlen, weight: 1.0, ..EdgeLabel::default() };
        graph.set_edge_key(edge_key(at, edge), label);
    }
    graph
}

/// How many items each item stands behind, along edges that count.
fn depths(scene: &Scene, order: &Order, counts: impl Fn(&Edge) -> bool) -> Vec<usize> {
    let mut depths = vec![0; scene.items.len()];
    // Every edge stands here before those that its end sends on.
    for edge in order.edges.iter().map(|&at| &scene.edges[at]) {
        if counts(edge) {
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
