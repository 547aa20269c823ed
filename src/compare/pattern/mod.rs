//! What a wrong gradient has in common with the right one.
//!
//! - [`kind`] lists the slips, [`sight`] is a line at one place, as written and as it should be.
//! - One file for each family of slips: [`upstream`], [`factor`], [`another`], [`moved`], [`path`],
//!   [`term`], [`value`], [`instead`]. [`again`] works a line out with other numbers in it, and
//!   [`text`] writes a value as its author did.
//!
//! A slip is planted in the true gradient at several places, each with an upstream of its own, and
//! said only if that gives what backward gives, to 12 digits, at all of them: else nothing is said.

mod again;
mod another;
mod factor;
mod instead;
mod kind;
mod moved;
mod path;
mod sight;
mod term;
mod text;
mod upstream;
mod value;

pub use kind::{Edge, Factor, Move, Pattern, Term, Which};
pub use moved::{Moves, ways};

use super::{alone::Alone, place::Place};
use crate::{
    graph::{Graph, Unit, ValueId},
    plan::Plan,
};
use path::{Paths, TOGETHER};
use sight::{Sight, Subject, derived};

/// Places that a slip must explain, of those of [`super::blocks::values`].
const PLACES: u64 = 3;

/// Finds the slip in one gradient line of a unit that is wrong at a place of this number.
pub fn find(
    graph: &Graph,
    unit: &Unit,
    alone: &Alone,
    whole: &Place,
    leaf: ValueId,
    number: u64,
) -> Option<Pattern> {
    let derived = derived(alone);
    let plan = Plan::new(&alone.graph, &alone.graph.wanted);
    let derived_plan = Plan::new(&derived, &derived.wanted);
    let subject =
        Subject { graph, unit, alone, derived: &derived, plan: &plan, derived_plan: &derived_plan, leaf };
    let numbers = (0..PLACES).map(|more| (number + more) % (PLACES + 1));
    let sights: Vec<Sight> = numbers.filter_map(|number| Sight::new(&subject, whole, number)).collect();
    let sights = &sights[..];
    if sights.first().is_none_or(|first| first.wrong.is_empty()) {
        return None;
    }
    // What is true of the line at any place comes first, what numbers may do by chance last.
    let ratio = factor::find(&subject, sights);
    let (says_much, ratio) = match ratio {
        Some(Pattern::Ratio { ref of, ref factor }) if *of != Which::Every && factor.sources.is_empty() => {
            (None, ratio)
        }
        ratio => (ratio, None),
    };
    let found = upstream::find(&subject, sights)
        .or(says_much)
        .or_else(|| another::find(&subject, sights))
        .or_else(|| value::find(&subject, sights))
        .or(ratio)
        .or_else(|| moved::find(&subject, sights))
        .or_else(|| upstream::sums(&subject, sights));
    if found.is_some() {
        return found;
    }
    let mut paths = Paths::new(&subject, sights);
    // One term says more than several paths, as those of x * x * x.
    (paths.as_mut().and_then(|paths| paths.missing(1..=1)))
        .or_else(|| term::find(&subject, sights))
        .or_else(|| paths.as_mut().and_then(|paths| paths.missing(2..=TOGETHER)))
        .or_else(|| instead::find(&subject, sights))
        .or_else(|| paths.as_ref().and_then(Paths::scaled))
        .or_else(|| moved::shuffled(sights))
        .or_else(|| factor::one_slice(&subject, sights))
}
