//! The order in which [`Float::matmul`] sums a product, and the loops that sum
//! parts of one in the same order.
//!
//! Each element is summed in blocks along the inner axis: within a block one
//! chain of multiply-adds from 0, fused where the machine has that, and the
//! blocks' sums added one after the other. Whether this is so, and how long a
//! block is, is found out by comparing bits, once a process.

use super::{LANES, Lanes};
use crate::op::{Float, matrix, matrix_mut, vector};
use std::sync::OnceLock;

/// The order of summation of a matrix product of f64s on this machine.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    fused: bool,
    /// Products summed in one chain.
    pub block: usize,
}

impl Order {
    /// The order on this machine; `None` where it is none that is known here.
    pub fn here() -> Option<Self> {
        static HERE: OnceLock<Option<Order>> = OnceLock::new();
        *HERE.get_or_init(|| {
            let orders = [true, false]
                .into_iter()
                .flat_map(|fused| [256, 128, 512, 384, 192].map(|block| Self { fused, block }));
            orders.into_iter().find(Self::holds)
        })
    }

    /// Sums a product of this order, element by element, and compares the bits.
    fn holds(&self) -> bool {
        const ROWS: usize = 3;
        const INNER: usize = 600;
        const COLUMNS: usize = 16;
        // Numbers without a pattern, of both signs.
        let mut state = 1u64;
        let mut numbers = |count: usize| -> Vec<f64> {
            let mut next = || {
                state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
                (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
            };
            (0..count).map(|_| next()).collect()
        };
        let (x, w) = (numbers(ROWS * INNER), numbers(INNER * COLUMNS));
        let mut whole = numbers(ROWS * COLUMNS);
        let mut parts = whole.clone();
        let (rows, columns) = (matrix(&x, ROWS, INNER), matrix(&w, INNER, COLUMNS));
        f64::matmul(rows, columns, 1.0, &mut matrix_mut(&mut whole, ROWS, COLUMNS));
        for (x, y) in x.chunks_exact(INNER).zip(parts.chunks_exact_mut(COLUMNS)) {
            for (x, w) in x.chunks(self.block).zip(w.chunks(self.block * COLUMNS)) {
                let mut sums = [0.0; COLUMNS];
                self.rows([x], w, COLUMNS, &mut sums);
                y.iter_mut().zip(sums).for_each(|(y, sum)| *y += sum);
            }
        }
        whole.iter().zip(&parts).all(|(whole, part)| whole.to_bits() == part.to_bits())
    }

    /// Goes on with the chains of `R` rows, all columns at once: adds to each of
    /// `sums`, `[R, pitch]`, the products of the row's part with `w`, `[…, pitch]`.
    /// `pitch` is a multiple of [`WIDTH`].
    pub fn rows<const R: usize>(&self, x: [&[f64]; R], w: &[f64], pitch: usize, sums: &mut [f64]) {
        self.run(Rows { x, w, pitch, sums });
    }

    /// Goes on with the chains of [`WIDTH`] rows in one column, in some lanes: adds
    /// the products of `x`, so many rows at each place along the inner axis, and the
    /// column's part `w`. `pitch` is from place to place in `x`.
    pub fn column<const L: usize>(&self, x: &[f64], pitch: usize, w: &[f64], sums: &mut [[f64; WIDTH]; L]) {
        self.run(Column { x, pitch, w, sums });
    }

    /// Goes on from `sum` with one chain, in each lane: adds the products of `x` and
    /// the weights at these places, with `new` for the weight at `place`.
    pub fn chain(
        &self,
        sum: f64,
        x: &[f64],
        places: &[u32],
        weights: &[f64],
        (place, new): (usize, Lanes),
    ) -> Lanes {
        self.run(Chain { sum, x, places, weights, place: place as u32, new })
    }

    fn run<C: Chains>(&self, work: C) -> C::Output {
        match self.fused {
            true => vector::run(Ordered::<true, C>(work)),
            false => vector::run(Ordered::<false, C>(work)),
        }
    }
}

/// Numbers that one vector instruction takes where it takes many.
pub const WIDTH: usize = 8;

/// A loop along some chains; see [`vector::Loop`].
trait Chains {
    type Output;

    fn run<const FUSED: bool>(self) -> Self::Output;
}

struct Ordered<const FUSED: bool, C>(C);

impl<const FUSED: bool, C: Chains> vector::Loop for Ordered<FUSED, C> {
    type Output = C::Output;

    #[inline(always)]
    fn run(self) -> C::Output {
        self.0.run::<FUSED>()
    }
}

#[inline(always)]
fn multiply_add<const FUSED: bool>(a: f64, b: f64, sum: f64) -> f64 {
    if FUSED { a.mul_add(b, sum) } else { a * b + sum }
}

struct Rows<'a, const R: usize> {
    x: [&'a [f64]; R],
    w: &'a [f64],
    pitch: usize,
    sums: &'a mut [f64],
}

impl<const R: usize> Chains for Rows<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(mut self) {
        let mut column = 0;
        while column + 2 * WIDTH <= self.pitch {
            self.tile::<FUSED, { 2 * WIDTH }>(column);
            column += 2 * WIDTH;
        }
        if column < self.pitch {
            self.tile::<FUSED, WIDTH>(column);
        }
    }
}

impl<const R: usize> Rows<'_, R> {
    #[inline(always)]
    fn tile<const FUSED: bool, const T: usize>(&mut self, column: usize) {
        let length = self.w.len() / self.pitch;
        let mut tile = [[0.0; T]; R];
        for (row, tile) in tile.iter_mut().enumerate() {
            tile.copy_from_slice(&self.sums[row * self.pitch + column..][..T]);
        }
        for at in 0..length {
            let w = &self.w[at * self.pitch + column..][..T];
            for (x, tile) in self.x.iter().zip(&mut tile) {
                for k in 0..T {
                    tile[k] = multiply_add::<FUSED>(x[at], w[k], tile[k]);
                }
            }
        }
        for (row, tile) in tile.iter().enumerate() {
            self.sums[row * self.pitch + column..][..T].copy_from_slice(tile);
        }
    }
}

struct Column<'a, const L: usize> {
    x: &'a [f64],
    pitch: usize,
    w: &'a [f64],
    sums: &'a mut [[f64; WIDTH]; L],
}

impl<const L: usize> Chains for Column<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let mut chains = *self.sums;
        for at in 0..self.w.len() {
            let x = &self.x[at * self.pitch..][..WIDTH];
            for lane in &mut chains {
                for row in 0..WIDTH {
                    lane[row] = multiply_add::<FUSED>(x[row], self.w[at], lane[row]);
                }
            }
        }
        *self.sums = chains;
    }
}

struct Chain<'a> {
    sum: f64,
    x: &'a [f64],
    places: &'a [u32],
    weights: &'a [f64],
    place: u32,
    new: Lanes,
}

impl Chains for Chain<'_> {
    type Output = Lanes;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Lanes {
        let mut sums = [self.sum; LANES];
        for k in 0..self.x.len().min(self.places.len()) {
            let (x, place) = (self.x[k], self.places[k]);
            let weight = match place == self.place {
                true => self.new,
                false => [self.weights[place as usize]; LANES],
            };
            sums = std::array::from_fn(|lane| multiply_add::<FUSED>(x, weight[lane], sums[lane]));
        }
        sums
    }
}
