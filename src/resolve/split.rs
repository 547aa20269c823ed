//! `q, k, v = split(x, axis = -1)`: a tensor in as many parts as there are names, each a slice.

use super::{
    attribute,
    builder::{Builder, Site},
    connect,
    scope::{Operand, Place, Scope, Several},
};
use crate::{
    diagnostic::Diagnostic,
    op::AttributeValue,
    ops,
    syntax::{Attribute, Call, Subscript},
};

/// What the call is named by.
pub const NAME: &str = "split";

/// Makes the slices.
pub fn make(builder: &mut Builder, scope: &Scope, call: &Call, operands: Vec<Place>, site: &Site) -> Operand {
    if operands.iter().any(|(operand, _)| matches!(operand, Operand::Broken)) {
        return Operand::Broken;
    }
    parts(builder, scope, call, operands, site).unwrap_or_else(|fault| {
        builder.faults.push(fault);
        Operand::Broken
    })
}

fn parts(
    builder: &mut Builder,
    scope: &Scope,
    call: &Call,
    mut operands: Vec<Place>,
    site: &Site,
) -> Result<Operand, Diagnostic> {
    let example = "`a, b = split(x, axis = 0)` makes equal parts, `sizes = [2, 3]` others";
    let refused = |message: String| Diagnostic::error(message).at(site.span, "in this call").help(example);
    let count = site.parts.len();
    if count < 2 {
        return Err(refused("`split` gives as many parts as names stand before the `=`".into()));
    }
    let (Some((operand, span)), 1) = (operands.pop(), call.inputs) else {
        return Err(refused(format!("`split` takes 1 input, got {}", call.inputs)));
    };
    let Operand::Value(value) = operand else {
        return Err(refused("`split` takes a value of the graph".into()).at(span, "none"));
    };
    let shape = builder.ty(value).shape.clone();
    let (mut axis, mut sizes) = (0, None);
    for Attribute { name, value } in &call.attributes {
        let given = builder.evaluator.evaluate(value, None, scope.environment)?;
        match &*name.value {
            "axis" => {
                let rank = shape.rank() as i64;
                let number = given.whole().filter(|axis| (-rank..rank).contains(axis));
                let number = number.ok_or_else(|| {
                    Diagnostic::error(format!("this is no axis of shape {shape}")).at(value.span, "here")
                })?;
                axis = number.rem_euclid(rank) as usize;
            }
            "sizes" => {
                let lengths = given.tensor().and_then(|tensor| tensor.to_ints()).unwrap_or_default();
                let lengths: Option<Vec<usize>> =
                    lengths.into_iter().map(|length| usize::try_from(length).ok()).collect();
                sizes = Some((lengths.unwrap_or_default(), value.span));
            }
            _ => return Err(attribute::unknown(name, NAME, ["axis", "sizes"].into_iter())),
        }
    }
    let Some(&length) = shape.get(axis) else {
        return Err(refused("a scalar has no parts".into()));
    };
    let lengths = match sizes {
        Some((sizes, at)) => {
            let all = sizes.iter().try_fold(0usize, |all, &size| all.checked_add(size));
            if sizes.len() != count || all != Some(length) {
                return Err(Diagnostic::error(format!(
                    "`sizes` has a length for each of the {count} names, {length} in all"
                ))
                .at(at, format!("{} lengths", sizes.len())));
            }
            sizes
        }
        None if length % count == 0 => vec![length / count; count],
        None => {
            return Err(refused(format!("axis {axis} of shape {shape} has no {count} equal parts"))
                .at(span, format!("{length} along axis {axis}")));
        }
    };
    let whole = Subscript::Range { start: None, stop: None, step: None };
    let mut start = 0;
    let mut values = Vec::with_capacity(count);
    for (name, length) in site.parts.iter().zip(lengths) {
        let mut index = vec![whole; axis];
        let stop = start + length;
        index.push(Subscript::Range { start: Some(start as i64), stop: Some(stop as i64), step: None });
        start = stop;
        let own = Site { span: site.span, name: name.clone(), name_span: site.name_span, parts: Vec::new() };
        let Some(entry) = ops::find("slice") else { return Ok(Operand::Broken) };
        let typed = Some(vec![("index", AttributeValue::Subscripts(index))]);
        match connect::make(builder, scope, entry, vec![(Operand::Value(value), span)], &[], typed, own) {
            Operand::Value(part) => values.push((name.clone(), part)),
            _ => return Ok(Operand::Broken),
        }
    }
    Ok(Operand::Several(Several { of: NAME.into(), values: values.into() }))
}
