//! Leaf statements: their values, types and named dimensions.

use super::{
    builder::Builder,
    constant::{Constant, Environment, Evaluator, draws, has_names, needs_shape},
    dims::Dims,
    later::{Later, LeafValue},
    sketch::Sketch,
};
use crate::{
    cancel,
    diagnostic::{Cause, Diagnostic},
    faults::Faults,
    graph::ValueId,
    shape::Shape,
    source::Name,
    syntax::{Dim, Expression, Item, Leaf, Node, Role, What},
    tensor::{Kind, Tensor, Type},
};
use foldhash::HashMap;

/// Adds the leaves of a scope that are needed to the graph, in their order; `None` for others
/// and those refused. `full_name` gives a leaf's name in the graph.
pub fn add(
    builder: &mut Builder,
    leaves: &[Leaf],
    is_needed: impl Fn(usize) -> bool,
    dims: &mut Dims,
    environment: &Environment,
    full_name: impl Fn(&str) -> Box<str>,
) -> Vec<Option<ValueId>> {
    let (places, needed): (Vec<usize>, Vec<&Leaf>) =
        leaves.iter().enumerate().filter(|(place, _)| is_needed(*place)).unzip();
    let names: Vec<Box<str>> = needed.iter().map(|leaf| full_name(&leaf.name.value)).collect();
    // Of a leaf that is set twice the last value counts.
    let set: HashMap<&str, &Expression> =
        builder.set.iter().map(|(name, value)| (&*name.value, value)).collect();
    let from_elsewhere = |name: &str| match set.contains_key(name) {
        true => None,
        false => builder.given.and_then(|given| given.get(name)),
    };
    let elsewhere: Vec<Option<&Tensor>> = names.iter().map(|name| from_elsewhere(name)).collect();
    let given: Vec<(&Leaf, Option<&Expression>)> = needed
        .iter()
        .zip(&names)
        .map(|(&leaf, name)| (leaf, set.get(&**name).copied().or(leaf.value.as_ref())))
        .collect();
    // They bring their own shapes.
    let mut values: Vec<Option<LeafValue>> = needed
        .iter()
        .zip(&elsewhere)
        .map(|(leaf, tensor)| {
            let value = brought(leaf, (*tensor)?, dims);
            value.map_err(|fault| builder.faults.push(fault)).ok()
        })
        .collect();
    let own: Vec<usize> = (0..needed.len()).filter(|&at| elsewhere[at].is_none()).collect();
    let expressed = own.iter().map(|&at| given[at]);
    let made = self::values(expressed, dims, &mut builder.evaluator, environment, &mut builder.faults);
    own.into_iter().zip(made).for_each(|(at, made)| values[at] = made);
    let environment = dims.constants(environment);
    let expressions: Vec<Option<Expression>> = match builder.keep_expressions {
        true => given.iter().map(|(_, expression)| Some(filled_in((*expression)?, &environment))).collect(),
        false => vec![None; needed.len()],
    };
    let added = needed.into_iter().zip(names).zip(values).zip(expressions).map(
        |(((leaf, name), value), expression)| {
            if builder.faults.last().is_some_and(is_of_the_file) {
                return None;
            }
            let name = Name::new(name, leaf.name.span);
            let id =
                builder.leaf(leaf.role, &name, value?).map_err(|fault| builder.faults.push(fault)).ok()?;
            builder.graph.leaf_expressions.extend(expression.map(|expression| (id, expression)));
            Some(id)
        },
    );
    let mut ids = vec![None; leaves.len()];
    places.into_iter().zip(added).for_each(|(place, id)| ids[place] = id);
    ids
}

/// The value of a leaf that comes from elsewhere.
fn brought(leaf: &Leaf, tensor: &Tensor, dims: &mut Dims) -> Result<LeafValue, Diagnostic> {
    let (name, shape) = (&leaf.name.value, tensor.shape());
    if let Some(note) = &leaf.ty {
        dims.matches(note, &shape, leaf.name.span).map_err(|fault| Diagnostic {
            message: format!("the array `{name}` that is given does not fit: {}", fault.message),
            ..fault
        })?;
    }
    let kind = leaf.ty.as_ref().map_or(Kind::Float, |note| note.kind);
    tensor.clone().into_kind(kind).map(LeafValue::Tensor).ok_or_else(|| {
        let word = kind.word();
        Diagnostic::error(format!("the array `{name}` that is given holds other numbers than {word}s"))
            .at(leaf.name.span, format!("{word}s are meant here"))
    })
}

/// Adds a node that computes nothing from other values: it is a `const` without the word.
pub fn constant(
    builder: &mut Builder,
    environment: &Environment,
    node: &Node,
    name: &str,
    value: Constant,
) -> Option<ValueId> {
    let set = builder.set.iter().rev().find(|(leaf, _)| *leaf.value == *name).map(|(_, value)| value);
    let given = builder.given.and_then(|given| given.get(name));
    let value = match (set, given) {
        (Some(set), _) => builder.evaluator.make_now(set, None, environment, false),
        (None, Some(given)) => Ok(Constant::Tensor(given.clone())),
        (None, None) => Ok(value),
    };
    let made = value.and_then(|value| match value {
        Constant::Text(_) => {
            Err(Diagnostic::error(format!("`{}` must be a number or an array", node.name.value))
                .at(node.value.span, "not a number or an array"))
        }
        value => {
            let tensor = value.tensor().unwrap_or_else(Tensor::none);
            let typed = if tensor.kind() == Kind::Bool { tensor } else { tensor.into_float() };
            let name = Name::new(name.into(), node.name.span);
            builder.leaf(Role::Const, &name, LeafValue::Tensor(typed))
        }
    });
    let id = made.map_err(|fault| builder.faults.push(fault)).ok()?;
    if builder.keep_expressions {
        let expression = filled_in(set.unwrap_or(&node.value), environment);
        builder.graph.leaf_expressions.push((id, expression));
    }
    Some(id)
}

/// A fault of the file as a whole: what comes next would have it too.
pub fn is_of_the_file(fault: &Diagnostic) -> bool {
    fault.cause.limit().is_some_and(|name| !matches!(name, "elements" | "axes"))
}

/// An expression with constants in place of the names that stand for them.
fn filled_in(expression: &Expression, environment: &Environment) -> Expression {
    let mut filled = Expression { items: Vec::with_capacity(expression.items.len()), span: expression.span };
    for item in &expression.items {
        match &item.what {
            What::Name(name) if environment.contains_key(name) => {
                filled.items.extend(environment[name].expression().items);
            }
            What::Call(call) => {
                let mut call = call.clone();
                for attribute in &mut call.attributes {
                    attribute.value = filled_in(&attribute.value, environment);
                }
                filled.items.push(Item { what: What::Call(call), span: item.span });
            }
            _ => filled.items.push(item.clone()),
        }
    }
    filled
}

/// The values of all leaves of a scope, in their order; `None` for those refused.
///
/// Leaves that bring their own shape come first, since they may fix dimensions
/// that the others' annotations name; random draws are made in the file's order.
pub fn values<'a>(
    leaves: impl Iterator<Item = (&'a Leaf, Option<&'a Expression>)>,
    dims: &mut Dims,
    evaluator: &mut Evaluator,
    environment: &Environment,
    faults: &mut Faults,
) -> Vec<Option<LeafValue>> {
    let leaves: Vec<_> = leaves.collect();
    let mut values: Vec<Option<LeafValue>> = leaves.iter().map(|_| None).collect();
    let waits = |expression: &Expression| needs_shape(expression) || draws(expression);
    for waiting in [false, true] {
        for (&(leaf, expression), value) in leaves.iter().zip(&mut values) {
            match expression {
                Some(expression) if waits(expression) == waiting => {
                    cancel::check();
                    match value_of(leaf, expression, dims, evaluator, environment) {
                        Ok(made) => *value = Some(made),
                        Err(fault) => {
                            // What needs a dimension itself would not have fixed one.
                            let needs_one = |cause: &Cause| match cause {
                                Cause::Unresolved(name) => !evaluator.unknown_dims.contains(name),
                                _ => false,
                            };
                            if !needs_one(&fault.cause) {
                                evaluator.unknown_dims.extend(unknown_dims(leaf, dims));
                            }
                            let ends = is_of_the_file(&fault);
                            faults.push(fault);
                            if ends {
                                return values;
                            }
                        }
                    }
                }
                None if !waiting => {
                    faults.push(missing(leaf));
                    evaluator.unknown_dims.extend(unknown_dims(leaf, dims));
                }
                _ => {}
            }
        }
    }
    values
}

/// The dimensions that the annotation of a refused leaf names, and nothing has fixed.
fn unknown_dims<'a>(leaf: &'a Leaf, dims: &'a Dims) -> impl Iterator<Item = Box<str>> + 'a {
    let annotated = leaf.ty.iter().flat_map(|note| note.dims.iter().flatten());
    annotated.filter_map(|dim| match &dim.value {
        Dim::Name(name) if dims.get(name).is_none() => Some(name.clone()),
        _ => None,
    })
}

fn missing(leaf: &Leaf) -> Diagnostic {
    let name = &leaf.name.value;
    Diagnostic::error(format!("`{name}` has no value"))
        .at(leaf.name.span, "declared here without one")
        .help(format!("give it at the run, `--set {name}=…`, or write `{} {name} = …`", leaf.role.word()))
}

fn value_of(
    leaf: &Leaf,
    expression: &Expression,
    dims: &mut Dims,
    evaluator: &mut Evaluator,
    environment: &Environment,
) -> Result<LeafValue, Diagnostic> {
    let annotated: Option<Shape> = match &leaf.ty {
        Some(note) if needs_shape(expression) => dims.shape(note)?,
        _ => None,
    };
    let environment = match has_names(expression) {
        true => dims.constants(environment),
        false => Environment::new(),
    };
    let kind = leaf.ty.as_ref().map_or(Kind::Float, |note| note.kind);
    let sketch = evaluator.count(expression, annotated.as_ref(), &environment)?;
    if let Some(Sketch { ty, .. }) = &sketch
        && kind == Kind::Float
    {
        if let Some(note) = &leaf.ty {
            dims.matches(note, &ty.shape, expression.span)?;
        }
        evaluator.later.push(Later {
            expression: expression.clone(),
            shape: annotated,
            environment,
            ty: Type::float(ty.shape.clone()),
            leaf: None,
            made: None,
        });
        return Ok(LeafValue::Later(evaluator.later.len() - 1));
    }
    let made = evaluator.make_now(expression, annotated.as_ref(), &environment, sketch.is_some());
    let tensor = made?.tensor().ok_or_else(|| {
        Diagnostic::error(format!("`{}` must be a number or an array", leaf.name.value))
            .at(expression.span, "not a number or an array")
    })?;
    let shape = tensor.shape();
    if let Some(note) = &leaf.ty {
        dims.matches(note, &shape, expression.span)?;
    }
    match tensor.clone().into_kind(kind) {
        Some(value) => Ok(LeafValue::Tensor(value)),
        None => Err(unfit(leaf, expression, &tensor, kind)),
    }
}

/// The refusal of an int leaf's value that has a fraction, and of another number than 1 and 0 where
/// true and false are meant.
fn unfit(leaf: &Leaf, expression: &Expression, tensor: &Tensor, kind: Kind) -> Diagnostic {
    let whole = |x: &f64| x.fract() == 0.0 && x.abs() <= 2f64.powi(53);
    let fits = |x: &f64| if kind == Kind::Bool { matches!(x, 0.0 | 1.0) } else { whole(x) };
    let culprit = tensor.to_floats().into_iter().find(|x| !fits(x)).unwrap_or(f64::NAN);
    let (name, word) = (&leaf.name.value, kind.word());
    let (article, label) = match kind {
        Kind::Bool => ("a", "is neither true nor false"),
        _ => ("an", "is not a whole number"),
    };
    Diagnostic::error(format!("`{name}` is {article} {word}, but its value has {culprit}"))
        .at(expression.span, format!("{culprit} {label}"))
        .help(format!("leave `{word}` out of the annotation, if floats are meant"))
}
