//! Runs in double-double: they agree with those in f64 as far as f64 goes, and with what
//! forward runs alone say of the slopes, to so many digits that none can have been lost.

use graphrun::{
    Graph,
    double::Double,
    engine::{Memory, backward, branches, forward},
    graph::{Phase, ValueId},
    op::{Branches, Card, Real, Slot},
    ops,
    plan::Plan,
};
use num_traits::{One, Zero};
use std::path::Path;

/// Steps of the central differences, of an entry's scale.
const STEPS: [f64; 2] = [1e-10, 5e-11];

/// A sample's call; a float output is summed up with uneven weights, so that the
/// upstream gradients differ.
fn net(card: &Card, call: &str) -> Graph {
    let (leaves, call) = crate::common::with_leaves(card, call);
    let alone = crate::common::read(&format!("{leaves}inner = {call}\noutput inner\n"));
    let shape = &alone.value(alone.find("inner").unwrap()).ty.shape;
    if card.backward.is_empty() {
        return alone;
    }
    let weights = format!("reshape(linspace(0.7, 1.9, {}), shape = {shape})", shape.size());
    crate::common::read(&format!("{leaves}inner = {call}\nconst w = {weights}\ny = sum(w * inner)\n"))
}

/// All samples, with the text of the call.
fn samples() -> impl Iterator<Item = (&'static Card, &'static str)> {
    ops::ALL.iter().flat_map(|entry| {
        entry
            .card
            .samples
            .iter()
            .map(|sample| (entry.card, sample.call))
            .filter(|(_, call)| crate::common::gives_floats(call))
    })
}

fn run<F: Real>(plan: &Plan) -> Memory<F> {
    let mut memory = Memory::<F>::new(plan);
    forward(plan, &mut memory);
    backward(plan, &mut memory);
    memory
}

/// The greatest size among finite numbers.
fn greatest(numbers: &[f64]) -> f64 {
    numbers.iter().filter(|x| x.is_finite()).fold(0.0, |greatest, x| greatest.max(x.abs()))
}

#[test]
fn all_samples_agree_with_f64() {
    let mut looked_at = 0;
    for (card, call) in samples() {
        let graph = net(card, call);
        let plan = Plan::new(&graph, &graph.wanted);
        let (plain, precise) = (run::<f64>(&plan), run::<Double>(&plan));
        assert_eq!(plain.ints, precise.ints, "{call}");
        for (plain, precise) in [(&plain.floats, &precise.floats), (&plain.gradients, &precise.gradients)] {
            let bound = 1e-12 * greatest(plain);
            for (&plain, precise) in plain.iter().zip(precise) {
                let difference = (Double::from(plain) - *precise).to_f64().abs();
                let same = plain == precise.to_f64() || (plain.is_nan() && precise.is_nan());
                assert!(same || difference <= bound, "{call}: {plain} and {precise:?}");
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 1000, "{looked_at}");
}

/// The sum of all outputs with elements of the float arena moved by `step` times their
/// parts of a direction.
fn moved(plan: &Plan, base: &Memory<Double>, direction: &[(usize, f64)], step: f64) -> Double {
    let mut memory = base.clone();
    for &(at, part) in direction {
        memory.floats[at] += Double::from_product(part, step);
    }
    forward(plan, &mut memory);
    memory.outputs(plan).into_iter().fold(Double::zero(), |sum, y| sum + y)
}

/// The slope along a direction from forward runs alone, extrapolated from two steps.
fn slope(plan: &Plan, base: &Memory<Double>, direction: &[(usize, f64)]) -> Double {
    let [coarse, fine] = STEPS.map(|step| {
        let difference = moved(plan, base, direction, step) - moved(plan, base, direction, -step);
        difference / Double::from(2.0 * step)
    });
    fine + (fine - coarse) / Double::from(3.0)
}

/// The branches that all steps take with an element of the float arena moved.
fn taken(plan: &Plan, base: &Memory<f64>, at: usize, by: f64) -> Vec<Branches> {
    let mut memory = base.clone();
    memory.floats[at] += by;
    forward(plan, &mut memory);
    let steps = plan.steps.iter().filter(|step| step.phase == Phase::Forward);
    steps.map(|step| branches(plan, step, &memory, Branches::default())).collect()
}

fn places(plan: &Plan, leaf: ValueId) -> std::ops::Range<usize> {
    match plan.slot(leaf) {
        slot @ Slot::Float { .. } => slot.range(),
        Slot::Int { .. } => 0..0,
    }
}

#[test]
fn gradients_of_all_samples_are_what_forward_runs_say() {
    let (mut looked_at, mut at_kinks) = (0, 0);
    for (card, call) in samples().filter(|(card, _)| !card.backward.is_empty()) {
        let graph = net(card, call);
        let plan = Plan::new(&graph, &graph.wanted);
        let (plain, base) = (run::<f64>(&plan), run::<Double>(&plan));
        // What the sum is made of, for what rounding leaves of a difference.
        let size = greatest(&plain.floats);
        for &leaf in &graph.wanted {
            let Some(gradient) = base.gradient(&plan, leaf) else { continue };
            for (&gradient, at) in gradient.iter().zip(places(&plan, leaf)) {
                let scale = match plain.floats[at].abs() {
                    0.0 => 1.0,
                    size => size,
                };
                let [left, here, right] =
                    [-scale, 0.0, scale].map(|by| taken(&plan, &plain, at, by * STEPS[0]));
                if left != here || right != here {
                    at_kinks += 1;
                    continue;
                }
                let measured = slope(&plan, &base, &[(at, scale)]);
                let predicted = gradient * Double::from(scale);
                let difference = (measured - predicted).to_f64().abs();
                let bound = 1e-15 * predicted.to_f64().abs() + 1e-20 * size;
                assert!(difference <= bound, "{call}: {measured:?} and {predicted:?}");
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 300 && at_kinks < looked_at / 10, "{looked_at}, {at_kinks}");
}

/// Holds the slope along one random direction through all params against their gradients.
fn agrees_along_a_direction(graph: &Graph) {
    let plan = Plan::new(graph, &graph.wanted);
    let base = run::<Double>(&plan);
    let (mut direction, mut predicted, mut size) = (Vec::new(), Double::zero(), 0.0);
    let mut state = 1u64;
    for &leaf in &graph.wanted {
        let Some(gradient) = base.gradient(&plan, leaf) else { continue };
        for (&gradient, at) in gradient.iter().zip(places(&plan, leaf)) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let part = 0.5 + (state >> 40) as f64 / (1u64 << 24) as f64;
            let part = if state >> 39 & 1 == 0 { part } else { -part };
            let term = gradient * Double::from(0.1 * part);
            predicted += term;
            size += term.to_f64().abs();
            direction.push((at, 0.1 * part));
        }
    }
    let measured = slope(&plan, &base, &direction);
    let difference = (measured - predicted).to_f64().abs();
    assert!(difference <= 1e-18 * size, "{measured:?} and {predicted:?}: {:e}", difference / size);
}

#[test]
fn nets_agree_along_a_direction() {
    let digits = Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs/digits.graph");
    agrees_along_a_direction(&crate::common::read_file(&digits, None).unwrap());
    agrees_along_a_direction(&crate::common::read(
        "seed 0\n\
         const x: [3, 784] = uniform(0, 1)\nconst t: int[3] = [7, 2, 1]\n\
         param W1: [784, 50] = 0.01 * randn()\nparam b1: [50] = zeros()\n\
         param W2: [50, 10] = 0.01 * randn()\nparam b2: [10] = zeros()\n\
         y = x -> affine(W1, b1) -> relu -> affine(W2, b2) -> softmax_loss(t)\noutput y\n",
    ));
}

/// The gradients of all leaves of a graph, in both number types.
fn gradients(text: &str) -> Vec<(f64, Double)> {
    let graph = crate::common::read(text);
    let plan = Plan::new(&graph, &graph.wanted);
    let (plain, precise) = (run::<f64>(&plan), run::<Double>(&plan));
    let of = |&leaf: &ValueId| {
        let both = plain.gradient(&plan, leaf).unwrap().iter().zip(precise.gradient(&plan, leaf).unwrap());
        both.map(|(plain, precise)| (*plain, *precise)).collect::<Vec<_>>()
    };
    graph.wanted.iter().flat_map(of).collect()
}

#[test]
fn what_saturates_keeps_its_digits() {
    // The slope of each is e^-|x|, or four times e^-2|x|, all but a factor near 1.
    for (call, power, factor) in [
        ("sigmoid(x)", -80.0, 1.0),
        ("sigmoid(-x)", -80.0, -1.0),
        ("tanh(x / 2)", -80.0, 2.0),
        ("softplus(-x)", -80.0, -1.0),
        ("sigmoid_loss(x, 1.0)", -80.0, -1.0),
        ("sigmoid_loss(-x, 0.0)", -80.0, -1.0),
    ] {
        let power = Double::from(power).exp();
        let near_1 = match call.starts_with("s") && call.contains("oft") || call.contains("loss") {
            true => Double::one() / (Double::one() + power),
            false => Double::one() / ((Double::one() + power) * (Double::one() + power)),
        };
        let right = Double::from(factor) * power * near_1;
        for (plain, precise) in gradients(&format!("input x = 80.0\ny = {call}\noutput y\n")) {
            let apart = |y: Double| ((y - right) / right).to_f64().abs();
            assert!(apart(precise) < 1e-29, "{call}: {precise:?}, not {right:?}");
            assert!(apart(plain.into()) < 1e-15, "{call}: {plain}, not {right:?}");
        }
    }
}
