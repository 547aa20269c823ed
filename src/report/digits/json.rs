//! How many digits a run keeps, for programs.

use super::{
    super::{
        json::{JSON_VERSION, float},
        loss::place,
        not_finite::origin,
        number::indices,
        run::kind,
    },
    Counted,
    words::{lost_words, remedy, why},
};
use crate::{
    digits::{Cause, is_told},
    engine::Stored,
    precision::Precision,
};
use serde_json::{Value, json};

/// The short name of a cause, for programs.
fn cause_word(cause: &Cause) -> &'static str {
    match cause {
        Cause::Overflow { .. } => "overflow",
        Cause::Underflow { .. } => "underflow",
        Cause::NotFinite => "not finite",
        Cause::Inputs => "inputs",
        Cause::Cancellation { .. } => "cancellation",
        Cause::Accumulation { .. } => "accumulation",
        Cause::Decision => "decision",
        Cause::Steep { .. } => "steep",
    }
}

/// Runs with random roundings say no more of it than this.
fn count(digits: f64) -> Value {
    float((digits * 1e3).round() / 1e3)
}

/// The digits for programs; `null` where nothing is rounded.
pub fn digits_object(counted: Counted) -> Value {
    let Counted { digits, graph, sources, file, .. } = counted;
    let exact = |digits: f64| if digits.is_infinite() { Value::Null } else { count(digits) };
    let kept = |stored: Stored, shape: &[usize]| {
        digits.of(stored).map(|kept| {
            json!({
                "digits": exact(kept.digits),
                "zero": kept.is_zero,
                "worst": kept.worst.map(|(at, digits)| json!({ "index": indices(at, shape), "digits": count(digits) })),
                "overflow": kept.beyond,
                "underflow": kept.below,
            })
        })
    };
    let values = graph.ids().filter(|&id| is_told(graph, digits, id, true)).map(|id| {
        let value = graph.value(id);
        json!({
            "name": value.name,
            "op": kind(graph, id),
            "shape": value.ty.shape.to_vec(),
            "value": kept(Stored::Value(id), &value.ty.shape),
            "gradient": kept(Stored::Gradient(id), &value.ty.shape),
        })
    });
    let lost = digits.lost.iter().map(|lost| {
        let place = place(&lost.loss, graph, sources);
        json!({
            "at": counted.name(lost.at),
            "seen": counted.name(lost.seen),
            "digits": count(lost.loss.digits),
            "cause": cause_word(&lost.cause),
            "why": why(counted, lost),
            "remedy": remedy(counted, lost),
            "text": lost_words(counted, lost),
            "file": place.as_ref().map(|place| place.file.to_string()),
            "line": place.as_ref().map(|place| place.line),
        })
    });
    let precisions = digits.precisions.iter().map(|keeps| {
        json!({
            "precision": keeps.precision.word(),
            "digits": exact(keeps.digits),
            "of": keeps.of.map(|of| counted.name(of)),
        })
    });
    json!({
        "version": JSON_VERSION,
        "file": file,
        "title": graph.title,
        "digits": {
            "precision": counted.precision().word(),
            "storage": digits.arithmetic.storage.word(),
            "accumulate": digits.arithmetic.accumulate.word(),
            "factors": digits.arithmetic.factors.map(Precision::word),
            "most": count(digits.most()),
            "keep": float(digits.options.keep),
            "least": digits.least().map(Precision::word),
            "values": values.collect::<Vec<_>>(),
            "lost": lost.collect::<Vec<_>>(),
            "not_finite": digits.not_finite.as_ref().map(|found| origin(found, graph, sources)),
            "precisions": precisions.collect::<Vec<_>>(),
        },
    })
}
