//! Node statements: from an expression to nodes with known shapes.

use super::{
    block::{self, Use},
    builder::{Builder, Site},
    connect::make,
    constant::{Asked, Constant},
    elsewhere, gives, index, leaf,
    names::{Names, Uses},
    operands::{array, negated, take},
    rewrite::Written,
    runs,
    scope::{Made, Operand, Place, Scope},
    split,
};
use crate::{
    diagnostic::{Cause, Diagnostic},
    initializers, ops,
    source::{Name, Span},
    syntax::{self, Attribute, Bound, Call, Expression, Item, Subscript, What},
};
use smallvec::SmallVec;

/// Makes the nodes of one statement. `None` when it was refused.
pub fn lower(builder: &mut Builder, scope: &Scope, node: &syntax::Node, uses: &Uses) -> Option<Made> {
    let name = scope.full_name(&node.name.value);
    let parts: Vec<Box<str>> = match node.others.is_empty() {
        true => Vec::new(),
        false => node.names().map(|name| scope.full_name(&name.value).into()).collect(),
    };
    let title = Title { name: &name, parts: &parts, written: &node.name };
    match evaluate_as(builder, scope, (&node.value, uses), title) {
        Operand::Several(several) => {
            // With one name for all, the file names each as a path: `n.mean`.
            if scope.within.is_none() {
                several.values.iter().for_each(|(_, value)| builder.name_by_file(*value));
            }
            Some(Made::Several(several))
        }
        Operand::Broken => None,
        Operand::Value(_) | Operand::Constant(_) if !parts.is_empty() => {
            let of = match node.value.items.last() {
                Some(Item { what: What::Call(call), .. }) => &*call.name.value,
                _ => "this",
            };
            let site =
                Site { span: node.value.span, name: (*name).into(), name_span: Some(node.name.span), parts };
            builder.faults.push(gives::not_apart(of, std::iter::once("y"), &site));
            None
        }
        Operand::Value(value) => Some(Made::One(value)),
        Operand::Constant(constant) => {
            leaf::constant(builder, scope.environment, node, &name, constant).map(Made::One)
        }
    }
}

/// What the root of an expression is called.
#[derive(Clone, Copy)]
struct Title<'t> {
    name: &'t str,
    /// The names of what it gives, where they are told apart.
    parts: &'t [Box<str>],
    written: &'t Name,
}

/// Makes the nodes of an expression; the root's is called `name`.
pub fn evaluate(
    builder: &mut Builder,
    scope: &Scope,
    expression: (&Expression, &Uses),
    name: &str,
    written: &Name,
) -> Operand {
    evaluate_as(builder, scope, expression, Title { name, parts: &[], written })
}

fn evaluate_as(
    builder: &mut Builder,
    scope: &Scope,
    (expression, uses): (&Expression, &Uses),
    title: Title,
) -> Operand {
    let Title { name, parts, written } = title;
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
            parts: if is_root { parts.to_vec() } else { Vec::new() },
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
            What::Array(count) => array_of(builder, take(&mut stack, *count as usize), item.span),
            What::Negate if is_int(&stack) => {
                let operands = take(&mut stack, 1).into_iter().filter_map(constant_of).collect();
                or_broken(builder, negated(operands, item.span))
            }
            What::Negate => call(builder, "neg", take(&mut stack, 1), &[], None),
            What::Binary(sign) => call(builder, sign.op(), take(&mut stack, 2), &[], None),
            What::Not => call(builder, "logical_not", take(&mut stack, 1), &[], None),
            What::Index(places) => {
                let bounds = take(&mut stack, index::operands(places));
                let indexed = take(&mut stack, 1);
                let mut site = |op: &str, is_last: bool| {
                    let is_named = is_root && is_last;
                    let name = if is_named { name.into() } else { inner.next(op) };
                    let name_span = is_named.then_some(written.span);
                    Site { span: item.span, name, name_span, parts: Vec::new() }
                };
                index_of(builder, scope, indexed, places, bounds, &mut site)
            }
            What::Call(written) => {
                let operands = take(&mut stack, written.inputs as usize);
                let name = &*written.name.value;
                let whole = Written::at(items, index, written);
                let spans: SmallVec<[Span; 3]> = operands.iter().map(|(_, span)| *span).collect();
                if Call::RUNNERS.contains(&name) {
                    let site = site(name);
                    let inner = &mut |op: &str| inner.next(op);
                    runs::Run { call: written, written: whole, operands, inner, site }.make(builder, scope)
                } else if let Some(layer) = scope.layers.get(name) {
                    match written.attributes.first() {
                        Some(given) => {
                            builder.faults.push(layer.with_attributes(name, given.name.span));
                            Operand::Broken
                        }
                        None => {
                            let shares = Some(scope.full_name(name).into());
                            let used =
                                Use { block: layer.block, operands, written: whole.with(layer.call), shares };
                            block::expand(builder, scope, &used, site(name))
                        }
                    }
                } else if let Some(block) = scope.blocks.find(name) {
                    let used = Use { block, operands, written: whole, shares: None };
                    block::expand(builder, scope, &used, site(name))
                } else if name == split::NAME {
                    split::make(builder, scope, written, operands, &site(name))
                } else if let Some(entry) = ops::find(name) {
                    match elsewhere::arity(entry.card, item.span, &whole) {
                        Ok(()) => {
                            make(builder, scope, entry, operands, &written.attributes, None, site(name))
                        }
                        Err(fault) => {
                            replace(builder, fault, name, item.span, &spans);
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
                        replace(builder, fault, name, item.span, &spans);
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
            let site = Site { span, name: name.into(), name_span: Some(written.span), parts: Vec::new() };
            identity(builder, scope, (Operand::Value(value), span), site)
        }
        Some((operand, _)) => operand,
        None => Operand::Broken,
    }
}

/// The nodes of `x[…]`; `site` makes their names, the last one's where it is told so.
fn index_of(
    builder: &mut Builder,
    scope: &Scope,
    mut operands: Vec<Place>,
    places: &[Subscript<Bound>],
    bounds: Vec<Place>,
    site: &mut dyn FnMut(&str, bool) -> Site,
) -> Operand {
    let is_broken = |(operand, _): &Place| matches!(operand, Operand::Broken);
    if operands.iter().chain(&bounds).any(is_broken) {
        return Operand::Broken;
    }
    let rank = match operands.first() {
        Some((Operand::Value(value), _)) => builder.ty(*value).shape.rank(),
        Some((Operand::Constant(Constant::Tensor(tensor)), _)) => tensor.shape().rank(),
        _ => 0,
    };
    let index = match index::of(places, bounds, rank, &|value| builder.whole(value)) {
        Ok(index) => index,
        Err(fault) => {
            builder.faults.push(fault);
            return Operand::Broken;
        }
    };
    let mut steps = index.steps().into_iter().peekable();
    let mut made = Operand::Broken;
    while let Some((op, attribute, by)) = steps.next() {
        let site = site(op, steps.peek().is_none());
        let span = site.span;
        operands.extend(by);
        let Some(entry) = ops::find(op) else { return Operand::Broken };
        made = make(builder, scope, entry, operands, &[], Some(vec![attribute]), site);
        operands = vec![(made.clone(), span)];
    }
    made
}

/// Refuses a call, and no more what is mended with it: `True` and `[a, b]` among its operands.
fn replace(builder: &mut Builder, fault: Diagnostic, called: &str, call: Span, operands: &[Span]) {
    let card = ops::find(called).map(|entry| entry.card);
    let is_attribute =
        |name: &str| card.is_some_and(|card| card.attributes.iter().any(|known| known.name == name));
    let is_mended = |fault: &Diagnostic| match &fault.cause {
        Cause::ListOfValues => true,
        Cause::Unresolved(name) => {
            matches!(&**name, "True" | "False" | "None" | "float" | "int" | "bool")
                || ops::find(name).is_some()
                || is_attribute(name)
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
            Operand::Several(several) => {
                builder.faults.push(several.as_one("", at));
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
        Operand::Value(_) | Operand::Several(_) | Operand::Broken => None,
    }
}
