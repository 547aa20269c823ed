//! Terms of a line's sum with a wrong coefficient.

use super::{
    factor::{factor, from_attributes},
    kind::{Pattern, Term},
    sight::{Sight, Subject, largest},
};
use crate::{
    double::Double,
    graph::{Origin, Phase, ValueId},
    tensor::Kind,
};
use num_traits::Zero;

/// Nodes within nodes that are looked through for sums.
const DEEP: usize = 24;

/// Terms of a sum that are looked at.
const TERMS: usize = 12;

/// Terms with a wrong coefficient that are looked for together.
const TOGETHER: usize = 3;

/// How far a line is taken apart.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Depth {
    /// Its outermost sum.
    Outermost,
    /// All products of sums within the line.
    Line,
    /// Sums in the statements that it uses, too.
    Statements,
}

/// Which of two sums that are multiplied is taken apart.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

/// A term and what it adds to the gradient.
#[derive(Debug, Clone)]
struct Part {
    of: ValueId,
    adds: Vec<Double>,
}

/// Finds the fewest terms that need another coefficient, where there is one way to do so.
pub fn find(subject: &Subject, sights: &[Sight]) -> Option<Pattern> {
    let lines = &subject.alone.graph.blocks.first()?.backward.as_ref()?.lines;
    let line = lines.iter().find(|line| line.to == subject.leaf)?;
    let ways = [Depth::Outermost, Depth::Line, Depth::Statements];
    let ways = ways.into_iter().flat_map(|depth| [(depth, Side::Left), (depth, Side::Right)]);
    ways.into_iter().find_map(|way| in_one_way(subject, sights, line.gradient, way))
}

fn in_one_way(
    subject: &Subject,
    sights: &[Sight],
    line: ValueId,
    (depth, side): (Depth, Side),
) -> Option<Pattern> {
    let apart = |sight: &Sight| Apart { subject, sight, depth, side }.parts(line, DEEP, false);
    let parts: Vec<Vec<Part>> = sights.iter().map(apart).collect();
    let first = parts.first()?;
    let count = first.len();
    if count < 2 || parts.iter().any(|own| own.len() != count) {
        return None;
    }
    // All that a term adds, at all places.
    let adds: Vec<Vec<Double>> = (0..count)
        .map(|term| parts.iter().flat_map(|own| own[term].adds.iter().copied()).collect())
        .collect();
    let lacks: Vec<Double> = sights.iter().flat_map(|sight| sight.surplus()).map(|x| -x).collect();
    let all: Vec<Double> = sights.iter().flat_map(|sight| sight.backward.iter().copied()).collect();
    let sum = |entry: usize| adds.iter().fold(Double::zero(), |sum, own| sum + own[entry]);
    let size = adds.iter().fold(0.0f64, |size, own| size.max(largest(own)));
    if (0..all.len()).any(|entry| (sum(entry) - all[entry]).to_f64().abs() > 1e-20 * size) {
        return None;
    }
    let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..TOGETHER.min(count) {
        sets = sets
            .iter()
            .flat_map(|set| {
                let next = set.last().map_or(0, |last| last + 1);
                (next..count).map(|term| [&set[..], &[term]].concat())
            })
            .collect();
        let mut fitting = sets.iter().filter_map(|set| {
            let chosen: Vec<&[Double]> = set.iter().map(|&term| &adds[term][..]).collect();
            let more = least_squares(&chosen, &lacks)?;
            // Several numbers that nobody would write fit anything.
            let is_said = set.len() == 1 || more.iter().all(|more| is_plain(1.0 + more.to_f64()));
            (is_said && fits(sights, &chosen, &more)).then_some((set, more))
        });
        if let Some((set, more)) = fitting.next() {
            // Where two ways explain it, neither is said.
            return match fitting.next() {
                None => Some(said(subject, first, set, &more)),
                Some(_) => None,
            };
        }
    }
    None
}

/// A number that one may have written for another: a fraction of small numbers.
fn is_plain(value: f64) -> bool {
    (1..=12)
        .map(|by| value * f64::from(by))
        .any(|times| (times - times.round()).abs() <= 1e-9 * times.abs().max(1.0))
}

fn fits(sights: &[Sight], chosen: &[&[Double]], more: &[Double]) -> bool {
    let mut start = 0;
    sights.iter().all(|sight| {
        let planted: Vec<Double> = (0..sight.truth.len())
            .map(|entry| {
                let terms = chosen.iter().zip(more).map(|(own, &more)| more * own[start + entry]);
                terms.fold(sight.truth[entry], |sum, term| sum - term)
            })
            .collect();
        start += planted.len();
        sight.is_backward(&planted)
    })
}

fn said(subject: &Subject, parts: &[Part], set: &[usize], more: &[Double]) -> Pattern {
    let terms = set.iter().zip(more).map(|(&term, more)| {
        let mut needs = factor(subject, (Double::from(1.0) + *more).to_f64());
        if matches!(needs.value.abs(), 2.0 | 0.5) {
            // A term has such a factor of its own more often than of an axis.
            needs.sources = from_attributes(subject, needs.value);
        }
        let divisor = divisor(subject, parts[term].of)
            .filter(|_| needs.value != 0.0)
            .map(|divisor| (divisor, factor(subject, divisor / needs.value)));
        Term { number: term + 1, text: subject.text(parts[term].of), needs, divisor }
    });
    Pattern::Terms(terms.collect())
}

/// The number that a term is divided by, last of all.
fn divisor(subject: &Subject, term: ValueId) -> Option<f64> {
    let node = subject.alone.graph.maker(term).filter(|node| node.kernel.card().name == "div")?;
    // Cut out, a literal is a leaf.
    let by = node.inputs.get(1)?;
    let &(_, outer) = subject.alone.leaves.iter().find(|(leaf, _)| leaf == by)?;
    match &subject.graph.value(outer).origin {
        Origin::Literal(number) if number.shape().is_scalar() => number.to_floats().first().copied(),
        _ => None,
    }
}

/// The factors of the columns whose sum comes nearest to what is wanted, by the normal equations:
/// double-double has the digits for them. `None` where columns depend on each other.
fn least_squares(columns: &[&[Double]], wanted: &[Double]) -> Option<Vec<Double>> {
    if wanted.len() <= columns.len() {
        return None;
    }
    let dot = |a: &[Double], b: &[Double]| a.iter().zip(b).fold(Double::zero(), |sum, (&a, &b)| sum + a * b);
    let n = columns.len();
    let mut rows: Vec<Vec<Double>> = columns
        .iter()
        .map(|own| columns.iter().map(|other| dot(own, other)).chain([dot(own, wanted)]).collect())
        .collect();
    for at in 0..n {
        let diagonal = rows[at][at];
        let own = dot(columns[at], columns[at]).to_f64();
        // What is left of a column beside those before it.
        if diagonal.to_f64().is_nan() || diagonal.to_f64() <= 1e-16 * own {
            return None;
        }
        let pivot = rows[at].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(row, _)| *row != at) {
            let factor = row[at] / diagonal;
            row.iter_mut().zip(&pivot).for_each(|(element, &pivot)| *element -= factor * pivot);
        }
    }
    Some(rows.iter().enumerate().map(|(at, row)| row[n] / row[at]).collect())
}

/// A line at one place, taken apart.
struct Apart<'a, 'g> {
    subject: &'a Subject<'g>,
    sight: &'a Sight<'g>,
    depth: Depth,
    side: Side,
}

impl Apart<'_, '_> {
    /// The terms that a value is the sum of; `within` says that they are terms already.
    fn parts(&self, value: ValueId, deep: usize, within: bool) -> Vec<Part> {
        let whole = || vec![Part { of: value, adds: self.sight.numbers(value).to_vec() }];
        let graph = &self.subject.alone.graph;
        let Some(node) = graph.maker(value).filter(|node| node.phase == Phase::Backward) else {
            return whole();
        };
        let is_statement = within && !self.subject.is_within_a_statement(value);
        let all_floats = node.inputs.iter().all(|&input| graph.value(input).ty.kind != Kind::Int);
        if deep == 0 || !all_floats || (is_statement && self.depth != Depth::Statements) {
            return whole();
        }
        let stop = within && self.depth == Depth::Outermost;
        let inner = |input: usize, within: bool| self.parts(node.inputs[input], deep - 1, within);
        let with = |input: usize, parts: Vec<Part>| -> Vec<Part> {
            let numbers = |part: &Part| {
                self.sight.apply(node, |other| match other == input {
                    true => part.adds.clone(),
                    false => self.sight.numbers(node.inputs[other]).to_vec(),
                })
            };
            parts.iter().map(|part| Part { of: part.of, adds: numbers(part) }).collect()
        };
        let alone = |input: usize, parts: Vec<Part>| -> Vec<Part> {
            let numbers = |part: &Part| {
                self.sight.apply(node, |other| match other == input {
                    true => part.adds.clone(),
                    false => vec![Double::zero(); self.sight.numbers(node.inputs[other]).len()],
                })
            };
            parts.iter().map(|part| Part { of: part.of, adds: numbers(part) }).collect()
        };
        let parts = match node.kernel.card().name {
            "add" | "sub" => [alone(0, inner(0, true)), alone(1, inner(1, true))].concat(),
            "neg" => with(0, inner(0, within)),
            _ if stop => return whole(),
            "mul" | "matmul" => {
                let (left, right) = (inner(0, within), inner(1, within));
                match (left.len(), right.len()) {
                    (1, 1) => return whole(),
                    (1, _) => with(1, right),
                    (_, 2..) if self.side == Side::Right => with(1, right),
                    _ => with(0, left),
                }
            }
            "div" | "reshape" | "transpose" | "flatten" | "identity" | "sum" | "mean" => {
                with(0, inner(0, within))
            }
            _ => return whole(),
        };
        match parts.len() {
            1 => whole(),
            count if count > TERMS => whole(),
            _ => parts,
        }
    }
}
