//! Node statements: from an expression to nodes with known shapes.

use super::{
    attribute,
    builder::Builder,
    constant::{Constant, Environment, array, take, unknown},
    fold::{adapt, apply, arity, unfit},
    names::{Names, Statement},
    report::{Shown, misuse},
};
use crate::{
    diagnostic::Diagnostic,
    graph::ValueId,
    op::{Argument, AttributeValue, Call, OpEntry, Takes},
    ops,
    source::Span,
    sources,
    syntax::{self, Attribute, What},
    tensor::{Kind, Tensor},
};

/// What names stand for while a scope's nodes are made.
pub struct Scope<'a> {
    pub names: &'a Names<'a>,
    /// `None` where a leaf or a node was refused.
    pub leaves: Vec<Option<ValueId>>,
    pub nodes: Vec<Option<ValueId>>,
    pub environment: &'a Environment,
}

/// An operand of a call.
#[derive(Clone)]
enum Operand {
    Value(ValueId),
    Constant(Constant),
    /// Refused already; whatever uses it is not to blame.
    Broken,
}

type Place = (Operand, Span);

/// Makes the nodes of one statement. `None` when it was refused.
pub fn lower(builder: &mut Builder, scope: &Scope, node: &syntax::Node) -> Option<ValueId> {
    let mut stack: Vec<Place> = Vec::new();
    let mut inner = InnerNames { statement: &node.name.value, counts: Vec::new() };
    let items = &node.value.items;
    for (index, item) in items.iter().enumerate() {
        let is_root = index + 1 == items.len();
        let mut call = |builder: &mut Builder, op: &str, operands: Vec<Place>, attributes: &[Attribute], typed| {
            let name = if is_root { node.name.value.clone() } else { inner.next(op) };
            let site = Site { span: item.span, name, name_span: is_root.then_some(node.name.span) };
            make(builder, scope, op, operands, attributes, typed, site)
        };
        let operand = match &item.what {
            What::Int(value) => Operand::Constant(Constant::int(*value)),
            What::Float(value) => Operand::Constant(Constant::float(*value)),
            What::Text(value) => Operand::Constant(Constant::Text(value.clone())),
            What::Flag(value) => Operand::Constant(Constant::Flag(*value)),
            What::Name(path) => scope.find(builder, path, item.span),
            What::Array(count) => array_of(builder, take(&mut stack, *count), item.span),
            What::Negate => call(builder, "neg", take(&mut stack, 1), &[], None),
            What::Binary(sign) => call(builder, sign.op(), take(&mut stack, 2), &[], None),
            What::Index(subscripts) => {
                let typed = vec![("index", AttributeValue::Subscripts(subscripts.to_vec()))];
                call(builder, "slice", take(&mut stack, 1), &[], Some(typed))
            }
            What::Call(written) => {
                let operands = take(&mut stack, written.inputs);
                let name = &*written.name.value;
                if ops::find(name).is_some() {
                    call(builder, name, operands, &written.attributes, None)
                } else {
                    builder.faults.push(match sources::find(name) {
                        Some(_) => source_in_node(written),
                        None => unknown(written),
                    });
                    Operand::Broken
                }
            }
        };
        stack.push((operand, item.span));
    }
    match stack.pop()? {
        // A bare name: the node is another name for its value.
        (Operand::Value(value), span) if items.len() == 1 => {
            let site = Site { span, name: node.name.value.clone(), name_span: Some(node.name.span) };
            match make(builder, scope, "identity", vec![(Operand::Value(value), span)], &[], None, site) {
                Operand::Value(value) => Some(value),
                _ => None,
            }
        }
        (Operand::Value(value), _) => Some(value),
        (Operand::Constant(_), span) => {
            let name = &node.name.value;
            builder.faults.push(
                Diagnostic::error(format!("`{name}` does not depend on any leaf: a node computes from other values"))
                    .at(span, "constant")
                    .help(format!("make it a leaf: `const {name} = …`")),
            );
            None
        }
        (Operand::Broken, _) => None,
    }
}

fn source_in_node(call: &syntax::Call) -> Diagnostic {
    let name = &call.name.value;
    Diagnostic::error(format!("`{name}` is a source, it gives values to leaves"))
        .at(call.name.span, "in a node")
        .help(format!("make it a leaf of its own, `const c = {name}(…)`, and use `c` here"))
}

/// `scores.relu1`, `scores.relu2`, …: names for the inner nodes of a statement.
struct InnerNames<'a> {
    statement: &'a str,
    counts: Vec<(Box<str>, u32)>,
}

impl InnerNames<'_> {
    fn next(&mut self, op: &str) -> Box<str> {
        let at = self.counts.iter().position(|(known, _)| **known == *op).unwrap_or_else(|| {
            self.counts.push((op.into(), 0));
            self.counts.len() - 1
        });
        self.counts[at].1 += 1;
        format!("{}.{op}{}", self.statement, self.counts[at].1).into()
    }
}

impl Scope<'_> {
    fn find(&self, builder: &mut Builder, path: &str, span: Span) -> Operand {
        let value = match self.names.find(path) {
            Some(Statement::Leaf(leaf)) if !path.contains('.') => self.leaves[leaf as usize],
            Some(Statement::Node(node)) => match self.nodes[node as usize] {
                Some(value) if path.contains('.') => match builder.find_inner(value, path) {
                    Some(inner) => Some(inner),
                    None => {
                        builder.faults.push(self.unknown(path, span));
                        None
                    }
                },
                value => value,
            },
            Some(Statement::Broken) => None,
            Some(Statement::Leaf(_)) | None => match self.environment.get(path) {
                Some(constant) => return Operand::Constant(constant.clone()),
                None => {
                    builder.faults.push(self.unknown(path, span));
                    None
                }
            },
        };
        value.map_or(Operand::Broken, Operand::Value)
    }

    /// The refusal of a name that stands for nothing.
    pub fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        let diagnostic =
            Diagnostic::error(format!("unknown name `{name}`")).at(span, "nothing in this file has this name");
        if let Some(entry) = ops::find(name) {
            return diagnostic.help(format!("`{name}` is an op, it is called: `{}`", entry.card.signature()));
        }
        let known = self.names.all().chain(self.environment.keys().map(|name| &**name));
        match crate::diagnostic::closest(name, known) {
            Some(_) => diagnostic
                .did_you_mean(name, self.names.all().chain(self.environment.keys().map(|name| &**name))),
            None => diagnostic.help(format!("a value from outside is a leaf: `input {name} = …`")),
        }
    }
}

fn array_of(builder: &mut Builder, elements: Vec<Place>, span: Span) -> Operand {
    let mut constants = Vec::with_capacity(elements.len());
    for (operand, at) in elements {
        match operand {
            Operand::Constant(constant) => constants.push((constant, at)),
            Operand::Value(_) => {
                builder.faults.push(
                    Diagnostic::error("an array literal holds numbers, not values of the graph")
                        .at(at, "a value of the graph")
                        .help("`concat(a, b, axis = 0)` joins tensors"),
                );
                return Operand::Broken;
            }
            Operand::Broken => return Operand::Broken,
        }
    }
    match array(constants, span) {
        Ok(constant) => Operand::Constant(constant),
        Err(fault) => {
            builder.faults.push(fault);
            Operand::Broken
        }
    }
}

/// Where a call stands, and what its node is to be called.
struct Site {
    span: Span,
    name: Box<str>,
    /// Set where the file names the node itself.
    name_span: Option<Span>,
}

/// Makes the node of one call of an op; constants alone are computed at once.
fn make(
    builder: &mut Builder,
    scope: &Scope,
    op: &str,
    operands: Vec<Place>,
    attributes: &[Attribute],
    typed: Option<Vec<(&'static str, AttributeValue)>>,
    site: Site,
) -> Operand {
    let Some(entry) = ops::find(op) else { return Operand::Broken };
    if operands.iter().any(|(operand, _)| matches!(operand, Operand::Broken)) {
        return Operand::Broken;
    }
    let typed = typed.map_or_else(
        || attribute::of_op(entry.card, attributes, site.span, &mut builder.evaluator, scope.environment),
        Ok,
    );
    let typed = match typed {
        Ok(typed) => typed,
        Err(faults) => {
            builder.faults.extend(faults);
            return Operand::Broken;
        }
    };
    let made = arity(entry.card, operands.len())
        .map_err(|fault| misuse(fault, site.span, &[], attributes))
        .and_then(|()| connect(builder, entry, &operands, attributes, &typed, site));
    made.unwrap_or_else(|fault| {
        builder.faults.push(fault);
        Operand::Broken
    })
}

fn connect(
    builder: &mut Builder,
    entry: &'static OpEntry,
    operands: &[Place],
    attributes: &[Attribute],
    typed: &[(&'static str, AttributeValue)],
    site: Site,
) -> Result<Operand, Diagnostic> {
    let constants: Option<Vec<Tensor>> = operands
        .iter()
        .map(|(operand, _)| match operand {
            Operand::Constant(Constant::Tensor(tensor)) => Some(tensor.clone()),
            _ => None,
        })
        .collect();
    if let Some(constants) = constants {
        return apply(entry, &constants, typed, &builder.limits)
            .map(|tensor| Operand::Constant(Constant::Tensor(tensor)))
            .map_err(|fault| misuse(fault, site.span, &shown(builder, operands), attributes));
    }

    let mut inputs = smallvec::SmallVec::new();
    for (input, (operand, span)) in operands.iter().enumerate() {
        let refused = |builder: &Builder, fault| misuse(fault, site.span, &shown(builder, operands), attributes);
        inputs.push(match operand {
            Operand::Value(value) => {
                let fits = match entry.card.edge(input).takes {
                    Takes::Either => true,
                    Takes::Float => builder.ty(*value).kind == Kind::Float,
                    Takes::Int => builder.ty(*value).kind == Kind::Int,
                };
                if !fits {
                    return Err(refused(builder, unfit(entry.card, input)));
                }
                *value
            }
            Operand::Constant(Constant::Tensor(tensor)) => {
                let tensor =
                    adapt(tensor, entry.card, input).map_err(|fault| refused(builder, fault))?;
                builder.literal(tensor, *span)?
            }
            Operand::Constant(Constant::Text(_)) => {
                return Err(Diagnostic::error(format!("`{}` takes tensors, found text", entry.card.name))
                    .at(*span, "text")
                    .help(format!("it is called so: `{}`", entry.card.signature())));
            }
            Operand::Constant(Constant::Flag(_)) => {
                return Err(Diagnostic::error(format!("`{}` takes tensors, found true or false", entry.card.name))
                    .at(*span, "here")
                    .help(format!("it is called so: `{}`", entry.card.signature())));
            }
            Operand::Broken => return Ok(Operand::Broken),
        });
    }
    let arguments: smallvec::SmallVec<[Argument; 3]> = inputs
        .iter()
        .map(|&input: &ValueId| Argument { ty: builder.ty(input).clone(), range: builder.range(input) })
        .collect();
    let bound = entry
        .bind(&Call { inputs: &arguments, attributes: typed })
        .map_err(|fault| misuse(fault, site.span, &shown(builder, operands), attributes))?;
    builder
        .node(entry, bound, inputs, typed, site.name, site.name_span, site.span)
        .map(Operand::Value)
}

fn shown(builder: &Builder, operands: &[Place]) -> Vec<Shown> {
    operands
        .iter()
        .map(|(operand, span)| match operand {
            Operand::Value(value) => Shown {
                span: *span,
                ty: Some(builder.ty(*value).clone()),
                made: Some(builder.graph.value(*value).span),
            },
            Operand::Constant(Constant::Tensor(tensor)) => {
                Shown { span: *span, ty: Some(tensor.ty()), made: None }
            }
            _ => Shown { span: *span, ty: None, made: None },
        })
        .collect()
}
