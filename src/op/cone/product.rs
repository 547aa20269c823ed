//! A matrix product whose chains of multiply-adds are restarted where a factor changed.

use super::{
    Dirty, LANES, Lanes, across,
    chain::{ABREAST, Order, SparseRow, Terms, WIDTH},
    plus,
    sparse::Sparse,
};
use std::ops::Range;

/// Marks along all chains of an op's products take up to so many numbers.
const MARKED: usize = 1 << 19;

/// Copies of the factors take up to so many, a factor counted as often as it is used.
const COPIED: usize = 1 << 25;

/// A product x·w with all its chains at hand.
pub struct Product {
    order: Order,
    pub rows: usize,
    inner: usize,
    pub columns: usize,
    /// Rows and columns, filled up to whole vectors.
    row_pitch: usize,
    stride: usize,
    /// w with rows of `stride`, and its columns one behind the other.
    w: Vec<f64>,
    by_column: Vec<f64>,
    /// x with the rows of one place side by side, `[inner, row_pitch]`.
    by_place: Vec<f64>,
    /// The chains' values before every `spacing`-th place, `[marks, rows, stride]`;
    /// a block begins with a mark.
    marks: Vec<f64>,
    spacing: usize,
    /// The sums of the blocks, `[blocks, rows, stride]`.
    blocks: Vec<f64>,
    /// Where x is not 0, where it often is.
    sparse: Option<Sparse>,
    /// All places along the inner axis.
    places: Vec<u32>,
}

impl Product {
    /// Of x `[rows, inner]` and w `[inner, columns]`, one of `several` products of an
    /// op; `None` where the order of summation is not known, or where all of them
    /// would take too much memory.
    pub fn of(x: &[f64], w: &[f64], [rows, inner, columns]: [usize; 3], several: usize) -> Option<Self> {
        let order = Order::here()?;
        let (row_pitch, stride) = (rows.next_multiple_of(WIDTH), columns.next_multiple_of(WIDTH));
        let (marked, copied) = (MARKED / several.max(1), COPIED / several.max(1));
        if rows * inner * columns == 0 || inner * (stride + columns + row_pitch) > copied {
            return None;
        }
        // At the widest, a mark stands where a block begins.
        let spacing = (2..=order.block)
            .filter(|spacing| order.block.is_multiple_of(*spacing))
            .find(|spacing| inner.div_ceil(*spacing) * rows * stride <= marked)?;
        let mut product = Self {
            order,
            rows,
            inner,
            columns,
            row_pitch,
            stride,
            w: vec![0.0; inner * stride],
            by_column: vec![0.0; inner * columns],
            by_place: vec![0.0; inner * row_pitch],
            marks: vec![0.0; inner.div_ceil(spacing) * rows * stride],
            spacing,
            blocks: vec![0.0; inner.div_ceil(order.block) * rows * stride],
            sparse: None,
            places: (0..inner as u32).collect(),
        };
        for (place, w) in w.chunks_exact(columns).enumerate() {
            product.w[place * stride..][..columns].copy_from_slice(w);
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
            let (mut from, mut sums) = (vec![0.0; self.stride], vec![0.0; self.stride]);
            for mark in 0..self.inner.div_ceil(self.spacing) {
                let start = mark * self.spacing;
                if start.is_multiple_of(self.order.block) {
                    from.fill(0.0);
                }
                self.marks[(mark * self.rows + row) * self.stride..][..self.stride].copy_from_slice(&from);
                let end = (start + self.spacing).min(self.inner);
                let terms = Terms::common(&x[start..end], &self.places[start..end]);
                self.order.rows::<1>(terms, &self.w, &from, &mut sums);
                if end.is_multiple_of(self.order.block) || end == self.inner {
                    let block = start / self.order.block;
                    self.blocks[(block * self.rows + row) * self.stride..][..self.stride]
                        .copy_from_slice(&sums);
                }
                std::mem::swap(&mut from, &mut sums);
            }
        }
    }

    /// The places of a block.
    fn block(&self, block: usize) -> Range<usize> {
        block * self.order.block..((block + 1) * self.order.block).min(self.inner)
    }

    /// An element of the product, with `start` under it, and `new` in place of the
    /// sums of some blocks.
    pub fn element(
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
        self.blocks[(block * self.rows + row) * self.stride + column]
    }

    /// One element of w became `new`: a column is summed anew, from there on.
    pub fn one_weight(
        &self,
        at: usize,
        new: Lanes,
        start: Option<&[f64]>,
        mut set: impl FnMut(usize, Lanes),
    ) {
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
        if let Some(sparse) = self.sparse.as_ref().filter(|sparse| is_finite && sparse.is_worth_a_chain()) {
            let mut finish_all = |rows: &[usize], all: &[Lanes]| {
                for (&row, &(mut sums)) in rows.iter().zip(all) {
                    // What is left out might have changed the sign of a zero.
                    if sums.contains(&0.0) {
                        let dense = self.dense_chains(row - row % WIDTH, column, place, new);
                        sums = std::array::from_fn(|lane| dense[lane][row % WIDTH]);
                    }
                    finish(row, sums);
                }
            };
            // Nor does one that has nothing but zeros: from +0 it comes to +0.
            let marks = self.block(block);
            let marks = [marks.start / self.spacing, marks.end.div_ceil(self.spacing)];
            let is_idle = |row: usize| sparse.range(row, marks[0], marks[1]).is_empty();
            let (mut rows, mut count) = ([0; ABREAST], 0);
            for row in (0..self.rows).filter(|&row| !(stays(row) || x_here[row] == 0.0 && is_idle(row))) {
                rows[count] = row;
                count += 1;
                if count == ABREAST {
                    finish_all(&rows, &self.sparse_chains(sparse, rows, column, place, new));
                    count = 0;
                }
            }
            for &row in &rows[..count] {
                finish_all(&[row], &self.sparse_chains(sparse, [row], column, place, new));
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
            true => self.marks[(mark * self.rows + first + k) * self.stride + column],
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

    /// The chains of some rows over the block of `place`, leaving out where x is 0.
    fn sparse_chains<const R: usize>(
        &self,
        sparse: &Sparse,
        rows: [usize; R],
        column: usize,
        place: usize,
        new: Lanes,
    ) -> [Lanes; R] {
        let weights = &self.by_column[column * self.inner..][..self.inner];
        let mark = place / self.spacing;
        let end = self.block(place / self.order.block).end.div_ceil(self.spacing);
        let mut chains = [SparseRow::default(); R];
        for (chain, row) in chains.iter_mut().zip(rows) {
            let range = sparse.range(row, mark, end);
            chain.sum = self.marks[(mark * self.rows + row) * self.stride + column];
            (chain.x, chain.places) = (&sparse.x[range.clone()], &sparse.places[range]);
        }
        self.order.sparse(chains, weights, place, new)
    }

    /// Some elements of x changed: their rows are summed anew, from the first one on,
    /// into the output from `to` on. `changed` is sorted.
    pub fn rows(
        &self,
        x: [&[f64]; LANES],
        changed: &[u32],
        start: Option<&[f64]>,
        (y, to): (&mut Dirty, usize),
    ) {
        let mut scratch = std::mem::take(&mut y.scratch.rows);
        let row_of = |at: u32| at as usize / self.inner;
        for own in changed.chunk_by(|&a, &b| row_of(a) == row_of(b)) {
            let row = row_of(own[0]);
            let place = |at: u32| at as usize - row * self.inner;
            let x = std::array::from_fn(|lane| &x[lane][row * self.inner..][..self.inner]);
            self.row(row, x, place(own[0])..place(own[own.len() - 1]) + 1, start, &mut scratch);
            let first = to + row * self.columns;
            y.set_row(first..first + self.columns, &scratch.sums, self.stride);
        }
        y.scratch.rows = scratch;
    }

    /// Sums a row of which x changed between these places.
    fn row(
        &self,
        row: usize,
        x: [&[f64]; LANES],
        changed: Range<usize>,
        start: Option<&[f64]>,
        Rows { sums, of_block, own, places }: &mut Rows,
    ) {
        sums.resize(LANES * self.stride, 0.0);
        of_block.resize(LANES * self.stride, 0.0);
        for block in 0..self.inner.div_ceil(self.order.block) {
            let Range { start: first, end } = self.block(block);
            let is_new = changed.start < end && first < changed.end;
            if is_new {
                // A block that changes goes on from a mark, or from its start.
                let mark = first.max(changed.start) / self.spacing;
                let from = &self.marks[(mark * self.rows + row) * self.stride..][..self.stride];
                let first = mark * self.spacing;
                let last = end.min(changed.end);
                let zeros = self.sparse.as_ref();
                own.resize(end - first, [0.0; LANES]);
                places.resize(end - first, 0);
                let mut kept = 0;
                for place in first..last {
                    let x = across(x, place);
                    (own[kept], places[kept]) = (x, place as u32);
                    // By bits: which ones are 0 is not to be foretold.
                    let bits = x.iter().fold(0, |bits, x| bits | x.to_bits()) << 1;
                    kept += usize::from(bits != 0 || zeros.is_none());
                }
                let (common, common_places) = match zeros {
                    Some(sparse) => sparse.from(row, last, end),
                    None => (&x[0][last..end], &self.places[last..end]),
                };
                let terms = Terms { own: &own[..kept], places: &places[..kept], common, common_places };
                self.order.rows(terms, &self.w, from, of_block);
                let is_zero =
                    |sums: &[f64]| sums[..self.columns].iter().fold(false, |is, &x| is | (x == 0.0));
                if zeros.is_some() && of_block.chunks_exact(self.stride).any(is_zero) {
                    // What was left out might have changed the sign of a zero.
                    own.iter_mut().zip(first..end).for_each(|(own, place)| *own = across(x, place));
                    let places = &self.places[first..end];
                    let terms = Terms { own, places, common: &[], common_places: &[] };
                    self.order.rows(terms, &self.w, from, of_block);
                }
            }
            let kept = &self.blocks[(block * self.rows + row) * self.stride..][..self.stride];
            for (lane, sums) in sums.chunks_exact_mut(self.stride).enumerate() {
                let own = if is_new { &of_block[lane * self.stride..] } else { kept };
                let sums = sums.iter_mut().zip(own);
                match start {
                    _ if block > 0 => sums.for_each(|(sum, own)| *sum += own),
                    Some(start) => sums.zip(start).for_each(|((sum, own), start)| *sum = start + own),
                    None => sums.for_each(|(sum, own)| *sum = *own),
                }
            }
        }
    }
}

/// Buffers for [`Product::rows`], kept from call to call.
#[derive(Debug, Default)]
pub struct Rows {
    /// Of a row and of a block of it, `[LANES, stride]`.
    sums: Vec<f64>,
    of_block: Vec<f64>,
    /// What the lanes have at some places.
    own: Vec<Lanes>,
    places: Vec<u32>,
}
