//! Node statements: from an expression to nodes with known shapes.

use super::{
    block,
    builder::{Builder, Site},
    connect::make,
    constant::{Asked, Constant},
    elsewhere, leaf,
    names::{Names, Uses},
    operands::{array, negated, take},
    rewrite::Written,
    scope::{Operand, Place, Scope},
};
use crate::{
    diagnostic::{Cause, Diagnostic},
    graph::ValueId,
    initializers,
    op::AttributeValue,
    ops,
    source::{Name, Span},
    syntax::{self, Attribute, Expression, What},
};
use smallvec::SmallVec;

/// Makes the nodes of one statement. `None` when it was refused.
pub fn lower(builder: &mut Builder, scope: &Scope, node: &syntax::Node, uses: &Uses) -> Option<ValueId> {
    let name = scope.full_name(&node.name.value);
    match evaluate(builder, scope, (&node.value, uses), &name, &node.name) {
        Operand::Value(value) => Some(value),
        Operand::Broken => None,
        Operand::Constant(constant) => leaf::constant(builder, scope.environment, node, &name, constant),
    }
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
                let whole = Written::at(items, index, written);
                let spans: SmallVec<[Span; 3]> = operands.iter().map(|(_, span)| *span).collect();
                if let Some(definition) = scope.blocks.find(name) {
                    block::expand(builder, scope, definition, operands, &whole, site(name))
                } else if let Some(entry) = ops::find(name) {
                    match elsewhere::arity(entry.card, item.span, &whole) {
                        Ok(()) => {
                            make(builder, scope, entry, operands, &written.attributes, None, site(name))
                        }
                        Err(fault) => {
                            replace(builder, fault, item.span, &spans);
                            Operand::Broken
                        }
                    }
                } else if let Some(fill) = initializers::find(name).filter(|known| known.card().is_plain()) {
                    let asked = Asked { shape: None, wanted: None };
                    match operands.into_iter().map(constant_of).collect::<Option<Vec<_>>>() {
                        Some(operands) => {
                            let evaluator = &mut builder.evaluator;
                            let made =
                                evaluator.source(fill, whole, operands, item.span, asked, scope.environment);
                            or_broken(builder, made)
                        }
                        None => {
                            builder.faults.push(source_in_node(written));
                            Operand::Broken
                        }
                    }
                } else {
                    if let Some(fault) = no_op(scope, &whole) {
                        replace(builder, fault, item.span, &spans);
                    }
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

/// Refuses a call, and no more what is mended with it: `True` and `[a, b]` among its operands.
fn replace(builder: &mut Builder, fault: Diagnostic, call: Span, operands: &[Span]) {
    let is_mended = |fault: &Diagnostic| match &fault.cause {
        Cause::ListOfValues => true,
        Cause::Unresolved(name) => {
            matches!(&**name, "True" | "False" | "None" | "float" | "int" | "bool")
                || ops::find(name).is_some()
        }
        _ => false,
    };
    let is_within = |span: Span| call.start <= span.start && span.end <= call.end;
    // An operand before `->` stands before the call.
    let is_operand = |span: Span| operands.contains(&span) || is_within(span);
    builder.faults.retain(|other| !(is_mended(other) && other.span().is_some_and(is_operand)));
    builder.faults.push(fault);
}

/// Makes a node that is another name for its operand.
pub fn identity(builder: &mut Builder, scope: &Scope, operand: Place, site: Site) -> Operand {
    match ops::find("identity") {
        Some(entry) => make(builder, scope, entry, vec![operand], &[], None, site),
        None => Operand::Broken,
    }
}

/// The refusal of a call that is neither op nor block; none where the block is refused already.
pub fn no_op(scope: &Scope, written: &Written) -> Option<Diagnostic> {
    let name = &*written.call.name.value;
    let is_refused = scope.blocks.is_broken(name);
    (!is_refused).then(|| match initializers::find(name) {
        Some(_) => source_in_node(written.call),
        None if !name.contains('.') && scope.names.find(name).is_some() => value_as_op(written),
        None => elsewhere::unknown(written, scope.blocks.names()),
    })
}

/// `relu -> x`, `x(2)`: a value where an op is called.
fn value_as_op(written: &Written) -> Diagnostic {
    let name = &written.call.name.value;
    let help = match written.op_before_the_arrow() {
        Some(op) => format!("a chain goes from a value to an op: `{name} -> {op}`"),
        None => format!("a product is written with `*`, a part of a value as `{name}[0]`"),
    };
    Diagnostic::error(format!("`{name}` is a value, and cannot be called"))
        .cause(Cause::ValueAsOp)
        .at(written.call.name.span, "no op and no block")
        .help(help)
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
                        .cause(Cause::ListOfValues)
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
