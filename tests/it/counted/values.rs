//! The values of leaves and nodes, counted before one is made.

use super::{Folder, refused};

#[test]
fn all_values_together_are_counted_before_one_is_made() {
    let many = |of: &str| {
        (0..8).map(|n| format!("const c{n} = {of}\n")).collect::<String>() + "input x = 2\ny = x + 1\n"
    };
    for of in [
        "one_hot([1], classes = 200000000)",
        "zeros(shape = [200000000])",
        "arange(2e8)",
        "linspace(0, 1, 200000000)",
        "0.5 * ones(shape = [10000, 20000]) - 1",
        "randn(shape = [14142, 14142])",
    ] {
        refused(&many(of), &["error: ", "the limit is ", "--limit "]);
    }
    // What comes behind the leaves counts before they are drawn.
    refused(
        "input a: [8000, 1] = randn()\ninput b: [1, 8000] = randn()\nc = a @ b\nd = c @ c @ c @ c @ c\ny = sum(d)\n",
        &["too much memory", "--limit bytes="],
    );
    // What is computed on the way does, too.
    let sums = "sum(ones(shape = [50000000]))".to_string() + &" + sum(ones(shape = [50000000]))".repeat(60);
    refused(&format!("input x = {sums}\ny = x * 2\n"), &["the limit is"]);
    refused(
        "input x = 2\ny = x * sum(one_hot([1], classes = 200000000))\n",
        &["arrays beside the leaves", "--limit constants=200000000"],
    );
}

#[test]
fn shapes_that_cannot_be_are_refused() {
    for text in [
        "param W: [1000000, 1000000] = zeros()\ny = sum(W)\n",
        "const W = zeros(shape = [1000000, 1000000])\ninput x = 1\ny = x * sum(W)\n",
        "param W: [100000, 100000] = eye()\ny = sum(W)\n",
        "input x: [4294967296, 4294967296] = zeros()\ny = sum(x)\n",
        "input x: [0, 4294967296, 4294967296] = zeros()\ny = sum(x)\n",
        "input a: [100000, 1] = ones()\ninput b: [1, 100000] = ones()\ny = sum(a * b)\n",
        "input a: [100000, 1] = ones()\ninput b: [1, 100000] = ones()\ny = sum(a @ b)\n",
        "input x: [4] = ones()\ny = sum(reshape(x, shape = [4611686018427387904, 4]))\n",
        "input x = 1\ny = x * sum(one_hot([1], classes = 4000000000000000000))\n",
        "param W = randn(shape = [9223372036854775807, 9223372036854775807])\ny = sum(W)\n",
    ] {
        refused(text, &["is too large"]);
    }
    for text in [
        "input x = arange(1e18)\ny = sum(x)\n",
        "input x = arange(0, 1, 1e-300)\ny = sum(x)\n",
        "input x = linspace(0, 1, 1000000000000)\ny = sum(x)\n",
        "input x = linspace(0, 1, 9223372036854775807)\ny = sum(x)\n",
    ] {
        refused(text, &["the limit is 268435456 elements", "--limit elements="]);
    }
}

#[test]
fn random_numbers_are_counted() {
    let drawn = Folder::graph("input a: [600] = randn()\nparam b: [500] = uniform()\ny = sum(a) * sum(b)\n");
    assert_eq!(drawn.run(&["g.graph"]).code, 0);
    drawn.refused(
        &["g.graph", "--limit", "draws=1_000"],
        &[
            "random numbers of this file are too many, 1100 up to here: the limit is 1000 draws",
            "g.graph:2:",
            "--limit draws=1100",
        ],
    );
    drawn.refused(&["g.graph", "--limit", "elements=550"], &["a tensor of shape [600] is too large"]);
    drawn.refused(&["g.graph", "--limit", "bytes=10kB"], &["the limit is 10.0 kB"]);
}

#[test]
fn axes_are_counted() {
    let ones = ["1"; 65].join(", ");
    for text in [
        format!("input x: [{ones}] = ones()\ny = sum(x)\n"),
        format!("input x = 1\ny = sum(reshape(x, shape = [{ones}]))\n"),
    ] {
        refused(&text, &["a tensor of 65 axes is too large: the limit is 64 axes", "--limit axes=65"]);
        assert_eq!(Folder::graph(&text).run(&["g.graph", "--backward", "--limit", "axes=65"]).code, 0);
    }
}
