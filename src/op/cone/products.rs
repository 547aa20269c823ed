//! The cone of an op that is one or several matrix products.

use super::{Change, Cone, Dirty, Product};
use crate::op::Inputs;
use std::ops::Range;

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
    fn follow(&self, change: &Change, y: &mut Dirty) {
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
