//! Ops applied to constants: the same kernels, run at once.

use super::meter::Meter;
use crate::{
    cancel,
    op::{Argument, AttributeValue, Call, Card, Inputs, Many, Misuse, OpEntry, Output, Slot, Subject, Takes},
    tensor::{Kind, Tensor},
};

/// What an op gives for constant operands.
///
/// # Errors
/// Kinds or shapes that the op refuses, or a result over a limit.
pub fn apply(
    entry: &OpEntry,
    operands: &[Tensor],
    attributes: &[(&'static str, AttributeValue)],
    meter: &mut Meter,
) -> Result<Tensor, Misuse> {
    let kinds = operands.iter().map(Tensor::kind).enumerate();
    let joins_floats = meets_floats(entry.card, kinds);
    let operands = operands
        .iter()
        .enumerate()
        .map(|(input, operand)| match joins_floats && entry.card.edge(input).takes == Takes::Either {
            true => Ok(operand.clone().into_float()),
            false => adapt(operand, entry.card, input),
        })
        .collect::<Result<Vec<Tensor>, Misuse>>()?;
    compute(entry, &operands, attributes, meter)
}

/// What an op gives for operands of the kinds that it takes.
///
/// # Errors
/// Shapes that the op refuses, or a result over a limit.
pub fn compute(
    entry: &OpEntry,
    operands: &[Tensor],
    attributes: &[(&'static str, AttributeValue)],
    meter: &mut Meter,
) -> Result<Tensor, Misuse> {
    let arguments: Vec<Argument> =
        operands.iter().map(|operand| Argument { ty: operand.ty(), range: int_range(operand) }).collect();
    let bound = entry.bind(&Call { inputs: &arguments, attributes })?;
    cancel::check();
    meter.constant(&bound.output.shape).map_err(Misuse::from)?;
    let size = bound.output.shape.size();

    let (mut floats, mut ints, mut slots) = (Vec::new(), Vec::new(), Vec::new());
    for operand in operands {
        match operand {
            Tensor::Float(array) => {
                slots.push(Slot::Float { start: floats.len(), len: array.len() });
                floats.extend(array.iter().copied());
            }
            Tensor::Bool(array) => {
                slots.push(Slot::Float { start: floats.len(), len: array.len() });
                floats.extend(array.iter().map(|&x| x as f64));
            }
            Tensor::Int(array) => {
                slots.push(Slot::Int { start: ints.len(), len: array.len() });
                ints.extend(array.iter().copied());
            }
        }
    }
    let x = Inputs { slots: &slots, floats: &floats, ints: &ints };
    let result = match bound.output.kind {
        Kind::Int => {
            let mut y = vec![0; size];
            bound.op.call(&x, Output::Int(&mut y));
            Tensor::int(&bound.output.shape, y)
        }
        kind => {
            let mut y = vec![0.0; size];
            bound.op.call(&x, Output::Float(&mut y));
            Tensor::float(&bound.output.shape, y).and_then(|tensor| tensor.into_kind(kind))
        }
    };
    result
        .ok_or_else(|| Misuse::new(Subject::Call, "the op gave another number of elements than it promised"))
}

/// Among the operands that may be of any kind is a float: whole numbers beside it serve as floats.
pub fn meets_floats(card: &Card, kinds: impl Iterator<Item = (usize, Kind)>) -> bool {
    kinds.into_iter().any(|(input, kind)| kind == Kind::Float && card.edge(input).takes == Takes::Either)
}

/// A constant as an edge takes it: whole numbers serve as floats, as true and false do.
pub fn adapt(operand: &Tensor, card: &Card, input: usize) -> Result<Tensor, Misuse> {
    match (card.edge(input).takes, operand.kind()) {
        (Takes::Float | Takes::Number, _) => Ok(operand.clone().into_float()),
        (Takes::Int, Kind::Float | Kind::Bool) | (Takes::Bool, Kind::Float | Kind::Int) => {
            Err(unfit(card, input, operand.kind()))
        }
        _ => Ok(operand.clone()),
    }
}

/// The refusal of a kind.
pub fn unfit(card: &Card, input: usize, got: Kind) -> Misuse {
    let edge = card.edge(input);
    let word = |kind: Kind| match kind {
        Kind::Float => "floats",
        Kind::Int => "ints",
        Kind::Bool => "true or false",
    };
    let (takes, help) = match edge.takes {
        Takes::Int if got == Kind::Bool => (Kind::Int, "`cast(x, to = \"int\")` makes ones and zeros of it"),
        Takes::Int => (
            Kind::Int,
            "`cast(x, to = \"int\")` makes ints of whole numbers; ints are written without points",
        ),
        Takes::Bool => (Kind::Bool, "a comparison gives true or false: `x != 0`, `x > 0`"),
        _ => (
            Kind::Float,
            "a leaf without `int` in its annotation is float; `cast(x, to = \"float\")` makes floats of ints",
        ),
    };
    let (takes, got) = (word(takes), word(got));
    let misuse = Misuse::new(
        Subject::Input(input),
        format!("`{}` takes {takes} for `{}`, got {got}", card.name, edge.name),
    );
    Misuse { wants_ints: edge.takes == Takes::Int && got == "floats", ..misuse.help(help) }
}

/// The number of operands is what the card says.
pub fn arity(card: &Card, count: usize) -> Result<(), Misuse> {
    let (least, most) = (card.least_inputs(), card.inputs.len());
    let more = card.inputs.last().is_some_and(|edge| edge.many == Many::OnceOrMore);
    if (least..=most).contains(&count) || (more && count > least) {
        return Ok(());
    }
    let inputs = if most == 1 { "input" } else { "inputs" };
    let least = match () {
        () if more => format!("at least {least}"),
        () if least < most => format!("{least} or {most}"),
        () => least.to_string(),
    };
    let misuse = Misuse::new(Subject::Call, format!("`{}` takes {least} {inputs}, got {count}", card.name));
    Err(misuse.help(format!("it is called so: `{}`", card.signature())))
}

/// The least and the greatest element of an int tensor.
pub fn int_range(tensor: &Tensor) -> Option<(i64, i64)> {
    match tensor {
        Tensor::Int(array) | Tensor::Bool(array) => Some((*array.iter().min()?, *array.iter().max()?)),
        Tensor::Float(_) => None,
    }
}
