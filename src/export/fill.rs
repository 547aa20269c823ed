//! Operands in place of the inputs of a spelled call.

use super::{
    python::{Argument, Python},
    spelling::input,
};

/// Calls `at` for every place of an input.
pub fn places(expression: &Python, at: &mut dyn FnMut(usize)) {
    fill(expression, false, &|_| false, &mut |place, _| {
        at(place);
        Python::name("x")
    });
}

/// Puts operands in place of the inputs; with each is said whether a Python number does there, too.
pub fn fill(
    expression: &Python,
    numbers_do: bool,
    is_number: &dyn Fn(usize) -> bool,
    operand: &mut dyn FnMut(usize, bool) -> Python,
) -> Python {
    if let Some(at) = input(expression) {
        return operand(at, numbers_do);
    }
    let mut each = |items: &[Python]| -> Vec<Python> {
        items.iter().map(|item| fill(item, false, is_number, operand)).collect()
    };
    match expression {
        Python::Name(_) | Python::Number(_) | Python::Text(_) => expression.clone(),
        Python::Attribute(of, name) => {
            Python::Attribute(Box::new(fill(of, false, is_number, operand)), name.clone())
        }
        Python::Call(callee, arguments) => {
            // `torch.where` takes numbers beside a tensor.
            let values = arguments.iter().filter_map(|argument| input(&argument.value)).skip(1);
            let is_where = callee.print().ends_with(".where") && !values.into_iter().all(is_number);
            let callee = fill(callee, false, is_number, operand);
            let mut filled = Vec::new();
            for (at, argument) in arguments.iter().enumerate() {
                let value = fill(&argument.value, is_where && at > 0, is_number, operand);
                filled.push(Argument { name: argument.name.clone(), value });
            }
            Python::Call(Box::new(callee), filled)
        }
        Python::Index(of, at) => {
            let places = each(at);
            Python::Index(Box::new(fill(of, false, is_number, operand)), places)
        }
        Python::Range(_) => expression.clone(),
        Python::Unary(sign, inside) => Python::Unary(sign, Box::new(fill(inside, false, is_number, operand))),
        Python::Binary(sign, left, right) => {
            let mut beside = |own: &Python, other: &Python| {
                let other_is_tensor =
                    input(other).is_some_and(|at| !is_number(at)) || !is_plain_number(other);
                fill(own, *sign != "@" && other_is_tensor, is_number, operand)
            };
            let (left, right) = (beside(left, right), beside(right, left));
            Python::Binary(sign, Box::new(left), Box::new(right))
        }
        Python::If { condition, yes, no } => Python::If {
            condition: Box::new(fill(condition, false, is_number, operand)),
            yes: Box::new(fill(yes, false, is_number, operand)),
            no: Box::new(fill(no, false, is_number, operand)),
        },
        Python::Tuple(items) => Python::Tuple(each(items)),
        Python::List(items) => Python::List(each(items)),
        Python::Star(items) => Python::Star(Box::new(fill(items, false, is_number, operand))),
    }
}

/// A number, or an input, of which more is known elsewhere.
fn is_plain_number(expression: &Python) -> bool {
    matches!(expression, Python::Number(_)) || input(expression).is_some()
}
