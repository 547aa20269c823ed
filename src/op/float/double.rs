//! Double-double numbers: the same runs with twice the digits.
//!
//! The functions are many times as long as those of `f64`. Each is compiled in one loop, which
//! single numbers go through too, and not wherever it is called.

use super::{Float, product};
use crate::{
    double::{
        Double,
        panel::{self, COLUMNS},
    },
    op::vector,
};
use ndarray::{ArrayView2, ArrayViewMut2, s};
use num_traits::Zero;

/// A product of so many multiplications is worth a thread.
const WORTH_A_THREAD: usize = 1 << 15;

/// Rows that go through a panel of columns at a time.
const ROWS: usize = 4;

/// Defines loops over slices, each by a function of one number.
macro_rules! loops {
    ($($name:ident => $function:path;)*) => {$(
        #[inline(never)]
        fn $name(x: &mut [Double]) {
            struct Each<'a>(&'a mut [Double]);

            impl vector::Loop for Each<'_> {
                type Output = ();

                #[inline(always)]
                fn run(self) {
                    for x in self.0 {
                        *x = $function(*x);
                    }
                }
            }

            vector::run(Each(x));
        }
    )*};
}

loops! {
    exp => Double::exp;
    ln => Double::ln;
    ln_1p => Double::ln_1p;
    sin => Double::sin;
    sin_near => Double::sin_near;
    cos => Double::cos;
    cos_near => Double::cos_near;
    tanh => Double::tanh;
}

/// Of one number, by a loop.
#[inline(always)]
fn one(x: Double, function: fn(&mut [Double])) -> Double {
    let mut y = [x];
    function(&mut y);
    y[0]
}

/// The sizes of all numbers are below that from which on an angle takes a way of its own.
fn are_near(x: &[Double]) -> bool {
    x.iter().all(|x| x.hi().abs() < Double::FAR)
}

/// base[i] to the power of exponent[i] for each i, in place of the bases.
#[inline(never)]
fn powf(base: &mut [Double], exponent: &[Double]) {
    struct Each<'a>(&'a mut [Double], &'a [Double]);

    impl vector::Loop for Each<'_> {
        type Output = ();

        #[inline(always)]
        fn run(self) {
            for (base, exponent) in self.0.iter_mut().zip(self.1) {
                *base = base.powf(*exponent);
            }
        }
    }

    vector::run(Each(base, exponent));
}

impl Float for Double {
    const IN_BLOCKS: bool = true;

    fn from_f64(value: f64) -> Self {
        Self::from(value)
    }

    fn to_f64(self) -> f64 {
        self.hi()
    }

    fn exp(self) -> Self {
        one(self, exp)
    }

    fn exp_block<const B: usize>(x: &[Self; B], y: &mut [Self; B]) {
        *y = *x;
        exp(y);
    }

    fn exp_each(x: &mut [Self]) {
        exp(x);
    }

    fn ln(self) -> Self {
        one(self, ln)
    }

    fn ln_block<const B: usize>(x: &[Self; B], y: &mut [Self; B]) {
        *y = *x;
        ln(y);
    }

    fn ln_1p(self) -> Self {
        one(self, ln_1p)
    }

    fn ln_1p_block<const B: usize>(x: &[Self; B], y: &mut [Self; B]) {
        *y = *x;
        ln_1p(y);
    }

    fn sqrt(self) -> Self {
        Self::sqrt(self)
    }

    fn sin(self) -> Self {
        one(self, sin)
    }

    fn sin_block<const B: usize>(x: &[Self; B], y: &mut [Self; B]) {
        *y = *x;
        if are_near(x) { sin_near(y) } else { sin(y) }
    }

    fn cos(self) -> Self {
        one(self, cos)
    }

    fn cos_block<const B: usize>(x: &[Self; B], y: &mut [Self; B]) {
        *y = *x;
        if are_near(x) { cos_near(y) } else { cos(y) }
    }

    fn tanh(self) -> Self {
        one(self, tanh)
    }

    fn tanh_block<const B: usize>(x: &[Self; B], y: &mut [Self; B]) {
        *y = *x;
        tanh(y);
    }

    fn powf(self, exponent: Self) -> Self {
        let mut y = [self];
        powf(&mut y, &[exponent]);
        y[0]
    }

    fn powf_block<const B: usize>(base: &[Self; B], exponent: &[Self; B], power: &mut [Self; B]) {
        *power = *base;
        powf(power, exponent);
    }

    fn by_double<const N: usize>(x: [Self; N], function: fn([Self; N]) -> Self) -> Self {
        function(x)
    }

    fn matmul(a: ArrayView2<Self>, b: ArrayView2<Self>, beta: Self, c: &mut ArrayViewMut2<Self>) {
        let whole = |a: ArrayView2<Self>, b: ArrayView2<Self>, c: &mut ArrayViewMut2<Self>| {
            multiply(a, b, beta, c);
        };
        // The columns fill vectors. A product has the same bits with its factors exchanged.
        let (rows, columns) = c.dim();
        if columns < COLUMNS && columns < rows {
            let transposed = c.view_mut().reversed_axes();
            product::shared(b.reversed_axes(), a.reversed_axes(), transposed, WORTH_A_THREAD, &whole);
        } else {
            product::shared(a, b, c.view_mut(), WORTH_A_THREAD, &whole);
        }
    }
}

/// `c = a·b + beta·c`.
fn multiply(a: ArrayView2<Double>, b: ArrayView2<Double>, beta: Double, c: &mut ArrayViewMut2<Double>) {
    let (rows, inner) = a.dim();
    // The rows in tiles, place by place; a tile that is not full has zeros.
    let mut tiles = vec![[Double::zero(); ROWS]; rows.div_ceil(ROWS) * inner];
    for (row, numbers) in a.rows().into_iter().enumerate() {
        let tile = &mut tiles[row / ROWS * inner..][..inner];
        for (place, number) in tile.iter_mut().zip(numbers) {
            place[row % ROWS] = *number;
        }
    }
    // A last row by itself.
    let single: Vec<_> = match rows % ROWS {
        1 => a.row(rows - 1).iter().map(|&x| [x]).collect(),
        _ => Vec::new(),
    };
    let mut panel = vec![[[0.0; COLUMNS]; 2]; inner];
    for first in (0..b.ncols()).step_by(COLUMNS) {
        let columns = COLUMNS.min(b.ncols() - first);
        let part = b.slice(s![.., first..first + columns]);
        for (numbers, row) in panel.iter_mut().zip(part.rows()) {
            for column in 0..columns {
                panel::put(numbers, column, row[column]);
            }
        }
        for row in (0..rows).step_by(ROWS) {
            let count = ROWS.min(rows - row);
            let c = c.slice_mut(s![row..row + count, first..first + columns]);
            if count == 1 {
                vector::run(Tile { a: &single, b: &panel, beta, c });
            } else {
                vector::run(Tile { a: &tiles[row / ROWS * inner..][..inner], b: &panel, beta, c });
            }
        }
    }
}

/// Some rows of a product, in the columns of a panel.
struct Tile<'a, const ROWS: usize> {
    a: &'a [[Double; ROWS]],
    b: &'a panel::Panel,
    beta: Double,
    /// May have fewer rows and columns.
    c: ArrayViewMut2<'a, Double>,
}

impl<const ROWS: usize> vector::Loop for Tile<'_, ROWS> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let mut dots = panel::dots(self.a, self.b);
        for (row, mut c) in self.c.rows_mut().into_iter().enumerate() {
            // What was there before need not be a number.
            if !self.beta.is_zero() {
                let mut before = [Double::zero(); COLUMNS];
                for (before, c) in before.iter_mut().zip(&c) {
                    *before = *c;
                }
                for column in 0..COLUMNS {
                    dots[row][column] += self.beta * before[column];
                }
            }
            for (c, dot) in c.iter_mut().zip(&dots[row]) {
                *c = *dot;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::{matrix, matrix_mut};

    /// Numbers without a pattern, with low parts.
    fn noise(count: usize, seed: u64) -> Vec<Double> {
        let unit = |at: u64| {
            let mixed = (seed * 7919 + at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (mixed ^ (mixed >> 29)) as f64 / u64::MAX as f64 - 0.5
        };
        (0..count as u64).map(|at| Double::new(unit(2 * at), 1e-17 * unit(2 * at + 1))).collect()
    }

    fn product(a: ArrayView2<Double>, b: ArrayView2<Double>) -> Vec<Double> {
        let (rows, columns) = (a.nrows(), b.ncols());
        // With a factor of 0, what was there must not matter.
        let mut c = vec![Double::from(f64::NAN); rows * columns];
        Float::matmul(a, b, Double::zero(), &mut matrix_mut(&mut c, rows, columns));
        c
    }

    #[test]
    fn products_have_all_digits_and_bits_that_no_size_changes() {
        for [rows, inner, columns] in
            [[1, 1, 1], [3, 5, 2], [9, 40, 17], [4, 0, 3], [1, 30, 9], [70, 33, 65], [130, 40, 7]]
        {
            let (a, b) = (noise(rows * inner, 1), noise(inner * columns, 2));
            let (a, b) = (matrix(&a, rows, inner), matrix(&b, inner, columns));
            let all = product(a, b);
            let threads = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
            assert_eq!(all, threads.install(|| product(a, b)));
            for row in 0..rows {
                for column in 0..columns {
                    let got = all[row * columns + column];
                    let pairs = a.row(row).into_iter().zip(b.column(column));
                    let (mut right, mut size) = (Double::zero(), 0.0);
                    for (&a, &b) in pairs {
                        right += a * b;
                        size += (a * b).abs().hi();
                    }
                    assert!((got - right).abs().hi() <= 1e-30 * size, "{rows} {inner} {columns}");
                    let (a, b) = (a.slice(s![row..=row, ..]), b.slice(s![.., column..=column]));
                    assert_eq!(product(a, b), [got]);
                }
            }
            let mut sum = noise(rows * columns, 3);
            let before = sum.clone();
            Float::matmul(a, b, Double::from(2.0), &mut matrix_mut(&mut sum, rows, columns));
            for at in 0..sum.len() {
                assert_eq!(sum[at], all[at] + Double::from(2.0) * before[at]);
            }
            // Of factors that lie column by column.
            let (a, b) = (a.reversed_axes(), b.reversed_axes());
            let transposed = product(b, a);
            assert!((0..all.len()).all(|at| all[at] == transposed[at % columns * rows + at / columns]));
        }
    }

    #[test]
    fn products_that_overflow_are_what_f64_makes_of_them() {
        const INFINITY: f64 = f64::INFINITY;
        for (a, b, right) in [
            ([1e200, 1.0], [1e200, -1.0], INFINITY),
            ([1e200, 1e200], [1e200, -1e200], f64::NAN),
            ([INFINITY, 1.0], [1.0, 7.0], INFINITY),
            ([INFINITY, 1.0], [0.0, 7.0], f64::NAN),
            ([1e308, 1e308], [1.0, -1.0], 0.0),
        ] {
            let (a, b) = (a.map(Double::from), b.map(Double::from));
            let got = product(matrix(&a, 1, 2), matrix(&b, 2, 1))[0].hi();
            assert!(got == right || got.is_nan() && right.is_nan(), "{a:?} {b:?}: {got}");
        }
    }

    #[test]
    fn functions_of_blocks_are_those_of_numbers() {
        let mut x: [Double; 64] = std::array::from_fn(|at| Double::from(0.3 * at as f64 + 0.1));
        for far in [false, true] {
            x[5] = if far { Double::from(1e9) } else { x[5] };
            let mut y = x;
            Float::exp_each(&mut y);
            assert_eq!(y, x.map(Double::exp));
            Float::exp_block(&x, &mut y);
            assert_eq!(y, x.map(Double::exp));
            Float::ln_block(&x, &mut y);
            assert_eq!(y, x.map(Double::ln));
            Float::sin_block(&x, &mut y);
            assert_eq!(y, x.map(Double::sin));
            Float::cos_block(&x, &mut y);
            assert_eq!(y, x.map(Double::cos));
            Float::ln_1p_block(&x, &mut y);
            assert_eq!(y, x.map(Double::ln_1p));
            Float::tanh_block(&x, &mut y);
            assert_eq!(y, x.map(Double::tanh));
            Float::powf_block(&x, &x.map(|x| Double::from(2.0) - x), &mut y);
            assert_eq!(y, x.map(|x| x.powf(Double::from(2.0) - x)));
        }
    }
}
