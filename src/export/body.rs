//! The statements of one function.

use super::{
    fill::{fill, places},
    framework::Framework,
    names::Names,
    python::{Python, WIDTH},
    spelling::spell,
    steps::Step,
};
use crate::{
    diagnostic::Diagnostic,
    escape,
    graph::{Graph, Node, NodeId, Origin, ValueId},
    op::Takes,
    shape::Shape,
    tensor::{Kind, Tensor},
};
use std::collections::{HashMap, HashSet};

/// What stands within another statement is no longer than this.
const INLINE: usize = 60;

/// So many numbers are written out at most.
const WRITTEN: usize = 1000;

/// A statement, and the shape of what it makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub code: Vec<String>,
    pub comment: String,
}

impl Line {
    /// The text, with the comment behind it or, where it is too long for that, above.
    pub fn print(&self, text: &mut String) {
        let (comment, last) = (&self.comment, self.code.last().map_or(0, |line| line.chars().count()));
        if !comment.is_empty() && last + 2 + comment.chars().count() > WIDTH {
            let margin: String = self
                .code
                .first()
                .into_iter()
                .flat_map(|line| line.chars())
                .take_while(|c| *c == ' ')
                .collect();
            text.push_str(&format!("{margin}{comment}\n{}\n", self.code.join("\n")));
        } else if comment.is_empty() {
            text.push_str(&format!("{}\n", self.code.join("\n")));
        } else {
            text.push_str(&format!("{}  {comment}\n", self.code.join("\n")));
        }
    }
}

/// The body of a function while it is written.
pub struct Body<'a> {
    pub framework: Framework,
    pub graph: &'a Graph,
    pub names: Names,
    pub known: HashMap<ValueId, String>,
    /// How the values are called that have no name here yet, and whether the file names them.
    pub called: &'a dyn Fn(ValueId) -> (String, bool),
    /// Lengths with names.
    pub lengths: &'a [(Box<str>, usize)],
    pub lines: Vec<Line>,
    pub faults: Vec<Diagnostic>,
    /// What a node gives passes through `tap`, with the node's name, in a statement of its own.
    pub taps: bool,
    /// How often a value is used from here on.
    uses: HashMap<ValueId, usize>,
    /// Values that stand within the statement that uses them.
    inlined: HashMap<ValueId, Python>,
    /// Numbers of the block that bear names.
    numbers: HashSet<ValueId>,
    indent: usize,
}

impl<'a> Body<'a> {
    pub fn new(
        framework: Framework,
        graph: &'a Graph,
        called: &'a dyn Fn(ValueId) -> (String, bool),
        lengths: &'a [(Box<str>, usize)],
        indent: usize,
    ) -> Self {
        Self {
            framework,
            graph,
            names: Names::default(),
            known: HashMap::new(),
            called,
            lengths,
            lines: Vec::new(),
            faults: Vec::new(),
            taps: false,
            uses: HashMap::new(),
            inlined: HashMap::new(),
            numbers: HashSet::new(),
            indent,
        }
    }

    /// Gives a value its name here.
    pub fn name(&mut self, id: ValueId) -> String {
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        let name = self.names.take(&(self.called)(id).0);
        self.known.insert(id, name.clone());
        name
    }

    /// Writes steps down; `kept` are values that must have names. `function` names the function of a block.
    pub fn write(
        &mut self,
        steps: &[Step],
        results: &[ValueId],
        kept: &HashSet<ValueId>,
        function: &mut dyn FnMut(Step) -> (String, bool),
    ) {
        let mut spelled: Vec<Option<Python>> = Vec::with_capacity(steps.len());
        for &step in steps {
            let expression = match step {
                Step::Op(id) => {
                    let node = self.graph.node(id);
                    let expression = spell(self.framework, self.graph, node);
                    if expression.is_none() {
                        self.faults.push(no_spelling(self.framework, node));
                    }
                    expression
                }
                Step::Block(_) => None,
            };
            let used: Vec<ValueId> = match (step, &expression) {
                (Step::Op(id), Some(expression)) => {
                    let mut used = Vec::new();
                    places(expression, &mut |at| used.extend(self.graph.node(id).inputs.get(at)));
                    used
                }
                _ => step.inputs(self.graph),
            };
            used.into_iter().for_each(|id| *self.uses.entry(id).or_default() += 1);
            spelled.push(expression);
        }
        results.iter().for_each(|id| *self.uses.entry(*id).or_default() += 1);
        for (&step, expression) in steps.iter().zip(spelled) {
            match (step, expression) {
                (Step::Op(id), Some(expression)) => self.op(id, &expression, kept),
                (Step::Op(_), None) => {}
                (Step::Block(_), _) => {
                    let (name, takes_tensors) = function(step);
                    self.block(step, &name, takes_tensors);
                }
            }
        }
    }

    fn op(&mut self, id: NodeId, spelled: &Python, kept: &HashSet<ValueId>) {
        let node = self.graph.node(id);
        let output = node.outputs[0];
        if self.is_arithmetic(node) {
            self.numbers.insert(output);
        }
        let has_name = self.taps || (self.called)(output).1 || kept.contains(&output);
        let is_within = !has_name && self.uses.get(&output) == Some(&1);
        let before = if is_within { 0 } else { self.indent + self.name(output).chars().count() + 3 };
        let room = if is_within { INLINE } else { WIDTH };
        let mut expression = self.filled(node, spelled);
        while before + expression.print().chars().count() > room && self.bring_out(&node.inputs) {
            expression = self.filled(node, spelled);
        }
        // What a method is called on stands on one line.
        if matches!(&expression, Python::Call(callee, _) if before + callee.print().chars().count() >= room) {
            self.name_literals(&node.inputs);
            expression = self.filled(node, spelled);
        }
        node.inputs.iter().for_each(|input| drop(self.inlined.remove(input)));
        match is_within {
            true => drop(self.inlined.insert(output, expression)),
            false => self.assign(&[output], &expression),
        }
    }

    fn block(&mut self, step: Step, function: &str, takes_tensors: bool) {
        let inputs = step.inputs(self.graph);
        let outputs = step.outputs(self.graph);
        let call = |body: &Self| {
            let arguments = inputs.iter().map(|&id| body.operand(id, !takes_tensors));
            Python::call(Python::name(function), arguments.collect())
        };
        let mut expression = call(self);
        while self.indent + 12 + expression.print().chars().count() > WIDTH && self.bring_out(&inputs) {
            expression = call(self);
        }
        inputs.iter().for_each(|input| drop(self.inlined.remove(input)));
        self.assign(&outputs, &expression);
    }

    /// Gives the longest of the inputs that stand within the statement a statement of its own.
    fn bring_out(&mut self, inputs: &[ValueId]) -> bool {
        let longest = inputs
            .iter()
            .filter_map(|id| Some((self.inlined.get(id)?.print().len(), *id)))
            .max_by_key(|&(length, id)| (length, std::cmp::Reverse(id)));
        let Some((_, id)) = longest else { return false };
        if let Some(expression) = self.inlined.remove(&id) {
            self.assign(&[id], &expression);
        }
        true
    }

    /// Gives arrays that the file has in an expression statements of their own.
    fn name_literals(&mut self, inputs: &[ValueId]) {
        for &id in inputs {
            let is_literal = matches!(self.graph.value(id).origin, Origin::Literal(_));
            if is_literal && !self.is_number(id) && !self.known.contains_key(&id) {
                let expression = self.operand(id, false);
                let name = self.names.take("constant");
                self.known.insert(id, name);
                self.assign(&[id], &expression);
            }
        }
    }

    /// Python computes it: what it is computed from are numbers.
    fn is_arithmetic(&self, node: &Node) -> bool {
        let is_plain = matches!(node.kernel.card().name, "add" | "sub" | "mul" | "neg");
        is_plain && node.inputs.iter().all(|&id| self.is_number(id))
    }

    /// `a, b = expression`, with the shapes behind.
    fn assign(&mut self, outputs: &[ValueId], expression: &Python) {
        let is_used = |body: &Self, id: &ValueId| outputs.len() == 1 || body.uses.contains_key(id);
        let targets: Vec<String> =
            outputs.iter().map(|id| if is_used(self, id) { self.name(*id) } else { "_".into() }).collect();
        let types = outputs.iter().filter(|id| is_used(self, id)).map(|&id| self.ty(id));
        let types: Vec<String> = types.collect();
        let comment = match types.iter().all(|ty| ty == "[]") {
            true => String::new(),
            false => format!("# {}", types.join(", ")),
        };
        let target = format!("{} = ", targets.join(", "));
        let is_computed = outputs.iter().all(|id| matches!(self.graph.value(*id).origin, Origin::Node(_)));
        let code = match self.taps && is_computed {
            true => {
                let names = outputs.iter().map(|id| Python::Text(self.graph.value(*id).name.to_string()));
                let passed = std::iter::once(expression.clone()).chain(names).collect();
                Python::call(Python::name("tap"), passed).lines(&target, "", self.indent)
            }
            false => expression.lines(&target, "", self.indent),
        };
        self.lines.push(Line { code, comment });
    }

    fn ty(&self, id: ValueId) -> String {
        let ty = &self.graph.value(id).ty;
        let kind = if ty.kind == Kind::Float { "" } else { ty.kind.word() };
        format!("{kind}{}", self.shape(&ty.shape))
    }

    /// A shape, with the names of lengths that only one name stands for.
    fn shape(&self, shape: &Shape) -> String {
        let length = |&length: &usize| {
            let mut named = self.lengths.iter().filter(|(_, own)| *own == length && length > 1);
            match (named.next(), named.next()) {
                (Some((name, _)), None) => escape::line(name).into_owned(),
                _ => length.to_string(),
            }
        };
        format!("[{}]", shape.iter().map(length).collect::<Vec<_>>().join(", "))
    }

    /// The spelled call with its operands.
    fn filled(&self, node: &Node, spelled: &Python) -> Python {
        let card = node.kernel.card();
        let is_number = |at: usize| node.inputs.get(at).is_some_and(|id| self.is_number(*id));
        let floats = |at: usize| {
            let ty = &self.graph.value(node.inputs[at]).ty;
            ty.kind == Kind::Float && !is_number(at)
        };
        let others_are_floats = node.inputs.len() == 2 && (0..2).any(floats);
        fill(spelled, false, &is_number, &mut |at, numbers_do| {
            let Some(&id) = node.inputs.get(at) else { return Python::name("None") };
            let numbers_do = numbers_do || self.framework == Framework::Jax || self.is_arithmetic(node);
            let operand = self.operand(id, numbers_do);
            let takes_floats = matches!(card.edge(at).takes, Takes::Float | Takes::Number);
            let is_truth = self.graph.value(id).ty.kind == Kind::Bool;
            match takes_floats && is_truth && !(card.name == "mul" && others_are_floats) {
                true => self.framework.as_kind(operand, Kind::Float),
                false => operand,
            }
        })
    }

    fn is_number(&self, id: ValueId) -> bool {
        let value = self.graph.value(id);
        let is_literal = matches!(value.origin, Origin::Literal(_)) && !self.known.contains_key(&id);
        self.numbers.contains(&id) || is_literal && value.ty.shape.is_scalar() && value.ty.kind != Kind::Bool
    }

    /// A value where it is used: its name, the expression that makes it, or a number.
    pub fn operand(&self, id: ValueId, numbers_do: bool) -> Python {
        let value = self.graph.value(id);
        if let Some(expression) = self.inlined.get(&id) {
            return match self.numbers.contains(&id) && !numbers_do {
                true => self.framework.tensor(expression.clone(), value.ty.kind),
                false => expression.clone(),
            };
        }
        let named = self.known.get(&id).map(Python::name);
        match (&value.origin, named) {
            (_, Some(name)) if !self.numbers.contains(&id) || numbers_do => name,
            (_, Some(name)) => self.framework.tensor(name, value.ty.kind),
            (Origin::Literal(tensor), None) if self.is_number(id) && numbers_do => match &**tensor {
                Tensor::Float(array) => {
                    Python::float(array.first().copied().unwrap_or(0.0), true, self.framework.room())
                }
                other => self.framework.numbers(other),
            },
            (Origin::Literal(tensor), None) => self.framework.literal(tensor),
            _ => Python::name("None"),
        }
    }

    /// A number or an array that the block states for itself.
    pub fn constant(&mut self, id: ValueId) {
        if let Origin::Leaf { data, .. } = &self.graph.value(id).origin {
            let expression = match &**data {
                Tensor::Float(array) if array.ndim() == 0 => {
                    self.numbers.insert(id);
                    let number = array.first().copied().unwrap_or(0.0);
                    Python::float(number, false, self.framework.room())
                }
                Tensor::Int(array) if array.ndim() == 0 => {
                    self.numbers.insert(id);
                    self.framework.numbers(data)
                }
                other => self.framework.literal(other),
            };
            self.assign(&[id], &expression);
        }
    }

    /// Refuses literals of so many numbers that nobody would write them.
    pub fn refuse_long_literals(&mut self) {
        let is_long = |value: &&crate::graph::Value| match &value.origin {
            Origin::Literal(tensor) => tensor.shape().size() > WRITTEN,
            _ => false,
        };
        let long = self.graph.values.iter().filter(is_long).map(|value| {
            Diagnostic::error(format!(
                "{} numbers are too many to write out in Python",
                value.ty.shape.size()
            ))
            .at(value.span, "made here")
            .help("state them as a leaf, `const k = …`: leaves are saved beside the file")
        });
        self.faults.extend(long);
    }

    /// The expression of a result, which may stand within `return`.
    pub fn result(&mut self, id: ValueId, before: usize) -> Python {
        if self.inlined.get(&id).is_some_and(|expression| !expression.fits(self.indent + before, 0))
            && let Some(expression) = self.inlined.remove(&id)
        {
            self.assign(&[id], &expression);
        }
        self.operand(id, false)
    }
}

fn no_spelling(framework: Framework, node: &Node) -> Diagnostic {
    let (op, title) = (node.kernel.card().name, framework.title());
    let other = match framework {
        Framework::Torch => Framework::Jax,
        Framework::Jax => Framework::Torch,
    };
    let diagnostic = Diagnostic::error(format!("`{op}` has no spelling in {title}"))
        .at(node.span, format!("no Python for {title} is known for this call"));
    match other.spelling(node.kernel.card()).is_empty() {
        true => diagnostic.help("compute it from other ops, or take it out of the graph"),
        false => diagnostic.help(format!("it has one in {}; or compute it from other ops", other.title())),
    }
}
