//! Groups of scores, as softmax sees them, with their exponentials kept.

use super::{Change, LANES, Lanes, Members, PartialSums};
use crate::op::{Float, Group, Groups, Normalizer};
use smallvec::SmallVec;
use std::cmp::Ordering;

/// What softmax makes of every group of scores, ready for a change of a few.
pub struct Scores<'a> {
    groups: &'a Groups,
    members: Members,
    of_groups: Vec<OfGroup>,
}

struct OfGroup {
    greatest: f64,
    /// exp(score − greatest), summed.
    sums: PartialSums,
}

/// What softmax makes of a group in which some scores changed.
pub struct Changed<'s> {
    /// In each lane.
    pub softmax: [Normalizer<f64>; LANES],
    /// The exponentials without the change, and those that changed, by place;
    /// nothing where none of the old ones hold.
    kept: Option<(&'s PartialSums, &'s [(u32, Lanes)])>,
}

impl Changed<'_> {
    /// Calls `visit` with each place of a group and exp(score − greatest) there.
    pub fn each_exp(&self, group: Group, x: [&[f64]; LANES], mut visit: impl FnMut(usize, Lanes)) {
        let Some((kept, changed)) = self.kept else {
            let greatest = self.softmax.map(|softmax| softmax.greatest());
            let exps = |at: usize| exps(x.map(|x| x[at]), greatest);
            return group.each().enumerate().for_each(|(place, at)| visit(place, exps(at)));
        };
        let mut changed = changed.iter().peekable();
        for place in 0..group.size {
            let new = changed.next_if(|&&(at, _)| at as usize == place);
            visit(place, new.map_or_else(|| [kept.term(place); LANES], |&(_, exp)| exp));
        }
    }
}

/// exp(score − greatest), lane by lane.
fn exps(scores: Lanes, greatest: Lanes) -> Lanes {
    let mut exps = std::array::from_fn(|lane| scores[lane] - greatest[lane]);
    f64::exp_each(&mut exps);
    exps
}

impl<'a> Scores<'a> {
    pub fn of(groups: &'a Groups, x: &[f64]) -> Self {
        let of_groups = groups.each().map(|group| {
            let greatest = group.best(x, Ordering::Greater);
            let sums = PartialSums::of(group.size, |place| Float::exp(x[group.at(place)] - greatest));
            OfGroup { greatest, sums }
        });
        Self { groups, members: Members::of(groups, x.len()), of_groups: of_groups.collect() }
    }

    /// Calls `visit` with every group in which scores of input 0 changed, by number.
    pub fn each(&self, change: &Change, mut visit: impl FnMut(usize, Changed)) {
        let mut exps: SmallVec<[(u32, Lanes); 16]> = SmallVec::new();
        let (x, before) = (change.float(0), change.before.float(0));
        self.members.each(change.of(0), |index, own| {
            let (group, of) = (self.groups.group(index), &self.of_groups[index]);
            let at = |place: u32| group.at(place as usize);
            // A NaN is not below anything.
            let is_below = |&(_, place): &(u32, u32)| {
                let at = at(place);
                before[at] < of.greatest && x.iter().all(|x| x[at] < of.greatest)
            };
            if !own.iter().all(is_below) {
                visit(index, Changed { softmax: x.map(|x| Normalizer::of(group, x)), kept: None });
                return;
            }
            exps.clear();
            let exp = |place: u32| self::exps(x.map(|x| x[at(place)]), [of.greatest; LANES]);
            exps.extend(own.iter().map(|&(_, place)| (place, exp(place))));
            let softmax = of.sums.with(&exps).map(|total| Normalizer::new(of.greatest, total));
            visit(index, Changed { softmax, kept: Some((&of.sums, &exps)) });
        });
    }
}
