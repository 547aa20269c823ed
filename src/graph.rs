//! The checked graph: names resolved, shapes known, attributes typed.
//!
//! Only `check` makes one. What comes after it cannot fail on a name or a shape.

use crate::{
    diagnostic::Diagnostic,
    op::Kernel,
    source::Span,
    syntax::Role,
    tensor::{Tensor, Type},
};
use smallvec::SmallVec;

/// A tensor of the graph; ids go up along the edges, so that every value stands
/// behind all that it is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

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
#[derive(Debug)]
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

#[derive(Debug)]
pub enum Origin {
    Leaf {
        role: Role,
        data: Box<Tensor>,
    },
    /// A number or an array within an expression.
    Literal(Box<Tensor>),
    Node(NodeId),
}

/// One use of an op.
pub struct Node {
    pub kernel: Box<dyn Kernel>,
    pub inputs: SmallVec<[ValueId; 3]>,
    /// One after another; every op of today has one.
    pub outputs: SmallVec<[ValueId; 1]>,
    /// Named by the file, not an inner node of a chain.
    pub named: bool,
    /// The call or the operator.
    pub span: Span,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}{:?} -> {:?}", self.kernel.card().name, self.inputs, self.outputs)
    }
}

/// What a file asks of the numerical comparison.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ComparisonSettings {
    /// The stencil's step h, instead of the derived one.
    pub step: Option<f64>,
    /// Loosen the error bar to `atol + rtol·|measured|`.
    pub rtol: Option<f64>,
    pub atol: Option<f64>,
    /// Leaves that are left out.
    pub skip: Vec<ValueId>,
    /// So many entries of every tensor instead of all.
    pub sample: Option<usize>,
}

/// A computation graph that fits together.
#[derive(Debug, Default)]
pub struct Graph {
    pub title: Option<String>,
    pub values: Vec<Value>,
    /// In an order in which everything is computed before it is used.
    pub nodes: Vec<Node>,
    /// Where backward starts; at least one.
    pub outputs: Vec<ValueId>,
    /// The inputs and params whose gradients are asked for, in the file's order.
    pub wanted: Vec<ValueId>,
    pub comparison: ComparisonSettings,
    pub warnings: Vec<Diagnostic>,
}

impl Graph {
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.index()]
    }

    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
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
