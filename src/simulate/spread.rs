//! How far runs with random roundings lie from the precise one, in every value and gradient.

use super::{
    Arithmetic, RUNS,
    random::Random,
    runs::{Tap, meetings, one},
};
use crate::{
    engine::{Memory, Stored, backward, forward},
    graph::Graph,
    op::Slot,
    plan::Plan,
};
use rayon::prelude::*;

/// The precise run in f64, and the root mean square of what others are off by, element by element.
pub struct Spread {
    pub base: Memory<f64>,
    pub floats: Vec<f64>,
    pub gradients: Vec<f64>,
}

/// Runs a plan many times with random roundings.
pub fn spread(graph: &Graph, plan: &Plan, arithmetic: &Arithmetic) -> Spread {
    let mut base = Memory::<f64>::new(plan);
    forward(plan, &mut base);
    backward(plan, &mut base);
    let meetings = meetings(plan);
    let squares = |from: &[f64], to: &[f64]| -> Vec<f64> {
        from.iter().zip(to).map(|(from, to)| (to - from) * (to - from)).collect()
    };
    let seeds: Vec<u64> = (0..RUNS as u64).collect();
    let (mut floats, mut gradients) = (vec![0.0; base.floats.len()], vec![0.0; base.gradients.len()]);
    // In a fixed order, for sums of floats hang on it.
    for some in seeds.chunks(rayon::current_num_threads().max(1)) {
        let runs = some.par_iter().map(|&seed| {
            let mut random = Random::new(arithmetic, seed, 1.0, Tap::new(&[], None));
            let run = one(graph, plan, &meetings, &mut random);
            (squares(&base.floats, &run.floats), squares(&base.gradients, &run.gradients))
        });
        for (of_floats, of_gradients) in runs.collect::<Vec<_>>() {
            floats.iter_mut().zip(of_floats).for_each(|(sum, square)| *sum += square);
            gradients.iter_mut().zip(of_gradients).for_each(|(sum, square)| *sum += square);
        }
    }
    let root = |sum: &mut f64| *sum = (*sum / RUNS as f64).sqrt();
    floats.iter_mut().for_each(root);
    gradients.iter_mut().for_each(root);
    Spread { base, floats, gradients }
}

impl Spread {
    /// The precise elements, and what each may be off by; `None` for ints and where there is no gradient.
    pub fn of(&self, plan: &Plan, stored: Stored) -> Option<(&[f64], &[f64])> {
        match stored {
            Stored::Value(value) => match plan.slot(value) {
                slot @ Slot::Float { .. } => {
                    Some((&self.base.floats[slot.range()], &self.floats[slot.range()]))
                }
                Slot::Int { .. } => None,
            },
            Stored::Gradient(value) => {
                let range = plan.gradient(value)?;
                Some((self.base.gradients.get(range.clone())?, self.gradients.get(range)?))
            }
        }
    }

    /// The size of the error of a whole tensor beside its own; 0 where it is 0.
    pub fn relative(&self, plan: &Plan, stored: Stored) -> f64 {
        let Some((exact, errors)) = self.of(plan, stored) else { return 0.0 };
        let norm = |numbers: &[f64]| numbers.iter().map(|x| x * x).sum::<f64>().sqrt();
        let (size, error) = (norm(exact), norm(errors));
        if error == 0.0 { 0.0 } else { (error / size).min(1.0) }
    }
}
