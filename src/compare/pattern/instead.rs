//! A value that a line uses where another is right, as one saved at another step, or where its
//! product with another is, as in `mean(dh)` for `mean(dh * h)`.

use super::{
    again::Recipe,
    kind::Pattern,
    sight::{Sight, Subject},
    value::spread,
};
use crate::{
    double::Double,
    graph::{NodeId, ValueId},
    tensor::Kind,
};

/// Exchanges of one kind that are tried, at most.
const TRIED: usize = 2000;

/// Elements that all trials may compute.
const AFFORDABLE: usize = 20_000_000;

/// What stands in for one input of one node.
struct Exchange {
    node: NodeId,
    input: usize,
    is: ValueId,
    by: ValueId,
    /// By the product of what it is and `by`.
    times: bool,
}

/// One exchange that makes the line right; nothing where several do.
pub fn find(subject: &Subject, sights: &[Sight]) -> Option<Pattern> {
    let recipe = Recipe::new(subject)?;
    let most = TRIED.min(AFFORDABLE / recipe.elements().max(1));
    for times in [false, true] {
        let exchanges = exchanges(subject, &recipe, times);
        if exchanges.len() > most {
            return None;
        }
        let is_right = |exchange: &&Exchange| {
            let Exchange { node, input, .. } = **exchange;
            sights.iter().all(|sight| {
                sight.is_truth(&recipe.with(sight, node, input, &exchange.numbers(subject, sight)))
            })
        };
        let mut right = exchanges.iter().filter(is_right);
        let Some(exchange) = right.next() else { continue };
        // The same numbers may be computed in several places.
        let numbers = |exchange: &Exchange| exchange.numbers(subject, &sights[0]);
        let is_other = |other: &Exchange| {
            (other.node, other.input) != (exchange.node, exchange.input)
                || numbers(other) != numbers(exchange)
        };
        return (!right.any(is_other)).then(|| exchange.said(subject));
    }
    None
}

/// All values that may stand in for those that the line uses, or be a factor of them.
fn exchanges(subject: &Subject, recipe: &Recipe, times: bool) -> Vec<Exchange> {
    let graph = &subject.alone.graph;
    let mut exchanges = Vec::new();
    for &id in &recipe.nodes {
        let node = graph.node(id);
        for (input, &is) in node.inputs.iter().enumerate() {
            let shape = &graph.value(is).ty.shape;
            let fits = |&by: &ValueId| {
                let ty = &graph.value(by).ty;
                // Only what is computed before, and not the same value by another name.
                by < node.outputs[0]
                    && !subject.alone.weights.contains(&by)
                    && ty.kind != Kind::Int
                    && match times {
                        true => {
                            !subject.is_literal(by)
                                && ty.shape.broadcast(shape).is_some_and(|both| both == *shape)
                        }
                        false => by != is && ty.shape == *shape,
                    }
            };
            exchanges.extend(graph.ids().filter(fits).map(|by| Exchange { node: id, input, is, by, times }));
        }
    }
    exchanges
}

impl Exchange {
    fn numbers(&self, subject: &Subject, sight: &Sight) -> Vec<Double> {
        let by = sight.numbers(self.by);
        if !self.times {
            return by.to_vec();
        }
        let shape = |id: ValueId| &subject.alone.graph.value(id).ty.shape;
        let by = spread(by, shape(self.by), shape(self.is));
        sight.numbers(self.is).iter().zip(by).map(|(&is, by)| is * by).collect()
    }

    fn said(&self, subject: &Subject) -> Pattern {
        let node = subject.alone.graph.node(self.node);
        let should = match self.times {
            true => subject.product(self.is, self.by),
            false => subject.said(self.by),
        };
        Pattern::Instead { is: subject.said(self.is), should, within: subject.text(node.outputs[0]) }
    }
}
