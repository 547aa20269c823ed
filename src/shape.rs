//! Shapes of tensors, NumPy's broadcasting, and walks over several tensors at once.

use smallvec::SmallVec;
use std::fmt;

/// The lengths of a tensor's axes; `[]` is a scalar.
#[derive(PartialEq, Eq, Hash, Default)]
pub struct Shape(SmallVec<[usize; 4]>);

// By a copy of the slice: the derived one goes length by length.
impl Clone for Shape {
    fn clone(&self) -> Self {
        Self::new(self)
    }
}

impl Shape {
    pub fn new(lengths: &[usize]) -> Self {
        Self(SmallVec::from_slice(lengths))
    }

    pub fn scalar() -> Self {
        Self::default()
    }

    /// The number of axes.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The number of elements; `None` where it does not fit.
    pub fn checked_size(&self) -> Option<usize> {
        // An axis of length 0 empties the tensor whatever the others say.
        if self.0.contains(&0) {
            return Some(0);
        }
        self.0.iter().try_fold(1usize, |size, &length| size.checked_mul(length))
    }

    /// The number of elements; the greatest number where it does not fit.
    pub fn size(&self) -> usize {
        self.checked_size().unwrap_or(usize::MAX)
    }

    pub fn is_scalar(&self) -> bool {
        self.0.is_empty()
    }

    /// Row-major strides in elements; 0 on axes of length 1, so that the same
    /// strides serve a broadcast.
    pub fn strides(&self) -> Vec<usize> {
        let mut strides = vec![0; self.rank()];
        let mut step = 1usize;
        for (stride, &length) in strides.iter_mut().zip(self.0.iter()).rev() {
            *stride = if length == 1 { 0 } else { step };
            step = step.saturating_mul(length);
        }
        strides
    }

    /// The shape of `a + b` under NumPy's rules: axes are aligned at the end,
    /// and an axis of length 1 stretches. `None` where they do not fit.
    pub fn broadcast(&self, other: &Self) -> Option<Self> {
        if self == other {
            return Some(self.clone());
        }
        let rank = self.rank().max(other.rank());
        let length = |shape: &Self, axis: usize| match (axis + shape.rank()).checked_sub(rank) {
            Some(own) => shape.0[own],
            None => 1,
        };
        (0..rank)
            .map(|axis| match (length(self, axis), length(other, axis)) {
                (a, b) if a == b => Some(a),
                (1, b) => Some(b),
                (a, 1) => Some(a),
                _ => None,
            })
            .collect::<Option<SmallVec<[usize; 4]>>>()
            .map(Self)
    }

    /// Strides by which this tensor is read when it is stretched to `to`.
    pub fn strides_in(&self, to: &Self) -> Vec<usize> {
        let mut strides = vec![0; to.rank() - self.rank()];
        strides.extend(self.strides());
        strides
    }
}

impl std::ops::Deref for Shape {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.0
    }
}

impl From<Vec<usize>> for Shape {
    fn from(lengths: Vec<usize>) -> Self {
        Self(SmallVec::from_vec(lengths))
    }
}

impl FromIterator<usize> for Shape {
    fn from_iter<I: IntoIterator<Item = usize>>(lengths: I) -> Self {
        Self(lengths.into_iter().collect())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("[")?;
        for (axis, length) in self.0.iter().enumerate() {
            if axis > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{length}")?;
        }
        f.write_str("]")
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How long an axis is, and the step along it in each tensor.
pub type WalkAxis<const N: usize> = (usize, [isize; N]);

/// A walk over all index tuples of a shape in row-major order, with the offset
/// of each of `N` tensors that are read by their own strides (0 repeats).
#[derive(Debug, Clone)]
pub struct Walk<const N: usize> {
    /// Axes outermost first, merged where all tensors run through them evenly.
    axes: Vec<WalkAxis<N>>,
    start: [isize; N],
    size: usize,
}

impl<const N: usize> Walk<N> {
    pub fn new(shape: &[usize], strides: [&[isize]; N], start: [isize; N]) -> Self {
        let mut axes: Vec<WalkAxis<N>> = Vec::new();
        for (axis, &length) in shape.iter().enumerate() {
            if length == 1 {
                continue;
            }
            let step = strides.map(|of| of[axis]);
            match axes.last_mut() {
                Some((outer, by)) if (0..N).all(|k| by[k] == step[k].wrapping_mul(length as isize)) => {
                    *outer = outer.wrapping_mul(length);
                    *by = step;
                }
                _ => axes.push((length, step)),
            }
        }
        Self { axes, start, size: shape.iter().fold(1, |size, &length| size.saturating_mul(length)) }
    }

    /// Reads tensors of the given shapes as stretched to `to`.
    pub fn broadcast(to: &Shape, shapes: [&Shape; N]) -> Self {
        let strides: [Vec<isize>; N] =
            shapes.map(|shape| shape.strides_in(to).into_iter().map(|s| s as isize).collect());
        Self::new(to, std::array::from_fn(|k| &strides[k][..]), [0; N])
    }

    /// How many index tuples there are.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The elements of every tensor are visited one behind the other, from the first to the last.
    pub fn is_in_order(&self) -> bool {
        self.start == [0; N]
            && match self.axes[..] {
                [] => true,
                [(_, step)] => step == [1; N],
                _ => false,
            }
    }

    /// Calls `visit` with the offsets of each run along the innermost axis:
    /// where it begins, its step in each tensor, and its length.
    pub fn runs(&self, visit: &mut dyn FnMut([usize; N], [isize; N], usize)) {
        if self.size == 0 {
            return;
        }
        let Some((&(inner, step), outer)) = self.axes.split_last() else {
            return visit(self.start.map(|at| at as usize), [0; N], 1);
        };
        self.outside(outer, |at| visit(at, step, inner));
    }

    /// [`Self::runs`], as many at a time as lie along the axis outside of the innermost: where the first
    /// begins, then the length and the step of both axes.
    pub fn planes(&self, visit: &mut dyn FnMut([usize; N], [WalkAxis<N>; 2])) {
        if self.size == 0 {
            return;
        }
        match &self.axes[..] {
            [outer @ .., rows, columns] => self.outside(outer, |at| visit(at, [*rows, *columns])),
            _ => self.runs(&mut |at, step, length| visit(at, [(1, [0; N]), (length, step)])),
        }
    }

    /// Calls `visit` with the offsets of what lies inside of these axes.
    fn outside(&self, outer: &[WalkAxis<N>], mut visit: impl FnMut([usize; N])) {
        let mut index: SmallVec<[usize; 8]> = SmallVec::from_elem(0, outer.len());
        let mut at = self.start;
        loop {
            visit(at.map(|at| at as usize));
            let mut axis = outer.len();
            loop {
                if axis == 0 {
                    return;
                }
                axis -= 1;
                let (length, by) = outer[axis];
                index[axis] += 1;
                for k in 0..N {
                    at[k] += by[k];
                }
                if index[axis] < length {
                    break;
                }
                index[axis] = 0;
                for k in 0..N {
                    at[k] -= by[k] * length as isize;
                }
            }
        }
    }

    /// Calls `visit` with the offsets of every element, in row-major order.
    pub fn each(&self, mut visit: impl FnMut([usize; N])) {
        self.runs(&mut |start, step, length| {
            let mut at = start.map(|at| at as isize);
            for _ in 0..length {
                visit(at.map(|at| at as usize));
                for k in 0..N {
                    at[k] += step[k];
                }
            }
        });
    }
}

/// The index of a row-major offset on every axis.
pub fn indices(shape: &[usize], offset: usize) -> Vec<usize> {
    let mut rest = offset;
    let mut indices: Vec<usize> = shape
        .iter()
        .rev()
        .map(|&length| {
            let at = rest % length.max(1);
            rest /= length.max(1);
            at
        })
        .collect();
    indices.reverse();
    indices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broadcasting_is_numpys() {
        let shape = |lengths: &[usize]| Shape::new(lengths);
        assert_eq!(shape(&[3, 1]).broadcast(&shape(&[4])), Some(shape(&[3, 4])));
        assert_eq!(shape(&[]).broadcast(&shape(&[2, 0])), Some(shape(&[2, 0])));
        assert_eq!(shape(&[2]).broadcast(&shape(&[3])), None);
    }

    #[test]
    fn a_walk_visits_row_major_offsets() {
        let mut seen = Vec::new();
        let (to, row) = (Shape::new(&[2, 3]), Shape::new(&[3]));
        Walk::broadcast(&to, [&to, &row]).each(|at| seen.push(at));
        assert_eq!(seen, [[0, 0], [1, 1], [2, 2], [3, 0], [4, 1], [5, 2]]);
    }

    #[test]
    fn planes_are_the_runs_of_a_walk() {
        let shapes: [(&[usize], &[isize]); 5] = [
            (&[2, 3, 4], &[12, 1, 3]),
            (&[5, 2], &[2, 1]),
            (&[3, 2], &[0, 1]),
            (&[], &[]),
            (&[2, 0], &[1, 1]),
        ];
        for (shape, strides) in shapes {
            let walk = Walk::new(shape, [strides], [0]);
            let (mut runs, mut rows) = (Vec::new(), Vec::new());
            walk.runs(&mut |from, step, length| runs.push((from, step, length)));
            walk.planes(&mut |[from], [(count, [down]), (length, step)]| {
                rows.extend((0..count).map(|row| ([from + row * down as usize], step, length)));
            });
            assert_eq!(rows, runs);
        }
    }

    #[test]
    fn a_walk_can_go_backwards() {
        let mut seen = Vec::new();
        Walk::new(&[2, 2], [&[1, -2]], [2]).each(|[at]| seen.push(at));
        assert_eq!(seen, [2, 0, 3, 1]);
    }
}
