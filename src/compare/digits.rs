//! How many digits f64 keeps of a gradient, and where it loses them: at the node at which f64 and
//! double-double part by much more than at its inputs.

use super::{not_finite::Trace, remedy::instead_of_loss};
use crate::{
    cancel,
    double::Double,
    engine::{Memory, Stored},
    graph::{NodeId, Origin, ValueId},
};

/// What a single number in f64 is off at least.
const LEAST: f64 = 1.2e-16;

/// Digits lost at one node that are worth a word.
const TOLD: f64 = 2.0;

/// Numbers that are off by less, beside the least, are not followed further.
const FOLLOWED: f64 = 17.0;

/// Fewer digits than these are said to be blunt.
pub const BLUNT: f64 = 3.0;

/// As many decimal digits as f64 can hold.
const MOST: f64 = 16.0;

/// What f64 is off by, of the entries that are right.
#[derive(Default)]
pub struct Kept {
    errors: Vec<f64>,
    /// The first entry of those that are off the most, and by how much.
    worst: Option<(usize, f64)>,
}

impl Kept {
    pub fn take(&mut self, entry: usize, plain: f64, exact: Double) {
        let error = relative(plain, exact);
        self.errors.push(error);
        if self.worst.is_none_or(|(_, most)| error > most) {
            self.worst = Some((entry, error));
        }
    }

    /// The digits that are kept, the least and the median.
    pub fn least_and_median(&mut self) -> Option<(f64, f64)> {
        let (_, most) = self.worst?;
        let middle = (self.errors.len() - 1) / 2;
        let (_, median, _) = self.errors.select_nth_unstable_by(middle, f64::total_cmp);
        Some((digits(most), digits(*median)))
    }

    /// How many entries keep too few.
    pub fn blunt(&self) -> usize {
        let bar = 10f64.powf(-BLUNT);
        self.errors.iter().filter(|&&error| error > bar).count()
    }

    /// The one that keeps the fewest, if that are too few.
    pub fn bluntest(&self) -> Option<usize> {
        self.worst.filter(|&(_, error)| digits(error) < BLUNT).map(|(entry, _)| entry)
    }
}

/// The relative error of a number in f64, at most 1.
fn relative(plain: f64, exact: Double) -> f64 {
    if plain == exact.to_f64() {
        return 0.0;
    }
    let error = (exact - Double::from(plain)).to_f64().abs() / exact.to_f64().abs();
    if error.is_nan() { 1.0 } else { error.min(1.0) }
}

/// The decimal digits of the true value that a number with this relative error has.
fn digits(error: f64) -> f64 {
    // No −0.
    (-error.log10()).clamp(0.0, MOST) + 0.0
}

/// A node that loses digits.
#[derive(Debug, Clone, PartialEq)]
pub struct Loss {
    pub place: LossPlace,
    /// Decimal digits that its output has fewer than its inputs.
    pub digits: f64,
    /// What is usually computed instead.
    pub remedy: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum LossPlace {
    /// In a node's value.
    Node(NodeId),
    /// In what a node sends back.
    Back(NodeId),
    /// Where the gradients that come back from the uses of a value are summed.
    Sum(ValueId),
}

/// Both runs of a graph.
pub struct Runs<'a> {
    pub trace: Trace<'a>,
    pub exact: &'a Memory<Double>,
}

impl Runs<'_> {
    /// Follows an entry of a leaf's gradient to the node that loses most of its digits in f64.
    pub fn loss(&self, leaf: ValueId, entry: usize) -> Option<Loss> {
        let at = At { value: leaf, entry: Some(entry), gradient: true };
        Losses { trace: &self.trace, least: LEAST, told: TOLD, error: &|at| self.error(at) }.of(at)
    }

    /// The relative error in f64, at most 1.
    fn error(&self, at: At) -> f64 {
        let (plan, plain) = (self.trace.plan, self.trace.base);
        let (plain, exact) = match at.gradient {
            true => (plain.gradient(plan, at.value), self.exact.gradient(plan, at.value)),
            false => (Some(plain.float(plan, at.value)), Some(self.exact.float(plan, at.value))),
        };
        let (plain, exact) = (plain.unwrap_or(&[]), exact.unwrap_or(&[]));
        let of = |at: usize| match (plain.get(at), exact.get(at)) {
            (Some(&plain), Some(&exact)) => relative(plain, exact),
            _ => 0.0,
        };
        match at.entry {
            Some(entry) => of(entry),
            None => (0..plain.len()).map(of).fold(0.0, f64::max),
        }
    }
}

/// Follows the digits of a tensor to the node that loses most of them, if it is so many. `least` is
/// what a number is off by at least; `error` tells the relative error of a value or gradient, at most 1.
pub fn lost(trace: &Trace, from: Stored, least: f64, error: &dyn Fn(Stored) -> f64) -> Option<Loss> {
    lost_digits(trace, from, least, TOLD, error)
}

/// As [`lost`], if it is at least `told` decimal digits.
pub fn lost_digits(
    trace: &Trace,
    from: Stored,
    least: f64,
    told: f64,
    error: &dyn Fn(Stored) -> f64,
) -> Option<Loss> {
    let (Stored::Value(value) | Stored::Gradient(value)) = from;
    let at = At { value, entry: None, gradient: matches!(from, Stored::Gradient(_)) };
    let error = |At { value, gradient, .. }| {
        error(if gradient { Stored::Gradient(value) } else { Stored::Value(value) })
    };
    Losses { trace, least, told, error: &error }.of(at)
}

/// A number that is followed: of a value or of its gradient.
#[derive(Clone, Copy)]
struct At {
    value: ValueId,
    /// All entries, where none in particular is meant.
    entry: Option<usize>,
    gradient: bool,
}

/// Where digits are lost, by the relative error everywhere.
struct Losses<'a> {
    trace: &'a Trace<'a>,
    /// What a single number is off by at least.
    least: f64,
    /// Digits lost at one node that are worth a word.
    told: f64,
    error: &'a dyn Fn(At) -> f64,
}

impl Losses<'_> {
    /// Follows a number to the node that loses most of its digits.
    fn of(&self, mut at: At) -> Option<Loss> {
        let mut worst: Option<(f64, LossPlace)> = None;
        // Every step goes to what is computed earlier.
        for _ in 0..4 * self.trace.graph.values.len() {
            cancel::check();
            let own = (self.error)(at);
            let (place, inputs) = if at.gradient { self.back(at) } else { self.made(at) };
            let next =
                inputs.iter().map(|&input| ((self.error)(input), input)).max_by(|a, b| a.0.total_cmp(&b.0));
            let before = next.map_or(self.least, |(error, _)| error.max(self.least));
            if let Some(place) = place {
                let digits = (own.max(self.least) / before).log10();
                if worst.as_ref().is_none_or(|(most, _)| digits > *most) {
                    worst = Some((digits, place));
                }
            }
            match next {
                Some((error, next)) if error > FOLLOWED * self.least => at = next,
                _ => break,
            }
        }
        let (digits, place) = worst.filter(|(digits, _)| *digits >= self.told)?;
        let remedy = match place {
            LossPlace::Node(node) => instead_of_loss(self.trace.graph, node),
            LossPlace::Back(_) | LossPlace::Sum(_) => None,
        };
        Some(Loss { place, digits, remedy })
    }

    /// The node that makes a value, and what it uses.
    fn made(&self, at: At) -> (Option<LossPlace>, Vec<At>) {
        match self.trace.graph.value(at.value).origin {
            Origin::Node(node) => {
                let inputs = self.trace.floats(node).map(|value| At {
                    value,
                    entry: self.trace.entry_below(node, value, at.entry),
                    gradient: false,
                });
                (Some(LossPlace::Node(node)), inputs.collect())
            }
            Origin::Upstream(block) => {
                let output = self.trace.graph.block(block).output_of(at.value);
                (None, output.map(|value| At { value, gradient: true, ..at }).into_iter().collect())
            }
            Origin::Leaf { .. } | Origin::Literal(_) => (None, Vec::new()),
        }
    }

    /// The values that a node's slope for an input is computed from: those that its card's rule names.
    fn read_back(&self, node: NodeId, input: usize) -> Vec<ValueId> {
        let node = self.trace.graph.node(node);
        let card = node.kernel.card();
        let rules = card.backward.iter().filter(|(to, _)| *to == card.edge(input).name);
        let words: Vec<&str> =
            rules.flat_map(|(_, rule)| rule.split(|c: char| !c.is_ascii_alphanumeric())).collect();
        let inputs = node.inputs.iter().enumerate().filter(|(at, _)| words.contains(&card.edge(*at).name));
        let output = node.outputs.iter().filter(|_| words.contains(&"y"));
        inputs.map(|(_, &value)| value).chain(output.copied()).collect()
    }

    /// What sends a gradient, and what it uses for that.
    fn back(&self, at: At) -> (Option<LossPlace>, Vec<At>) {
        let lines: Vec<At> = self
            .trace
            .lines(at.value)
            .iter()
            .map(|&value| At { value, entry: at.entry, gradient: false })
            .collect();
        let senders = self.trace.senders(at.value);
        if lines.len() + senders.len() == 1
            && let &[(node, input)] = senders
        {
            let output = self.trace.graph.node(node).outputs[0];
            let entry = self.trace.entry_above(node, at.value, at.entry);
            let reads = self.read_back(node, input);
            let read =
                std::iter::once(output).chain(self.trace.floats(node)).filter(|value| reads.contains(value));
            let mut used = vec![At { value: output, entry, gradient: true }];
            used.extend(read.map(|value| {
                let below = if value == output { entry } else { self.trace.entry_below(node, value, entry) };
                At { value, entry: below, gradient: false }
            }));
            return (Some(LossPlace::Back(node)), used);
        }
        let is_sum = lines.len() + senders.len() > 1;
        let mut used = lines;
        used.extend(senders.iter().map(|&(node, _)| {
            let output = self.trace.graph.node(node).outputs[0];
            At { value: output, entry: self.trace.entry_above(node, at.value, at.entry), gradient: true }
        }));
        (is_sum.then_some(LossPlace::Sum(at.value)), used)
    }
}
