//! Nothing is written that does not read back to the same graph with the same values.

use super::{Blessed, Subject};
use crate::{
    graph::{Graph, Origin},
    initializers::Files,
    load::{Input, load},
    precision::Precision,
    regress::{
        judge::{Check, judge},
        one::all_leaves,
    },
    resolve::Request,
    run::{Direction, Run},
    source::{SourceMap, Spelling},
};

/// Reads what is to be written, as the next run would.
pub fn try_out(blessed: &Blessed, spelling: Spelling, subject: &Subject) -> Result<(), String> {
    let refused = |why: String| format!("not blessed: what would be written does not read back: {why}");
    let scratch = tempfile::tempdir().map_err(|fault| refused(fault.to_string()))?;
    if let Some(arrays) = &blessed.arrays {
        let name = arrays.path.file_name().unwrap_or_default();
        std::fs::write(scratch.path().join(name), &arrays.after)
            .map_err(|fault| refused(fault.to_string()))?;
    }
    let folders =
        std::iter::once(scratch.path().to_path_buf()).chain(subject.request.files.folders().to_vec());
    let request = Request { files: Files::new(folders.collect()), ..subject.request.clone() };
    let read = load(&Input::Text(&blessed.after), Some(spelling), &request, &mut SourceMap::default());
    let graph = read.map_err(|refusal| {
        refused(refusal.0.first().map_or_else(String::new, |fault| fault.message.clone()))
    })?;
    if !is_same(&graph, subject.graph) {
        return Err(refused("it is another graph".to_string()));
    }
    let run = Run::asking(&graph, Precision::F64, Direction::Backward, &all_leaves(&graph));
    let kept = |check: &Check| matches!(check, Check::Numbers(_) | Check::RightShape);
    let before = Run::asking(subject.graph, Precision::F64, Direction::Backward, &all_leaves(subject.graph));
    let failed = |graph: &Graph, run: &Run| judge(graph, run).iter().filter(|check| !kept(check)).count();
    match failed(&graph, &run) <= failed(subject.graph, &before) {
        true => Ok(()),
        false => Err(refused("an expectation fails".to_string())),
    }
}

/// The same values and nodes, but for where they stand in the text.
fn is_same(one: &Graph, other: &Graph) -> bool {
    let same_values = one.values.iter().zip(&other.values).all(|(one, other)| {
        let same_data = match (&one.origin, &other.origin) {
            (Origin::Leaf { data: one, .. }, Origin::Leaf { data: other, .. }) => {
                let bits = |x: f64| x.to_bits();
                one.to_floats().into_iter().map(bits).eq(other.to_floats().into_iter().map(bits))
            }
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        };
        one.name == other.name && one.ty == other.ty && same_data
    });
    let same_nodes = one.nodes.iter().zip(&other.nodes).all(|(one, other)| {
        one.kernel.card().name == other.kernel.card().name
            && (&one.inputs, &one.outputs) == (&other.inputs, &other.outputs)
    });
    let sizes = |graph: &Graph| (graph.values.len(), graph.nodes.len(), graph.blocks.len());
    sizes(one) == sizes(other)
        && same_values
        && same_nodes
        && (&one.outputs, &one.wanted) == (&other.outputs, &other.wanted)
}
