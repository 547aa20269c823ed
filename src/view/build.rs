//! From a run to a scene: who is drawn how, and what stands on every edge.

use super::{
    flow::{Flow, Sender},
    label::{Label, cut, full},
    marks::{Mark, Marks},
    owner::{Owner, Owners, is_drawn},
    scene::{Edge, Form, Group, Item, Scene},
};
use crate::{
    graph::{BlockId, Graph, NodeId, Origin, ValueId},
    run::{Direction, Run},
    syntax::Role,
    tensor::Tensor,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Columns of a name and of a literal in a picture; the tip has all of it.
pub const NAME_COLUMNS: usize = 24;
const LITERAL_COLUMNS: usize = 14;

/// Signs of ops whose inputs may change places.
const COMMUTE: [&str; 2] = ["+", "×"];

pub struct Builder<'a> {
    run: &'a Run<'a>,
    graph: &'a Graph,
    flow: Option<Flow<'a, 'a>>,
    owners: &'a Owners,
    marks: &'a Marks,
    /// What blocks put out: the block says its name.
    of_blocks: HashSet<ValueId>,
}

/// Who an item stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Stands {
    For(Owner),
    Port(BlockId, ValueId),
}

/// Edges before they are labelled, by whom they go to, as which input, from whom,
/// with which value; and what comes back along each.
type Uses = BTreeMap<(usize, usize, usize, ValueId), Vec<Sender>>;

/// A scene that grows.
#[derive(Default)]
struct Sketch {
    scene: Scene,
    places: HashMap<Stands, usize>,
    groups: HashMap<BlockId, usize>,
    uses: Uses,
}

impl<'a> Builder<'a> {
    pub fn new(run: &'a Run<'a>, owners: &'a Owners, marks: &'a Marks) -> Self {
        let flow = (run.direction == Direction::Backward).then(|| Flow::of(run));
        let of_blocks = run.graph.blocks.iter().map(|block| block.output).collect();
        Self { run, graph: run.graph, flow, owners, marks, of_blocks }
    }

    pub fn scene(&self) -> Scene {
        let mut sketch = Sketch::default();
        sketch.scene.title = self.graph.title.clone();
        let all = self.owners.all(self.graph);
        self.add_groups(&mut sketch);
        for &owner in &all {
            let mut item = self.item(owner);
            let within = match owner {
                Owner::Block(block) => self.open_around(block),
                _ => self.owners.group(item.value),
            };
            item.group = within.and_then(|block| sketch.groups.get(&block).copied());
            sketch.places.insert(Stands::For(owner), sketch.scene.items.len());
            sketch.scene.items.push(item);
        }
        self.add_uses(&mut sketch);
        self.add_senders(&mut sketch);
        for ((to, input, from, value), senders) in std::mem::take(&mut sketch.uses) {
            let mut edge = self.edge(from, to, value, &senders);
            edge.input = input;
            edge.port = self.port(&sketch.scene.items[to], input);
            if sketch.scene.items[from].form == Form::Literal {
                edge.above = None;
            }
            sketch.scene.edges.push(edge);
        }
        let mut scene = sketch.scene;
        self.add_totals(&mut scene);
        self.add_ends(&all, &mut scene);
        scene
    }

    /// The nearest opened block around a folded one.
    fn open_around(&self, block: BlockId) -> Option<BlockId> {
        self.owners.group(self.graph.blocks[block.index()].output)
    }

    /// Numbers the opened blocks of which something is shown, outer ones first.
    fn add_groups(&self, sketch: &mut Sketch) {
        let mut opened: HashSet<BlockId> = HashSet::new();
        for id in self.graph.ids().filter(|&id| self.owners.owner(id).is_some()) {
            let mut block = self.owners.group(id);
            while let Some(id) = block.filter(|&id| opened.insert(id)) {
                block = self.owners.parent(id);
            }
        }
        let mut order: Vec<BlockId> = opened.into_iter().collect();
        order.sort_by_key(|block| std::cmp::Reverse(*block));
        sketch.groups = order.iter().enumerate().map(|(at, &id)| (id, at)).collect();
        for &id in &order {
            let block = &self.graph.blocks[id.index()];
            let by_hand = if block.backward.is_some() { ", by hand" } else { "" };
            let title = match block.of == block.name {
                true => format!("{}{by_hand}", block.name),
                false => format!("{} {}{by_hand}", cut(&block.of, NAME_COLUMNS), cut(&block.name, NAME_COLUMNS)),
            };
            sketch.scene.groups.push(Group {
                key: block.name.to_string(),
                title,
                parent: self.owners.parent(id).and_then(|outer| sketch.groups.get(&outer).copied()),
                mark: self.marks.block(id),
            });
        }
    }

    fn item(&self, owner: Owner) -> Item {
        let (form, sign, name, note, value, mark) = match owner {
            Owner::Leaf(id) => return self.leaf(id),
            Owner::Node(id) => {
                let node = self.graph.node(id);
                let card = node.kernel.card();
                let form = if card.sign.is_some() { Form::Circle } else { Form::Box };
                let output = node.outputs[0];
                let name = self.given_name(id, output);
                (form, card.sign.unwrap_or(card.name).to_string(), name, None, output, self.marks.node(id))
            }
            Owner::Block(id) => {
                let block = &self.graph.blocks[id.index()];
                let name = (block.name != block.of).then(|| cut(&block.name, NAME_COLUMNS));
                let note = block.backward.is_some().then(|| "backward by hand".to_string());
                (Form::Fold, cut(&block.of, NAME_COLUMNS), name, note, block.output, self.marks.block(id))
            }
            Owner::Statement(id) => {
                let output = self.graph.node(id).outputs[0];
                let note = Some("folded".to_string());
                (Form::Fold, self.short_name(output), None, note, output, self.marks.node(id))
            }
        };
        let key = self.graph.value(value).name.to_string();
        Item { form, key, sign, name, note, total: None, tip: self.tip(owner, value), group: None, mark, value }
    }

    /// The name that the file gives a node, within its block.
    fn given_name(&self, id: NodeId, output: ValueId) -> Option<String> {
        let node = self.graph.node(id);
        let name = &*self.graph.value(output).name;
        if node.named {
            return Some(cut(name, NAME_COLUMNS));
        }
        if self.of_blocks.contains(&output) {
            return None;
        }
        let local = name.rsplit_once('.').map_or(name, |(_, local)| local);
        let derived = local.strip_prefix(node.kernel.card().name);
        let derived = derived.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit()));
        (!derived).then(|| cut(local, NAME_COLUMNS))
    }

    fn short_name(&self, id: ValueId) -> String {
        cut(&self.graph.value(id).name, NAME_COLUMNS)
    }

    fn leaf(&self, id: ValueId) -> Item {
        let value = self.graph.value(id);
        let form = match value.origin {
            Origin::Leaf { role: Role::Param, .. } => Form::Param,
            Origin::Leaf { role: Role::Const, .. } => Form::Const,
            _ => Form::Input,
        };
        Item {
            form,
            key: value.name.to_string(),
            sign: self.short_name(id),
            name: None,
            note: (!value.ty.shape.is_scalar()).then(|| value.ty.to_string()),
            total: None,
            tip: self.tip(Owner::Leaf(id), id),
            group: None,
            mark: self.marks.leaf(id),
            value: id,
        }
    }

    fn add_uses(&self, sketch: &mut Sketch) {
        for (index, node) in self.graph.nodes.iter().enumerate().filter(|(_, node)| is_drawn(node)) {
            let Some(owner) = self.owners.owner(node.outputs[0]) else { continue };
            let Some(&to) = sketch.places.get(&Stands::For(owner)) else { continue };
            for (input, &value) in node.inputs.iter().enumerate() {
                if matches!(self.graph.value(value).origin, Origin::Literal(_)) {
                    if matches!(owner, Owner::Node(_)) {
                        self.add_literal(to, input, value, sketch);
                    }
                    continue;
                }
                let from = self.owners.owner(value).filter(|&from| from != owner);
                let Some(&from) = from.and_then(|from| sketch.places.get(&Stands::For(from))) else { continue };
                let from = match self.enters(NodeId(index as u32), value) {
                    Some(block) => self.add_port(block, value, from, sketch),
                    None => from,
                };
                sketch.uses.entry((to, self.place(owner, input, value), from, value)).or_default();
            }
        }
    }

    /// The opened block with a backward by hand that a value comes into, on its way
    /// to a node.
    fn enters(&self, node: NodeId, value: ValueId) -> Option<BlockId> {
        let id = self.flow.as_ref()?.hidden(node)?;
        let block = &self.graph.blocks[id.index()];
        (self.is_open(id) && !block.values.contains(&value.0)).then_some(id)
    }

    fn is_open(&self, block: BlockId) -> bool {
        matches!(self.owners.owner(self.graph.blocks[block.index()].output), Some(Owner::Node(_)))
    }

    fn add_port(&self, id: BlockId, value: ValueId, from: usize, sketch: &mut Sketch) -> usize {
        let port = sketch.scene.items.len();
        let block = &self.graph.blocks[id.index()];
        let input = block.inputs.iter().position(|&input| input == value).unwrap_or(usize::MAX);
        if let Some(&known) = sketch.places.get(&Stands::Port(id, value)) {
            return known;
        }
        sketch.places.insert(Stands::Port(id, value), port);
        sketch.uses.entry((port, input, from, value)).or_default();
        let name = &self.graph.value(value).name;
        sketch.scene.items.push(Item {
            form: Form::Port,
            key: format!("{name}>{}", block.name),
            sign: String::new(),
            name: None,
            note: None,
            total: None,
            tip: format!("{name} comes into {}", block.name),
            group: sketch.groups.get(&id).copied(),
            mark: None,
            value,
        });
        port
    }

    /// Every use of a literal has one of its own.
    fn add_literal(&self, to: usize, input: usize, value: ValueId, sketch: &mut Sketch) {
        let from = sketch.scene.items.len();
        let user = &sketch.scene.items[to];
        let (key, group) = (format!("{}#{input}", user.key), user.group);
        let tensor = self.run.value_of(value);
        let sign = match tensor.shape().is_scalar() {
            true => cut(&self.graph.value(value).name, LITERAL_COLUMNS),
            false => Label::of(&tensor).text,
        };
        sketch.scene.items.push(Item {
            form: Form::Literal,
            key,
            sign,
            name: None,
            note: (!tensor.shape().is_scalar()).then(|| tensor.ty().to_string()),
            total: None,
            tip: full(&tensor),
            group,
            mark: None,
            value,
        });
        sketch.uses.entry((to, input, from, value)).or_default();
    }

    /// In which order an edge comes to an item: a fold has one edge for a value,
    /// however often it is used inside.
    fn place(&self, owner: Owner, input: usize, value: ValueId) -> usize {
        match owner {
            Owner::Block(block) => {
                let inputs = &self.graph.blocks[block.index()].inputs;
                inputs.iter().position(|&input| input == value).unwrap_or(inputs.len())
            }
            Owner::Statement(_) => 0,
            _ => input,
        }
    }

    /// What comes back goes along the edge that its sender got the value by.
    fn add_senders(&self, sketch: &mut Sketch) {
        let Some(flow) = &self.flow else { return };
        let mut edges: HashMap<(usize, ValueId), Vec<(usize, usize)>> = HashMap::new();
        for &(to, input, from, value) in sketch.uses.keys() {
            edges.entry((to, value)).or_default().push((input, from));
        }
        for value in self.graph.ids() {
            for &sender in flow.senders(value) {
                let (stands, input) = match sender {
                    Sender::Output => continue,
                    Sender::Node { node, input } => {
                        let Some(owner) = self.owners.owner(self.graph.node(node).outputs[0]) else { continue };
                        (Stands::For(owner), self.place(owner, input, value))
                    }
                    Sender::Hand { block, .. } if self.is_open(block) => (Stands::Port(block, value), usize::MAX),
                    Sender::Hand { block, .. } => {
                        let output = self.graph.blocks[block.index()].output;
                        let Some(owner) = self.owners.owner(output) else { continue };
                        (Stands::For(owner), self.place(owner, usize::MAX, value))
                    }
                };
                let Some(&to) = sketch.places.get(&stands) else { continue };
                let known = edges.get(&(to, value)).map_or(&[][..], Vec::as_slice);
                let edge = known.iter().find(|(at, _)| *at == input).or(known.first());
                if let Some(&(input, from)) = edge {
                    sketch.uses.entry((to, input, from, value)).or_default().push(sender);
                }
            }
        }
    }

    fn edge(&self, from: usize, to: usize, value: ValueId, senders: &[Sender]) -> Edge {
        let tensor = self.run.value_of(value);
        let node = &self.graph.value(value);
        let flow = self.flow.as_ref().filter(|_| !senders.is_empty());
        let gradient = flow.and_then(|flow| Tensor::float(&node.ty.shape, flow.sent(value, senders)));
        let mut tip = format!("{} = {}", node.name, full(&tensor));
        if let Some(gradient) = &gradient {
            tip.push_str(&format!("\n← {}", full(gradient)));
        }
        let mut above = Label::of(&tensor);
        if !above.bars.is_empty() && matches!(node.origin, Origin::Node(_)) {
            above.shape = Some(node.ty.to_string());
        }
        let below = gradient.as_ref().map(Label::of);
        Edge { from, to, value, name: node.name.to_string(), input: 0, port: None, above: Some(above), below, tip }
    }

    /// The op's own word for an input, where its inputs do different things.
    fn port(&self, item: &Item, input: usize) -> Option<&'static str> {
        if !matches!(item.form, Form::Circle | Form::Box) {
            return None;
        }
        let node = self.graph.maker(item.value)?;
        let card = node.kernel.card();
        let alike = card.sign.is_some_and(|sign| COMMUTE.contains(&sign));
        (node.inputs.len() > 1 && !alike).then(|| card.edge(input).name)
    }

    /// Outputs, and nodes that nothing here uses, leave to the right.
    fn add_ends(&self, all: &[Owner], scene: &mut Scene) {
        let used: HashSet<ValueId> = scene.edges.iter().map(|edge| edge.value).collect();
        let outputs: HashSet<ValueId> = self.graph.outputs.iter().copied().collect();
        for (from, &owner) in all.iter().enumerate() {
            let value = scene.items[from].value;
            let is_output = outputs.contains(&value);
            if !is_output && (used.contains(&value) || matches!(owner, Owner::Leaf(_))) {
                continue;
            }
            let flow = self.flow.as_ref().filter(|_| is_output);
            let seeds = flow.map_or(&[][..], |flow| flow.senders(value));
            let seeds: Vec<Sender> = seeds.iter().copied().filter(|&s| s == Sender::Output).take(1).collect();
            let to = scene.items.len();
            scene.edges.push(self.edge(from, to, value, &seeds));
            let name = self.short_name(value);
            // The end says the name; the node need not.
            if matches!(owner, Owner::Node(_)) || scene.items[from].name.as_ref() == Some(&name) {
                scene.items[from].name = None;
            }
            scene.items.push(Item {
                form: Form::End,
                key: format!("{}>", self.graph.value(value).name),
                sign: name,
                name: None,
                note: is_output.then(|| "output".to_string()),
                total: None,
                tip: self.tip(owner, value),
                group: None,
                mark: None::<Mark>,
                value,
            });
        }
    }

    /// A gradient that no single edge tells stands at the item.
    fn add_totals(&self, scene: &mut Scene) {
        let Some(flow) = &self.flow else { return };
        let mut terms: HashMap<ValueId, usize> = HashMap::new();
        for edge in scene.edges.iter().filter(|edge| edge.below.is_some()) {
            *terms.entry(edge.value).or_default() += 1;
        }
        let wanted: HashSet<ValueId> = self.graph.wanted.iter().copied().collect();
        for item in scene.items.iter_mut().filter(|item| !matches!(item.form, Form::Literal | Form::Port)) {
            let id = item.value;
            let seed = usize::from(flow.senders(id).contains(&Sender::Output));
            let shape = &self.graph.value(id).ty.shape;
            let label = || {
                let gradient = self.run.gradient_of(id).and_then(|g| Tensor::float(shape, g.to_vec()));
                gradient.map(|gradient| Label::of(&gradient).text)
            };
            item.total = match (terms.get(&id).copied().unwrap_or(0) + seed, flow.senders(id).is_empty()) {
                (0, true) if wanted.contains(&id) => Some("← 0: no path".to_string()),
                (_, true) | (1, _) => None,
                (0, false) => label().map(|label| format!("← {label}")),
                (_, false) => label().map(|label| format!("← Σ {label}")),
            };
        }
    }

    fn tip(&self, owner: Owner, id: ValueId) -> String {
        let value = self.graph.value(id);
        let mut lines = vec![match value.ty.shape.is_scalar() {
            true => value.name.to_string(),
            false => format!("{}: {}", value.name, value.ty),
        }];
        match owner {
            Owner::Node(node) => {
                let card = self.graph.node(node).kernel.card();
                lines.push(format!("{}: {}", card.name, card.forward));
                lines.extend(card.backward.iter().map(|(to, formula)| format!("gradient of {to}: {formula}")));
            }
            Owner::Block(block) => {
                let nodes = self.graph.blocks[block.index()].nodes.len();
                lines.push(format!("block {}, {nodes} nodes", self.graph.blocks[block.index()].of));
            }
            Owner::Leaf(_) | Owner::Statement(_) => {}
        }
        lines.push(format!("value: {}", full(&self.run.value_of(id))));
        let shown = self.flow.as_ref().is_some_and(|flow| !flow.senders(id).is_empty());
        let gradient = self.run.gradient_of(id).filter(|_| shown);
        let gradient = gradient.and_then(|g| Tensor::float(&value.ty.shape, g.to_vec()));
        lines.extend(gradient.map(|gradient| format!("gradient: {}", full(&gradient))));
        lines.join("\n")
    }
}
