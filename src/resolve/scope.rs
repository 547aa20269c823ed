//! What names stand for while the nodes of a file or of a block are made.

use super::{
    blocks::Blocks,
    builder::Builder,
    constant::{Constant, Environment},
    elsewhere,
    lookalike::letters,
    names::{Names, Statement},
};
use crate::{
    diagnostic::{Cause, Diagnostic, closest},
    graph::ValueId,
    ops,
    source::Span,
};
use std::borrow::Cow;

/// The names of a file, or of one use of a block.
pub struct Scope<'a> {
    pub names: &'a Names<'a>,
    /// Of each, `None` where it was refused.
    pub arguments: Vec<Option<ValueId>>,
    pub leaves: Vec<Option<ValueId>>,
    pub nodes: Vec<Option<ValueId>>,
    /// The gradient that arrives at the block's output, in its backward lines.
    pub upstream: Option<ValueId>,
    pub environment: &'a Environment,
    pub blocks: &'a Blocks<'a>,
    /// Set in a block.
    pub within: Option<Within<'a>>,
}

/// The use of a block that a scope belongs to.
#[derive(Clone, Copy)]
pub struct Within<'a> {
    /// The name of the node that the call makes.
    pub call: &'a str,
    /// The name of the block's output within it.
    pub output: &'a str,
}

/// An operand of a call.
#[derive(Clone)]
pub enum Operand {
    Value(ValueId),
    Constant(Constant),
    /// Refused already; whatever uses it is not to blame.
    Broken,
}

pub type Place = (Operand, Span);

impl Scope<'_> {
    /// The name in the graph of a statement of this scope.
    pub fn full_name<'n>(&'n self, name: &'n str) -> Cow<'n, str> {
        match self.within {
            None => name.into(),
            Some(within) if within.output == name => within.call.into(),
            Some(within) => format!("{}.{name}", within.call).into(),
        }
    }

    /// The value of a name or a path in an expression; `statement` is what it stands for.
    pub fn value(
        &self,
        builder: &mut Builder,
        path: &str,
        statement: Option<Statement>,
        span: Span,
    ) -> Operand {
        if path == "upstream" && self.upstream.is_some() {
            return self.upstream.map_or(Operand::Broken, Operand::Value);
        }
        let is_path = path.contains('.');
        let value = match statement {
            Some(Statement::Argument(argument)) if !is_path => self.arguments[argument as usize],
            Some(Statement::Leaf(leaf)) if !is_path => self.leaves[leaf as usize],
            Some(Statement::Node(node)) => match self.nodes[node as usize] {
                Some(value) if is_path => {
                    let inner = builder.find_inner(value, &self.inner_name(path));
                    let fault = match inner {
                        Some(inner) if builder.is_inside_a_block(inner) => Some(inside(path, span)),
                        Some(_) => None,
                        None => Some(self.unknown(path, span)),
                    };
                    match fault {
                        Some(fault) => {
                            builder.faults.push(fault);
                            None
                        }
                        None => inner,
                    }
                }
                value => value,
            },
            Some(Statement::Broken) => None,
            _ => match self.environment.get(path) {
                Some(constant) => return Operand::Constant(constant.clone()),
                None => {
                    builder.faults.push(self.unknown(path, span));
                    None
                }
            },
        };
        value.map_or(Operand::Broken, Operand::Value)
    }

    fn inner_name(&self, path: &str) -> String {
        match (self.within, path.split_once('.')) {
            (Some(within), Some((statement, rest))) if within.output == statement => {
                format!("{}.{rest}", within.call)
            }
            (Some(within), _) => format!("{}.{path}", within.call),
            (None, _) => path.to_string(),
        }
    }

    /// The refusal of a name that stands for nothing.
    pub fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        let place = if self.within.is_some() { "block" } else { "file" };
        let diagnostic = Diagnostic::error(format!("unknown name `{name}`"))
            .cause(Cause::Unresolved(name.into()))
            .at(span, format!("nothing in this {place} has this name"));
        if let Some(here) = elsewhere::name(name) {
            return diagnostic.help(here);
        }
        if let Some(entry) = ops::find(name) {
            return diagnostic.help(format!("`{name}` is an op, it is called: `{}`", entry.card.signature()));
        }
        if name == "upstream" {
            return diagnostic
                .help("`upstream` stands for the gradient at a block's output, in its `backward` lines");
        }
        if let Some(other) = self.names.lookalike(name) {
            return diagnostic.help(format!(
                "`{other}` looks the same and is another name: here it is {}, there {}",
                letters(name),
                letters(other)
            ));
        }
        let known = self.names.to_guess_from(name).chain(self.environment.keys().map(|name| &**name));
        match closest(name, known) {
            Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
            None if self.within.is_some() => diagnostic.help(format!(
                "a block sees its own names alone: hand it in as an argument, `block …({name}, …)`"
            )),
            None => diagnostic.help(format!("a value from outside is a leaf: `input {name} = …`")),
        }
    }
}

fn inside(path: &str, span: Span) -> Diagnostic {
    Diagnostic::error(format!("`{path}` is inside a block"))
        .at(span, "cannot be used from outside")
        .help("a block gives one value, its output; split the block to get at what is within")
}
