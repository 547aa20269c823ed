//! Sums of products for matrix products: several rows against several columns at a time.

use super::{
    Double,
    dot::{STEPS, carefully, dot_step, settle},
};

/// The columns of a panel, side by side in vectors.
pub const COLUMNS: usize = 8;

/// Place by place, a panel holds the high parts of its columns and their low parts.
pub type Panel = [[[f64; COLUMNS]; 2]];

/// Puts a number into a column of a panel's place.
#[inline(always)]
pub fn put(place: &mut [[f64; COLUMNS]; 2], column: usize, x: Double) {
    (place[0][column], place[1][column]) = (x.hi, x.lo);
}

/// The sum of products of each row with each column of a panel, where `a` holds the rows place by
/// place. Each is summed from the first product to the last, by [`dot_step`].
///
/// After an overflow on the way a sum is what the operators give.
#[inline(always)]
pub fn dots<const ROWS: usize>(a: &[[Double; ROWS]], b: &Panel) -> [[Double; COLUMNS]; ROWS] {
    let (mut sums, mut lost) = ([[0.0; COLUMNS]; ROWS], [[0.0; COLUMNS]; ROWS]);
    for (a, b) in a.chunks(STEPS).zip(b.chunks(STEPS)) {
        for (a, b) in a.iter().zip(b) {
            for row in 0..ROWS {
                for column in 0..COLUMNS {
                    let b = Double { hi: b[0][column], lo: b[1][column] };
                    let sum = (sums[row][column], lost[row][column]);
                    (sums[row][column], lost[row][column]) = dot_step(sum, a[row], b);
                }
            }
        }
        for row in 0..ROWS {
            for column in 0..COLUMNS {
                let sum = settle((sums[row][column], lost[row][column]));
                (sums[row][column], lost[row][column]) = sum;
            }
        }
    }
    let mut dots = [[Double::default(); COLUMNS]; ROWS];
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let (hi, lo) = (sums[row][column], lost[row][column]);
            dots[row][column] = Double { hi, lo };
            if !(hi.is_finite() && lo.is_finite()) {
                dots[row][column] = again(a, row, b, column);
            }
        }
    }
    dots
}

/// A sum of products by the operators.
#[cold]
#[inline(never)]
fn again<const ROWS: usize>(a: &[[Double; ROWS]], row: usize, b: &Panel, column: usize) -> Double {
    let a = a.iter().map(|a| a[row]);
    carefully(a.zip(b).map(|(a, b)| (a, Double { hi: b[0][column], lo: b[1][column] })))
}
