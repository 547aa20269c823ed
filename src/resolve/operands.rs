//! The operands of constant expressions: what is taken off the stack, negated and joined.

use super::{constant::Constant, report::Shown};
use crate::{
    diagnostic::Diagnostic,
    shape::Shape,
    source::Span,
    tensor::{Kind, Tensor},
};

/// Takes the last `count` operands off a stack.
pub fn take<T>(stack: &mut Vec<T>, count: usize) -> Vec<T> {
    stack.split_off(stack.len().saturating_sub(count))
}

/// The negatives of whole numbers.
///
/// # Errors
/// A number whose negative does not fit.
pub fn negated(mut operands: Vec<(Constant, Span)>, span: Span) -> Result<Constant, Diagnostic> {
    match operands.pop() {
        Some((Constant::Tensor(Tensor::Int(array)), _)) => {
            let negative = |value: &i64| value.checked_neg();
            let shape = Shape::new(array.shape());
            let ints = array.iter().map(negative).collect::<Option<Vec<i64>>>();
            ints.and_then(|ints| Tensor::int(&shape, ints)).map(Constant::Tensor)
        }
        _ => None,
    }
    .ok_or_else(|| Diagnostic::error("this number is too large").at(span, "its negative does not fit"))
}

/// Joins the elements of an array literal.
///
/// # Errors
/// Elements that are no numbers, or of different shapes.
pub fn array(elements: Vec<(Constant, Span)>, span: Span) -> Result<Constant, Diagnostic> {
    let (tensors, shown) = tensors(elements)?;
    let Some(first) = tensors.first() else {
        return Ok(Constant::Tensor(Tensor::Float(ndarray::ArrayD::zeros(vec![0]))));
    };
    let (inner, first_span) = (first.shape(), shown[0].span);
    for (tensor, shown) in tensors.iter().zip(&shown) {
        if tensor.shape() != inner {
            let this = |shape: &Shape| match shape.is_scalar() {
                true => "a number".to_string(),
                false => format!("an array of shape {shape}"),
            };
            return Err(Diagnostic::error("this array is ragged: all its elements must have the same shape")
                .at(shown.span, this(&tensor.shape()))
                .at(first_span, format!("the first is {}", this(&inner))));
        }
    }
    let shape: Shape = std::iter::once(tensors.len()).chain(inner.iter().copied()).collect();
    let kind = tensors[0].kind();
    let joined = if kind != Kind::Float && tensors.iter().all(|tensor| tensor.kind() == kind) {
        Tensor::whole(kind, &shape, tensors.iter().filter_map(Tensor::to_ints).flatten().collect())
    } else {
        Tensor::float(&shape, tensors.iter().flat_map(Tensor::to_floats).collect())
    };
    joined
        .map(Constant::Tensor)
        .ok_or_else(|| Diagnostic::error("this array does not hold together").at(span, "here"))
}

/// Operands that must all be tensors, and how to show them.
///
/// # Errors
/// One that is none.
pub fn tensors(operands: Vec<(Constant, Span)>) -> Result<(Vec<Tensor>, Vec<Shown>), Diagnostic> {
    let mut tensors = Vec::with_capacity(operands.len());
    let mut shown = Vec::with_capacity(operands.len());
    for (constant, span) in operands {
        let Some(tensor) = constant.tensor() else {
            return Err(Diagnostic::error("expected a number or an array, found text")
                .at(span, "text")
                .help("a data file is read by `npy(\"…\")`, `idx(\"…\")`, `csv(\"…\")` and the like"));
        };
        shown.push(Shown { span, ty: Some(tensor.ty()), made: None });
        tensors.push(tensor);
    }
    Ok((tensors, shown))
}
