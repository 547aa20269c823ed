//! The places of a product's first factor that are not zero: of digits and behind a
//! relu most are, and add nothing to a chain.

use std::ops::Range;

/// Above this share of zeros in x, the chains of a row go over the others alone.
const WORTH_A_ROW: f64 = 0.2;

/// Above this share, so do single chains, which lie side by side otherwise.
const WORTH_A_CHAIN: f64 = 0.5;

/// Where the rows of x are not zero, with marks along the inner axis.
pub struct Sparse {
    /// The places of each row, one row behind the other, and what x is there.
    pub places: Vec<u32>,
    pub x: Vec<f64>,
    /// Where the places from each mark on begin, `[rows, marks + 1]`.
    starts: Vec<u32>,
    marks: usize,
    spacing: usize,
    zeros: f64,
}

impl Sparse {
    /// `None` where x has few zeros, or w numbers that a zero does not make zero.
    pub fn of(x: &[f64], w: &[f64], inner: usize, spacing: usize) -> Option<Self> {
        let zeros = x.iter().filter(|&&x| x == 0.0).count();
        let zeros = zeros as f64 / x.len() as f64;
        if zeros < WORTH_A_ROW || !w.iter().all(|w| w.is_finite()) {
            return None;
        }
        let marks = inner.div_ceil(spacing);
        let mut sparse =
            Self { places: Vec::new(), x: Vec::new(), starts: Vec::new(), marks, spacing, zeros };
        for row in x.chunks_exact(inner) {
            for (mark, part) in row.chunks(spacing).enumerate() {
                sparse.starts.push(sparse.places.len() as u32);
                for (k, &x) in part.iter().enumerate().filter(|&(_, &x)| x != 0.0) {
                    sparse.places.push((mark * spacing + k) as u32);
                    sparse.x.push(x);
                }
            }
            sparse.starts.push(sparse.places.len() as u32);
        }
        Some(sparse)
    }

    /// Where the places of a row lie, from one mark up to another.
    pub fn range(&self, row: usize, from: usize, to: usize) -> Range<usize> {
        let starts = &self.starts[row * (self.marks + 1)..];
        starts[from] as usize..starts[to] as usize
    }

    /// Chains that leave the zeros out are faster than several side by side.
    pub fn is_worth_a_chain(&self) -> bool {
        self.zeros >= WORTH_A_CHAIN
    }

    /// The numbers of a row with their places, from one place up to the end of a block.
    pub fn from(&self, row: usize, place: usize, end: usize) -> (&[f64], &[u32]) {
        let mut range = self.range(row, place / self.spacing, end.div_ceil(self.spacing));
        range.start += self.places[range.clone()].iter().take_while(|&&at| (at as usize) < place).count();
        (&self.x[range.clone()], &self.places[range])
    }
}
