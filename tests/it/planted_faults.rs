//! Every differentiable op with its backward broken on purpose: the comparison
//! must say wrong, and name that node.
//!
//! `cargo test --test it planted_faults -- --nocapture` prints how many were found.

use graphrun::{
    Graph, Run,
    compare::{Options, compare},
    op::{Branches, Calls, CallsBackward, Card, Cone, Inputs, Kernel, Number, Output, Real},
    ops,
    shape::Shape,
};
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    /// Every entry a thousandth too large.
    Scaled,
    Sign,
    Doubled,
    /// One nonzero entry, zero.
    OneZeroed,
    Transposed,
    /// Every entry is its neighbour's, as of a slice that is off by one.
    Shifted,
    /// As of a reduction over the wrong axis: the entries in reverse.
    Reversed,
    /// The second half of the entries is missing.
    Halved,
    UpstreamIgnored,
    /// Every entry a hundred-millionth too large.
    Slight,
    /// The smallest entry, and no other, a hundred-millionth too large. Entries a billion times smaller than
    /// the greatest are passed over: 32 digits do not show such a slip of theirs.
    OneSlight,
}

const FAULTS: [Fault; 11] = [
    Fault::Scaled,
    Fault::Sign,
    Fault::Doubled,
    Fault::OneZeroed,
    Fault::Transposed,
    Fault::Shifted,
    Fault::Reversed,
    Fault::Halved,
    Fault::UpstreamIgnored,
    Fault::Slight,
    Fault::OneSlight,
];

/// A kernel whose backward for one input has a fault.
struct Faulty {
    right: Arc<dyn Kernel>,
    input: usize,
    shape: Shape,
    /// The entry that `OneZeroed` takes away.
    entry: usize,
    fault: Fault,
}

impl Faulty {
    fn spoil<F: Real>(&self, gradient: &mut [F]) {
        match self.fault {
            Fault::Scaled => gradient.iter_mut().for_each(|g| *g = *g * F::from_f64(1.001)),
            Fault::Sign => gradient.iter_mut().for_each(|g| *g = -*g),
            Fault::Doubled => gradient.iter_mut().for_each(|g| *g += *g),
            Fault::OneZeroed => gradient[self.entry] = F::zero(),
            Fault::Transposed => {
                if let &[rows, columns] = &self.shape[..] {
                    let right = gradient.to_vec();
                    for at in 0..right.len() {
                        gradient[at] = right[(at * columns) % (rows * columns) + at / rows];
                    }
                }
            }
            Fault::Shifted => gradient.rotate_right(usize::from(gradient.len() > 1)),
            Fault::Reversed => gradient.reverse(),
            Fault::Halved => {
                let half = gradient.len().div_ceil(2);
                gradient[half..].fill(F::zero());
            }
            Fault::UpstreamIgnored => {}
            Fault::Slight => gradient.iter_mut().for_each(|g| *g = *g * F::from_f64(1.0 + 1e-8)),
            Fault::OneSlight => {
                let greatest = gradient.iter().fold(0.0f64, |size, g| size.max(g.to_f64().abs()));
                let entries = gradient.iter_mut().filter(|g| g.to_f64().abs() > 1e-9 * greatest);
                if let Some(g) = entries.min_by(|a, b| a.to_f64().abs().total_cmp(&b.to_f64().abs())) {
                    *g = *g * F::from_f64(1.0 + 1e-8);
                }
            }
        }
    }
}

impl<F: Number> Calls<F> for Faulty {
    fn call(&self, x: &Inputs<F>, y: Output<F>) {
        F::calls(&*self.right).call(x, y);
    }
    fn branches(&self, x: &Inputs<F>, taken: &mut Branches) {
        F::calls(&*self.right).branches(x, taken);
    }
}

impl<F: Real> CallsBackward<F> for Faulty {
    fn call_backward(&self, input: usize, x: &Inputs<F>, y: &[F], upstream: &[F], gradient: &mut [F]) {
        let right = F::calls_backward(&*self.right);
        if input != self.input {
            return right.call_backward(input, x, y, upstream, gradient);
        }
        let mut own = vec![F::zero(); gradient.len()];
        if self.fault == Fault::UpstreamIgnored {
            right.call_backward(input, x, y, &vec![F::one(); upstream.len()], &mut own);
        } else {
            right.call_backward(input, x, y, upstream, &mut own);
        }
        self.spoil(&mut own);
        gradient.iter_mut().zip(own).for_each(|(gradient, own)| *gradient += own);
    }
}

impl Kernel for Faulty {
    fn card(&self) -> &'static Card {
        self.right.card()
    }
    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        self.right.cone(x)
    }
}

/// A sample's call as a small net: what it gives goes on through a node that
/// makes the upstream gradient uneven.
fn net(card: &Card, call: &str) -> Graph {
    let (leaves, call) = crate::common::with_leaves(card, call);
    let text = format!("{leaves}inner = {call}\nspread = sin(1.3 * inner) + 2.1 * inner\ny = sum(spread)\n");
    crate::common::read(&text)
}

#[test]
fn every_planted_fault_is_found_at_its_node() {
    let (mut planted, mut tried) = (0, 0);
    let mut missed = Vec::new();
    for entry in ops::ALL {
        let card = entry.card;
        if card.backward.is_empty() {
            continue;
        }
        for sample in card.samples.iter().filter(|sample| crate::common::gives_floats(sample.call)) {
            let graph = net(card, sample.call);
            let node = graph.ids().find(|&id| &*graph.value(id).name == "inner").unwrap();
            let at = graph.nodes.iter().position(|n| n.outputs[0] == node).unwrap();
            for (input, &value) in graph.nodes[at].inputs.iter().enumerate() {
                if !card.differentiates(input) || !graph.value(value).differentiable {
                    continue;
                }
                let right = Run::backward(&graph).gradient_of(value).unwrap().to_vec();
                let entry = right.iter().rposition(|g| *g != 0.0).unwrap_or(0);
                for fault in FAULTS {
                    tried += 1;
                    let mut broken = graph.clone();
                    let kernel = broken.nodes[at].kernel.clone();
                    let shape = graph.value(value).ty.shape.clone();
                    broken.nodes[at].kernel = Arc::new(Faulty { right: kernel, input, shape, entry, fault });
                    let wrong = Run::backward(&broken).gradient_of(value).unwrap().to_vec();
                    let changes = right.iter().zip(&wrong).any(|(a, b)| (a - b).abs() > 1e-10 * a.abs());
                    if !changes || !right.iter().all(|x| x.is_finite()) {
                        continue;
                    }
                    planted += 1;
                    let comparison = compare(&broken, &broken.wanted, &Options::default());
                    let located = comparison.location.guilty.iter().map(|guilty| guilty.unit.output());
                    if comparison.word() != "wrong" || !located.eq([node]) {
                        let blamed: Vec<&str> = comparison
                            .location
                            .guilty
                            .iter()
                            .map(|guilty| &*graph.value(guilty.unit.output()).name)
                            .collect();
                        missed.push(format!(
                            "{}, input {}: {fault:?} is called {}, and the blame goes to [{}]",
                            sample.call,
                            card.edge(input).name,
                            comparison.word(),
                            blamed.join(", ")
                        ));
                    }
                }
            }
        }
    }
    println!("planted faults: {planted} (of {tried}; the others change nothing), missed: {}", missed.len());
    assert!(planted > 500, "only {planted} faults planted");
    assert!(missed.is_empty(), "missed {}:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn nothing_is_wrong_where_nothing_is_broken() {
    for entry in ops::ALL.iter().filter(|entry| !entry.card.backward.is_empty()) {
        for sample in entry.card.samples.iter().filter(|sample| crate::common::gives_floats(sample.call)) {
            let graph = net(entry.card, sample.call);
            if graph.wanted.is_empty() {
                continue;
            }
            let comparison = compare(&graph, &graph.wanted, &Options::default());
            let word = comparison.word();
            let fine = word == "ok" || (word == "kink" && entry.card.kinks.is_some());
            assert!(fine, "{}: {word}\n{comparison:#?}", sample.call);
        }
    }
}
