//! A long picture in rows: the scene is broken where few edges go, each row is laid
//! out by itself, and edges turn from the end of one row to the start of another.

use super::{
    columns::common,
    place::{Layout, Level, Rectangle, TooTangled, Turn, Way},
    scene::{Edge, Form, Group, Item, Scene},
};
use std::collections::BTreeMap;

/// The room for edges between rows.
pub struct Lanes {
    /// From one line to the next.
    pub apart: f64,
    /// Between the lines and the rows.
    pub around: f64,
}

/// What one edge too many from row to row costs, as a part of a picture's squared
/// excess of width.
const CROSSING: f64 = 0.12;

/// The scene in so many rows; nothing where it has not so many columns.
///
/// # Errors
/// A row is too tangled.
pub fn in_rows(
    scene: &Scene,
    straight: &Layout,
    rows: usize,
    lanes: &Lanes,
    lay: &dyn Fn(&Scene) -> Result<Layout, TooTangled>,
) -> Result<Option<(Scene, Layout)>, TooTangled> {
    let columns = Columns::of(scene, straight);
    let Some(starts) = columns.starts(rows) else { return Ok(None) };
    let broken = Broken::of(scene, &columns.rows(scene, &starts));
    let laid = (0..rows).map(|row| lay(&broken.row(row).0)).collect::<Result<Vec<_>, _>>()?;
    let layout = stacked(&broken, &laid, lanes);
    Ok(Some((broken.scene, layout)))
}

/// The columns of a layout in one row.
struct Columns {
    /// For each item its column.
    of: Vec<usize>,
    /// From where to where each reaches.
    spans: Vec<(f64, f64)>,
    /// How many values go from before each column to it or behind.
    crossed: Vec<usize>,
}

impl Columns {
    fn of(scene: &Scene, layout: &Layout) -> Self {
        let mut order: Vec<usize> = (0..scene.items.len()).collect();
        order.sort_by(|&a, &b| layout.items[a].x.total_cmp(&layout.items[b].x));
        let (mut of, mut spans) = (vec![0; scene.items.len()], Vec::<(f64, f64)>::new());
        let mut middle = f64::NEG_INFINITY;
        for at in order {
            let place = layout.items[at];
            if place.x - middle > 0.5 {
                spans.push((place.left(), place.right()));
                middle = place.x;
            }
            let span = spans.last_mut().expect("a column");
            *span = (span.0.min(place.left()), span.1.max(place.right()));
            of[at] = spans.len() - 1;
        }
        let mut ways = BTreeMap::new();
        for edge in scene.edges.iter().filter(|edge| of[edge.from] < of[edge.to]) {
            let end = ways.entry((edge.from, edge.value)).or_insert(0);
            *end = of[edge.to].max(*end);
        }
        let mut crossed = vec![0; spans.len()];
        for ((from, _), end) in ways {
            crossed[of[from] + 1..=end].iter_mut().for_each(|count| *count += 1);
        }
        Self { of, spans, crossed }
    }

    /// The first columns of rows that are about as wide as each other and crossed by
    /// few edges.
    fn starts(&self, rows: usize) -> Option<Vec<usize>> {
        let count = self.spans.len();
        if rows > count {
            return None;
        }
        let whole = (self.spans[count - 1].1 - self.spans[0].0) / rows as f64;
        let cost = |from: usize, to: usize| {
            let width = (self.spans[to - 1].1 - self.spans[from].0) / whole;
            width * width + CROSSING * if from > 0 { self.crossed[from] as f64 } else { 0.0 }
        };
        // For each number of rows and of columns the least cost, and where the last row starts.
        let mut best = vec![vec![(f64::INFINITY, 0); count + 1]; rows + 1];
        best[0][0].0 = 0.0;
        for row in 1..=rows {
            for to in row..=count {
                for from in row - 1..to {
                    let total = best[row - 1][from].0 + cost(from, to);
                    if total < best[row][to].0 {
                        best[row][to] = (total, from);
                    }
                }
            }
        }
        let mut starts = vec![0; rows];
        let mut to = count;
        for row in (1..=rows).rev() {
            to = best[row][to].1;
            starts[row - 1] = to;
        }
        Some(starts)
    }

    /// The row of every item: a leaf, or where it comes into a block, is where it is first used.
    fn rows(&self, scene: &Scene, starts: &[usize]) -> Vec<usize> {
        let row = |item: usize| starts.partition_point(|&start| start <= self.of[item]) - 1;
        let mut rows: Vec<usize> = (0..scene.items.len()).map(row).collect();
        let mut is_made = vec![false; scene.items.len()];
        scene.edges.iter().for_each(|edge| is_made[edge.to] = true);
        for forms in [[Form::Port].as_slice(), &[]] {
            let mut first = vec![usize::MAX; scene.items.len()];
            for edge in &scene.edges {
                first[edge.from] = first[edge.from].min(rows[edge.to]);
            }
            for (at, item) in scene.items.iter().enumerate().filter(|&(at, _)| first[at] != usize::MAX) {
                if forms.contains(&item.form) || !is_made[at] {
                    rows[at] = first[at];
                }
            }
        }
        rows
    }
}

/// A scene with its edges cut from row to row.
struct Broken {
    scene: Scene,
    /// The row of every item and of every group.
    items: Vec<usize>,
    groups: Vec<usize>,
    /// Where an edge leaves a row, and where it comes into another.
    turns: Vec<(usize, usize)>,
}

impl Broken {
    fn of(scene: &Scene, rows: &[usize]) -> Self {
        let mut broken = Self {
            scene: Scene { groups: Vec::new(), edges: Vec::new(), ..scene.clone() },
            items: rows.to_vec(),
            groups: Vec::new(),
            turns: Vec::new(),
        };
        let groups = broken.add_groups(scene);
        broken.add_edges(scene, &groups);
        broken
    }

    /// A group for every row that it has something in, by the row and what it was.
    fn add_groups(&mut self, scene: &Scene) -> BTreeMap<(usize, usize), usize> {
        let mut used = BTreeMap::new();
        for (item, &row) in scene.items.iter().zip(&self.items) {
            let mut group = item.group;
            while let Some(at) = group.filter(|&at| used.insert((row, at), 0).is_none()) {
                group = scene.groups[at].parent;
            }
        }
        let mut has_begun = vec![false; scene.groups.len()];
        for ((row, at), place) in &mut used {
            *place = self.groups.len();
            self.groups.push(*row);
            let group = &scene.groups[*at];
            let goes_on = std::mem::replace(&mut has_begun[*at], true);
            self.scene.groups.push(match goes_on {
                false => group.clone(),
                true => Group {
                    key: format!("{}>row{}", group.key, row + 1),
                    title: format!("{}, continued", group.title),
                    ..group.clone()
                },
            });
        }
        for ((row, at), &place) in &used {
            self.scene.groups[place].parent = scene.groups[*at].parent.map(|outer| used[&(*row, outer)]);
        }
        for (item, &row) in self.scene.items.iter_mut().zip(&self.items) {
            item.group = item.group.map(|group| used[&(row, group)]);
        }
        used
    }

    fn add_edges(&mut self, scene: &Scene, groups: &BTreeMap<(usize, usize), usize>) {
        let (mut leaves, mut comes) = (BTreeMap::new(), BTreeMap::new());
        for edge in &scene.edges {
            let (from, to) = (self.items[edge.from], self.items[edge.to]);
            if from == to {
                self.scene.edges.push(edge.clone());
                continue;
            }
            let around = common(scene, edge.from, edge.to);
            let leaves = *leaves.entry((edge.from, edge.value)).or_insert_with(|| {
                let leaves = self.turn(edge, from, around.and_then(|group| groups.get(&(from, group)).copied()));
                let cut = Edge { to: leaves, input: 0, port: None, above: None, below: None, ..edge.clone() };
                self.scene.edges.push(cut);
                leaves
            });
            // Within the block that both ends are in, so that its frame leaves room for the label.
            let group = around.and_then(|group| groups.get(&(to, group)).copied());
            let comes = *comes.entry((edge.from, edge.value, to, group)).or_insert_with(|| {
                let comes = self.turn(edge, to, group);
                self.turns.push((leaves, comes));
                comes
            });
            self.scene.edges.push(Edge { from: comes, ..edge.clone() });
        }
    }

    fn turn(&mut self, edge: &Edge, row: usize, group: Option<usize>) -> usize {
        let from = &self.scene.items[edge.from];
        let within = group.map_or(String::new(), |group| format!("in{group}"));
        let turn = Item {
            form: Form::Turn,
            key: format!("{}>{}row{}{within}", from.key, edge.name, row + 1),
            sign: String::new(),
            name: None,
            note: None,
            total: None,
            literal: None,
            tip: edge.tip.clone(),
            group,
            mark: None,
            value: edge.value,
        };
        self.scene.items.push(turn);
        self.items.push(row);
        self.scene.items.len() - 1
    }

    /// One row as a scene of its own, and which items, edges and groups are in it.
    fn row(&self, row: usize) -> (Scene, [Vec<usize>; 3]) {
        let of = |rows: &[usize]| (0..rows.len()).filter(|&at| rows[at] == row).collect::<Vec<_>>();
        let (items, groups) = (of(&self.items), of(&self.groups));
        let edges = (0..self.scene.edges.len()).filter(|&at| self.items[self.scene.edges[at].from] == row);
        let edges: Vec<usize> = edges.collect();
        let at = |all: &[usize], one: usize| all.binary_search(&one).expect("in the same row");
        let scene = Scene {
            title: None,
            items: items
                .iter()
                .map(|&item| Item {
                    group: self.scene.items[item].group.map(|group| at(&groups, group)),
                    ..self.scene.items[item].clone()
                })
                .collect(),
            edges: edges
                .iter()
                .map(|&edge| {
                    let edge = &self.scene.edges[edge];
                    Edge { from: at(&items, edge.from), to: at(&items, edge.to), ..edge.clone() }
                })
                .collect(),
            groups: groups
                .iter()
                .map(|&group| Group {
                    parent: self.scene.groups[group].parent.map(|outer| at(&groups, outer)),
                    ..self.scene.groups[group].clone()
                })
                .collect(),
            remarks: Vec::new(),
        };
        (scene, [items, edges, groups])
    }
}

/// The rows below each other, with lanes between them.
fn stacked(broken: &Broken, laid: &[Layout], lanes: &Lanes) -> Layout {
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
            let level = |level: &Level| Level { left: level.left + aside, right: level.right + aside, y: level.y + bottom };
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
        let (leaves, comes) = (leaves.map_or(start.x, |level| level.right), comes.map_or(end.x, |level| level.left));
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
