//! Matrix products, worked out at one entry: a row times a column.

use super::{
    Worked,
    formula::{Factor, product},
    site::Site,
    sum::{TERMS, Term, joined, largest, signed, summed},
};
use crate::{graph::ValueId, shape::Shape};

impl Site<'_, '_> {
    /// `x @ W + b` at an entry of the output.
    pub(super) fn product_forward(&self, formula: &str, entry: usize) -> Option<Worked> {
        let (left, right, bias) = product(formula)?;
        let (terms, of) = self.product(left, right, self.output, entry)?;
        let mut worked = summed(None, terms, of);
        if let Some(bias) = bias {
            let column = entry % self.shape(self.output).last().copied().unwrap_or(1).max(1);
            let value = self.element(bias, column)?;
            let [names, numbers] = &mut worked.stages[..] else { return None };
            names.push_str(&format!(" + {}", self.named(bias, column)));
            *numbers = joined([numbers.clone(), self.write.text(value)]);
        }
        Some(worked)
    }

    /// The products that make an entry of `left @ right`, and how many there are.
    pub(super) fn product(
        &self,
        left: Factor,
        right: Factor,
        of: ValueId,
        entry: usize,
    ) -> Option<(Vec<Term>, usize)> {
        let (a, b) = (self.rows(left.name)?, self.rows(right.name)?);
        let own = self.shape(of);
        let columns = if right.transposed { b.0 } else { b.1 };
        if own.rank() < 2 || columns == 0 {
            return None;
        }
        let (row, column) = (entry / columns, entry % columns);
        let inner = if left.transposed { a.0 } else { a.1 };
        let places = |k: usize| {
            let at_left = if left.transposed { k * a.1 + row } else { row * a.1 + k };
            let at_right = if right.transposed { column * b.1 + k } else { k * b.1 + column };
            (at_left, at_right)
        };
        let factors = |k: usize| {
            let (i, j) = places(k);
            Some((self.element(left.name, i)?, self.element(right.name, j)?))
        };
        let ks: Option<Vec<(usize, f64)>> = (0..inner).map(|k| factors(k).map(|(x, y)| (k, x * y))).collect();
        let ks = if inner > TERMS { largest(ks?, |&(_, size)| size) } else { ks? };
        let term = |&(k, _): &(usize, f64)| {
            let (i, j) = places(k);
            let (x, y) = factors(k)?;
            Some(Term {
                name: format!("{} × {}", self.named(left.name, i), self.named(right.name, j)),
                number: format!("{} × {}", self.write.text(x), signed(self.write, y)),
            })
        };
        Some((ks.iter().map(term).collect::<Option<_>>()?, inner))
    }

    /// A tensor as a matrix: its first axis against all others.
    fn rows(&self, name: &str) -> Option<(usize, usize)> {
        let shape = self.shape(self.tensor(name)?);
        match self.node.kernel.card().name {
            // Only affine flattens what is behind the first axis.
            "affine" if shape.rank() >= 2 => Some((shape[0], Shape::new(&shape[1..]).size())),
            _ if shape.rank() == 2 => Some((shape[0], shape[1])),
            _ => None,
        }
    }
}
