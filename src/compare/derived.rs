//! The gradient that the ops' own backward gives, where nobody writes one by hand.

use crate::{graph::Graph, tensor::Kind};

/// The graph without backwards by hand: the ops' own go through the blocks.
pub fn derived(graph: &Graph) -> Graph {
    let mut derived = graph.clone();
    derived.blocks.clear();
    derived_paths(&mut derived);
    derived
}

/// Says anew which values gradients reach, where no custom backward speaks for its block.
pub fn derived_paths(graph: &mut Graph) {
    for node in &graph.nodes {
        let reached = node.inputs.iter().enumerate().any(|(input, value)| {
            node.kernel.differentiates(input) && graph.values[value.index()].differentiable
        });
        let output = &mut graph.values[node.outputs[0].index()];
        output.differentiable = reached && output.ty.kind == Kind::Float;
    }
}
