//! The graph under construction, within its limits.

use super::{
    constant::{Constant, Evaluator},
    count::Counted,
    fold,
    later::LeafValue,
    meter::Account,
};
use crate::{
    cancel,
    diagnostic::Diagnostic,
    faults::Faults,
    graph::{Graph, Node, NodeId, Origin, Phase, Value, ValueId},
    op::{AttributeValue, Bound, Kernel, OpEntry},
    source::{Name, Span},
    syntax::{Expression, Role},
    tensor::{Kind, Tensor, Type},
};
use foldhash::{HashMap, HashMapExt};
use smallvec::{SmallVec, smallvec};
use std::{cell::OnceCell, sync::Arc};

/// Where a call stands, and what its node is to be called.
pub struct Site {
    pub span: Span,
    pub name: Box<str>,
    /// Set where a statement names the node itself.
    pub name_span: Option<Span>,
    /// The names of a statement that takes apart what a call gives.
    pub parts: Vec<Box<str>>,
}

pub struct Builder<'a> {
    pub graph: Graph,
    pub faults: Faults,
    pub evaluator: Evaluator<'a>,
    /// Some node or output uses the value.
    used: Vec<bool>,
    /// Int nodes that depend on constants alone, computed already.
    known: HashMap<ValueId, Tensor>,
    /// The least and the greatest value of ints.
    ranges: HashMap<ValueId, (i64, i64)>,
    /// Scalar literals are made once.
    scalars: HashMap<(Kind, u64), ValueId>,
    /// The first value of every name, once one is looked for among all.
    by_name: OnceCell<HashMap<Box<str>, ValueId>>,
    /// Keep the expressions of leaves.
    pub keep_expressions: bool,
    /// Values for leaves from outside the file.
    pub set: &'a [(Name, Expression)],
    /// Values of leaves from elsewhere.
    pub given: Option<&'a HashMap<Box<str>, Tensor>>,
    /// The blocks that are being expanded, outermost first.
    pub blocks: Vec<Box<str>>,
    pub phase: Phase,
    /// What every block makes.
    pub counted: Counted,
    /// The leaves of blocks whose uses share them, by the name of the owner.
    pub layers: HashMap<Box<str>, Vec<Option<ValueId>>>,
}

impl<'a> Builder<'a> {
    pub fn new(evaluator: Evaluator<'a>, set: &'a [(Name, Expression)]) -> Self {
        Self {
            graph: Graph::default(),
            faults: Faults::within(&evaluator.meter.limits),
            evaluator,
            used: Vec::new(),
            known: HashMap::new(),
            ranges: HashMap::new(),
            scalars: HashMap::new(),
            by_name: OnceCell::new(),
            keep_expressions: false,
            set,
            given: None,
            blocks: Vec::new(),
            phase: Phase::Forward,
            counted: Counted::default(),
            layers: HashMap::new(),
        }
    }

    /// Makes room for what a file of so many statements holds at least.
    pub fn reserve(&mut self, leaves: usize, nodes: usize) {
        self.graph.values.reserve(leaves + nodes);
        self.graph.nodes.reserve(nodes);
        self.used.reserve(leaves + nodes);
    }

    pub fn ty(&self, value: ValueId) -> &Type {
        &self.graph.value(value).ty
    }

    pub fn range(&self, value: ValueId) -> Option<(i64, i64)> {
        match self.ty(value).kind {
            Kind::Int => self.ranges.get(&value).copied(),
            Kind::Float | Kind::Bool => None,
        }
    }

    pub fn mark_used(&mut self, value: ValueId) {
        self.used[value.index()] = true;
    }

    pub fn is_used(&self, value: ValueId) -> bool {
        self.used[value.index()]
    }

    /// Adds a leaf.
    ///
    /// # Errors
    /// A limit is reached.
    pub fn leaf(&mut self, role: Role, name: &Name, value: LeafValue) -> Result<ValueId, Diagnostic> {
        let (data, ty, later) = match value {
            LeafValue::Tensor(data) => {
                let ty = data.ty();
                (data, ty, None)
            }
            LeafValue::Later(at) => (Tensor::none(), self.evaluator.later[at].ty.clone(), Some(at)),
        };
        let differentiable = role != Role::Const && ty.kind == Kind::Float;
        let range = fold::int_range(&data);
        let origin = Origin::Leaf { role, data: Box::new(data) };
        let id =
            self.value(Value { name: name.value.clone(), ty, origin, differentiable, span: name.span })?;
        if let Some(range) = range {
            self.ranges.insert(id, range);
        }
        if let Some(at) = later {
            self.evaluator.later[at].leaf = Some(id);
        }
        Ok(id)
    }

    /// Adds a const that stands for a value of another graph; its elements come at the run.
    ///
    /// # Errors
    /// A limit is reached.
    pub fn stand_in(&mut self, other: &Builder, of: ValueId) -> Result<ValueId, Diagnostic> {
        let value = other.graph.value(of);
        let origin = Origin::Leaf { role: Role::Const, data: Box::new(Tensor::none()) };
        let id = self.value(Value { origin, differentiable: false, ..value.clone() })?;
        if let Some(range) = other.range(of) {
            self.ranges.insert(id, range);
        }
        Ok(id)
    }

    /// Adds a literal of an expression.
    ///
    /// # Errors
    /// A limit is reached.
    pub fn literal(&mut self, data: Tensor, span: Span) -> Result<ValueId, Diagnostic> {
        let key = scalar(&data);
        if let Some(&known) = key.and_then(|key| self.scalars.get(&key)) {
            return Ok(known);
        }
        let id = self.own_literal(data, span)?;
        if let Some(key) = key {
            self.scalars.insert(key, id);
        }
        Ok(id)
    }

    /// Adds a literal that shares its value with no other: what is handed to a block is moved when the
    /// block is tried alone, and numbers within it are not.
    ///
    /// # Errors
    /// A limit is reached.
    pub fn own_literal(&mut self, data: Tensor, span: Span) -> Result<ValueId, Diagnostic> {
        let name = match &data {
            Tensor::Float(array) if array.ndim() == 0 => {
                array.first().map(|x| if x.is_nan() { "nan".into() } else { x.to_string() })
            }
            Tensor::Int(array) if array.ndim() == 0 => array.first().map(i64::to_string),
            Tensor::Bool(array) if array.ndim() == 0 => array.first().map(|&x| (x == 1).to_string()),
            _ => None,
        };
        let range = fold::int_range(&data);
        let ty = data.ty();
        let name = name.unwrap_or_else(|| ty.to_string()).into();
        let origin = Origin::Literal(Box::new(data));
        let id = self.value(Value { name, ty, origin, differentiable: false, span })?;
        if let Some(range) = range {
            self.ranges.insert(id, range);
        }
        Ok(id)
    }

    /// Adds a node and its output.
    ///
    /// # Errors
    /// A limit is reached.
    pub fn node(
        &mut self,
        entry: &OpEntry,
        bound: Bound<Arc<dyn Kernel>>,
        inputs: SmallVec<[ValueId; 3]>,
        attributes: &[(&'static str, AttributeValue)],
        site: Site,
    ) -> Result<ValueId, Diagnostic> {
        let Site { span, name, name_span, .. } = site;
        cancel::check();
        let differentiable = bound.output.kind == Kind::Float
            && inputs.iter().enumerate().any(|(input, &value)| {
                bound.op.differentiates(input) && self.graph.value(value).differentiable
            });
        let is_int = bound.output.kind == Kind::Int;
        let node = NodeId(self.graph.nodes.len() as u32);
        // A path leads into a statement: only what the file names has none.
        let named = !name.contains('.');
        let id = self.value(Value {
            name,
            ty: bound.output,
            origin: Origin::Node(node),
            differentiable,
            span: name_span.unwrap_or(span),
        })?;
        let known = if is_int { self.fold(entry, &inputs, attributes) } else { None };
        let range = match &known {
            Some(tensor) => fold::int_range(tensor),
            None if is_int => bound.range.or_else(|| self.common_range(&inputs)),
            None => None,
        };
        // What backward lines read is none the less an end of forward.
        if self.phase == Phase::Forward {
            inputs.iter().for_each(|&input| self.mark_used(input));
        }
        self.graph.nodes.push(Node {
            kernel: bound.op,
            inputs,
            outputs: smallvec![id],
            named,
            phase: self.phase,
            attributes: attributes.into(),
            span,
        });
        if let Some(known) = known {
            self.known.insert(id, known);
        }
        if let Some(range) = range {
            self.ranges.insert(id, range);
        }
        Ok(id)
    }

    /// What makes this value is named by the file itself, whatever its name looks like.
    pub fn name_by_file(&mut self, value: ValueId) {
        if let Origin::Node(node) = self.graph.value(value).origin {
            self.graph.nodes[node.index()].named = true;
        }
    }

    /// The value of an inner node of the statement that made `root`.
    pub fn find_inner(&self, root: ValueId, path: &str) -> Option<ValueId> {
        let statement = &self.graph.value(root).name;
        let is_literal = |value: &Value| matches!(value.origin, Origin::Literal(_));
        let is_inner =
            |value: &Value| value.name.strip_prefix(&**statement).is_some_and(|rest| rest.starts_with('.'));
        // They stand right before it, with nothing but literals between them.
        let values = self.graph.values[..root.index()].iter().enumerate().rev();
        values
            .take_while(|(_, value)| is_literal(value) || is_inner(value))
            .find(|(_, value)| &*value.name == path && !is_literal(value))
            .map(|(at, _)| ValueId(at as u32))
    }

    /// The first value of a name among all; for use when every node is made.
    pub fn find_anywhere(&self, name: &str) -> Option<ValueId> {
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name = HashMap::new();
            for id in self.graph.ids() {
                let value = self.graph.value(id);
                if !matches!(value.origin, Origin::Literal(_)) {
                    by_name.entry(value.name.clone()).or_insert(id);
                }
            }
            by_name
        });
        by_name.get(name).copied()
    }

    /// The value belongs to the inside of a block.
    pub fn is_inside_a_block(&self, value: ValueId) -> bool {
        self.graph.blocks.iter().any(|block| block.holds(value))
    }

    /// Adds a value of any origin.
    ///
    /// # Errors
    /// A limit is reached.
    pub fn value(&mut self, value: Value) -> Result<ValueId, Diagnostic> {
        // What leaves and literals bring along stays, and so do ints that are known already.
        let brings = !matches!(value.origin, Origin::Node(_)) || value.ty.kind == Kind::Int;
        let meter = &mut self.evaluator.meter;
        let counted = meter.value(&value.ty, value.differentiable, brings, &value.name);
        counted.map_err(|excess| excess.at(value.span))?;
        let id = ValueId(self.graph.values.len() as u32);
        self.graph.values.push(value);
        self.used.push(false);
        Ok(id)
    }

    /// The whole number that a value is known to be before the run.
    pub fn whole(&self, value: ValueId) -> Option<i64> {
        let tensor = match &self.graph.value(value).origin {
            Origin::Leaf { data, .. } | Origin::Literal(data) => data,
            _ => self.known.get(&value)?,
        };
        Constant::Tensor(tensor.clone()).whole().filter(|_| tensor.kind() == Kind::Int)
    }

    /// What an int node computes, where all it uses is known.
    fn fold(
        &mut self,
        entry: &OpEntry,
        inputs: &[ValueId],
        attributes: &[(&'static str, AttributeValue)],
    ) -> Option<Tensor> {
        let operands: Vec<Tensor> = inputs
            .iter()
            .map(|&input| match &self.graph.value(input).origin {
                Origin::Leaf { data, .. } | Origin::Literal(data) if data.kind() != Kind::Float => {
                    Some((**data).clone())
                }
                _ => self.known.get(&input).cloned(),
            })
            .collect::<Option<_>>()?;
        let account = std::mem::replace(&mut self.evaluator.meter.account, Account::Settled);
        let folded = fold::compute(entry, &operands, attributes, &mut self.evaluator.meter);
        self.evaluator.meter.account = account;
        folded.ok()
    }

    fn common_range(&self, inputs: &[ValueId]) -> Option<(i64, i64)> {
        inputs.iter().map(|&input| self.range(input)).try_fold(
            None,
            |joined: Option<(i64, i64)>, range| {
                let (low, high) = range?;
                Some(Some(joined.map_or((low, high), |(a, b)| (a.min(low), b.max(high)))))
            },
        )?
    }
}

/// What tells a scalar from others: its kind and its bits.
fn scalar(data: &Tensor) -> Option<(Kind, u64)> {
    match data {
        Tensor::Float(array) if array.ndim() == 0 => array.first().map(|x| (Kind::Float, x.to_bits())),
        Tensor::Int(array) | Tensor::Bool(array) if array.ndim() == 0 => {
            array.first().map(|&x| (data.kind(), x as u64))
        }
        _ => None,
    }
}
