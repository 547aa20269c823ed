//! One call of an op on given tensors, for tests that need no graph around it.

use super::find;
use crate::{
    op::{Argument, AttributeValue, Branches, Call, Inputs, Kernel, Misuse, Number, Output, Slot, slopes},
    shape::Shape,
    tensor::{Kind, Tensor, Type},
};
use std::sync::Arc;

pub struct Trial {
    kernel: Arc<dyn Kernel>,
    pub output: Type,
    pub range: Option<(i64, i64)>,
    slots: Vec<Slot>,
    floats: Vec<f64>,
    ints: Vec<i64>,
}

pub fn floats(shape: &[usize], elements: &[f64]) -> Tensor {
    Tensor::float(&Shape::new(shape), elements.to_vec()).unwrap()
}

pub fn ints(shape: &[usize], elements: &[i64]) -> Tensor {
    Tensor::int(&Shape::new(shape), elements.to_vec()).unwrap()
}

/// Numbers without a pattern, between −2 and 2, no two alike.
pub fn noise(shape: &[usize], seed: u64) -> Tensor {
    let shape = Shape::new(shape);
    let elements = (0..shape.size() as u64).map(|at| {
        let mixed = (seed * 7919 + at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ (mixed >> 29)) as f64 / u64::MAX as f64 * 4.0 - 2.0
    });
    Tensor::float(&shape, elements.collect()).unwrap()
}

impl Trial {
    /// Binds a call; the ranges of ints are known where `ranges` says so.
    pub fn new(
        op: &str,
        tensors: &[Tensor],
        attributes: &[(&'static str, AttributeValue)],
        ranges: bool,
    ) -> Result<Self, Misuse> {
        let (mut floats, mut ints) = (Vec::new(), Vec::new());
        let mut slots = Vec::new();
        let mut arguments = Vec::new();
        for tensor in tensors {
            let len = tensor.shape().size();
            let mut range = None;
            slots.push(match tensor {
                Tensor::Float(array) => {
                    floats.extend(array);
                    Slot::Float { start: floats.len() - len, len }
                }
                Tensor::Bool(array) => {
                    floats.extend(array.iter().map(|&x| x as f64));
                    Slot::Float { start: floats.len() - len, len }
                }
                Tensor::Int(array) => {
                    range = ranges.then(|| array.iter().min().copied().zip(array.iter().max().copied()));
                    ints.extend(array);
                    Slot::Int { start: ints.len() - len, len }
                }
            });
            arguments.push(Argument { ty: tensor.ty(), range: range.flatten() });
        }
        let bound = find(op).unwrap().bind(&Call { inputs: &arguments, attributes })?;
        Ok(Self { kernel: bound.op, output: bound.output, range: bound.range, slots, floats, ints })
    }

    fn inputs<'a, F>(&'a self, floats: &'a [F]) -> Inputs<'a, F> {
        Inputs { slots: &self.slots, floats, ints: &self.ints }
    }

    /// The output as floats.
    pub fn forward(&self) -> Vec<f64> {
        let size = self.output.shape.size();
        // Whatever was there before must not matter.
        let (mut floats, mut ints) = (vec![f64::NAN; size], vec![-7; size]);
        if self.output.kind == Kind::Int {
            self.kernel.call(&self.inputs(&self.floats), Output::Int(&mut ints));
            return ints.iter().map(|&v| v as f64).collect();
        }
        self.kernel.call(&self.inputs(&self.floats), Output::Float(&mut floats));
        floats
    }

    /// The gradient of one input.
    pub fn backward(&self, input: usize, upstream: &[f64]) -> Vec<f64> {
        let mut gradient = vec![0.0; self.slots[input].range().len()];
        let y = self.forward();
        self.kernel.call_backward(input, &self.inputs(&self.floats), &y, upstream, &mut gradient);
        gradient
    }

    pub fn branches(&self) -> Branches {
        let mut taken = Branches::default();
        <f64 as Number>::calls(&*self.kernel).branches(&self.inputs(&self.floats), &mut taken);
        taken
    }

    /// Demands of every float entry that its slopes, weighed by an upstream gradient, are what
    /// backward gives.
    pub fn slopes_agree(&self) {
        let Tensor::Float(upstream) = noise(&self.output.shape, 77) else { unreachable!() };
        let upstream: Vec<f64> = upstream.iter().copied().collect();
        for input in (0..self.slots.len()).filter(|&input| matches!(self.slots[input], Slot::Float { .. })) {
            let gradient = self.backward(input, &upstream);
            for (entry, gradient) in gradient.into_iter().enumerate() {
                let slopes = slopes(&*self.kernel, &self.inputs(&self.floats), input, entry, upstream.len());
                let terms = slopes.iter().zip(&upstream).map(|(slope, up)| slope * up);
                let (measured, size) =
                    terms.fold((0.0, 1.0), |(sum, size), term| (sum + term, size + term.abs()));
                let difference = (gradient - measured).abs();
                let name = self.kernel.card().name;
                assert!(
                    // Where terms cancel, their rounding stays.
                    difference <= 1e-13 * size,
                    "{name} input {input} entry {entry}: {gradient} {measured}"
                );
            }
        }
    }
}
