//! Expressions without nodes: the values of leaves, attributes and settings.

use super::{
    attribute, elsewhere,
    fold::{apply, arity},
    index,
    later::Later,
    meter::Meter,
    operands::{self, array, negated, take, tensors},
    report::misuse,
    rewrite::{self, Written},
    scope::Operand,
};
use crate::{
    diagnostic::{Cause, Diagnostic},
    initializers::{self, Files, Initializer, InitializerCall, RandomState, World},
    limits::Excess,
    op::Subject,
    ops,
    shape::Shape,
    source::Span,
    syntax::{Attribute, Bound, Call, Expression, Item, Subscript, What, literal},
    tensor::{Kind, Tensor},
};
use std::collections::{HashMap, HashSet};

/// A value known before anything runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    Tensor(Tensor),
    Text(Box<str>),
    Flag(bool),
}

impl Constant {
    pub fn int(value: i64) -> Self {
        Self::Tensor(Tensor::Int(ndarray::arr0(value).into_dyn()))
    }

    /// Whole numbers, which stay so under a minus sign.
    pub fn is_int(&self) -> bool {
        matches!(self, Self::Tensor(Tensor::Int(_)))
    }

    /// The constant as a tensor; none for a text.
    pub fn tensor(&self) -> Option<Tensor> {
        match self {
            Self::Tensor(tensor) => Some(tensor.clone()),
            Self::Flag(flag) => Some(Tensor::Bool(ndarray::arr0(i64::from(*flag)).into_dyn())),
            Self::Text(_) => None,
        }
    }

    /// A whole number alone.
    pub fn whole(&self) -> Option<i64> {
        match self {
            Self::Tensor(tensor) if tensor.kind() != Kind::Bool && tensor.shape().is_scalar() => {
                tensor.to_ints().and_then(|ints| ints.first().copied())
            }
            _ => None,
        }
    }

    /// The constant as it can be written.
    pub fn expression(&self) -> Expression {
        let one =
            |what| Expression { items: vec![Item { what, span: Span::default() }], span: Span::default() };
        match self {
            Self::Tensor(tensor) => literal(tensor, false),
            Self::Text(text) => one(What::Text(text.clone())),
            Self::Flag(flag) => one(What::Flag(*flag)),
        }
    }

    pub fn float(value: f64) -> Self {
        Self::Tensor(Tensor::Float(ndarray::arr0(value).into_dyn()))
    }
}

/// Attributes of the block that is being expanded.
pub type Environment = HashMap<Box<str>, Constant>;

/// What an initializer is asked for by what stands around its call.
#[derive(Clone, Copy)]
pub struct Asked<'s> {
    /// The shape of the leaf's annotation.
    pub shape: Option<&'s Shape>,
    /// How much of the first axis is used.
    pub wanted: Option<usize>,
}

/// Evaluates constant expressions, drawing from the file's one random stream.
pub struct Evaluator<'a> {
    pub random: RandomState,
    pub files: &'a Files,
    pub meter: Meter,
    /// Bytes that have come out of compressed files.
    pub unpacked: u64,
    /// Leaves whose values are made last.
    pub later: Vec<Later>,
    /// Dimensions that a refused leaf may have fixed: whoever misses one is not to blame.
    pub unknown_dims: HashSet<Box<str>>,
}

impl Evaluator<'_> {
    /// What initializers reach for.
    pub fn world(&mut self, wanted: Option<usize>) -> World<'_> {
        World {
            random: &mut self.random,
            files: self.files,
            limits: &self.meter.limits,
            unpacked: &mut self.unpacked,
            wanted,
        }
    }

    /// The value of an expression. `shape` is the shape that a leaf's annotation
    /// gives to sources without one of their own.
    ///
    /// # Errors
    /// The first fault of the expression, with its place.
    pub fn evaluate(
        &mut self,
        expression: &Expression,
        shape: Option<&Shape>,
        environment: &Environment,
    ) -> Result<Constant, Diagnostic> {
        let mut stack: Vec<(Constant, Span)> = Vec::new();
        for (place, item) in expression.items.iter().enumerate() {
            let excess = |excess: Excess| excess.at(item.span);
            let value = match &item.what {
                What::Int(value) => Constant::int(*value),
                What::Float(value) => Constant::float(*value),
                What::Text(value) => Constant::Text(value.clone()),
                What::Flag(value) => Constant::Flag(*value),
                What::Name(name) => {
                    let value = environment.get(name).ok_or_else(|| no_constant(name, item.span))?;
                    if let Constant::Tensor(tensor) = value {
                        self.meter.constant(&tensor.shape()).map_err(excess)?;
                    }
                    value.clone()
                }
                What::Array(count) => {
                    let made = array(take(&mut stack, *count as usize), item.span)?;
                    if let Constant::Tensor(tensor) = &made {
                        self.meter.constant(&tensor.shape()).map_err(excess)?;
                    }
                    made
                }
                What::Negate if stack.last().is_some_and(|(value, _)| value.is_int()) => {
                    negated(take(&mut stack, 1), item.span)?
                }
                What::Negate => self.op("neg", take(&mut stack, 1), &[], item.span, environment)?,
                What::Not => self.op("logical_not", take(&mut stack, 1), &[], item.span, environment)?,
                What::Binary(sign) => self.op(sign.op(), take(&mut stack, 2), &[], item.span, environment)?,
                What::Index(places) => {
                    let bounds = take(&mut stack, index::operands(places));
                    let indexed = take(&mut stack, 1);
                    self.index(indexed, places, bounds, item.span)?
                }
                What::Call(call) => {
                    let operands = take(&mut stack, call.inputs as usize);
                    let written = Written::at(&expression.items, place, call);
                    match (initializers::find(&call.name.value), ops::find(&call.name.value)) {
                        (Some(source), _) => {
                            let wanted = expression.items.get(place + 1).and_then(rows);
                            let asked = Asked { shape, wanted };
                            self.source(source, written, operands, item.span, asked, environment)?
                        }
                        (None, Some(entry)) => {
                            elsewhere::arity(entry.card, item.span, &written)?;
                            self.op(&call.name.value, operands, &call.attributes, item.span, environment)?
                        }
                        (None, None) => return Err(elsewhere::unknown(&written, std::iter::empty())),
                    }
                }
            };
            stack.push((value, item.span));
        }
        match stack.pop() {
            Some((value, _)) => Ok(value),
            None => Err(Diagnostic::error("a value is missing").at(expression.span, "here")),
        }
    }

    /// `x[…]` of a constant.
    fn index(
        &mut self,
        indexed: Vec<(Constant, Span)>,
        places: &[Subscript<Bound>],
        bounds: Vec<(Constant, Span)>,
        span: Span,
    ) -> Result<Constant, Diagnostic> {
        let (mut tensors, mut shown) = tensors(indexed)?;
        let bounds = bounds.into_iter().map(|(bound, at)| (Operand::Constant(bound), at)).collect();
        let rank = tensors.first().map_or(0, |tensor| tensor.shape().rank());
        let index = index::of(places, bounds, rank, &|_| None)?;
        for (op, attribute, by) in index.steps() {
            let entry = ops::find(op).expect("it is an op");
            let constants = by.into_iter().filter_map(|(operand, at)| match operand {
                Operand::Constant(constant) => Some((constant, at)),
                _ => None,
            });
            let (by, shown_by) = operands::tensors(constants.collect())?;
            tensors.extend(by);
            shown.extend(shown_by);
            let result = apply(entry, &tensors, &[attribute], &mut self.meter);
            tensors = vec![result.map_err(|fault| misuse(fault, span, &shown, &[]))?];
            shown.truncate(1);
        }
        Ok(Constant::Tensor(tensors.swap_remove(0)))
    }

    fn op(
        &mut self,
        name: &str,
        operands: Vec<(Constant, Span)>,
        attributes: &[Attribute],
        span: Span,
        environment: &Environment,
    ) -> Result<Constant, Diagnostic> {
        let Some(entry) = ops::find(name) else {
            return Err(Diagnostic::error(format!("unknown op `{name}`")).at(span, "here"));
        };
        let (tensors, shown) = tensors(operands)?;
        let refused = |fault| misuse(fault, span, &shown, attributes);
        arity(entry.card, tensors.len()).map_err(refused)?;
        let typed = attribute::of_op(entry.card, attributes, span, self, environment)
            .map_err(|mut faults| faults.swap_remove(0))?;
        apply(entry, &tensors, &typed, &mut self.meter).map(Constant::Tensor).map_err(refused)
    }

    /// What an initializer gives.
    ///
    /// # Errors
    /// What is wrong with the call or its file.
    pub fn source(
        &mut self,
        source: &dyn Initializer,
        written: Written,
        operands: Vec<(Constant, Span)>,
        span: Span,
        asked: Asked,
        environment: &Environment,
    ) -> Result<Constant, Diagnostic> {
        let card = source.card();
        let call = written.call;
        let given = attribute::of_source(card, call, operands, span, self, environment).map_err(|fault| {
            match rewrite::of_initializer(card, call, &written.inputs())
                .filter(|text| written.differs(text) && fault.cause == Cause::Said)
            {
                Some(text) if !call.attributes.is_empty() || call.inputs > 0 => {
                    let fault = fault.instead(format!("write `{text}`"));
                    match rewrite::with_seed(card, call, &written.inputs()) {
                        Some(seeded) => fault.help(format!("if that is a seed, write `{seeded}`")),
                        None => fault,
                    }
                }
                _ => fault,
            }
        })?;
        let shape = match (card.shaped, given.shape, asked.shape) {
            (false, ..) => None,
            (true, Some(own), _) => Some(own),
            (true, None, Some(annotated)) => Some(annotated.clone()),
            (true, None, None) => {
                return Err(Diagnostic::error(format!("`{}` needs a shape", card.name))
                    .at(span, "no annotation gives it one")
                    .help(format!("annotate the leaf, or say it here: `{}(shape = [2, 3])`", card.name)));
            }
        };
        let request = InitializerCall { parameters: &given.parameters, shape: shape.as_ref() };
        // The shape asked for is counted before what else there is to refuse.
        if let Some(shape) = &shape {
            self.meter.size(shape).map_err(|excess| excess.at(span))?;
        }
        if let Some(ty) = source.ty(&request, &mut self.world(asked.wanted)) {
            self.meter.constant(&ty.shape).map_err(|excess| excess.at(span))?;
            if card.is_random() {
                self.meter.drawn(ty.shape.size() as u64).map_err(|excess| excess.at(span))?;
            }
        }
        // What is drawn at once comes behind what was put off.
        if card.is_random() {
            self.make_up();
        }
        source.read(&request, &mut self.world(asked.wanted)).map(Constant::Tensor).map_err(|fault| {
            let file = request.text("file").filter(|_| fault.subject == Subject::Attribute("file"));
            let missing = file.and_then(|name| self.files.missing_file(name));
            let diagnostic = given.places.diagnostic(fault, span);
            match missing {
                Some(missing) => diagnostic.cause(Cause::MissingFile(Box::new(missing))),
                None => diagnostic,
            }
        })
    }
}

/// How much of the first axis an index takes at most; `None` where it counts from
/// the end, or is no index.
pub fn rows(item: &Item) -> Option<usize> {
    let What::Index(subscripts) = &item.what else { return None };
    match subscripts.first()?.numbers()? {
        Subscript::At(index) => usize::try_from(index).ok()?.checked_add(1),
        Subscript::Range { start, stop, step } => {
            let from_the_start = start.is_none_or(|start| start >= 0) && step.is_none_or(|step| step > 0);
            stop.filter(|_| from_the_start).and_then(|stop| usize::try_from(stop).ok())
        }
        Subscript::Rest | Subscript::NewAxis => None,
    }
}

/// SourceMap in an expression whose shape must come from an annotation.
pub fn needs_shape(expression: &Expression) -> bool {
    calls(expression).any(|call| {
        initializers::find(&call.name.value).is_some_and(|source| source.card().shaped)
            && !call.attributes.iter().any(|attribute| &*attribute.name.value == "shape")
    })
}

/// An expression draws from the file's random stream.
pub fn draws(expression: &Expression) -> bool {
    calls(expression).any(|call| {
        let random = initializers::find(&call.name.value).is_some_and(|source| source.card().is_random());
        random && !call.attributes.iter().any(|attribute| &*attribute.name.value == "seed")
    })
}

/// An expression, or an attribute in it, has a name that stands for a constant.
pub fn has_names(expression: &Expression) -> bool {
    expression.items.iter().any(|item| match &item.what {
        What::Name(_) => true,
        What::Call(call) => call.attributes.iter().any(|attribute| has_names(&attribute.value)),
        _ => false,
    })
}

/// An expression is more than what stands in it.
pub fn calls_anything(expression: &Expression) -> bool {
    calls(expression).next().is_some()
}

fn calls(expression: &Expression) -> impl Iterator<Item = &Call> {
    expression.items.iter().filter_map(|item| match &item.what {
        What::Call(call) => Some(&**call),
        _ => None,
    })
}

/// The refusal of a name that stands for no constant.
pub fn no_constant(name: &str, span: Span) -> Diagnostic {
    let (message, label, help) = match elsewhere::name(name) {
        Some(here) => (format!("unknown name `{name}`"), "not a value here", here),
        None => (
            format!("`{name}` cannot be used in a constant"),
            "a constant is made of literals and initializers",
            "a value computed from other values is a node: `name = expression`".into(),
        ),
    };
    Diagnostic::error(message).cause(Cause::Unresolved(name.into())).at(span, label).help(help)
}
