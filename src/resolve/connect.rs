//! From a call of an op to a node, or to a constant where all it uses is constant.

use super::{
    attribute,
    builder::{Builder, Site},
    constant::Constant,
    fold::{adapt, apply, arity, meets_floats, unfit},
    report::{Shown, misuse},
    scope::{Operand, Place, Scope},
};
use crate::{
    diagnostic::Diagnostic,
    graph::ValueId,
    op::{Argument, AttributeValue, Call, Card, OpEntry, Takes},
    ops,
    syntax::Attribute,
    tensor::{Kind, Tensor},
};

/// Makes the node of one call of an op; constants alone are computed at once.
pub fn make(
    builder: &mut Builder,
    scope: &Scope,
    entry: &'static OpEntry,
    operands: Vec<Place>,
    attributes: &[Attribute],
    typed: Option<Vec<(&'static str, AttributeValue)>>,
    site: Site,
) -> Operand {
    if let Err(fault) = arity(entry.card, operands.len()) {
        builder.faults.push(misuse(fault, site.span, &[], attributes));
        return Operand::Broken;
    }
    let typed = typed.map_or_else(
        || attribute::of_op(entry.card, attributes, site.span, &mut builder.evaluator, scope.environment),
        Ok,
    );
    let typed = match typed {
        Ok(typed) => typed,
        Err(faults) => {
            builder.faults.extend(faults);
            return Operand::Broken;
        }
    };
    if operands.iter().any(|(operand, _)| matches!(operand, Operand::Broken)) {
        return Operand::Broken;
    }
    connect(builder, entry, &operands, attributes, &typed, site).unwrap_or_else(|fault| {
        builder.faults.push(fault);
        Operand::Broken
    })
}

fn connect(
    builder: &mut Builder,
    entry: &'static OpEntry,
    operands: &[Place],
    attributes: &[Attribute],
    typed: &[(&'static str, AttributeValue)],
    site: Site,
) -> Result<Operand, Diagnostic> {
    let constant = |(operand, _): &Place| match operand {
        Operand::Constant(constant) => constant.tensor(),
        _ => None,
    };
    let is_value = |(operand, _): &Place| matches!(operand, Operand::Value(_));
    if !operands.iter().any(is_value)
        && let Some(constants) = operands.iter().map(constant).collect::<Option<Vec<_>>>()
    {
        return apply(entry, &constants, typed, &mut builder.evaluator.meter)
            .map(|tensor| Operand::Constant(Constant::Tensor(tensor)))
            .map_err(|fault| misuse(fault, site.span, &shown(builder, operands), attributes));
    }

    let numbers = kind_of_numbers(builder, entry.card, operands);
    let kinds = operands.iter().enumerate().filter_map(|(input, (operand, _))| match operand {
        Operand::Value(value) => Some((input, builder.ty(*value).kind)),
        Operand::Constant(constant) => Some((input, constant.tensor()?.kind())),
        _ => None,
    });
    let joins_floats = meets_floats(entry.card, kinds);
    let mut inputs = smallvec::SmallVec::new();
    for (input, (operand, span)) in operands.iter().enumerate() {
        let refused =
            |builder: &Builder, fault| misuse(fault, site.span, &shown(builder, operands), attributes);
        inputs.push(match operand {
            Operand::Value(value) => {
                let got = builder.ty(*value).kind;
                let wants = match entry.card.edge(input).takes {
                    Takes::Either => got,
                    Takes::Float => Kind::Float,
                    Takes::Int => Kind::Int,
                    Takes::Bool => Kind::Bool,
                    Takes::Number => numbers,
                };
                match (wants, got) {
                    _ if wants == got => *value,
                    // In arithmetic true and false are 1 and 0, which they are in a run.
                    (Kind::Float, Kind::Bool) => *value,
                    (Kind::Int, Kind::Bool) if entry.card.edge(input).takes == Takes::Number => {
                        let name = format!("{}.{}{}", site.name, wants.word(), input + 1);
                        number(
                            builder,
                            *value,
                            wants,
                            Site { span: *span, name: name.into(), name_span: None, parts: Vec::new() },
                        )?
                    }
                    _ => return Err(refused(builder, unfit(entry.card, input, got))),
                }
            }
            Operand::Constant(constant) if constant.tensor().is_some() => {
                let tensor = constant.tensor().unwrap_or_else(Tensor::none);
                let whole = numbers == Kind::Int && entry.card.edge(input).takes == Takes::Number;
                let tensor = match tensor.clone().into_kind(Kind::Int) {
                    _ if joins_floats && entry.card.edge(input).takes == Takes::Either => tensor.into_float(),
                    Some(whole_numbers) if whole => whole_numbers,
                    _ => adapt(&tensor, entry.card, input).map_err(|fault| refused(builder, fault))?,
                };
                builder.literal(tensor, *span)?
            }
            Operand::Constant(_) => {
                return Err(Diagnostic::error(format!("`{}` takes tensors, found text", entry.card.name))
                    .at(*span, "text")
                    .help(format!("it is called so: `{}`", entry.card.signature())));
            }
            Operand::Several(several) => return Err(several.as_one("", *span)),
            Operand::Broken => return Ok(Operand::Broken),
        });
    }
    let arguments: smallvec::SmallVec<[Argument; 3]> = inputs
        .iter()
        .map(|&input: &ValueId| Argument { ty: builder.ty(input).clone(), range: builder.range(input) })
        .collect();
    let bound = entry
        .bind(&Call { inputs: &arguments, attributes: typed })
        .map_err(|fault| misuse(fault, site.span, &shown(builder, operands), attributes))?;
    builder.node(entry, bound, inputs, typed, site).map(Operand::Value)
}

/// What the numbers among the operands are: ints where a value is one and none is a float; true and
/// false go with either.
fn kind_of_numbers(builder: &Builder, card: &Card, operands: &[Place]) -> Kind {
    let mut any_int = false;
    for (input, (operand, _)) in operands.iter().enumerate() {
        if card.edge(input).takes != Takes::Number {
            continue;
        }
        match operand {
            Operand::Value(value) if builder.ty(*value).kind == Kind::Float => return Kind::Float,
            Operand::Value(value) => any_int |= builder.ty(*value).kind == Kind::Int,
            Operand::Constant(constant) => {
                let is_whole = |tensor: Tensor| tensor.kind() != Kind::Float;
                if !constant.tensor().is_some_and(is_whole) {
                    return Kind::Float;
                }
            }
            Operand::Several(_) | Operand::Broken => {}
        }
    }
    if any_int { Kind::Int } else { Kind::Float }
}

/// Makes ones and zeros of true and false.
fn number(builder: &mut Builder, value: ValueId, kind: Kind, site: Site) -> Result<ValueId, Diagnostic> {
    let entry = ops::find("cast").ok_or_else(|| Diagnostic::error("there is no `cast`"))?;
    let typed = [("to", AttributeValue::Choice(kind.word()))];
    let argument = [Argument { ty: builder.ty(value).clone(), range: builder.range(value) }];
    let bound = entry
        .bind(&Call { inputs: &argument, attributes: &typed })
        .map_err(|fault| misuse(fault, site.span, &[], &[]))?;
    builder.node(entry, bound, smallvec::smallvec![value], &typed, site)
}

/// How the operands of a call are shown in a refusal.
pub fn shown(builder: &Builder, operands: &[Place]) -> Vec<Shown> {
    operands
        .iter()
        .map(|(operand, span)| match operand {
            Operand::Value(value) => Shown {
                span: *span,
                ty: Some(builder.ty(*value).clone()),
                made: Some(builder.graph.value(*value).span),
            },
            Operand::Constant(Constant::Tensor(tensor)) => {
                Shown { span: *span, ty: Some(tensor.ty()), made: None }
            }
            _ => Shown { span: *span, ty: None, made: None },
        })
        .collect()
}
