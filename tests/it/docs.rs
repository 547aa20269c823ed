//! The documents hold what they say: every file in them runs, and its gradients are right.

use crate::common::read;
use graphrun::{
    Run,
    compare::{Options, compare},
};
use std::process::Command;

#[test]
fn every_example_of_the_language_page_runs_and_is_right() {
    let page = include_str!("../../docs/language.md");
    let examples: Vec<&str> =
        page.split("```graph\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(examples.len() >= 8, "{}", examples.len());
    for example in examples {
        let graph = read(example);
        Run::backward(&graph);
        let comparison = compare(&graph, &graph.wanted, &Options::default());
        assert_eq!(comparison.word(), "ok", "{example}");
    }
}

/// `cargo run -- ops --markdown > docs/ops.md` makes it anew.
#[test]
fn the_page_of_all_ops_and_blocks_is_fresh() {
    let printed = Command::new(env!("CARGO_BIN_EXE_graphrun")).args(["ops", "--markdown"]).output().unwrap();
    let kept = include_str!("../../docs/ops.md");
    assert!(printed.stdout == kept.as_bytes(), "run `cargo run -- ops --markdown > docs/ops.md`");
}
