//! Where a wrong gradient comes from: every node's and block's own backward is
//! compared alone, at this run's values and with an upstream gradient of its own.

use super::{
    Options, entries,
    pattern::{self, Pattern},
    unit::Unit,
    verdict::{Evidence, TensorComparison},
};
use crate::{
    graph::{ComparisonSettings, Graph, ValueId},
    run::Run,
};

/// Entries looked at in each input of a unit, before all are.
const SAMPLE: usize = 512;

/// A node or a block whose own backward is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Guilty {
    pub unit: Unit,
    /// The inputs whose gradients are wrong, each with what the numbers show.
    pub inputs: Vec<(ValueId, Option<Pattern>)>,
}

/// What looking at every unit alone brought out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Location {
    /// In backward order: the first is where the fault enters.
    pub guilty: Vec<Guilty>,
    /// How many units were looked at.
    pub looked_at: usize,
}

/// Looks at every node and block of a graph alone.
pub fn locate(graph: &Graph) -> Location {
    let run = Run::backward(graph);
    let units = Unit::all(graph);
    let mut location = Location { guilty: Vec::new(), looked_at: units.len() };
    for sample in [Some(SAMPLE), None] {
        location.guilty = units.iter().filter_map(|unit| look_at(graph, &run, unit, sample)).collect();
        if !location.guilty.is_empty() {
            break;
        }
    }
    location
}

/// Compares one unit alone; `None` where nothing is wrong with it.
fn look_at(graph: &Graph, run: &Run, unit: &Unit, sample: Option<usize>) -> Option<Guilty> {
    let alone = unit.alone(graph, run);
    let compared = |sample| {
        let settings = ComparisonSettings { sample, skip: Vec::new(), ..graph.comparison.clone() };
        entries(&alone.graph, &alone.graph.wanted, &Options { settings, ..Options::default() })
    };
    if compared(sample).tensors.iter().all(|tensor| tensor.wrong == 0) {
        return None;
    }
    // All entries, for what they have in common.
    let comparison = compared(None);
    let alone_run = Run::backward(&alone.graph);
    let inputs = comparison
        .tensors
        .iter()
        .filter(|tensor| tensor.wrong > 0)
        .filter_map(|tensor| {
            let (_, input) = alone.wanted.iter().find(|(leaf, _)| *leaf == tensor.leaf)?;
            let backward = alone_run.gradient_of(tensor.leaf)?;
            let measured = measured(tensor, backward);
            let pattern = pattern::find(graph, unit, run, &alone, tensor.leaf, backward, &measured);
            Some((*input, pattern))
        })
        .collect();
    Some(Guilty { unit: unit.clone(), inputs })
}

/// The measured gradient of one leaf of a small graph.
pub fn measure(graph: &Graph, leaf: ValueId) -> Option<Vec<f64>> {
    let comparison = entries(graph, &[leaf], &Options::default());
    let run = Run::backward(graph);
    Some(measured(comparison.tensors.first()?, run.gradient_of(leaf)?))
}

/// The measured gradient: what was measured where it differs, and backward's own
/// elsewhere.
fn measured(tensor: &TensorComparison, backward: &[f64]) -> Vec<f64> {
    let mut measured = backward.to_vec();
    for finding in &tensor.findings {
        if let Evidence::Measured { value, .. } = finding.evidence {
            measured[finding.entry] = value;
        }
    }
    measured
}
