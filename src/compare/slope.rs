//! Which of the slopes at several steps is taken, and how far it may be off.

use crate::double::Double;

/// A slope and how far the truth may lie from it.
#[derive(Debug, Clone, Copy)]
pub struct Slope {
    pub value: Double,
    pub error: f64,
    /// The part of the error that rounding explains.
    pub rounding: f64,
    /// The first of the steps that agree.
    pub at: usize,
}

impl Slope {
    /// It is known to a part in ten million, or is 0 but for rounding. Where steps are far too wide,
    /// slopes are small too, but scatter more than rounding explains.
    pub fn tells(self) -> bool {
        self.error <= 1e-7 * self.value.to_f64().abs() + 100.0 * self.rounding
    }

    pub fn tells_a_little(self) -> bool {
        self.error <= 1e-3 * self.value.to_f64().abs() + 100.0 * self.rounding
    }
}

pub fn gap_and_size(one: Double, other: Double) -> (f64, f64) {
    ((one - other).to_f64().abs(), one.to_f64().abs() + other.to_f64().abs())
}

/// One-sided slopes at a small step that no curvature explains.
pub fn differ(left: Double, right: Double) -> bool {
    let (gap, size) = gap_and_size(left, right);
    gap > 1e-4 * size
}

/// Of all slopes at `N` steps in a row those that agree best, beside their size: the second of them,
/// with their scatter and its rounding. Slopes below `least` are all as small as each other. Where
/// steps are far too wide, slopes are small and scatter little, but not beside their size.
fn best_of<const N: usize>(slopes: &[Option<Double>], rounding: &[f64], least: f64) -> Option<Slope> {
    let scatter = |(at, (own, rounding)): (usize, (&[Option<Double>; N], &[f64; N]))| {
        let value = own[1]?;
        let mut error = 0.0f64;
        for (at, one) in own.iter().enumerate() {
            for other in &own[..at] {
                error = error.max(((*one)? - (*other)?).to_f64().abs());
            }
        }
        let slope = Slope { value, error: error + rounding[1], rounding: rounding[1], at };
        (value.is_finite() && slope.error.is_finite()).then_some(slope)
    };
    let beside_size = |slope: &Slope| slope.error / (slope.value.to_f64().abs() + least + f64::MIN_POSITIVE);
    let all = slopes.array_windows().zip(rounding.array_windows()).enumerate().filter_map(scatter);
    all.min_by(|a, b| beside_size(a).total_cmp(&beside_size(b)))
}

/// The best of the slopes that no narrower step contradicts by more than rounding explains: what
/// swings many times within a wide step looks smooth to it.
pub fn settled<const N: usize>(slopes: &[Option<Double>], rounding: &[f64], least: f64) -> Option<Slope> {
    let mut from = 0;
    loop {
        let best = best_of::<N>(&slopes[from..], &rounding[from..], least)?;
        let narrower = slopes.iter().zip(rounding).enumerate().skip(from + best.at + N);
        let contradicts = |(at, (slope, rounding)): (usize, (&Option<Double>, &f64))| {
            let apart = ((*slope)? - best.value).to_f64().abs();
            let explained = 1e3 * rounding + 100.0 * best.error + 1e-10 * best.value.to_f64().abs();
            (apart > explained).then_some(at)
        };
        match narrower.filter_map(contradicts).next() {
            Some(at) => from = at,
            None => return Some(best),
        }
    }
}
