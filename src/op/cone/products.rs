//! The cone of a matrix product: chains of multiply-adds restarted where a factor
//! changed.

use super::{
    Change, Cone, Touched,
    chain::{LANES, Order},
    sparse::Sparse,
};
use crate::op::Inputs;
use smallvec::SmallVec;
use std::ops::Range;

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
        let (row_pitch, pitch) = (rows.next_multiple_of(LANES), columns.next_multiple_of(LANES));
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
        start: Option<f64>,
        new: impl Fn(usize) -> Option<f64>,
    ) -> f64 {
        let sums = (0..self.inner.div_ceil(self.order.block)).map(|block| {
            new(block).unwrap_or_else(|| self.blocks[(block * self.rows + row) * self.pitch + column])
        });
        match start {
            Some(start) => sums.fold(start, |sum, block| sum + block),
            None => sums.reduce(|sum, block| sum + block).unwrap_or(0.0),
        }
    }

    /// One element of w became `new`: a column is summed anew, from there on.
    fn one_weight(&self, at: usize, new: f64, start: Option<&[f64]>, mut set: impl FnMut(usize, f64)) {
        let (place, column) = (at / self.columns, at % self.columns);
        let block = place / self.order.block;
        let mut finish = |row: usize, sum: f64| {
            let start = start.map(|start| start[column]);
            let value = self.element(row, column, start, |which| (which == block).then_some(sum));
            set(row * self.columns + column, value);
        };
        let x_here = &self.by_place[place * self.row_pitch..][..self.row_pitch];
        // Where x is 0, so is x·w, of either sign: a chain that comes to more than
        // 0 does not notice.
        let stays = |row: usize| {
            let sum = self.blocks[(block * self.rows + row) * self.pitch + column];
            x_here[row] == 0.0 && new.is_finite() && sum != 0.0
        };
        if let Some(sparse) = self.sparse.as_ref().filter(|_| new.is_finite()) {
            for row in 0..self.rows {
                if stays(row) {
                    continue;
                }
                let sum = self
                    .sparse_chain(sparse, row, column, place, new)
                    .unwrap_or_else(|| self.dense_chains(row - row % LANES, column, place, new)[row % LANES]);
                finish(row, sum);
            }
            return;
        }
        for first in (0..self.rows).step_by(LANES) {
            if (first..self.rows.min(first + LANES)).all(stays) {
                continue;
            }
            let sums = self.dense_chains(first, column, place, new);
            sums.into_iter().take(self.rows - first).enumerate().for_each(|(k, sum)| finish(first + k, sum));
        }
    }

    /// The chains of so many rows from `first` on, over the block of `place`.
    fn dense_chains(&self, first: usize, column: usize, place: usize, new: f64) -> [f64; LANES] {
        let weights = &self.by_column[column * self.inner..][..self.inner];
        let mark = place / self.spacing;
        let mut sums = std::array::from_fn(|k| match first + k < self.rows {
            true => self.marks[(mark * self.rows + first + k) * self.pitch + column],
            false => 0.0,
        });
        let end = self.block(place / self.order.block).end;
        let mut run = |places: Range<usize>, w: &[f64]| {
            self.order.column(
                &self.by_place[places.start * self.row_pitch + first..],
                self.row_pitch,
                w,
                &mut sums,
            );
        };
        let start = mark * self.spacing;
        run(start..place, &weights[start..place]);
        run(place..place + 1, &[new]);
        if place + 1 < end {
            run(place + 1..end, &weights[place + 1..end]);
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
        new: f64,
    ) -> Option<f64> {
        let weights = &self.by_column[column * self.inner..][..self.inner];
        let mark = place / self.spacing;
        let end = self.block(place / self.order.block).end;
        let start = self.marks[(mark * self.rows + row) * self.pitch + column];
        let range = sparse.range(row, mark, end.div_ceil(self.spacing));
        let (places, x) = (&sparse.places[range.clone()], &sparse.x[range]);
        let split = places.partition_point(|&at| (at as usize) < place);
        let mut sum = self.order.chain(start, &x[..split], &places[..split], weights);
        let mut rest = split;
        if places.get(split).is_some_and(|&at| at as usize == place) {
            sum = self.order.chain(sum, &x[split..=split], &[0], &[new]);
            rest += 1;
        }
        sum = self.order.chain(sum, &x[rest..], &places[rest..], weights);
        Some(sum).filter(|&sum| sum != 0.0)
    }

    /// Some elements of x changed: their rows are summed anew, from the first one on.
    /// `changed` is sorted.
    #[inline]
    fn rows(
        &self,
        x: &[f64],
        changed: &[u32],
        start: Option<&[f64]>,
        floats: &mut Vec<f64>,
        mut set: impl FnMut(usize, f64),
    ) {
        let row_of = |at: u32| at as usize / self.inner;
        let mut changed = changed;
        while !changed.is_empty() {
            // Up to four rows go together.
            let mut group: SmallVec<[ChangedRow; 4]> = SmallVec::new();
            while group.len() < 4
                && let [first, ..] = *changed
            {
                let row = row_of(first);
                let (own, rest) = changed.split_at(changed.partition_point(|&at| row_of(at) == row));
                let place = |at: u32| at as usize - row * self.inner;
                group.push(ChangedRow { row, first: place(first), last: place(own[own.len() - 1]) });
                changed = rest;
            }
            match group[..] {
                [a] => self.some_rows([a], x, start, floats, &mut set),
                [a, b] => self.some_rows([a, b], x, start, floats, &mut set),
                [a, b, c] => self.some_rows([a, b, c], x, start, floats, &mut set),
                _ => self.some_rows([group[0], group[1], group[2], group[3]], x, start, floats, &mut set),
            }
        }
    }

    fn some_rows<const R: usize>(
        &self,
        group: [ChangedRow; R],
        x: &[f64],
        start: Option<&[f64]>,
        floats: &mut Vec<f64>,
        set: &mut impl FnMut(usize, f64),
    ) {
        let first = group.iter().map(|row| row.first).min().unwrap_or(0);
        let last = group.iter().map(|row| row.last).max().unwrap_or(0);
        let (first_block, last_block) = (first / self.order.block, last / self.order.block);
        let size = R * self.pitch;
        floats.clear();
        floats.resize((last_block - first_block + 1) * size, 0.0);
        for (sums, block) in floats.chunks_exact_mut(size).zip(first_block..) {
            let mut places = self.block(block);
            if block == first_block {
                let mark = first / self.spacing;
                places.start = mark * self.spacing;
                for (sums, row) in sums.chunks_exact_mut(self.pitch).zip(group) {
                    let at = (mark * self.rows + row.row) * self.pitch;
                    sums.copy_from_slice(&self.marks[at..][..self.pitch]);
                }
            }
            let x = group.map(|row| &x[row.row * self.inner..][places.clone()]);
            self.order.rows(x, &self.w[places.start * self.pitch..places.end * self.pitch], self.pitch, sums);
        }
        for (k, row) in group.iter().enumerate() {
            let at = row.row * self.columns;
            if self.inner <= self.order.block {
                let sums = &floats[k * self.pitch..][..self.columns];
                for (column, &sum) in sums.iter().enumerate() {
                    set(at + column, start.map_or(sum, |start| start[column] + sum));
                }
                continue;
            }
            for column in 0..self.columns {
                let value = self.element(row.row, column, start.map(|start| start[column]), |block| {
                    let new = block.checked_sub(first_block)? * size + k * self.pitch + column;
                    floats.get(new).copied()
                });
                set(at + column, value);
            }
        }
    }
}

/// A row of x that changed, from one place to another.
#[derive(Debug, Clone, Copy)]
struct ChangedRow {
    row: usize,
    first: usize,
    last: usize,
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
        let start = self.biased.then(|| change.now.float(2));
        let (x, w) = (change.of(0), change.of(1));
        match (x, w) {
            ([], &[at]) if change.only_in(1) => {
                let new = change.now.float(1)[at as usize];
                for (product, [_, of, to]) in
                    self.products.iter().filter(|(_, [_, of, _])| of.contains(&(at as usize)))
                {
                    product.one_weight(at as usize - of.start, new, start, |place, value| {
                        y.set(to.start + place, value)
                    });
                }
            }
            (_, []) if change.only_in(0) => {
                let mut floats = std::mem::take(&mut y.scratch.floats);
                match &self.products[..] {
                    [(product, _)] if x.is_sorted() => {
                        product.rows(change.now.float(0), x, start, &mut floats, |place, value| {
                            y.set(place, value)
                        });
                    }
                    several => {
                        let mut own = std::mem::take(&mut y.scratch.indices);
                        for (product, [of, _, to]) in several {
                            own.clear();
                            let inside = x.iter().filter(|&&at| of.contains(&(at as usize)));
                            own.extend(inside.map(|&at| at - of.start as u32));
                            own.sort_unstable();
                            let x = &change.now.float(0)[of.clone()];
                            product.rows(x, &own, start, &mut floats, |place, value| {
                                y.set(to.start + place, value)
                            });
                        }
                        y.scratch.indices = own;
                    }
                }
                y.scratch.floats = floats;
            }
            ([], []) if self.biased => {
                let [(product, _)] = &self.products[..] else { return };
                let bias = change.now.float(2);
                for &column in change.of(2) {
                    let column = column as usize;
                    for row in 0..product.rows {
                        y.set(
                            row * product.columns + column,
                            product.element(row, column, Some(bias[column]), |_| None),
                        );
                    }
                }
            }
            _ => y.set_all(|y| (self.whole)(&change.now, y)),
        }
    }
}
