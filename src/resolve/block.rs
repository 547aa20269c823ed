//! What one use of a block makes.

use super::{
    attribute,
    builder::{Builder, Site},
    connect::shown,
    constant::{Constant, Environment},
    custom_backward,
    dims::Dims,
    gives, layers, leaf,
    names::{self, Names},
    node,
    rewrite::{self, Written},
    scope::{Operand, Place, Scope, Several, Within},
};
use crate::{
    diagnostic::{Cause, Diagnostic},
    graph::{self, ValueId},
    source::Span,
    syntax::{Block, Call, Expression},
    tensor::Kind,
};

/// Stack that one use of a block within others takes, generously.
const STACK: usize = 128 << 10;

/// One use of a block.
pub struct Use<'u> {
    pub block: &'u Block,
    pub operands: Vec<Place>,
    pub written: Written<'u>,
    /// The name of what its params belong to, where other uses share them.
    pub shares: Option<Box<str>>,
}

/// Makes the nodes and params of one use of a block.
pub fn expand(builder: &mut Builder, caller: &Scope, used: &Use, site: Site) -> Operand {
    if used.operands.iter().any(|(operand, _)| matches!(operand, Operand::Broken)) {
        return Operand::Broken;
    }
    let depth = builder.blocks.len() as u64;
    let held = builder
        .evaluator
        .meter
        .limits
        .hold("depth", depth, || format!("blocks are nested too deep, {depth} levels"));
    if let Err(excess) = held {
        builder.faults.push(excess.at(site.span));
        return Operand::Broken;
    }
    let before = builder.faults.len();
    builder.blocks.push(site.name.clone());
    let made = stacker::maybe_grow(STACK, 16 * STACK, || inside(builder, caller, used, &site));
    builder.blocks.pop();
    // A fault within the block may come from what this call brought along.
    for fault in &mut builder.faults[before..] {
        if !fault.labels.iter().any(|label| label.span == site.span) {
            fault.labels.push(crate::diagnostic::Label {
                span: site.span,
                text: format!("in this call of `{}`", used.block.name.value),
            });
        }
    }
    match made.as_deref() {
        None => Operand::Broken,
        Some(&[(value, _)]) => Operand::Value(value),
        Some(outputs) => Operand::Several(Several {
            of: used.block.name.value.clone(),
            values: outputs.iter().map(|(value, name)| (name.clone(), *value)).collect(),
        }),
    }
}

/// The outputs, each with its name in the block.
fn inside(
    builder: &mut Builder,
    caller: &Scope,
    used: &Use,
    site: &Site,
) -> Option<Vec<(ValueId, Box<str>)>> {
    let Use { block, operands, written: whole, shares } = used;
    let call = whole.call;
    if operands.len() != block.inputs.len() {
        let mut fault = wrong_count(block, operands.len(), site.span, whole);
        for shown in shown(builder, operands).iter().filter(|shown| shown.ty.is_some()) {
            fault = fault.at(shown.span, "");
        }
        builder.faults.push(fault);
        return None;
    }
    let outputs = gives::outputs(block).map_err(|fault| builder.faults.push(fault)).ok()?;
    let names =
        gives::names_of_outputs(block, outputs, site).map_err(|fault| builder.faults.push(fault)).ok()?;
    let mut dims = Dims::default();
    let environment = environment(builder, caller, block, call, site.span, &mut dims)?;
    let arguments = arguments(builder, block, operands, &mut dims)?;
    let arguments = told_apart(builder, caller, block, arguments, operands, site)?;
    let shared = match shares {
        Some(owner) => Some(layers::shared_leaves(builder, block, owner, &mut dims, &environment)?),
        None => None,
    };
    let (first_node, first_value) = (builder.graph.nodes.len() as u32, builder.graph.values.len() as u32);

    let within = Within { call: &site.name, outputs: &names };
    let inputs = block.inputs.iter().map(|input| &input.name);
    let names = Names::of(inputs, &block.leaves, &block.nodes, &block.broken, &mut builder.faults);
    let layers = layers::of(&block.nodes, caller.blocks);
    let mut scope = Scope {
        names: &names,
        arguments: arguments.iter().copied().map(Some).collect(),
        leaves: Vec::new(),
        nodes: vec![None; block.nodes.len()],
        upstreams: Vec::new(),
        environment: &environment,
        blocks: caller.blocks,
        layers: &layers,
        within: Some(within),
    };
    scope.leaves = shared.unwrap_or_else(|| {
        leaf::add(
            builder,
            &block.leaves,
            |_| true,
            &mut dims,
            &environment,
            |name| scope.full_name(name).into(),
        )
    });
    // Dimensions that the arguments fixed can be used as numbers: `(y - t) / batch`.
    let environment = dims.constants(&environment);
    scope.environment = &environment;
    let uses = names.uses_of(&block.nodes);
    let order = names::order(&block.nodes, &uses, &mut builder.faults);
    builder.faults.extend(custom_backward::lone_gradients(block, &names, &uses));
    let late = custom_backward::only_backward(block, &names, &uses);
    for &index in order.iter().filter(|&&index| !late[index as usize]) {
        let index = index as usize;
        if layers.contains_key(&*block.nodes[index].name.value) {
            continue;
        }
        scope.nodes[index] = node::lower(builder, &scope, &block.nodes[index], &uses[index]);
    }
    let made = outputs.iter().map(|output| {
        let value = gives::output_of(builder, &scope, output)?;
        Some((value, output.value.clone()))
    });
    let made: Vec<(ValueId, Box<str>)> = made.collect::<Option<_>>()?;
    for &argument in &arguments {
        builder.mark_used(argument);
    }

    let order: Vec<u32> = order.into_iter().filter(|&index| late[index as usize]).collect();
    let backward = custom_backward::lower(builder, &mut scope, block, (&order, &uses), &made, first_value);
    builder.graph.blocks.push(graph::Block {
        name: site.name.clone(),
        of: block.name.value.clone(),
        attributes: written(block, &environment),
        lengths: lengths(block, &dims),
        inputs: arguments,
        outputs: made.clone(),
        layer: shares.clone(),
        nodes: first_node..builder.graph.nodes.len() as u32,
        values: first_value..builder.graph.values.len() as u32,
        backward,
        span: site.span,
        definition: block.name.span,
    });
    Some(made)
}

/// The attributes of a call, defaults filled in; whole numbers also name dimensions.
pub fn environment(
    builder: &mut Builder,
    caller: &Scope,
    block: &Block,
    call: &Call,
    span: Span,
    dims: &mut Dims,
) -> Option<Environment> {
    let mut environment = Environment::new();
    let known = || block.attributes.iter().map(|attribute| &*attribute.name.value);
    let mut faults = Vec::new();
    for given in &call.attributes {
        let name = &*given.name.value;
        if !known().any(|known| known == name) {
            faults.push(attribute::unknown(&given.name, &block.name.value, known()));
        } else if environment.contains_key(name) {
            faults.push(attribute::twice(&given.name));
        } else {
            match builder.evaluator.evaluate(&given.value, None, caller.environment) {
                Ok(value) => {
                    bind(dims, name, &value, given.value.span);
                    environment.insert(name.into(), value);
                }
                Err(fault) => faults.push(fault),
            }
        }
    }
    let is_refused = !faults.is_empty();
    for attribute in &block.attributes {
        let name = &*attribute.name.value;
        if call.attributes.iter().any(|given| *given.name.value == *name) {
            continue;
        }
        match &attribute.default {
            Some(default) => match builder.evaluator.evaluate(default, None, &Environment::new()) {
                Ok(value) => {
                    bind(dims, name, &value, default.span);
                    environment.insert(name.into(), value);
                }
                Err(fault) => faults.push(fault),
            },
            // What seems to be missing may be there under a name that is refused.
            None if is_refused => {}
            None => faults.push(
                Diagnostic::error(format!("`{}` needs the attribute `{name}`", block.name.value))
                    .at(span, "in this call")
                    .at(attribute.name.span, "it has no default")
                    .help(format!("add `{name} = …`")),
            ),
        }
    }
    let good = faults.is_empty();
    builder.faults.extend(faults);
    good.then_some(environment)
}

/// The attributes of a call as they can be written down again.
fn written(block: &Block, environment: &Environment) -> Vec<(Box<str>, Expression)> {
    let names = block.attributes.iter().map(|attribute| &attribute.name.value);
    names.filter_map(|name| Some((name.clone(), environment.get(name)?.expression()))).collect()
}

/// The dimensions that are not also attributes.
fn lengths(block: &Block, dims: &Dims) -> Vec<(Box<str>, usize)> {
    let is_attribute = |name: &str| block.attributes.iter().any(|attribute| *attribute.name.value == *name);
    dims.lengths().into_iter().filter(|(name, _)| !is_attribute(name)).collect()
}

fn bind(dims: &mut Dims, name: &str, value: &Constant, span: Span) {
    if let Constant::Tensor(tensor) = value
        && tensor.shape().is_scalar()
        && let Some(length) = tensor.to_ints().and_then(|ints| usize::try_from(ints[0]).ok())
    {
        dims.bind(name, length, span);
    }
}

/// Of a value that is handed in twice, as in `add2(a, a)`, a backward by hand has a line for each
/// argument: from the second on they get a name of their own, so that each line has a gradient of its
/// own. The sum of the gradients is taken in the same order as without.
fn told_apart(
    builder: &mut Builder,
    caller: &Scope,
    block: &Block,
    mut arguments: Vec<ValueId>,
    operands: &[Place],
    site: &Site,
) -> Option<Vec<ValueId>> {
    if block.backward.is_empty() {
        return Some(arguments);
    }
    for at in 1..arguments.len() {
        let argument = arguments[at];
        if !arguments[..at].contains(&argument) || builder.ty(argument).kind != Kind::Float {
            continue;
        }
        let span = operands[at].1;
        let name = format!("{}.{}", site.name, block.inputs[at].name.value).into();
        let own = Site { span, name, name_span: None, parts: Vec::new() };
        match node::identity(builder, caller, (Operand::Value(argument), span), own) {
            Operand::Value(value) => arguments[at] = value,
            Operand::Broken | Operand::Several(_) | Operand::Constant(_) => return None,
        }
    }
    Some(arguments)
}

/// The refusal of a call with too few or too many inputs.
pub fn wrong_count(block: &Block, got: usize, span: Span, written: &Written) -> Diagnostic {
    let (name, list) = (&block.name.value, block.inputs.iter().map(|input| &*input.name.value));
    let list: Vec<&str> = list.collect();
    let inputs = if list.len() == 1 { "input" } else { "inputs" };
    let help = match rewrite::of_block(block, written.call, &written.inputs())
        .filter(|text| written.differs(text))
    {
        Some(text) => format!("attributes are given by name: `{text}`"),
        None => format!("it is called so: `{name}({})`", list.join(", ")),
    };
    Diagnostic::error(format!("`{name}` takes {} {inputs}, got {got}", list.len()))
        .at(span, "in this call")
        .cause(Cause::Absent)
        .at(block.name.span, "defined here")
        .help(help)
}

/// The values that a call hands in, held against the block's annotations.
fn arguments(
    builder: &mut Builder,
    block: &Block,
    operands: &[Place],
    dims: &mut Dims,
) -> Option<Vec<ValueId>> {
    let name = &block.name.value;
    let mut values = Vec::with_capacity(operands.len());
    for (input, (operand, span)) in block.inputs.iter().zip(operands) {
        let kind = input.ty.as_ref().map_or(Kind::Float, |note| note.kind);
        let value =
            match operand {
                Operand::Value(value) => Ok(*value),
                Operand::Constant(constant) if constant.tensor().is_some() => {
                    let tensor = constant.tensor().unwrap_or_else(crate::tensor::Tensor::none);
                    builder.own_literal(tensor.clone().into_kind(kind).unwrap_or(tensor), *span)
                }
                Operand::Several(several) => Err(several.as_one("", *span)),
                _ => Err(Diagnostic::error(format!("`{name}` takes tensors for its inputs"))
                    .at(*span, "no tensor")),
            };
        let checked = value.and_then(|value| {
            let ty = builder.ty(value).clone();
            if let Some(note) = &input.ty {
                if note.kind != ty.kind {
                    let (wants, got) = (note.kind.word(), ty.kind.word());
                    let message = format!("`{name}` takes {wants} for `{}`, got {got}", input.name.value);
                    return Err(Diagnostic::error(message).at(*span, got).at(note.span, "claimed here"));
                }
                dims.matches(note, &ty.shape, *span)?;
            }
            Ok(value)
        });
        match checked {
            Ok(value) => values.push(value),
            Err(fault) => {
                builder.faults.push(fault);
                return None;
            }
        }
    }
    Some(values)
}
