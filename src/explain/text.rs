//! An explanation for people.

use super::{Explainer, Part, Step, Sum, Worked, listed};
use crate::report::{Style, grouped};
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
        Some(title) => format!("{}  {}\n", style.bold(title), style.faint(file)),
        None => format!("{}\n", style.bold(file)),
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
    let name = style.bold(&value.name);
    let result = explainer.entry(step.value).and_then(|entry| explainer.run.element(step.value, entry));
    let result = result.map_or("nothing".to_string(), |result| explainer.number(result));
    let mut stages = step.forward.clone();
    if value.ty.shape.is_scalar() {
        let plain = &value.name;
        stages.stages.insert(0, plain.to_string());
        let text = broken(&stages, &result, "", "  ");
        out.push_str(&text.replacen(&**plain, &name, 1));
    } else {
        out.push_str(&format!("{name}: {} = {}\n", value.ty, step.call));
        stages.stages.retain(|stage| *stage != step.call);
        stages.stages.insert(0, explainer.place(step.value, explainer.entry(step.value)));
        out.push_str(&broken(&stages, &result, "  ", "    "));
    }
    let upstream = Worked { stages: upstream(explainer, &step.upstream), remark: None };
    out.push_str(&broken(&upstream, &explainer.number(step.upstream.total), "  ", "    "));
    for part in &step.parts {
        add_part(out, explainer, part, step, style);
    }
}

/// `upstream`, or the sum that it is.
fn upstream(explainer: &Explainer, sum: &Sum) -> Vec<String> {
    let at = explainer.place(sum.value, sum.entry);
    let index = &at[explainer.run.graph.value(sum.value).name.len()..];
    match &sum.terms[..] {
        [only] if only.through.is_none() => vec![format!("backward starts here: upstream{index}")],
        [_] | [] => vec![format!("upstream{index}")],
        terms => {
            vec![format!("upstream{index}, the sum over {}", paths(sum)), terms_in_numbers(explainer, terms)]
        }
    }
}

fn paths(sum: &Sum) -> String {
    let through: Vec<String> = sum
        .terms
        .iter()
        .map(|term| {
            term.through.as_ref().map_or("it is an output".to_string(), |name| format!("through {name}"))
        })
        .collect();
    match through.len() {
        many @ 7.. => format!("{} paths ({}, …)", grouped(many), through[..3].join(", ")),
        few => format!("{few} paths ({})", through.join(", ")),
    }
}

fn terms_in_numbers(explainer: &Explainer, terms: &[super::Term]) -> String {
    let mut text = String::new();
    for (at, term) in terms.iter().enumerate() {
        if at == 6 {
            text.push_str(" + …");
            break;
        }
        let number = explainer.number(term.amount);
        match number.strip_prefix('-') {
            _ if at == 0 => text.push_str(&number),
            Some(size) => text.push_str(&format!(" - {size}")),
            None => text.push_str(&format!(" + {number}")),
        }
    }
    text
}

fn add_part(out: &mut String, explainer: &Explainer, part: &Part, step: &Step, style: Style) {
    let mut worked = part.worked.clone();
    let to = explainer.place(part.to, part.entry);
    let edge = part.edge.as_ref().map_or(String::new(), |edge| format!(" as {edge}"));
    let by_hand = if step.block.is_some() { ", by hand" } else { "" };
    let rule = worked.stages.first_mut();
    let head = format!("gradient to {to}{edge}{by_hand}: ");
    if let Some(rule) = rule {
        rule.insert_str(0, &head);
    }
    let mut text = broken(&worked, &explainer.number(part.amount), "  ", "    ");
    if let Some(local) = part.local {
        let over = explainer.place(step.value, explainer.entry(step.value));
        let over = match explainer.run.graph.value(step.value).ty.shape.is_scalar() {
            true => over,
            false => explainer.place(step.value, None),
        };
        let line = format!("∂{over}/∂{} = {}", explainer.place(part.to, None), explainer.number(local));
        text.truncate(text.trim_end().len());
        text.push_str(&format!("  {}\n", style.faint(&format!("({line})"))));
    }
    out.push_str(&text);
}

fn add_leaf(out: &mut String, explainer: &Explainer, leaf: &Sum, outputs: &str, style: Style) {
    let value = explainer.run.graph.value(leaf.value);
    if leaf.terms.is_empty() {
        out.push_str(&format!(
            "no path leads from {} to {outputs}: its gradient is 0\n",
            style.bold(&value.name)
        ));
        return;
    }
    let at = explainer.place(leaf.value, leaf.entry);
    let index = &at[value.name.len()..];
    let mut line = format!("gradient of {}{index}", style.bold(&value.name));
    if let [_, _, ..] = leaf.terms[..] {
        let sum = terms_in_numbers(explainer, &leaf.terms);
        line.push_str(&format!(", the sum over {}\n  = {sum}\n ", paths(leaf)));
    }
    out.push_str(&format!("{line} = {}\n", explainer.number(leaf.total)));
}

/// A computation on one line, or broken at its equals signs; what says the same as
/// the stage before it is left out.
fn broken(worked: &Worked, result: &str, first: &str, next: &str) -> String {
    let mut stages: Vec<&str> = worked.stages.iter().map(String::as_str).collect();
    stages.push(result);
    stages.dedup();
    let remark = worked.remark.as_ref().map_or(String::new(), |remark| format!("  ({remark})"));
    let line = format!("{first}{}{remark}\n", stages.join(" = "));
    if line.width() <= WIDTH {
        return line;
    }
    let mut out = first.to_string();
    for (at, stage) in stages.iter().enumerate() {
        let lead = if at == 0 { String::new() } else { format!("\n{next}= ") };
        out.push_str(&lead);
        let indent = lead.trim_start_matches('\n').width().max(first.width());
        add_wrapped(&mut out, stage, indent);
    }
    format!("{out}{remark}\n")
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
