//! Node statements: from an expression to nodes with known shapes.

use super::{
    block,
    builder::{Builder, Site},
    connect::make,
    constant::{Constant, unknown},
    names::{Names, Uses},
    operands::{array, negated, take},
    scope::{Operand, Place, Scope},
};
use crate::{
    diagnostic::Diagnostic,
    graph::ValueId,
    initializers,
    op::AttributeValue,
    ops,
    source::{Name, Span},
    syntax::{self, Attribute, Expression, What},
};

/// Makes the nodes of one statement. `None` when it was refused.
pub fn lower(builder: &mut Builder, scope: &Scope, node: &syntax::Node, uses: &Uses) -> Option<ValueId> {
    let name = scope.full_name(&node.name.value);
    match evaluate(builder, scope, (&node.value, uses), &name, &node.name) {
        Operand::Value(value) => Some(value),
        Operand::Broken => None,
        Operand::Constant(_) => {
            builder.faults.push(constant_node(node));
            None
        }
    }
}

/// The refusal of a node that computes nothing from other values.
pub fn constant_node(node: &syntax::Node) -> Diagnostic {
    let name = &node.name.value;
    let span = node.value.items.last().map_or(node.value.span, |item| item.span);
    Diagnostic::error(format!("`{name}` does not depend on any leaf: a node computes from other values"))
        .at(span, "constant")
        .help(format!("make it a leaf: `const {name} = …`"))
}

/// Makes the nodes of an expression; the root's is called `name`.
pub fn evaluate(
    builder: &mut Builder,
    scope: &Scope,
    (expression, uses): (&Expression, &Uses),
    name: &str,
    written: &Name,
) -> Operand {
    let mut uses = uses.iter();
    let mut stack: Vec<Place> = Vec::new();
    let mut inner = InnerNames { statement: name, names: scope.names, counts: Vec::new() };
    let items = &expression.items;
    for (index, item) in items.iter().enumerate() {
        let is_root = index + 1 == items.len();
        let mut site = |called: &str| Site {
            span: item.span,
            name: if is_root { name.into() } else { inner.next(called) },
            name_span: is_root.then_some(written.span),
        };
        let mut call =
            |builder: &mut Builder, op: &str, operands: Vec<Place>, attributes: &[Attribute], typed| {
                match ops::find(op) {
                    Some(entry) => make(builder, scope, entry, operands, attributes, typed, site(op)),
                    None => Operand::Broken,
                }
            };
        let operand = match &item.what {
            What::Int(value) => Operand::Constant(Constant::int(*value)),
            What::Float(value) => Operand::Constant(Constant::float(*value)),
            What::Text(value) => Operand::Constant(Constant::Text(value.clone())),
            What::Flag(value) => Operand::Constant(Constant::Flag(*value)),
            What::Name(path) => {
                let found = uses.next().copied().flatten();
                scope.value(builder, path, found, item.span)
            }
            What::Array(count) => array_of(builder, take(&mut stack, *count), item.span),
            What::Negate if is_int(&stack) => {
                let operands = take(&mut stack, 1).into_iter().filter_map(constant_of).collect();
                or_broken(builder, negated(operands, item.span))
            }
            What::Negate => call(builder, "neg", take(&mut stack, 1), &[], None),
            What::Binary(sign) => call(builder, sign.op(), take(&mut stack, 2), &[], None),
            What::Index(subscripts) => {
                let typed = vec![("index", AttributeValue::Subscripts(subscripts.to_vec()))];
                call(builder, "slice", take(&mut stack, 1), &[], Some(typed))
            }
            What::Call(written) => {
                let operands = take(&mut stack, written.inputs);
                let name = &*written.name.value;
                if let Some(definition) = scope.blocks.find(name) {
                    block::expand(builder, scope, definition, operands, written, site(name))
                } else if let Some(entry) = ops::find(name) {
                    make(builder, scope, entry, operands, &written.attributes, None, site(name))
                } else {
                    builder.faults.extend(no_op(scope, written));
                    Operand::Broken
                }
            }
        };
        stack.push((operand, item.span));
    }
    match stack.pop() {
        // A bare name: the node is another name for its value.
        Some((Operand::Value(value), span)) if items.len() == 1 => {
            let site = Site { span, name: name.into(), name_span: Some(written.span) };
            identity(builder, scope, (Operand::Value(value), span), site)
        }
        Some((operand, _)) => operand,
        None => Operand::Broken,
    }
}

/// Makes a node that is another name for its operand.
pub fn identity(builder: &mut Builder, scope: &Scope, operand: Place, site: Site) -> Operand {
    match ops::find("identity") {
        Some(entry) => make(builder, scope, entry, vec![operand], &[], None, site),
        None => Operand::Broken,
    }
}

/// The refusal of a call that is neither op nor block; none where the block is refused already.
pub fn no_op(scope: &Scope, call: &syntax::Call) -> Option<Diagnostic> {
    let name = &*call.name.value;
    let is_refused = scope.blocks.is_broken(name);
    (!is_refused).then(|| match initializers::find(name) {
        Some(_) => source_in_node(call),
        None => unknown(call, scope.blocks.names()),
    })
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
    names: &'a Names<'a>,
    counts: Vec<(Box<str>, u32)>,
}

impl InnerNames<'_> {
    fn next(&mut self, op: &str) -> Box<str> {
        let at = self.counts.iter().position(|(known, _)| **known == *op).unwrap_or_else(|| {
            self.counts.push((op.into(), 0));
            self.counts.len() - 1
        });
        loop {
            self.counts[at].1 += 1;
            let name = format!("{}.{op}{}", self.statement, self.counts[at].1);
            // In a block the output's statement shares its prefix with the others.
            if self.names.find(&name[self.statement.len() + 1..]).is_none() {
                return name.into();
            }
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
    or_broken(builder, array(constants, span))
}

fn or_broken(builder: &mut Builder, made: Result<Constant, Diagnostic>) -> Operand {
    match made {
        Ok(constant) => Operand::Constant(constant),
        Err(fault) => {
            builder.faults.push(fault);
            Operand::Broken
        }
    }
}

fn is_int(stack: &[Place]) -> bool {
    matches!(stack.last(), Some((Operand::Constant(constant), _)) if constant.is_int())
}

fn constant_of((operand, span): Place) -> Option<(Constant, Span)> {
    match operand {
        Operand::Constant(constant) => Some((constant, span)),
        Operand::Value(_) | Operand::Broken => None,
    }
}
