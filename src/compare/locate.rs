//! Where a wrong gradient comes from: blocks that are wrong alone, or else every node and block
//! tried alone.

use super::{
    blocks::{self, BlockTrial, LineTrial, Outcome, Slip},
    leaves::derived_paths,
    measure::{Along, Line, Move},
    pattern::{self, Pattern},
    place::Place,
    unit::{Alone, Unit},
};
use crate::{
    double::Double,
    engine::Memory,
    graph::{Graph, Origin, ValueId},
    plan::Plan,
    run::Run,
    tensor::Tensor,
};

/// Entries that are measured one by one.
const MEASURED: usize = 4096;

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
    let units = Unit::all(graph);
    let mut location = Location { guilty: Vec::new(), looked_at: units.len() };
    for trial in blocks.iter().rev().filter(|trial| trial.is_wrong()) {
        let unit = Unit::of_block(graph, trial.block);
        let alone = unit.alone(graph, run);
        location.guilty.extend(blame(graph, &unit, &alone, whole, &trial.lines));
    }
    if leaves_wrong {
        for unit in units.iter().filter(|unit| unit.block.is_none()) {
            let alone = unit.alone(graph, run);
            let lines = blocks::try_alone(graph, &alone, whole);
            location.guilty.extend(blame(graph, unit, &alone, whole, &lines));
        }
        location.guilty.sort_by_key(|guilty| std::cmp::Reverse(guilty.unit.nodes.end));
    }
    location
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
    let placed = placed(graph, alone, whole, number);
    let backward = Run::backward(&placed.graph).gradient_of(leaf)?.to_vec();
    let measured = measure(&placed.graph, leaf);
    pattern::find(unit, &placed, leaf, &backward, &measured)
}

/// The unit with the values of a place in its leaves.
fn placed(graph: &Graph, alone: &Alone, whole: &Place, number: u64) -> Alone {
    let mut placed = alone.clone();
    let plan = Plan::new(&alone.graph, &alone.graph.wanted);
    let memory = blocks::values(graph, alone, &plan, whole, number);
    let leaves = alone.leaves.iter().map(|&(leaf, _)| leaf).chain([alone.weights]);
    for leaf in leaves {
        if let Origin::Leaf { data, .. } = &mut placed.graph.values[leaf.index()].origin
            && let Tensor::Float(array) = &mut **data
        {
            let from = &memory.floats[plan.slot(leaf).range()];
            array.iter_mut().zip(from).for_each(|(element, from)| *element = from.to_f64());
        }
    }
    placed
}

/// The true gradient of one leaf of a small graph: measured entry by entry, and where there are
/// many the one that the ops' own backward gives.
pub fn measure(graph: &Graph, leaf: ValueId) -> Vec<f64> {
    let mut derived = graph.clone();
    derived.blocks.clear();
    derived_paths(&mut derived);
    let plan = Plan::new(&derived, &[leaf]);
    let place = Place::new(&plan, Memory::<Double>::new(&plan));
    let by_ops: Vec<f64> = place.gradient(leaf).iter().map(|g| g.to_f64()).collect();
    let scales = place.scales(leaf);
    if scales.len() > MEASURED {
        return by_ops;
    }
    let mut line = Line::new(&plan, &place.memory);
    let start = plan.slot(leaf).range().start;
    let measured = scales.iter().enumerate().map(|(entry, &scale)| {
        let direction = [Move { at: start + entry, part: scale }];
        let slope = line.glance(&direction).map_or_else(|| line.along(&direction), Along::Smooth);
        match slope {
            Along::Smooth(slope) | Along::OneSide(slope) => slope.value.to_f64() / scale,
            _ => by_ops.get(entry).copied().unwrap_or(0.0),
        }
    });
    measured.collect()
}
