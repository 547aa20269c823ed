//! Matrix products shared among threads.

use ndarray::{ArrayView2, ArrayViewMut2, Axis};

/// Computes parts of `c` from rows of `a` and columns of `b`. `whole` does one part;
/// `worth` multiplications are worth a thread.
///
/// How `c` is shared does not show in the numbers, so long as `whole` sums each element by itself.
pub fn shared<F: Send + Sync>(
    a: ArrayView2<F>,
    b: ArrayView2<F>,
    c: ArrayViewMut2<F>,
    worth: usize,
    whole: &Whole<F>,
) {
    among(rayon::current_num_threads(), a, b, c, worth, whole);
}

/// What computes a part.
type Whole<'a, F> = dyn Fn(ArrayView2<F>, ArrayView2<F>, &mut ArrayViewMut2<F>) + Sync + 'a;

fn among<F: Send + Sync>(
    threads: usize,
    a: ArrayView2<F>,
    b: ArrayView2<F>,
    mut c: ArrayViewMut2<F>,
    worth: usize,
    whole: &Whole<F>,
) {
    let (rows, columns) = c.dim();
    let work = rows.saturating_mul(columns).saturating_mul(a.ncols());
    if threads < 2 || work < 2 * worth || rows.max(columns) < 16 {
        return whole(a, b, &mut c);
    }
    // Whole tiles of the inner kernel on either side.
    let half = |length: usize| (length / 2).next_multiple_of(8);
    let (one, other) = (threads / 2, threads - threads / 2);
    if rows >= columns {
        let (upper, lower) = a.split_at(Axis(0), half(rows));
        let (c_upper, c_lower) = c.split_at(Axis(0), half(rows));
        rayon::join(
            || among(one, upper, b, c_upper, worth, whole),
            || among(other, lower, b, c_lower, worth, whole),
        );
    } else {
        let (left, right) = b.split_at(Axis(1), half(columns));
        let (c_left, c_right) = c.split_at(Axis(1), half(columns));
        rayon::join(
            || among(one, a, left, c_left, worth, whole),
            || among(other, a, right, c_right, worth, whole),
        );
    }
}
