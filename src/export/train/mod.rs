//! Gradient steps on many devices, as a program beside the module: over a mesh in JAX, in processes that share the
//! batch out in PyTorch.

mod parts;

pub use parts::{Whole, whole};

use super::{
    batch::Batch,
    framework::Framework,
    leaves,
    module::Module,
    python::{Python, dict},
    request::Request,
};
use crate::{
    diagnostic::{Diagnostic, Refusal},
    graph::{Graph, Origin, Phase, ValueId},
    syntax::Role,
};
use std::collections::HashMap;

/// What a program of gradient steps needs of a graph.
///
/// # Errors
/// The graph has no loss that is one number, nothing to train, or no gradient of what is to be trained.
pub fn can_train(graph: &Graph, module: &Module) -> Result<(), Refusal> {
    let mut faults = Vec::new();
    let is_loss = |id: ValueId| graph.value(id).differentiable && graph.value(id).ty.shape.is_scalar();
    match graph.outputs[..] {
        [output] if is_loss(output) => {}
        [output] => {
            let fault = Diagnostic::error("gradient steps go down a loss, one number that hangs on params");
            let what = format!("this output has shape {}", graph.value(output).ty.shape);
            faults.push(fault.at(graph.value(output).span, what).help("`--output NODE` names the loss"));
        }
        _ => {
            let fault = Diagnostic::error(format!(
                "gradient steps go down one loss, and {} are given",
                graph.outputs.len()
            ));
            let fault =
                graph.outputs.iter().fold(fault, |fault, &id| fault.at(graph.value(id).span, "an output"));
            faults.push(fault.help("`--output NODE` names the loss"));
        }
    }
    if let Some((output, _)) = graph.upstreams.first() {
        let fault =
            Diagnostic::error("gradient steps start from 1 at the loss, and the graph says another upstream");
        faults.push(fault.at(graph.value(*output).span, "of this output").help("multiply the loss by it"));
    }
    if trained(graph, module).is_empty() {
        let fault = Diagnostic::error("there is nothing to train: no `param` whose gradient is asked for");
        let asked = leaves::wanted(graph);
        let input = module.parameters.iter().find(|(_, id)| asked.contains(id));
        let fault =
            input.into_iter().fold(fault, |fault, (_, id)| fault.at(graph.value(*id).span, "no param"));
        faults.push(fault.help("`param W = …` says what is trained, `input` and `const` what is given"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal(faults)) }
}

/// The params, by their names in Python.
fn trained<'a>(graph: &Graph, module: &'a Module) -> Vec<&'a (String, ValueId)> {
    let asked = leaves::wanted(graph);
    let is_trained = |(_, id): &&(String, ValueId)| {
        matches!(graph.value(*id).origin, Origin::Leaf { role: Role::Param, .. }) && asked.contains(id)
    };
    module.parameters.iter().filter(is_trained).collect()
}

/// The program, for a loss that is a sum or a mean over parts of the batch.
///
/// # Errors
/// A param has the batch axis, and PyTorch's processes each have all params.
pub fn train(
    graph: &Graph,
    module: &Module,
    request: &Request,
    batch: &Batch,
    whole: Whole,
) -> Result<String, Refusal> {
    let trained = trained(graph, module);
    let axes: HashMap<ValueId, usize> = batch.axes.iter().copied().collect();
    let axis = |id: ValueId| axes.get(&id).copied();
    if request.framework == Framework::Torch
        && let Some((_, id)) = trained.iter().find(|(_, id)| axis(*id).is_some())
    {
        let fault =
            Diagnostic::error(format!("`{}` is trained and has the batch axis", graph.value(*id).name));
        let fault = fault.at(graph.value(*id).span, "a param");
        return Err(fault
            .help("declare it as `input`, or export to JAX, which shares params out as well")
            .into());
    }
    let int = |axis: usize| Python::int(axis as i64);
    let shared = module.parameters.iter().filter_map(|(name, id)| Some((name.clone(), int(axis(*id)?))));
    let names =
        trained.iter().map(|(name, id)| (name.clone(), Python::Text(graph.value(*id).name.to_string())));
    let columns = columns(graph);
    let columns = trained.iter().filter_map(|(name, id)| Some((name.clone(), int(*columns.get(id)?))));
    let text = match request.framework {
        Framework::Torch => include_str!("torch.py"),
        Framework::Jax => include_str!("jax.py"),
    };
    let (total, backward) = match whole {
        Whole::Mean => ("value / dist.get_world_size()", "        value.backward()"),
        Whole::Sum => (
            "value",
            "        # Gradients come as means over processes, and the loss is a sum.\n        \
             (value * dist.get_world_size()).backward()",
        ),
    };
    let loss = graph.outputs.first().map_or("", |&id| &*graph.value(id).name);
    let replaced = [
        ("BATCH_DICT\n", dict("BATCH", shared.collect())),
        ("PARAMS_DICT\n", dict("PARAMS", names.collect())),
        ("COLUMNS_DICT\n", dict("COLUMNS", columns.collect())),
        ("MODULE", request.name.clone()),
        ("FUNCTION", module.function.clone()),
        ("FIRST", if module.results.len() > 1 { "[0]" } else { "" }.to_string()),
        ("TOTAL", total.to_string()),
        ("BACKWARD", backward.to_string()),
        ("LOSS_NAME", Python::Text(loss.to_string()).print()),
    ];
    Ok(filled(text, &replaced))
}

/// The text with words replaced, each where it stands in the text itself and not in what took another's place.
fn filled(text: &str, replaced: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((at, word, by)) = replaced
        .iter()
        .filter_map(|(word, by)| Some((rest.find(word)?, *word, by)))
        .min_by_key(|found| found.0)
    {
        out.push_str(&rest[..at]);
        out.push_str(by);
        rest = &rest[at + word.len()..];
    }
    out + rest
}

/// The axes of leaves that are the columns of a product, the first that takes each.
fn columns(graph: &Graph) -> HashMap<ValueId, usize> {
    let mut columns: HashMap<ValueId, usize> = HashMap::new();
    for node in graph.nodes.iter().filter(|node| node.phase == Phase::Forward) {
        for (place, &input) in node.inputs.iter().enumerate() {
            let axis = match (node.kernel.card().name, place, graph.value(input).ty.shape.len()) {
                ("affine" | "matmul", 1, 2) => 1,
                ("affine", 2, 1) => 0,
                _ => continue,
            };
            columns.entry(input).or_insert(axis);
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn what_took_the_place_of_a_word_is_left_alone() {
        let replaced = [("A", "B and A".to_string()), ("B", "C".to_string())];
        assert_eq!(filled("A, B.", &replaced), "B and A, C.");
    }
}
