//! The gradient of another argument.

use super::{
    factor::factor,
    kind::Pattern,
    sight::{Sight, Subject},
};
use crate::double::Double;
use num_traits::Zero;

/// It is the true gradient of another argument of as many entries, or a multiple of it.
pub fn find(subject: &Subject, sights: &[Sight]) -> Option<Pattern> {
    let first = sights.first()?;
    let others = subject.alone.wanted.iter().filter(|(leaf, _)| *leaf != subject.leaf);
    let mut found = others.filter_map(|&(leaf, _)| {
        let times = ratio(&first.backward, first.truth_of(leaf)?)?;
        let fits = sights.iter().all(|sight| {
            sight.truth_of(leaf).is_some_and(|truth| {
                sight.is_backward(&truth.iter().map(|&g| times * g).collect::<Vec<Double>>())
            })
        });
        fits.then(|| Pattern::OfAnother { of: subject.name(leaf), times: factor(subject, times.to_f64()) })
    });
    found.next()
}

/// The ratio where the other is largest.
fn ratio(own: &[Double], other: &[Double]) -> Option<Double> {
    if own.len() != other.len() {
        return None;
    }
    let size = |at: &usize| other[*at].to_f64().abs();
    let at = (0..own.len()).max_by(|a, b| size(a).total_cmp(&size(b)))?;
    (!other[at].is_zero() && !own[at].is_zero()).then(|| own[at] / other[at])
}
