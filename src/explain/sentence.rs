//! Sentences: a computation with its stages one after another, and what it gives.

use super::{Contribution, Explainer, Step, Sum, Term, Worked};
use crate::{graph::ValueId, report::grouped};

/// Paths, and terms of a sum, that are told one by one.
const PATHS: usize = 3;
const SUMMANDS: usize = 6;

/// `price = apple_price × tax = 200 × 1.1 = 220`, in its stages.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// In names, in numbers, and last the result; no two beside each other alike.
    pub stages: Vec<String>,
    /// What is said behind it: which terms are left out, the local derivative.
    pub remarks: Vec<String>,
}

impl Sentence {
    fn new(worked: &Worked, result: String) -> Self {
        let mut stages = worked.stages.clone();
        stages.push(result);
        stages.dedup();
        Self { stages, remarks: worked.remark.iter().cloned().collect() }
    }

    /// On one line.
    pub fn line(&self) -> String {
        let remarks: String = self.remarks.iter().map(|remark| format!("  ({remark})")).collect();
        format!("{}{remarks}", self.stages.join(" = "))
    }
}

impl Explainer<'_, '_> {
    /// How a value comes about, at the entry that is worked out.
    pub fn forward_sentence(&self, step: &Step) -> Sentence {
        let is_scalar = self.run.graph.value(step.value).ty.shape.is_scalar();
        let mut worked = step.forward.clone();
        if !is_scalar {
            // The call is told with the shape.
            worked.stages.retain(|stage| *stage != step.call);
        }
        worked.stages.insert(0, self.place(step.value, self.entry(step.value)));
        let result = self.entry(step.value).and_then(|entry| self.run.element(step.value, entry));
        Sentence::new(&worked, result.map_or("nothing".to_string(), |result| self.number(result)))
    }

    /// How any node's value comes about, whether backward goes through it or not.
    pub fn forward_told(&self, value: ValueId) -> Sentence {
        let mut worked = self.forward(value);
        worked.stages.insert(0, self.place(value, self.entry(value)));
        let result = self.entry(value).and_then(|entry| self.run.element(value, entry));
        Sentence::new(&worked, result.map_or("nothing".to_string(), |result| self.number(result)))
    }

    /// The gradient that arrives at a step.
    pub fn upstream_sentence(&self, sum: &Sum) -> Sentence {
        let index = self.index(sum);
        let stages = match &sum.terms[..] {
            [only] if only.through.is_none() => vec![format!("backward starts here: upstream{index}")],
            [_] | [] => vec![format!("upstream{index}")],
            terms => {
                vec![format!("upstream{index}, the sum over {}", paths(sum)), self.in_numbers(terms)]
            }
        };
        Sentence::new(&Worked { stages, remark: None }, self.number(sum.total))
    }

    /// What a step sends back to one of its inputs.
    pub fn part_sentence(&self, step: &Step, part: &Contribution) -> Sentence {
        let to = self.place(part.to, part.entry);
        let edge = part.edge.as_ref().map_or(String::new(), |edge| format!(" as {edge}"));
        let by_hand = if step.block.is_some() { ", by hand" } else { "" };
        let mut worked = part.worked.clone();
        let head = format!("gradient to {to}{edge}{by_hand}: ");
        match worked.stages.first_mut() {
            Some(rule) => rule.insert_str(0, &head),
            None => worked.stages.push(format!("{head}no entry to work out")),
        }
        let mut sentence = Sentence::new(&worked, self.number(part.amount));
        sentence.remarks.extend(part.local.map(|local| {
            format!(
                "∂{}/∂{} = {}",
                self.place(step.value, None),
                self.place(part.to, None),
                self.number(local)
            )
        }));
        sentence
    }

    /// The gradient of a leaf that paths lead to.
    pub fn leaf_sentence(&self, sum: &Sum) -> Sentence {
        let head = format!("gradient of {}", self.place(sum.value, sum.entry));
        let stages = match sum.terms[..] {
            [_, _, ..] => vec![format!("{head}, the sum over {}", paths(sum)), self.in_numbers(&sum.terms)],
            _ => vec![head],
        };
        Sentence::new(&Worked { stages, remark: None }, self.number(sum.total))
    }

    fn index(&self, sum: &Sum) -> String {
        self.place(sum.value, sum.entry)[self.run.graph.value(sum.value).name.len()..].to_string()
    }

    fn in_numbers(&self, terms: &[Term]) -> String {
        let mut text = String::new();
        for (at, term) in terms.iter().enumerate() {
            if at == SUMMANDS {
                text.push_str(" + …");
                break;
            }
            let number = self.number(term.amount);
            match number.strip_prefix('-') {
                _ if at == 0 => text.push_str(&number),
                Some(size) => text.push_str(&format!(" - {size}")),
                None => text.push_str(&format!(" + {number}")),
            }
        }
        text
    }
}

fn paths(sum: &Sum) -> String {
    let through = |term: &Term| {
        term.through.as_ref().map_or("it is an output".to_string(), |name| format!("through {name}"))
    };
    let through: Vec<String> = sum.terms.iter().map(through).collect();
    match through.len() {
        many if many > SUMMANDS => format!("{} paths ({}, …)", grouped(many), through[..PATHS].join(", ")),
        few => format!("{few} paths ({})", through.join(", ")),
    }
}
