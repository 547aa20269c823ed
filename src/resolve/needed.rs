//! Which statements of a file take part, where the run is asked for outputs of its own.
//!
//! What draws from the random stream stays: the numbers that come next must be the same.

use super::{
    Request,
    blocks::Blocks,
    builder::Builder,
    constant::draws,
    names::{Names, Statement, Uses},
};
use crate::{
    diagnostic::Diagnostic,
    source::Name,
    syntax::{Document, Expression, What},
};
use std::collections::HashSet;

pub struct Needed {
    pub leaves: Vec<bool>,
    pub nodes: Vec<bool>,
}

impl Needed {
    /// All statements, but for those that no output of the request uses.
    pub fn of(document: &Document, names: &Names, uses: &[Uses], blocks: &Blocks, request: &Request) -> Self {
        // Of an output that nothing is known of, nothing is known to need.
        let is_known = |output: &Name| names.find(&output.value).is_some();
        let all = request.outputs.is_empty() || !request.outputs.iter().all(is_known);
        let (mut leaves, mut nodes) = (vec![all; document.leaves.len()], vec![all; document.nodes.len()]);
        if all {
            return Self { leaves, nodes };
        }
        let drawing = drawing(blocks);
        let mut open: Vec<Statement> =
            request.outputs.iter().filter_map(|output| names.find(&output.value)).collect();
        let drawn = document.nodes.iter().enumerate().filter(|(_, node)| calls_one_of(&node.value, &drawing));
        open.extend(drawn.map(|(index, _)| Statement::Node(index as u32)));
        let drawn = document.leaves.iter().enumerate();
        let drawn = drawn.filter(|(_, leaf)| leaf.value.as_ref().is_some_and(draws));
        open.extend(drawn.map(|(index, _)| Statement::Leaf(index as u32)));
        while let Some(statement) = open.pop() {
            match statement {
                Statement::Leaf(leaf) => leaves[leaf as usize] = true,
                Statement::Node(node) | Statement::Part(node, _) => {
                    if !std::mem::replace(&mut nodes[node as usize], true) {
                        open.extend(uses[node as usize].iter().flatten());
                    }
                }
                Statement::Argument(_) | Statement::Broken => {}
            }
        }
        Self { leaves, nodes }
    }

    /// Refuses gradients that are asked for, or given, where nothing takes part.
    pub fn refuse_others(&self, builder: &mut Builder, names: &Names, request: &Request) {
        let given = request.upstreams.iter().map(|(name, _)| name);
        for name in request.wrt.iter().chain(given) {
            let takes_part = match names.find(&name.value) {
                Some(Statement::Leaf(leaf)) => self.leaves[leaf as usize],
                Some(Statement::Node(node) | Statement::Part(node, _)) => self.nodes[node as usize],
                Some(Statement::Argument(_) | Statement::Broken) | None => true,
            };
            if !takes_part {
                let outputs: Vec<&str> = request.outputs.iter().map(|output| &*output.value).collect();
                builder.faults.push(
                    Diagnostic::error(format!(
                        "`{}` takes no part in `{}`",
                        name.value,
                        outputs.join("`, `")
                    ))
                    .at(name.span, "nothing comes back to it"),
                );
            }
        }
    }
}

/// The blocks that draw random numbers, themselves or through others.
fn drawing<'a>(blocks: &Blocks<'a>) -> HashSet<&'a str> {
    let mut drawing = HashSet::new();
    for block in blocks.callees_first() {
        let own = block.leaves.iter().filter_map(|leaf| leaf.value.as_ref()).any(draws);
        if own || block.nodes.iter().any(|node| calls_one_of(&node.value, &drawing)) {
            drawing.insert(&*block.name.value);
        }
    }
    drawing
}

fn calls_one_of(expression: &Expression, names: &HashSet<&str>) -> bool {
    !names.is_empty()
        && expression
            .items
            .iter()
            .any(|item| matches!(&item.what, What::Call(call) if names.contains(&*call.name.value)))
}
