//! A value that a line uses where another is right, as one saved at another step.

use super::{
    kind::Pattern,
    sight::{Sight, Subject},
};
use crate::{
    compare::{blocks, place::Place},
    graph::{Graph, NodeId, Phase, ValueId},
    plan::Plan,
    tensor::Kind,
};

/// Exchanges that are tried, at most.
const TRIED: usize = 2000;

/// Elements that all runs may compute.
const AFFORDABLE: usize = 20_000_000;

/// An exchange in one input of one node.
struct Exchange {
    node: NodeId,
    input: usize,
    by: ValueId,
}

/// One value whose exchange for another makes the line right; nothing where several do.
pub fn find(subject: &Subject, whole: &Place, numbers: &[u64], sights: &[Sight]) -> Option<Pattern> {
    let (first, &number) = (sights.first()?, numbers.first()?);
    let most = TRIED.min(AFFORDABLE / subject.plan.sizes.floats.max(1));
    let exchanges = exchanges(subject);
    if exchanges.len() > most {
        return None;
    }
    let right = |exchange: &&Exchange| {
        let graph = exchanged(&subject.alone.graph, exchange);
        first.is_truth(&gradient(subject, &graph, whole, number))
            && numbers
                .iter()
                .zip(sights)
                .skip(1)
                .all(|(&number, sight)| sight.is_truth(&gradient(subject, &graph, whole, number)))
    };
    let mut found = exchanges.iter().filter(right);
    let exchange = found.next()?;
    // The same numbers may be computed in several places.
    let numbers = |id: ValueId| first.place.memory.float(subject.plan, id);
    let is_other = |other: &Exchange| {
        (other.node, other.input) != (exchange.node, exchange.input)
            || numbers(other.by) != numbers(exchange.by)
    };
    if found.any(is_other) {
        return None;
    }
    let node = &subject.alone.graph.nodes[exchange.node.index()];
    Some(Pattern::Instead {
        is: subject.said(node.inputs[exchange.input]),
        should: subject.said(exchange.by),
        within: subject.text(node.outputs[0]),
    })
}

/// All values of the same type, in place of each that the line uses.
fn exchanges(subject: &Subject) -> Vec<Exchange> {
    let graph = &subject.alone.graph;
    let needed = needed(subject);
    let within = graph
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.phase == Phase::Backward && needed.contains(&node.outputs[0]));
    let mut exchanges = Vec::new();
    for (index, node) in within {
        for (input, &is) in node.inputs.iter().enumerate() {
            let fits = |&by: &ValueId| {
                // Only what is computed before, and not the same value by another name.
                by < node.outputs[0]
                    && by != is
                    && by != subject.alone.weights
                    && graph.value(by).ty == graph.value(is).ty
                    && graph.value(by).ty.kind == Kind::Float
            };
            let node = NodeId(index as u32);
            exchanges.extend(graph.ids().filter(fits).map(|by| Exchange { node, input, by }));
        }
    }
    exchanges
}

/// The values that the line is made of.
fn needed(subject: &Subject) -> Vec<ValueId> {
    let graph = &subject.alone.graph;
    let lines = graph.blocks.iter().filter_map(|block| block.backward.as_ref()).flat_map(|hand| &hand.lines);
    let mut needed: Vec<ValueId> =
        lines.filter(|line| line.to == subject.leaf).map(|line| line.gradient).collect();
    let mut at = 0;
    while let Some(&value) = needed.get(at) {
        at += 1;
        for &input in graph.maker(value).map_or(&[][..], |node| &node.inputs) {
            if !needed.contains(&input) {
                needed.push(input);
            }
        }
    }
    needed
}

fn exchanged(graph: &Graph, exchange: &Exchange) -> Graph {
    let mut graph = graph.clone();
    graph.nodes[exchange.node.index()].inputs[exchange.input] = exchange.by;
    graph
}

fn gradient(subject: &Subject, graph: &Graph, whole: &Place, number: u64) -> Vec<crate::double::Double> {
    let plan = Plan::new(graph, &graph.wanted);
    let memory = blocks::values(subject.graph, subject.alone, &plan, whole, number);
    Place::new(&plan, memory).gradient(subject.leaf).to_vec()
}
