//! The cone of a matrix product: chains of multiply-adds restarted where a factor
//! changed.

use super::{
    Change, Cone, LANES, Lanes, Touched,
    chain::{Order, WIDTH},
    plus,
    sparse::Sparse,
};
use crate::op::Inputs;
use std::ops::{Range, RangeInclusive};

/// Marks along all chains of an op's products take up to so many numbers.
const MARKED: usize = 1 << 19;

/// Copies of the factors take up to so many, a factor counted as often as it is used.
const COPIED: usize = 1 << 25;

/// A product x·w with all its chains at hand.
pub struct Product {
    order: Order,
    rows: usize,
    inner: usize,
    columns: usize,
    /// Rows and columns, filled up to whole vectors.
    row_pitch: usize,
    pitch: usize,
    /// w with rows of `pitch`, and its columns one behind the other.
    w: Vec<f64>,
    by_column: Vec<f64>,
    /// x with the rows of one place side by side, `[inner, row_pitch]`.
    by_place: Vec<f64>,
    /// The chains' values before every `spacing`-th place, `[marks, rows, pitch]`;
    /// a block begins with a mark.
    marks: Vec<f64>,
    spacing: usize,
    /// The sums of the blocks, `[blocks, rows, pitch]`.
    blocks: Vec<f64>,
    sparse: Option<Sparse>,
}

impl Product {
    /// Of x `[rows, inner]` and w `[inner, columns]`, one of `several` products of an
    /// op; `None` where the order of summation is not known, or where all of them
    /// would take too much memory.
    pub fn of(x: &[f64], w: &[f64], [rows, inner, columns]: [usize; 3], several: usize) -> Option<Self> {
        let order = Order::here()?;
        let (row_pitch, pitch) = (rows.next_multiple_of(WIDTH), columns.next_multiple_of(WIDTH));
        let (marked, copied) = (MARKED / several.max(1), COPIED / several.max(1));
        if rows * inner * columns == 0 || inner * (pitch + columns + row_pitch) > copied {
            return None;
        }
        // At the widest, a mark stands where a block begins.
        let spacing = (2..=order.block)
            .filter(|spacing| order.block.is_multiple_of(*spacing))
            .find(|spacing| inner.div_ceil(*spacing) * rows * pitch <= marked)?;
        let mut product = Self {
            order,
            rows,
            inner,
            columns,
            row_pitch,
            pitch,
            w: vec![0.0; inner * pitch],
            by_column: vec![0.0; inner * columns],
            by_place: vec![0.0; inner * row_pitch],
            marks: vec![0.0; inner.div_ceil(spacing) * rows * pitch],
            spacing,
            blocks: vec![0.0; inner.div_ceil(order.block) * rows * pitch],
            sparse: None,
        };
        for (place, w) in w.chunks_exact(columns).enumerate() {
            product.w[place * pitch..][..columns].copy_from_slice(w);
            w.iter().enumerate().for_each(|(column, &w)| product.by_column[column * inner + place] = w);
        }
        for (row, x) in x.chunks_exact(inner).enumerate() {
            x.iter().enumerate().for_each(|(place, &x)| product.by_place[place * row_pitch + row] = x);
        }
        product.mark(x);
        product.sparse = Sparse::of(x, w, inner, spacing);
        Some(product)
    }

    fn mark(&mut self, x: &[f64]) {
        for (row, x) in x.chunks_exact(self.inner).enumerate() {
            let mut sums = vec![0.0; self.pitch];
            for mark in 0..self.inner.div_ceil(self.spacing) {
                let start = mark * self.spacing;
                if start.is_multiple_of(self.order.block) {
                    sums.fill(0.0);
                }
                self.marks[(mark * self.rows + row) * self.pitch..][..self.pitch].copy_from_slice(&sums);
                let end = (start + self.spacing).min(self.inner);
                let w = &self.w[start * self.pitch..end * self.pitch];
                self.order.rows([&x[start..end]], w, self.pitch, &mut sums);
                if end.is_multiple_of(self.order.block) || end == self.inner {
                    let block = start / self.order.block;
                    self.blocks[(block * self.rows + row) * self.pitch..][..self.pitch]
                        .copy_from_slice(&sums);
                }
            }
        }
    }

    /// The places of a block.
    fn block(&self, block: usize) -> Range<usize> {
        block * self.order.block..((block + 1) * self.order.block).min(self.inner)
    }

    /// An element of the product, with `start` under it, and `new` in place of the
    /// sums of some blocks.
    fn element(
        &self,
        row: usize,
        column: usize,
        start: Option<Lanes>,
        new: impl Fn(usize) -> Option<Lanes>,
    ) -> Lanes {
        let sums = (0..self.inner.div_ceil(self.order.block))
            .map(|block| new(block).unwrap_or_else(|| [self.block_sum(block, row, column); LANES]));
        match start {
            Some(start) => sums.fold(start, plus),
            None => sums.reduce(plus).unwrap_or([0.0; LANES]),
        }
    }

    fn block_sum(&self, block: usize, row: usize, column: usize) -> f64 {
        self.blocks[(block * self.rows + row) * self.pitch + column]
    }

    /// One element of w became `new`: a column is summed anew, from there on.
    fn one_weight(&self, at: usize, new: Lanes, start: Option<&[f64]>, mut set: impl FnMut(usize, Lanes)) {
        let (place, column) = (at / self.columns, at % self.columns);
        let block = place / self.order.block;
        let start = start.map(|start| [start[column]; LANES]);
        let mut finish = |row: usize, sums: Lanes| {
            let value = self.element(row, column, start, |which| (which == block).then_some(sums));
            set(row * self.columns + column, value);
        };
        let is_finite = new.iter().all(|new| new.is_finite());
        let x_here = &self.by_place[place * self.row_pitch..][..self.row_pitch];
        // Where x is 0, so is x·w, of either sign: a chain that comes to more than
        // 0 does not notice.
        let stays = |row: usize| x_here[row] == 0.0 && is_finite && self.block_sum(block, row, column) != 0.0;
        if let Some(sparse) = self.sparse.as_ref().filter(|_| is_finite) {
            for row in (0..self.rows).filter(|&row| !stays(row)) {
                let sums = self.sparse_chain(sparse, row, column, place, new).unwrap_or_else(|| {
                    self.dense_chains(row - row % WIDTH, column, place, new).map(|sums| sums[row % WIDTH])
                });
                finish(row, sums);
            }
            return;
        }
        for first in (0..self.rows).step_by(WIDTH) {
            let rows = first..self.rows.min(first + WIDTH);
            if !rows.clone().all(stays) {
                let sums = self.dense_chains(first, column, place, new);
                rows.for_each(|row| finish(row, sums.map(|sums| sums[row - first])));
            }
        }
    }

    /// The chains of [`WIDTH`] rows from `first` on, over the block of `place`.
    fn dense_chains(&self, first: usize, column: usize, place: usize, new: Lanes) -> [[f64; WIDTH]; LANES] {
        let weights = &self.by_column[column * self.inner..][..self.inner];
        let mark = place / self.spacing;
        let mut sums = [std::array::from_fn(|k| match first + k < self.rows {
            true => self.marks[(mark * self.rows + first + k) * self.pitch + column],
            false => 0.0,
        }); LANES];
        let x = |place: usize| &self.by_place[place * self.row_pitch + first..];
        let start = mark * self.spacing;
        let end = self.block(place / self.order.block).end;
        self.order.column(x(start), self.row_pitch, &weights[start..place], &mut sums);
        for (sums, new) in sums.iter_mut().zip(new) {
            self.order.column(x(place), self.row_pitch, &[new], std::array::from_mut(sums));
        }
        if place + 1 < end {
            self.order.column(x(place + 1), self.row_pitch, &weights[place + 1..end], &mut sums);
        }
        sums
    }

    /// The chain of one row over the block of `place`, leaving out where x is 0;
    /// `None` where that might change the sign of a zero.
    fn sparse_chain(
        &self,
        sparse: &Sparse,
        row: usize,
        column: usize,
        place: usize,
        new: Lanes,
    ) -> Option<Lanes> {
        let weights = &self.by_column[column * self.inner..][..self.inner];
        let mark = place / self.spacing;
        let end = self.block(place / self.order.block).end;
        let start = self.marks[(mark * self.rows + row) * self.pitch + column];
        let range = sparse.range(row, mark, end.div_ceil(self.spacing));
        let sums =
            self.order.chain(start, &sparse.x[range.clone()], &sparse.places[range], weights, (place, new));
        Some(sums).filter(|sums| !sums.contains(&0.0))
    }

    /// Some elements of x changed: their rows are summed anew, from the first one on,
    /// into the output from `to` on. `changed` is sorted.
    fn rows(
        &self,
        x: [&[f64]; LANES],
        changed: &[u32],
        start: Option<&[f64]>,
        (y, to): (&mut Touched, usize),
    ) {
        let mut sums = std::mem::take(&mut y.scratch.floats);
        let row_of = |at: u32| at as usize / self.inner;
        for own in changed.chunk_by(|&a, &b| row_of(a) == row_of(b)) {
            let row = row_of(own[0]);
            let place = |at: u32| at as usize - row * self.inner;
            let x = x.map(|x| &x[row * self.inner..][..self.inner]);
            self.row(row, x, place(own[0])..=place(own[own.len() - 1]), start, &mut sums);
            let first = to + row * self.columns;
            y.set_run(first..first + self.columns, |lane, y| {
                y.copy_from_slice(&sums[lane * self.pitch..][..self.columns])
            });
        }
        y.scratch.floats = sums;
    }

    /// Sums a row, `[LANES, pitch]`, of which x changed between these places.
    fn row(
        &self,
        row: usize,
        x: [&[f64]; LANES],
        changed: RangeInclusive<usize>,
        start: Option<&[f64]>,
        sums: &mut Vec<f64>,
    ) {
        let size = LANES * self.pitch;
        sums.clear();
        sums.resize(2 * size, 0.0);
        let (sums, of_block) = sums.split_at_mut(size);
        if let Some(start) = start {
            sums.chunks_exact_mut(self.pitch).for_each(|sums| sums[..self.columns].copy_from_slice(start));
        }
        let new = changed.start() / self.order.block..=changed.end() / self.order.block;
        for block in 0..self.inner.div_ceil(self.order.block) {
            let mut places = self.block(block);
            let kept = match block {
                _ if !new.contains(&block) => &self.blocks[(block * self.rows + row) * self.pitch..],
                _ => {
                    // A block that changes goes on from a mark, or from its start.
                    let mark = places.start.max(*changed.start()) / self.spacing;
                    places.start = mark * self.spacing;
                    &self.marks[(mark * self.rows + row) * self.pitch..]
                }
            };
            of_block.chunks_exact_mut(self.pitch).for_each(|sums| sums.copy_from_slice(&kept[..self.pitch]));
            if new.contains(&block) {
                let w = &self.w[places.start * self.pitch..places.end * self.pitch];
                self.order.rows(x.map(|x| &x[places.clone()]), w, self.pitch, of_block);
            }
            match (block, start) {
                (0, None) => sums.copy_from_slice(of_block),
                _ => sums.iter_mut().zip(&*of_block).for_each(|(sum, block)| *sum += block),
            }
        }
    }
}

/// The cone of an op that is one or several matrix products.
pub struct Products<W> {
    /// Each product with where its factors and itself lie in the op's input 0,
    /// its input 1 and its output.
    products: Vec<(Product, [Range<usize>; 3])>,
    /// Input 2 lies under every row.
    biased: bool,
    whole: W,
}

impl<W: Fn(&Inputs<f64>, &mut [f64]) + Send + Sync> Products<W> {
    /// `whole` runs the op whole, for changes that reach too much.
    pub fn new(products: Vec<(Product, [Range<usize>; 3])>, biased: bool, whole: W) -> Self {
        Self { products, biased, whole }
    }
}

impl<W: Fn(&Inputs<f64>, &mut [f64]) + Send + Sync> Cone for Products<W> {
    fn follow(&self, change: &Change, y: &mut Touched) {
        let start = self.biased.then(|| change.before.float(2));
        let (x, w) = (change.of(0), change.of(1));
        match (x, w) {
            ([], &[at]) if change.only_in(1) => {
                let at = at as usize;
                let new = change.float(1).map(|w| w[at]);
                for (product, [_, of, to]) in self.products.iter().filter(|(_, [_, of, _])| of.contains(&at))
                {
                    product
                        .one_weight(at - of.start, new, start, |place, value| y.set(to.start + place, value));
                }
            }
            (_, []) if change.only_in(0) => match &self.products[..] {
                [(product, _)] if x.is_sorted() => product.rows(change.float(0), x, start, (y, 0)),
                several => {
                    let mut own = std::mem::take(&mut y.scratch.indices);
                    for (product, [of, _, to]) in several {
                        own.clear();
                        let inside = x.iter().filter(|&&at| of.contains(&(at as usize)));
                        own.extend(inside.map(|&at| at - of.start as u32));
                        own.sort_unstable();
                        let x = change.float(0).map(|x| &x[of.clone()]);
                        product.rows(x, &own, start, (y, to.start));
                    }
                    y.scratch.indices = own;
                }
            },
            ([], []) if self.biased => {
                let [(product, _)] = &self.products[..] else { return };
                let bias = change.float(2);
                for &column in change.of(2) {
                    let column = column as usize;
                    let start = bias.map(|bias| bias[column]);
                    for row in 0..product.rows {
                        let value = product.element(row, column, Some(start), |_| None);
                        y.set(row * product.columns + column, value);
                    }
                }
            }
            _ => y.set_all(|lane, y| (self.whole)(&change.now(lane), y)),
        }
    }
}
