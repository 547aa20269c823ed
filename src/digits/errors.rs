//! How far runs in an arithmetic lie from the precise one, element by element.

use crate::{
    engine::{Memory, Stored},
    graph::{Graph, ValueId},
    op::Slot,
    plan::Plan,
    simulate::{Arithmetic, Centre, Off, Rounded, elements, nearest},
};

/// Random roundings hardly ever carry a number so many standard deviations away.
const FAR: f64 = 8.0;

/// Below this part of what f64 rounds at least on the way, a number is 0: 32 digits cannot tell it from that.
const NOTHING: f64 = 1e-10;

/// What each element of a run's memory is off by; infinite where nothing is left of it.
pub struct Errors {
    floats: Vec<f64>,
    gradients: Vec<f64>,
}

impl Errors {
    /// By runs with random roundings; and where the run to nearest lies far from these, because a number left
    /// the format, by that.
    pub fn of(graph: &Graph, plan: &Plan, centre: &Centre, arithmetic: &Arithmetic) -> Self {
        let Off { mut floats, mut gradients } = centre.off(arithmetic, Rounded::All);
        let run = nearest(graph, plan, arithmetic, Memory::new(plan), true);
        join(&mut floats, &centre.exact.floats, &run.floats);
        join(&mut gradients, &centre.exact.gradients, &run.gradients);
        spoil(graph, plan, &centre.exact, &mut floats);
        gradients
            .iter_mut()
            .zip(&centre.exact.gradients)
            .filter(|(_, exact)| !exact.is_finite())
            .for_each(lose);
        Self { floats, gradients }
    }

    pub fn elements(&self, plan: &Plan, stored: Stored) -> Option<&[f64]> {
        elements(plan, stored, &self.floats, &self.gradients)
    }
}

/// What rounding the inputs alone makes of the results.
pub fn of_inputs(centre: &Centre, arithmetic: &Arithmetic) -> Errors {
    let Off { floats, gradients } = centre.off(arithmetic, Rounded::Inputs);
    Errors { floats, gradients }
}

fn join(errors: &mut [f64], exact: &[f64], run: &[f64]) {
    for ((error, &exact), &run) in errors.iter_mut().zip(exact).zip(run) {
        let far = (run - exact).abs();
        *error = match exact.is_finite() {
            false if exact.to_bits() == run.to_bits() => 0.0,
            false => f64::INFINITY,
            true if error.is_nan() || far.is_nan() => f64::INFINITY,
            true if far > FAR * *error => far,
            true => *error,
        };
    }
}

/// An infinity in the data, as in a mask, is meant; of one that comes of finite numbers nothing is left.
fn spoil(graph: &Graph, plan: &Plan, exact: &Memory<f64>, errors: &mut [f64]) {
    let floats = |value: ValueId| match plan.slot(value) {
        slot @ Slot::Float { .. } => slot.range(),
        Slot::Int { .. } => 0..0,
    };
    let is_finite = |value: ValueId| exact.floats[floats(value)].iter().all(|x| x.is_finite());
    let mut is_made = vec![false; graph.values.len()];
    for value in graph.ids() {
        let Some(node) = graph.maker(value).filter(|_| !is_finite(value)) else { continue };
        let of_data = node.inputs.iter().any(|&input| !is_finite(input) && !is_made[input.index()]);
        is_made[value.index()] = !of_data;
        if !of_data {
            let own = errors[floats(value)].iter_mut().zip(&exact.floats[floats(value)]);
            own.filter(|(_, exact)| !exact.is_finite()).for_each(lose);
        }
    }
}

fn lose((error, _): (&mut f64, &f64)) {
    *error = f64::INFINITY;
}

/// Which elements are 0 but for rounding, as where terms cancel.
pub struct Zeros {
    floats: Vec<bool>,
    gradients: Vec<bool>,
}

impl Zeros {
    /// By what f64 makes of them.
    pub fn of(exact: &Memory<f64>, finest: &Errors) -> Self {
        let zeros = |exact: &[f64], errors: &[f64]| {
            let is_zero = |(exact, error): (&f64, &f64)| error.is_finite() && exact.abs() <= NOTHING * error;
            exact.iter().zip(errors).map(is_zero).collect()
        };
        Self {
            floats: zeros(&exact.floats, &finest.floats),
            gradients: zeros(&exact.gradients, &finest.gradients),
        }
    }

    pub fn elements(&self, plan: &Plan, stored: Stored) -> Option<&[bool]> {
        elements(plan, stored, &self.floats, &self.gradients)
    }
}
