//! From a call of an op to a node, or to a constant where all it uses is constant.

use super::{
    attribute,
    builder::{Builder, Site},
    constant::Constant,
    fold::{adapt, apply, arity, unfit},
    report::{Shown, misuse},
    scope::{Operand, Place, Scope},
};
use crate::{
    diagnostic::Diagnostic,
    graph::ValueId,
    op::{Argument, AttributeValue, Call, OpEntry, Takes},
    syntax::Attribute,
    tensor::Kind,
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
        Operand::Constant(Constant::Tensor(tensor)) => Some(tensor.clone()),
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

    let mut inputs = smallvec::SmallVec::new();
    for (input, (operand, span)) in operands.iter().enumerate() {
        let refused =
            |builder: &Builder, fault| misuse(fault, site.span, &shown(builder, operands), attributes);
        inputs.push(match operand {
            Operand::Value(value) => {
                let fits = match entry.card.edge(input).takes {
                    Takes::Either => true,
                    Takes::Float => builder.ty(*value).kind == Kind::Float,
                    Takes::Int => builder.ty(*value).kind == Kind::Int,
                };
                if !fits {
                    return Err(refused(builder, unfit(entry.card, input)));
                }
                *value
            }
            Operand::Constant(Constant::Tensor(tensor)) => {
                let tensor = adapt(tensor, entry.card, input).map_err(|fault| refused(builder, fault))?;
                builder.literal(tensor, *span)?
            }
            Operand::Constant(Constant::Text(_)) => {
                return Err(Diagnostic::error(format!("`{}` takes tensors, found text", entry.card.name))
                    .at(*span, "text")
                    .help(format!("it is called so: `{}`", entry.card.signature())));
            }
            Operand::Constant(Constant::Flag(_)) => {
                return Err(Diagnostic::error(format!(
                    "`{}` takes tensors, found true or false",
                    entry.card.name
                ))
                .at(*span, "here")
                .help(format!("it is called so: `{}`", entry.card.signature())));
            }
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
