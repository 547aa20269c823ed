//! The decimal digits that a tensor keeps.

use super::{
    digits_of,
    errors::{Errors, Zeros},
};
use crate::{
    engine::{Memory, Stored},
    plan::Plan,
    simulate::{Arithmetic, elements, relative},
};

/// What is kept of a value or a gradient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kept {
    /// The size of the error beside that of the tensor; from 0, where nothing is lost, to 1.
    pub relative: f64,
    /// The decimal digits of the tensor; infinite where nothing is rounded.
    pub digits: f64,
    /// The entry that keeps the fewest, and how many; `None` where every entry is exact or 0.
    pub worst: Option<(usize, f64)>,
    /// Every entry is 0, but for what is left where terms cancel.
    pub is_zero: bool,
    /// Entries beyond the greatest number of the format, and below its least normal one.
    pub beyond: usize,
    pub below: usize,
}

/// What is kept of a value or a gradient; `None` for ints, and where there is no gradient.
pub fn kept(
    plan: &Plan,
    exact: &Memory<f64>,
    errors: &Errors,
    zeros: &Zeros,
    stored: Stored,
    arithmetic: &Arithmetic,
) -> Option<Kept> {
    let exact = elements(plan, stored, &exact.floats, &exact.gradients)?;
    let (errors, zeros) = (errors.elements(plan, stored)?, zeros.elements(plan, stored)?);
    let format = arithmetic.format(stored);
    let relative = relative(exact, errors);
    let entries = exact.iter().zip(errors).zip(zeros).enumerate();
    let of_entries = entries.filter(|(_, ((_, error), is_zero))| !**is_zero && **error > 0.0);
    let of_entries = of_entries.map(|(at, ((exact, error), _))| (at, error / exact.abs()));
    let worst = of_entries.max_by(|(a_at, a), (b_at, b)| a.total_cmp(b).then(b_at.cmp(a_at)));
    let finite = || exact.iter().zip(errors).filter(|(x, _)| x.is_finite());
    Some(Kept {
        relative,
        digits: digits(relative, digits_of(format)),
        worst: worst.map(|(at, error)| (at, digits(error, digits_of(format)))),
        is_zero: relative > 0.0 && zeros.iter().all(|is_zero| *is_zero),
        beyond: finite().filter(|(x, error)| x.abs() > format.greatest() && **error > 0.0).count(),
        // Some small numbers are numbers of the format.
        below: finite()
            .filter(|(x, error)| **x != 0.0 && x.abs() < format.least_normal() && **error > 0.0)
            .count(),
    })
}

/// The digits that a relative error leaves, of as many as there are; infinite where there is no error.
fn digits(relative: f64, most: f64) -> f64 {
    match relative {
        0.0 => f64::INFINITY,
        // A NaN leaves none. No −0.
        relative => (-relative.log10()).max(0.0).min(most) + 0.0,
    }
}
