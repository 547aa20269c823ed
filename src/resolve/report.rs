//! From an op's refusal to a diagnostic with places.

use crate::{
    diagnostic::{Cause, Diagnostic},
    op::{Misuse, Subject},
    source::Span,
    syntax::Attribute,
    tensor::Type,
};

/// What an operand looked like where a call was refused.
pub struct Shown {
    /// Where it stands in the call.
    pub span: Span,
    /// Its type, where it is a tensor.
    pub ty: Option<Type>,
    /// Where it was made, if elsewhere.
    pub made: Option<Span>,
}

/// Adds places to a refusal: the call, its operands with their shapes and where
/// those came from, or the one at fault.
pub fn misuse(misuse: Misuse, call: Span, operands: &[Shown], attributes: &[Attribute]) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(misuse.message);
    if let (Subject::Input(input), true) = (misuse.subject, misuse.wants_ints)
        && let Some(made) = operands.get(input).and_then(|shown| shown.made)
    {
        diagnostic = diagnostic.cause(Cause::WantsInts(made));
    }
    let of_type = |ty: &Type| match ty.shape.is_scalar() {
        true if ty.kind == crate::tensor::Kind::Float => "a scalar".to_string(),
        true => format!("a scalar {}", ty.kind.word()),
        false => format!("shape {ty}"),
    };
    match misuse.subject {
        Subject::Input(input) if input < operands.len() => {
            let shown = &operands[input];
            let text = shown.ty.as_ref().map_or_else(|| "this input".to_string(), of_type);
            diagnostic = diagnostic.at(shown.span, text);
            diagnostic = made(diagnostic, shown);
        }
        Subject::Attribute(name) => {
            let span = attributes.iter().find(|attribute| &*attribute.name.value == name);
            diagnostic = diagnostic.at(span.map_or(call, |attribute| attribute.value.span), "here");
        }
        _ => {
            diagnostic = diagnostic.at(call, "in this call");
            for shown in operands {
                if let Some(ty) = &shown.ty {
                    diagnostic = diagnostic.at(shown.span, of_type(ty));
                    diagnostic = made(diagnostic, shown);
                }
            }
        }
    }
    if let Some(limit) = misuse.limit {
        diagnostic = diagnostic.cause(Cause::Limit(limit));
    }
    match misuse.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn made(diagnostic: Diagnostic, shown: &Shown) -> Diagnostic {
    match shown.made {
        Some(span) if span != shown.span => diagnostic.at(span, "made here"),
        _ => diagnostic,
    }
}
