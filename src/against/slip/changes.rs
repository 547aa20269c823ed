//! Slips that are found by running the graph anew with one thing changed: a number, a slice, a node or a
//! part of a gradient.

use super::{Got, Slip};
use crate::{
    against::{BAR, Course},
    compare::ways,
    engine::Stored,
    graph::{Phase, ValueId},
    op::Slot,
    plan::{Back, Plan},
    precision::Precision,
    shape::indices,
    simulate::{Change, changed},
};

/// Leaves and numbers that are tried with another value, at most.
const TRIED: usize = 64;

/// Elements that are computed anew for one kind of change, at most.
const WORK: usize = 1 << 26;

/// Steps towards the number that a kernel has in place of another.
const STEPS: usize = 12;

impl Got<'_> {
    pub(super) fn changed(&self, course: &Course, result: usize) -> Option<Slip> {
        let tried = Tried { got: self, course, result };
        tried
            .as_if()
            .or_else(|| tried.upstream_ignored())
            .or_else(|| tried.leaf_moved())
            .or_else(|| tried.slice_left_out())
            .or_else(|| tried.node_left_out())
            .or_else(|| tried.part_left_out())
            .or_else(|| tried.other_number())
            .or_else(|| tried.factors())
    }
}

/// Changes tried for one result.
struct Tried<'a> {
    got: &'a Got<'a>,
    course: &'a Course<'a>,
    result: usize,
}

impl Tried<'_> {
    fn numbers(&self, change: &Change) -> Vec<f64> {
        let Course { plan, ref meetings, asked, given, .. } = *self.course;
        changed(plan, meetings, asked, given, change).swap_remove(self.result)
    }

    fn explains(&self, change: &Change) -> bool {
        let numbers = self.numbers(change);
        self.got.is(|at| numbers[at])
    }

    /// As many changes of one kind as may be tried.
    fn runs(&self) -> usize {
        let sizes = &self.course.plan.sizes;
        WORK / (sizes.floats + sizes.gradients).max(1)
    }

    /// Leaves and numbers within expressions.
    fn data(&self) -> impl Iterator<Item = ValueId> {
        let plan = self.course.plan;
        plan.data().iter().map(|&(id, _)| id).filter(|&id| matches!(plan.slot(id), Slot::Float { .. }))
    }

    /// A result of backward may have another number than forward.
    fn phases(&self) -> impl Iterator<Item = Phase> + Clone + use<> {
        let goes_back = matches!(self.got.claim.of, Stored::Gradient(_));
        [Phase::Forward, Phase::Backward].into_iter().take(if goes_back { 2 } else { 1 })
    }

    /// 0 or 1 in place of a number or of all of a leaf: a mask, a bias, a scale that is missing.
    fn as_if(&self) -> Option<Slip> {
        let tries = self.data().take(TRIED).flat_map(|of| {
            [0.0, 1.0].into_iter().flat_map(move |value| self.phases().map(move |from| (of, value, from)))
        });
        let mut tries = tries.take(self.runs());
        tries
            .find(|&(of, value, from)| self.explains(&Change::Fill { of, value, from }))
            .map(|(of, value, from)| Slip::AsIf { of, value, from })
    }

    /// Ones, or the shares of a mean, in place of what comes from above.
    fn upstream_ignored(&self) -> Option<Slip> {
        let graph = self.course.graph;
        let outputs = graph.outputs.iter().filter(|&&of| graph.value(of).differentiable);
        let tries = outputs.flat_map(|&of| {
            let size = graph.value(of).ty.shape.size().max(1) as f64;
            [1.0, 1.0 / size].map(|value| (of, value))
        });
        let mut tries = tries.take(self.runs());
        tries
            .find(|&(of, value)| self.explains(&Change::Gradient { of, value }))
            .map(|(of, value)| Slip::Upstream { of, value })
    }

    /// A leaf that is read in another order: a filter turned, gates exchanged, a mask that is one off.
    fn leaf_moved(&self) -> Option<Slip> {
        let graph = self.course.graph;
        let tries = self
            .data()
            .filter(|&of| graph.value(of).ty.shape.size() > 1)
            .flat_map(|of| ways(&graph.value(of).ty.shape).map(move |(how, from)| (of, how, from)));
        let mut tries = tries.take(self.runs());
        tries
            .find_map(|(of, how, from)| self.explains(&Change::Moved { of, from }).then_some((of, how)))
            .map(|(of, how)| Slip::LeafMoved { of, how })
    }

    /// Coarser factors of products, rounded to the nearest as tensor cores get them.
    fn factors(&self) -> Option<Slip> {
        let stored = self.got.claim.precision;
        let coarser = [Precision::Tf32, Precision::Bf16, Precision::F16];
        let mut coarser = coarser.into_iter().filter(|format| format.unit() > stored.unit());
        coarser.find(|&format| self.explains(&Change::Factors(format))).map(Slip::Factors)
    }

    /// A slice of a leaf, as of a sum that ends too early.
    fn slice_left_out(&self) -> Option<Slip> {
        let graph = self.course.graph;
        let slices = self.data().flat_map(|of| {
            let shape = graph.value(of).ty.shape.to_vec();
            (0..shape.len()).filter(|&axis| shape[axis] > 1).collect::<Vec<_>>().into_iter().flat_map(
                move |axis| {
                    // The ends are forgotten first.
                    let ends = [shape[axis] - 1, 0];
                    ends.into_iter().chain(1..shape[axis] - 1).map(move |index| (of, axis, index))
                },
            )
        });
        let mut slices = slices.take(self.runs());
        slices
            .find(|&(of, axis, index)| {
                let shape = &graph.value(of).ty.shape;
                let all = 0..shape.size();
                let within = all.filter(|&at| indices(shape, at)[axis] == index).collect();
                self.explains(&Change::Zeros { of, within })
            })
            .map(|(of, axis, index)| Slip::LeftOut { of, axis, index })
    }

    /// A node that computes 0, as a term that is missing from a sum.
    fn node_left_out(&self) -> Option<Slip> {
        // The last one is the term itself, those before it only lead there.
        let nodes = self.course.graph.nodes.iter().rev();
        let mut nodes = nodes.flat_map(|node| node.outputs.clone()).take(self.runs());
        nodes.find(|&of| self.explains(&Change::Without(of))).map(Slip::Without)
    }

    /// What comes back to a value from one of those that use it.
    fn part_left_out(&self) -> Option<Slip> {
        let Course { plan, graph, .. } = *self.course;
        let values = graph.ids().filter(|&to| plan.gradient(to).is_some());
        let parts = values.flat_map(|to| {
            let users = senders(plan, to);
            let several = users.len() > 1;
            users.into_iter().enumerate().filter(move |_| several).map(move |(nth, from)| (to, nth, from))
        });
        let mut parts = parts.take(self.runs());
        parts
            .find(|&(to, nth, _)| self.explains(&Change::WithoutPart { to, nth }))
            .map(|(to, _, from)| Slip::WithoutPart { to, from })
    }

    /// Another number in place of one within an expression, or of a leaf of one entry: an eps, a momentum, a
    /// scale. It is searched by the method of Gauss and Newton, and said only if few digits are enough.
    fn other_number(&self) -> Option<Slip> {
        let Got { claim, .. } = self.got;
        if claim.got.len() < 3 || claim.got.iter().any(|x| !x.is_finite()) {
            return None;
        }
        let plan = self.course.plan;
        let singles = plan.data().iter().filter(|&&(id, _)| plan.slot(id).range().len() == 1);
        let singles = singles.filter(|&&(id, _)| matches!(plan.slot(id), Slot::Float { .. }));
        let tries = singles.flat_map(|single| self.phases().map(move |from| (single, from)));
        let mut tries = tries.take(self.runs() / (2 * STEPS)).take(TRIED);
        tries.find_map(|(&(of, tensor), from)| {
            let (value, error) = self.search(of, from, tensor.to_floats()[0])?;
            // As few digits as its error leaves.
            let short = (0..4).map(|digits| format!("{value:.digits$e}").parse().unwrap_or(value));
            let short = short.filter(|short: &f64| (short - value).abs() <= 3.0 * error);
            // Kernels work on blocks whose lengths are powers of two.
            let power = value.abs().log2().round().exp2().copysign(value);
            let is_length = tensor.to_floats()[0].fract() == 0.0 && (power - value).abs() <= 3.0 * error;
            let mut short = is_length.then_some(power).into_iter().chain(short);
            let value = short.find(|&value| self.explains(&Change::Fill { of, value, from }))?;
            Some(Slip::AsIf { of, value, from })
        })
    }

    /// The number that comes nearest to the kernel's, if one does, and its standard deviation.
    fn search(&self, of: ValueId, from: Phase, begin: f64) -> Option<(f64, f64)> {
        let got = &self.got.claim.got;
        let numbers = |value: f64| self.numbers(&Change::Fill { of, value, from });
        let mut value = begin;
        for _ in 0..STEPS {
            let here = numbers(value);
            let step = (value.abs() * 1e-4).max(1e-12);
            let beside = numbers(value + step);
            let (product, square) = (0..got.len()).fold((0.0, 0.0), |(product, square), at| {
                let deviation = self.got.bar(at) / BAR;
                let slope = (beside[at] - here[at]) / step / deviation;
                (product + slope * (got[at] - here[at]) / deviation, square + slope * slope)
            });
            let (next, error) = (value + product / square, square.sqrt().recip());
            if !next.is_finite() {
                return None;
            }
            if (next - value).abs() <= error {
                return self.got.is(|at| here[at]).then_some((next, error));
            }
            value = next;
        }
        None
    }
}

/// What sends parts of the gradient to a value, in the order of backward.
fn senders(plan: &Plan, to: ValueId) -> Vec<ValueId> {
    let mut senders = Vec::new();
    for back in &plan.backward {
        match back {
            Back::Product { step, input } => {
                let step = &plan.steps[*step as usize];
                if plan.inputs(step)[*input as usize] == to {
                    senders.push(step.output);
                }
            }
            Back::Custom(custom) => {
                let output = custom.upstreams.first().map(|&(output, _)| output);
                let parts = custom.results.iter().filter(|&&(_, of)| of == to);
                senders.extend(parts.filter_map(|_| output));
            }
        }
    }
    senders
}
