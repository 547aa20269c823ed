//! Files that only hold blocks: what can be known of a block before anybody calls it.
//!
//! Names, ops, attributes and the numbers of inputs are; shapes mostly hang on the call.

use super::{
    attribute, block,
    blocks::Blocks,
    builder::Builder,
    constant::{Constant, Environment, needs_shape, no_constant},
    custom_backward::{lone_gradients, only_backward, says_nothing, stated_twice, target},
    dims::Dims,
    elsewhere, gives, layers, leaf,
    names::{self, Names, Statement},
    node::no_op,
    rewrite::{self, Written},
    scope::{Scope, Within},
    split,
};
use crate::{
    diagnostic::{Cause, Diagnostic},
    initializers, ops,
    source::{Span, Spelling},
    syntax::{Block, Call, Dim, Document, Expression, Node, Role, TypeNote, What, print_signature},
    tensor::Kind,
};
use std::path::Path;

/// Looks at every block. A library without a fault is refused all the same: there is
/// nothing to run.
pub fn check(builder: &mut Builder, blocks: &Blocks, document: &Document) {
    for block in document.blocks.iter().filter(|block| !blocks.is_broken(&block.name.value)) {
        look_at(builder, blocks, block);
    }
    if builder.faults.iter().all(|fault| fault.warning) {
        builder.faults.push(only_blocks(document));
    }
}

/// How many blocks are listed.
const SHOWN: usize = 20;

fn only_blocks(document: &Document) -> Diagnostic {
    let blocks = document.library_blocks();
    let mut list: Vec<String> =
        blocks.iter().take(SHOWN).map(|block| format!("`{}`", print_signature(block))).collect();
    if blocks.len() > SHOWN {
        list.push(format!("and {} more", blocks.len() - SHOWN));
    }
    // Standard input has no name to be used by.
    let name = Path::new(&*document.file).file_name().filter(|_| Spelling::of(&document.file).is_some());
    let name = name.map_or_else(|| "FILE.graph".to_string(), |name| name.display().to_string());
    let call = blocks.first().map_or_else(String::new, |block| example(block));
    Diagnostic::error(format!("{} only holds blocks: there is nothing to run", document.file))
        .cause(Cause::OnlyBlocks(blocks.len()))
        .help(format!("its blocks: {}", list.join(", ")))
        .help(format!("call them in a graph file beside it: `use \"{name}\"`, then `y = {call}`"))
}

/// A call with all that it needs.
fn example(block: &Block) -> String {
    let inputs = block.inputs.iter().map(|input| input.name.value.to_string());
    let needed = block.attributes.iter().filter(|attribute| attribute.default.is_none());
    let needed = needed.map(|attribute| format!("{} = …", attribute.name.value));
    format!("{}({})", block.name.value, inputs.chain(needed).collect::<Vec<_>>().join(", "))
}

/// A block under inspection.
struct Inspected<'a> {
    block: &'a Block,
    /// Where names are looked up.
    scope: Scope<'a>,
    /// Where constants are computed: of attributes and dimensions only the names are known.
    without_constants: Scope<'a>,
}

fn look_at(builder: &mut Builder, blocks: &Blocks, block: &Block) {
    let before = builder.faults.len();
    let inputs = block.inputs.iter().map(|input| &input.name);
    let names = Names::of(inputs, &block.leaves, &block.nodes, &block.broken, &mut builder.faults);
    let outputs = gives::outputs(block).map_err(|fault| builder.faults.push(fault)).unwrap_or_default();
    let (constants, nothing) = (constants(block), Environment::new());
    let shown: Vec<(Box<str>, Box<str>)> =
        outputs.iter().map(|output| (output.value.clone(), output.value.clone())).collect();
    let within = Some(Within { call: &block.name.value, outputs: &shown });
    let layers = layers::of(&block.nodes, blocks);
    let scope = |environment| Scope {
        names: &names,
        arguments: Vec::new(),
        leaves: Vec::new(),
        nodes: Vec::new(),
        upstreams: Vec::new(),
        environment,
        blocks,
        layers: &layers,
        within,
    };
    let inspected = Inspected { block, scope: scope(&constants), without_constants: scope(&nothing) };
    inspected.constants(builder);
    let uses = names.uses_of(&block.nodes);
    names::order(&block.nodes, &uses, &mut builder.faults);
    let late = match outputs {
        [] => Vec::new(),
        _ => {
            builder.faults.extend(lone_gradients(block, &names, &uses));
            only_backward(block, &names, &uses)
        }
    };
    for (index, node) in block.nodes.iter().enumerate() {
        let sees_upstream = late.get(index).is_none_or(|late| *late);
        inspected.expression(builder, &node.value, sees_upstream);
    }
    for output in outputs.iter().filter(|output| !inspected.is_known(&output.value, false)) {
        builder.faults.push(inspected.scope.unknown(&output.value, output.span));
    }
    let gives = |node: &&Node| outputs.iter().any(|output| node.name.value == output.value);
    for node in block.nodes.iter().filter(gives).filter(|node| inspected.is_constant(&node.value)) {
        builder.faults.push(gives::constant_output(&node.name));
    }
    inspected.backward(builder);
    // Values of attributes and dimensions come with a call.
    let mut index = 0;
    builder.faults.retain(|fault| {
        index += 1;
        let hangs_on_the_call =
            matches!(&fault.cause, Cause::Unresolved(name) if constants.contains_key(name));
        index <= before || !hangs_on_the_call
    });
}

/// What a call brings along: attributes, and the dimensions that inputs and params fix.
/// The values stand for any.
fn constants(block: &Block) -> Environment {
    let notes = block.inputs.iter().filter_map(|input| input.ty.as_ref());
    let brings_a_shape = |value: &Expression| !needs_shape(value);
    let leaves = block.leaves.iter().filter(|leaf| leaf.value.as_ref().is_none_or(brings_a_shape));
    let notes = notes.chain(leaves.filter_map(|leaf| leaf.ty.as_ref()));
    let dims = notes.flat_map(|note| note.dims.iter().flatten()).filter_map(|dim| match &dim.value {
        Dim::Name(name) => Some(name.clone()),
        Dim::Number(_) => None,
    });
    let attributes = block.attributes.iter().map(|attribute| attribute.name.value.clone());
    attributes.chain(dims).map(|name| (name, Constant::int(1))).collect()
}

impl Inspected<'_> {
    /// The name stands for something in the block.
    fn is_known(&self, name: &str, sees_upstream: bool) -> bool {
        match self.scope.names.find(name) {
            Some(Statement::Argument(_) | Statement::Leaf(_)) => !name.contains('.'),
            Some(Statement::Node(_) | Statement::Part(..) | Statement::Broken) => true,
            None => (sees_upstream && self.is_upstream(name)) || self.scope.environment.contains_key(name),
        }
    }

    /// `upstream`, or of several outputs the one of each: `upstream.y`.
    fn is_upstream(&self, name: &str) -> bool {
        match name.strip_prefix("upstream.") {
            Some(output) => self.block.outputs.iter().any(|known| *known.value == *output),
            None => name == "upstream",
        }
    }

    /// Defaults of attributes and values of leaves.
    fn constants(&self, builder: &mut Builder) {
        let nothing = self.without_constants.environment;
        for default in self.block.attributes.iter().filter_map(|attribute| attribute.default.as_ref()) {
            builder.faults.extend(builder.evaluator.evaluate(default, None, nothing).err());
        }
        // A leaf without a value may get one from `--set`.
        let given = || self.block.leaves.iter().filter(|leaf| leaf.value.is_some());
        let values = given().map(|leaf| (leaf, leaf.value.as_ref()));
        leaf::values(values, &mut Dims::default(), &mut builder.evaluator, nothing, &mut builder.faults);
        // Evaluation ends at the first attribute; what is behind it is looked at here.
        for value in given().filter_map(|leaf| leaf.value.as_ref()) {
            for (place, item) in value.items.iter().enumerate() {
                builder.faults.extend(match &item.what {
                    What::Name(name) => Some(no_constant(name, item.span)),
                    What::Call(call) if ops::find(&call.name.value).is_some() => None,
                    What::Call(call) if initializers::find(&call.name.value).is_some() => None,
                    What::Call(call) => {
                        Some(elsewhere::unknown(&Written::at(&value.items, place, call), std::iter::empty()))
                    }
                    _ => None,
                });
            }
        }
    }

    /// The names and calls of an expression of nodes.
    fn expression(&self, builder: &mut Builder, expression: &Expression, sees_upstream: bool) {
        for (place, item) in expression.items.iter().enumerate() {
            match &item.what {
                What::Name(name) if !self.is_known(name, sees_upstream) => {
                    builder.faults.push(self.scope.unknown(name, item.span));
                }
                What::Call(call) => {
                    self.call(builder, &Written::at(&expression.items, place, call), item.span);
                }
                _ => {}
            }
        }
    }

    fn call(&self, builder: &mut Builder, written: &Written, span: Span) {
        let call = written.call;
        let (name, inputs) = (&*call.name.value, call.inputs as usize);
        // What these are called with, the shapes say.
        if Call::RUNNERS.contains(&name) {
            let is_known =
                call.runs.as_ref().is_some_and(|runs| self.scope.blocks.find(&runs.value).is_some());
            if let Some(runs) = call.runs.as_ref().filter(|_| !is_known) {
                builder.faults.push(
                    Diagnostic::error(format!("`{name}` runs a block, and `{}` is none", runs.value))
                        .at(runs.span, "no block of this file"),
                );
            }
            return;
        }
        if name == split::NAME {
            return;
        }
        if let Some(layer) = self.scope.layers.get(name) {
            if inputs != layer.block.inputs.len() {
                builder.faults.push(block::wrong_count(layer.block, inputs, span, written));
            }
            return;
        }
        if inputs == 0 && self.scope.layers.values().any(|layer| std::ptr::eq(layer.call, call)) {
            return;
        }
        if let Some(called) = self.scope.blocks.find(name) {
            if inputs != called.inputs.len() {
                builder.faults.push(block::wrong_count(called, inputs, span, written));
                if rewrite::of_block(called, call, &written.inputs()).is_some() {
                    return;
                }
            }
            block::environment(builder, &self.without_constants, called, call, span, &mut Dims::default());
        } else if let Some(entry) = ops::find(name) {
            if let Err(fault) = elsewhere::arity(entry.card, span, written) {
                builder.faults.push(fault);
                return;
            }
            let nothing = self.without_constants.environment;
            let typed = attribute::of_op(entry.card, &call.attributes, span, &mut builder.evaluator, nothing);
            builder.faults.extend(typed.err().unwrap_or_default());
        } else if !initializers::find(name).is_some_and(|known| known.card().is_plain()) {
            builder.faults.extend(no_op(&self.scope, written));
        }
    }

    /// Nothing in it is a value of the graph, whatever the call brings.
    fn is_constant(&self, expression: &Expression) -> bool {
        expression.items.iter().all(|item| match &item.what {
            What::Name(name) => {
                self.scope.names.find(name).is_none() && self.scope.environment.contains_key(name)
            }
            What::Call(call) => {
                self.scope.blocks.find(&call.name.value).is_none() && ops::find(&call.name.value).is_some()
            }
            _ => true,
        })
    }

    fn backward(&self, builder: &mut Builder) {
        let lines = &self.block.backward;
        for (index, line) in lines.iter().enumerate() {
            if let Err(fault) = target(&self.scope, line) {
                builder.faults.push(fault);
            } else if let Some(first) =
                lines[..index].iter().find(|first| first.name.value == line.name.value)
            {
                builder.faults.push(stated_twice(line, first.span));
            }
            self.expression(builder, &line.value, true);
        }
        // Whether an argument has a gradient, the call says; params have one.
        let is_int = |note: &TypeNote| note.kind != Kind::Float;
        let params = self.block.leaves.iter();
        let params = params.filter(|leaf| leaf.role != Role::Const && !leaf.ty.as_ref().is_some_and(is_int));
        let is_left_out = |name: &str| lines.iter().all(|line| *line.name.value != *name);
        if !lines.is_empty() {
            let left_out = params.filter(|leaf| is_left_out(&leaf.name.value));
            builder.faults.extend(left_out.map(|leaf| says_nothing(self.block, &leaf.name)));
        }
    }
}
