//! Results for programs. The names here are stable; `version` counts changes
//! that take something away.

use super::{
    location::{culprits, kind, words},
    loss::{loss, place},
    not_finite::{cause, origin},
    number::indices,
};
use crate::{
    compare::{
        BlockTrial, Comparison, Evidence, Finding, Outcome, Slip, TensorComparison, Undecided, Verdict,
        ZeroCause,
    },
    diagnostic::{Diagnostic, told},
    graph::{Graph, ValueId},
    source::SourceMap,
};
use serde_json::{Map, Value, json};

/// The version of the layout below.
pub const JSON_VERSION: u32 = 2;

/// Of a file's errors or failures so many are told; the rest is counted.
pub const TOLD: usize = 200;

/// The object of one file that was refused.
pub fn refused(diagnostics: &[Diagnostic], file: &str, sources: &SourceMap) -> Value {
    let (shown, more) = told(diagnostics, TOLD);
    let errors: Vec<Value> = shown
        .iter()
        .map(|diagnostic| {
            let place = diagnostic.span().and_then(|span| sources.place(span));
            json!({
                "message": diagnostic.message,
                "file": place.as_ref().map(|place| place.file.to_string()),
                "line": place.as_ref().map(|place| place.line),
                "column": place.as_ref().map(|place| place.column),
                "help": diagnostic.help,
            })
        })
        .collect();
    json!({ "version": JSON_VERSION, "file": file, "errors": errors, "more_errors": more })
}

/// A float as JSON knows it; NaN and infinities as text.
pub fn float(value: f64) -> Value {
    match value {
        v if v.is_nan() => "nan".into(),
        v if v == f64::INFINITY => "inf".into(),
        v if v == f64::NEG_INFINITY => "-inf".into(),
        v if v.fract() == 0.0 && v.abs() < 1e15 && (v != 0.0 || v.is_sign_positive()) => (v as i64).into(),
        v => v.into(),
    }
}

/// What stands for the comparison of every entry.
pub fn comparison_object(comparison: &Comparison, graph: &Graph, sources: &SourceMap) -> Value {
    let settings = &comparison.settings;
    let name = |id: &ValueId| graph.value(*id).name.to_string();
    json!({
        "verdict": comparison.word(),
        "every_entry": settings.sample.is_none() && !comparison.is_partial(),
        "dtype": "f64",
        "output": float(comparison.output),
        "entries": comparison.compared(),
        "settings": {
            "step": settings.step,
            "rtol": settings.rtol,
            "atol": settings.atol,
            "digits": settings.digits,
            "sample": settings.sample,
            "skip": settings.skip.iter().map(name).collect::<Vec<_>>(),
        },
        "repeatable": comparison.repeatable,
        "not_finite": comparison.not_finite.as_ref().map(|found| json!({
            "name": name(&found.value),
            "index": indices(found.entry, &graph.value(found.value).ty.shape),
            "of": if found.gradient { "gradient" } else { "value" },
            "value": float(found.number),
            "node": found.made_by.as_ref().map(|made| name(&graph.node(made.node).outputs[0])),
            "inputs": found.made_by.iter().flat_map(|made| &made.inputs).map(|(input, at, x)| json!({
                "name": name(input),
                "index": indices(*at, &graph.value(*input).ty.shape),
                "value": float(*x),
            })).collect::<Vec<_>>(),
            "cause": found.made_by.as_ref().map(|made| cause(found, made, graph)),
            "text": origin(found, graph, sources),
        })),
        "blocks": comparison.blocks.iter().map(|trial| block_object(trial, graph, sources)).collect::<Vec<_>>(),
        "surrogates": comparison.surrogates.iter().map(|surrogate| json!({
            "name": name(&surrogate.leaf),
            "block": graph.block(surrogate.block).name,
        })).collect::<Vec<_>>(),
        "location": location(comparison, graph, sources),
        "faults": comparison.faults,
        "tensors": comparison.tensors.iter().map(|tensor| tensor_object(tensor, graph, sources)).collect::<Vec<_>>(),
    })
}

fn block_object(trial: &BlockTrial, graph: &Graph, sources: &SourceMap) -> Value {
    let block = graph.block(trial.block);
    let lines = trial.lines.iter().map(|line| {
        let written =
            block.backward.iter().flat_map(|backward| &backward.lines).find(|own| own.to == line.input);
        let (verdict, how) = match line.outcome {
            Outcome::Ok => ("ok", None),
            Outcome::Kink => ("kink", None),
            Outcome::Undecided => ("undecided", None),
            Outcome::Wrong(Slip::Here) => ("wrong", Some("at these values")),
            Outcome::Wrong(Slip::Beside(_)) => ("wrong", Some("beside these values")),
            Outcome::Wrong(Slip::NotLinear) => ("wrong", Some("not linear in upstream")),
        };
        json!({
            "name": written.map(|line| &line.name),
            "line": written.and_then(|line| sources.place(line.span)).map(|place| place.line),
            "verdict": verdict,
            "how": how,
        })
    });
    json!({ "name": block.name, "of": block.of, "verdict": trial.word(), "lines": lines.collect::<Vec<_>>() })
}

fn location(comparison: &Comparison, graph: &Graph, sources: &SourceMap) -> Value {
    let guilty = culprits(&comparison.location, graph, sources).into_iter().map(|culprit| {
        let inputs = culprit.inputs.iter().map(|input| {
            json!({
                "name": input.name,
                "line": input.place.as_ref().map(|place| place.line),
                "pattern": input.pattern.map(kind),
                "text": input.pattern.map(words),
            })
        });
        json!({
            "name": culprit.name,
            "of": culprit.of,
            "is_block": culprit.is_block,
            "file": culprit.place.as_ref().map(|place| place.file.to_string()),
            "line": culprit.place.as_ref().map(|place| place.line),
            "inputs": inputs.collect::<Vec<_>>(),
        })
    });
    json!({ "looked_at": comparison.location.looked_at, "guilty": guilty.collect::<Vec<_>>() })
}

fn tensor_object(tensor: &TensorComparison, graph: &Graph, sources: &SourceMap) -> Value {
    let leaf = graph.value(tensor.leaf);
    let causes: Vec<Value> = tensor
        .zero_causes
        .iter()
        .map(|&(cause, entries)| {
            let (cause, step) = match cause {
                ZeroCause::NoPath => ("no path", None),
                ZeroCause::ZeroFactor { step } => ("zero factor", Some(step)),
                ZeroCause::Dead { step } => ("flat side", Some(step)),
                ZeroCause::Flat => ("flat", None),
            };
            json!({ "cause": cause, "node": step.map(|step| node_name(graph, step)), "entries": entries })
        })
        .collect();
    json!({
        "name": leaf.name,
        "shape": leaf.ty.shape.to_vec(),
        "entries": tensor.size,
        "compared": tensor.compared,
        "ok": tensor.ok,
        "zero": tensor.zero,
        "kink": tensor.kink,
        "undecided": tensor.undecided,
        "wrong": tensor.wrong,
        "zero_causes": causes,
        "measured": tensor.measured,
        "mean_difference": (tensor.measured > 0).then(|| float(tensor.mean_difference)),
        "max_difference": (tensor.measured > 0).then(|| float(tensor.max_difference)),
        "digits": tensor.digits.map(|(least, median)| json!({ "least": float(least), "median": float(median) })),
        "blunt": tensor.blunt,
        "loss": tensor.loss.as_ref().map(|found| json!({
            "digits": float(found.digits),
            "line": place(found, graph, sources).map(|place| place.line),
            "remedy": found.remedy,
            "text": loss(found, graph, sources),
        })),
        "findings": tensor.findings.iter().map(|finding| finding_object(finding, tensor, graph)).collect::<Vec<_>>(),
    })
}

fn finding_object(finding: &Finding, tensor: &TensorComparison, graph: &Graph) -> Value {
    let shape = &graph.value(tensor.leaf).ty.shape;
    let mut object = Map::new();
    object.insert("index".into(), indices(finding.entry, shape).into());
    object.insert("backward".into(), float(finding.backward));
    let (verdict, more) = match finding.verdict {
        Verdict::Ok => ("ok", None),
        Verdict::Zero(_) => ("zero", None),
        Verdict::Kink { step } => ("kink", step.map(|step| ("node", node_name(graph, step)))),
        Verdict::Wrong => ("wrong", None),
        Verdict::Undecided(why) => {
            let why = match why {
                Undecided::NotFinite => "not finite",
                Undecided::Jump => "jump",
                Undecided::NoDigits => "no digits",
                Undecided::TooMany => "too many",
            };
            ("undecided", Some(("why", why.to_string())))
        }
    };
    object.insert("verdict".into(), verdict.into());
    object.extend(more.map(|(key, value)| (key.to_string(), value.into())));
    match finding.evidence {
        Evidence::Measured { value, error } => {
            object.insert("measured".into(), float(value));
            object.insert("error".into(), float(error));
        }
        Evidence::Slopes { left, right, error } => {
            object.insert("left".into(), float(left));
            object.insert("right".into(), float(right));
            object.insert("error".into(), float(error));
        }
        Evidence::Together => {
            object.insert("together".into(), true.into());
        }
        Evidence::Composed => {
            object.insert("composed".into(), true.into());
        }
        Evidence::Nothing => {}
    }
    object.into()
}

fn node_name(graph: &Graph, step: u32) -> String {
    graph.value(graph.nodes[step as usize].outputs[0]).name.to_string()
}
