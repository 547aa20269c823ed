//! Places along one axis that an int input names: gather, take and scatter_add.

use crate::op::{Call, Cone, Inputs, Misuse, Subject, cone::Reached};
use crate::shape::{Shape, Walk};
use std::borrow::Cow;

/// Elements of a tensor that are chosen along one axis by the ints of another.
#[derive(Debug)]
pub struct Indexed {
    /// How many lengths the axes before the chosen one make together, and those behind it.
    outer: usize,
    inner: usize,
    /// How long the axis is, and how many places are chosen along it.
    length: usize,
    chosen: usize,
    /// Every element has an int of its own; else one list of ints chooses for all.
    of_each: bool,
    /// The axes that several inputs choose along together, as one.
    joined: Vec<Joined>,
}

/// One of several neighbouring axes, each with an input of ints.
#[derive(Debug)]
struct Joined {
    length: usize,
    /// Which of its ints belongs to each chosen place.
    from: Vec<usize>,
}

impl Indexed {
    /// For each element of the ints, of the rank of input 0, one element of input 0: they differ
    /// in length along the axis alone.
    ///
    /// # Errors
    /// Lengths that do not agree, and ints that are known to name no place.
    pub fn of_each(call: &Call, axis: usize) -> Result<Self, Misuse> {
        let (x, i) = (call.shape(0), call.shape(1));
        let agrees = |at: usize| at == axis || x.get(at) == i.get(at);
        if x.rank() != i.rank() || !(0..x.rank()).all(agrees) {
            let message = format!("i has shape {i}; beside x of shape {x} only axis {axis} may differ");
            return Err(Misuse::new(Subject::Input(1), message)
                .help("there is one index for each element; `take` uses one list of indices for all of x"));
        }
        in_axis(call, 1, axis)?;
        Ok(Self::along(x, axis..axis + 1, i[axis], true))
    }

    /// For each int a slice of input 0, and the shape of all of them: the axes of the ints stand in
    /// place of the axis. Where several inputs have ints, each has an axis from the first on, and
    /// they are broadcast.
    ///
    /// # Errors
    /// Ints that are known to name no place, more of them than axes, shapes that do not broadcast.
    pub fn of_all(call: &Call, axis: usize) -> Result<(Self, Shape), Misuse> {
        let (x, count) = (call.shape(0), call.inputs.len() - 1);
        let axes = axis..axis + count;
        if axes.end > x.rank() {
            let message = format!(
                "{count} tensors of ints choose along axes {axis} to {}, and x has shape {x}",
                axes.end - 1
            );
            return Err(Misuse::new(Subject::Call, message));
        }
        let mut i = call.shape(1).clone();
        for input in 1..=count {
            in_axis(call, input, axis + input - 1)?;
            i = i.broadcast(call.shape(input)).ok_or_else(|| {
                Misuse::new(Subject::Input(input), "the tensors of ints do not broadcast")
                    .help("`x[i, j]` pairs them: they have one shape, or lengths of 1 that stretch")
            })?;
        }
        let shape = x[..axis].iter().chain(i.iter()).chain(&x[axes.end..]).copied().collect();
        let mut chosen = Self::along(x, axes.clone(), i.size(), false);
        if count > 1 {
            let from = |input: usize| {
                let mut from = Vec::with_capacity(i.size());
                Walk::broadcast(&i, [call.shape(input)]).each(|[at]| from.push(at));
                from
            };
            chosen.joined = (1..=count)
                .zip(axes)
                .map(|(input, axis)| Joined { length: x[axis], from: from(input) })
                .collect();
        }
        Ok((chosen, shape))
    }

    fn along(x: &Shape, axes: std::ops::Range<usize>, chosen: usize, of_each: bool) -> Self {
        let size = |lengths: &[usize]| Shape::new(lengths).size();
        let (outer, inner) = (size(&x[..axes.start]), size(&x[axes.end..]));
        Self { outer, inner, length: size(&x[axes]), chosen, of_each, joined: Vec::new() }
    }

    /// The ints that choose; those of several axes as one, and a great negative one where some name
    /// no place.
    pub fn ints<'i, F>(&self, x: &Inputs<'i, F>) -> Cow<'i, [i64]> {
        if self.joined.is_empty() {
            return x.int(1).into();
        }
        let of_one = |chosen: usize| {
            self.joined.iter().enumerate().try_fold(0, |all, (axis, joined)| {
                let at = place(x.int(1 + axis)[joined.from[chosen]], joined.length)?;
                Some(all * joined.length as i64 + at as i64)
            })
        };
        (0..self.chosen).map(|chosen| of_one(chosen).unwrap_or(i64::MIN)).collect()
    }

    /// Calls `visit` for every run of neighbours among the chosen elements, in their order: where it
    /// begins there, where in the tensor, `None` for an int that names no place, and its length.
    pub fn runs(&self, i: &[i64], visit: &mut dyn FnMut(usize, Option<usize>, usize)) {
        if self.inner == 0 || self.chosen == 0 {
            return;
        }
        let place = |outer: usize, named: i64, within: usize| {
            let at = place(named, self.length)?;
            Some((outer * self.length + at) * self.inner + within)
        };
        let mut to = 0;
        for outer in 0..self.outer {
            for chosen in 0..self.chosen {
                if !self.of_each {
                    visit(to, place(outer, i[chosen], 0), self.inner);
                    to += self.inner;
                    continue;
                }
                let mut within = 0;
                for same in i[to..][..self.inner].chunk_by(|a, b| a == b) {
                    visit(to + within, place(outer, same[0], within), same.len());
                    within += same.len();
                }
                to += self.inner;
            }
        }
    }

    /// The places in the tensor of the line along the axis that a chosen element belongs to.
    pub fn line(&self, chosen: usize) -> impl Iterator<Item = usize> {
        let (outer, within) = (chosen / self.inner / self.chosen, chosen % self.inner);
        (0..self.length).map(move |at| (outer * self.length + at) * self.inner + within)
    }

    /// Copies the chosen elements; `missing` stands for a place that there is not.
    pub fn choose<T: Copy>(&self, i: &[i64], x: &[T], y: &mut [T], missing: T) {
        self.runs(i, &mut |to, from, length| match from {
            Some(from) => y[to..][..length].copy_from_slice(&x[from..][..length]),
            None => y[to..][..length].fill(missing),
        });
    }

    /// Adds each of the `chosen` to the element of the tensor that it is chosen from.
    pub fn add_back<F: crate::op::Float>(&self, i: &[i64], chosen: &[F], x: &mut [F]) {
        self.runs(i, &mut |at, to, length| {
            let Some(to) = to else { return };
            x[to..][..length].iter_mut().zip(&chosen[at..]).for_each(|(x, &chosen)| *x += chosen);
        });
    }

    /// Pairs of an element of the tensor and a chosen one that is taken from it.
    pub fn pairs(&self, i: &[i64]) -> Vec<(u32, u32)> {
        let mut pairs = Vec::new();
        self.runs(i, &mut |to, from, length| {
            let from = from.into_iter().flat_map(|from| from..from + length);
            pairs.extend(from.zip(to..).map(|(from, to)| (from as u32, to as u32)));
        });
        pairs
    }

    /// The cone of an op that gives the chosen elements.
    pub fn cone(&self, x: &Inputs<f64>) -> Box<dyn Cone> {
        Reached::of(&self.pairs(&self.ints(x)), x.float(0).len()).into_cone()
    }
}

/// The place that an int names on an axis, from its end when negative.
fn place(named: i64, length: usize) -> Option<usize> {
    let from_end = usize::try_from(named.unsigned_abs()).ok()?;
    let at = if named < 0 { length.checked_sub(from_end)? } else { from_end };
    (at < length).then_some(at)
}

/// Refuses ints in an input that are known to name no place on an axis of input 0.
fn in_axis(call: &Call, input: usize, axis: usize) -> Result<(), Misuse> {
    let (length, Some((least, greatest))) = (call.shape(0)[axis], call.inputs[input].range) else {
        return Ok(());
    };
    match [greatest, least].into_iter().find(|&named| place(named, length).is_none()) {
        None => Ok(()),
        Some(named) => {
            let message = match length {
                0 => format!("index {named} is out of range: axis {axis} of x has no elements"),
                _ => format!(
                    "index {named} is out of range: axis {axis} of x goes from {} to {}",
                    -(length as i128),
                    length - 1
                ),
            };
            Err(Misuse::new(Subject::Input(input), message))
        }
    }
}
