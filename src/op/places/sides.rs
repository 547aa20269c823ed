//! Axes that go on beyond their ends, and triangles of matrices.

use crate::op::places::rearrange::Run;
use crate::shape::Shape;

/// What stands beyond the ends of an axis, in NumPy's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    Constant,
    Edge,
    Reflect,
    Wrap,
}

/// Along one axis: so many output elements, of which element `before` is the input's first.
#[derive(Debug, Clone, Copy)]
pub struct Side {
    pub input: usize,
    pub before: usize,
    pub output: usize,
}

/// The axes of an output, each longer or shorter than that of the input.
#[derive(Debug)]
pub struct Sides {
    pub axes: Vec<Side>,
    pub beyond: Beyond,
}

impl Sides {
    pub fn shape(&self) -> Shape {
        self.axes.iter().map(|axis| axis.output).collect()
    }

    /// Which element of the input stands at each place of an axis.
    fn places(&self, axis: &Side) -> Vec<Option<usize>> {
        let (length, last) = (axis.input as i64, axis.input.saturating_sub(1) as i64);
        let place = |at: usize| {
            let at = at as i64 - axis.before as i64;
            let within = match self.beyond {
                Beyond::Constant => Some(at).filter(|at| (0..length).contains(at)),
                Beyond::Edge => Some(at.clamp(0, last)),
                Beyond::Wrap => Some(at.rem_euclid(length.max(1))),
                // There and back, without the ends a second time.
                Beyond::Reflect => {
                    let turn = at.rem_euclid((2 * last).max(1));
                    Some(if turn > last { 2 * last - turn } else { turn })
                }
            };
            within.map(|at| at as usize)
        };
        (0..axis.output).map(place).collect()
    }

    /// Calls `visit` with run after run of the output.
    pub fn runs(&self, visit: &mut dyn FnMut(Run)) {
        if self.axes.iter().any(|axis| axis.output == 0) {
            return;
        }
        let Some((inner, outer)) = self.axes.split_last() else {
            return visit(Run { from: Some(0), step: 0, length: 1 });
        };
        let inner = merged(&self.places(inner));
        // For each row of the output, where its row of the input begins.
        let row = self.axes.last().map_or(0, |axis| axis.input);
        let mut starts = vec![Some(0)];
        for axis in outer {
            let places = self.places(axis);
            let step =
                |start: &Option<usize>, place: &Option<usize>| Some((*start)? * axis.input + (*place)?);
            starts = starts.iter().flat_map(|start| places.iter().map(|place| step(start, place))).collect();
        }
        for start in starts {
            for &Run { from, step, length } in &inner {
                let from = start.zip(from).map(|(start, from)| start * row + from);
                visit(Run { from, step, length });
            }
        }
    }
}

/// Places that are evenly apart as one run.
fn merged(places: &[Option<usize>]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for &place in places {
        if let Some(run) = runs.last_mut() {
            match (run.from, place) {
                (None, None) => {
                    run.length += 1;
                    continue;
                }
                (Some(from), Some(place)) => {
                    let step = if run.length == 1 { place as isize - from as isize } else { run.step };
                    if from as isize + step * run.length as isize == place as isize {
                        (run.step, run.length) = (step, run.length + 1);
                        continue;
                    }
                }
                _ => {}
            }
        }
        runs.push(Run { from: place, step: 1, length: 1 });
    }
    runs
}

/// One side of a diagonal in each of some matrices.
#[derive(Debug)]
pub struct Triangle {
    matrices: usize,
    rows: usize,
    columns: usize,
    /// So far the diagonal is to the right of the main one.
    k: i64,
    upper: bool,
}

impl Triangle {
    /// In the matrices of the last two axes.
    pub fn of(shape: &[usize], k: i64, upper: bool) -> Option<Self> {
        let [outer @ .., rows, columns] = shape else { return None };
        Some(Self { matrices: Shape::new(outer).size(), rows: *rows, columns: *columns, k, upper })
    }

    /// Calls `visit` with run after run of the output.
    pub fn runs(&self, visit: &mut dyn FnMut(Run)) {
        if self.rows == 0 || self.columns == 0 {
            return;
        }
        for row in 0..self.matrices * self.rows {
            // The first column on the right, from the diagonal on or behind it.
            let diagonal = (row % self.rows) as i128 + i128::from(self.k) + i128::from(!self.upper);
            let parted = diagonal.clamp(0, self.columns as i128) as usize;
            let start = row * self.columns;
            for (length, kept, from) in
                [(parted, !self.upper, 0), (self.columns - parted, self.upper, parted)]
            {
                if length > 0 {
                    visit(Run { from: kept.then_some(start + from), step: 1, length });
                }
            }
        }
    }
}
