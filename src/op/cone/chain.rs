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
                let (mut sums, places) = ([0.0; COLUMNS], (0..x.len() as u32).collect::<Vec<_>>());
                self.rows::<1>(Terms::common(x, &places), w, &[0.0; COLUMNS], &mut sums);
                y.iter_mut().zip(sums).for_each(|(y, sum)| *y += sum);
            }
        }
        whole.iter().zip(&parts).all(|(whole, part)| whole.to_bits() == part.to_bits())
    }

    /// Goes on with `R` runs of the chains of a row, all columns at once: `sums`,
    /// `[R, stride]`, become `from`, `[stride]`, and the terms' products with `w`,
    /// `[inner, stride]`. `stride` is a multiple of [`WIDTH`].
    pub fn rows<const R: usize>(&self, terms: Terms<R>, w: &[f64], from: &[f64], sums: &mut [f64]) {
        self.run(Rows { terms, w, from, stride: from.len(), sums });
    }

    /// Goes on with the chains of [`WIDTH`] rows in one column, in some lanes: adds
    /// the products of `x`, so many rows at each place along the inner axis, and the
    /// column's part `w`. `stride` is from place to place in `x`.
    pub fn column<const L: usize>(&self, x: &[f64], stride: usize, w: &[f64], sums: &mut [[f64; WIDTH]; L]) {
        self.run(Column { x, stride, w, sums });
    }

    /// Goes on with the chains of `R` rows in one column, leaving places out: adds the
    /// products of each row's `x` and the weights at its `places`, with `new` in place
    /// of the weight at `place`.
    pub fn sparse<const R: usize>(
        &self,
        rows: [SparseRow; R],
        weights: &[f64],
        place: usize,
        new: Lanes,
    ) -> [Lanes; R] {
        self.run(SparseChains { rows, weights, place: place as u32, new })
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

/// So many chains best go on side by side: each step of one waits for the step before.
pub const ABREAST: usize = 4;

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

/// What is added to the chains of a row, in this order.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a, const R: usize> {
    /// What each run has at some places.
    pub own: &'a [[f64; R]],
    pub places: &'a [u32],
    /// What all runs have at further places.
    pub common: &'a [f64],
    pub common_places: &'a [u32],
}

impl<'a, const R: usize> Terms<'a, R> {
    pub fn common(common: &'a [f64], common_places: &'a [u32]) -> Self {
        Self { own: &[], places: &[], common, common_places }
    }
}

struct Rows<'a, const R: usize> {
    terms: Terms<'a, R>,
    w: &'a [f64],
    from: &'a [f64],
    stride: usize,
    sums: &'a mut [f64],
}

impl<const R: usize> Chains for Rows<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { terms, w, from, stride, sums } = self;
        let mut column = 0;
        while column + 2 * WIDTH <= stride {
            tile::<FUSED, R, { 2 * WIDTH }>(terms, w, from, stride, column, sums);
            column += 2 * WIDTH;
        }
        if column < stride {
            tile::<FUSED, R, WIDTH>(terms, w, from, stride, column, sums);
        }
    }
}

/// The chains of `T` columns, which stay in registers.
#[inline(always)]
fn tile<const FUSED: bool, const R: usize, const T: usize>(
    terms: Terms<R>,
    w: &[f64],
    from: &[f64],
    stride: usize,
    column: usize,
    sums: &mut [f64],
) {
    let Terms { own, places, common, common_places } = terms;
    let mut tile = [[0.0; T]; R];
    tile.iter_mut().for_each(|tile| tile.copy_from_slice(&from[column..][..T]));
    for (x, &place) in own.iter().zip(places) {
        let w: &[f64; T] =
            w[place as usize * stride + column..].first_chunk().expect("rows of w are as long");
        for run in 0..R {
            for k in 0..T {
                tile[run][k] = multiply_add::<FUSED>(x[run], w[k], tile[run][k]);
            }
        }
    }
    for (&x, &place) in common.iter().zip(common_places) {
        let w: &[f64; T] =
            w[place as usize * stride + column..].first_chunk().expect("rows of w are as long");
        for run in &mut tile {
            for k in 0..T {
                run[k] = multiply_add::<FUSED>(x, w[k], run[k]);
            }
        }
    }
    for (run, tile) in tile.iter().enumerate() {
        sums[run * stride + column..][..T].copy_from_slice(tile);
    }
}

struct Column<'a, const L: usize> {
    x: &'a [f64],
    stride: usize,
    w: &'a [f64],
    sums: &'a mut [[f64; WIDTH]; L],
}

impl<const L: usize> Chains for Column<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let mut chains = *self.sums;
        for at in 0..self.w.len() {
            let x = &self.x[at * self.stride..][..WIDTH];
            for lane in &mut chains {
                for row in 0..WIDTH {
                    lane[row] = multiply_add::<FUSED>(x[row], self.w[at], lane[row]);
                }
            }
        }
        *self.sums = chains;
    }
}

/// The rest of a row, from where its chain stands at `sum`.
#[derive(Debug, Clone, Copy, Default)]
pub struct SparseRow<'a> {
    pub sum: f64,
    pub x: &'a [f64],
    /// The places of `x`, in order.
    pub places: &'a [u32],
}

struct SparseChains<'a, const R: usize> {
    rows: [SparseRow<'a>; R],
    weights: &'a [f64],
    place: u32,
    new: Lanes,
}

impl<const R: usize> Chains for SparseChains<'_, R> {
    type Output = [Lanes; R];

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> [Lanes; R] {
        let mut sums = [[0.0; LANES]; R];
        let mut rest: [(&[f64], &[u32]); R] = [Default::default(); R];
        for (k, row) in self.rows.iter().enumerate() {
            // Up to the place all lanes are one.
            let (mut sum, mut at, length) = (row.sum, 0, row.x.len().min(row.places.len()));
            while at < length && row.places[at] < self.place {
                sum = multiply_add::<FUSED>(row.x[at], self.weights[row.places[at] as usize], sum);
                at += 1;
            }
            sums[k] = [sum; LANES];
            if at < length && row.places[at] == self.place {
                sums[k] = std::array::from_fn(|lane| multiply_add::<FUSED>(row.x[at], self.new[lane], sum));
                at += 1;
            }
            rest[k] = (&row.x[at..length], &row.places[at..length]);
        }
        let together = rest.iter().map(|(x, _)| x.len()).min().unwrap_or(0);
        let step = |sum: &mut Lanes, x: f64, place: u32| {
            let weight = self.weights[place as usize];
            *sum = std::array::from_fn(|lane| multiply_add::<FUSED>(x, weight, sum[lane]));
        };
        for at in 0..together {
            for k in 0..R {
                step(&mut sums[k], rest[k].0[at], rest[k].1[at]);
            }
        }
        for (sum, (x, places)) in sums.iter_mut().zip(rest) {
            for (&x, &place) in x[together..].iter().zip(&places[together..]) {
                step(sum, x, place);
            }
        }
        sums
    }
}
