//! The checked graph: names resolved, shapes known, attributes typed.
//!
//! Only `resolve` makes one. What comes after it cannot fail on a name or a shape.

use crate::{
    diagnostic::Diagnostic,
    op::{AttributeValue, Kernel},
    shape::Shape,
    source::Span,
    syntax::{Expression, Role, Tolerance},
    tensor::{Tensor, Type},
};
use smallvec::SmallVec;
use std::{ops::Range, sync::Arc};

mod units;

pub use units::Unit;

/// A tensor of the graph; ids go up along the edges, so that every value stands
/// behind all that it is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A use of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockId(pub u32);

impl BlockId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl ValueId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl NodeId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A leaf, a literal, or what a node puts out.
#[derive(Debug, Clone)]
pub struct Value {
    /// Unique in the graph; a literal is named by its text.
    pub name: Box<str>,
    pub ty: Type,
    pub origin: Origin,
    /// Depends on an input or a param by a path that gradients can go.
    pub differentiable: bool,
    /// Where it is named or written.
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum Origin {
    Leaf {
        role: Role,
        data: Box<Tensor>,
    },
    /// A number or an array within an expression.
    Literal(Box<Tensor>),
    Node(NodeId),
    /// The gradient that arrives at an output of this block; backward fills it in.
    Upstream(BlockId),
}

/// One use of an op.
#[derive(Clone)]
pub struct Node {
    pub kernel: Arc<dyn Kernel>,
    pub inputs: SmallVec<[ValueId; 3]>,
    /// One after another; every op of today has one.
    pub outputs: SmallVec<[ValueId; 1]>,
    /// Named by the file itself: no inner node of a chain or a block.
    pub named: bool,
    pub phase: Phase,
    /// With defaults filled in.
    pub attributes: Box<[(&'static str, AttributeValue)]>,
    /// The call or the operator.
    pub span: Span,
}

/// When a node is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Forward,
    /// In backward, as a part of a block's backward written by hand.
    Backward,
}

/// One use of a block.
#[derive(Debug, Clone)]
pub struct Block {
    /// The name of the node that the call makes.
    pub name: Box<str>,
    /// The name of the block's definition.
    pub of: Box<str>,
    /// The attributes of the call, defaults filled in, as they are written.
    pub attributes: Vec<(Box<str>, Expression)>,
    /// The dimensions that the definition names, by name.
    pub lengths: Vec<(Box<str>, usize)>,
    pub inputs: Vec<ValueId>,
    /// What it gives, with what the definition calls it; at least one.
    pub outputs: Vec<(ValueId, Box<str>)>,
    /// The name of the layer whose params it shares with others.
    pub layer: Option<Box<str>>,
    /// All nodes of the block, those of blocks within it included.
    pub nodes: Range<u32>,
    /// All values that the block made: its params, its nodes' outputs, and literals.
    pub values: Range<u32>,
    /// The backward that is written by hand, if one is.
    pub backward: Option<CustomBackward>,
    /// The call.
    pub span: Span,
    /// The definition's name.
    pub definition: Span,
}

/// A block's backward as its author derived it.
#[derive(Debug, Clone)]
pub struct CustomBackward {
    /// The outputs that a gradient can arrive at, the floats, each with what stands for it.
    pub upstreams: Vec<(ValueId, ValueId)>,
    pub lines: Vec<BackwardLine>,
}

/// `backward x = …`: what is added to the gradient of `to`.
#[derive(Debug, Clone)]
pub struct BackwardLine {
    /// What the definition calls it.
    pub name: Box<str>,
    pub to: ValueId,
    pub gradient: ValueId,
    /// It is meant to differ from forward's derivative, and is not compared.
    pub surrogate: bool,
    pub span: Span,
}

impl Block {
    /// The value is made within the block and is none of its outputs.
    pub fn holds(&self, value: ValueId) -> bool {
        self.values.contains(&value.0) && self.gives(value).is_none()
    }

    /// The output whose upstream gradient a value stands for.
    pub fn output_of(&self, upstream: ValueId) -> Option<ValueId> {
        let mut upstreams = self.backward.as_ref()?.upstreams.iter();
        upstreams.find(|(_, own)| *own == upstream).map(|&(output, _)| output)
    }

    /// The first of its outputs.
    pub fn output(&self) -> ValueId {
        self.outputs[0].0
    }

    /// What the definition calls a value that the block gives.
    pub fn gives(&self, value: ValueId) -> Option<&str> {
        self.outputs.iter().find(|(output, _)| *output == value).map(|(_, name)| &**name)
    }
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}{:?} -> {:?}", self.kernel.card().name, self.inputs, self.outputs)
    }
}

/// What a file asks of the numerical comparison.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ComparisonSettings {
    /// The step of the numerical gradient that is shown, instead of the derived one.
    pub step: Option<f64>,
    /// A gradient may be off by `atol + rtol·|truth|`.
    pub rtol: Option<f64>,
    pub atol: Option<f64>,
    /// Every entry must keep so many digits in f64.
    pub digits: Option<f64>,
    /// Leaves that are left out.
    pub skip: Vec<ValueId>,
    /// So many entries of every tensor instead of all.
    pub sample: Option<usize>,
}

impl ComparisonSettings {
    /// How many entries are looked at of a tensor of this size.
    pub fn looked_at(&self, size: usize) -> usize {
        self.sample.map_or(size, |sample| sample.min(size))
    }
}

/// What a file says must come out.
#[derive(Debug, Clone)]
pub struct Expectation {
    pub of: Expected,
    /// The whole statement.
    pub span: Span,
    /// The value wanted, as it is written.
    pub written: Span,
}

#[derive(Debug, Clone)]
pub enum Expected {
    /// Elementwise.
    Value {
        of: ValueId,
        want: Want,
        within: Tolerance,
    },
    Gradient {
        of: ValueId,
        want: Want,
        within: Tolerance,
    },
    Shape {
        of: ValueId,
        want: Shape,
    },
    /// `ok`, `wrong`, `kink` or `undecided`.
    Check(Box<str>),
}

/// What is wanted of a value or a gradient.
#[derive(Debug, Clone)]
pub enum Want {
    Numbers(Tensor),
    Formula(Box<Formula>),
}

impl Want {
    pub fn shape(&self) -> Shape {
        match self {
            Self::Numbers(tensor) => tensor.shape(),
            Self::Formula(formula) => formula.graph.value(formula.graph.outputs[0]).ty.shape.clone(),
        }
    }
}

/// A formula over values of the file, as a graph of its own with one output.
#[derive(Debug, Clone)]
pub struct Formula {
    pub graph: Graph,
    /// Its names, the consts of its graph that they are, and the values of the file that these
    /// stand for.
    pub inputs: Vec<(Box<str>, ValueId, ValueId)>,
    pub expression: Expression,
}

/// A computation graph that fits together.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub title: Option<String>,
    pub values: Vec<Value>,
    /// In an order in which everything is computed before it is used.
    pub nodes: Vec<Node>,
    /// The uses of blocks, each behind those within it.
    pub blocks: Vec<Block>,
    /// Built-in ops whose names the file's own blocks bear.
    pub shadowed: Vec<Box<str>>,
    /// Where backward starts; at least one.
    pub outputs: Vec<ValueId>,
    /// Gradients that backward starts from, of outputs; ones where none is given.
    pub upstreams: Vec<(ValueId, Tensor)>,
    /// The inputs and params whose gradients are asked for, in the file's order.
    pub wanted: Vec<ValueId>,
    pub comparison: ComparisonSettings,
    pub expectations: Vec<Expectation>,
    /// The expressions that the leaves' values come from, with the numbers of
    /// their block in them; kept on request.
    pub leaf_expressions: Vec<(ValueId, Expression)>,
    /// The seed of the random stream.
    pub seed: u32,
    pub warnings: Vec<Diagnostic>,
}

impl Graph {
    /// Lets go of what leaves and literals hold: the graph cannot run any more, only be looked at.
    pub fn forget_data(&mut self) {
        for value in &mut self.values {
            if let Origin::Leaf { data, .. } | Origin::Literal(data) = &mut value.origin {
                **data = Tensor::none();
            }
        }
    }

    /// Some block says its backward itself.
    pub fn has_custom_backward(&self) -> bool {
        self.blocks.iter().any(|block| block.backward.is_some())
    }

    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.index()]
    }

    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    pub fn block(&self, id: BlockId) -> &Block {
        &self.blocks[id.index()]
    }

    /// The value of a name, inner nodes of chains included.
    pub fn find(&self, name: &str) -> Option<ValueId> {
        let named = |value: &Value| &*value.name == name && !matches!(value.origin, Origin::Literal(_));
        self.values.iter().position(named).map(|at| ValueId(at as u32))
    }

    /// The node that computes a value; `None` for leaves and literals.
    pub fn maker(&self, id: ValueId) -> Option<&Node> {
        match self.value(id).origin {
            Origin::Node(node) => Some(self.node(node)),
            _ => None,
        }
    }

    pub fn ids(&self) -> impl DoubleEndedIterator<Item = ValueId> + use<> {
        (0..self.values.len() as u32).map(ValueId)
    }
}
