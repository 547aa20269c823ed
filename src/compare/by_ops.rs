//! Whether a custom backward gives what the ops' own backward does, where no measurement shows it.

use super::{measure::Direction, place::Place};
use crate::{double::Double, graph::Graph, graph::ValueId};
use num_traits::Zero;

/// Both are as near as nobody needs to tell apart, in parts of a gradient.
const NEAR: f64 = 1e-12;

/// What terms leave where they cancel in one of both, in parts of the largest gradient of any value.
const NOISE: f64 = 1e-28;

/// Below, numbers lose digits until nothing is left of them.
const LEAST: f64 = 1e-290;

/// A term below such a part of all of them may be off by some thousandths, or by all of itself, and the
/// sum of all agrees.
const SEEN: f64 = 1e-9;

/// What differs stays beside this place within such a part of itself; noise is another one there.
const STAYS: f64 = 1e-3;

/// No entry is another where the sum of all agrees but is too large for it to show.
pub fn is_nothing_hidden(graph: &Graph, place: &Place, direction: &Direction) -> bool {
    let (_, size) = place.project(direction);
    are_by_ops(graph, place, direction, SEEN * size)
}

/// All entries of a direction are.
pub fn is_by_ops(graph: &Graph, place: &Place, direction: &Direction) -> bool {
    are_by_ops(graph, place, direction, f64::INFINITY)
}

/// Those entries are of which the term is smaller than `below`.
fn are_by_ops(graph: &Graph, place: &Place, direction: &Direction, below: f64) -> bool {
    if !graph.has_custom_backward() {
        return true;
    }
    let noise = NOISE * place.largest_gradient();
    let mut open: Vec<(ValueId, usize, Double)> = Vec::new();
    for moves in direction {
        let (gradient, own) = (place.gradient(moves.leaf), place.gradient_by_ops(moves.leaf));
        if gradient.len() != own.len() {
            return false;
        }
        for &(entry, part) in moves.by.iter().filter(|_| !own.is_empty()) {
            let (apart, size) = (gradient[entry] - own[entry], own[entry].to_f64().abs());
            let term = size.max(gradient[entry].to_f64().abs()) * part.abs();
            let is_left = size == 0.0 || gradient[entry].is_zero();
            let near = NEAR * size + if is_left { noise } else { LEAST };
            if !(term >= below || apart.to_f64().abs() <= near) {
                open.push((moves.leaf, entry, apart));
            }
        }
    }
    if open.is_empty() {
        return true;
    }
    let there = place.neighbour(graph);
    open.iter().all(|&(leaf, entry, apart)| {
        let moved = there.gradient(leaf)[entry] - there.gradient_by_ops(leaf)[entry];
        (moved - apart).to_f64().abs() > STAYS * apart.to_f64().abs()
    })
}
