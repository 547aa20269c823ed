//! Whether the backward of a block is linear in its upstream gradient, as every backward is.

use super::{
    alone::Alone,
    place::{Place, part},
};
use crate::{double::Double, graph::ValueId};
use num_traits::Zero;

/// How many upstream gradients are tried beside one that seems to show that backward is not linear.
const NEIGHBOURS: u64 = 8;

/// Upstream gradients are also tried so many times as large: where they are cut off, it is at some size.
const LARGE_AND_SMALL: [f64; 2] = [(1u64 << 40) as f64, 1.0 / (1u64 << 40) as f64];

/// Where a number is smaller, products with an upstream gradient may lose digits.
const ROOM: f64 = 1e-250;

/// How far beside, in parts of each element.
const NEIGHBOUR: f64 = 1e-26;

/// Of each leaf, whether its backward is linear in upstream: B(0) = 0, B(u + v) = B(u) + B(v), B(a u) = a B(u). Terms
/// that cancel leave rounding, which is another for every upstream gradient; what is not linear is
/// the same for neighbours.
pub fn are_linear(place: &Place, alone: &Alone, leaves: &[ValueId]) -> Vec<bool> {
    // Next to the least number that there is, nothing is linear.
    if place.memory.floats.iter().any(|x| !x.is_zero() && x.to_f64().abs() < ROOM) {
        return vec![true; leaves.len()];
    }
    let with = |upstream: &dyn Fn(u64) -> Double| {
        let mut memory = place.memory.clone();
        alone.set_upstream(place.plan, &mut memory, upstream);
        Place::new(place.plan, memory)
    };
    // Backward for two upstream gradients and for their sum.
    let three = |neighbour: u64| {
        let near = |at: u64, seed: u64| {
            // Sums of these are exact.
            let own = Double::from(f64::from(part(at, seed) as f32));
            let by = if neighbour == 0 { 0.0 } else { NEIGHBOUR * part(at, 20 + neighbour) };
            own + own * Double::from(by)
        };
        let (u, v) = (|at| near(at, 7), |at| near(at, 8));
        [with(&u), with(&v), with(&|at| u(at) + v(at))]
    };
    let at_zero = with(&|_| Double::zero());
    let here = three(0);
    let scaled = LARGE_AND_SMALL.map(|by| with(&|at| Double::from(f64::from(part(at, 7) as f32) * by)));
    // What cancels leaves rounding beside which the gradient itself may be small.
    let least = 1e-24 * place.line().reference();
    let mut open: Vec<Vec<usize>> = leaves
        .iter()
        .map(|&leaf| {
            let (lacks, size, scales) = (lacking(&here, leaf), size(&here, leaf), place.scales(leaf));
            let counts = |&at: &usize| {
                lacks[at].is_finite()
                    && lacks[at].abs() > 1e-20 * size
                    && lacks[at].abs() * scales[at] > least
            };
            (0..lacks.len()).filter(counts).collect()
        })
        .collect();
    for neighbour in 1..=NEIGHBOURS {
        if open.iter().all(Vec::is_empty) {
            break;
        }
        let there = three(neighbour);
        for (&leaf, open) in leaves.iter().zip(&mut open) {
            let (here, there) = (lacking(&here, leaf), lacking(&there, leaf));
            open.retain(|&at| (here[at] - there[at]).abs() <= 1e-3 * here[at].abs());
        }
    }
    let is_zero = |&leaf: &ValueId| at_zero.gradient(leaf).iter().all(|g| !g.is_finite() || g.is_zero());
    // A power of two goes through all that is linear without any rounding.
    let is_even = |&leaf: &ValueId| {
        let (own, least) = (here[0].gradient(leaf), 1e-20 * size(&here, leaf));
        scaled.iter().zip(LARGE_AND_SMALL).all(|(scaled, by)| {
            let apart =
                |(own, scaled): (&Double, &Double)| (*own - *scaled / Double::from(by)).to_f64().abs();
            own.iter().zip(scaled.gradient(leaf)).map(apart).all(|apart| !apart.is_finite() || apart <= least)
        })
    };
    leaves.iter().zip(open).map(|(leaf, open)| open.is_empty() && is_zero(leaf) && is_even(leaf)).collect()
}

/// What is lacking of backward for the sum of two upstream gradients to the sum of both.
fn lacking([of_u, of_v, of_both]: &[Place; 3], leaf: ValueId) -> Vec<f64> {
    let pairs = of_u.gradient(leaf).iter().zip(of_v.gradient(leaf));
    of_both.gradient(leaf).iter().zip(pairs).map(|(&both, (&u, &v))| (both - (u + v)).to_f64()).collect()
}

fn size([of_u, of_v, _]: &[Place; 3], leaf: ValueId) -> f64 {
    let all = of_u.gradient(leaf).iter().chain(of_v.gradient(leaf));
    all.fold(0.0, |size, g| size.max(g.to_f64().abs()))
}
