//! What names stand for while the nodes of a file or of a block are made.

use super::{
    blocks::Blocks,
    builder::Builder,
    constant::{Constant, Environment},
    elsewhere,
    layers::Layers,
    lookalike::letters,
    names::{Names, Statement},
};
use crate::{
    diagnostic::{Cause, Diagnostic},
    graph::ValueId,
    ops,
    source::Span,
};
use std::{borrow::Cow, sync::Arc};

/// The names of a file, or of one use of a block.
pub struct Scope<'a> {
    pub names: &'a Names<'a>,
    /// Of each, `None` where it was refused.
    pub arguments: Vec<Option<ValueId>>,
    pub leaves: Vec<Option<ValueId>>,
    pub nodes: Vec<Option<Made>>,
    /// The gradients that arrive at the block's outputs, in its backward lines.
    pub upstreams: Vec<(Box<str>, ValueId)>,
    pub environment: &'a Environment,
    pub blocks: &'a Blocks<'a>,
    pub layers: &'a Layers<'a>,
    /// Set in a block.
    pub within: Option<Within<'a>>,
}

/// A name within a block, and in the graph.
pub type Output = (Box<str>, Box<str>);

/// The use of a block that a scope belongs to.
#[derive(Clone, Copy)]
pub struct Within<'a> {
    /// The name of the node that the call makes.
    pub call: &'a str,
    /// The block's outputs: their names within it, and in the graph.
    pub outputs: &'a [Output],
}

/// What a statement made.
#[derive(Clone)]
pub enum Made {
    One(ValueId),
    Several(Several),
}

/// What a block with several outputs gave, by the names that they have in it.
#[derive(Clone)]
pub struct Several {
    /// The block.
    pub of: Box<str>,
    pub values: Arc<[(Box<str>, ValueId)]>,
}

impl Several {
    pub fn find(&self, name: &str) -> Option<ValueId> {
        self.values.iter().find(|(known, _)| **known == *name).map(|&(_, value)| value)
    }

    /// The refusal of all of them where one value is needed; `name` is what stands there.
    pub fn as_one(&self, name: &str, span: Span) -> Diagnostic {
        let names: Vec<&str> = self.values.iter().map(|(name, _)| &**name).collect();
        let fault =
            Diagnostic::error(format!("`{}` gives {} values: {}", self.of, names.len(), names.join(", ")))
                .at(span, "one value is needed here");
        match name.is_empty() {
            true => fault.help(format!(
                "take them apart on a line before: `{} = {}(…)`",
                names.join(", "),
                self.of
            )),
            false => fault.help(format!("write which one: `{name}.{}`", names[0])),
        }
    }
}

/// An operand of a call.
#[derive(Clone)]
pub enum Operand {
    Value(ValueId),
    Several(Several),
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
            Some(within) => match within.outputs.iter().find(|(output, _)| **output == *name) {
                Some((_, full)) => (&**full).into(),
                None => format!("{}.{name}", within.call).into(),
            },
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
        if !self.upstreams.is_empty()
            && let Some(output) = path.strip_prefix("upstream")
            && let Some(found) = self.upstream(builder, output, span)
        {
            return found;
        }
        let is_path = path.contains('.');
        if let Some(layer) = self.layers.get(path.split('.').next().unwrap_or(path)) {
            builder.faults.push(layer.as_value(path, span));
            return Operand::Broken;
        }
        let value = match statement {
            Some(Statement::Argument(argument)) if !is_path => self.arguments[argument as usize],
            Some(Statement::Leaf(leaf)) if !is_path => self.leaves[leaf as usize],
            Some(Statement::Node(node) | Statement::Part(node, _)) => match self.made(statement, node) {
                Some(Made::Several(several)) if is_path => {
                    let name = path.split_once('.').map_or("", |(_, name)| name);
                    let found = several.find(name);
                    if found.is_none() {
                        builder.faults.push(no_output(&several, name, span));
                    }
                    found
                }
                Some(Made::Several(several)) => return Operand::Several(several),
                Some(Made::One(value)) if is_path => {
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
                Some(Made::One(value)) => Some(value),
                None => None,
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

    /// What a statement of this scope made, or the part of it that a name stands for.
    pub fn made(&self, statement: Option<Statement>, node: u32) -> Option<Made> {
        match (statement, self.nodes[node as usize].as_ref()?) {
            (Some(Statement::Part(_, part)), Made::Several(several)) => {
                several.values.get(part as usize).map(|&(_, value)| Made::One(value))
            }
            (_, made) => Some(made.clone()),
        }
    }

    /// `upstream`, or `upstream.y` of a block with several outputs; none where a name only begins so.
    fn upstream(&self, builder: &mut Builder, output: &str, span: Span) -> Option<Operand> {
        let fault = match (output, &self.upstreams[..]) {
            ("", [(_, only)]) => return Some(Operand::Value(*only)),
            ("", [(first, _), ..]) => {
                Diagnostic::error("this block has several outputs, each with an upstream of its own")
                    .at(span, "which one?")
                    .help(format!("write `upstream.{first}`"))
            }
            (output, upstreams) => {
                let name = output.strip_prefix('.')?;
                if let Some((_, value)) = upstreams.iter().find(|(known, _)| **known == *name) {
                    return Some(Operand::Value(*value));
                }
                let names: Vec<&str> = upstreams.iter().map(|(name, _)| &**name).collect();
                Diagnostic::error(format!("`{name}` is no output of this block"))
                    .cause(Cause::Unresolved(name.into()))
                    .at(span, "no upstream gradient arrives at it")
                    .help(format!("its outputs: `{}`", names.join("`, `")))
            }
        };
        builder.faults.push(fault);
        Some(Operand::Broken)
    }

    fn inner_name(&self, path: &str) -> String {
        match path.split_once('.') {
            Some((statement, rest)) => format!("{}.{rest}", self.full_name(statement)),
            None => self.full_name(path).into_owned(),
        }
    }

    /// The refusal of a name in an expression that stands for nothing.
    pub fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        let fault = self.no_value(name, span);
        match self.within {
            _ if !fault.help.is_empty() => fault,
            Some(_) => fault.help(format!(
                "a block sees its own names alone: hand it in as an argument, `block …({name}, …)`"
            )),
            None => fault.help(format!("a value from outside is a leaf: `input {name} = …`")),
        }
    }

    /// The refusal of a name that stands for nothing, where only a value that there is can be meant.
    pub fn no_value(&self, name: &str, span: Span) -> Diagnostic {
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
        diagnostic.did_you_mean(name, known)
    }
}

/// The refusal of `n.x` where the block gives no `x`.
pub fn no_output(several: &Several, name: &str, span: Span) -> Diagnostic {
    let names: Vec<&str> = several.values.iter().map(|(name, _)| &**name).collect();
    Diagnostic::error(format!("`{}` gives no `{name}`", several.of))
        .cause(Cause::Unresolved(name.into()))
        .at(span, "not among its outputs")
        .did_you_mean(name, names.iter().copied())
        .help(format!("it gives `{}`", names.join("`, `")))
}

fn inside(path: &str, span: Span) -> Diagnostic {
    Diagnostic::error(format!("`{path}` is inside a block"))
        .at(span, "cannot be used from outside")
        .help("a block gives its outputs: name it there too, `output y, inner`")
}
