//! Groups of scores, as softmax sees them, with their exponentials kept.

use super::{Change, LANES, Lanes, Membership, PartialSums, across, plus};
use crate::op::{
    Float, Groups, Normalizer,
    along_axes::pairwise::{halved, sum_run},
    vector,
};
use smallvec::SmallVec;
use std::cmp::Ordering;

/// What softmax makes of every group of scores, ready for a change of a few.
pub struct Scores<'a> {
    groups: &'a Groups,
    members: Membership,
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
    exps: Kept<'s>,
}

/// exp(score − greatest) of the scores of a group.
enum Kept<'s> {
    /// What they are without the change, and those that changed, by place.
    Some(&'s PartialSums, &'s [(u32, Lanes)]),
    All(&'s [Lanes]),
}

impl Changed<'_> {
    /// Calls `visit` with each place of the group and exp(score − greatest) there.
    pub fn each_exp(&self, mut visit: impl FnMut(usize, Lanes)) {
        match self.exps {
            Kept::All(exps) => exps.iter().enumerate().for_each(|(place, &exp)| visit(place, exp)),
            Kept::Some(kept, changed) => {
                let mut changed = changed.iter().peekable();
                for place in 0..kept.count() {
                    let new = changed.next_if(|&&(at, _)| at as usize == place);
                    visit(place, new.map_or_else(|| [kept.term(place); LANES], |&(_, exp)| exp));
                }
            }
        }
    }

    /// What makes of a lane and a score in it the logarithm of its probability.
    pub fn ln_probability(&self) -> impl Fn(usize, f64) -> f64 {
        let ln_total = vector::run(Ln(self.softmax.map(|softmax| softmax.total())));
        let greatest = self.softmax.map(|softmax| softmax.greatest());
        move |lane, x| (x - greatest[lane]) - ln_total[lane]
    }
}

struct Ln(Lanes);

impl vector::Loop for Ln {
    type Output = Lanes;

    #[inline(always)]
    fn run(mut self) -> Lanes {
        self.0.iter_mut().for_each(|x| *x = Float::ln(*x));
        self.0
    }
}

/// The greatest of some scores in each lane; NaN where one is not a number.
struct Greatest<'a>(&'a [Lanes]);

impl vector::Loop for Greatest<'_> {
    type Output = Lanes;

    #[inline(always)]
    fn run(self) -> Lanes {
        let (mut greatest, mut nan) = ([f64::NEG_INFINITY; LANES], [0.0; LANES]);
        for scores in self.0 {
            for (lane, &x) in scores.iter().enumerate() {
                greatest[lane] = if x > greatest[lane] { x } else { greatest[lane] };
                nan[lane] = if x.is_nan() { x } else { nan[lane] };
            }
        }
        plus(greatest, nan)
    }
}

/// Makes exp(score − greatest) of some scores.
struct Exps<'a> {
    scores: &'a mut [Lanes],
    greatest: Lanes,
}

impl vector::Loop for Exps<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for scores in &mut *self.scores {
            *scores = std::array::from_fn(|lane| scores[lane] - self.greatest[lane]);
        }
        // A loop of its own: vectors may be longer than there are lanes.
        self.scores.as_flattened_mut().iter_mut().for_each(|x| *x = Float::exp(*x));
    }
}

impl<'a> Scores<'a> {
    pub fn of(groups: &'a Groups, x: &[f64]) -> Self {
        let of_groups = groups.each().map(|group| {
            let greatest = group.best(x, Ordering::Greater);
            let sums = PartialSums::of(group.size, |place| Float::exp(x[group.at(place)] - greatest));
            OfGroup { greatest, sums }
        });
        Self { groups, members: Membership::of(groups, x.len()), of_groups: of_groups.collect() }
    }

    /// Calls `visit` with every group in which scores of input 0 changed, by number.
    pub fn each(&self, change: &Change, mut visit: impl FnMut(usize, Changed)) {
        let mut exps: SmallVec<[Lanes; 16]> = SmallVec::new();
        let mut changed: SmallVec<[(u32, Lanes); 16]> = SmallVec::new();
        let (x, before) = (change.float(0), change.before.float(0));
        self.members.each(change.of(0), |index, own| {
            let (group, of) = (self.groups.group(index), &self.of_groups[index]);
            let at = |place: u32| group.at(place as usize);
            // A NaN is not below anything.
            let is_below = |&(_, place): &(u32, u32)| {
                let at = at(place);
                before[at] < of.greatest && x.iter().all(|x| x[at] < of.greatest)
            };
            let holds = own.iter().all(is_below);
            let greatest = if holds {
                exps.resize(own.len(), [0.0; LANES]);
                exps.iter_mut().zip(own).for_each(|(exp, &(_, place))| *exp = across(x, at(place)));
                [of.greatest; LANES]
            } else {
                exps.resize(group.size, [0.0; LANES]);
                exps.iter_mut().zip(group.each()).for_each(|(exp, at)| *exp = across(x, at));
                let greatest = vector::run(Greatest(&exps));
                // As `Group::best` has it: a NaN before all, and of zeros the first one.
                let is_plain = greatest.iter().all(|greatest| greatest.abs() > 0.0);
                if is_plain { greatest } else { x.map(|x| group.best(x, Ordering::Greater)) }
            };
            vector::run(Exps { scores: &mut exps, greatest });
            let (total, exps) = if holds {
                changed.clear();
                changed.extend(own.iter().zip(&exps).map(|(&(_, place), &exp)| (place, exp)));
                (of.sums.with(&changed), Kept::Some(&of.sums, &changed))
            } else {
                let sum = |run| sum_run([0.0; LANES], plus, run, |place| exps[place]);
                (halved(0..group.size, &plus, &sum), Kept::All(&exps))
            };
            let softmax = std::array::from_fn(|lane| Normalizer::new(greatest[lane], total[lane]));
            visit(index, Changed { softmax, exps });
        });
    }
}
