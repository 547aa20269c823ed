//! One graph file as a test: load, forward, backward, expectations, comparison.

use super::{
    judge::{Check, judge, within_rounding},
    tested::{Failure, Options, Outcome, Skip, Tested},
};
use crate::{
    against,
    compare::{self, Comparison, compare},
    diagnostic::{Cause, Refusal},
    graph::{Expected, Graph, Origin, ValueId},
    load::{Input, Opened, open},
    precision::Precision,
    resolve::{MOST_MESSAGES, Request},
    run::{Direction, Run, can_go_backward},
    source::{SourceMap, Spanned},
};
use std::sync::{Arc, atomic::AtomicBool};

/// Tests one file.
///
/// The comparison is given up once `cancel` is set; its result then says nothing.
pub fn test(
    input: &Input,
    request: &Request,
    mut sources: SourceMap,
    options: Options,
    cancel: &Arc<AtomicBool>,
) -> Tested {
    let opened = match open(input, None, &request.limits, &mut sources) {
        Ok(opened) => opened,
        Err(refusal) => return Tested { sources, ..Tested::failed(Failure::Refused(of_a_file(refusal))) },
    };
    let testing = &opened.document().testing;
    let source = Some(opened.source.clone());
    if let Some(reason) = testing.skip.as_ref().filter(|_| !options.no_skip) {
        let skip = Some(Skip::Said(reason.value.clone()));
        return Tested { skip, sources, source, ..Tested::default() };
    }
    let xfail = testing.xfail.clone();
    let mut tested = Tested { xfail, sources, source, ..Tested::default() };
    run(&mut tested, opened, request, options, cancel);
    if let Some(Spanned { value: reason, span }) = tested.xfail.clone()
        && tested.outcome() == Outcome::Passed
    {
        tested.failures.push(Failure::Unexpected { reason, span });
    }
    tested
}

/// What is tested is told by its name: the flag for another spelling is of other commands.
fn of_a_file(mut refusal: Refusal) -> Refusal {
    let of_spelling = refusal.0.iter_mut().filter(|fault| fault.cause == Cause::Spelling);
    of_spelling.for_each(|fault| fault.help.truncate(1));
    refusal
}

/// Runs a file that was read, and judges it.
fn run(tested: &mut Tested, opened: Opened, request: &Request, options: Options, cancel: &Arc<AtomicBool>) {
    let expected = opened.expected_messages();
    let graph = opened.graph(request, &mut tested.sources).0;
    let loaded = graph.and_then(|graph| can_go_backward(&graph).map(|()| graph).map_err(Refusal::from));
    let graph = match loaded {
        Ok(graph) => graph,
        Err(refusal) => {
            // A file that expects a refusal passes when every message it names is
            // there; whatever else is said of a broken file may be said.
            let said = |message: &String| {
                !message.is_empty() && refusal.0.iter().any(|fault| fault.message.contains(message.as_str()))
            };
            tested.library = refusal.only_blocks();
            if tested.library.is_some() {
                tested.failures.extend(expected.into_iter().map(not_refused));
                return;
            }
            if expected.is_empty() && !options.no_skip {
                let missing = refusal.missing_files();
                tested.skip = (!missing.is_empty()).then_some(Skip::NoData(missing));
            }
            let is_expected = (1..=MOST_MESSAGES).contains(&expected.len())
                && expected.iter().all(|message| said(&message.value));
            if !is_expected && tested.skip.is_none() {
                tested.failures.push(Failure::Refused(refusal));
            }
            return;
        }
    };
    tested.failures.extend(expected.into_iter().map(not_refused));
    let simulated = within_rounding(&graph);
    if !simulated.is_empty() {
        let asked = simulated.into_iter().flat_map(|(_, asked)| asked);
        if let Err(fault) = against::fits(&graph, asked, &request.limits) {
            tested.failures.push(Failure::Refused(fault.into()));
            return;
        }
    }
    let run = Run::asking(&graph, Precision::F64, Direction::Backward, &all_leaves(&graph));
    for check in judge(&graph, &run) {
        match check {
            Check::Numbers(observed) => tested.observed.push(observed),
            Check::RightShape => {}
            Check::Mismatch(mismatch) => tested.failures.push(Failure::Mismatch(mismatch)),
            Check::WrongShape { name, span, want, got } => {
                tested.failures.push(Failure::WrongShape { name, span, want, got });
            }
        }
    }
    drop(run);
    if !options.no_check {
        let settings = compare::Options {
            settings: graph.comparison.clone(),
            measured: false,
            every: false,
            cancel: Some(cancel.clone()),
            progress: None,
        };
        if let Err(fault) = compare::fits(&graph, &graph.wanted, &settings, &request.limits) {
            tested.failures.push(Failure::Refused(fault.into()));
            return;
        }
        let comparison = compare(&graph, &graph.wanted, &settings);
        tested.failures.extend(verdict(&graph, &comparison, options));
        tested.comparison = Some(comparison);
    }
    tested.graph = Some(graph);
}

fn not_refused(message: Spanned<String>) -> Failure {
    Failure::NotRefused { message: message.value, span: message.span }
}

/// Leaves that have a gradient, whichever of them the file asks for: an
/// expectation may be on another.
pub fn all_leaves(graph: &Graph) -> Vec<ValueId> {
    let is_leaf = |id: &ValueId| {
        let value = graph.value(*id);
        value.differentiable && matches!(value.origin, Origin::Leaf { .. })
    };
    graph.ids().filter(is_leaf).collect()
}

/// The failure of a comparison, if it is one.
fn verdict(graph: &Graph, comparison: &Comparison, options: Options) -> Option<Failure> {
    let got = comparison.word();
    let expected = graph.expectations.iter().find_map(|expectation| match &expectation.of {
        Expected::Check(word) => Some((word.to_string(), expectation.span)),
        _ => None,
    });
    let passes = match &expected {
        Some((word, _)) => *word == got,
        None => matches!(got, "ok" | "kink") || (got == "undecided" && options.allow_undecided),
    };
    (!passes).then_some(Failure::Verdict { expected, got })
}
