//! The comparison on code that is right: nothing is ever called wrong.
//!
//! `cargo test --test it right_code -- --nocapture` prints the counts.

use graphrun::compare::{BLUNT, Comparison, Options, compare};
use std::fmt::Write;

fn compared(text: &str) -> Comparison {
    let graph = crate::common::read(text);
    compare(&graph, &graph.wanted, &Options::default())
}

/// Numbers between −1 and 1 without a pattern.
fn numbers(count: usize, seed: u64) -> Vec<f64> {
    (0..count as u64)
        .map(|at| ((at * 7919 + seed * 104_729) as f64 * 0.618_033_988_749_894_9).fract() * 2.0 - 1.0)
        .collect()
}

fn list(numbers: &[f64]) -> String {
    format!("[{}]", numbers.iter().map(|x| format!("{x:e}")).collect::<Vec<_>>().join(", "))
}

/// One-input ops, and whether their argument must be positive.
const SMOOTH: &[(&str, bool)] = &[
    ("x * x", false),
    ("x ** 3", false),
    ("sqrt(x)", true),
    ("log(x)", true),
    ("1 / x", true),
    ("reciprocal(x)", true),
    ("exp(x / C)", false),
    ("sin(x)", false),
    ("tanh(x)", false),
    ("sigmoid(x)", false),
    ("softplus(x)", false),
    ("relu(x)", false),
    ("leaky_relu(x)", false),
    ("abs(x)", false),
    ("softmax(x)", false),
    ("log_softmax(x)", false),
    ("x - mean(x)", false),
    ("max(x)", false),
    ("(x - mean(x)) / sqrt(mean(square(x - mean(x))) + C * C * 1e-7)", false),
];

#[test]
fn scales_from_1e_minus_8_to_1e8() {
    let (mut entries, mut undecided, mut bad) = (0, 0, Vec::new());
    for (op, positive) in SMOOTH {
        for exponent in -8..=8 {
            for seed in 0..3 {
                let scale = 10f64.powi(exponent);
                let points: Vec<f64> = numbers(5, seed)
                    .into_iter()
                    .map(|x| scale * if *positive { 0.1 + x.abs() } else { x })
                    .collect();
                let call = op.replace('C', &format!("{scale:e}"));
                let text =
                    format!("input x = {}\nz = {call}\ny = sum(z * [1, -2, 3, 0.5, 1.5])\n", list(&points));
                let text = text.replace("input", "output y\ninput");
                let comparison = compared(&text);
                entries += comparison.compared();
                undecided += comparison.tensors.iter().map(|tensor| tensor.undecided).sum::<usize>();
                if comparison.is_wrong() {
                    bad.push(format!("{text}{comparison:#?}"));
                }
            }
        }
    }
    println!(
        "right code at many scales: {entries} entries, {} called wrong, {undecided} undecided",
        bad.len()
    );
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    assert!(undecided * 50 <= entries, "{undecided} of {entries} undecided");
}

#[test]
fn kinks_are_kinks_and_not_faults() {
    for (text, word) in [
        ("input x = [0, 1, -1]\ny = sum(relu(x))", "kink"),
        ("input x = [0, -0.0]\ny = sum(leaky_relu(x))", "kink"),
        ("input x = [0, 2]\ny = sum(abs(x))", "kink"),
        ("input x = [1, 3, 3]\ny = max(x)", "kink"),
        ("input x = [1e-7, -1e-9]\ny = sum(relu(x) * 3)", "ok"),
        ("input x = [0, 2]\ny = sum(square(relu(x)))", "ok"),
        ("input x = [[1, 2], [2, 1]]\ny = sum(max(x, axis = 0))", "ok"),
    ] {
        let comparison = compared(text);
        assert_eq!(comparison.word(), word, "{text}\n{comparison:#?}");
    }
}

#[test]
fn saturation_and_cancellation_are_not_faults() {
    for text in [
        "input x = [-40, -20, 0, 20, 40]\ny = sum(sigmoid(x))",
        "input x = [-40, -20, 0, 20, 40]\ny = sum(1 / (1 + exp(-x)))",
        "block s(x) {\n y = 1 / (1 + exp(-x))\n output y\n backward x = upstream * y * (1 - y)\n}\n\
         input x = [-40, -20, 0, 20, 40]\ny = sum(s(x))",
        "input x = [20, -15, 3]\ny = sum(tanh(x))",
        "input x = [10000, -10000, 9999]\ny = softmax_loss(x, 2)",
        "input x = [[10000, -10000], [0.5, 0.25]]\ny = softmax_loss(x, [1, 0])",
        "input x = 0.5\ny = (1e8 + x) - 1e8",
        "input x = 3\ny = x - x",
        "input x = [1, 2, 4]\ny = sum(x - mean(x))",
        "input x = [0.1, 0.2, 0.3]\ny = sum(softmax(x))",
        "input x = 2\ny = (x ** 40) / (x ** 39)",
        "input x = [1e-3, 1]\ny = sum(1e12 * x) * 1e-12",
    ] {
        let comparison = compared(text);
        assert!(!comparison.is_wrong() && !comparison.is_undecided(), "{text}\n{comparison:#?}");
    }
}

/// Where the last bit of an angle is no small step, differences see nothing of the slope.
#[test]
fn angles_whose_neighbours_lie_turns_apart_are_not_faults() {
    for exponent in 2..=300 {
        for angle in numbers(2, exponent).into_iter().map(|x| x * 10f64.powi(exponent as i32)) {
            for call in ["sin(x)", "x * cos(x)", "exp(sin(x)) / 3", "sin(x) + sin(0.4 * x)"] {
                let text = format!("output y\ninput x = {angle:e}\ny = {call}\n");
                let comparison = compared(&text);
                assert!(!comparison.is_wrong(), "{text}{comparison:#?}");
            }
        }
    }
}

#[test]
fn deep_chains_and_trained_looking_nets_are_right() {
    let mut deep = String::from("input x = [0.3, -0.7]\nn0 = x * 1\n");
    for layer in 1..=500 {
        let _ = writeln!(deep, "n{layer} = sin(n{}) + 0.1 * n{}", layer - 1, layer - 1);
    }
    deep += "y = sum(n500)\noutput y\n";
    let net = "
        seed 3
        input x: [8, 20] = randn()
        const t: int[8]  = [0, 1, 2, 3, 4, 0, 1, 2]
        param W1: [20, 16] = 0.6 * randn()
        param b1: [16]     = uniform(-0.5, 0.5)
        param W2: [16, 12] = 0.6 * randn()
        param b2: [12]     = uniform(-0.5, 0.5)
        param W3: [12, 5]  = 1.5 * randn()
        param b3: [5]      = uniform(-0.5, 0.5)
        loss = x -> affine(W1, b1) -> relu -> affine(W2, b2) -> tanh -> affine(W3, b3) -> softmax_loss(t)";
    for text in [deep.as_str(), net] {
        let comparison = compared(text);
        assert_eq!(comparison.word(), "ok", "{comparison:#?}");
        let least = comparison.tensors.iter().filter_map(|tensor| tensor.digits);
        assert!(least.map(|(least, _)| least).all(|least| least >= BLUNT), "{comparison:#?}");
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let run = |threads: &str| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_graphrun"))
            .args(["graphs/digits.graph", "graphs/wrong/transposed.graph", "--check", "--format", "json"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        output.stdout
    };
    let one = run("1");
    assert!(one.len() > 1000);
    assert!(one == run("2") && one == run("3"));
}
