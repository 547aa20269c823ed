//! An explanation for people.

use super::{Explainer, Sentence, Step, Sum, listed};
use crate::{
    escape,
    report::{Style, grouped},
};
use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// Columns of a line before a computation is broken at its equals signs.
const WIDTH: usize = 100;

/// Steps shown of a graph that has more than twice as many: so many from the
/// outputs on and so many up to the leaves.
const STEPS: usize = 200;

/// Explains a run from its outputs to the leaves that were asked for. The last line
/// of all ends in the gradient of the last of them.
pub fn text(explainer: &Explainer, file: &str, note: Option<&str>, style: Style) -> String {
    let graph = explainer.run.graph;
    let plan = explainer.run.plan();
    let name = |id: &crate::graph::ValueId| graph.value(*id).name.to_string();
    let outputs = listed(&plan.outputs.iter().map(name).collect::<Vec<_>>());
    let mut out = match &graph.title {
        Some(title) => {
            format!("{}  {}\n", style.bold(&escape::line(title)), style.faint(&escape::line(file)))
        }
        None => format!("{}\n", style.bold(&escape::line(file))),
    };
    if let Some(note) = note {
        out.push_str(&format!("{}\n", style.faint(note)));
    }
    let count = explainer.len();
    for step in 0..count {
        if count > 2 * STEPS && (STEPS..count - STEPS).contains(&step) {
            if step == STEPS {
                let left_out = grouped(count - 2 * STEPS);
                out.push_str(&format!(
                    "\n{}\n",
                    style.faint(&format!(
                        "{left_out} steps in the middle are left out; `--format json` has them all"
                    ))
                ));
            }
            continue;
        }
        out.push('\n');
        add_step(&mut out, explainer, &explainer.step(step), style);
    }
    out.push('\n');
    for leaf in explainer.leaves() {
        add_leaf(&mut out, explainer, &leaf, &outputs, style);
    }
    out
}

fn add_step(out: &mut String, explainer: &Explainer, step: &Step, style: Style) {
    let value = explainer.run.graph.value(step.value);
    let forward = explainer.forward_sentence(step);
    let name = style.bold(&value.name);
    if value.ty.shape.is_scalar() {
        out.push_str(&broken(&forward, "", "  ", style).replacen(&*value.name, &name, 1));
    } else {
        out.push_str(&format!("{name}: {} = {}\n", value.ty, escape::line(&step.call)));
        out.push_str(&broken(&forward, "  ", "    ", style));
    }
    out.push_str(&broken(&explainer.upstream_sentence(&step.upstream), "  ", "    ", style));
    for part in &step.parts {
        out.push_str(&broken(&explainer.part_sentence(step, part), "  ", "    ", style));
    }
}

fn add_leaf(out: &mut String, explainer: &Explainer, leaf: &Sum, outputs: &str, style: Style) {
    let name = &explainer.run.graph.value(leaf.value).name;
    let bold = style.bold(name);
    if leaf.terms.is_empty() {
        out.push_str(&format!("no path leads from {bold} to {outputs}: its gradient is 0\n"));
        return;
    }
    let told = broken(&explainer.leaf_sentence(leaf), "", "  ", style);
    let rest = told.strip_prefix("gradient of ").and_then(|rest| rest.strip_prefix(&**name));
    out.push_str(&rest.map_or(told.clone(), |rest| format!("gradient of {bold}{rest}")));
}

/// A computation on one line, or broken at its equals signs.
fn broken(sentence: &Sentence, first: &str, next: &str, style: Style) -> String {
    let stages = &sentence.stages;
    let stages: Vec<Cow<str>> = stages.iter().map(|stage| escape::line(stage)).collect();
    let remarks = sentence.remarks.iter().map(|remark| format!("  ({})", escape::line(remark)));
    let remarks: String = remarks.collect();
    let remarks = if remarks.is_empty() { remarks } else { style.faint(&remarks) };
    let line = format!("{first}{}", stages.join(" = "));
    if line.width() <= WIDTH {
        return format!("{line}{remarks}\n");
    }
    let mut out = first.to_string();
    for (at, stage) in stages.iter().enumerate() {
        let lead = if at == 0 { String::new() } else { format!("\n{next}= ") };
        out.push_str(&lead);
        let indent = lead.trim_start_matches('\n').width().max(first.width());
        add_wrapped(&mut out, stage, indent);
    }
    format!("{out}{remarks}\n")
}

/// Breaks a long sum before its signs.
fn add_wrapped(out: &mut String, stage: &str, indent: usize) {
    if indent + stage.width() <= WIDTH {
        out.push_str(stage);
        return;
    }
    let mut column = indent;
    for (at, term) in terms(stage).into_iter().enumerate() {
        let width = term.trim_end().width();
        if at > 0 && column + width > WIDTH {
            out.truncate(out.trim_end().len());
            out.push_str(&format!("\n{}", " ".repeat(indent)));
            column = indent;
        }
        out.push_str(term);
        column += term.width();
    }
}

/// The terms of a sum, each with the sign behind it.
fn terms(sum: &str) -> Vec<&str> {
    let mut terms = Vec::new();
    let mut rest = sum;
    while let Some(at) = [" + ", " - "].iter().filter_map(|sign| rest.find(sign)).min() {
        terms.push(&rest[..at + 3]);
        rest = &rest[at + 3..];
    }
    terms.push(rest);
    terms
}
