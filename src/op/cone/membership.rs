//! To which group every element belongs, as a table.

use crate::op::Groups;
use smallvec::SmallVec;

/// For each element its group and its place there.
#[derive(Debug)]
pub struct Membership(Vec<(u32, u32)>);

impl Membership {
    /// The members of the groups of a tensor of so many elements.
    pub fn of(groups: &Groups, size: usize) -> Self {
        let mut members = vec![(0, 0); size];
        for (index, group) in groups.each().enumerate() {
            group.each().enumerate().for_each(|(place, at)| members[at] = (index as u32, place as u32));
        }
        Self(members)
    }

    /// Calls `visit` once with every group that one of the elements belongs to,
    /// and with those that do: `(group, place)`, by place.
    pub fn each(&self, elements: &[u32], mut visit: impl FnMut(usize, &[(u32, u32)])) {
        let mut sorted: SmallVec<[(u32, u32); 32]> = elements.iter().map(|&at| self.0[at as usize]).collect();
        // Elements mostly come in order, and groups are mostly neighbours.
        if !sorted.is_sorted() {
            sorted.sort_unstable();
        }
        sorted.chunk_by(|a, b| a.0 == b.0).for_each(|own| visit(own[0].0 as usize, own));
    }
}
