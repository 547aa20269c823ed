//! A graph laid out for running, with the arenas that its runs use one after another.

use crate::known::{Fit, Known};
use foldhash::HashMap;
use graphrun::{
    Graph,
    engine::Memory,
    graph::{Origin, ValueId},
    plan::Plan,
    precision::Precision,
    run::{self, Direction},
};
use self_cell::self_cell;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Arenas that are kept for runs to come.
const SPARE: usize = 2;

/// Elements of all arenas from which on a run may take long.
const LONG: usize = 1 << 15;

self_cell!(
    struct Laid {
        owner: Graph,
        #[covariant]
        dependent: Plan,
    }
);

pub struct Planned {
    laid: Laid,
    /// By name, but for literals.
    names: HashMap<Box<str>, ValueId>,
    spare: Mutex<Vec<Memory<f64>>>,
    /// Of use once other ints are given.
    known: OnceLock<Known>,
    /// Backward has somewhere to start.
    pub goes_back: bool,
}

impl Planned {
    pub fn new(graph: Graph) -> Self {
        let named = graph.ids().filter(|&id| !matches!(graph.value(id).origin, Origin::Literal(_)));
        // Of two of one name the first is meant.
        let names = named.rev().map(|id| (graph.value(id).name.clone(), id)).collect();
        let goes_back = graphrun::run::can_go_backward(&graph).is_ok();
        let laid = Laid::new(graph, |graph| Plan::new(graph, &graph.wanted));
        Self { laid, names, spare: Mutex::default(), known: OnceLock::new(), goes_back }
    }

    pub fn graph(&self) -> &Graph {
        self.laid.borrow_owner()
    }

    pub fn plan(&self) -> &Plan<'_> {
        self.laid.borrow_dependent()
    }

    pub fn find(&self, name: &str) -> Option<ValueId> {
        self.names.get(name).copied()
    }

    /// A run is worth a look for Ctrl-C.
    pub fn is_long(&self) -> bool {
        let sizes = self.plan().sizes;
        sizes.floats + sizes.ints + sizes.gradients > LONG
    }

    /// Arenas with the graph's own values in its leaves.
    pub fn memory(&self) -> Memory<f64> {
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match spare {
            Some(mut memory) => {
                memory.set_leaves(self.plan());
                memory.upstreams.clear();
                memory
            }
            None => Memory::new(self.plan()),
        }
    }

    /// Takes arenas back that nobody looks into any more.
    pub fn take_back(&self, memory: Memory<f64>) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SPARE {
            spare.push(memory);
        }
    }

    /// What the ints in these arenas are to this plan.
    pub fn fit(&self, memory: &mut Memory<f64>) -> Fit {
        self.known().fit(self.plan(), memory)
    }

    /// Loading took the ints in these arenas.
    pub fn take(&self, memory: &Memory<f64>) {
        self.known().take(self.plan(), memory);
    }

    fn known(&self) -> &Known {
        self.known.get_or_init(|| Known::of(self.graph(), self.plan()))
    }

    /// Runs from what the leaves hold in these arenas.
    pub fn compute(&self, memory: Memory<f64>, precision: Precision, gradients: bool) -> Memory<f64> {
        let direction = if gradients && self.goes_back { Direction::Backward } else { Direction::Forward };
        run::compute(self.graph(), self.plan(), precision, memory, direction)
    }
}
