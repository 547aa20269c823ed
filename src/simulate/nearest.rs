//! A run as in a coarse format: every result is computed precisely and rounded once, to the nearest number of
//! the format.

use super::Arithmetic;
use crate::{
    engine::{Meeting, Memory, Rounder, Stored, backward_rounded, forward_rounded},
    graph::{Graph, Origin},
    op::{Rounding, Slot},
    plan::Plan,
};

struct Nearest<'a>(&'a Arithmetic);

impl Rounder<f64> for Nearest<'_> {
    const TAKES_OPERANDS: bool = true;

    fn operands(&mut self, meeting: Meeting, _input: usize, x: &mut [f64]) {
        if let (Rounding::Products { .. }, Some(factors)) = (meeting.rounding, self.0.factors) {
            x.iter_mut().for_each(|x| *x = factors.round(*x));
        }
    }

    fn upstream(&mut self, meeting: Meeting, _y: &[f64], upstream: &mut [f64]) {
        self.operands(meeting, 0, upstream);
    }

    fn stored(&mut self, of: Stored, y: &mut [f64]) {
        let format = self.0.format(of);
        y.iter_mut().for_each(|y| *y = format.round(*y));
    }

    /// Upstream gradients that the file gives are rounded, too.
    fn complete(&mut self, of: Stored, y: &mut [f64]) {
        self.stored(of, y);
    }
}

/// Runs a plan from what the leaves hold in `memory`, backward too if that is asked for.
pub fn nearest(
    graph: &Graph,
    plan: &Plan,
    arithmetic: &Arithmetic,
    mut memory: Memory<f64>,
    goes_back: bool,
) -> Memory<f64> {
    let meetings = super::meetings(plan);
    for &(value, _) in plan.data() {
        let slot @ Slot::Float { len, .. } = plan.slot(value) else { continue };
        let is_scalar = len == 1 || matches!(graph.value(value).origin, Origin::Literal(_));
        let format = arithmetic.holds(value, is_scalar);
        memory.floats[slot.range()].iter_mut().for_each(|x| *x = format.round(*x));
    }
    let mut nearest = Nearest(arithmetic);
    forward_rounded(plan, &meetings, &mut memory, &mut nearest);
    if goes_back {
        backward_rounded(plan, &meetings, &mut memory, &mut nearest);
    }
    memory
}
