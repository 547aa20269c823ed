//! Where a picture is broken into rows: between columns, where few edges go.

use super::super::{
    place::Layout,
    scene::{Form, Scene},
};
use std::collections::BTreeMap;

/// What one edge too many from row to row costs, as a part of a picture's squared
/// excess of width.
const CROSSING: f64 = 0.12;

/// What stands in the row where it is first used, and not where its column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gathered {
    /// Leaves, and where they come into blocks.
    All,
    Leaves,
    /// So that no row is longer than it must be.
    Nothing,
}

/// The columns of a layout in one row.
pub struct Columns {
    /// For each item its column.
    of: Vec<usize>,
    /// From where to where each reaches.
    spans: Vec<(f64, f64)>,
    /// How many values go from before each column to it or behind.
    crossed: Vec<usize>,
}

impl Columns {
    pub fn of(scene: &Scene, layout: &Layout) -> Self {
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
    pub fn starts(&self, rows: usize) -> Option<Vec<usize>> {
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

    /// The row of every item.
    pub fn rows(&self, scene: &Scene, starts: &[usize], gathered: Gathered) -> Vec<usize> {
        let row = |item: usize| starts.partition_point(|&start| start <= self.of[item]) - 1;
        let mut rows: Vec<usize> = (0..scene.items.len()).map(row).collect();
        let mut is_made = vec![false; scene.items.len()];
        scene.edges.iter().for_each(|edge| is_made[edge.to] = true);
        let passes: &[&[Form]] = match gathered {
            Gathered::All => &[&[Form::Port], &[]],
            Gathered::Leaves => &[&[]],
            Gathered::Nothing => &[],
        };
        for forms in passes {
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
