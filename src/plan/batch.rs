//! Batches: calls of one op on single numbers that do not wait for each other.
//!
//! Of all the calls that have their inputs, those of one op run next, as one: of the op
//! that has the most. Their outputs lie side by side in the arenas.

use super::Plan;
use crate::{
    graph::{Graph, Node, Origin, Phase, ValueId},
    op::ScalarBatch,
    tensor::Kind,
};
use foldhash::{HashMap, HashMapExt};
use std::{cmp::Reverse, ops::Range};

/// Batches are made where they hold so many calls on the average.
const WORTH_IT: usize = 4;

/// Calls that run as one, on the same number of inputs, of which the same ones need gradients.
pub struct Batch<'g> {
    pub scalar_batch: &'g dyn ScalarBatch,
    /// Where the outputs lie in the float arena.
    pub outputs: Range<usize>,
    /// Where their gradients lie, if backward needs them.
    pub gradients: Option<Range<usize>>,
    /// Bit `k` is set where backward goes to input `k`.
    pub wanted: u8,
    /// The calls, as a range of the order of running.
    calls: Range<u32>,
    /// Their inputs, call by call, as a range of [`Stages::inputs`].
    inputs: Range<u32>,
}

/// What runs next: one step, or many.
pub enum Stage<'g> {
    Step(u32),
    Batch(Batch<'g>),
}

/// A run in batches. What they read lies in one piece, in the order of running.
pub struct Stages<'g> {
    stages: Vec<Stage<'g>>,
    /// The steps in the order of running.
    order: Vec<u32>,
    /// Where the inputs of the batches' calls lie in the float arena, and their gradients; 0
    /// for an input without one.
    inputs: Vec<u32>,
    gradients: Vec<u32>,
}

impl<'g> Stages<'g> {
    pub fn iter(&self) -> std::slice::Iter<'_, Stage<'g>> {
        self.stages.iter()
    }

    /// The steps of a stage.
    pub fn steps<'p>(&'p self, stage: &'p Stage) -> &'p [u32] {
        match stage {
            Stage::Step(step) => std::slice::from_ref(step),
            Stage::Batch(batch) => &self.order[batch.calls.start as usize..batch.calls.end as usize],
        }
    }

    /// Where the inputs of a batch's calls lie, as [`ScalarBatch`] wants them.
    pub fn inputs(&self, batch: &Batch) -> &[u32] {
        &self.inputs[batch.inputs.start as usize..batch.inputs.end as usize]
    }

    /// Where the gradients of the inputs lie, likewise.
    pub fn gradients(&self, batch: &Batch) -> &[u32] {
        &self.gradients[batch.inputs.start as usize..batch.inputs.end as usize]
    }

    /// Calls `members`, whose outputs lie side by side, as one.
    fn push(&mut self, plan: &Plan<'g>, scalar_batch: &'g dyn ScalarBatch, members: Range<u32>, wanted: u8) {
        let first_input = self.inputs.len() as u32;
        for &member in &self.order[members.start as usize..members.end as usize] {
            for &value in plan.inputs(&plan.steps[member as usize]) {
                self.inputs.push(plan.slot(value).range().start as u32);
                self.gradients.push(plan.gradient(value).map_or(0, |gradient| gradient.start as u32));
            }
        }
        let first = &plan.steps[self.order[members.start as usize] as usize];
        let from_here = |start: usize| start..start + members.len();
        self.stages.push(Stage::Batch(Batch {
            scalar_batch,
            outputs: from_here(plan.slot(first.output).range().start),
            gradients: plan.gradient(first.output).map(|gradient| from_here(gradient.start)),
            wanted,
            calls: members.clone(),
            inputs: first_input..self.inputs.len() as u32,
        }));
    }
}

/// An order of all steps of a graph in which calls that make a batch stand together.
pub(super) struct Schedule {
    /// The nodes in the order of running.
    pub order: Vec<u32>,
    /// Ranges of `order` that make a batch each, and which inputs of theirs have gradients.
    batches: Vec<(Range<u32>, u8)>,
}

impl Schedule {
    /// `None` where the order of the graph is just as good.
    pub fn of(graph: &Graph, on_path: &[bool]) -> Option<Self> {
        // A block by hand goes back as one, wherever its nodes stand.
        if graph.has_custom_backward() {
            return None;
        }
        let groups = Groups::of(graph, on_path);
        if groups.scalar_batch < WORTH_IT * WORTH_IT {
            return None;
        }
        let users = Users::of(graph);
        let mut missing = users.inputs.clone();
        let mut ready: Vec<Vec<u32>> = vec![Vec::new(); groups.wanted.len()];
        let (mut order, mut batches) = (Vec::with_capacity(graph.nodes.len()), Vec::new());
        let put = |node: u32, ready: &mut Vec<Vec<u32>>| ready[groups.of[node as usize] as usize].push(node);
        (0..missing.len() as u32)
            .filter(|&node| missing[node as usize] == 0)
            .for_each(|node| put(node, &mut ready));
        let mut members = Vec::new();
        loop {
            // Those that run alone come first, and of groups alike the first one.
            let most = (0..ready.len()).max_by_key(|&group| (ready[group].len(), Reverse(group)));
            let group = if ready[ALONE as usize].is_empty() { most? } else { ALONE as usize };
            members.clear();
            std::mem::swap(&mut members, &mut ready[group]);
            if members.is_empty() {
                break;
            }
            for &member in &members {
                for &user in users.of_node(member) {
                    missing[user as usize] -= 1;
                    if missing[user as usize] == 0 {
                        put(user, &mut ready);
                    }
                }
            }
            let start = order.len() as u32;
            order.extend_from_slice(&members);
            if group != ALONE as usize {
                batches.push((start..order.len() as u32, groups.wanted[group]));
                if groups.scalar_batch < WORTH_IT * batches.len() {
                    return None;
                }
            }
        }
        Some(Self { order, batches })
    }

    /// The stages of a run of a plan that lies in this order.
    pub fn stages<'g>(self, plan: &Plan<'g>) -> Stages<'g> {
        let mut stages =
            Stages { stages: Vec::new(), order: self.order, inputs: Vec::new(), gradients: Vec::new() };
        let (mut at, end) = (0, stages.order.len() as u32);
        let mut batches = self.batches.into_iter().peekable();
        while at < end {
            let first = stages.order[at as usize];
            let batch = batches.next_if(|(members, _)| members.start == at);
            match (batch, plan.steps[first as usize].kernel.scalar_batch()) {
                (Some((members, wanted)), Some(scalar_batch)) => {
                    at = members.end;
                    stages.push(plan, scalar_batch, members, wanted);
                }
                _ => {
                    at += 1;
                    stages.stages.push(Stage::Step(first));
                }
            }
        }
        stages
    }
}

/// The group of nodes that run alone.
const ALONE: u16 = 0;

/// Which calls may make a batch: those on single numbers of one op, with the same inputs wanted.
struct Groups {
    /// The group of each node.
    of: Vec<u16>,
    /// What is wanted in each group.
    wanted: Vec<u8>,
    /// How many calls are in groups.
    scalar_batch: usize,
}

impl Groups {
    fn of(graph: &Graph, on_path: &[bool]) -> Self {
        let mut groups = Self { of: Vec::with_capacity(graph.nodes.len()), wanted: vec![0], scalar_batch: 0 };
        let mut known: HashMap<(*const u8, u8), u16> = HashMap::new();
        for node in &graph.nodes {
            let group = if is_single(graph, node) {
                groups.scalar_batch += 1;
                let wanted = wanted(node, on_path);
                *known.entry((node.kernel.card().name.as_ptr(), wanted)).or_insert_with(|| {
                    groups.wanted.push(wanted);
                    groups.wanted.len() as u16 - 1
                })
            } else {
                ALONE
            };
            groups.of.push(group);
        }
        groups
    }
}

/// Which nodes wait for a node.
struct Users {
    /// The nodes that read each node's outputs, once for each input, one node behind the other.
    users: Vec<u32>,
    /// Where those of each node begin, and the end.
    starts: Vec<u32>,
    /// How many inputs of each node are made by nodes.
    inputs: Vec<u32>,
}

impl Users {
    fn of(graph: &Graph) -> Self {
        let maker = |input: &ValueId| match graph.value(*input).origin {
            Origin::Node(node) => Some(node.0 as usize),
            _ => None,
        };
        let mut starts = vec![0u32; graph.nodes.len() + 1];
        let mut inputs = Vec::with_capacity(graph.nodes.len());
        for node in &graph.nodes {
            let makers = node.inputs.iter().filter_map(maker);
            inputs.push(makers.clone().count() as u32);
            makers.for_each(|maker| starts[maker] += 1);
        }
        // Each start is the end for now, and moves to the front as the users are filled in.
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut users = vec![0; sum as usize];
        for index in (0..graph.nodes.len() as u32).rev() {
            for maker in graph.nodes[index as usize].inputs.iter().filter_map(maker) {
                starts[maker] -= 1;
                users[starts[maker] as usize] = index;
            }
        }
        Self { users, starts, inputs }
    }

    fn of_node(&self, node: u32) -> &[u32] {
        &self.users[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }
}

/// Which inputs of a call backward goes to, by bits; calls with more than 8 inputs run alone.
fn wanted(node: &Node, on_path: &[bool]) -> u8 {
    if !on_path[node.outputs[0].index()] {
        return 0;
    }
    let is_wanted =
        |(input, value): (usize, &ValueId)| on_path[value.index()] && node.kernel.differentiates(input);
    node.inputs.iter().enumerate().map(|input| u8::from(is_wanted(input)) << input.0).sum()
}

/// A call on single floats that may be stage of a batch.
fn is_single(graph: &Graph, node: &Node) -> bool {
    let is_number = |value: &ValueId| {
        let ty = &graph.value(*value).ty;
        ty.kind == Kind::Float && ty.shape.size() == 1
    };
    node.phase == Phase::Forward
        && node.inputs.len() <= 8
        && node.kernel.scalar_batch().is_some()
        && node.outputs.iter().chain(&node.inputs).all(is_number)
}
