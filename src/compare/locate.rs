//! Where a wrong gradient comes from: blocks that are wrong alone, or else every node and block
//! tried alone.

use super::{
    alone::Alone,
    blocks::{self, BlockTrial, LineTrial, Outcome, Slip},
    pattern::{self, Pattern},
    place::Place,
};
use crate::{
    graph::{Graph, Unit, ValueId},
    run::Run,
};

/// A node or a block whose own backward is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Guilty {
    pub unit: Unit,
    /// The inputs whose gradients are wrong, each with what the numbers show.
    pub inputs: Vec<(ValueId, Option<Pattern>)>,
}

/// What trying every unit alone brought out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Location {
    /// In backward order: the first is where the fault enters.
    pub guilty: Vec<Guilty>,
    /// How many units were tried.
    pub looked_at: usize,
}

/// Blames the blocks that are wrong alone, and where leaves are wrong the nodes that are.
pub fn locate(
    graph: &Graph,
    run: &Run,
    whole: &Place,
    blocks: &[BlockTrial],
    leaves_wrong: bool,
) -> Location {
    let units: Vec<Unit> = graph.units().rev().filter(|unit| is_differentiable(graph, unit)).collect();
    let mut location = Location { guilty: Vec::new(), looked_at: units.len() };
    for trial in blocks.iter().rev().filter(|trial| trial.is_wrong()) {
        let unit = graph.unit_of_block(trial.block);
        let alone = Alone::new(&unit, graph, run);
        location.guilty.extend(blame(graph, &unit, &alone, whole, &trial.lines));
    }
    if leaves_wrong {
        for unit in units.iter().filter(|unit| unit.block.is_none()) {
            let alone = Alone::new(unit, graph, run);
            let lines = blocks::try_alone(graph, &alone, whole, blocks::PLACES);
            location.guilty.extend(blame(graph, unit, &alone, whole, &lines));
        }
        location.guilty.sort_by_key(|guilty| std::cmp::Reverse(guilty.unit.nodes.end));
    }
    location
}

fn is_differentiable(graph: &Graph, unit: &Unit) -> bool {
    unit.outputs.iter().any(|&output| graph.value(output).differentiable)
}

/// What is wrong with a unit; `None` where nothing is.
fn blame(graph: &Graph, unit: &Unit, alone: &Alone, whole: &Place, lines: &[LineTrial]) -> Option<Guilty> {
    let wrong = lines.iter().filter_map(|line| match line.outcome {
        Outcome::Wrong(slip) => Some((line.input, slip)),
        _ => None,
    });
    let inputs: Vec<_> =
        wrong.map(|(input, slip)| (input, explain(graph, unit, alone, whole, input, slip))).collect();
    (!inputs.is_empty()).then(|| Guilty { unit: unit.clone(), inputs })
}

fn explain(
    graph: &Graph,
    unit: &Unit,
    alone: &Alone,
    whole: &Place,
    input: ValueId,
    slip: Slip,
) -> Option<Pattern> {
    let number = match slip {
        Slip::Here => 0,
        Slip::Beside(number) => number,
        Slip::NotLinear => return Some(Pattern::NotLinear),
    };
    let &(leaf, _) = alone.wanted.iter().find(|(_, outer)| *outer == input)?;
    pattern::find(graph, unit, alone, whole, leaf, number)
}
