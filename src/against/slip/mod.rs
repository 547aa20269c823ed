//! What wrong numbers of a kernel have in common with the right ones.
//!
//! A slip is planted in the right numbers, and said only if that gives the kernel's within rounding.

mod changes;
mod coarser;

use super::{BAR, Claim, Course, Judged};
use crate::{
    compare::{Factor, Move, Which, ways},
    double::Double,
    engine::{Memory, Stored},
    graph::{Origin, Phase, ValueId},
    op::Slot,
    precision::Precision,
    shape::Shape,
    simulate::Arithmetic,
};

/// A slip that explains a result.
#[derive(Debug, Clone, PartialEq)]
pub enum Slip {
    /// A number of the graph is beyond the greatest of the format.
    Overflow { at: Stored, greatest: f64, precision: Precision },
    /// The wrong entries are 0.
    Zero(Which),
    /// They are a multiple of what they should be.
    Ratio { factor: Factor, of: Which },
    /// They are the right numbers of something else.
    Another(Stored),
    /// They are the right numbers in other places.
    Moved(Move),
    /// It is right for this value in place of a leaf's or of a number within an expression, from forward or
    /// from backward on.
    AsIf { of: ValueId, value: f64, from: Phase },
    /// It is right if the numbers of a leaf lie in other places.
    LeafMoved { of: ValueId, how: Move },
    /// It is right for this upstream gradient all over.
    Upstream { of: ValueId, value: f64 },
    /// All its numbers are of this coarser format.
    Stored(Precision),
    /// It is right without the part of a leaf with this index on an axis.
    LeftOut { of: ValueId, axis: usize, index: usize },
    /// It is right if this node gives 0.
    Without(ValueId),
    /// It is right without what comes back to a value from one of its users.
    WithoutPart { to: ValueId, from: ValueId },
    /// It is right for sums that are accumulated in this format.
    Accumulated(Precision),
    /// It is right for products whose factors are rounded to this format.
    Factors(Precision),
    /// It is right for results between that are stored in this format.
    Between(Precision),
    /// Nothing but where they lie.
    Lie(Which),
}

/// Finds the slip in one result.
pub(super) fn find(
    course: &Course,
    arithmetic: &Arithmetic,
    claims: &[Claim],
    at: usize,
    judged: &Judged,
    shapes: &[&Shape],
) -> Option<Slip> {
    let got = Got { claim: &claims[at], exact: &course.exact[at], judged, shape: shapes[at] };
    if got.claim.got.is_empty() {
        return None;
    }
    // Of one or two numbers one is always a multiple of what it should be.
    let is_small = got.exact.len() < 3;
    got.overflow(course, at)
        .or_else(|| got.zero())
        .or_else(|| if is_small { got.coarser_format() } else { got.ratio() })
        .or_else(|| got.moved())
        .or_else(|| got.changed(course, at))
        .or_else(|| if is_small { got.ratio() } else { got.coarser_format() })
        .or_else(|| got.another(course, at))
        .or_else(|| coarser::coarser(course, arithmetic, claims, at))
        .or_else(|| got.lie())
}

/// A result that is wrong.
struct Got<'a> {
    claim: &'a Claim,
    exact: &'a [Double],
    judged: &'a Judged,
    shape: &'a Shape,
}

impl Got<'_> {
    /// These numbers are what the kernel gave, within rounding, and far nearer to it than the right ones.
    fn is(&self, number: impl Fn(usize) -> f64) -> bool {
        let mut squares = (0.0, 0.0);
        for (at, got) in self.claim.got.iter().enumerate() {
            let (number, exact) = (number(at), self.exact[at].to_f64());
            let bar = self.bar(at).max(BAR * self.claim.precision.unit() * number.abs());
            let square = |right: f64| ((got - right) / bar).powi(2);
            let is_within = square(number) <= 1.0;
            if !is_within {
                return false;
            }
            squares = (squares.0 + square(number), squares.1 + square(exact));
        }
        4.0 * squares.0 <= squares.1
    }

    fn bar(&self, at: usize) -> f64 {
        self.judged.bars[at]
    }

    /// Numbers that stand out from rounding at all: else anything is like anything.
    fn tells(&self) -> bool {
        let is_large = |at: &usize| self.exact[*at].to_f64().abs() > 3.0 * self.bar(*at);
        2 * (0..self.exact.len()).filter(is_large).count() > self.exact.len()
    }

    fn overflow(&self, course: &Course, result: usize) -> Option<Slip> {
        let is_lost = |&at: &usize| !self.claim.got[at].is_finite() && self.exact[at].is_finite();
        self.judged.at.iter().find(|at| is_lost(at))?;
        let plan = course.plan;
        let mut memory = Memory::<f64>::new(plan);
        crate::engine::forward(plan, &mut memory);
        crate::engine::backward(plan, &mut memory);
        let precision = self.claim.precision;
        let beyond =
            |numbers: &[f64]| numbers.iter().map(|x| x.abs()).filter(|x| x.is_finite()).fold(0.0, f64::max);
        let before = course.asked[result];
        let floats = course.graph.ids().filter_map(|id| match plan.slot(id) {
            slot @ Slot::Float { .. } => Some((Stored::Value(id), beyond(&memory.floats[slot.range()]))),
            Slot::Int { .. } => None,
        });
        let gradients =
            course.graph.ids().rev().filter_map(|id| {
                Some((Stored::Gradient(id), beyond(memory.gradients.get(plan.gradient(id)?)?)))
            });
        let (at, greatest) =
            floats.chain(gradients).find(|&(at, most)| at == before || most > precision.greatest())?;
        (greatest > precision.greatest()).then_some(Slip::Overflow { at, greatest, precision })
    }

    fn zero(&self) -> Option<Slip> {
        let wrong = &self.judged.at;
        let all = !wrong.is_empty() && wrong.iter().all(|&at| self.claim.got[at] == 0.0);
        all.then(|| Slip::Zero(self.which()))
    }

    /// Which entries are wrong, of those that could be seen to be.
    fn which(&self) -> Which {
        let wrong = &self.judged.at;
        let counts = |at: &usize| self.exact[*at].to_f64().abs() > 2.0 * self.bar(*at);
        // No entry stands out, and all together do.
        if wrong.is_empty() {
            return Which::Every;
        }
        let is_wrong = |at: &usize| wrong.binary_search(at).is_ok();
        let telling: Vec<usize> = (0..self.exact.len()).filter(|at| counts(at) || is_wrong(at)).collect();
        Which::of(self.shape, wrong, &telling)
    }

    fn ratio(&self) -> Option<Slip> {
        let all: Vec<usize> = (0..self.exact.len()).collect();
        let wrong = if self.judged.at.is_empty() { &all } else { &self.judged.at };
        let weighed = |at: usize| (self.claim.got[at] / self.bar(at), self.exact[at].to_f64() / self.bar(at));
        let (product, square) = wrong
            .iter()
            .map(|&at| weighed(at))
            .fold((0.0, 0.0), |(p, s), (got, exact)| (p + got * exact, s + exact * exact));
        let measured = product / square;
        let fits = |factor: f64| {
            let right = |at: usize| factor * self.exact[at].to_f64();
            let rounding = |at: usize| BAR * self.claim.precision.unit() * right(at).abs();
            let bar = |at: usize| (self.bar(at) * factor.abs().max(0.1)).max(rounding(at));
            wrong.iter().all(|&at| (self.claim.got[at] - right(at)).abs() <= bar(at))
        };
        // The more exactly it is known, the more it says.
        let known_to = 3.0 / square.sqrt();
        if !measured.is_finite()
            || !fits(measured)
            || wrong.len() < 3 && self.exact.len() > 3
            || known_to > 0.3
        {
            return None;
        }
        if (measured - 1.0).abs() < known_to.max(2.0 * self.claim.precision.unit()) {
            return None;
        }
        Some(Slip::Ratio { factor: Factor::near(measured, known_to, self.shape), of: self.which() })
    }

    fn another(&self, course: &Course, result: usize) -> Option<Slip> {
        if !self.tells() || self.exact.len() < 2 {
            return None;
        }
        let plan = course.plan;
        let mut memory = Memory::<f64>::new(plan);
        crate::engine::forward(plan, &mut memory);
        crate::engine::backward(plan, &mut memory);
        let own = course.asked[result];
        let is_it = |numbers: &[f64]| numbers.len() == self.exact.len() && self.is(|at| numbers[at]);
        course.graph.ids().find_map(|id| {
            let gradient = Stored::Gradient(id);
            let is_gradient = gradient != own
                && plan.gradient(id).and_then(|range| memory.gradients.get(range)).is_some_and(is_it);
            let value = Stored::Value(id);
            let is_value = || value != own
                && matches!(plan.slot(id), slot @ Slot::Float { .. } if is_it(&memory.floats[slot.range()]));
            let is_named = !matches!(course.graph.value(id).origin, Origin::Literal(_));
            match () {
                () if is_gradient => Some(Slip::Another(gradient)),
                () if is_named && is_value() => Some(Slip::Another(value)),
                () => None,
            }
        })
    }

    fn moved(&self) -> Option<Slip> {
        if !self.tells() || self.exact.len() < 3 {
            return None;
        }
        let moved = |from: &[usize]| self.is(|at| self.exact[from[at]].to_f64());
        ways(self.shape).find(|(_, from)| moved(from)).map(|(how, _)| Slip::Moved(how))
    }

    /// All numbers have fewer digits than their format holds.
    fn coarser_format(&self) -> Option<Slip> {
        let stored = self.claim.precision;
        let mut coarse = [Precision::Bf16, Precision::F16, Precision::F32].into_iter();
        let holds = |coarse: &Precision| {
            let is_of_it = |x: f64| coarse.round(x) == x;
            let is_coarser = coarse.unit() > stored.unit() && self.claim.got.iter().all(|&x| is_of_it(x));
            // The right ones are not, or it says nothing; and they would be these, about.
            let others = || self.exact.iter().filter(|x| !is_of_it(stored.round(x.to_f64()))).count();
            let is_near = |at: &usize| {
                let exact = self.exact[*at].to_f64();
                (self.claim.got[*at] - exact).abs() <= BAR * coarse.unit() * exact.abs() + self.bar(*at)
            };
            let near = || (0..self.exact.len()).filter(is_near).count();
            is_coarser && 2 * others() > self.exact.len() && 10 * near() >= 9 * self.exact.len()
        };
        coarse.find(holds).map(Slip::Stored)
    }

    fn lie(&self) -> Option<Slip> {
        let which = self.which();
        let says = !self.judged.at.is_empty() && which != Which::Every;
        says.then_some(Slip::Lie(which))
    }
}
