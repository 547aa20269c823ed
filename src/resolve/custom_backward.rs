//! A block's backward as its author wrote it: `backward x = …` lines.

use super::{
    builder::Builder,
    constant::Constant,
    names::{Names, Statement, Uses},
    node,
    scope::{Operand, Scope},
};
use crate::{
    diagnostic::{Cause, Diagnostic},
    graph::{BackwardLine, BlockId, CustomBackward, Origin, Phase, Value, ValueId},
    source::{Name, Span},
    syntax::{Backward, Block, What},
    tensor::{Kind, Tensor, Type},
};

/// Which nodes of a block take no part in forward: those that the output does
/// not need, and that a backward line uses or that use `upstream`.
pub fn only_backward(block: &Block, names: &Names, uses: &[Uses]) -> Vec<bool> {
    let forward = by_outputs(block, names, uses);
    let backward = by_lines(block, names, uses);
    let is_late = |node: usize| !forward[node] && (backward[node] || uses_upstream(block, node));
    (0..block.nodes.len()).map(is_late).collect()
}

/// Refuses nodes that use `upstream` and that no backward line needs: their author takes them for
/// gradients, and nothing would ever run them.
pub fn lone_gradients(block: &Block, names: &Names, uses: &[Uses]) -> Vec<Diagnostic> {
    // They may belong to a line that is left out, and of that is told elsewhere.
    let has_line = |name: &Name| block.backward.iter().any(|line| line.name.value == name.value);
    if !block.backward.is_empty() && !block.inputs.iter().all(|input| has_line(&input.name)) {
        return Vec::new();
    }
    let forward = by_outputs(block, names, uses);
    let backward = by_lines(block, names, uses);
    let is_lone = |node: &usize| uses_upstream(block, *node) && !backward[*node] && !forward[*node];
    let lone = (0..block.nodes.len()).filter(is_lone);
    lone.map(|node| {
        let name = &block.nodes[node].name;
        let arguments = block.inputs.iter().map(|input| &*input.name.value);
        let meant = arguments.chain(block.leaves.iter().map(|leaf| &*leaf.name.value)).find(|argument| {
            name.value.strip_prefix('d').is_some_and(|rest| rest.trim_start_matches('_') == *argument)
        });
        Diagnostic::error(format!(
            "`{}` uses `upstream`, and no backward line uses `{}`",
            name.value, name.value
        ))
        .cause(Cause::Unused)
        .at(name.span, "is never run")
        .help(match meant {
            Some(argument) => format!("the gradient of `{argument}` is stated by `backward {argument} = …`"),
            None => "a gradient is stated by `backward ARGUMENT = …`".to_string(),
        })
    })
    .collect()
}

/// The nodes that the outputs need.
fn by_outputs(block: &Block, names: &Names, uses: &[Uses]) -> Vec<bool> {
    reached(block, uses, block.outputs.iter().map(|output| names.find(&output.value)).collect())
}

/// The nodes that backward lines need.
fn by_lines(block: &Block, names: &Names, uses: &[Uses]) -> Vec<bool> {
    reached(block, uses, block.backward.iter().flat_map(|line| names.uses(&line.value)).collect())
}

/// The nodes that these names need.
fn reached(block: &Block, uses: &[Uses], from: Uses) -> Vec<bool> {
    let nodes = |used: &Option<Statement>| used.and_then(Statement::node);
    let mut reached = vec![false; block.nodes.len()];
    let mut open: Vec<u32> = from.iter().filter_map(nodes).collect();
    while let Some(node) = open.pop() {
        if !std::mem::replace(&mut reached[node as usize], true) {
            open.extend(uses[node as usize].iter().filter_map(nodes));
        }
    }
    reached
}

fn uses_upstream(block: &Block, node: usize) -> bool {
    let mut items = block.nodes[node].value.items.iter();
    items.any(|item| match &item.what {
        What::Name(name) => &**name == "upstream" || name.starts_with("upstream."),
        _ => false,
    })
}

/// Makes the nodes of a block's backward lines. `None` where it has none, or
/// where one was refused.
pub fn lower(
    builder: &mut Builder,
    scope: &mut Scope,
    block: &Block,
    (nodes, uses): (&[u32], &[Uses]),
    outputs: &[(ValueId, Box<str>)],
    first_value: u32,
) -> Option<CustomBackward> {
    if block.backward.is_empty() {
        return None;
    }
    let is_float = |&&(output, _): &&(ValueId, Box<str>)| builder.ty(output).kind == Kind::Float;
    let outputs: Vec<(ValueId, Box<str>)> = outputs.iter().filter(is_float).cloned().collect();
    if outputs.is_empty() {
        let line = &block.backward[0];
        builder.faults.push(
            Diagnostic::error(format!("no gradient arrives at what `{}` gives", block.name.value))
                .at(line.span, "has nothing to send back")
                .at(block.outputs[0].span, "no float")
                .help("true, false and ints have no gradient: leave the backward lines out"),
        );
        return None;
    }
    let mut upstreams = Vec::with_capacity(outputs.len());
    for (output, gives) in &outputs {
        let ty = builder.ty(*output).clone();
        let name = match outputs.len() {
            1 => scope.full_name("upstream").into(),
            _ => scope.full_name(&format!("upstream.{gives}")).into(),
        };
        let span = builder.graph.value(*output).span;
        let origin = Origin::Upstream(BlockId(builder.graph.blocks.len() as u32));
        match builder.value(Value { name, ty, origin, differentiable: false, span }) {
            Ok(upstream) => {
                scope.upstreams.push((gives.clone(), upstream));
                upstreams.push((*output, upstream));
            }
            Err(fault) => {
                builder.faults.push(fault);
                return None;
            }
        }
    }
    let before = std::mem::replace(&mut builder.phase, Phase::Backward);
    for &index in nodes {
        let index = index as usize;
        scope.nodes[index] = node::lower(builder, scope, &block.nodes[index], &uses[index]);
    }
    let mut lines: Vec<BackwardLine> = Vec::new();
    let mut good = true;
    for line in &block.backward {
        match one(builder, scope, line, &lines) {
            Some(line) => lines.push(line),
            None => good = false,
        }
    }
    builder.phase = before;
    good &= all_there(builder, scope, block) && no_inner_params(builder, scope, block, first_value);
    // The author's lines, not the ops within, say what is differentiable.
    let differentiable = lines.iter().any(|line| builder.graph.value(line.to).differentiable);
    for (output, _) in &outputs {
        builder.graph.values[output.index()].differentiable = differentiable;
    }
    good.then_some(CustomBackward { upstreams, lines })
}

/// What a backward line is for.
///
/// # Errors
/// It is neither an argument nor a param.
pub fn target(scope: &Scope, line: &Backward) -> Result<Statement, Diagnostic> {
    let name = &line.name.value;
    match scope.names.find(name) {
        Some(Statement::Node(_) | Statement::Part(..)) => {
            Err(Diagnostic::error(format!("`{name}` is computed within the block"))
                .at(line.name.span, "takes no backward line")
                .help("backward lines are for the block's arguments and params"))
        }
        Some(statement) => Ok(statement),
        None => Err(scope.unknown(name, line.name.span)),
    }
}

/// The refusal of a second line for the same argument; `first` is where the first stands.
pub fn stated_twice(line: &Backward, first: Span) -> Diagnostic {
    Diagnostic::error(format!("the backward of `{}` is stated twice", line.name.value))
        .at(line.name.span, "the second time")
        .at(first, "the first time")
}

/// The refusal of a backward that leaves an argument or a param out.
pub fn says_nothing(block: &Block, name: &Name) -> Diagnostic {
    Diagnostic::error(format!("the backward of `{}` says nothing of `{}`", block.name.value, name.value))
        .cause(Cause::Absent)
        .at(name.span, "has a gradient")
        .help(format!("add `backward {0} = …`; `backward {0} = 0` if none flows", name.value))
}

/// One backward line.
fn one(
    builder: &mut Builder,
    scope: &Scope,
    line: &Backward,
    before: &[BackwardLine],
) -> Option<BackwardLine> {
    let name = &line.name.value;
    let to = match target(scope, line).map_err(|fault| builder.faults.push(fault)).ok()? {
        Statement::Argument(argument) => scope.arguments[argument as usize]?,
        Statement::Leaf(leaf) => scope.leaves[leaf as usize]?,
        Statement::Node(_) | Statement::Part(..) | Statement::Broken => return None,
    };
    let ty = builder.ty(to).clone();
    if ty.kind != Kind::Float {
        builder.faults.push(
            Diagnostic::error(format!("`{name}` is no float: it has no gradient"))
                .at(line.name.span, "leave this line out"),
        );
        return None;
    }
    if let Some(first) = before.iter().find(|first| first.name == *name) {
        builder.faults.push(stated_twice(line, first.span));
        return None;
    }
    let line_name = format!("backward.{name}");
    let full = scope.full_name(&line_name);
    let uses = scope.names.uses(&line.value);
    let gradient = match node::evaluate(builder, scope, (&line.value, &uses), &full, &line.name) {
        Operand::Value(value) => value,
        Operand::Broken => return None,
        Operand::Several(several) => {
            builder.faults.push(several.as_one("", line.value.span));
            return None;
        }
        Operand::Constant(constant) => constant_gradient(builder, line, constant, &ty)?,
    };
    let got = builder.ty(gradient).clone();
    if got != ty {
        let mut fault = Diagnostic::error(format!(
            "the gradient of `{name}` must have its shape, {ty}; this has shape {got}"
        ))
        .at(line.value.span, format!("shape {got}"))
        .at(builder.graph.value(to).span, format!("`{name}` has shape {ty}"));
        if got.shape.rank() > ty.shape.rank() && got.shape.ends_with(&ty.shape) {
            fault = fault.help("an axis that forward stretched, as a bias over the batch, is summed back: `sum(…, axis = 0)`");
        } else if got.shape.iter().rev().eq(ty.shape.iter()) && got.shape.rank() == 2 {
            fault = fault.help("the shape is the transpose's: are the factors in the right order?");
        }
        builder.faults.push(fault);
        return None;
    }
    Some(BackwardLine { name: name.clone(), to, gradient, surrogate: line.surrogate, span: line.span })
}

/// `backward x = 0`: one number stands for a tensor of it.
fn constant_gradient(
    builder: &mut Builder,
    line: &Backward,
    constant: Constant,
    ty: &Type,
) -> Option<ValueId> {
    let tensor = match constant {
        Constant::Tensor(tensor) if tensor.shape().is_scalar() => {
            Tensor::float(&ty.shape, vec![tensor.to_floats()[0]; ty.shape.size()])
        }
        Constant::Tensor(tensor) => Some(tensor.into_float()),
        Constant::Text(_) | Constant::Flag(_) => None,
    };
    let made = match tensor {
        Some(tensor) => builder.literal(tensor, line.value.span),
        None => Err(Diagnostic::error("a gradient is a tensor").at(line.value.span, "no tensor")),
    };
    made.map_err(|fault| builder.faults.push(fault)).ok()
}

/// Every differentiable argument and param has its line.
fn all_there(builder: &mut Builder, scope: &Scope, block: &Block) -> bool {
    let arguments = block.inputs.iter().map(|input| &input.name).zip(&scope.arguments);
    let leaves = block.leaves.iter().map(|leaf| &leaf.name).zip(&scope.leaves);
    let missing: Vec<&Name> = arguments
        .chain(leaves)
        .filter(|(name, value)| {
            value.is_some_and(|value| builder.graph.value(value).differentiable)
                && !block.backward.iter().any(|line| line.name.value == name.value)
        })
        .map(|(name, _)| name)
        .collect();
    for name in &missing {
        builder.faults.push(says_nothing(block, name));
    }
    missing.is_empty()
}

/// The lines speak for everything within the block, and cannot name the params of
/// a block within it.
fn no_inner_params(builder: &mut Builder, scope: &Scope, block: &Block, first_value: u32) -> bool {
    let made = &builder.graph.values[first_value as usize..];
    let inner = made.iter().enumerate().find(|(index, value)| {
        let id = ValueId(first_value + *index as u32);
        let is_leaf = matches!(value.origin, Origin::Leaf { .. }) && value.differentiable;
        is_leaf && !scope.leaves.contains(&Some(id))
    });
    let Some((_, inner)) = inner else { return true };
    let fault = Diagnostic::error(format!(
        "the backward of `{}` cannot speak for `{}`, a param of a block within it",
        block.name.value, inner.name
    ))
    .at(block.name.span, "has a backward by hand")
    .at(inner.span, "this param has a gradient")
    .help("make it a param of the block itself, or hand it in as an argument");
    builder.faults.push(fault);
    false
}
