//! What the value of a leaf will be and what it takes, without making it.

use super::{
    attribute,
    constant::{Asked, Constant, Environment, Evaluator, rows},
    fold::{self, arity},
    meter::Cost,
    operands::{negated, take},
};
use crate::{
    diagnostic::Diagnostic,
    initializers::{self, InitializerCall},
    op::{Argument, AttributeValue, OpEntry, Takes},
    ops,
    shape::Shape,
    source::Span,
    syntax::{Call, Expression, Subscript, What},
    tensor::{Kind, Type},
};

/// A value to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    pub ty: Type,
    pub cost: Cost,
}

/// An operand: a number, a text or a flag at hand, or a tensor to be.
enum Part {
    Known(Constant),
    Tensor(Type),
}

impl Part {
    fn ty(&self) -> Option<Type> {
        match self {
            Self::Known(Constant::Tensor(tensor)) => Some(tensor.ty()),
            Self::Known(_) => None,
            Self::Tensor(ty) => Some(ty.clone()),
        }
    }

    /// Bytes of a tensor to be.
    fn bytes(&self) -> u64 {
        match self {
            Self::Known(_) => 0,
            Self::Tensor(ty) => (ty.shape.size() as u64).saturating_mul(8),
        }
    }
}

/// An expression under way.
struct Walk<'e, 'f> {
    evaluator: &'e mut Evaluator<'f>,
    environment: &'e Environment,
    stack: Vec<(Part, Span)>,
    /// Bytes of the tensors on the stack.
    live: u64,
    cost: Cost,
}

/// Sketches the value of an expression as [`Evaluator::evaluate`] would make it; `None` where
/// only making it tells, or where it will be refused for another reason than its size.
///
/// # Errors
/// A tensor on the way is over the limit of elements.
pub fn sketch(
    evaluator: &mut Evaluator,
    expression: &Expression,
    shape: Option<&Shape>,
    environment: &Environment,
) -> Result<Option<Sketch>, Diagnostic> {
    let mut walk = Walk { evaluator, environment, stack: Vec::new(), live: 0, cost: Cost::default() };
    for (place, item) in expression.items.iter().enumerate() {
        let made = match &item.what {
            What::Int(value) => Some(Part::Known(Constant::int(*value))),
            What::Float(value) => Some(Part::Known(Constant::float(*value))),
            What::Text(value) => Some(Part::Known(Constant::Text(value.clone()))),
            What::Flag(value) => Some(Part::Known(Constant::Flag(*value))),
            What::Name(name) => environment.get(name).map(|value| Part::Known(value.clone())),
            What::Array(count) => {
                let parts = walk.take(*count as usize);
                array(&parts)
            }
            What::Negate => {
                let parts = walk.take(1);
                match parts.into_iter().next() {
                    // What holds whole numbers stays so.
                    Some((part, _)) if part.ty().is_some_and(|ty| ty.kind == Kind::Int) => {
                        Some(negative(part))
                    }
                    Some(part) => walk.op("neg", vec![part], &[], item.span)?,
                    None => None,
                }
            }
            What::Binary(sign) => {
                let parts = walk.take(2);
                walk.op(sign.op(), parts, &[], item.span)?
            }
            What::Not => {
                let parts = walk.take(1);
                walk.op("logical_not", parts, &[], item.span)?
            }
            What::Index(places) => {
                let numbers: Option<Vec<_>> = places.iter().map(Subscript::numbers).collect();
                let (Some(numbers), Some(entry)) = (numbers, ops::find("slice")) else { return Ok(None) };
                let parts = walk.take(1);
                walk.bound(entry, parts, &[("index", AttributeValue::Subscripts(numbers))], item.span)?
            }
            What::Call(call) if !has_plain_attributes(call) => None,
            What::Call(call) => {
                let parts = walk.take(call.inputs as usize);
                match initializers::find(&call.name.value) {
                    Some(_) => {
                        let wanted = expression.items.get(place + 1).and_then(rows);
                        walk.source(call, parts, item.span, Asked { shape, wanted })?
                    }
                    None => walk.op(&call.name.value, parts, &call.attributes, item.span)?,
                }
            }
        };
        let Some(made) = made else { return Ok(None) };
        walk.push(made, item.span);
    }
    let Some((part, _)) = walk.stack.pop() else { return Ok(None) };
    Ok(part.ty().map(|ty| Sketch { ty, cost: walk.cost }))
}

/// The attributes of a call call nothing themselves: to look at them twice costs little and draws
/// nothing.
fn has_plain_attributes(call: &Call) -> bool {
    let is_plain =
        |expression: &Expression| expression.items.iter().all(|item| !matches!(item.what, What::Call(_)));
    call.attributes.iter().all(|attribute| is_plain(&attribute.value))
}

/// An array of parts that agree.
fn array(parts: &[(Part, Span)]) -> Option<Part> {
    let types: Vec<Type> = parts.iter().map(|(part, _)| part.ty()).collect::<Option<_>>()?;
    let Some(first) = types.first() else {
        return Some(Part::Tensor(Type::float(Shape::new(&[0]))));
    };
    if types.iter().any(|ty| ty.shape != first.shape) {
        return None;
    }
    let shape = std::iter::once(types.len()).chain(first.shape.iter().copied()).collect();
    let alike = types.iter().all(|ty| ty.kind == first.kind);
    Some(Part::Tensor(Type { kind: if alike { first.kind } else { Kind::Float }, shape }))
}

/// A negative number at hand stays at hand.
fn negative(part: Part) -> Part {
    match part {
        Part::Known(constant) => {
            let kept = negated(vec![(constant.clone(), Span::default())], Span::default());
            Part::Known(kept.unwrap_or(constant))
        }
        Part::Tensor(ty) => Part::Tensor(ty),
    }
}

impl Walk<'_, '_> {
    fn push(&mut self, part: Part, span: Span) {
        self.live = self.live.saturating_add(part.bytes());
        self.stack.push((part, span));
    }

    fn take(&mut self, count: usize) -> Vec<(Part, Span)> {
        let parts = take(&mut self.stack, count);
        self.live -= parts.iter().map(|(part, _)| part.bytes()).sum::<u64>().min(self.live);
        parts
    }

    /// Counts a tensor that is made beside what is there and `copied` bytes of copies.
    fn made(&mut self, ty: Type, copied: u64, span: Span) -> Result<Option<Part>, Diagnostic> {
        let size = self.evaluator.meter.size(&ty.shape).map_err(|excess| excess.at(span))?;
        self.cost.elements = self.cost.elements.saturating_add(size);
        let peak = self.live.saturating_add(copied).saturating_add(size.saturating_mul(8));
        self.cost.peak = self.cost.peak.max(peak);
        Ok(Some(Part::Tensor(ty)))
    }

    fn op(
        &mut self,
        name: &str,
        parts: Vec<(Part, Span)>,
        attributes: &[crate::syntax::Attribute],
        span: Span,
    ) -> Result<Option<Part>, Diagnostic> {
        let Some(entry) = ops::find(name) else { return Ok(None) };
        if arity(entry.card, parts.len()).is_err() {
            return Ok(None);
        }
        match attribute::of_op(entry.card, attributes, span, self.evaluator, self.environment) {
            Ok(typed) => self.bound(entry, parts, &typed, span),
            Err(_) => Ok(None),
        }
    }

    fn bound(
        &mut self,
        entry: &OpEntry,
        parts: Vec<(Part, Span)>,
        typed: &[(&'static str, AttributeValue)],
        span: Span,
    ) -> Result<Option<Part>, Diagnostic> {
        let mut arguments = Vec::with_capacity(parts.len());
        for (input, (part, _)) in parts.iter().enumerate() {
            let range = match part {
                Part::Known(Constant::Tensor(tensor)) => fold::int_range(tensor),
                _ => None,
            };
            let Some(mut ty) = part.ty() else { return Ok(None) };
            match (entry.card.edge(input).takes, ty.kind) {
                (Takes::Float | Takes::Number, _) => ty.kind = Kind::Float,
                (Takes::Int, Kind::Float | Kind::Bool) => return Ok(None),
                (Takes::Bool, Kind::Float | Kind::Int) => return Ok(None),
                _ => {}
            }
            arguments.push(Argument { ty, range });
        }
        // An operand is there, as its edge takes it, and where the op reads it.
        let copied =
            parts.iter().map(|(part, _)| part.bytes().saturating_mul(3)).fold(0, u64::saturating_add);
        match entry.bind(&crate::op::Call { inputs: &arguments, attributes: typed }) {
            Ok(bound) => self.made(bound.output, copied, span),
            Err(_) => Ok(None),
        }
    }

    fn source(
        &mut self,
        call: &Call,
        parts: Vec<(Part, Span)>,
        span: Span,
        asked: Asked,
    ) -> Result<Option<Part>, Diagnostic> {
        let known = |(part, span)| match part {
            Part::Known(constant) => Some((constant, span)),
            Part::Tensor(_) => None,
        };
        let Some(operands) = parts.into_iter().map(known).collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let Some(source) = initializers::find(&call.name.value) else { return Ok(None) };
        let card = source.card();
        let Ok(given) = attribute::of_source(card, call, operands, span, self.evaluator, self.environment)
        else {
            return Ok(None);
        };
        let shape = given.shape.as_ref().or(asked.shape).filter(|_| card.shaped);
        if card.shaped && shape.is_none() {
            return Ok(None);
        }
        if let Some(shape) = shape {
            self.evaluator.meter.size(shape).map_err(|excess| excess.at(span))?;
        }
        let request = InitializerCall { parameters: &given.parameters, shape };
        let Some(ty) = source.ty(&request, &mut self.evaluator.world(asked.wanted)) else { return Ok(None) };
        if card.is_random() {
            self.cost.draws = self.cost.draws.saturating_add(ty.shape.size() as u64);
        }
        // Numbers of a file stand in memory as they stand there, and decoded.
        let read = (ty.shape.size() as u64).saturating_mul(8);
        self.made(ty, read, span)
    }
}
