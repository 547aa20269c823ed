//! Laws of coverage: whatever is in a registry is held against something, and told of.

use graphrun::{engine::Memory, initializers, op::Inputs, ops, plan::Plan};
use serde_json::Value;
use std::{collections::BTreeSet, process::Command};

/// Ops that are run whole when an input changes: their outputs are ints, or have no gradient; or, of
/// those with windows and of einsum, much of the output changes with one weight.
const RUN_WHOLE: &[&str] = &[
    "accuracy",
    "argmax",
    "argmin",
    "argsort",
    "avg_pool",
    "cast",
    "conv",
    "conv_transpose",
    "einsum",
    "equal",
    "fold",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "max_pool",
    "not_equal",
    "one_hot",
    "unfold",
    "where",
];

fn names<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    words.into_iter().map(str::to_string).collect()
}

fn all_ops() -> BTreeSet<String> {
    names(ops::ALL.iter().map(|entry| entry.card.name))
}

#[test]
fn every_op_has_values_from_pytorch() {
    let recorded: Value = serde_json::from_str(include_str!("../reference/ops.json")).unwrap();
    let held = names(recorded["cases"].as_array().unwrap().iter().map(|case| case["op"].as_str().unwrap()));
    let missing: Vec<_> = all_ops().difference(&held).cloned().collect();
    assert!(missing.is_empty(), "no cases in tests/reference/ops.json for {missing:?}: add them to ops.py");
}

#[test]
fn every_op_follows_changes_or_is_listed_as_run_whole() {
    let mut whole = BTreeSet::new();
    for card in ops::ALL.iter().map(|entry| entry.card) {
        let (leaves, call) = crate::common::with_leaves(card, card.samples[0].call);
        let graph = crate::common::read(&format!("{leaves}y = {call}\noutput y\n"));
        let plan = Plan::new(&graph, &graph.wanted);
        let memory = Memory::<f64>::new(&plan);
        let step = plan.steps.iter().find(|step| step.kernel.card().name == card.name).unwrap();
        let x = Inputs { slots: plan.input_slots(step), floats: &memory.floats, ints: &memory.ints };
        if step.kernel.cone(&x).is_none() {
            whole.insert(card.name.to_string());
        }
    }
    assert_eq!(whole, names(RUN_WHOLE.iter().copied()), "ops without a cone, and the list of them");
}

/// The words in backticks of a sentence of the README, `zeros ones` as two.
fn in_backticks<'a>(readme: &'a str, after: &str, before: &str) -> BTreeSet<String> {
    let start = readme.find(after).unwrap_or_else(|| panic!("the README says no more {after:?}"));
    let sentence: &'a str = &readme[start + after.len()..];
    let sentence = &sentence[..sentence.find(before).unwrap_or(sentence.len())];
    names(sentence.split('`').skip(1).step_by(2).flat_map(str::split_whitespace))
}

#[test]
fn the_readme_names_every_initializer() {
    let readme = include_str!("../../README.md");
    let told = in_backticks(readme, "Leaf values come from literals", " files beside the graph file");
    assert_eq!(told, names(initializers::ALL.iter().map(|one| one.card().name)));
}

#[test]
fn the_readme_names_every_command() {
    let help = Command::new(env!("CARGO_BIN_EXE_graphrun")).arg("-h").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let listed = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    let readme = include_str!("../../README.md");
    for command in
        listed.lines().filter_map(|line| line.split_whitespace().next()).filter(|word| *word != "help")
    {
        assert!(
            readme.contains(&format!("`graphrun {command}")),
            "the README does not tell of `graphrun {command}`"
        );
    }
}
