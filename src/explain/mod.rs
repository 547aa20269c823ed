//! The chain rule in words and numbers: what every node sends back to its inputs,
//! from the outputs to the leaves, worked out at one entry of every tensor.
//!
//! Numbers come from the run and from the ops' own vector–Jacobian products, words
//! from their cards. Nothing is derived here a second time.

mod choice;
mod formula;
mod json;
mod product;
mod sentence;
mod site;
mod sum;
mod text;

pub use choice::Asked;
pub use json::object;
pub use sentence::Sentence;
pub use text::text;

use crate::{
    graph::{BlockId, Graph, NodeId, Origin, ValueId},
    plan::Back,
    report::{index, number},
    run::Run,
    source::{Place, SourceMap},
};
use site::Site;
use smallvec::SmallVec;
use std::{collections::HashMap, ops::Range};

/// How numbers are written.
#[derive(Debug, Clone, Copy)]
pub struct Write(fn(f64) -> String);

impl Write {
    /// A number as text. The sign of a zero says nothing here, and is left out.
    fn text(self, value: f64) -> String {
        (self.0)(value + 0.0)
    }
}

/// A run that went backward, ready to be explained step by step.
pub struct Explainer<'r, 'g> {
    pub run: &'r Run<'g>,
    sources: &'r SourceMap,
    write: Write,
    /// The entry of every value that is worked out; nothing for empty tensors.
    entries: Vec<Option<usize>>,
    /// Parts of the plan's backward, those of one node together.
    steps: Vec<Range<usize>>,
    /// What sends something back to each value, in backward's order.
    senders: Vec<SmallVec<[Sender; 1]>>,
    /// The outermost block by hand that makes a value.
    by_hand: HashMap<ValueId, BlockId>,
}

/// A part of the plan's backward, and which of a block's lines.
#[derive(Debug, Clone, Copy)]
struct Sender {
    part: usize,
    result: usize,
}

/// One node, or one block whose backward is written by hand.
#[derive(Debug, Clone)]
pub struct Step {
    /// What it makes.
    pub value: ValueId,
    /// The op, or the block by hand.
    pub of: String,
    pub block: Option<BlockId>,
    pub place: Option<Place>,
    /// The call: `affine(x, W, b)`.
    pub call: String,
    /// How the value comes about: `apple_price × tax`, `200 × 1.1`.
    pub forward: Worked,
    /// The gradient that arrives.
    pub upstream: Sum,
    pub parts: Vec<Contribution>,
}

/// What a step sends back to one of its inputs.
#[derive(Debug, Clone)]
pub struct Contribution {
    pub to: ValueId,
    pub entry: Option<usize>,
    /// What the op or the block calls it, where the value stands there more than once.
    pub edge: Option<String>,
    pub worked: Worked,
    /// What arrives at the entry.
    pub amount: f64,
    /// The derivative of the one output entry that this entry reaches.
    pub local: Option<f64>,
}

/// The stages of a computation, all but its result: first in names, then in numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Worked {
    pub stages: Vec<String>,
    /// What the stages leave out.
    pub remark: Option<String>,
}

/// A gradient as the sum over all paths that lead back to it.
#[derive(Debug, Clone)]
pub struct Sum {
    pub value: ValueId,
    pub entry: Option<usize>,
    pub terms: Vec<Term>,
    /// To the bit what backward computed; 0 where no path leads.
    pub total: f64,
}

#[derive(Debug, Clone)]
pub struct Term {
    /// The node that it comes through; nothing where the value is an output.
    pub through: Option<String>,
    pub amount: f64,
}

impl<'r, 'g> Explainer<'r, 'g> {
    /// Explains a run that went backward.
    pub fn new(run: &'r Run<'g>, sources: &'r SourceMap, asked: Asked) -> Self {
        let plan = run.plan();
        let mut senders = vec![SmallVec::new(); run.graph.values.len()];
        let mut steps: Vec<Range<usize>> = Vec::new();
        let mut last = None;
        for (part, back) in plan.backward.iter().enumerate() {
            match back {
                Back::Product { step, input } => {
                    let to = plan.inputs(&plan.steps[*step as usize])[*input as usize];
                    senders[to.index()].push(Sender { part, result: 0 });
                    if last == Some(*step) {
                        steps.last_mut().into_iter().for_each(|parts| parts.end = part + 1);
                        continue;
                    }
                    last = Some(*step);
                }
                Back::Custom(hand) => {
                    for (result, (_, to)) in hand.results.iter().enumerate() {
                        senders[to.index()].push(Sender { part, result });
                    }
                    last = None;
                }
            }
            steps.push(part..part + 1);
        }
        let blocks = run.graph.custom_blocks().into_iter();
        let outputs = |id: BlockId| run.graph.block(id).outputs.iter().map(move |&(output, _)| (output, id));
        let by_hand = blocks.flat_map(outputs).collect();
        let entries = choice::entries(run, asked);
        Self { run, sources, write: Write(number), entries, steps, senders, by_hand }
    }

    /// The same with numbers written another way.
    pub fn written(self, write: fn(f64) -> String) -> Self {
        Self { write: Write(write), ..self }
    }

    /// How many steps backward has.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The value whose step this is, without working it out.
    pub fn value_of(&self, step: usize) -> ValueId {
        match &self.run.plan().backward[self.steps[step].start] {
            Back::Product { step, .. } => self.run.plan().steps[*step as usize].output,
            Back::Custom(hand) => hand.upstreams[0].0,
        }
    }

    /// Works out one step of backward; the first is 0.
    pub fn step(&self, step: usize) -> Step {
        let (plan, graph) = (self.run.plan(), self.run.graph);
        let parts = self.steps[step].clone();
        let value = self.value_of(step);
        let made = match graph.value(value).origin {
            Origin::Node(node) => node,
            _ => unreachable!("backward goes through nodes"),
        };
        let block = match &plan.backward[parts.start] {
            Back::Custom(_) => self.block_of(value),
            Back::Product { .. } => None,
        };
        let node = graph.node(made);
        let (span, of) = match block.map(|id| graph.block(id)) {
            Some(block) => (block.span, block.of.to_string()),
            None => (node.span, node.kernel.card().name.to_string()),
        };
        Step {
            value,
            of,
            block,
            place: self.sources.place(span),
            call: self.call(value),
            forward: self.forward(value),
            upstream: self.sum(value),
            parts: parts.flat_map(|part| self.parts(part, block)).collect(),
        }
    }

    /// How a node's value comes about, at the entry that is worked out; of a block
    /// by hand only its call, of a leaf nothing.
    pub fn forward(&self, value: ValueId) -> Worked {
        let Origin::Node(node) = self.run.graph.value(value).origin else { return Worked::default() };
        if self.block_of(value).is_some() {
            return Worked { stages: vec![self.call(value)], remark: None };
        }
        self.site(node).forward(self.entries[value.index()])
    }

    /// The call that makes a value, `affine(x, W, b)`; of a leaf nothing.
    pub fn call(&self, value: ValueId) -> String {
        let Origin::Node(node) = self.run.graph.value(value).origin else { return String::new() };
        match self.block_of(value).map(|block| self.run.graph.block(block)) {
            Some(block) => self.site(node).named_call(&block.of, &block.inputs),
            None => self.site(node).call(),
        }
    }

    /// A gradient and what it is the sum of.
    pub fn sum(&self, value: ValueId) -> Sum {
        let entry = self.entries[value.index()];
        let gradient = self.run.gradient_of(value);
        let total = gradient.zip(entry).and_then(|(gradient, at)| gradient.get(at).copied()).unwrap_or(0.0);
        let starts = self.run.plan().starts().filter(|(output, _)| *output == value);
        let amount = |given: Option<&[f64]>| given.zip(entry).map_or(1.0, |(given, at)| given[at]);
        let mut terms: Vec<Term> =
            starts.map(|(_, given)| Term { through: None, amount: amount(given) }).collect();
        let senders = &self.senders[value.index()];
        for &sender in senders {
            let amount = self.amount(value, sender, entry);
            terms.push(Term { through: Some(self.through(value, sender)), amount });
        }
        Sum { value, entry, terms, total }
    }

    /// The leaves that were asked for, with their gradients.
    pub fn leaves(&self) -> impl Iterator<Item = Sum> {
        self.run.plan().wanted.iter().map(|&leaf| self.sum(leaf))
    }

    /// The entry of a value that is worked out.
    pub fn entry(&self, value: ValueId) -> Option<usize> {
        self.entries[value.index()]
    }

    /// `W[3, 7]`, or a scalar's name.
    pub fn place(&self, value: ValueId, entry: Option<usize>) -> String {
        let value = self.run.graph.value(value);
        format!("{}{}", value.name, entry.map_or_else(String::new, |entry| index(entry, &value.ty.shape)))
    }

    /// A number as this explainer writes it.
    pub fn number(&self, value: f64) -> String {
        self.write.text(value)
    }

    fn site(&self, node: NodeId) -> Site<'_, 'g> {
        Site::new(self.run, node, self.write)
    }

    /// The block by hand that makes a value, if backward goes by its lines.
    fn block_of(&self, value: ValueId) -> Option<BlockId> {
        self.by_hand.get(&value).copied()
    }

    fn parts(&self, part: usize, block: Option<BlockId>) -> Vec<Contribution> {
        let plan = self.run.plan();
        match &plan.backward[part] {
            Back::Product { step, input } => {
                let node = NodeId(*step);
                let input = *input as usize;
                let inputs = plan.inputs(&plan.steps[*step as usize]);
                let to = inputs[input];
                let entry = self.entries[to.index()];
                let several = inputs.iter().filter(|&&value| value == to).count() > 1;
                let site = self.site(node);
                let (worked, local) =
                    entry.map_or_else(Default::default, |entry| site.backward(input, entry));
                let edge = several.then(|| site.edge(input));
                let amount = self.amount(to, Sender { part, result: 0 }, entry);
                vec![Contribution { to, entry, edge, worked, amount, local }]
            }
            Back::Custom(hand) => {
                let lines = block.and_then(|id| self.run.graph.block(id).backward.as_ref());
                let lines = lines.map_or(&[][..], |hand| &hand.lines);
                let one = |(result, &(gradient, to)): (usize, &(ValueId, ValueId))| {
                    let line = lines.iter().find(|line| line.gradient == gradient && line.to == to);
                    let entry = self.entries[to.index()];
                    let several = hand.results.iter().filter(|(_, other)| *other == to).count() > 1;
                    let written = line.map_or("", |line| self.sources.text(line.span));
                    let mut worked = match (entry, &self.run.graph.value(gradient).origin) {
                        (Some(entry), Origin::Node(node)) => self.site(*node).by_hand(&hand.steps, entry),
                        _ => Worked::default(),
                    };
                    worked.stages.insert(0, own_words(written));
                    Contribution {
                        to,
                        entry,
                        edge: line.filter(|_| several).map(|line| line.name.to_string()),
                        worked,
                        amount: self.amount(to, Sender { part, result }, entry),
                        local: None,
                    }
                };
                hand.results.iter().enumerate().map(one).collect()
            }
        }
    }

    /// What one part of backward adds to a gradient at an entry.
    fn amount(&self, to: ValueId, sender: Sender, entry: Option<usize>) -> f64 {
        let plan = self.run.plan();
        let Some(entry) = entry else { return 0.0 };
        let whole = self.run.gradient_of(to).unwrap_or(&[]);
        if self.senders[to.index()].len() == 1 && !plan.outputs.contains(&to) {
            return whole.get(entry).copied().unwrap_or(0.0);
        }
        let amount = match &plan.backward[sender.part] {
            Back::Custom(hand) => {
                self.run.floats_of(hand.results[sender.result].0).and_then(|term| term.get(entry)).copied()
            }
            Back::Product { step, input } => {
                let upstream = self.run.gradient_of(plan.steps[*step as usize].output).unwrap_or(&[]);
                let mut term = vec![0.0; whole.len()];
                self.run.send_back(NodeId(*step), *input as usize, upstream, &mut term);
                term.get(entry).copied()
            }
        };
        amount.unwrap_or(0.0)
    }

    /// The node or the block that sends something back, and as which of its inputs
    /// where it does so twice.
    fn through(&self, to: ValueId, sender: Sender) -> String {
        let (plan, graph) = (self.run.plan(), self.run.graph);
        match &plan.backward[sender.part] {
            Back::Custom(hand) => graph.value(hand.upstreams[0].0).name.to_string(),
            Back::Product { step, input } => {
                let step = &plan.steps[*step as usize];
                let name = &graph.value(step.output).name;
                match plan.inputs(step).iter().filter(|&&value| value == to).count() {
                    0 | 1 => name.to_string(),
                    _ => format!("{name} as {}", step.kernel.card().edge(*input as usize).name),
                }
            }
        }
    }
}

/// The right side of a line of a backward by hand, in either spelling.
fn own_words(line: &str) -> String {
    let right = line.split_once('=').map_or(line, |(_, right)| right);
    let words: Vec<&str> = right.split_whitespace().collect();
    words.join(" ").trim_matches(['"', '\'']).to_string()
}

/// The names of a graph's differentiable outputs, as one reads a list.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

fn is_literal(graph: &Graph, value: ValueId) -> bool {
    matches!(graph.value(value).origin, Origin::Literal(_))
}
