//! Following a change must give, bit for bit, what a whole forward run gives:
//! for every sample of every op, for larger calls, and for values of all sizes;
//! and a cone that does not is found out.

use graphrun::{
    Graph,
    compare::{Options, compare},
    engine::{Cones, Memory, Perturbation, backward, forward},
    graph::ValueId,
    op::{
        Branches, Calls, CallsBackward, Card, Cone, Dirty, Inputs, Kernel, Number, Output, Real,
        cone::{Change, LANES},
    },
    ops,
    plan::Plan,
};
use std::sync::Arc;

/// What an entry is changed to, beside steps from where it is.
const FAR: [f64; 9] = [0.0, -0.0, 1.0, -1e-310, 1e-160, 3e8, -1e200, f64::INFINITY, f64::NAN];

/// Holds every entry of every float leaf, at many values, against whole runs; how many
/// there were, and how many entries were said to reach nothing.
fn hold(graph: &Graph) -> (usize, usize) {
    let wanted: Vec<ValueId> = graph.wanted.clone();
    let plan = Plan::new(graph, &wanted);
    let mut base = Memory::new(&plan);
    forward(&plan, &mut base);
    backward(&plan, &mut base);
    let outputs = base.outputs(&plan);
    let cones = Cones::new(&plan, &base);
    let (mut held, mut unreached) = (0, 0);
    for &leaf in &wanted {
        let mut around = Perturbation::new(&cones, leaf);
        for entry in 0..base.float(&plan, leaf).len() {
            let here = around.entry(entry);
            let near = [here + 7e-4, here - 7e-4, here + 0.5 * here.abs(), -here, here + 2.5];
            let values: Vec<f64> = near.into_iter().chain(FAR).collect();
            // Each beside others that go elsewhere: the lanes must not meet.
            for first in 0..values.len() {
                let values = std::array::from_fn(|lane| values[(first + 5 * lane) % values.len()]);
                let probes = around.probes(entry, values);
                for (lane, value) in values.into_iter().enumerate() {
                    let mut seen = outputs.clone();
                    probes.moved.iter().for_each(|&(at, x)| seen[at as usize] = x[lane]);
                    let whole = around.probe_whole(entry, value);
                    let same = |a: &f64, b: &f64| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
                    assert!(
                        seen.iter().zip(&whole).all(|(a, b)| same(a, b)),
                        "{}[{entry}] = {value}: followed {seen:?}, whole {whole:?}",
                        graph.value(leaf).name
                    );
                    held += 1;
                }
                let alone = around.probes(entry, [values[0]; LANES]);
                assert_eq!(probes.crossed[0], alone.crossed[0], "{values:?}");
                if !probes.reached {
                    // Then no finite value may move anything.
                    unreached += 1;
                    let finite = FAR.iter().filter(|x| x.is_finite());
                    let whole = finite.map(|&value| around.probe_whole(entry, value));
                    whole.for_each(|whole| assert_eq!(whole, outputs, "{}", graph.value(leaf).name));
                }
            }
        }
    }
    (held, unreached)
}

#[test]
fn every_sample_of_every_op_is_followed_to_the_bit() {
    let mut held = 0;
    for entry in ops::ALL {
        for sample in entry.card.samples {
            let (leaves, call) = crate::common::with_leaves(entry.card, sample.call);
            held += hold(&crate::common::read(&format!("{leaves}y = {call}\noutput y\n"))).0;
            if call.contains("a0") && leaves.contains("input a0") {
                // One number that changes all elements of an input at once.
                let all = call.replacen("a0", "(a0 * s + 0 * s)", 1);
                held +=
                    hold(&crate::common::read(&format!("{leaves}input s = 1.0\ny = {all}\noutput y\n"))).0;
            }
        }
    }
    assert!(held > 5_000, "{held}");
}

#[test]
fn larger_calls_are_followed_to_the_bit() {
    let texts = [
        // Longer than a block of a product's sum, with and without zeros; changes
        // that go on through a second product as columns and as rows.
        "seed 1\nconst x = relu(randn(shape = [5, 600]) - 0.8)\nparam W: [600, 3] = randn()\nparam b: [3] = zeros()\n\
         param V: [3, 11] = randn()\nconst t: int[5] = [0, 3, 10, 2, 7]\n\
         y = softmax_loss(relu(affine(x, W, b)) @ V, t)\noutput y\n",
        "seed 2\ninput x: [9, 300] = randn()\nparam W: [300, 2] = randn()\nparam b: [2] = randn()\n\
         y = affine(x, W, b)\noutput y\n",
        "seed 3\ninput a: [2, 1, 3, 4] = randn()\ninput b: [3, 4, 2] = randn()\ny = matmul(a, b)\noutput y\n",
        "seed 4\ninput v: [20] = randn()\ninput M: [20, 20] = randn()\ny = v @ M @ v\noutput y\n",
        "seed 5\ninput x: [2, 150] = randn()\nconst t: int[2] = [0, 149]\ny = softmax_loss(x, t)\nz = softmax(x)\n\
         u = log_softmax(x, axis = 0)\noutput y, z, u\n",
        "seed 6\ninput x: [3, 200] = randn()\ny = sum(x, axis = 1) * mean(x, axis = [0, 1])\nz = sum(x, axis = 0)\n\
         m = max(x, axis = 1) - min(x)\noutput y, z, m\n",
        "seed 7\ninput x: [4, 5, 6] = randn()\ny = transpose(x, axes = [2, 0, 1])[::-2, 1:] * x[0, 0, 0]\n\
         z = concat(x[1], x[2], axis = 1)\noutput y, z\n",
        // Neighbours that change together, in one input of an op and in both.
        "seed 9\ninput x: [2, 3] = randn()\nconst M: [3, 40] = randn()\nh = x @ M\n\
         y = relu(h) * h + tanh(abs(h))\noutput y\n",
        "seed 8\ninput x: [7, 30] = uniform()\ninput t: [7, 30] = uniform()\ny = cross_entropy(x, t)\n\
         z = squared_error(x, t)\nw = sigmoid_loss(x, t)\noutput y, z, w\n",
    ];
    let unreached: usize = texts.iter().map(|text| hold(&crate::common::read(text)).1).sum();
    assert!(unreached > 1_000, "{unreached}");
}

/// Whether the first node of a graph can follow changes.
fn follows(text: &str) -> bool {
    let graph = crate::common::read(text);
    let plan = Plan::new(&graph, &graph.wanted);
    let memory = Memory::<f64>::new(&plan);
    let step = &plan.steps[0];
    let x = Inputs { slots: plan.input_slots(step), floats: &memory.floats, ints: &memory.ints };
    step.kernel.cone(&x).is_some()
}

#[test]
fn a_matrix_that_meets_many_is_not_copied_for_each() {
    let stack = |many: usize| {
        format!(
            "input a: [{many}, 2, 100] = ones()\ninput b: [100, 100] = ones()\ny = sum(a @ b)\noutput y\n"
        )
    };
    assert!(follows(&stack(3)));
    assert!(!follows(&stack(3000)), "it would take half a gigabyte");
}

/// A kernel whose cone leaves the last of the elements it reaches as they were.
struct Forgetful(Arc<dyn Kernel>);

impl<F: Number> Calls<F> for Forgetful {
    fn call(&self, x: &Inputs<F>, y: Output<F>) {
        F::calls(&*self.0).call(x, y);
    }
    fn branches(&self, x: &Inputs<F>, taken: &mut Branches) {
        F::calls(&*self.0).branches(x, taken);
    }
}

impl<F: Real> CallsBackward<F> for Forgetful {
    fn call_backward(&self, input: usize, x: &Inputs<F>, y: &[F], upstream: &[F], gradient: &mut [F]) {
        F::calls_backward(&*self.0).call_backward(input, x, y, upstream, gradient);
    }
}

impl Kernel for Forgetful {
    fn card(&self) -> &'static Card {
        self.0.card()
    }
    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let right = self.0.cone(x)?;
        Some(Box::new(move |change: &Change, y: &mut Dirty| {
            right.follow(change, y);
            // Off by the last bit, as a sum in another order may be.
            let last = change.of(0).last().map_or(0, |&at| at as usize);
            y.set(last, change.float(0).map(|x| x[last].exp().next_up()));
        }))
    }
}

#[test]
fn a_cone_that_is_off_by_a_bit_is_caught() {
    let mut graph =
        crate::common::read("input x = [0.5, 1.0, 1.5, 2.0, 2.5]\ny = exp(x)\nz = sum(y)\noutput z\n");
    assert!(!compare(&graph, &graph.wanted, &Options::default()).is_wrong());
    graph.nodes[0].kernel = Arc::new(Forgetful(graph.nodes[0].kernel.clone()));
    let comparison = compare(&graph, &graph.wanted, &Options::default());
    assert!(comparison.is_wrong());
    assert!(!comparison.faults.is_empty(), "{comparison:?}");
    assert!(
        comparison.faults[0].contains("a probe and a whole forward run differ"),
        "{:?}",
        comparison.faults
    );
    // Without probes there is nothing to find.
    let unmeasured = Options { measured: false, ..Options::default() };
    assert!(!compare(&graph, &graph.wanted, &unmeasured).is_wrong());
}
