//! What each use of a value sends back: the terms of the sum that is its gradient.

use crate::{
    graph::{BlockId, NodeId, Origin, ValueId},
    plan::{Back, CustomSteps},
    run::Run,
};

/// Where a term comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sender {
    /// The value is an output: its own upstream gradient is 1.
    Output,
    /// An op, through one of its inputs.
    Node { node: NodeId, input: usize },
    /// A line of a block's backward by hand.
    CustomSteps { block: BlockId, line: usize },
}

/// The uses of all values of a run, in the order in which backward takes them.
pub struct Flow<'r, 'g> {
    pub run: &'r Run<'g>,
    senders: Vec<Vec<Sender>>,
    /// For each node the block by hand that it is hidden in.
    hidden: Vec<Option<BlockId>>,
}

impl<'r, 'g> Flow<'r, 'g> {
    /// Of a run that went backward.
    pub fn of(run: &'r Run<'g>) -> Self {
        let (graph, plan) = (run.graph, run.plan());
        let mut flow = Self {
            run,
            senders: vec![Vec::new(); graph.values.len()],
            hidden: vec![None; graph.nodes.len()],
        };
        // Outer blocks stand behind those inside of them.
        for (at, block) in graph.blocks.iter().enumerate().filter(|(_, block)| block.backward.is_some()) {
            flow.hidden[block.nodes.start as usize..block.nodes.end as usize].fill(Some(BlockId(at as u32)));
        }
        for &output in &plan.outputs {
            flow.add(output, Sender::Output);
        }
        for back in &plan.backward {
            match back {
                Back::Product { step, input } => {
                    let to = plan.inputs(&plan.steps[*step as usize])[*input as usize];
                    flow.add(to, Sender::Node { node: NodeId(*step), input: *input as usize });
                }
                Back::Custom(hand) => flow.add_lines(hand),
            }
        }
        flow
    }

    fn add_lines(&mut self, hand: &CustomSteps) {
        let Origin::Node(end) = self.run.graph.value(hand.upstreams[0].0).origin else { return };
        let Some(block) = self.hidden(end) else { return };
        let lines = self.run.graph.blocks[block.index()].backward.iter().flat_map(|hand| &hand.lines);
        for (line, written) in lines.enumerate() {
            if hand.results.contains(&(written.gradient, written.to)) {
                self.add(written.to, Sender::CustomSteps { block, line });
            }
        }
    }

    fn add(&mut self, to: ValueId, sender: Sender) {
        if self.run.gradient_of(to).is_some() {
            self.senders[to.index()].push(sender);
        }
    }

    /// Who sends something back to a value; none for values without a gradient.
    pub fn senders(&self, value: ValueId) -> &[Sender] {
        &self.senders[value.index()]
    }

    /// The block by hand in which a node stands, whose inside has no gradients.
    pub fn hidden(&self, node: NodeId) -> Option<BlockId> {
        self.hidden[node.index()]
    }

    /// Adds one term to a gradient, as backward does.
    pub fn add_term(&self, value: ValueId, sender: Sender, gradient: &mut [f64]) {
        match sender {
            Sender::Output => gradient.iter_mut().for_each(|entry| *entry += 1.0),
            Sender::Node { node, input } => {
                let upstream = self.run.gradient_of(self.run.graph.node(node).outputs[0]);
                upstream.into_iter().for_each(|upstream| self.run.send_back(node, input, upstream, gradient));
            }
            Sender::CustomSteps { block, line } => {
                let hand = self.run.graph.blocks[block.index()].backward.as_ref();
                let line = hand.and_then(|hand| hand.lines.get(line)).filter(|line| line.to == value);
                let term = line.and_then(|line| self.run.floats_of(line.gradient)).unwrap_or(&[]);
                gradient.iter_mut().zip(term).for_each(|(entry, term)| *entry += term);
            }
        }
    }

    /// What some senders send back to a value, in all.
    pub fn sent(&self, value: ValueId, senders: &[Sender]) -> Vec<f64> {
        if senders.len() == self.senders(value).len()
            && let Some(gradient) = self.run.gradient_of(value)
        {
            return gradient.to_vec();
        }
        let mut gradient = vec![0.0; self.run.graph.value(value).ty.shape.size()];
        senders.iter().for_each(|&sender| self.add_term(value, sender, &mut gradient));
        gradient
    }

    /// One term alone.
    pub fn term(&self, value: ValueId, sender: Sender) -> Vec<f64> {
        let mut gradient = vec![0.0; self.run.graph.value(value).ty.shape.size()];
        self.add_term(value, sender, &mut gradient);
        gradient
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{load::read, source::Spelling};

    #[test]
    fn terms_add_up_to_the_gradient_bit_for_bit() {
        let text = "block sig(x) {\n y = 1 / (1 + exp(-x))\n output y\n backward x = upstream * y * (1 - y)\n}\n\
                    input x = [0.1, -0.7, 3]\nparam w = 0.3\ny = sig(x * w) + x\nloss = sum(y * y / 3 + x)";
        let graph = read(text, Spelling::Graph).unwrap();
        let run = Run::backward(&graph);
        let flow = Flow::of(&run);
        let mut looked_at = 0;
        for id in graph.ids() {
            let Some(want) = run.gradient_of(id).filter(|_| !flow.senders(id).is_empty()) else { continue };
            let mut got = vec![0.0; want.len()];
            flow.senders(id).iter().for_each(|&sender| flow.add_term(id, sender, &mut got));
            assert_eq!(got, want, "{}", graph.value(id).name);
            looked_at += 1;
        }
        assert!(looked_at >= 7, "{looked_at}");
    }
}
