//! `expect`: what must come out, held against the names and shapes of the graph.

use super::{
    builder::Builder,
    constant::{Constant, Environment},
    formula,
    leaf::is_of_the_file,
    output,
    scope::Scope,
};
use crate::{
    cancel,
    diagnostic::{Cause, Diagnostic},
    graph::{Expectation, Expected, ValueId, Want},
    shape::Shape,
    source::{Name, Span, Spanned},
    syntax::{self, Dim, Document, Expression, Tolerance},
    tensor::{Kind, Tensor},
};

/// The verdicts that a file can expect of the comparison.
const VERDICTS: [&str; 4] = ["ok", "wrong", "kink", "undecided"];

/// The tolerance where none is given by the expectation, the file, or whoever runs it.
pub const WITHIN: f64 = 1e-9;

/// Messages that a file may expect to be refused with: each is looked for in all of them.
pub const MOST_MESSAGES: usize = 100;

/// Resolves the expectations of a document; `default` is the tolerance where the file gives none.
pub fn read(builder: &mut Builder, scope: &Scope, document: &Document, default: Option<f64>) {
    let of_file = document.testing.within.as_ref();
    if let Some(bad) = of_file.filter(|within| !Tolerance::Part(within.value).is_tolerance()) {
        builder.faults.push(no_tolerance(bad.span));
    }
    let default = Tolerance::Part(of_file.map(|within| within.value).or(default).unwrap_or(WITHIN));
    let is_message = |one: &&syntax::Expectation| matches!(one.of, syntax::Expected::Error(_));
    if let Some(beyond) = document.expectations.iter().filter(is_message).nth(MOST_MESSAGES) {
        builder.faults.push(
            Diagnostic::error(format!("more than {MOST_MESSAGES} messages are expected of one refusal"))
                .at(beyond.span, "one too many")
                .help("expect those that matter; whatever else is said may be said"),
        );
    }
    for expectation in &document.expectations {
        if builder.faults.last().is_some_and(is_of_the_file) {
            return;
        }
        cancel::check();
        let within = expectation.within.as_ref().map_or(default, |within| within.value);
        if let Some(bad) = expectation.within.as_ref().filter(|within| !within.value.is_tolerance()) {
            builder.faults.push(no_tolerance(bad.span));
            continue;
        }
        let resolved = match &expectation.of {
            syntax::Expected::Value { name, .. } if is_word(scope, name) => {
                builder.faults.push(word(name));
                None
            }
            syntax::Expected::Value { name, value } => output::value(builder, scope, name).and_then(|of| {
                let want = wanted(builder, scope, of, value)?;
                Some((Expected::Value { of, want, within }, value.span))
            }),
            syntax::Expected::Gradient { name, value } => gradient(builder, scope, name).and_then(|of| {
                let want = wanted(builder, scope, of, value)?;
                Some((Expected::Gradient { of, want, within }, value.span))
            }),
            syntax::Expected::Shape { name, shape } => output::value(builder, scope, name).and_then(|of| {
                let want = lengths(builder, scope, &shape.value)?;
                Some((Expected::Shape { of, want }, shape.span))
            }),
            syntax::Expected::Check(word) => verdict(builder, word).map(|verdict| (verdict, word.span)),
            // Whoever expects a refusal looks at the document: there is no graph then.
            syntax::Expected::Error(_) => None,
        };
        if let Some((of, written)) = resolved {
            builder.graph.expectations.push(Expectation { of, span: expectation.span, written });
        }
    }
}

fn no_tolerance(span: Span) -> Diagnostic {
    Diagnostic::error("a tolerance is a number, 0 or greater").at(span, "not a tolerance")
}

/// A name that has a meaning of its own after `expect`, and that no value bears.
fn is_word(scope: &Scope, name: &Name) -> bool {
    matches!(&*name.value, "grad" | "shape" | "error" | "check") && scope.names.find(&name.value).is_none()
}

fn word(name: &Name) -> Diagnostic {
    let form = match &*name.value {
        "grad" => "expect grad(NAME) = 2.5",
        "shape" => "expect shape(NAME) = [3, 10]",
        "error" => "expect error \"part of the message\"",
        _ => "expect check = ok",
    };
    Diagnostic::error(format!("`{}` has a meaning of its own after `expect`", name.value))
        .at(name.span, "not the name of a value here")
        .help(format!("write `{form}`"))
}

fn gradient(builder: &mut Builder, scope: &Scope, name: &Name) -> Option<ValueId> {
    let of = output::value(builder, scope, name)?;
    if builder.graph.value(of).differentiable {
        return Some(of);
    }
    builder.faults.push(
        Diagnostic::error(format!("`{}` has no gradient", name.value))
            .at(name.span, "nothing to expect here")
            .help("inputs, params and the nodes that depend on them have one"),
    );
    None
}

/// The value wanted, in the kind of the value it is wanted of. Whether the shapes agree is
/// for the judge to say: a shape that has changed is a failure like any other.
fn wanted(builder: &mut Builder, scope: &Scope, of: ValueId, value: &Expression) -> Option<Want> {
    if formula::is_formula(value) {
        return formula::make(builder, scope, value);
    }
    like(builder, of, value, "the expectation").map(Want::Numbers)
}

/// What is written for a value of the graph, in the kind of that.
pub fn like(builder: &mut Builder, of: ValueId, value: &Expression, what: &str) -> Option<Tensor> {
    let ty = builder.ty(of).clone();
    let (evaluator, nothing) = (&mut builder.evaluator, Environment::new());
    let evaluated = evaluator
        .count(value, Some(&ty.shape), &nothing)
        .and_then(|sketch| evaluator.make_now(value, Some(&ty.shape), &nothing, sketch.is_some()));
    let tensor = match evaluated {
        Ok(constant) if constant.tensor().is_some() => constant.tensor().unwrap_or_else(Tensor::none),
        Ok(_) => {
            let fault = Diagnostic::error("expected a number or an array").at(value.span, "here");
            builder.faults.push(fault);
            return None;
        }
        Err(fault) => {
            builder.faults.push(fault);
            return None;
        }
    };
    let shape = tensor.shape();
    if let Err(excess) = builder.evaluator.meter.held(8 * shape.size() as u64) {
        builder.faults.push(excess.at(value.span));
        return None;
    }
    let typed = tensor.into_kind(ty.kind);
    if typed.is_none() {
        let (is, has, label) = match ty.kind {
            Kind::Bool => ("true or false", "other numbers than 1 and 0", "not true or false"),
            _ => ("an int", "a fraction", "not whole numbers"),
        };
        let fault = Diagnostic::error(format!("the value is {is}, {what} has {has}"));
        builder.faults.push(fault.at(value.span, label));
    }
    typed
}

/// A shape in which names stand for dimensions of the file.
fn lengths(builder: &mut Builder, scope: &Scope, dims: &[Spanned<Dim>]) -> Option<Shape> {
    let mut lengths = Vec::with_capacity(dims.len());
    for dim in dims {
        let name = match &dim.value {
            Dim::Number(length) => {
                lengths.push(*length);
                continue;
            }
            Dim::Name(name) => name,
        };
        let length = match scope.environment.get(name) {
            Some(Constant::Tensor(tensor)) => {
                tensor.to_ints().and_then(|ints| usize::try_from(*ints.first()?).ok())
            }
            _ => None,
        };
        match length {
            Some(length) => lengths.push(length),
            None => {
                let fault = Diagnostic::error("nothing fixes this dimension").at(dim.span, "here");
                builder.faults.push(fault.cause(Cause::Unresolved(name.clone())));
                return None;
            }
        }
    }
    Some(Shape::from(lengths))
}

fn verdict(builder: &mut Builder, word: &Name) -> Option<Expected> {
    if VERDICTS.contains(&&*word.value) {
        return Some(Expected::Check(word.value.clone()));
    }
    builder.faults.push(
        Diagnostic::error(format!("the comparison has no verdict `{}`", word.value))
            .at(word.span, "not a verdict")
            .did_you_mean(&word.value, VERDICTS)
            .help(format!("the verdicts are {}", VERDICTS.map(|known| format!("`{known}`")).join(", "))),
    );
    None
}
