//! Flat elements seen as a matrix.

use ndarray::{ArrayView2, ArrayViewMut2};

/// The matrix of so many rows and columns that the elements hold, row by row.
pub fn matrix<F>(elements: &[F], rows: usize, columns: usize) -> ArrayView2<'_, F> {
    ArrayView2::from_shape((rows, columns), elements).expect("bind fixed the sizes")
}

/// The same, to be written to.
pub fn matrix_mut<F>(elements: &mut [F], rows: usize, columns: usize) -> ArrayViewMut2<'_, F> {
    ArrayViewMut2::from_shape((rows, columns), elements).expect("bind fixed the sizes")
}
