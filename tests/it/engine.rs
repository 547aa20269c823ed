//! However a run is shared out, among threads or in batches, it gives the same
//! bits; and how it may be stopped and timed.

use graphrun::{
    Graph,
    compare::{Options, compare},
    double::Double,
    engine::{Memory, Real, backward, forward, profile},
    plan::Plan,
};
use std::{
    fmt::Write,
    process::Command,
    sync::{Arc, atomic::AtomicBool},
};

fn by_threads(arguments: &[&str], threads: &str) -> Vec<u8> {
    let done = Command::new(env!("CARGO_BIN_EXE_graphrun"))
        .args(arguments)
        .args(["--format", "json", "--threads", threads])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

#[test]
fn the_number_of_threads_does_not_show() {
    // Long enough that loops, sums and products are shared among threads.
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("long.graph");
    let text = "seed 3\ninput x: [300000] = randn()\ninput a: [300, 400] = randn()\nparam b: [400, 90] = randn()\n\
                y = sum(tanh(x) * x) + max(2 - 0.5 * x) + mean(exp(a @ b / 100)) + sum((b - 1) * b)\noutput y\n";
    std::fs::write(&long, text).unwrap();
    let runs: [&[&str]; 3] = [
        &["graphs/digits.graph", "--check"],
        &["graphs/layers/batch_norm.graph", "--check"],
        &[long.to_str().unwrap(), "--backward"],
    ];
    for arguments in runs {
        let one = by_threads(arguments, "1");
        for threads in ["2", "5"] {
            assert!(one == by_threads(arguments, threads), "{arguments:?} with {threads} threads");
        }
    }
}

#[test]
fn long_tensors_and_single_numbers_meet_as_short_ones_do() {
    let read = |length: usize| {
        let text = format!("seed 1\ninput x: [{length}] = randn()\ninput a = 0.3\ny = 2 - a / x\noutput y\n");
        graphrun::read(&text, graphrun::Spelling::Graph).unwrap()
    };
    let (long, short) = (read(100_003), read(1_000));
    let (long, short) = (graphrun::Run::backward(&long), graphrun::Run::backward(&short));
    let value = |run: &graphrun::Run, name: &str| run.value(name).unwrap().to_floats();
    let gradient = |run: &graphrun::Run| run.gradient("x").unwrap().to_floats();
    // The draws are the same as far as the short one goes.
    assert_eq!(value(&long, "y")[..1_000], value(&short, "y"));
    assert_eq!(gradient(&long)[..1_000], gradient(&short));
    let (x, y, gradient) = (value(&long, "x"), value(&long, "y"), gradient(&long));
    assert_eq!(y.len(), 100_003);
    assert!(x.iter().zip(y).all(|(x, y)| y == 2.0 - 0.3 / x));
    assert!(x.iter().zip(gradient).all(|(x, g)| (g * x * x - 0.3).abs() < 1e-15));
}

#[test]
fn neighbours_do_not_show() {
    let run = |expression: &str, x: &str| {
        let graph = crate::common::read(&format!("input x = {x}\ny = {expression}\noutput y\n"));
        let run = graphrun::Run::backward(&graph);
        (run.value("y").unwrap().to_floats(), run.gradient("x").unwrap().to_floats())
    };
    // Rare numbers take another way; they stand behind the others, and once among them.
    let angle = |k: usize| if k == 100 { 1e22 } else { 32_400.5 + k as f64 };
    let angles: Vec<f64> = (0..500).map(angle).collect();
    let numbers: Vec<f64> = (0..200).map(|k| (k as f64 - 99.7) / 20.0).collect();
    let with = |rare: &[f64]| -> Vec<f64> { numbers.iter().chain(rare).chain(&numbers).copied().collect() };
    let (small, large) = (with(&[0.0, 5e-324, -1e-310]), with(&[1e300, -720.0, 709.5, -1e300]));
    for (expression, all) in [
        ("sin(x) - cos(x)", &angles),
        ("softplus(x) + exp(x) + tanh(x)", &numbers),
        ("softplus(x) + exp(x) + tanh(x)", &small),
        ("exp(x) / (1 + exp(x)) * exp(-x)", &large),
        ("log(abs(x)) * 3", &small),
        ("abs(x) ** (0.7 * x) + 1.5 ** x + log(x * x)", &numbers),
        ("x ** 3 - x ** -2", &numbers),
        ("x ** 3 - x ** -2", &small),
        ("abs(x) ** 0.3 + abs(x) ** 1.2", &large),
    ] {
        let text = |x: &f64| format!("{x:?}");
        let (y, gradient) =
            run(expression, &format!("[{}]", all.iter().map(text).collect::<Vec<_>>().join(", ")));
        for (k, x) in all.iter().enumerate() {
            let (alone, alone_gradient) = run(expression, &text(x));
            let bits = |x: &[f64]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(
                (bits(&y[k..=k]), bits(&gradient[k..=k])),
                (bits(&alone), bits(&alone_gradient)),
                "{expression} at {x}"
            );
        }
    }
}

/// Single numbers in layers of 300, many of them used several times.
fn scalars(layers: usize) -> Graph {
    let mut text = String::from("input n0 = 0.7\nconst n1 = -1.3\ninput n2 = 0.1\n");
    for node in 3..300 * layers + 3 {
        let before = |factor: usize| match (node - 3) / 300 {
            0 => node * factor % 3,
            layer => 3 + 300 * (layer - 1) + node * factor % 300,
        };
        let (a, b) = (before(7919), before(104_729));
        let _ = match node % 6 {
            0 if node % 4 == 0 => writeln!(text, "n{node} = sin(n{a} + 40000) * n{b}"),
            0 => writeln!(text, "n{node} = cos(n{a}) * n{b}"),
            1 => writeln!(text, "n{node} = 0.5 * (n{a} - n{b})"),
            2 => writeln!(text, "n{node} = n{a} * n{b}"),
            3 => writeln!(text, "n{node} = relu(n{a}) + sigmoid(n{b})"),
            4 => writeln!(text, "n{node} = tanh(n{a} + n{b})"),
            _ => writeln!(text, "n{node} = leaky_relu(n{b}, slope = 0.{}) + n{a} / 2", node % 9 + 1),
        };
    }
    let last: Vec<String> = (300 * layers - 297..300 * layers + 3).map(|node| format!("n{node}")).collect();
    crate::common::read(&format!("{text}y = {}\noutput y\n", last.join(" + ")))
}

fn batches_do_not_show<F: Real>(graph: &Graph) {
    let mut plan = Plan::new(graph, &graph.wanted);
    assert!(plan.stages().is_some(), "there are batches");
    let mut memory = Memory::<F>::new(&plan);
    forward(&plan, &mut memory);
    backward(&plan, &mut memory);
    let (floats, gradients) = (memory.floats.clone(), memory.gradients.clone());
    // One by one: the parts of backward, and forward without any.
    let parts = plan.backward.clone();
    plan.go_back_by(parts);
    memory.floats[plan.slot(graph.find("y").unwrap()).range()].fill(F::zero());
    forward(&plan, &mut memory);
    backward(&plan, &mut memory);
    // What an f64 holds of each, and what it does not.
    let bits = |all: &[F]| {
        let parts = |&x: &F| [x, x - F::from_f64(x.to_f64())].map(|x| x.to_f64().to_bits());
        all.iter().map(parts).collect::<Vec<_>>()
    };
    assert_eq!(bits(&floats), bits(&memory.floats));
    assert_eq!(bits(&gradients), bits(&memory.gradients));
}

#[test]
fn batches_give_the_bits_of_single_steps() {
    let graph = scalars(12);
    batches_do_not_show::<f64>(&graph);
    batches_do_not_show::<f32>(&graph);
    batches_do_not_show::<Double>(&graph);
    assert!(!compare(&graph, &graph.wanted, &Options::default()).is_wrong());
}

#[test]
fn a_plan_runs_again_with_other_leaves() {
    let graph =
        crate::common::read("param w = [[1, 2]]\nconst t: int[1] = [1]\ny = softmax_loss(w, t)\noutput y\n");
    let (w, t) = (graph.find("w").unwrap(), graph.find("t").unwrap());
    let plan = Plan::new(&graph, &graph.wanted);
    let mut memory = Memory::<f64>::new(&plan);
    let mut losses = Vec::new();
    for step in 0..100 {
        forward(&plan, &mut memory);
        backward(&plan, &mut memory);
        losses.push(memory.outputs(&plan)[0]);
        memory.descend(&plan, w, 0.5);
        if step == 49 {
            memory.set_ints(&plan, t, &[0]);
            memory.set_floats(&plan, w, &[1.0, 2.0]);
        }
    }
    assert!(losses[..50].is_sorted_by(|a, b| a > b) && losses[50..].is_sorted_by(|a, b| a > b), "{losses:?}");
    assert!(losses[50] > losses[0]);
}

#[test]
fn a_comparison_that_is_stopped_says_so() {
    let graph = crate::common::read("input x = [1, 2, 3]\ny = sum(x * x)\n");
    let stopped = Arc::new(AtomicBool::new(true));
    let options = Options { cancel: Some(stopped), ..Options::default() };
    let comparison = compare(&graph, &graph.wanted, &options);
    assert_eq!((comparison.asked, comparison.compared(), comparison.word()), (3, 0, "partial"));
    let whole = compare(&graph, &graph.wanted, &Options::default());
    assert_eq!((whole.asked, whole.compared(), whole.word()), (3, 3, "ok"));
}

#[test]
fn a_profile_counts_operations_and_bytes() {
    let graph = crate::common::read(
        "input x: [4, 30] = ones()\nparam W: [30, 5] = ones()\nparam b: [5] = ones()\ny = sum(reshape(affine(x, W, b), shape = [20]))\n",
    );
    let plan = Plan::new(&graph, &[graph.find("W").unwrap(), graph.find("b").unwrap()]);
    let measured = profile(&plan, &mut Memory::<f64>::new(&plan));
    let [affine, reshape, sum] = &measured.steps[..] else { panic!("{measured:?}") };
    assert_eq!(affine.forward_flops, 2 * 4 * 30 * 5);
    // To W, and to b; x was not asked for.
    assert_eq!(affine.backward_flops, 2 * 4 * 30 * 5 + 4 * 5);
    assert_eq!(affine.forward_bytes, 8 * (4 * 30 + 30 * 5 + 5 + 4 * 5));
    assert_eq!((reshape.forward_flops, sum.forward_flops), (0, 20));
    assert!(measured.forward > 0.0 && measured.backward > 0.0 && affine.forward > 0.0);
    assert!(measured.runs > 1);
}

#[test]
fn a_profile_is_told_by_op_and_by_node() {
    let told = |format: &str| {
        let done = Command::new(env!("CARGO_BIN_EXE_graphrun"))
            .args(["graphs/buy_apple.toml", "--profile", "--format", format])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    let profile: serde_json::Value = serde_json::from_str(&told("json")).unwrap();
    assert_eq!(
        (profile["ops"][0]["op"].as_str(), profile["ops"][0]["calls"].as_u64()),
        (Some("mul"), Some(2))
    );
    assert_eq!(profile["nodes"].as_array().map(Vec::len), Some(2));
    assert!(profile["forward_seconds"].as_f64() > Some(0.0));
    assert_eq!(profile["ops"][0]["cost"]["backward"]["flops"].as_u64(), Some(4));
    let table = told("table");
    assert!(["apple_price", "flops", "backward"].iter().all(|word| table.contains(word)), "{table}");
}
