//! From a run to a scene: who is drawn how, and what stands on every edge.

use super::{
    flow::{Flow, Sender},
    marks::Marks,
    number::{Label, cut},
    owner::{Owner, Owners, is_drawn, parent},
    scene::{Edge, Form, Group, Item, Scene},
    sign::{has_sides, sign},
};
use crate::{
    graph::{BlockId, Graph, NodeId, Origin, ValueId},
    report::number,
    run::{Direction, Run},
    syntax::Role,
    tensor::Tensor,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Elements of a tensor in a tip; the rest is counted.
const TIP_ELEMENTS: usize = 24;

/// Columns of a name or a literal in a picture.
const NAME_COLUMNS: usize = 24;

pub struct Builder<'a> {
    run: &'a Run<'a>,
    graph: &'a Graph,
    flow: Option<Flow<'a, 'a>>,
    owners: &'a Owners,
    marks: &'a Marks,
}

/// An edge before it is labelled: who, to whom, which value, through which inputs.
type Uses = BTreeMap<(usize, usize, ValueId, usize), Vec<Sender>>;

impl<'a> Builder<'a> {
    pub fn new(run: &'a Run<'a>, owners: &'a Owners, marks: &'a Marks) -> Self {
        let flow = (run.direction == Direction::Backward).then(|| Flow::of(run));
        Self { run, graph: run.graph, flow, owners, marks }
    }

    pub fn scene(&self) -> Scene {
        let mut scene = Scene { title: self.graph.title.clone(), ..Scene::default() };
        let all = self.owners.all(self.graph);
        let places: HashMap<Owner, usize> = all.iter().enumerate().map(|(at, &owner)| (owner, at)).collect();
        let groups = self.groups(&all, &mut scene);
        for &owner in &all {
            let mut item = self.item(owner);
            item.group = self.group_of(owner).and_then(|block| groups.get(&block).copied());
            scene.items.push(item);
        }
        for ((from, to, value, input), senders) in self.uses(&places) {
            let mut edge = self.edge(from, to, value, &senders);
            edge.port = self.port(all[to], input);
            if scene.items[from].form == Form::Literal {
                edge.above = None;
            }
            scene.edges.push(edge);
        }
        self.add_ends(&all, &mut scene);
        self.add_totals(&mut scene);
        scene
    }

    fn group_of(&self, owner: Owner) -> Option<BlockId> {
        match owner {
            Owner::Node(node) | Owner::Statement(node) => self.owners.groups[node.index()],
            Owner::Block(block) => self.owners.groups[self.graph.blocks[block.index()].nodes.start as usize],
            Owner::Leaf(leaf) => {
                // A block's own params stand with it.
                let within = |block: &BlockId| {
                    let block = &self.graph.blocks[block.index()];
                    let rest = self.graph.value(leaf).name.strip_prefix(&*block.name);
                    rest.is_some_and(|rest| rest.starts_with('.'))
                };
                let user = self.graph.nodes.iter().position(|node| node.inputs.contains(&leaf))?;
                let literal = matches!(self.graph.value(leaf).origin, Origin::Literal(_));
                self.owners.groups[user].filter(|block| literal || within(block))
            }
        }
    }

    /// Numbers the opened blocks, outer ones first.
    fn groups(&self, all: &[Owner], scene: &mut Scene) -> HashMap<BlockId, usize> {
        let mut opened: HashSet<BlockId> = HashSet::new();
        for &owner in all {
            let mut block = match owner {
                Owner::Leaf(_) => None,
                owner => self.group_of(owner),
            };
            while let Some(id) = block.filter(|&id| opened.insert(id)) {
                block = parent(self.graph, id);
            }
        }
        let mut order: Vec<BlockId> = opened.into_iter().collect();
        order.sort_by_key(|block| std::cmp::Reverse(*block));
        let numbers: HashMap<BlockId, usize> = order.iter().enumerate().map(|(at, &id)| (id, at)).collect();
        for &id in &order {
            let block = &self.graph.blocks[id.index()];
            scene.groups.push(Group {
                title: block_title(&block.of, &block.name),
                parent: parent(self.graph, id).and_then(|outer| numbers.get(&outer).copied()),
                mark: self.marks.block(id),
            });
        }
        numbers
    }

    fn item(&self, owner: Owner) -> Item {
        let (form, sign, name, note, value, mark) = match owner {
            Owner::Leaf(id) => return self.leaf(id),
            Owner::Node(id) => {
                let node = self.graph.node(id);
                let (form, sign) = match sign(node.kernel.card().name) {
                    Some(sign) => (Form::Circle, sign),
                    None => (Form::Box, node.kernel.card().name),
                };
                let output = node.outputs[0];
                let name = node.named.then(|| cut(&self.graph.value(output).name, NAME_COLUMNS));
                (form, sign.to_string(), name, None, output, self.marks.node(id))
            }
            Owner::Block(id) => {
                let block = &self.graph.blocks[id.index()];
                let name = (block.name != block.of).then(|| cut(&block.name, NAME_COLUMNS));
                let note = block.backward.is_some().then(|| "backward by hand".to_string());
                let mark = self.marks.block(id);
                (Form::Fold, cut(&block.of, NAME_COLUMNS), name, note, block.output, mark)
            }
            Owner::Statement(id) => {
                let output = self.graph.node(id).outputs[0];
                let sign = cut(&self.graph.value(output).name, NAME_COLUMNS);
                let inside = (0..self.graph.nodes.len() as u32)
                    .map(NodeId)
                    .filter(|&node| self.owners.owner(self.graph.node(node).outputs[0]) == Some(owner));
                (Form::Fold, sign, None, Some("folded".to_string()), output, self.marks.of_nodes(inside))
            }
        };
        Item { form, sign, name, note, total: None, tip: self.tip(value), group: None, mark, value }
    }

    fn leaf(&self, id: ValueId) -> Item {
        let value = self.graph.value(id);
        let form = match value.origin {
            Origin::Leaf { role: Role::Input, .. } => Form::Input,
            Origin::Leaf { role: Role::Param, .. } => Form::Param,
            Origin::Leaf { role: Role::Const, .. } => Form::Const,
            _ => Form::Literal,
        };
        let sign = cut(&value.name, if form == Form::Literal { 14 } else { NAME_COLUMNS });
        let note =
            (form != Form::Literal && !value.ty.shape.is_scalar()).then(|| value.ty.to_string());
        let (tip, mark) = (self.tip(id), self.marks.leaf(id));
        Item { form, sign, name: None, note, total: None, tip, group: None, mark, value: id }
    }

    fn uses(&self, places: &HashMap<Owner, usize>) -> Uses {
        let mut uses = Uses::new();
        for (index, node) in self.graph.nodes.iter().enumerate().filter(|(_, node)| is_drawn(node)) {
            let Some(owner) = self.owners.owner(node.outputs[0]) else { continue };
            let whole = !matches!(owner, Owner::Node(_));
            for (input, &value) in node.inputs.iter().enumerate() {
                let from = self.owners.owner(value).filter(|&from| from != owner);
                let Some(from) = from.and_then(|from| places.get(&from)) else { continue };
                // A fold has one edge for a value, however often it is used inside.
                let key = (*from, places[&owner], value, if whole { 0 } else { input });
                let id = NodeId(index as u32);
                let flow = self.flow.as_ref();
                let sends = |sender: &&Sender| **sender == Sender::Node { node: id, input };
                let sender = flow.and_then(|flow| flow.senders(value).iter().find(sends));
                let entry = uses.entry(key).or_default();
                entry.extend(sender.copied());
                if let Some(block) = flow.and_then(|flow| flow.hidden(id)) {
                    let by_hand = |sender: &&Sender| matches!(sender, Sender::Hand { block: b, .. } if *b == block);
                    let lines = flow.map_or(&[][..], |flow| flow.senders(value)).iter().filter(by_hand);
                    lines.for_each(|line| if !entry.contains(line) { entry.push(*line) });
                }
            }
        }
        uses
    }

    fn edge(&self, from: usize, to: usize, value: ValueId, senders: &[Sender]) -> Edge {
        let tensor = self.run.value_of(value);
        let shape = &self.graph.value(value).ty.shape;
        let flow = self.flow.as_ref().filter(|_| !senders.is_empty());
        let gradient = flow.and_then(|flow| {
            let mut sum = vec![0.0; shape.size()];
            senders.iter().for_each(|&sender| flow.add_term(value, sender, &mut sum));
            Tensor::float(shape, sum)
        });
        let mut tip = format!("{} = {}", self.graph.value(value).name, full(&tensor));
        if let Some(gradient) = &gradient {
            tip.push_str(&format!("\nsent back: {}", full(gradient)));
        }
        let below = gradient.as_ref().map(Label::of);
        Edge { from, to, value, port: None, above: Some(Label::of(&tensor)), below, tip }
    }

    fn port(&self, owner: Owner, input: usize) -> Option<&'static str> {
        let Owner::Node(node) = owner else { return None };
        let node = self.graph.node(node);
        let card = node.kernel.card();
        (node.inputs.len() > 1 && has_sides(card.name)).then(|| card.edge(input).name)
    }

    /// Outputs, and nodes that nothing uses, leave to the right.
    fn add_ends(&self, all: &[Owner], scene: &mut Scene) {
        let used: HashSet<ValueId> = scene.edges.iter().map(|edge| edge.value).collect();
        for (from, &owner) in all.iter().enumerate() {
            let value = scene.items[from].value;
            let is_output = self.graph.outputs.contains(&value);
            if !is_output && (used.contains(&value) || matches!(owner, Owner::Leaf(_))) {
                continue;
            }
            let flow = self.flow.as_ref().filter(|_| is_output);
            let seeds = flow.map_or(&[][..], |flow| flow.senders(value));
            let seeds: Vec<Sender> = seeds.iter().copied().filter(|&s| s == Sender::Output).take(1).collect();
            let to = scene.items.len();
            scene.edges.push(self.edge(from, to, value, &seeds));
            // The end says the name; the node need not.
            let name = cut(&self.graph.value(value).name, NAME_COLUMNS);
            if matches!(owner, Owner::Node(_)) || scene.items[from].name.as_ref() == Some(&name) {
                scene.items[from].name = None;
            }
            let mark = None;
            let (form, tip) = (Form::End, self.tip(value));
            let note = is_output.then(|| "output".to_string());
            scene.items.push(Item { form, sign: name, name: None, note, total: None, tip, group: None, mark, value });
        }
    }

    /// Where several edges bring terms, their sum stands at the item.
    fn add_totals(&self, scene: &mut Scene) {
        let mut terms: HashMap<ValueId, usize> = HashMap::new();
        for edge in scene.edges.iter().filter(|edge| edge.below.is_some()) {
            *terms.entry(edge.value).or_default() += 1;
        }
        for item in scene.items.iter_mut().filter(|item| item.form != Form::End) {
            if terms.get(&item.value).is_some_and(|&count| count > 1) {
                let shape = &self.graph.value(item.value).ty.shape;
                let total = self.run.gradient_of(item.value).and_then(|g| Tensor::float(shape, g.to_vec()));
                item.total = total.as_ref().map(Label::of);
            }
        }
    }

    fn tip(&self, id: ValueId) -> String {
        let value = self.graph.value(id);
        let mut lines = vec![match value.ty.shape.is_scalar() {
            true => value.name.to_string(),
            false => format!("{}: {}", value.name, value.ty),
        }];
        if let Some(node) = self.graph.maker(id) {
            let card = node.kernel.card();
            lines.push(format!("{}: {}", card.name, card.forward));
            lines.extend(card.backward.iter().map(|(to, formula)| format!("gradient of {to}: {formula}")));
        }
        lines.push(format!("value: {}", full(&self.run.value_of(id))));
        let gradient = self.run.gradient_of(id).and_then(|g| Tensor::float(&value.ty.shape, g.to_vec()));
        let shown = self.flow.as_ref().is_some_and(|flow| !flow.senders(id).is_empty());
        lines.extend(gradient.filter(|_| shown).map(|gradient| format!("gradient: {}", full(&gradient))));
        lines.join("\n")
    }
}

/// `dense h`, or the name alone where both are the same.
fn block_title(of: &str, name: &str) -> String {
    match of == name {
        true => name.to_string(),
        false => format!("{of} · {name}"),
    }
}

/// A tensor's elements to the last bit.
fn full(tensor: &Tensor) -> String {
    let elements = tensor.to_floats();
    if tensor.shape().is_scalar() {
        return number(elements[0]);
    }
    let shown: Vec<String> = elements.iter().take(TIP_ELEMENTS).map(|&x| number(x)).collect();
    let rest = elements.len().saturating_sub(TIP_ELEMENTS);
    let rest = if rest > 0 { format!(", … and {rest} more") } else { String::new() };
    format!("[{}{rest}]", shown.join(", "))
}
