//! Texts in, trees and messages out, and back again.

mod expressions;
mod messages;
mod roundtrip;
mod statements;
mod toml;

use super::*;
use crate::source::SourceMap;

const OPS: &[&str] = &["relu", "leaky_relu", "softmax_loss", "mul", "affine", "sum"];

fn is_op(name: &str) -> bool {
    OPS.contains(&name)
}

fn reading() -> ParseOptions<'static> {
    ParseOptions { is_op: &is_op, max_depth: 200, max_errors: 1000, max_memory: u64::MAX }
}

fn source(text: &str) -> Source {
    SourceMap::default().add("test", text).unwrap()
}

fn read(text: &str, spelling: Spelling) -> Parsed {
    parse(&source(text), spelling, &reading())
}

/// A document that must be fine.
fn good(text: &str, spelling: Spelling) -> Document {
    let parsed = read(text, spelling);
    assert!(parsed.errors.is_empty(), "{text}\n{:#?}", parsed.errors);
    parsed.document
}

/// Everything about a document but where it stands and how it was spelled.
fn bare(document: &Document) -> String {
    let document = Document { spelling: None, ..document.clone() };
    let text = format!("{document:#?}");
    let mut out = String::new();
    for part in text.split("Span {") {
        let rest = if out.is_empty() { part } else { part.split_once('}').map_or("", |(_, rest)| rest) };
        out.push_str(rest);
    }
    out
}

/// An expression as its reverse Polish words.
fn rpn(expression: &Expression) -> String {
    let words = expression.items.iter().map(|item| match &item.what {
        What::Int(int) => int.to_string(),
        What::Float(float) => format!("{float:?}"),
        What::Text(text) => format!("{text:?}"),
        What::Flag(flag) => flag.to_string(),
        What::Name(name) => name.to_string(),
        What::Array(count) => format!("array/{count}"),
        What::Negate => "neg".into(),
        What::Not => "not".into(),
        What::Binary(binary) => binary.sign().into(),
        What::Call(call) => {
            let attributes = call.attributes.iter();
            let attributes = attributes.map(|a| format!(" {}=({})", a.name.value, rpn(&a.value)));
            let piped = if call.piped { "|" } else { "" };
            format!("{piped}{}/{}{}", call.name.value, call.inputs, attributes.collect::<String>())
        }
        What::Index(subscripts) => {
            let bound = |bound: &Bound| match bound {
                Bound::Number(number) => Ok::<_, ()>(number.to_string()),
                Bound::Operand => Ok("^".into()),
            };
            let subscripts = subscripts.iter().map(|place| place.try_map(bound).unwrap().to_string());
            format!("[{}]", subscripts.collect::<Vec<_>>().join(","))
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The words under the caret of an error.
fn culprit<'t>(text: &'t str, error: &Diagnostic) -> &'t str {
    let span = error.span().unwrap();
    &text[span.start as usize..span.end as usize]
}
