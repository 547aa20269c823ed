//! Roundings at random, the same ones for the same seed.

use super::{
    Arithmetic,
    draws::{mix, normal, uniform},
    runs::Tap,
};
use crate::{
    engine::{Grouped, Meeting, Rounder, Sent, Stored},
    graph::ValueId,
    op::Rounding,
    precision::Precision,
};
use foldhash::HashMap;

/// What hardware flushes to zero is below the least normal number of these.
fn floor(precision: Precision) -> f64 {
    match precision {
        Precision::F64 | Precision::F32 | Precision::Tf32 | Precision::Bf16 => precision.least_normal(),
        Precision::F16 | Precision::E4m3 | Precision::E5m2 => precision.least(),
    }
}

/// The number needs no rounding. What f64 holds is not known of numbers in f64: fewer digits show it.
fn holds(precision: Precision, x: f64) -> bool {
    let precision = if precision == Precision::F64 { Precision::F32 } else { precision };
    precision.round(x) == x
}

/// So many times as large are the roundings of a sum whose terms are taken in another way.
pub(super) const OTHER_ORDER: f64 = 8.0;

/// The same of a factor in each term of a sum of other products.
const OTHER_TERMS: f64 = 4.0;

/// Equal numbers are told apart by such a part of them.
const TO_TELL_APART: f64 = 1.0 / (1u64 << 44) as f64;

/// Draws every rounding of one run.
///
/// In half of the runs ops are *split*: what a kernel of several steps stores within an op is rounded to the
/// storage format, too.
pub struct Random<'a> {
    pub arithmetic: &'a Arithmetic,
    seed: u64,
    /// Goes up with every call, so that no two draws are alike.
    calls: u64,
    is_split: bool,
    /// All roundings are so many times as large as they are.
    scale: f64,
    /// What gradients at shares are off by in a sum over them that a kernel takes of other products.
    pub(super) other_sums: HashMap<ValueId, Vec<f64>>,
    pub tap: Tap<'a, f64>,
}

impl<'a> Random<'a> {
    pub fn new(arithmetic: &'a Arithmetic, seed: u64, scale: f64, tap: Tap<'a, f64>) -> Self {
        let is_split = seed % 2 == 1;
        Self {
            arithmetic,
            seed: mix(seed.wrapping_add(1)),
            calls: 0,
            is_split,
            scale,
            other_sums: HashMap::default(),
            tap,
        }
    }

    /// The format of a leaf, or of a number that kernels get as a scalar.
    pub fn holds(&self, value: ValueId, is_scalar: bool) -> Precision {
        self.arithmetic.holds(value, is_scalar && !self.is_split)
    }

    /// The unit of what is computed within an op.
    pub(super) fn unit(&self) -> f64 {
        self.scale * self.arithmetic.accumulate.unit()
    }

    /// The unit of what is stored between the steps of a split op; 0 where it is not split.
    pub(super) fn unit_between(&self) -> f64 {
        if self.is_split { self.scale * self.arithmetic.storage.unit() } else { 0.0 }
    }

    pub(super) fn of_sum(&self, terms: usize) -> f64 {
        self.scale * self.arithmetic.of_sum(terms)
    }

    pub(super) fn of_like_terms(&self, terms: usize) -> f64 {
        self.scale * self.arithmetic.of_like_terms(terms)
    }

    /// Adds to each number a draw of this deviation.
    pub(super) fn perturb(&mut self, x: &mut [f64], deviation: impl Fn(usize, f64) -> f64) {
        let bits = self.bits();
        for (at, x) in x.iter_mut().enumerate().filter(|(_, x)| x.is_finite()) {
            let by = deviation(at, *x) * normal(bits(at));
            *x += if by.is_finite() { by } else { 0.0 };
        }
    }

    /// Random bits for each element of one call.
    pub(super) fn bits(&mut self) -> impl Fn(usize) -> u64 + use<> {
        self.calls += 1;
        let key = mix(self.seed ^ self.calls.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        move |at| mix(key.wrapping_add((at as u64).wrapping_mul(0xd1b5_4a32_d192_ed03)))
    }

    /// Rounds each number to a grid as that of a format, but shifted at random: as when it is rounded to the
    /// format, equal numbers are off by the same. What the format holds stays.
    pub fn round(&mut self, precision: Precision, x: &mut [f64]) {
        let shift = uniform(self.bits()(0)) / 2.0;
        let flushed = self.scale * floor(precision) * uniform(self.bits()(0));
        for x in x.iter_mut().filter(|x| x.is_finite() && !holds(precision, **x)) {
            let spacing = self.scale * precision.ulp(*x);
            let rounded = ((*x / spacing + shift).round() - shift) * spacing;
            *x = rounded + flushed;
        }
    }
}

impl Rounder<f64> for Random<'_> {
    const TAKES_OPERANDS: bool = true;
    const BY_OUTPUT: bool = true;

    fn operands(&mut self, meeting: Meeting, input: usize, x: &mut [f64]) {
        let between = self.unit().max(self.unit_between());
        let own = match meeting.rounding {
            Rounding::Products { added } => {
                if let Some(factors) = self.arithmetic.factors {
                    self.round_factors(factors, x);
                }
                // As large as what it is added to, where the two cancel.
                if added == Some(input) && !meeting.goes_back { self.unit_between() } else { 0.0 }
            }
            Rounding::Centered(_) => self.unit(),
            Rounding::SlopeOfParts | Rounding::Approximated if meeting.goes_back => between,
            _ => 0.0,
        };
        let sum = if meeting.terms > 1 && !meeting.goes_back { self.of_sum(meeting.terms) } else { 0.0 };
        self.perturb(x, |_, x| x.abs() * own.max(sum));
        if matches!(meeting.rounding, Rounding::Sums(_)) && meeting.terms > 1 && !meeting.goes_back {
            self.perturb_partial_sums(x);
        }
        // Of equal numbers a kernel may choose any.
        if meeting.chooses {
            self.perturb(x, |_, x| x.abs() * TO_TELL_APART + f64::MIN_POSITIVE);
        }
    }

    fn upstream(&mut self, meeting: Meeting, y: &[f64], upstream: &mut [f64]) {
        if let (Rounding::Products { .. }, Some(factors)) = (meeting.rounding, self.arithmetic.factors) {
            self.round_factors(factors, upstream);
        }
        let sum = if meeting.terms > 1 { self.of_sum(meeting.terms) } else { 0.0 };
        let between = self.unit_between();
        if meeting.terms > 1 && !meeting.shares && !matches!(meeting.rounding, Rounding::Products { .. }) {
            self.perturb_partial_sums(upstream);
        }
        // Formulas leave out what sums to 0, which holds as well as what is left of the difference is known.
        if meeting.cancels > 0.0 && meeting.terms > 1 {
            let by = self.unit() * meeting.cancels;
            self.perturb_in_blocks(upstream, |x| by * x.abs());
        }
        let is_product = meeting.rounding.is_function() && meeting.terms > 1 && !meeting.has_plain_slopes;
        match meeting.rounding {
            // Backward goes on from what was stored: exp(x - y) errs by y's rounding.
            Rounding::LogOfSum(_) => self.perturb(upstream, |at, x| {
                x.abs() * sum.max(between * (1.0 + y.get(at).map_or(0.0, |y| y.abs())))
            }),
            _ if is_product || meeting.shares => self.perturb(upstream, |_, x| x.abs() * sum.max(between)),
            _ => self.perturb(upstream, |_, x| x.abs() * sum),
        }
    }

    fn stores_slopes(&self) -> bool {
        self.is_split
    }

    fn slopes(&mut self, slopes: &mut [f64]) {
        let storage = self.arithmetic.storage;
        // What is a stored number itself is not rounded.
        if slopes.iter().any(|&slope| storage.round(slope) != slope) {
            self.round(storage, slopes);
        }
    }

    fn computed(&mut self, meeting: Meeting, from: Option<Grouped<f64>>, y: &mut [f64]) {
        let exact = self.exact(meeting, y);
        let unit = self.unit();
        let alike = self.of_like_terms(meeting.terms);
        // A kernel may take what is subtracted into account later.
        let part = (self.of_sum(meeting.terms) + alike + unit * meeting.cancels)
            .hypot(self.between_functions(meeting));
        let within = match meeting.rounding {
            Rounding::LogOfSum(_) | Rounding::LogSoftmax(_) => unit.max(self.unit_between()),
            Rounding::Approximated => unit,
            _ => 0.0,
        };
        match meeting.rounding {
            // The exponent is a difference, and errs by a part of itself.
            Rounding::Softmax(_) => self.perturb(y, |_, y| y.abs() * (part + unit * y.abs().ln().abs())),
            _ => self.perturb(y, |_, y| y.abs() * part + within),
        }
        // The sum of a group is one number, and is rounded once.
        let between = self.unit_between();
        match (meeting.rounding, from) {
            (Rounding::Softmax(_), Some(Grouped { x, groups })) => {
                self.perturb_groups(groups, y, |_, y| y * between);
                if self.arithmetic.has_other_formulas {
                    self.take_from_log_of_sum(x, groups, y);
                }
            }
            (Rounding::LogSoftmax(_), Some(Grouped { groups, .. })) => {
                self.perturb_groups(groups, y, |_, _| between);
            }
            _ => {}
        }
        self.round_between(meeting, y);
        self.perturb_all(self.unit_of_all(meeting) + alike, y);
        if meeting.saturates_at > 0.0 {
            // (1 - z) a + z b may be a + z (b - a), whose rounding does not go away with 1 - z.
            let either = unit.max(self.unit_between());
            self.perturb(y, |_, _| either * meeting.saturates_at);
        } else {
            exact.into_iter().for_each(|(at, exact)| y[at] = exact);
        }
    }

    fn sent(&mut self, meeting: Meeting, sent: &Sent<f64>, part: &mut [f64]) {
        let Sent { groups, y, upstream, from_zero, by_output, .. } = *sent;
        let exact = self.exact(meeting, part);
        let (unit, between) = (self.unit(), self.unit_between());
        let either = unit.max(between);
        let alike = self.of_like_terms(meeting.terms);
        let own = (self.of_sum(meeting.terms) + alike).hypot(self.between_functions(meeting));
        match meeting.rounding {
            Rounding::Softmax(_) => self.perturb(part, |at, part| {
                let direct = y[at] * upstream[at];
                let shared = direct - part;
                part.abs() * own + unit * direct.abs() + either * shared.abs()
            }),
            Rounding::LogSoftmax(_) => self.perturb(part, |at, part| {
                let shared = upstream[at] - part;
                part.abs() * own + unit * upstream[at].abs() + either * (1.0 + y[at].abs()) * shared.abs()
            }),
            Rounding::LogOfSum(_) => self.perturb(part, |_, part| part.abs() * own + either * from_zero),
            // Of 1 - y * y the product is rounded.
            _ if by_output => {
                self.perturb(part, |at, part| {
                    part.abs() * own + either * upstream[at].abs() * (y[at] * y[at]).min(1.0)
                });
            }
            _ => self.perturb(part, |_, part| part.abs() * own),
        }
        if let Some(groups) = groups {
            self.perturb_what_groups_share(meeting, groups, sent, part);
        }
        self.round_between(meeting, part);
        self.perturb_all(self.unit_of_all(meeting) + alike, part);
        exact.into_iter().for_each(|(at, exact)| part[at] = exact);
    }

    /// The sum of y * upstream over shares y is that of output * upstream over what they are multiplied to make,
    /// as a kernel has it that keeps the output and not the shares.
    fn off_in_other_sum(&mut self, upstream: &[f64]) -> Option<Vec<f64>> {
        let by = self.unit_between().max(OTHER_TERMS * self.unit());
        self.arithmetic.has_other_formulas.then(|| {
            let mut off = vec![0.0; upstream.len()];
            self.perturb(&mut off, |at, _| by * upstream[at]);
            off
        })
    }

    fn other_sum(&mut self, shares: ValueId, off: Vec<f64>) {
        let all = self.other_sums.entry(shares).or_insert_with(|| vec![0.0; off.len()]);
        all.iter_mut().zip(off).for_each(|(all, off)| *all += off);
    }

    fn stored(&mut self, of: Stored, y: &mut [f64]) {
        self.round(self.arithmetic.format(of), y);
    }

    fn complete(&mut self, of: Stored, y: &mut [f64]) {
        self.tap.complete(of, y);
    }
}

impl Random<'_> {
    /// A split op stores something between its steps; not so a plain sum of products.
    fn has_steps(&self, meeting: Meeting) -> bool {
        self.is_split && meeting.rounding != Rounding::Products { added: None }
    }

    /// What the steps of a split op err by, beside what comes out.
    fn between_functions(&self, meeting: Meeting) -> f64 {
        if self.has_steps(meeting) { self.unit_between() / 3f64.sqrt() } else { 0.0 }
    }

    /// What is stored between the steps of a split op is a multiple of what comes out, nobody knows of how
    /// much: equal numbers are off by the same.
    fn round_between(&mut self, meeting: Meeting, y: &mut [f64]) {
        if self.has_steps(meeting) {
            let times = 1.5 + uniform(self.bits()(0)) / 2.0;
            y.iter_mut().for_each(|y| *y *= times);
            self.round(self.arithmetic.storage, y);
            y.iter_mut().for_each(|y| *y /= times);
        }
    }

    /// Where one number meets many, it may be rounded together with another before.
    fn unit_of_all(&self, meeting: Meeting) -> f64 {
        if meeting.has_scalar { self.unit().max(self.unit_between()) } else { self.unit() }
    }

    /// A kernel of several steps may sum up some terms, those of an image of the batch, and store that.
    fn perturb_partial_sums(&mut self, terms: &mut [f64]) {
        let between = self.unit_between();
        if between > 0.0 {
            self.perturb_in_blocks(terms, |x| between * x);
        }
    }

    /// Adds to all numbers of a block the same draw, times what is said of each. The blocks of one call are
    /// of one size, which is drawn, too.
    fn perturb_in_blocks(&mut self, x: &mut [f64], deviation: impl Fn(f64) -> f64) {
        let bits = self.bits();
        let size = 1 << (bits(0) % u64::from(x.len().max(1).ilog2() + 1));
        for (block, x) in (1..).zip(x.chunks_mut(size)) {
            let draw = uniform(bits(block));
            x.iter_mut().filter(|x| x.is_finite()).for_each(|x| *x += draw * deviation(*x));
        }
    }

    /// What comes of a few numbers and is held by the format is rounded by no kernel: a difference of ints is
    /// an int.
    fn exact(&self, meeting: Meeting, y: &[f64]) -> Vec<(usize, f64)> {
        let storage = self.arithmetic.storage;
        let is_function = meeting.rounding.is_function() && meeting.terms == 1;
        let all = y.iter().copied().enumerate();
        all.filter(|&(_, y)| is_function && holds(storage, y)).collect()
    }

    /// What a kernel does to one number it may do to all, as a constant that is rounded.
    fn perturb_all(&mut self, unit: f64, y: &mut [f64]) {
        // One rounding is never larger than its unit.
        let by = 1.0 + unit * uniform(self.bits()(0));
        y.iter_mut().for_each(|y| *y *= by);
    }

    /// Some hardware cuts digits off. Factors of 8 bits are scaled so that the largest has the largest exponent.
    fn round_factors(&mut self, factors: Precision, x: &mut [f64]) {
        self.round(factors, x);
        let cut = self.scale * factors.unit() * uniform(self.bits()(0));
        x.iter_mut().for_each(|x| *x -= *x * cut);
        if matches!(factors, Precision::E4m3 | Precision::E5m2) {
            let largest = x.iter().fold(0.0, |most: f64, x| x.abs().max(most));
            let least = self.scale * largest / factors.greatest() * factors.least() / 2.0;
            let bits = self.bits();
            x.iter_mut().enumerate().for_each(|(at, x)| *x += least * uniform(bits(at)));
        }
    }
}
