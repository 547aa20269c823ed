//! Large files stay cheap: nothing that a file says much of is looked up in
//! time that grows with the file.

use graphrun::{Spelling, read};
use std::fmt::Write;

/// So many that a look through all of them for each would take for ever.
const MANY: usize = 100_000;

fn chain(nodes: usize) -> String {
    let mut text = String::from("input n0 = 0.5\n");
    for at in 1..=nodes {
        let _ = writeln!(text, "n{at} = -n{} + 0.5", at - 1);
    }
    text
}

#[test]
fn an_expectation_of_every_node() {
    let mut text = chain(MANY);
    for at in 1..=MANY {
        let _ = writeln!(text, "expect n{at}.neg1 = -0.5\nexpect grad(n{at}) = 1");
    }
    let graph = read(&text, Spelling::Graph).expect("the text is a graph");
    assert_eq!(graph.expectations.len(), 2 * MANY);
}

#[test]
fn an_unknown_inner_node_of_every_node() {
    let mut text = chain(MANY);
    for at in 1..=MANY {
        let _ = writeln!(text, "m{at} = n{at}.relu1 + 1");
    }
    let refusal = read(&text, Spelling::Graph).expect_err("no node has this name");
    assert_eq!(refusal.told(0).1, MANY);
}

#[test]
fn every_leaf_skipped() {
    let mut text = String::new();
    let names: Vec<String> = (0..MANY).map(|at| format!("n{at}")).collect();
    for name in &names {
        let _ = writeln!(text, "input {name} = 1");
    }
    let _ = writeln!(text, "y = {}\ncheck {{ skip = [{}] }}", names.join(" + "), names.join(", "));
    let graph = read(&text, Spelling::Graph).expect("the text is a graph");
    assert_eq!(graph.comparison.skip.len(), MANY);
}
