//! From a run to a scene: who is drawn how, and what stands on every edge.

mod items;
mod uses;

use super::{
    flow::{Flow, Sender},
    kept::Kept,
    label::{Label, NAME_COLUMNS, cut, full},
    marks::{Mark, Marks},
    owner::{Owner, Owners},
    scene::{Edge, Form, Group, Item, Scene, Total},
};
use crate::{
    engine::Stored,
    escape::line,
    graph::{BlockId, Graph, Origin, ValueId},
    run::{Direction, Run},
    tensor::Tensor,
};
use std::collections::{BTreeMap, HashMap, HashSet};

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
        let of_blocks = run
            .graph
            .blocks
            .iter()
            .flat_map(|block| block.outputs.iter().map(|&(output, _)| output))
            .collect();
        Self { run, graph: run.graph, flow, owners, marks, of_blocks }
    }

    pub fn scene(&self) -> Scene {
        let mut sketch = Sketch::default();
        sketch.scene.title = self.graph.title.as_deref().map(|title| line(title).into_owned());
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
        self.owners.group(self.graph.blocks[block.index()].output())
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
                false => {
                    format!("{} {}{by_hand}", cut(&block.of, NAME_COLUMNS), cut(&block.name, NAME_COLUMNS))
                }
            };
            let outer = self.owners.parent(id).map(|outer| &self.graph.blocks[outer.index()]);
            let key = match outer.is_some_and(|outer| outer.name == block.name) {
                true => format!("{}>{}", block.name, block.of),
                false => block.name.to_string(),
            };
            sketch.scene.groups.push(Group {
                key,
                block: id,
                name: block.name.to_string(),
                title,
                parent: self.owners.parent(id).and_then(|outer| sketch.groups.get(&outer).copied()),
                mark: self.marks.block(id),
            });
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
        let mut above = Label { kept: self.kept(Stored::Value(value)), ..Label::of(&tensor) };
        if !above.bars.is_empty() && matches!(node.origin, Origin::Node(_)) {
            above.shape = Some(node.ty.to_string());
        }
        let below = gradient.as_ref().map(Label::of);
        Edge {
            from,
            to,
            value,
            name: node.name.to_string(),
            input: 0,
            port: None,
            above: Some(above),
            below,
            tip,
        }
    }

    fn kept(&self, stored: Stored) -> Option<Kept> {
        self.marks.kept.get(stored).cloned()
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
                literal: None,
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
                gradient.map(|gradient| Label::of(&gradient))
            };
            item.total = match (terms.get(&id).copied().unwrap_or(0) + seed, flow.senders(id).is_empty()) {
                (0, true) if wanted.contains(&id) => Some(Total::NoPath),
                (_, true) | (1, _) => None,
                (0, false) => label().map(Total::One),
                (_, false) => label().map(Total::Sum),
            };
            let label = item.total.as_mut().and_then(Total::label_mut);
            label.into_iter().for_each(|label| label.kept = self.kept(Stored::Gradient(id)));
        }
        // What comes back along the only edge is the whole gradient.
        for edge in &mut scene.edges {
            let is_whole = terms.get(&edge.value) == Some(&1);
            let kept = self.kept(Stored::Gradient(edge.value)).filter(|_| is_whole);
            edge.below.iter_mut().for_each(|label| label.kept.clone_from(&kept));
        }
    }
}
