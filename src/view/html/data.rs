//! All that a page's script must know, as JSON: places, values, and the steps of
//! forward and backward with their sentences.

use super::{
    super::{
        flow::{Flow, Sender},
        kept::Kept,
        label::short,
        marks::{Mark, Marks},
        place::{Layout, Rectangle},
        scene::{Form, Item, Scene},
    },
    Page, numbers,
};
use crate::{
    engine::Stored,
    escape::{line, text},
    explain::{Asked, Explainer},
    graph::{BlockId, Graph, Origin, ValueId},
    run::Direction,
    source::Span,
    tensor::Tensor,
};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

pub fn data(page: &Page, scene: &Scene, layout: &Layout, marks: &Marks, folds: Vec<Value>) -> Value {
    let tell = Tell::new(page, scene, marks);
    let items = scene.items.iter().zip(&layout.items).map(|(item, &place)| {
        json!({
            "key": item.key,
            "form": item.form.word(),
            "value": tell.shown[&item.value],
            "group": item.group,
            "mark": item.mark.map(Mark::word),
            "place": rectangle(place),
        })
    });
    let edges = scene.edges.iter().zip(&layout.ways).map(|(edge, way)| {
        json!({
            "from": edge.from,
            "to": edge.to,
            "input": edge.input.to_string(),
            "name": edge.name,
            "levels": way.levels.iter().map(|level| [tenth(level.left), tenth(level.right), tenth(level.y)]).collect::<Vec<_>>(),
            "label": way.label.map(rectangle),
        })
    });
    let groups = scene.groups.iter().zip(&layout.groups).zip(folds).map(|((group, &place), fold)| {
        json!({
            "key": group.key,
            "name": group.name,
            "title": group.title,
            "parent": group.parent,
            "mark": group.mark.map(Mark::word),
            "place": rectangle(place),
            "fold": fold,
            "says": tell.block_says(group.block),
        })
    });
    json!({
        "title": scene.title,
        "file": line(page.file),
        "live": page.live,
        "digits": page.digits.map(|digits| digits.options.precision.word()),
        "width": layout.width,
        "height": layout.height,
        "items": items.collect::<Vec<_>>(),
        "edges": edges.collect::<Vec<_>>(),
        "groups": groups.collect::<Vec<_>>(),
        "values": tell.values(),
        "ops": tell.ops(),
        "steps": tell.steps(),
    })
}

fn tenth(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

fn rectangle(place: Rectangle) -> [f64; 4] {
    [place.x, place.y, place.width, place.height].map(tenth)
}

/// Tells of the values that a scene shows.
struct Tell<'a> {
    page: &'a Page<'a>,
    scene: &'a Scene,
    marks: &'a Marks,
    graph: &'a Graph,
    explainer: Explainer<'a, 'a>,
    backward: bool,
    flow: Option<Flow<'a, 'a>>,
    /// The values in the scene, numbered in the order of computation.
    order: Vec<ValueId>,
    shown: HashMap<ValueId, usize>,
    /// The item that makes each value.
    makers: HashMap<ValueId, usize>,
    blocks: HashMap<ValueId, BlockId>,
}

impl<'a> Tell<'a> {
    fn new(page: &'a Page<'a>, scene: &'a Scene, marks: &'a Marks) -> Self {
        let graph = page.run.graph;
        let backward = page.run.direction == Direction::Backward;
        let mut order: Vec<ValueId> = scene.items.iter().map(|item| item.value).collect();
        order.sort_unstable();
        order.dedup();
        let shown = order.iter().enumerate().map(|(at, &id)| (id, at)).collect();
        let makes = |item: &Item| !matches!(item.form, Form::End | Form::Port);
        let makers = scene.items.iter().enumerate().filter(|(_, item)| makes(item));
        let blocks = graph.blocks.iter().enumerate().flat_map(|(at, block)| {
            block.outputs.iter().map(move |&(output, _)| (output, BlockId(at as u32)))
        });
        Self {
            page,
            scene,
            marks,
            graph,
            explainer: Explainer::new(page.run, page.sources, Asked::All).written(brief),
            backward,
            flow: backward.then(|| Flow::of(page.run)),
            order,
            shown,
            makers: makers.map(|(at, item)| (item.value, at)).collect(),
            blocks: blocks.collect(),
        }
    }

    fn values(&self) -> Vec<Value> {
        self.order.iter().map(|&id| self.value(id)).collect()
    }

    fn value(&self, id: ValueId) -> Value {
        let value = self.graph.value(id);
        let mut told = Map::new();
        told.insert("name".into(), (&*value.name).into());
        told.insert("shape".into(), value.ty.to_string().into());
        told.insert("dims".into(), value.ty.shape.to_vec().into());
        told.insert("value".into(), numbers::tensor(&self.page.run.value_of(id)));
        let gradient = self.page.run.gradient_of(id).filter(|_| self.backward);
        let gradient = gradient.and_then(|gradient| Tensor::float(&value.ty.shape, gradient.to_vec()));
        told.insert("gradient".into(), gradient.map_or(Value::Null, |gradient| numbers::tensor(&gradient)));
        let kept = |stored: Stored| self.marks.kept.get(stored).map(|kept: &Kept| &*kept.words);
        told.insert(
            "kept".into(),
            json!({ "value": kept(Stored::Value(id)), "gradient": kept(Stored::Gradient(id)) }),
        );
        let (kind, span) = match &value.origin {
            Origin::Leaf { role, .. } => (role.word(), value.span),
            Origin::Literal(_) => ("literal", value.span),
            Origin::Upstream(_) => ("upstream", value.span),
            Origin::Node(node) => {
                let node = self.graph.node(*node);
                let card = node.kernel.card();
                told.insert("call".into(), self.explainer.call(id).into());
                // Of a block by hand the author's own lines are told instead.
                if !self.is_by_hand(id) {
                    told.insert("op".into(), card.name.into());
                }
                (card.name, node.span)
            }
        };
        told.insert("kind".into(), kind.into());
        told.insert("block".into(), self.block(id));
        told.insert("source".into(), self.source(span));
        told.into()
    }

    /// What the cards say of the ops that are used.
    fn ops(&self) -> Value {
        let cards = self.order.iter().filter_map(|&id| Some(self.graph.maker(id)?.kernel.card()));
        let told = cards.map(|card| {
            let rules: Vec<Value> = card.backward.iter().map(|&(to, rule)| json!([to, rule])).collect();
            (card.name.to_string(), json!({ "doc": card.doc, "formula": card.forward, "rules": rules }))
        });
        Value::Object(told.collect())
    }

    fn is_by_hand(&self, id: ValueId) -> bool {
        self.blocks.get(&id).is_some_and(|block| self.graph.blocks[block.index()].backward.is_some())
    }

    /// The outermost block that makes a value.
    fn block(&self, id: ValueId) -> Value {
        let Some(block) = self.blocks.get(&id) else { return Value::Null };
        let block = &self.graph.blocks[block.index()];
        let lines = block.backward.iter().flat_map(|hand| &hand.lines);
        json!({
            "of": block.of,
            "nodes": block.nodes.len(),
            "by_hand": lines.map(|line| text(self.page.sources.text(line.span))).collect::<Vec<_>>(),
            "definition": self.source(block.definition),
        })
    }

    /// A line of the graph file: whose, which, and its text.
    fn source(&self, span: Span) -> Value {
        let Some(place) = self.page.sources.place(span) else { return Value::Null };
        let text = self
            .page
            .sources
            .find(span)
            .and_then(|(source, range)| source.text.get(source.line(range.start).0..)?.lines().next());
        json!({ "file": line(&place.file), "line": place.line, "text": text.map(|text| line(text.trim())) })
    }

    /// Forward in the order of computation, then backward in its own.
    fn steps(&self) -> Vec<Value> {
        let mut steps: Vec<Value> = self
            .order
            .iter()
            .filter(|&&id| matches!(self.graph.value(id).origin, Origin::Node(_)))
            .filter_map(|&id| Some(self.forward(id, *self.makers.get(&id)?)))
            .collect();
        if self.backward {
            let shown = (0..self.explainer.len())
                .filter_map(|at| Some((at, *self.makers.get(&self.explainer.value_of(at))?)));
            steps.extend(shown.map(|(at, item)| self.step_back(at, item)));
        }
        steps
    }

    fn forward(&self, id: ValueId, item: usize) -> Value {
        let sentence = self.explainer.forward_told(id).line();
        json!({ "back": false, "item": item, "value": self.shown[&id], "says": [sentence], "lights": self.into(item) })
    }

    fn step_back(&self, at: usize, item: usize) -> Value {
        let step = self.explainer.step(at);
        let mut says = vec![self.explainer.upstream_sentence(&step.upstream).line()];
        says.extend(step.parts.iter().map(|part| self.explainer.part_sentence(&step, part).line()));
        let to: Vec<ValueId> = step.parts.iter().map(|part| part.to).collect();
        // A block by hand is left by its ports, which say where its gradients go.
        let edges = self.scene.edges.iter().enumerate().filter(|(_, edge)| {
            let (end, from) = (&self.scene.items[edge.to], &self.scene.items[edge.from]);
            let ends = match step.block {
                Some(_) if end.form == Form::Port => {
                    let block = end.group.map(|group| &self.scene.groups[group].name);
                    block.is_some_and(|name| **name == *self.graph.value(step.value).name)
                }
                _ => edge.to == item && from.form != Form::Literal,
            };
            ends && to.contains(&edge.value)
        });
        let edges: Vec<usize> = edges.map(|(at, _)| at).collect();
        json!({ "back": true, "item": item, "value": self.shown[&step.value], "says": says, "lights": edges })
    }

    /// What a folded block does, forward and backward, in one step each.
    fn block_says(&self, id: BlockId) -> Value {
        let block = &self.graph.blocks[id.index()];
        let names: Vec<&str> = block.inputs.iter().map(|&input| &*self.graph.value(input).name).collect();
        let place = |value| self.explainer.place(value, self.explainer.entry(value));
        let result = self.explainer.forward_told(block.output()).stages.pop().unwrap_or_default();
        let forward = format!("{} = {}({}) = {result}", place(block.output()), block.of, names.join(", "));
        let Some(flow) = &self.flow else { return json!({ "forward": [forward], "back": [] }) };
        let mut back = vec![self.explainer.upstream_sentence(&self.explainer.sum(block.output())).line()];
        let mut inputs = block.inputs.to_vec();
        inputs.dedup();
        for input in inputs {
            let inside = |sender: &Sender| match sender {
                Sender::Output => false,
                Sender::Node { node, .. } => block.nodes.contains(&node.0),
                Sender::CustomSteps { block: other, .. } => {
                    let other = &self.graph.blocks[other.index()].nodes;
                    block.nodes.start <= other.start && other.end <= block.nodes.end
                }
            };
            let senders: Vec<Sender> = flow.senders(input).iter().copied().filter(inside).collect();
            let entry = self.explainer.entry(input).filter(|_| !senders.is_empty());
            back.extend(entry.map(|entry| {
                let sent = flow.sent(input, &senders)[entry];
                format!("gradient to {}, through {}: {}", place(input), block.of, brief(sent))
            }));
        }
        json!({ "forward": [forward], "back": back })
    }

    /// The edges that come into an item.
    fn into(&self, item: usize) -> Vec<usize> {
        let edges = self.scene.edges.iter().enumerate();
        edges.filter(|(_, edge)| edge.to == item).map(|(at, _)| at).collect()
    }
}

/// A number in a sentence: six digits, with the sign that sentences use.
fn brief(value: f64) -> String {
    short(value).replace('−', "-")
}
