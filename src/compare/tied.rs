//! Entries on kinks: which of them meet in one, and whether backward is right along all of these
//! at once. What lies between the slopes of each alone need not do so of all.
//!
//! Only what meets may be tried together: of two kinks that have nothing to do with each other, one
//! may open upwards and the other downwards, and then the slopes of both together bound nothing.

use super::{
    leaves::{Judge, Known, Leaf},
    measure::{Direction, Moves},
    place::part,
    verdict::{Evidence, Undecided, Verdict},
};

/// A leaf and one of the entries that are looked at.
type Member = (usize, usize);

impl Judge<'_> {
    /// Tries entries that meet in a kink together.
    pub(super) fn tied(&mut self, leaves: &mut [Leaf]) {
        let open: Vec<Member> = leaves
            .iter()
            .enumerate()
            .flat_map(|(leaf, own)| own.exceptions.iter().map(move |(&entry, known)| ((leaf, entry), known)))
            // Of those that are composed it is known already.
            .filter(|(_, known)| {
                matches!(known.verdict, Verdict::Kink { .. }) && known.evidence != Evidence::Composed
            })
            .map(|(member, _)| member)
            .collect();
        if open.len() < 2 || !self.all_finite {
            return;
        }
        match self.meeting(leaves, &open) {
            Some(sets) => {
                for set in sets.iter().filter(|set| set.len() > 1) {
                    if self.is_wrong_together(leaves, set) {
                        let direction = self.together(leaves, set, |count| part(count, 5));
                        let known = match self.is_composed(&direction) {
                            true => Known::COMPOSED,
                            false => Known { evidence: Evidence::Together, verdict: Verdict::Wrong },
                        };
                        set.iter().for_each(|&(leaf, entry)| leaves[leaf].know(entry, known));
                    }
                }
            }
            None if self.is_wrong_together(leaves, &open) => {
                let directions = [5, 6].map(|seed| self.together(leaves, &open, |count| part(count, seed)));
                let known = match self.is_right_beside(&directions) {
                    true => Known::COMPOSED,
                    false => Known::undecided(Undecided::TooMany),
                };
                open.iter().for_each(|&(leaf, entry)| leaves[leaf].know(entry, known));
            }
            None => {}
        }
    }

    fn is_wrong_together(&mut self, leaves: &[Leaf], set: &[Member]) -> bool {
        let ways: [&dyn Fn(u64) -> f64; 4] =
            [&|_| 1.0, &|_| -1.0, &|count| part(count, 5), &|count| part(count, 6)];
        ways.into_iter().any(|way| {
            let direction = self.together(leaves, set, way);
            self.place.judge(&mut self.line, &direction).is_wrong()
        })
    }

    fn together(&self, leaves: &[Leaf], set: &[Member], way: impl Fn(u64) -> f64) -> Vec<Moves> {
        let entries = set.iter().enumerate();
        entries.map(|(count, &(leaf, entry))| leaves[leaf].single(entry, way(count as u64))).collect()
    }

    /// The entries in sets that have nothing to do with each other; `None` where that takes too long.
    fn meeting(&mut self, leaves: &[Leaf], open: &[Member]) -> Option<Vec<Vec<Member>>> {
        let mut sets: Vec<Vec<Member>> = Vec::new();
        for &member in open {
            let mut met = Vec::new();
            let mut ranges: Vec<_> = std::iter::once(0..sets.len()).collect();
            while let Some(range) = ranges.pop() {
                let all: Vec<Member> = sets[range.clone()].concat();
                if all.is_empty() || !self.meet(leaves, &all, member)? {
                    continue;
                }
                if range.len() == 1 {
                    met.push(range.start);
                } else {
                    let middle = range.start + range.len() / 2;
                    ranges.extend([range.start..middle, middle..range.end]);
                }
            }
            met.sort_unstable();
            let mut own = vec![member];
            met.iter().rev().for_each(|&at| own.extend(sets.remove(at)));
            sets.push(own);
        }
        Some(sets)
    }

    /// The slopes along a sum of two directions are not the sums of their slopes.
    fn meet(&mut self, leaves: &[Leaf], set: &[Member], member: Member) -> Option<bool> {
        const SEEDS: [u64; 3] = [11, 12, 13];
        for seed in SEEDS {
            self.left = self.left.checked_sub(1)?;
            let with: Vec<Member> = [&[member], set].concat();
            let both = self.together(leaves, &with, |count| part(count, seed));
            let (alone, others) = both.split_at(1);
            let mut sides = |direction: &Direction| self.line.sides(direction);
            let (Some(both), Some(alone), Some(others)) = (sides(&both), sides(alone), sides(others)) else {
                return Some(true);
            };
            let differ = (0..2).any(|side| {
                let size = both[side].abs() + alone[side].abs() + others[side].abs();
                (both[side] - (alone[side] + others[side])).abs() > 1e-9 * size
            });
            if differ {
                return Some(true);
            }
        }
        Some(false)
    }
}
