//! Reductions over axes: which output element every input element goes to.

use crate::op::{
    Attribute, AttributeKind, Call, Cone, Dirty, Float, Group, Groups, Inputs, Misuse, Subject, Winner,
    cone::{Change, Membership, PartialSums, across},
    pairwise_sum,
};
use crate::shape::{Shape, Walk};
use std::cmp::Ordering;

/// A reduction of input 0 over the axes of the attribute `axis` (all without it).
#[derive(Debug)]
pub struct Reduction {
    /// Neighbours that go to one output element: those along the innermost axes, as far as they are reduced.
    run: usize,
    /// The number of every run, in order, and the output element that it goes to.
    runs: Walk<2>,
    /// The input elements of every output element.
    pub groups: Groups,
}

impl Reduction {
    /// The attribute of an op that reduces along any axes.
    pub const AXIS: Attribute = Attribute {
        name: "axis",
        kind: AttributeKind::Ints,
        default: Some(""),
        doc: "the axis or axes to reduce; all of them without it",
    };

    /// The attribute of every reduction.
    pub const KEEPDIMS: Attribute = Attribute {
        name: "keepdims",
        kind: AttributeKind::Flag,
        default: Some("false"),
        doc: "keep the reduced axes with length 1",
    };

    /// The reduction that a call asks for, and the shape of its output.
    ///
    /// # Errors
    /// An axis that the input does not have.
    pub fn of(call: &Call) -> Result<(Self, Shape), Misuse> {
        Ok(Self::over(call.shape(0), &call.axes()?, call.flag("keepdims")))
    }

    /// Refuses reduced axes without elements.
    ///
    /// # Errors
    /// `what` of nothing.
    pub fn refuse_nothing(&self, call: &Call, what: &str) -> Result<(), Misuse> {
        if self.groups.size > 0 {
            return Ok(());
        }
        let message = format!("there is no {what} of nothing: x has shape {}", call.shape(0));
        Err(Misuse::new(Subject::Input(0), message))
    }

    /// The reduction of a shape over the chosen axes, and the shape of its output.
    pub fn over(input: &Shape, reduced: &[bool], keepdims: bool) -> (Self, Shape) {
        let keep = |lengths: &[usize]| -> Shape {
            lengths.iter().zip(reduced).map(|(&n, &r)| if r { 1 } else { n }).collect()
        };
        let output = if keepdims {
            keep(input)
        } else {
            input.iter().zip(reduced).filter(|&(_, &r)| !r).map(|(&n, _)| n).collect()
        };
        let outer = reduced.iter().rposition(|&r| !r).map_or(0, |kept| kept + 1);
        let run = Shape::new(&input[outer..]).size();
        let runs = Shape::new(&input[..outer]);
        let runs = Walk::broadcast(&runs, [&runs, &keep(&runs)]);
        (Self { run, runs, groups: Groups::over(input, reduced) }, output)
    }

    /// Each output element comes from one run.
    fn is_of_runs(&self) -> bool {
        self.run == self.groups.size
    }

    /// Sums the input elements of every output element: each run by halves, and runs one after the other.
    pub fn sum<F: Float>(&self, x: &[F], y: &mut [F]) {
        y.fill(F::zero());
        self.runs.runs(&mut |[from, to], [next, step], length| match (self.run, step) {
            (1, 1) => y[to..][..length].iter_mut().zip(&x[from..]).for_each(|(y, &x)| *y += x),
            _ => (0..length).for_each(|k| {
                let run = &x[(from + k * next as usize) * self.run..][..self.run];
                y[to + k * step as usize] += pairwise_sum(run);
            }),
        });
    }

    /// Adds to every input element what `share` makes of the upstream gradient of its output element.
    pub fn send_back<F: Float>(&self, upstream: &[F], share: impl Fn(F) -> F, gradient: &mut [F]) {
        let add = |(gradient, up): (&mut F, F)| *gradient += up;
        self.runs.runs(&mut |[from, to], [next, step], length| match (self.run, step) {
            (1, 1) => {
                let shares = upstream[to..].iter().map(|&up| share(up));
                gradient[from..][..length].iter_mut().zip(shares).for_each(add);
            }
            _ => (0..length).for_each(|k| {
                let own = share(upstream[to + k * step as usize]);
                let run = &mut gradient[(from + k * next as usize) * self.run..][..self.run];
                run.iter_mut().for_each(|gradient| *gradient += own);
            }),
        });
    }

    /// The cone of an op that makes each output element from a sum of [`Self::sum`].
    pub fn sum_cone<'a>(
        &'a self,
        x: &Inputs<f64>,
        end: impl Fn(f64) -> f64 + Send + Sync + 'a,
    ) -> Box<dyn Cone + 'a> {
        let (of, x) = (Membership::of(&self.groups, x.float(0).len()), x.float(0));
        // Of one run the halves are kept; several are summed anew, in the order of a whole sum.
        let halved: Option<Vec<PartialSums>> = self.is_of_runs().then(|| {
            let terms = |group: Group| PartialSums::of(group.size, |place| x[group.at(place)]);
            self.groups.each().map(terms).collect()
        });
        Box::new(move |change: &Change, y: &mut Dirty| {
            let x = change.float(0);
            let mut terms = std::mem::take(&mut y.scratch.terms);
            of.each(change.of(0), |index, own| {
                let group = self.groups.group(index);
                let sums = match &halved {
                    Some(sums) => {
                        let term = |place: u32| across(x, group.at(place as usize));
                        terms.clear();
                        terms.extend(own.iter().map(|&(_, place)| (place, term(place))));
                        sums[index].with(&terms)
                    }
                    None => {
                        let runs = || (0..group.size).step_by(self.run).map(|place| group.at(place));
                        x.map(|x| runs().fold(0.0, |sum, at| sum + pairwise_sum(&x[at..][..self.run])))
                    }
                };
                y.set(index, sums.map(&end));
            });
            y.scratch.terms = terms;
        })
    }

    /// The cone of an op whose output elements are the winners of their groups.
    pub fn winner_cone<'a>(&'a self, x: &Inputs<f64>, wins: Ordering) -> Box<dyn Cone + 'a> {
        let of = Membership::of(&self.groups, x.float(0).len());
        Box::new(move |change: &Change, y: &mut Dirty| {
            let (x, before) = (change.float(0), change.before.float(0));
            of.each(change.of(0), |index, _| {
                let winner = |x: &[f64]| self.groups.group(index).winner(x, wins);
                let (now, before) = (x.map(winner), winner(before));
                y.set(index, std::array::from_fn(|lane| x[lane][now[lane].at]));
                y.compare_branches(now.map(Winner::branch), before.branch());
            });
        })
    }
}
