//! Blocks, counted without being expanded.

use super::{Folder, doubling, refused};

#[test]
fn uses_of_blocks_are_counted_before_any_is_expanded() {
    // 2^41 − 1 additions, 2^40 − 1 + 2^40 outputs and one for each argument, counted by sums of two.
    refused(
        &doubling("y = x + 1", 40, ""),
        &[
            "this file has too many nodes, ",
            "the limit is 20000000 nodes",
            "g.graph:166:5",
            "y = b40(x)",
            "^^^",
            "--limit nodes=",
        ],
    );
    refused(&doubling("y = x + 1", 90, ""), &["too many nodes to count", "--limit nodes=VALUE"]);
    // Names take memory too.
    refused(&doubling("y = x + 1", 16, &"n".repeat(20_000)), &["too much memory", "--limit bytes="]);
    let dimension = format!("block b0(x: [{}])", "n".repeat(20_000));
    let text = doubling("y = x + 1", 18, "")
        .replace("block b0(x)", &dimension)
        .replace("input x = 2", "input x = [2]");
    refused(&text, &["too much memory", "--limit bytes="]);
    // So do leaves.
    let leaf = doubling("param W: [1000000] = zeros()\n y = x + sum(W)", 12, "");
    refused(&leaf, &["too much memory", "--limit bytes="]);
    let of_the_call = doubling("param W: [n] = randn()\n y = x + sum(W)", 12, "")
        .replace("block b0(x)", "block b0(x; n = 1000000)");
    refused(&of_the_call, &["the limit is"]);
    let attribute = format!("block b0(x; k = [{}])", ["1"; 1000].join(","));
    let text = doubling("y = x + sum(k)", 12, "").replace("block b0(x)", &attribute);
    Folder::graph(&text).refused(
        &["g.graph", "--limit", "constants=5000"],
        &["the limit is 5000 elements", "--limit constants="],
    );
    // A limit that is raised is kept to.
    let small = Folder::graph(&doubling("y = x + 1", 10, ""));
    assert_eq!(small.run(&["g.graph"]).code, 0);
    small.refused(&["g.graph", "--limit", "nodes=1000"], &["the limit is 1000 nodes"]);
}

#[test]
fn chains_of_blocks_are_as_deep_as_the_limit() {
    let chain = |levels: usize| {
        let mut text = String::from("block b0(x) {\n y = x + 1\n output y\n}\n");
        for level in 1..levels {
            text += &format!("block b{level}(x) {{\n y = b{}(x)\n output y\n}}\n", level - 1);
        }
        text + &format!("input x = 2\ny = b{}(x)\n", levels - 1)
    };
    assert_eq!(Folder::graph(&chain(200)).run(&["g.graph"]).code, 0);
    refused(
        &chain(201),
        &["blocks are nested too deep, 201 levels: the limit is 200 levels", "--limit depth=201"],
    );
    assert_eq!(Folder::graph(&chain(2000)).run(&["g.graph", "--limit", "depth=2000"]).code, 0);
    refused(&chain(20_000), &["blocks are nested too deep, 20000 levels"]);
}
