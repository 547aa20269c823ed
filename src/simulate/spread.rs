//! How far runs with random roundings lie from the precise one, in every value and gradient.

use super::{
    Arithmetic, RUNS,
    random::Random,
    runs::{Tap, inputs_rounded, meetings, one},
};
use crate::{
    cancel,
    double::Double,
    engine::{Meetings, Memory, Stored, backward, forward},
    graph::Graph,
    op::Slot,
    plan::Plan,
};
use rayon::prelude::*;

/// The precise run of a plan, which runs in any arithmetic are held against.
pub struct Centre<'a> {
    graph: &'a Graph,
    plan: &'a Plan<'a>,
    meetings: Meetings,
    /// In f64, of a run in double-double.
    pub exact: Memory<f64>,
}

/// What is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounded {
    /// The inputs alone; the rest is computed in f64.
    Inputs,
    All,
}

/// The root mean square of what runs are off by, element by element, laid out as a run's memory is.
pub struct Off {
    pub floats: Vec<f64>,
    pub gradients: Vec<f64>,
}

impl<'a> Centre<'a> {
    pub fn new(graph: &'a Graph, plan: &'a Plan<'a>) -> Self {
        let mut memory = Memory::<Double>::new(plan);
        forward(plan, &mut memory);
        backward(plan, &mut memory);
        Self { graph, plan, meetings: meetings(plan), exact: memory.map(Double::to_f64) }
    }

    /// How far runs lie off in which this is rounded at random.
    pub fn off(&self, arithmetic: &Arithmetic, rounded: Rounded) -> Off {
        let apart = |run: &[f64], exact: &[f64]| -> Vec<f64> {
            run.iter().zip(exact).map(|(run, exact)| run - exact).collect()
        };
        let seeds: Vec<u64> = (0..RUNS as u64).collect();
        let none = |exact: &[f64]| vec![0.0; exact.len()];
        let mut off = Off { floats: none(&self.exact.floats), gradients: none(&self.exact.gradients) };
        let shared = cancel::shared();
        // In a fixed order, for sums of floats hang on it.
        for some in seeds.chunks(rayon::current_num_threads().max(1)) {
            let runs = some.par_iter().map(|&seed| {
                shared.run(|| {
                    let mut random = Random::new(arithmetic, seed, 1.0, Tap::new(&[], None));
                    let run = match rounded {
                        Rounded::Inputs => inputs_rounded(self.graph, self.plan, &mut random),
                        Rounded::All => one(self.graph, self.plan, &self.meetings, &mut random),
                    };
                    (apart(&run.floats, &self.exact.floats), apart(&run.gradients, &self.exact.gradients))
                })
            });
            for (of_floats, of_gradients) in runs.collect::<Vec<_>>() {
                // Squares of small numbers would be 0.
                off.floats.iter_mut().zip(of_floats).for_each(|(sum, apart)| *sum = sum.hypot(apart));
                off.gradients.iter_mut().zip(of_gradients).for_each(|(sum, apart)| *sum = sum.hypot(apart));
            }
        }
        let runs = (RUNS as f64).sqrt();
        off.floats.iter_mut().chain(&mut off.gradients).for_each(|sum| *sum /= runs);
        off
    }
}

/// The elements of a value or gradient in arenas of floats and gradients; `None` for ints and where there
/// is no gradient.
pub fn elements<'a, T>(plan: &Plan, stored: Stored, floats: &'a [T], gradients: &'a [T]) -> Option<&'a [T]> {
    match stored {
        Stored::Value(value) => match plan.slot(value) {
            slot @ Slot::Float { .. } => floats.get(slot.range()),
            Slot::Int { .. } => None,
        },
        Stored::Gradient(value) => gradients.get(plan.gradient(value)?),
    }
}

/// The precise run, and what others are off by.
pub struct Spread {
    pub base: Memory<f64>,
    off: Off,
}

/// Runs a plan many times with random roundings.
pub fn spread(graph: &Graph, plan: &Plan, arithmetic: &Arithmetic) -> Spread {
    let centre = Centre::new(graph, plan);
    let off = centre.off(arithmetic, Rounded::All);
    Spread { base: centre.exact, off }
}

impl Spread {
    /// The size of the error of a whole tensor beside its own; 0 where it is 0.
    pub fn relative(&self, plan: &Plan, stored: Stored) -> f64 {
        let exact = elements(plan, stored, &self.base.floats, &self.base.gradients);
        let errors = elements(plan, stored, &self.off.floats, &self.off.gradients);
        exact.zip(errors).map_or(0.0, |(exact, errors)| relative(exact, errors))
    }
}

/// The size of errors beside that of the numbers that have them; at most 1, and 0 where nothing is off. A
/// number that is not finite counts only where its error is infinite.
pub fn relative(exact: &[f64], errors: &[f64]) -> f64 {
    let counted =
        || exact.iter().zip(errors).filter(|(exact, error)| exact.is_finite() || error.is_infinite());
    if counted().all(|(_, error)| *error == 0.0) {
        return 0.0;
    }
    // Squares leave the range of numbers sooner than these do.
    let largest = counted().fold(0.0, |most: f64, (exact, error)| most.max(exact.abs()).max(error.abs()));
    let square = |x: f64| (x / largest) * (x / largest);
    let (size, error) = counted()
        .fold((0.0, 0.0), |(size, sum), (exact, error)| (size + square(*exact), sum + square(*error)));
    let ratio = (error / size).sqrt();
    // What is infinite or no number is wholly off.
    if ratio < 1.0 { ratio } else { 1.0 }
}
