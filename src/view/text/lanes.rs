//! Where edges turn between two columns: each height that they come from has a
//! lane of its own, so that no two edges run into each other.

use super::super::place::Layout;
use std::collections::BTreeMap;

/// Heights nearer than this are one: all that comes from there is of one item.
const NEAR: f64 = 0.3;

/// The lanes of one gap, or of all gaps of a layout.
#[derive(Debug, Default)]
pub struct Lanes {
    /// By the row and the gap's left end, the heights that edges come from, in order of lanes.
    gaps: BTreeMap<(usize, i64), Vec<f64>>,
}

impl Lanes {
    /// The lanes of one gap with edges from one height to another.
    pub fn of(slopes: &[(f64, f64)]) -> Self {
        Self { gaps: BTreeMap::from([((0, 0), assign(slopes))]) }
    }

    /// The lanes of every gap.
    pub fn of_gaps(layout: &Layout) -> Self {
        let mut slopes: BTreeMap<(usize, i64), Vec<(f64, f64)>> = BTreeMap::new();
        for pair in layout.ways.iter().flat_map(|way| way.levels.windows(2)) {
            let gap = (layout.row(pair[0].y), pair[0].right as i64);
            slopes.entry(gap).or_default().push((pair[0].y, pair[1].y));
        }
        Self { gaps: slopes.into_iter().map(|(gap, slopes)| (gap, assign(&slopes))).collect() }
    }

    pub fn count(&self) -> usize {
        self.gaps.values().map(Vec::len).sum()
    }

    /// The lane of edges that come from a height, in the gap of a row that begins here.
    pub fn lane(&self, row: usize, gap: f64, from: f64) -> usize {
        let lanes = self.gaps.get(&(row, gap as i64)).map_or(&[][..], Vec::as_slice);
        lanes.iter().position(|y| (y - from).abs() < NEAR).unwrap_or(0)
    }
}

/// An edge that leaves from where another arrives turns before that one.
fn assign(slopes: &[(f64, f64)]) -> Vec<f64> {
    let mut heights: Vec<(f64, Vec<f64>)> = Vec::new();
    for &(from, to) in slopes.iter().filter(|(from, to)| (from - to).abs() > 0.01) {
        match heights.iter_mut().find(|(known, _)| (known - from).abs() < NEAR) {
            Some((_, arrive)) => arrive.push(to),
            None => heights.push((from, vec![to])),
        }
    }
    heights.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut lanes = Vec::new();
    while !heights.is_empty() {
        let waits = |(_, arrive): &(f64, Vec<f64>)| {
            let meets = |other: &(f64, Vec<f64>)| arrive.iter().any(|to| (to - other.0).abs() < 1.5);
            heights.iter().any(meets)
        };
        // Two that change places wait for each other; one of them has to begin.
        let next = heights.iter().position(|height| !waits(height)).unwrap_or(0);
        lanes.push(heights.remove(next).0);
    }
    lanes
}
