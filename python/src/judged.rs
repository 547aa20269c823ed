//! What the core finds in a graph: the JSON of the command line, which is stable, and its words for people.

use crate::{
    arrays::{self, Format, Intake},
    graph::Graph,
    refused::refused,
    work,
};
use graphrun::{
    Refusal, Run,
    against::{self as judging, Claimed},
    compare::{self, Comparison, fits},
    diagnostic::Diagnostic,
    explain::{self as explaining, Asked, Explainer},
    graph::ValueId,
    initializers::DumpArray,
    limits::Limits,
    precision::Precision,
    report::{self, Judgement, Style},
    run::can_go_backward,
};
use pyo3::{
    prelude::*,
    types::{PyDict, PyString},
};
use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Instant,
};

/// For programs, and for people.
type Judged = (String, String);

/// Compares backward with measurement.
#[pyfunction]
pub fn check(
    py: Python<'_>,
    graph: &Bound<'_, Graph>,
    measured: bool,
    every: bool,
    color: bool,
) -> PyResult<Judged> {
    let owner = graph.get();
    let judged = work::long(py, |flag| {
        let (graph, sources) = (owner.graph(), owner.sources());
        let started = Instant::now();
        let comparison = compared(graph, &owner.request().limits, measured, every, flag)?;
        let seconds = started.elapsed().as_secs_f64();
        let object = report::comparison_object(&comparison, graph, sources);
        let style = Style { color };
        let text = report::comparison(&comparison, graph, sources, Precision::F64, seconds, style);
        let object = serde_json::json!({ "verdict": comparison.word(), "compare": object });
        Ok((object.to_string(), text))
    })?;
    judged.map_err(|refusal: Refusal| refused(py, &refusal, owner.sources()))
}

/// A comparison that ends early once the flag is set.
///
/// # Errors
/// Backward has nowhere to start, or the comparison is over a limit.
pub fn compared(
    graph: &graphrun::Graph,
    limits: &Limits,
    measured: bool,
    every: bool,
    flag: &Arc<AtomicBool>,
) -> Result<Comparison, Refusal> {
    can_go_backward(graph)?;
    let options = compare::Options {
        settings: graph.comparison.clone(),
        measured,
        every,
        cancel: Some(flag.clone()),
        ..compare::Options::default()
    };
    fits(graph, &graph.wanted, &options, limits)?;
    Ok(compare::compare(graph, &graph.wanted, &options))
}

/// Judges the numbers of another program.
#[pyfunction]
pub fn against(
    py: Python<'_>,
    graph: &Bound<'_, Graph>,
    given: &Bound<'_, PyDict>,
    precision: Option<Format>,
    accumulate_same: bool,
    color: bool,
) -> PyResult<Judged> {
    let owner = graph.get();
    let mut arrays = Vec::new();
    let mut intake = Intake::new(&owner.request().limits);
    for (name, array) in given.iter() {
        let name = name.cast::<PyString>()?.to_str()?.to_string();
        let (tensor, precision) = intake.with_precision(&name, &array)?;
        arrays.push(DumpArray { name, tensor, precision });
    }
    // As from a file, so that one report is like the other.
    arrays.sort_by(|one, other| one.name.cmp(&other.name));
    let claimed = Claimed { precision: precision.map(|format| format.0), accumulate_same };
    let judged = work::long(py, |_| {
        let leaves = judging::given(&arrays).into_iter().filter(|(name, _)| owner.has_leaf(name));
        let mut graph = owner.anew(&leaves.collect())?;
        if arrays.iter().any(|array| array.name.starts_with("grad(")) {
            can_go_backward(&graph)?;
        }
        let claims = judging::lay(&mut graph, &arrays, claimed)?;
        judging::fits(&graph, claims.results.iter().map(|claim| claim.of), &owner.request().limits)?;
        let against = judging::against(&graph, claims, &owner.request().limits);
        let judgement = Judgement {
            against: &against,
            graph: &graph,
            sources: owner.sources(),
            file: owner.file(),
            dump: "arrays in Python",
        };
        let object = report::against_object(judgement);
        Ok((object["against"].to_string(), report::against(judgement, Style { color })))
    })?;
    judged.map_err(|refusal: Refusal| refused(py, &refusal, owner.sources()))
}

/// Works the chain rule out, of all leaves that are asked for or of one entry of one.
#[pyfunction]
pub fn explain(
    py: Python<'_>,
    graph: &Bound<'_, Graph>,
    wrt: Option<&str>,
    entry: Option<Vec<usize>>,
    color: bool,
) -> PyResult<Judged> {
    let owner = graph.get();
    let explained = work::long(py, |_| {
        let asked = asked(owner.graph(), wrt, entry.as_deref())?;
        let chosen;
        let graph = match asked {
            Asked::Leaf(leaf, _) => {
                let own = owner.anew(&arrays::Named::new())?;
                chosen = graphrun::Graph { wanted: vec![leaf], ..own };
                &chosen
            }
            Asked::All => owner.graph(),
        };
        can_go_backward(graph)?;
        let run = Run::backward(graph);
        let explainer = Explainer::new(&run, owner.sources(), asked);
        let object = explaining::object(&explainer, owner.file());
        let object = serde_json::to_string(&object).expect("text and numbers are JSON");
        Ok((object, explaining::text(&explainer, owner.file(), None, Style { color })))
    })?;
    explained.map_err(|refusal: Refusal| refused(py, &refusal, owner.sources()))
}

fn asked(graph: &graphrun::Graph, wrt: Option<&str>, entry: Option<&[usize]>) -> Result<Asked, Refusal> {
    let named = |name: &str| -> Result<ValueId, Diagnostic> {
        let wanted = |id: &ValueId| *graph.value(*id).name == *name;
        graph.wanted.iter().copied().find(wanted).ok_or_else(|| {
            let known = graph.wanted.iter().map(|&id| &*graph.value(id).name);
            Diagnostic::error(format!("wrt = {name:?}: no leaf whose gradient is asked for is called so"))
                .did_you_mean(name, known)
        })
    };
    let leaf = match (wrt, &graph.wanted[..], entry) {
        (Some(name), ..) => named(name)?,
        (None, &[leaf], _) => leaf,
        (None, _, None) => return Ok(Asked::All),
        (None, _, Some(_)) => {
            return Err(Diagnostic::error("entry: of which leaf?").help("name one: wrt = \"W\"").into());
        }
    };
    let Some(entry) = entry else { return Ok(Asked::Leaf(leaf, None)) };
    let shape = &graph.value(leaf).ty.shape;
    let fits = entry.len() == shape.rank() && entry.iter().zip(shape.iter()).all(|(at, length)| at < length);
    if !fits {
        let words = format!("entry = {entry:?}: `{}` has shape {shape}", graph.value(leaf).name);
        return Err(Diagnostic::error(words).help("one index for each axis, counted from 0").into());
    }
    let offset = entry.iter().zip(shape.iter()).fold(0, |offset, (&at, &length)| offset * length + at);
    Ok(Asked::Leaf(leaf, Some(offset)))
}
