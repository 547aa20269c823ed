//! One factor between all wrong entries and the true ones, and where it may come from.

use super::{
    kind::{Factor, Pattern, Which},
    sight::{Sight, Subject},
};
use crate::{
    graph::Block,
    shape::{Shape, indices},
    syntax::What,
};
use num_traits::Zero;

/// Two factors are the same.
const SAME: f64 = 1e-9;

/// A smaller factor is what rounding leaves of none.
const NOTHING: f64 = 1e-20;

/// Sources of a factor that are told, at most.
const TOLD: usize = 4;

/// All wrong entries are the same multiple of the true ones, or 0.
pub fn find(subject: &Subject, sights: &[Sight]) -> Option<Pattern> {
    let first = sights.first()?;
    let shape = &subject.alone.graph.value(subject.leaf).ty.shape;
    let of = which(shape, first);
    let is_nothing = |sight: &Sight, at: usize| {
        sight.backward[at].to_f64().abs() <= NOTHING * sight.truth[at].to_f64().abs()
    };
    if sights.iter().all(|sight| sight.wrong.iter().all(|&at| is_nothing(sight, at))) {
        return Some(Pattern::Zero { of });
    }
    let size = |at: &usize| first.truth[*at].to_f64().abs();
    let at = first.wrong.iter().copied().max_by(|a, b| size(a).total_cmp(&size(b)))?;
    if first.truth[at].is_zero() {
        return None;
    }
    let ratio = first.backward[at] / first.truth[at];
    let everywhere = sights.iter().all(|sight| sight.wrong.iter().all(|&at| sight.is_times(at, ratio)));
    if !everywhere || ratio.is_zero() {
        return None;
    }
    let mut factor = factor(subject, ratio.to_f64());
    if of != Which::Every {
        // No length of an axis makes some entries wrong alone.
        factor.sources = from_attributes(subject, ratio.to_f64());
    }
    Some(Pattern::Ratio { factor, of })
}

/// Which of the entries that are not 0 are wrong.
fn which(shape: &Shape, sight: &Sight) -> Which {
    let counts = |at: &usize| !sight.truth[*at].is_zero() || !sight.backward[*at].is_zero();
    let telling: Vec<usize> = (0..sight.truth.len()).filter(counts).collect();
    Which::of(shape, &sight.wrong, &telling)
}

impl Which {
    /// Which entries are wrong, of those that can tell; both in order.
    pub fn of(shape: &Shape, wrong: &[usize], telling: &[usize]) -> Self {
        let is_wrong = |at: usize| wrong.binary_search(&at).is_ok();
        if telling.iter().all(|&at| is_wrong(at)) {
            return Self::Every;
        }
        if let &[at] = wrong {
            return Self::One { at: indices(shape, at) };
        }
        let slice = (0..shape.rank()).find_map(|axis| {
            let index = |at: usize| indices(shape, at)[axis];
            let first = wrong.iter().map(|&at| index(at)).min()?;
            let last = wrong.iter().map(|&at| index(at)).max()?;
            let all = telling.iter().all(|&at| is_wrong(at) || !(first..=last).contains(&index(at)));
            all.then_some(Self::Slice { axis, first, last })
        });
        slice.unwrap_or(Self::Some { wrong: wrong.len(), all: telling.len() })
    }
}

/// Wrong entries lie in one slice of an axis.
pub fn one_slice(subject: &Subject, sights: &[Sight]) -> Option<Pattern> {
    let shape = &subject.alone.graph.value(subject.leaf).ty.shape;
    let &first = sights.first()?.wrong.first()?;
    let (axis, index) =
        (0..shape.rank()).map(|axis| (axis, indices(shape, first)[axis])).find(|&(axis, index)| {
            let alike = |&at: &usize| indices(shape, at)[axis] == index;
            shape[axis] > 1 && sights.iter().all(|sight| sight.wrong.iter().all(alike))
        })?;
    Some(Pattern::OneSlice { axis, index })
}

impl Factor {
    /// A factor that is measured and known to `error`: a simple one if there is one as near, and what of
    /// a shape has its value.
    pub fn near(measured: f64, error: f64, shape: &Shape) -> Self {
        let lengths = shape.iter().chain([&2, &3, &4]).map(|&length| length as f64);
        let forms = lengths.flat_map(|n| [n, 1.0 / n, n.sqrt(), 1.0 / n.sqrt()]).chain([1.0]);
        let signed = forms.map(|form| form.copysign(measured));
        match signed.into_iter().find(|form| (form - measured).abs() <= error) {
            Some(value) => {
                let sources = shape.iter().filter_map(|&length| of_length("", length, value.abs()));
                let mut sources: Vec<String> = sources.collect();
                sources.dedup();
                Self { value, sources }
            }
            None => {
                // No more digits than are known.
                let digits = (-(error / measured.abs()).log10()).ceil().clamp(1.0, 12.0) as usize;
                let value = format!("{measured:.digits$e}").parse().unwrap_or(measured);
                Self { value, sources: Vec::new() }
            }
        }
    }
}

/// A factor with all that has its value: attributes of the call, named lengths, lengths of axes.
pub fn factor(subject: &Subject, value: f64) -> Factor {
    let size = value.abs();
    let mut sources = from_attributes(subject, value);
    let block = subject.unit.block.map(|id| subject.graph.block(id));
    let lengths = block.map_or(&[][..], |block| &block.lengths);
    sources.extend(lengths.iter().filter_map(|(name, length)| of_length(name, *length, size)));
    let mut known: Vec<usize> = lengths.iter().map(|&(_, length)| length).collect();
    for length in subject.alone.graph.values.iter().flat_map(|value| value.ty.shape.iter().copied()) {
        if !known.contains(&length) {
            known.push(length);
            sources.extend(of_length("", length, size));
        }
    }
    sources.truncate(TOLD);
    Factor { value: tidy(value), sources }
}

/// The attributes of the call that have this value.
pub fn from_attributes(subject: &Subject, value: f64) -> Vec<String> {
    let block = subject.unit.block.map(|id| subject.graph.block(id));
    let attributes = block.map(attributes).unwrap_or_default();
    attributes.iter().filter_map(|(name, own)| of_attribute(name, *own, value.abs())).collect()
}

fn is(a: f64, b: f64) -> bool {
    (a - b).abs() <= SAME * b.abs()
}

/// What has this size of an axis; one without a name is told by its length.
fn of_length(name: &str, length: usize, size: f64) -> Option<String> {
    if length < 2 {
        return None;
    }
    let n = length as f64;
    // Of two, n/(n − 1) is n itself.
    let forms = [
        (n, ["", ""]),
        (1.0 / n, ["1/", ""]),
        (n.sqrt(), ["√", ""]),
        (1.0 / n.sqrt(), ["1/√", ""]),
        (n / (n - 1.0), ["", "/(# − 1)"]),
        ((n - 1.0) / n, ["(# − 1)/", ""]),
    ];
    let (_, [before, behind]) = forms.into_iter().find(|(form, _)| is(*form, size))?;
    let form = |name: &str| [before.replace('#', name), name.to_string(), behind.replace('#', name)].concat();
    Some(match name {
        "" if is(n, size) => "the length of an axis".to_string(),
        "" => format!("{} with n = {length}, the length of an axis", form("n")),
        name if is(n, size) => format!("the length {name}"),
        name => format!("{} with {name} = {length}", form(name)),
    })
}

fn of_attribute(name: &str, value: f64, size: f64) -> Option<String> {
    let forms = [
        (value, name.to_string()),
        (1.0 / value, format!("1/{name}")),
        (value * value, format!("{name}²")),
        (1.0 / (value * value), format!("1/{name}²")),
        (value.sqrt(), format!("√{name}")),
        (1.0 / value.sqrt(), format!("1/√{name}")),
        (1.0 - value, format!("1 − {name}")),
        (1.0 / (1.0 - value), format!("1/(1 − {name})")),
        (2.0 * value, format!("2·{name}")),
        (1.0 + value, format!("1 + {name}")),
    ];
    let found = forms.into_iter().find(|(form, _)| is(form.abs(), size) && !is(size, 1.0));
    found.map(|(_, text)| match text == name {
        true => format!("the attribute {name}"),
        false => format!("{text} with the attribute {name} = {value}"),
    })
}

/// The attributes of a block's call that are single numbers.
fn attributes(block: &Block) -> Vec<(Box<str>, f64)> {
    let number = |items: &[crate::syntax::Item]| match items {
        [one] => literal(&one.what),
        [one, sign] if sign.what == What::Negate => literal(&one.what).map(|value| -value),
        _ => None,
    };
    let numbers = block.attributes.iter();
    numbers.filter_map(|(name, written)| Some((name.clone(), number(&written.items)?))).collect()
}

fn literal(what: &What) -> Option<f64> {
    match what {
        What::Int(value) => Some(*value as f64),
        What::Float(value) => Some(*value),
        _ => None,
    }
}

/// A ratio that is a simple one but for rounding, as the simple one.
fn tidy(ratio: f64) -> f64 {
    if ratio.abs() < NOTHING {
        return 0.0;
    }
    let whole = |x: f64| (x.round() != 0.0 && is(x, x.round())).then(|| x.round());
    whole(ratio).or_else(|| whole(1.0 / ratio).map(|inverse| 1.0 / inverse)).unwrap_or(ratio)
}
