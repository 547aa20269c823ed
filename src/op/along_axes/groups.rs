//! Elements that meet: those of one output element of a reduction, or those
//! that a softmax makes sum to 1.

use crate::op::{Attribute, AttributeKind, Call, Float, Misuse};
use crate::shape::Shape;
use rayon::prelude::*;
use smallvec::SmallVec;
use std::cmp::Ordering;

/// Some axes of a tensor with their strides, innermost first, merged where one
/// runs on into the next.
#[derive(Debug, Clone, Default)]
struct Axes(SmallVec<[(usize, usize); 4]>);

impl Axes {
    fn push(&mut self, length: usize, stride: usize) {
        match self.0.last_mut() {
            _ if length == 1 => {}
            Some((inner, step)) if inner.wrapping_mul(*step) == stride => *inner = inner.wrapping_mul(length),
            _ => self.0.push((length, stride)),
        }
    }

    /// The offset of an element that is counted in row-major order.
    fn offset(&self, mut index: usize) -> usize {
        let Some((&(_, outermost), inner)) = self.0.split_last() else { return 0 };
        let mut offset = 0;
        for &(length, stride) in inner {
            offset += index % length * stride;
            index /= length;
        }
        offset + index * outermost
    }
}

/// A tensor's elements, parted so that those of one group differ only in their
/// place along the chosen axes.
#[derive(Debug, Clone)]
pub struct Groups {
    /// How many groups there are; 0 in a tensor without elements.
    pub count: usize,
    /// How many elements a group has; 0 where a chosen axis has length 0.
    pub size: usize,
    starts: Axes,
    members: Axes,
}

impl Groups {
    /// The attribute of an op that works along one axis.
    pub const AXIS: Attribute = Attribute {
        name: "axis",
        kind: AttributeKind::Int,
        default: Some("-1"),
        doc: "the axis to work along; the last one without it",
    };

    pub fn over(shape: &Shape, chosen: &[bool]) -> Self {
        let (mut starts, mut members) = (Axes::default(), Axes::default());
        for ((&length, stride), &chosen) in shape.iter().zip(shape.strides()).zip(chosen).rev() {
            if chosen { &mut members } else { &mut starts }.push(length, stride);
        }
        let size_where = |which: bool| -> Shape {
            shape.iter().zip(chosen).filter(|&(_, &c)| c == which).map(|(&length, _)| length).collect()
        };
        let size = size_where(true).size();
        let count = if shape.contains(&0) { 0 } else { size_where(false).size() };
        Self { count, size, starts, members }
    }

    pub fn along(shape: &Shape, axis: usize) -> Self {
        let chosen: Vec<bool> = (0..shape.rank()).map(|at| at == axis).collect();
        Self::over(shape, &chosen)
    }

    /// The groups of input 0 along the axis of [`Self::AXIS`].
    ///
    /// # Errors
    /// An axis that the input does not have.
    pub fn of(call: &Call) -> Result<Self, Misuse> {
        let axis = call.axis_of(0, call.int("axis").unwrap_or(-1), "axis")?;
        Ok(Self::along(call.shape(0), axis))
    }

    /// All groups, in the order of the elements of a reduction's output.
    pub fn each(&self) -> impl Iterator<Item = Group<'_>> {
        (0..self.count).map(|index| self.group(index))
    }

    pub fn group(&self, index: usize) -> Group<'_> {
        Group { start: self.starts.offset(index), size: self.size, members: &self.members }
    }
}

/// The elements of one group, in row-major order.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    start: usize,
    pub size: usize,
    members: &'a Axes,
}

impl Group<'_> {
    /// The offset of a member in the tensor.
    pub fn at(&self, place: usize) -> usize {
        self.start + self.members.offset(place)
    }

    /// The offsets of all members.
    pub fn each(&self) -> impl Iterator<Item = usize> {
        (0..self.size).map(|place| self.at(place))
    }

    /// The members, where they are neighbours.
    fn neighbours<'x, F>(&self, x: &'x [F]) -> Option<&'x [F]> {
        match self.members.0[..] {
            [] => Some(&x[self.start..=self.start]),
            [(_, 1)] => Some(&x[self.start..][..self.size]),
            _ => None,
        }
    }

    /// The value of the [`Self::winner`].
    pub fn best<F: Float>(&self, x: &[F], wins: Ordering) -> F {
        let fast = self.neighbours(x).and_then(|x| match wins {
            Ordering::Less => extreme(x, |a, b| a < b),
            _ => extreme(x, |a, b| a > b),
        });
        // Of zeros the first one counts, with its sign.
        fast.filter(|best| best.to_f64() != 0.0).unwrap_or_else(|| x[self.winner(x, wins).at])
    }

    /// The member that is `Greater` (or `Less`) than the others. The group must have a member.
    pub fn winner<F: Float>(&self, x: &[F], wins: Ordering) -> Winner {
        Winner::among(x, self.at(0), self.each().skip(1), wins)
    }
}

/// So many neighbours are looked through several at a time.
const LONG: usize = 256;

#[expect(clippy::eq_op, reason = "a NaN is not itself")]
fn is_nan<F: Float>(x: F) -> bool {
    x != x
}

/// The element that `beats` all others; `None` where one is not a number.
fn extreme<F: Float>(x: &[F], beats: impl Fn(F, F) -> bool + Sync) -> Option<F> {
    const ABREAST: usize = 16;
    let of_part = |x: &[F]| {
        let (mut best, mut nan) = ([x[0]; ABREAST], [false; ABREAST]);
        let mut look = |k: usize, x: F| {
            best[k] = if beats(x, best[k]) { x } else { best[k] };
            nan[k] |= is_nan(x);
        };
        let (whole, rest) = x.as_chunks::<ABREAST>();
        whole.iter().for_each(|x| (0..ABREAST).for_each(|k| look(k, x[k])));
        rest.iter().enumerate().for_each(|(k, &x)| look(k, x));
        let best = best.into_iter().reduce(|a, b| if beats(b, a) { b } else { a });
        best.filter(|_| !nan.contains(&true))
    };
    if x.len() < LONG {
        let best = x.iter().copied().reduce(|best, x| if beats(x, best) { x } else { best });
        return best.filter(|_| !x.iter().copied().any(is_nan));
    }
    let better = |a: Option<F>, b: Option<F>| Some(if beats(b?, a?) { b? } else { a? });
    x.par_chunks(1 << 15).map(of_part).reduce_with(better).flatten()
}

/// Who won in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Winner {
    /// Its place in the group.
    pub place: usize,
    /// Its offset in the tensor.
    pub at: usize,
    /// Another member is just as great: a kink.
    pub tied: bool,
}

impl Winner {
    /// The element that is `Greater` (or `Less`) than the others; the first one of several, and a
    /// NaN before all.
    pub fn among<F: Float>(
        x: &[F],
        first: usize,
        others: impl Iterator<Item = usize>,
        wins: Ordering,
    ) -> Self {
        let mut winner = Self { place: 0, at: first, tied: false };
        let mut best = x[first];
        for (place, at) in (1..).zip(others) {
            let found = x[at].partial_cmp(&best);
            if found == Some(wins) || (is_nan(x[at]) && !is_nan(best)) {
                winner = Self { place, at, tied: false };
                best = x[at];
            } else if found == Some(Ordering::Equal) {
                winner.tied = true;
            }
        }
        winner
    }

    /// The winner as a branch; a tie is a branch of its own.
    pub fn branch(self) -> usize {
        2 * self.place + usize::from(self.tied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets(shape: &[usize], chosen: &[bool]) -> Vec<Vec<usize>> {
        Groups::over(&Shape::new(shape), chosen).each().map(|group| group.each().collect()).collect()
    }

    #[test]
    fn members_differ_only_along_the_chosen_axes() {
        assert_eq!(offsets(&[2, 3], &[false, true]), [[0, 1, 2], [3, 4, 5]]);
        assert_eq!(offsets(&[2, 3], &[true, false]), [[0, 3], [1, 4], [2, 5]]);
        assert_eq!(offsets(&[2, 1, 3], &[true, false, true]), [[0, 1, 2, 3, 4, 5]]);
        assert_eq!(offsets(&[2, 2, 2], &[true, false, true]), [[0, 1, 4, 5], [2, 3, 6, 7]]);
        assert_eq!(offsets(&[2, 2, 2], &[false, true, false]), [[0, 2], [1, 3], [4, 6], [5, 7]]);
        assert_eq!(offsets(&[], &[]), [[0]]);
    }

    #[test]
    fn empty_axes_leave_no_members() {
        let none = Groups::over(&Shape::new(&[0, 3]), &[true, false]);
        assert_eq!((none.count, none.size), (0, 0));
        let nobody = Groups::over(&Shape::new(&[0, 3]), &[false, true]);
        assert_eq!((nobody.count, nobody.size), (0, 3));
    }

    #[test]
    fn the_first_winner_wins_and_a_nan_before_all() {
        let win = |x: &[f64], wins| {
            let Winner { place, tied, .. } =
                Groups::along(&Shape::new(&[x.len()]), 0).group(0).winner(x, wins);
            (place, tied)
        };
        assert_eq!(win(&[1.0, 3.0, 2.0, 3.0], Ordering::Greater), (1, true));
        assert_eq!(win(&[3.0, 3.0, 4.0], Ordering::Greater), (2, false));
        assert_eq!(win(&[1.0, 3.0, -2.0], Ordering::Less), (2, false));
        assert_eq!(win(&[1.0, f64::NAN, 3.0, f64::NAN], Ordering::Greater), (1, false));
        assert_eq!(win(&[f64::NAN, 3.0], Ordering::Less), (0, false));
        assert_eq!(win(&[f64::NEG_INFINITY; 2], Ordering::Greater), (0, true));
    }
}
