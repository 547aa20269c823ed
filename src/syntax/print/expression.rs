//! Expressions as text.
//!
//! A walk with a stack of its own: an expression has no depth that could be too
//! much, and its text is written once, from left to right.

use crate::{escape::must_be_spelt, syntax::tree::*};
use std::{borrow::Cow, fmt::Write};

/// How tight an operator binds: `->`, logic, comparisons, sums, products, a minus, powers, the rest.
const PIPE: u8 = 0;
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARISON: u8 = 4;
const SUM: u8 = 5;
const PRODUCT: u8 = 6;
const MINUS: u8 = 7;
const POWER: u8 = 8;
const OPERAND: u8 = 9;

enum Task<'e> {
    Text(Cow<'static, str>),
    /// The item `root` of a tree, in brackets if it binds looser than `least`;
    /// `spine` where its `->` are those of the whole statement.
    Item {
        tree: usize,
        root: usize,
        least: u8,
        spine: bool,
    },
    Whole(&'e Expression),
}

/// An expression, and where the operands of each item begin.
struct Tree<'e> {
    items: &'e [Item],
    starts: Vec<usize>,
}

impl<'e> Tree<'e> {
    fn new(items: &'e [Item]) -> Self {
        let mut starts: Vec<usize> = Vec::with_capacity(items.len());
        // Beginnings of the values on the stack.
        let mut values: Vec<usize> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let base = values.len().saturating_sub(item.what.operands());
            let start = values.get(base).copied().unwrap_or(at);
            values.truncate(base);
            values.push(start);
            starts.push(start);
        }
        Self { items, starts }
    }

    /// The roots of an item's operands.
    fn operands(&self, root: usize) -> Vec<usize> {
        let mut roots = Vec::new();
        let mut end = root;
        while end > self.starts[root] {
            roots.push(end - 1);
            end = self.starts[end - 1];
        }
        roots.reverse();
        roots
    }
}

/// The operands of an item, each as an expression by itself.
pub(in crate::syntax) fn operands_of(items: &[Item], at: usize) -> Vec<Expression> {
    let tree = Tree::new(&items[..=at]);
    let part = |root: usize| {
        let items = items[tree.starts[root]..=root].to_vec();
        let span = items.iter().fold(items[0].span, |span, item| span.to(item.span));
        Expression { items, span }
    };
    tree.operands(at).into_iter().map(part).collect()
}

fn rank(what: &What) -> u8 {
    match what {
        What::Call(call) if call.piped && call.inputs > 0 => PIPE,
        What::Binary(Binary::Or) => OR,
        What::Binary(Binary::And) => AND,
        What::Not => NOT,
        What::Binary(sign) if sign.compares() => COMPARISON,
        What::Binary(Binary::Add | Binary::Sub) => SUM,
        What::Binary(Binary::Mul | Binary::Div | Binary::MatMul) => PRODUCT,
        What::Negate => MINUS,
        What::Int(int) if *int < 0 => MINUS,
        What::Float(float) if float.is_sign_negative() => MINUS,
        What::Binary(_) => POWER,
        _ => OPERAND,
    }
}

/// `arrow` stands for the `->` of the outermost chain.
pub(super) fn print(expression: &Expression, arrow: &'static str) -> String {
    let mut out = String::new();
    let mut trees: Vec<Tree> = Vec::new();
    let mut tasks = vec![Task::Whole(expression)];
    while let Some(task) = tasks.pop() {
        match task {
            Task::Text(text) => out.push_str(&text),
            Task::Whole(expression) => {
                if let Some(root) = expression.items.len().checked_sub(1) {
                    let spine = trees.is_empty();
                    trees.push(Tree::new(&expression.items));
                    tasks.push(Task::Item { tree: trees.len() - 1, root, least: PIPE, spine });
                }
            }
            Task::Item { tree, root, least, spine } => {
                // Tasks are done last to first.
                let from = tasks.len();
                item(&trees[tree], tree, root, spine, if spine { arrow } else { " -> " }, &mut tasks);
                if rank(&trees[tree].items[root].what) < least {
                    tasks.push(Task::Text(")".into()));
                    tasks.insert(from, Task::Text("(".into()));
                }
                tasks[from..].reverse();
            }
        }
    }
    out
}

/// The parts of one item, first to last.
fn item<'e>(
    tree: &Tree<'e>,
    index: usize,
    root: usize,
    spine: bool,
    arrow: &'static str,
    tasks: &mut Vec<Task<'e>>,
) {
    let operand = |root: usize, least: u8| Task::Item { tree: index, root, least, spine: false };
    let text = |text: String| Task::Text(text.into());
    let operands = tree.operands(root);
    match &tree.items[root].what {
        What::Int(int) => tasks.push(text(int.to_string())),
        What::Float(float) => tasks.push(text(number(*float))),
        What::Flag(flag) => tasks.push(text(flag.to_string())),
        What::Text(says) => tasks.push(text(quoted(says))),
        What::Name(name) => tasks.push(text(name.to_string())),
        What::Array(_) => {
            tasks.push(Task::Text("[".into()));
            list(operands.iter().map(|&root| vec![operand(root, PIPE)]), tasks);
            tasks.push(Task::Text("]".into()));
        }
        What::Negate => {
            tasks.push(Task::Text("-".into()));
            tasks.extend(operands.iter().map(|&root| operand(root, MINUS)));
        }
        What::Not => {
            tasks.push(Task::Text("not ".into()));
            tasks.extend(operands.iter().map(|&root| operand(root, NOT)));
        }
        What::Binary(binary) => {
            let own = rank(&tree.items[root].what);
            let (left, right) = match binary {
                Binary::Pow => (OPERAND, MINUS),
                sign if sign.compares() => (own + 1, own + 1),
                _ => (own, own + 1),
            };
            if let [a, b] = operands[..] {
                tasks.push(operand(a, left));
                tasks.push(text(format!(" {} ", binary.sign())));
                tasks.push(operand(b, right));
            }
        }
        What::Index(subscripts) => {
            let mut operands = operands.into_iter();
            tasks.extend(operands.next().map(|root| operand(root, OPERAND)));
            for (at, place) in subscripts.iter().enumerate() {
                tasks.push(Task::Text(if at == 0 { "[".into() } else { ", ".into() }));
                let mut bound = |bound: &Option<Bound>, tasks: &mut Vec<Task>| match bound {
                    Some(Bound::Number(number)) => tasks.push(Task::Text(number.to_string().into())),
                    Some(Bound::Operand) => tasks.extend(operands.next().map(|root| operand(root, PIPE))),
                    None => {}
                };
                match place {
                    Subscript::At(at) => bound(&Some(*at), tasks),
                    Subscript::Range { start, stop, step } => {
                        bound(start, tasks);
                        tasks.push(Task::Text(":".into()));
                        bound(stop, tasks);
                        if step.is_some() {
                            tasks.push(Task::Text(":".into()));
                        }
                        bound(step, tasks);
                    }
                    Subscript::Rest => tasks.push(Task::Text("...".into())),
                    Subscript::NewAxis => tasks.push(Task::Text("None".into())),
                }
            }
            tasks.push(Task::Text("]".into()));
        }
        What::Call(call) => {
            let mut rest = operands.as_slice();
            if call.piped
                && let [first, others @ ..] = rest
            {
                rest = others;
                tasks.push(Task::Item { tree: index, root: *first, least: PIPE, spine });
                tasks.push(Task::Text(arrow.into()));
            }
            tasks.push(text(call.name.value.to_string()));
            let is_bare = rest.is_empty() && call.attributes.is_empty() && call.runs.is_none();
            if rest.len() < operands.len() && is_bare {
                return;
            }
            let runs = call.runs.iter().map(|block| vec![text(block.value.to_string())]);
            let (positional, named) = rest.split_at(rest.len().saturating_sub(call.named.len()));
            let positional = positional.iter().map(|&root| vec![operand(root, PIPE)]);
            let named = call.named.iter().zip(named);
            let named =
                named.map(|(name, &root)| vec![text(format!("{} = ", name.value)), operand(root, PIPE)]);
            let attributes = call.attributes.iter().map(|attribute| {
                vec![text(format!("{} = ", attribute.name.value)), Task::Whole(&attribute.value)]
            });
            tasks.push(Task::Text("(".into()));
            list(runs.chain(positional).chain(named).chain(attributes), tasks);
            tasks.push(Task::Text(")".into()));
        }
    }
}

fn list<'e>(parts: impl Iterator<Item = Vec<Task<'e>>>, tasks: &mut Vec<Task<'e>>) {
    for (at, part) in parts.enumerate() {
        if at > 0 {
            tasks.push(Task::Text(", ".into()));
        }
        tasks.extend(part);
    }
}

/// The shortest text that reads back as the same float, and as no int.
fn number(float: f64) -> String {
    match float.is_nan() {
        true if float.is_sign_negative() => "-nan".into(),
        true => "nan".into(),
        false => format!("{float:?}"),
    }
}

/// A text between quotes.
pub(super) fn quoted(says: &str) -> String {
    let mut out = String::from("\"");
    for (at, c) in says.char_indices() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if must_be_spelt(&says[at..]) => {
                _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
