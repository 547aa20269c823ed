//! A graph as a document without blocks and chains: one node a line.
//!
//! A block with a backward by hand stays a block, since only its author's lines
//! say how it goes back. Running the flat document gives the same bits.

use crate::{
    graph::{Block, Expected, Formula, Graph, Node, Origin, Phase, ValueId, Want},
    limits::Limits,
    op::{AttributeValue, Takes},
    shape::Shape,
    source::{Name, Span, Spanned},
    syntax::{
        self, Attribute, Call, Dim, Document, Expression, Item, Setting, SettingValue, Testing, Tolerance,
        TypeNote, What, literal,
    },
    tensor::{Kind, Tensor},
};
use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap, HashSet},
};

/// Writes a graph down flat. `document` is what the graph was made of, `text`
/// gives the words of a span; the graph must have kept its leaves' expressions.
pub fn flatten(graph: &Graph, document: &Document, text: impl Fn(Span) -> String) -> Document {
    let names = Names::of(graph);
    let by_hand: Vec<&Block> = graph.custom_blocks().into_iter().map(|id| graph.block(id)).collect();
    let within = Inside::of(&by_hand);
    let inside = |id: ValueId| within.holds(id);
    let mut flat = Document {
        title: document.title.clone(),
        seed: Some(at_nowhere(u64::from(graph.seed))),
        // Every expectation gets its tolerance.
        testing: Testing { within: None, ..document.testing.clone() },
        outputs: graph.outputs.iter().map(|&output| names.name(output)).collect(),
        blocks: kept(document, graph, &by_hand),
        ..Document::default()
    };
    // Blocks that share their params are called by the name of the layer.
    let layers: BTreeSet<&str> = by_hand.iter().filter_map(|block| block.layer.as_deref()).collect();
    let mut named: HashSet<&str> = HashSet::new();
    for (id, expression) in graph.leaf_expressions.iter().filter(|(id, _)| !inside(*id)) {
        let value = graph.value(*id);
        let Origin::Leaf { role, .. } = value.origin else { continue };
        let is_of_a_layer =
            |layer: &&str| value.name.strip_prefix(layer).is_some_and(|rest| rest.starts_with('.'));
        if layers.iter().any(is_of_a_layer) {
            continue;
        }
        flat.leaves.push(syntax::Leaf {
            role,
            name: names.name(*id),
            ty: Some(note(value.ty.kind, &value.ty.shape)),
            value: Some(expression.clone()),
            span: Span::default(),
        });
    }
    // A call stands where the last of its outputs is made.
    let last = |block: &&Block| block.outputs.iter().map(|&(output, _)| output).max();
    let ends: HashMap<ValueId, &Block> =
        by_hand.iter().filter_map(|block| Some((last(block)?, *block))).collect();
    for node in graph.nodes.iter().filter(|node| node.phase == Phase::Forward) {
        let output = node.outputs[0];
        let (made, value): (Vec<_>, _) = match ends.get(&output) {
            Some(block) => {
                if let Some(layer) = block.layer.as_deref().filter(|layer| named.insert(layer)) {
                    let value = call(&block.of, Vec::new(), 0, block.attributes.clone());
                    let name = at_nowhere(names.of_layer(layer));
                    flat.nodes.push(syntax::Node { name, others: Vec::new(), value, span: Span::default() });
                }
                let outputs = block.outputs.iter().map(|&(output, _)| names.name(output));
                (outputs.collect(), block_call(graph, &names, block))
            }
            None if within.around(output) => continue,
            None => (vec![names.name(output)], op_call(graph, &names, node)),
        };
        let mut made = made.into_iter();
        let Some(name) = made.next() else { continue };
        flat.nodes.push(syntax::Node { name, others: made.collect(), value, span: Span::default() });
    }
    let upstreams = graph.upstreams.iter().map(|(of, tensor)| syntax::Upstream {
        name: names.name(*of),
        value: literal(tensor, true),
        span: Span::default(),
    });
    flat.upstreams = upstreams.collect();
    flat.expectations = expectations(graph, &names, text);
    flat.settings = settings(graph, &names);
    flat
}

/// The values that blocks make, but for their outputs.
struct Inside(Vec<(u32, u32)>, HashSet<ValueId>);

impl Inside {
    fn of(blocks: &[&Block]) -> Self {
        let mut made: Vec<(u32, u32)> =
            blocks.iter().map(|block| (block.values.start, block.values.end)).collect();
        made.sort_unstable_by_key(|&(start, end)| (start, Reverse(end)));
        let mut until = 0;
        made.retain(|&(_, end)| {
            let is_outermost = end > until;
            until = until.max(end);
            is_outermost
        });
        let outputs = blocks.iter().flat_map(|block| block.outputs.iter().map(|&(output, _)| output));
        Self(made, outputs.collect())
    }

    /// The value is made within a block, be it one of its outputs.
    fn around(&self, id: ValueId) -> bool {
        let before = self.0.partition_point(|&(start, _)| start <= id.0);
        before > 0 && id.0 < self.0[before - 1].1
    }

    /// The value is made within a block, and is none of its outputs.
    fn holds(&self, id: ValueId) -> bool {
        self.around(id) && !self.1.contains(&id)
    }
}

/// The definitions that are still called, and those that they call.
fn kept(document: &Document, graph: &Graph, by_hand: &[&Block]) -> Vec<syntax::Block> {
    let formulas = formulas(graph).flat_map(|formula| called(&formula.expression));
    let mut wanted: Vec<&str> = by_hand.iter().map(|block| &*block.of).chain(formulas).collect();
    let mut kept: HashSet<&str> = HashSet::new();
    let by_name: HashMap<&str, &syntax::Block> =
        document.blocks.iter().rev().map(|block| (&*block.name.value, block)).collect();
    while let Some(name) = wanted.pop() {
        let Some(block) = by_name.get(name) else { continue };
        if kept.insert(name) {
            let nodes = block.nodes.iter().map(|node| &node.value);
            let lines = nodes.chain(block.backward.iter().map(|line| &line.value));
            wanted.extend(lines.flat_map(called));
        }
    }
    document.blocks.iter().filter(|block| kept.contains(&*block.name.value)).cloned().collect()
}

/// What an expression calls.
fn called(expression: &Expression) -> impl Iterator<Item = &str> {
    expression.items.iter().filter_map(|item| match &item.what {
        What::Call(call) => Some(&*call.runs.as_ref().unwrap_or(&call.name).value),
        _ => None,
    })
}

/// The formulas that something is expected by.
fn formulas(graph: &Graph) -> impl Iterator<Item = &Formula> {
    graph.expectations.iter().filter_map(|expectation| match &expectation.of {
        Expected::Value { want: Want::Formula(formula), .. }
        | Expected::Gradient { want: Want::Formula(formula), .. } => Some(&**formula),
        _ => None,
    })
}

/// Names without points, each still unique.
struct Names(HashMap<ValueId, Box<str>>);

impl Names {
    fn of(graph: &Graph) -> Self {
        let mut taken: HashSet<Box<str>> = HashSet::new();
        let mut names = HashMap::new();
        // Names that the file gave keep their form; the others make room.
        for dotted in [false, true] {
            let is_it = |id: &ValueId| graph.value(*id).name.contains('.') == dotted;
            for id in
                graph.ids().filter(|id| !matches!(graph.value(*id).origin, Origin::Literal(_))).filter(is_it)
            {
                let mut name: Box<str> = graph.value(id).name.replace('.', "_").into();
                while !taken.insert(name.clone()) {
                    name = format!("{name}_").into();
                }
                names.insert(id, name);
            }
        }
        Self(names)
    }

    /// The name of a layer, which no value bears.
    fn of_layer(&self, layer: &str) -> Box<str> {
        let mut name = layer.replace('.', "_");
        while self.0.values().any(|taken| **taken == *name) {
            name.push('_');
        }
        name.into()
    }

    fn name(&self, id: ValueId) -> Name {
        at_nowhere(self.0.get(&id).cloned().unwrap_or_default())
    }
}

fn at_nowhere<T>(value: T) -> Spanned<T> {
    Spanned::new(value, Span::default())
}

fn item(what: What) -> Item {
    Item { what, span: Span::default() }
}

fn note(kind: Kind, shape: &Shape) -> TypeNote {
    let dims = shape.iter().map(|&length| at_nowhere(Dim::Number(length))).collect();
    TypeNote { kind, dims: Some(dims), span: Span::default() }
}

/// A value as an operand: its name, or its literal.
fn operand(graph: &Graph, names: &Names, id: ValueId, whole: bool) -> Vec<Item> {
    match &graph.value(id).origin {
        Origin::Literal(tensor) => literal(tensor, whole).items,
        _ => vec![item(What::Name(names.name(id).value))],
    }
}

fn op_call(graph: &Graph, names: &Names, node: &Node) -> Expression {
    let card = node.kernel.card();
    let operands = node.inputs.iter().enumerate();
    let items = operands.flat_map(|(input, &id)| {
        operand(graph, names, id, matches!(card.edge(input).takes, Takes::Float | Takes::Number))
    });
    let attributes = node.attributes.iter().map(|(name, value)| (Box::from(*name), attribute(value)));
    call(card.name, items.collect(), node.inputs.len(), attributes.collect())
}

fn block_call(graph: &Graph, names: &Names, block: &Block) -> Expression {
    let items: Vec<Item> = block.inputs.iter().flat_map(|&id| operand(graph, names, id, false)).collect();
    match &block.layer {
        Some(layer) => call(&names.of_layer(layer), items, block.inputs.len(), Vec::new()),
        None => call(&block.of, items, block.inputs.len(), block.attributes.clone()),
    }
}

fn call(
    name: &str,
    mut items: Vec<Item>,
    inputs: usize,
    attributes: Vec<(Box<str>, Expression)>,
) -> Expression {
    let attributes = attributes.into_iter().map(|(name, value)| Attribute { name: at_nowhere(name), value });
    items.push(item(What::Call(Box::new(Call {
        name: at_nowhere(name.into()),
        inputs: inputs as u32,
        piped: false,
        runs: None,
        named: Vec::new(),
        attributes: attributes.collect(),
    }))));
    Expression { items, span: Span::default() }
}

fn attribute(value: &AttributeValue) -> Expression {
    let one = |what| Expression { items: vec![item(what)], span: Span::default() };
    match value {
        AttributeValue::Int(int) => one(What::Int(*int)),
        AttributeValue::Float(float) => one(What::Float(*float)),
        AttributeValue::Flag(flag) => one(What::Flag(*flag)),
        AttributeValue::Ints(ints) => {
            let tensor = Tensor::int(&Shape::new(&[ints.len()]), ints.clone());
            tensor.map_or_else(Expression::default, |tensor| literal(&tensor, true))
        }
        AttributeValue::Subscripts(subscripts) => {
            let texts: Vec<String> = subscripts.iter().map(|subscript| subscript.to_string()).collect();
            one(What::Text(texts.join(", ").into()))
        }
        AttributeValue::Text(text) => one(What::Text(text.clone())),
        AttributeValue::Choice(word) => one(What::Text((*word).into())),
    }
}

fn expectations(graph: &Graph, names: &Names, text: impl Fn(Span) -> String) -> Vec<syntax::Expectation> {
    let wanted = |want: &Want, written: Span| match want {
        Want::Formula(formula) => renamed(formula, names),
        // What lies in a file stays there.
        Want::Numbers(want) => match text(written) {
            call if call.contains('"') => call_of(&call).unwrap_or_else(|| literal(want, true)),
            _ => literal(want, true),
        },
    };
    let one = |expectation: &crate::graph::Expectation| {
        let usual = Tolerance::Part(crate::resolve::WITHIN);
        let tolerance = |within: Tolerance| (within != usual).then(|| at_nowhere(within));
        let (of, within) = match &expectation.of {
            Expected::Value { of, want, within } => {
                let value = wanted(want, expectation.written);
                (syntax::Expected::Value { name: names.name(*of), value }, tolerance(*within))
            }
            Expected::Gradient { of, want, within } => {
                let value = wanted(want, expectation.written);
                (syntax::Expected::Gradient { name: names.name(*of), value }, tolerance(*within))
            }
            Expected::Shape { of, want } => {
                let dims = want.iter().map(|&length| at_nowhere(Dim::Number(length))).collect();
                (syntax::Expected::Shape { name: names.name(*of), shape: at_nowhere(dims) }, None)
            }
            Expected::Check(word) => (syntax::Expected::Check(at_nowhere(word.clone())), None),
        };
        syntax::Expectation { of, within, span: Span::default() }
    };
    graph.expectations.iter().map(one).collect()
}

/// A formula in the names of the flat file.
fn renamed(formula: &Formula, names: &Names) -> Expression {
    let mut expression = formula.expression.clone();
    for item in &mut expression.items {
        if let What::Name(path) = &mut item.what
            && let Some((_, _, of)) = formula.inputs.iter().find(|(own, ..)| own == path)
        {
            *path = names.name(*of).value;
        }
    }
    expression
}

/// The expression of a call such as `npz("f", "key")`.
fn call_of(text: &str) -> Option<Expression> {
    let source = crate::source::SourceMap::default().add("expect", text)?;
    crate::load::expression(&source, &Limits::default()).ok()
}

fn settings(graph: &Graph, names: &Names) -> Vec<Setting> {
    let comparison = &graph.comparison;
    let numbers = [
        ("step", comparison.step),
        ("rtol", comparison.rtol),
        ("atol", comparison.atol),
        ("digits", comparison.digits),
        ("sample", comparison.sample.map(|n| n as f64)),
    ];
    let setting = |name: &str, value| Setting { name: at_nowhere(name.into()), value };
    let mut settings: Vec<Setting> = numbers
        .into_iter()
        .filter_map(|(name, value)| Some(setting(name, SettingValue::Number(at_nowhere(value?)))))
        .collect();
    let list = |ids: &[ValueId]| SettingValue::Names(ids.iter().map(|&id| names.name(id)).collect());
    if !comparison.skip.is_empty() {
        settings.push(setting("skip", list(&comparison.skip)));
    }
    let all = graph.ids().filter(|&id| {
        matches!(graph.value(id).origin, Origin::Leaf { .. }) && graph.value(id).differentiable
    });
    if !all.eq(graph.wanted.iter().copied()) {
        settings.push(setting("wrt", list(&graph.wanted)));
    }
    settings
}
