//! One use of an op with the numbers that it meets: its formulas with this graph's
//! names, and then with this run's numbers.

use super::{
    Worked, Write,
    choice::one_hot,
    formula::{cases, expression, filled, is_pointwise, product, with_names},
    is_literal,
    sum::{TERMS, Term, largest, signed, summed},
};
use crate::{
    graph::{Node, NodeId, ValueId},
    op::AttributeValue,
    report::{index, indices},
    run::Run,
    shape::Shape,
};
use std::collections::HashMap;

/// Characters of a literal, and of a line by hand in numbers.
const LITERAL: usize = 24;
const BY_HAND: usize = 160;

pub struct Site<'a, 'g> {
    pub(super) run: &'a Run<'g>,
    pub(super) id: NodeId,
    pub(super) node: &'a Node,
    pub(super) output: ValueId,
    pub(super) write: Write,
}

impl<'a, 'g> Site<'a, 'g> {
    pub fn new(run: &'a Run<'g>, id: NodeId, write: Write) -> Self {
        let node = run.graph.node(id);
        Self { run, id, node, output: node.outputs[0], write }
    }

    /// `affine_layer(x, W, b)`.
    pub fn named_call(&self, of: &str, inputs: &[ValueId]) -> String {
        let inputs: Vec<String> = inputs.iter().map(|&input| self.label(input)).collect();
        format!("{of}({})", inputs.join(", "))
    }

    /// The op's call, with the attributes that are not what they are by default:
    /// `max(z, axis = 1)`.
    pub fn call(&self) -> String {
        let card = self.node.kernel.card();
        let inputs = self.node.inputs.iter().map(|&input| self.label(input));
        let attributes = self.node.attributes.iter().filter_map(|(name, value)| {
            let default = card.attributes.iter().find(|known| known.name == *name)?.default;
            let text = attribute_text(value, self.write);
            (default != Some(&text)).then(|| format!("{name} = {text}"))
        });
        format!("{}({})", card.name, inputs.chain(attributes).collect::<Vec<_>>().join(", "))
    }

    /// What the card calls an input.
    pub fn edge(&self, input: usize) -> String {
        self.node.kernel.card().edge(input).name.to_string()
    }

    /// How an entry of the output is computed.
    pub fn forward(&self, entry: Option<usize>) -> Worked {
        let card = self.node.kernel.card();
        let call = self.call();
        let Some(entry) = entry else { return Worked { stages: vec![call], remark: None } };
        let right = expression(card.forward);
        if let Some(stages) = self.product_forward(right, entry) {
            return stages;
        }
        let whole = self.whole().filter(|whole| *whole == *self.shape(self.output));
        let Some(whole) = whole else { return Worked { stages: vec![call], remark: None } };
        let stages = if self.is_pointwise(right) {
            vec![filled(right, |name| self.word(name)), self.in_numbers(right, &whole, entry)]
        } else if let Some((here, chosen)) = self.case(right, &whole, entry) {
            vec![format!("{call} ({here})"), chosen]
        } else {
            vec![call]
        };
        Worked { stages, remark: None }
    }

    /// What comes back to an entry of an input, and the local derivative where the
    /// entry reaches one entry of the output alone.
    pub fn backward(&self, input: usize, entry: usize) -> (Worked, Option<f64>) {
        let card = self.node.kernel.card();
        let edge = card.edge(input).name;
        let of_card =
            || card.backward.iter().find(|(name, _)| *name == edge).map_or("", |(_, formula)| formula);
        let formula = self.node.kernel.rule(input).unwrap_or_else(of_card);
        let right = expression(formula);
        let rule = filled(formula, |name| self.word(name));
        let to = self.node.inputs[input];
        let whole = self.whole();
        if let Some(whole) = whole.as_ref().filter(|whole| **whole == *self.shape(to)) {
            let place = match self.shape(self.output).is_scalar() {
                true => 0,
                false => entry,
            };
            let local = || Some(self.slope(input, entry, place));
            if self.is_pointwise(right) {
                let rule = filled(right, |name| self.word(name));
                let numbers = self.in_numbers(right, whole, entry);
                return (Worked { stages: vec![rule, numbers], remark: None }, local());
            }
            if let Some((here, chosen)) = self.case(formula, whole, entry) {
                return (Worked { stages: vec![format!("{rule} ({here})"), chosen], remark: None }, local());
            }
        }
        let words = self.run.rule_values(self.id, input, entry);
        if !words.is_empty() {
            let (formula, known) = with_names(right, &words);
            let number = |name: &str| match name {
                "upstream" => self.element(name, 0),
                _ => known.get(name).copied(),
            };
            let stages = vec![rule, filled(&formula, |name| number(name).map(|x| self.write.text(x)))];
            return (Worked { stages, remark: None }, Some(self.slope(input, entry, 0)));
        }
        if let Some((left, factor, None)) = product(right)
            && let Some((terms, of)) = self.product(left, factor, to, entry)
        {
            return (summed(Some(rule), terms, of), None);
        }
        let reached = self.run.reached(self.id, input, entry);
        if let (Some(whole), true) = (&whole, self.is_pointwise(right)) {
            return (self.stretched(rule, right, whole, (input, entry), &reached), None);
        }
        self.sent_back(rule, input, entry, &reached)
    }

    /// A result of a block's own backward in numbers: where all steps to it go entry
    /// by entry, `(0.5 × 0.7) × (1 - 0.7)`, and where it is a matrix product.
    pub fn by_hand(&self, steps: &[u32], entry: usize) -> Worked {
        let right = expression(self.node.kernel.card().forward);
        if let Some(mut worked) = self.product_forward(right, entry) {
            worked.stages.remove(0);
            return worked;
        }
        Worked { stages: self.by_hand_pointwise(steps, entry).into_iter().collect(), remark: None }
    }

    fn by_hand_pointwise(&self, steps: &[u32], entry: usize) -> Option<String> {
        let whole = self.shape(self.output);
        let mut texts: HashMap<ValueId, String> = HashMap::new();
        let mut needed = std::collections::HashSet::from([self.output]);
        let steps: Vec<Self> =
            steps.iter().map(|&step| Self::new(self.run, NodeId(step), self.write)).collect();
        let used: Vec<&Self> = steps
            .iter()
            .rev()
            .filter(|step| {
                let is_needed = needed.contains(&step.output);
                if is_needed {
                    needed.extend(&step.node.inputs);
                }
                is_needed
            })
            .collect();
        for site in used.into_iter().rev() {
            let right = expression(site.node.kernel.card().forward);
            let fits = site.whole().is_some_and(|own| own == *site.shape(site.output))
                && site.shape(site.output).rank() <= whole.rank();
            if !fits || !site.is_pointwise(right) {
                return None;
            }
            let text = filled(right, |name| {
                let id = site.tensor(name)?;
                texts.get(&id).cloned().or_else(|| site.number_at(name, whole, entry))
            });
            if text.len() > BY_HAND {
                return None;
            }
            texts.insert(site.output, text);
        }
        texts.remove(&self.output)
    }

    fn label(&self, id: ValueId) -> String {
        let name = &self.run.graph.value(id).name;
        match is_literal(self.run.graph, id) && name.chars().count() > LITERAL {
            true => format!("{}…", name.chars().take(LITERAL).collect::<String>()),
            false => name.to_string(),
        }
    }

    pub(super) fn shape(&self, id: ValueId) -> &'a Shape {
        &self.run.graph.value(id).ty.shape
    }

    /// The value that a name of the card stands for; an input's name comes before
    /// the output's `y`.
    pub(super) fn tensor(&self, name: &str) -> Option<ValueId> {
        let edges = self.node.kernel.card().inputs;
        match edges.iter().position(|edge| edge.name == name) {
            Some(position) => self.node.inputs.get(position).copied(),
            None if matches!(name, "y" | "upstream") => Some(self.output),
            None => None,
        }
    }

    /// What a name of the card is called in this graph.
    fn word(&self, name: &str) -> Option<String> {
        match name {
            "upstream" => None,
            _ => self.tensor(name).map(|id| self.label(id)).or_else(|| self.attribute(name)),
        }
    }

    fn attribute(&self, name: &str) -> Option<String> {
        self.node.attributes.iter().find(|(known, _)| *known == name).and_then(|(_, value)| match value {
            AttributeValue::Float(_) | AttributeValue::Int(_) => Some(attribute_text(value, self.write)),
            _ => None,
        })
    }

    pub(super) fn element(&self, name: &str, at: usize) -> Option<f64> {
        let id = self.tensor(name)?;
        match name {
            "upstream" => self.run.gradient_of(self.output)?.get(at).copied(),
            _ => self.run.element(id, at),
        }
    }

    /// `x[0, 3]`, of a scalar its name.
    pub(super) fn named(&self, name: &str, at: usize) -> String {
        let id = self.tensor(name).unwrap_or(self.output);
        let word = if name == "upstream" { name.to_string() } else { self.label(id) };
        format!("{word}{}", index(at, self.shape(id)))
    }

    fn is_pointwise(&self, formula: &str) -> bool {
        is_pointwise(formula, |name| self.tensor(name).is_some() || self.attribute(name).is_some())
    }

    /// The shape to which all inputs are stretched.
    fn whole(&self) -> Option<Shape> {
        let inputs = self.node.inputs.iter();
        inputs
            .filter(|id| self.run.floats_of(**id).is_some())
            .try_fold(Shape::scalar(), |whole, id| whole.broadcast(self.shape(*id)))
    }

    /// Where a place of `whole` lies in a tensor that is stretched to it.
    fn offset(&self, name: &str, whole: &Shape, place: usize) -> Option<usize> {
        let shape = self.shape(self.tensor(name)?);
        if shape.rank() > whole.rank() {
            return None;
        }
        let strides = shape.strides_in(whole);
        Some(indices(place, whole).iter().zip(strides).map(|(index, stride)| index * stride).sum())
    }

    fn value_at(&self, name: &str, whole: &Shape, place: usize) -> Option<f64> {
        self.element(name, self.offset(name, whole, place)?)
    }

    fn number_at(&self, name: &str, whole: &Shape, place: usize) -> Option<String> {
        self.value_at(name, whole, place).map(|x| self.write.text(x)).or_else(|| self.attribute(name))
    }

    fn in_numbers(&self, formula: &str, whole: &Shape, place: usize) -> String {
        filled(formula, |name| self.number_at(name, whole, place))
    }

    /// Of a formula in cases the one that holds, with what decides: `h = -2`.
    fn case(&self, formula: &str, whole: &Shape, place: usize) -> Option<(String, String)> {
        let cases = cases(expression_of_cases(formula))?;
        let operand = |text: &str| text.parse().ok().or_else(|| self.value_at(text, whole, place));
        let mut decided = Vec::new();
        for case in &cases {
            if let Some((left, sign, right)) = case.condition {
                let (a, b) = (operand(left)?, operand(right)?);
                for (text, value) in [(left, a), (right, b)] {
                    let Some(id) = self.tensor(text) else { continue };
                    let here = format!("{} = {}", self.label(id), self.write.text(value));
                    if !decided.contains(&here) && !is_literal(self.run.graph, id) {
                        decided.push(here);
                    }
                }
                if !sign.holds(a, b) {
                    continue;
                }
            }
            if !self.is_pointwise(case.expression) {
                return None;
            }
            return Some((
                format!("here {}", decided.join(", ")),
                self.in_numbers(case.expression, whole, place),
            ));
        }
        None
    }

    /// The derivative of an entry of the output for an entry of an input, by the
    /// op's own product.
    fn slope(&self, input: usize, entry: usize, place: usize) -> f64 {
        let upstream = one_hot(self.shape(self.output).size(), place);
        let mut slopes = vec![0.0; self.shape(self.node.inputs[input]).size()];
        self.run.send_back(self.id, input, &upstream, &mut slopes);
        slopes[entry]
    }

    /// An entry that is stretched over many places: the formula at each.
    fn stretched(
        &self,
        rule: String,
        formula: &str,
        whole: &Shape,
        (input, entry): (usize, usize),
        reached: &[(usize, f64)],
    ) -> Worked {
        let own = self.shape(self.node.inputs[input]).size();
        let upstream = self.run.gradient_of(self.output).unwrap_or(&[]);
        let strides = self.shape(self.node.inputs[input]).strides_in(whole);
        let count = whole.size().checked_div(own).unwrap_or(0);
        let meets = |&place: &usize| {
            indices(place, whole).iter().zip(&strides).map(|(index, stride)| index * stride).sum::<usize>()
                == entry
        };
        let places: Vec<(usize, f64)> = match count <= TERMS {
            true => (0..whole.size()).filter(meets).map(|place| (place, 0.0)).collect(),
            false => reached.to_vec(),
        };
        let term = |&(place, _): &(usize, f64)| {
            let number = self.in_numbers(formula, whole, place);
            Term { name: String::new(), number }
        };
        let kept = largest(places, |&(place, slope)| slope * upstream.get(place).copied().unwrap_or(0.0));
        summed(Some(rule), kept.iter().map(term).collect(), count)
    }

    /// Any op: the upstream gradient of each output entry that is reached, times its
    /// derivative.
    fn sent_back(
        &self,
        rule: String,
        input: usize,
        entry: usize,
        reached: &[(usize, f64)],
    ) -> (Worked, Option<f64>) {
        let upstream = self.run.gradient_of(self.output).unwrap_or(&[]);
        let kept = largest(reached.to_vec(), |&(place, slope)| slope * upstream[place]);
        let slopes: Vec<f64> = kept.iter().map(|&(place, _)| self.slope(input, entry, place)).collect();
        let plain = slopes.iter().all(|&slope| slope == 1.0);
        let to = format!(
            "{}{}",
            self.label(self.node.inputs[input]),
            index(entry, self.shape(self.node.inputs[input]))
        );
        let term = |(&(place, _), &slope): (&(usize, f64), &f64)| {
            let up = self.named("upstream", place);
            let y = format!("{}{}", self.label(self.output), index(place, self.shape(self.output)));
            match plain {
                true => Term { name: up, number: self.write.text(upstream[place]) },
                false => Term {
                    name: format!("{up} × ∂{y}/∂{to}"),
                    number: format!("{} × {}", self.write.text(upstream[place]), signed(self.write, slope)),
                },
            }
        };
        let terms = kept.iter().zip(&slopes).map(term).collect();
        let local = (reached.len() == 1).then(|| slopes[0]);
        (summed(Some(rule), terms, reached.len()), local)
    }
}

/// An attribute as one types it.
fn attribute_text(value: &AttributeValue, write: Write) -> String {
    match value {
        AttributeValue::Int(value) => value.to_string(),
        AttributeValue::Float(value) => write.text(*value),
        AttributeValue::Flag(value) => value.to_string(),
        AttributeValue::Ints(values) => match &values[..] {
            [one] => one.to_string(),
            several => format!("{several:?}"),
        },
        AttributeValue::Subscripts(subscripts) => {
            let texts: Vec<String> = subscripts.iter().map(ToString::to_string).collect();
            format!("\"{}\"", texts.join(", "))
        }
        AttributeValue::Text(text) => format!("\"{text}\""),
        AttributeValue::Choice(word) => format!("\"{word}\""),
    }
}

/// The formula behind `y = `, remarks and all.
fn expression_of_cases(formula: &str) -> &str {
    formula.strip_prefix("y = ").unwrap_or(formula)
}
