//! What is lost at a node: why its result keeps fewer digits than what it is computed from.

use super::errors::Errors;
use crate::{
    compare::{Loss, LossPlace, instead_of_overflow},
    engine::{Memory, Stored, send_back},
    graph::{Graph, NodeId, ValueId},
    op::{Inputs, Number, Output, Rounding, Slot},
    plan::{Plan, Step},
    precision::Precision,
    simulate::{Arithmetic, elements, relative},
    tensor::Kind,
};

/// The part of a loss that has to be explained by one thing for it to be the cause.
const MOST_OF_IT: f64 = 0.3;

/// Terms cancel that are so many times as large as what is left.
const CANCELLING: f64 = 4.0;

/// Why digits are lost.
#[derive(Debug, Clone, PartialEq)]
pub enum Cause {
    /// A number reaches beyond the greatest of the format.
    Overflow { reaches: f64, greatest: f64, instead: Option<&'static str> },
    /// All numbers are below the least normal one of the format, up to this size.
    Underflow { reaches: f64, least: f64 },
    /// A NaN or an infinity comes of it in any format.
    NotFinite,
    /// Rounding the inputs alone loses them.
    Inputs,
    /// Terms are so many times as large as what is left of them.
    Cancellation { times: f64 },
    /// The roundings of a sum of so many terms.
    Accumulation { terms: usize },
    /// A rounding decides which way it goes.
    Decision,
    /// The relative error of what goes in comes out so many times as large.
    Steep { times: f64 },
}

/// Where the cause is looked for.
pub struct Place<'a> {
    pub graph: &'a Graph,
    pub plan: &'a Plan<'a>,
    pub exact: &'a Memory<f64>,
    pub errors: &'a Errors,
    pub arithmetic: &'a Arithmetic,
}

impl Place<'_> {
    /// Why digits of a value or gradient are lost; `inputs` is what rounding the inputs alone makes of it.
    pub fn cause(&self, loss: &Loss, at: Stored, inputs: &Errors) -> Cause {
        let exact = self.exact(at);
        let (error, of_inputs) = (self.relative(self.errors, at), self.relative(inputs, at));
        if exact.iter().any(|x| !x.is_finite()) && error == 1.0 {
            return Cause::NotFinite;
        }
        if let Some(overflow) = self.overflow(loss, at) {
            return overflow;
        }
        let least = self.arithmetic.format(at).least_normal();
        let reaches = exact.iter().fold(0.0, |most: f64, x| x.abs().max(most));
        if reaches > 0.0 && reaches < least {
            return Cause::Underflow { reaches, least };
        }
        // What the file says is f64.
        if self.arithmetic.storage != Precision::F64 && of_inputs >= MOST_OF_IT * error {
            return Cause::Inputs;
        }
        if let LossPlace::Node(node) = loss.place
            && self.decides(node)
        {
            return Cause::Decision;
        }
        let times = self.cancelling(loss, at);
        if times >= CANCELLING {
            return Cause::Cancellation { times };
        }
        let terms = self.terms(loss, at);
        if self.arithmetic.of_sum(terms) + self.arithmetic.of_like_terms(terms) >= MOST_OF_IT * error {
            return Cause::Accumulation { terms };
        }
        Cause::Steep { times: 10f64.powf(loss.digits) }
    }

    fn exact(&self, stored: Stored) -> &[f64] {
        elements(self.plan, stored, &self.exact.floats, &self.exact.gradients).unwrap_or(&[])
    }

    fn relative(&self, errors: &Errors, stored: Stored) -> f64 {
        relative(self.exact(stored), errors.elements(self.plan, stored).unwrap_or(&[]))
    }

    /// The node that a loss is at.
    fn step(&self, loss: &Loss) -> Option<&Step<'_>> {
        match loss.place {
            LossPlace::Node(node) | LossPlace::Back(node) => Some(&self.plan.steps[node.index()]),
            LossPlace::Sum(_) => None,
        }
    }

    /// A number that leaves the format: of the result, or a factor of it where factors have their own.
    fn overflow(&self, loss: &Loss, at: Stored) -> Option<Cause> {
        let largest = |numbers: &[f64]| {
            numbers.iter().filter(|x| x.is_finite()).fold(0.0, |most: f64, x| x.abs().max(most))
        };
        let instead = match loss.place {
            LossPlace::Node(node) => instead_of_overflow(self.graph, node),
            LossPlace::Back(_) | LossPlace::Sum(_) => None,
        };
        let (reaches, greatest) = (largest(self.exact(at)), self.arithmetic.format(at).greatest());
        if reaches > greatest {
            return Some(Cause::Overflow { reaches, greatest, instead });
        }
        let (step, factors) = (self.step(loss)?, self.arithmetic.factors?);
        if !is_product(step) {
            return None;
        }
        let inputs = self.plan.inputs(step).iter().map(|&input| largest(self.exact(Stored::Value(input))));
        let (reaches, greatest) = (inputs.fold(0.0, f64::max), factors.greatest());
        (reaches > greatest).then_some(Cause::Overflow { reaches, greatest, instead })
    }

    /// The result of a node jumps: it is a truth, or has no slope.
    fn decides(&self, node: NodeId) -> bool {
        let node = self.graph.node(node);
        let has_no_slope = node.kernel.card().backward.iter().all(|(_, rule)| *rule == "0");
        has_no_slope || self.graph.value(node.outputs[0]).ty.kind == Kind::Bool
    }

    /// How many times as large as the result its terms are; 1 where it is no sum.
    fn cancelling(&self, loss: &Loss, at: Stored) -> f64 {
        let norm = |numbers: &[f64]| numbers.iter().map(|x| x * x).sum::<f64>().sqrt();
        let terms = match loss.place {
            LossPlace::Node(node) => self.terms_forward(node),
            LossPlace::Back(node) => self.terms_back(node, at),
            // Each part is at least as large as what is left of it.
            LossPlace::Sum(_) => return 10f64.powf(loss.digits),
        };
        let times = terms.map_or(1.0, |terms| norm(&terms) / norm(self.exact(at)));
        if times.is_finite() { times } else { 1.0 }
    }

    /// The sums of the sizes of the terms that a node adds up.
    fn terms_forward(&self, node: NodeId) -> Option<Vec<f64>> {
        let step = &self.plan.steps[node.index()];
        let name = step.kernel.card().name;
        if !(is_product(step) || matches!(name, "add" | "sub" | "sum" | "mean" | "cumsum")) {
            return None;
        }
        let mut sizes = Vec::new();
        let mut slots = Vec::new();
        for (input, &slot) in self.plan.input_slots(step).iter().enumerate() {
            // As |a| − (−|b|).
            let sign = if name == "sub" && input == 1 { -1.0 } else { 1.0 };
            slots.push(match slot {
                Slot::Float { len, .. } => Slot::Float { start: sizes.len(), len },
                Slot::Int { .. } => slot,
            });
            if let Slot::Float { .. } = slot {
                sizes.extend(self.exact.floats[slot.range()].iter().map(|x| sign * x.abs()));
            }
        }
        let mut terms = vec![0.0; self.plan.slot(step.output).range().len()];
        let x = Inputs { slots: &slots, floats: &sizes, ints: &self.exact.ints };
        f64::calls(step.kernel).call(&x, Output::Float(&mut terms));
        Some(terms)
    }

    /// The sums of the sizes of the terms that a node sends back.
    fn terms_back(&self, node: NodeId, at: Stored) -> Option<Vec<f64>> {
        let Stored::Gradient(to) = at else { return None };
        let step = &self.plan.steps[node.index()];
        let input = self.plan.inputs(step).iter().position(|&input| input == to)?;
        let name = step.kernel.card().name;
        let is_linear = matches!(name, "add" | "sub" | "mul" | "sum" | "mean" | "cumsum")
            || is_product(step)
            || step.kernel.rounding() == Rounding::Exact;
        if !is_linear {
            return None;
        }
        let mut sizes = self.exact.clone();
        for &slot in self.plan.input_slots(step) {
            if let Slot::Float { .. } = slot {
                sizes.floats[slot.range()].iter_mut().for_each(|x| *x = x.abs());
            }
        }
        let upstream: Vec<f64> = self.exact(Stored::Gradient(step.output)).iter().map(|x| x.abs()).collect();
        let mut terms = vec![0.0; self.exact(at).len()];
        send_back(self.plan, step, input, &sizes, &upstream, &mut terms);
        terms.iter_mut().for_each(|term| *term = term.abs());
        Some(terms)
    }

    /// How many numbers meet in an element of the result.
    fn terms(&self, loss: &Loss, at: Stored) -> usize {
        let Some(step) = self.step(loss) else { return 1 };
        let size = |value: ValueId| self.plan.slot(value).range().len();
        let inputs = self.plan.inputs(step).iter().map(|&input| size(input));
        let largest = inputs.chain([size(step.output)]).max().unwrap_or(1);
        let own = self.exact(at).len().max(1);
        let is_forward = matches!(loss.place, LossPlace::Node(_));
        match step.kernel.rounding() {
            Rounding::Products { .. } => {
                let backward = (!is_forward).then_some(0);
                (step.kernel.flops(largest, backward) / (2 * own)).max(1)
            }
            Rounding::Sums(terms)
            | Rounding::Centered(terms)
            | Rounding::Softmax(terms)
            | Rounding::LogOfSum(terms)
            | Rounding::LogSoftmax(terms) => terms.max(largest / own),
            _ if is_forward => 1,
            _ => (size(step.output) / own).max(1),
        }
    }
}

/// A sum of products.
fn is_product(step: &Step) -> bool {
    matches!(step.kernel.rounding(), Rounding::Products { .. })
}
