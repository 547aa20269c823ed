//! The formats that a kernel stores and computes in.

use crate::{engine::Stored, graph::ValueId, precision::Precision};
use foldhash::HashMap;

/// So many terms may drift in one direction, by this part of a rounding each.
const MANY: usize = 64;
const ALIKE: f64 = 0.05;

/// In which precision what is done.
#[derive(Debug, Clone)]
pub struct Arithmetic {
    /// What a number is stored in, where nothing else is said of it.
    pub storage: Precision,
    /// Other formats of some values and gradients.
    pub stored: HashMap<Stored, Precision>,
    /// What sums and functions are computed in.
    pub accumulate: Precision,
    /// What the factors of products are rounded to, where that is coarser than their storage.
    pub factors: Option<Precision>,
    /// Whoever wrote the kernel may have chosen another formula for what an op computes, and compute anew
    /// for backward what forward had.
    pub has_other_formulas: bool,
}

impl Arithmetic {
    /// Stored in a precision, and computed in f32 if that is finer; sums of f64 in f64.
    pub fn of(precision: Precision) -> Self {
        let (storage, factors) = match precision {
            Precision::F64 | Precision::F32 | Precision::F16 | Precision::Bf16 => (precision, None),
            // Of what is stored in f32 or bf16, tensor cores take the factors of products.
            Precision::Tf32 => (Precision::F32, Some(precision)),
            Precision::E4m3 | Precision::E5m2 => (Precision::Bf16, Some(precision)),
        };
        let accumulate = if storage == Precision::F64 { Precision::F64 } else { Precision::F32 };
        Self { storage, stored: HashMap::default(), accumulate, factors, has_other_formulas: true }
    }

    /// What the largest sum on the way to one of so many terms errs by, beside itself.
    pub fn of_sum(&self, terms: usize) -> f64 {
        self.accumulate.unit() * (terms as f64).sqrt()
    }

    /// What the sum of terms that are alike errs by, beside itself, where they are added one after another: as
    /// long as it stays between two powers of two, each is rounded in the same direction.
    pub fn of_like_terms(&self, terms: usize) -> f64 {
        if terms > MANY { self.accumulate.unit() * terms as f64 * ALIKE } else { 0.0 }
    }

    /// The format of a value or gradient.
    pub fn format(&self, of: Stored) -> Precision {
        self.stored.get(&of).copied().unwrap_or(self.storage)
    }

    /// The format of a leaf, or of a number that kernels get as a scalar.
    pub fn holds(&self, value: ValueId, is_scalar: bool) -> Precision {
        let own = Stored::Value(value);
        match is_scalar && !self.stored.contains_key(&own) {
            true => self.accumulate,
            false => self.format(own),
        }
    }
}
