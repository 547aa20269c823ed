//! Elements in the order of a walk, and back to where they come from.

use crate::{op::Float, shape::Walk};

/// So many rows of a transpose are written side by side: they take neighbours, which a processor fetches
/// together.
const SIDE_BY_SIDE: usize = 8;

/// Lays down the elements of `x` in the order of a walk.
pub fn gather<T: Copy>(walk: &Walk<1>, x: &[T], y: &mut [T]) {
    let mut rest = y;
    walk.planes(&mut |[from], [(rows, [down]), (columns, [along])]| {
        let (plane, behind) = std::mem::take(&mut rest).split_at_mut(rows * columns);
        rest = behind;
        if down == 1 && along > 1 {
            return side_by_side(rows, columns, |row, height, column| {
                let seen = &x[from + column * along as usize + row..][..height];
                seen.iter().enumerate().for_each(|(k, &x)| plane[(row + k) * columns + column] = x);
            });
        }
        for (row, line) in plane.chunks_exact_mut(columns).enumerate() {
            let from = place(from, down, row);
            match along {
                1 => line.copy_from_slice(&x[from..][..columns]),
                _ => line.iter_mut().enumerate().for_each(|(k, y)| *y = x[place(from, along, k)]),
            }
        }
    });
}

/// Adds elements in the order of a walk to those of `x`.
pub fn add_back<F: Float>(walk: &Walk<1>, elements: &[F], x: &mut [F]) {
    let mut rest = elements;
    walk.planes(&mut |[to], [(rows, [down]), (columns, [along])]| {
        let (plane, behind) = rest.split_at(rows * columns);
        rest = behind;
        // No two of them go to one place, so that their order does not matter.
        if down == 1 && along > 1 && along as usize >= rows {
            return side_by_side(rows, columns, |row, height, column| {
                let to = &mut x[to + column * along as usize + row..][..height];
                to.iter_mut().enumerate().for_each(|(k, to)| *to += plane[(row + k) * columns + column]);
            });
        }
        for (row, line) in plane.chunks_exact(columns).enumerate() {
            let to = place(to, down, row);
            match along {
                1 => x[to..][..columns].iter_mut().zip(line).for_each(|(to, &more)| *to += more),
                _ => line.iter().enumerate().for_each(|(k, &more)| x[place(to, along, k)] += more),
            }
        }
    });
}

/// So many steps on from a place.
fn place(from: usize, step: isize, count: usize) -> usize {
    (from as isize + step * count as isize) as usize
}

/// Calls `visit` with a row, so many rows from it on, and a column, until all have been visited.
#[inline(always)]
fn side_by_side(rows: usize, columns: usize, mut visit: impl FnMut(usize, usize, usize)) {
    for row in (0..rows).step_by(SIDE_BY_SIDE) {
        for column in 0..columns {
            visit(row, SIDE_BY_SIDE.min(rows - row), column);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transpose_is_gathered_and_sent_back_element_by_element() {
        // The axes of a tensor of shape [3, 11, 19] in other orders, with an edge in every direction.
        let (lengths, strides) = ([3, 11, 19], [11 * 19, 19, 1]);
        let x: Vec<f64> = (0..3 * 11 * 19).map(f64::from).collect();
        for order in [[0, 2, 1], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
            let (shape, steps) = (order.map(|axis| lengths[axis]), order.map(|axis| strides[axis]));
            let walk = Walk::new(&shape, [&steps], [0]);
            let (mut one_by_one, mut gathered) = (Vec::new(), vec![0.0; x.len()]);
            walk.each(|[at]| one_by_one.push(x[at]));
            gather(&walk, &x, &mut gathered);
            assert_eq!(gathered, one_by_one, "{order:?}");
            let mut back = x.clone();
            add_back(&walk, &gathered, &mut back);
            assert_eq!(back, x.iter().map(|x| 2.0 * x).collect::<Vec<_>>(), "{order:?}");
        }
    }

    #[test]
    fn what_stands_in_several_places_gets_all_that_comes_back() {
        // Windows of three over a row: neighbours share elements.
        let walk = Walk::new(&[3, 2], [&[1, 2]], [0]);
        let (mut seen, mut back) = (vec![0.0; 6], vec![0.0; 5]);
        gather(&walk, &[1.0, 2.0, 3.0, 4.0, 5.0], &mut seen);
        assert_eq!(seen, [1.0, 3.0, 2.0, 4.0, 3.0, 5.0]);
        add_back(&walk, &[1.0; 6], &mut back);
        assert_eq!(back, [1.0, 1.0, 2.0, 1.0, 1.0]);
    }
}
