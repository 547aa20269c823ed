//! How many nodes a file makes, counted from its blocks before any of them is expanded.
//!
//! A block is counted once, whatever calls it: forty blocks that each call the one before twice
//! are forty sums. The count is no less than what will be made, but for nodes that make numbers of
//! masks: those are counted as they are made, as all are once more.

use super::{blocks::Blocks, formula::is_formula, layers, meter::BESIDES};
use crate::{
    diagnostic::Diagnostic,
    limits::{Excess, Limits, bytes},
    source::Span,
    syntax::{Block, Dim, Document, Expression, Item, Leaf, Node, What},
};
use foldhash::{HashMap, HashMapExt};

/// Bytes of an element of an array that is written down among the nodes.
const ELEMENT: u64 = 24;

/// What a call of a block, or a whole file, makes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    /// Nodes and leaves.
    nodes: u64,
    /// Bytes of names and of arrays, without what every node takes.
    bytes: u64,
    /// Blocks within blocks.
    depth: u64,
}

impl Count {
    /// Adds what bears a name of so many letters.
    fn add_named(&mut self, nodes: u64, letters: usize) {
        self.nodes = self.nodes.saturating_add(nodes);
        self.bytes = self.bytes.saturating_add(nodes.saturating_mul(letters as u64));
    }

    /// Adds a leaf, with its elements where its annotation says how many there are: as its value
    /// and in a run.
    fn add_leaf(&mut self, leaf: &Leaf, letters: usize, limits: &Limits) {
        self.add_named(1, letters);
        let dims = leaf.ty.iter().flat_map(|note| note.dims.iter().flatten());
        let elements = dims.fold(1u64, |elements, dim| match dim.value {
            Dim::Number(length) => elements.saturating_mul(length as u64),
            Dim::Name(_) => elements,
        });
        // What is too large for itself is said of the leaf.
        if elements <= limits.elements {
            self.bytes = self.bytes.saturating_add(elements.saturating_mul(16));
        }
    }

    /// Adds a call of a block by a node of so many letters, which all its names begin with.
    fn add_call(&mut self, block: Self, letters: usize) {
        self.add_named(block.nodes, letters);
        self.bytes = self.bytes.saturating_add(block.bytes);
        self.depth = self.depth.max(block.depth.saturating_add(1));
    }

    fn total(&self) -> u64 {
        self.nodes.saturating_mul(BESIDES).saturating_add(self.bytes)
    }
}

/// What every block makes.
#[derive(Debug, Default)]
pub struct Counted(HashMap<Box<str>, Count>);

impl Counted {
    /// Refuses so many uses of a block on top of the nodes that are there: how many a `scan` makes, the
    /// length of its sequence says, which is known when all before it is made.
    ///
    /// # Errors
    /// They are over a limit.
    pub fn hold_uses(&self, block: &str, times: u64, there: u64, limits: &Limits) -> Result<(), Excess> {
        let Some(one) = self.0.get(block) else { return Ok(()) };
        let all = Count {
            nodes: one.nodes.saturating_add(1).saturating_mul(times).saturating_add(there),
            bytes: one.bytes.saturating_mul(times),
            depth: one.depth,
        };
        within_each(&all, limits)
    }
}

/// Refuses a file that would make too many nodes, without those of `scan` and `repeat`.
///
/// # Errors
/// The nodes, their memory or their nesting are over a limit; the place is the call or the
/// statement that goes over it.
pub fn hold(document: &Document, blocks: &Blocks, limits: &Limits) -> Result<Counted, Diagnostic> {
    let mut known: HashMap<&str, Count> = HashMap::new();
    let mut scratch = Vec::new();
    for block in blocks.callees_first() {
        let count = of_block(block, &known, limits, &mut scratch);
        known.insert(&block.name.value, count);
    }
    // A layer is counted as the block that it is.
    for (name, layer) in layers::of(&document.nodes, blocks) {
        if let Some(&count) = known.get(&*layer.block.name.value) {
            known.insert(name, count);
        }
    }
    let mut count = Count::default();
    for leaf in &document.leaves {
        count.add_leaf(leaf, leaf.name.value.len(), limits);
        within(&count, limits, leaf.name.span)?;
    }
    for node in &document.nodes {
        let span = heaviest(&node.value, &known);
        add(&mut count, &node.name.value, &node.value, &known, &mut scratch);
        within(&count, limits, span)?;
    }
    for value in document.wanted().filter(|value| is_formula(value)) {
        add(&mut count, "expected", value, &known, &mut scratch);
        within(&count, limits, heaviest(value, &known))?;
    }
    Ok(Counted(known.into_iter().map(|(name, count)| (name.into(), count)).collect()))
}

fn within(count: &Count, limits: &Limits, span: Span) -> Result<(), Diagnostic> {
    if count.nodes <= limits.nodes && count.total() <= limits.bytes && count.depth <= limits.depth {
        return Ok(());
    }
    within_each(count, limits).map_err(|excess| excess.at(span))
}

fn within_each(count: &Count, limits: &Limits) -> Result<(), Excess> {
    limits.hold("depth", count.depth, || format!("blocks are nested too deep, {} levels", count.depth))?;
    limits.hold("nodes", count.nodes, || match count.nodes {
        u64::MAX => "this file has too many nodes to count, with those of every use of a block".to_string(),
        nodes => format!("this file has too many nodes, {nodes} with those of every use of a block"),
    })?;
    let total = count.total();
    limits.hold("bytes", total, || {
        format!("this graph needs too much memory, {} with every use of a block", bytes(total))
    })
}

fn of_block(block: &Block, known: &HashMap<&str, Count>, limits: &Limits, scratch: &mut Vec<bool>) -> Count {
    // What the block gives is a node of its own, and so is an argument that is handed in twice.
    let mut count = Count { nodes: 1 + block.inputs.len() as u64, ..Count::default() };
    // Every use keeps the block's name, and those of its attributes and dimensions.
    let notes = block.inputs.iter().map(|input| &input.ty).chain(block.leaves.iter().map(|leaf| &leaf.ty));
    let dims = notes.flatten().flat_map(|note| note.dims.iter().flatten());
    let dims = dims.map(|dim| if let Dim::Name(name) = &dim.value { name.len() } else { 0 });
    let attributes = block.attributes.iter().map(|attribute| attribute.name.value.len());
    count.bytes = (block.name.value.len() + dims.chain(attributes).sum::<usize>()) as u64;
    let letters = |name: &str| name.len() + 1;
    for leaf in &block.leaves {
        count.add_leaf(leaf, letters(&leaf.name.value), limits);
    }
    for Node { name, value, .. } in &block.nodes {
        add(&mut count, &name.value, value, known, scratch);
    }
    for line in &block.backward {
        add(&mut count, &line.name.value, &line.value, known, scratch);
    }
    count
}

/// Adds what an expression makes. Names are taken for values of the graph.
fn add(
    count: &mut Count,
    name: &str,
    expression: &Expression,
    known: &HashMap<&str, Count>,
    is_value: &mut Vec<bool>,
) {
    is_value.clear();
    let before = count.nodes;
    for (index, item) in expression.items.iter().enumerate() {
        let is_root = index + 1 == expression.items.len();
        let operands = item.what.operands();
        let from = is_value.len().saturating_sub(operands);
        let mut any = is_value[from..].contains(&true);
        is_value.truncate(from);
        // `.relu1` behind the statement's name.
        let inner = |op: &str| name.len() + 1 + if is_root { 0 } else { op.len() + 8 };
        match &item.what {
            What::Name(_) => any = true,
            What::Int(_) | What::Float(_) => count.bytes = count.bytes.saturating_add(ELEMENT),
            What::Call(call) => match known.get(&*call.name.value) {
                Some(&block) => {
                    count.add_call(block, inner(&call.name.value));
                    any = true;
                }
                None if any => count.add_named(1, inner(&call.name.value)),
                None => {}
            },
            What::Negate | What::Not | What::Binary(_) if any => count.add_named(1, inner("slice")),
            // A part, and of it what ints choose.
            What::Index(_) if any => count.add_named(2, inner("slice")),
            _ => {}
        }
        is_value.push(any);
    }
    // A bare name is a node too.
    if count.nodes == before {
        count.add_named(1, name.len());
    }
}

/// The call of an expression that makes the most, or the expression.
fn heaviest(expression: &Expression, known: &HashMap<&str, Count>) -> Span {
    if known.is_empty() {
        return expression.span;
    }
    let weight = |item: &Item| match &item.what {
        What::Call(call) => known.get(&*call.name.value).map(|count| (count.total(), call.name.span)),
        _ => None,
    };
    let heaviest = expression.items.iter().filter_map(weight).max_by_key(|&(total, _)| total);
    heaviest.map_or(expression.span, |(_, span)| span)
}
