//! `expect grad(W) = dW`: what is expected by a formula over the file's own values.
//!
//! It is made as a graph of its own, whose consts stand for values of the file. So nothing
//! of the file's graph changes for what it expects: no output, no picture, no comparison.

use super::{
    builder::Builder,
    constant::{Constant, Environment, Evaluator},
    later,
    meter::Meter,
    names::{Names, Statement, Uses},
    node, output,
    scope::{Made, Operand, Scope},
};
use crate::{
    diagnostic::Diagnostic,
    graph::{Formula, ValueId, Want},
    initializers::RandomState,
    source::Name,
    syntax::{Expression, What},
};
use std::collections::{HashMap, HashSet};

/// Whether what is expected names anything.
pub fn is_formula(expression: &Expression) -> bool {
    names(expression).next().is_some()
}

/// The names in an expression.
pub fn names(expression: &Expression) -> impl Iterator<Item = Name> {
    expression.items.iter().filter_map(|item| match &item.what {
        What::Name(path) => Some(Name::new(path.clone(), item.span)),
        _ => None,
    })
}

/// Makes the graph of a formula; `None` where it is refused.
pub fn make(builder: &mut Builder, scope: &Scope, expression: &Expression) -> Option<Want> {
    let mut own = beside(builder);
    let (mut inputs, mut leaves, mut uses) = (Vec::new(), Vec::new(), Uses::new());
    let mut known: HashMap<Box<str>, u32> = HashMap::new();
    let mut is_whole = true;
    for name in names(expression) {
        // A dimension is a number.
        if scope.names.find(&name.value).is_none() && scope.environment.contains_key(&name.value) {
            uses.push(None);
            continue;
        }
        if let Some(&at) = known.get(&name.value) {
            uses.push(Some(Statement::Leaf(at)));
            continue;
        }
        let Some(id) = output::value(builder, scope, &name) else {
            is_whole = false;
            continue;
        };
        match own.stand_in(builder, id) {
            Ok(leaf) => {
                uses.push(Some(Statement::Leaf(leaves.len() as u32)));
                known.insert(name.value.clone(), leaves.len() as u32);
                leaves.push(Some(leaf));
                inputs.push((name.value, leaf, id));
            }
            Err(fault) => {
                builder.faults.push(fault);
                return None;
            }
        }
    }
    if !is_whole {
        return None;
    }
    let names = Names::of(std::iter::empty(), &[], &[], &[], &mut own.faults);
    let within = Scope {
        names: &names,
        arguments: Vec::new(),
        leaves,
        nodes: Vec::new(),
        upstreams: Vec::new(),
        environment: scope.environment,
        blocks: scope.blocks,
        layers: scope.layers,
        within: None,
    };
    let name = Name::new("expected".into(), expression.span);
    let made = node::evaluate(&mut own, &within, (&without_points(expression), &uses), "expected", &name);
    later::fill(&mut own);
    let is_refused = own.faults.iter().any(|fault| !fault.warning);
    builder.faults.append(own.faults);
    if let Err(excess) = builder.evaluator.meter.held(own.evaluator.meter.bytes()) {
        builder.faults.push(excess.at(expression.span));
        return None;
    }
    match made {
        _ if is_refused => None,
        Operand::Value(output) => {
            own.graph.outputs = vec![output];
            let expression = with_lengths(expression, scope.environment);
            let formula = Formula { graph: own.graph, inputs, expression };
            Some(Want::Formula(Box::new(formula)))
        }
        Operand::Constant(Constant::Tensor(tensor)) => Some(Want::Numbers(tensor)),
        Operand::Constant(_) => {
            let fault = Diagnostic::error("expected a number or an array").at(expression.span, "here");
            builder.faults.push(fault);
            None
        }
        Operand::Several(several) => {
            builder.faults.push(several.as_one("", expression.span));
            None
        }
        Operand::Broken => None,
    }
}

/// The nodes that formulas name, which are there to be compared with.
pub fn references(scope: &Scope, expressions: impl Iterator<Item = Name>) -> HashSet<ValueId> {
    let node = |name: Name| match scope.names.find(&name.value) {
        Some(statement @ (Statement::Node(node) | Statement::Part(node, _))) => {
            match scope.made(Some(statement), node)? {
                Made::One(value) => Some(value),
                Made::Several(_) => None,
            }
        }
        _ => None,
    };
    expressions.filter_map(node).collect()
}

/// A builder within the same limits, for a graph beside the file's.
fn beside<'b>(builder: &Builder<'b>) -> Builder<'b> {
    Builder::new(
        Evaluator {
            random: RandomState::new(builder.graph.seed),
            files: builder.evaluator.files,
            meter: Meter::new(builder.evaluator.meter.limits),
            unpacked: 0,
            later: Vec::new(),
            unknown_dims: HashSet::new(),
        },
        &[],
    )
}

/// The same with a number for each dimension that it names.
fn with_lengths(expression: &Expression, environment: &Environment) -> Expression {
    let mut expression = expression.clone();
    for item in &mut expression.items {
        match &mut item.what {
            What::Name(name) => {
                let constant = environment.get(name).map(Constant::expression);
                if let Some([known]) = constant.as_ref().map(|known| &known.items[..]) {
                    item.what = known.what.clone();
                }
            }
            What::Call(call) => {
                for attribute in &mut call.attributes {
                    attribute.value = with_lengths(&attribute.value, environment);
                }
            }
            _ => {}
        }
    }
    expression
}

/// The same with each path as one name: here it leads into nothing.
fn without_points(expression: &Expression) -> Expression {
    let mut expression = expression.clone();
    for item in &mut expression.items {
        if let What::Name(path) = &mut item.what {
            *path = path.replace('.', ":").into();
        }
    }
    expression
}
