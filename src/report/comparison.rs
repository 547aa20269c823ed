//! The comparison for people: a line a tensor, then whatever is not well.

use super::{
    location::{NO_PATTERN, culprits, words},
    loss::loss,
    not_finite::origin,
    number::{figure, grouped, index, known, number},
    style::Style,
};
use crate::{
    compare::{
        BLUNT, BlockTrial, Comparison, Evidence, Finding, Outcome, TensorComparison, Undecided, Verdict,
        ZeroCause,
    },
    escape,
    graph::Graph,
    precision::Precision,
    source::SourceMap,
};
use comfy_table::CellAlignment;
use std::collections::HashMap;

/// Entries listed of a tensor and a verdict; the rest are counted.
const LISTED: usize = 5;

/// Lays a comparison out; `dtype` is that of the run it goes with.
pub fn comparison(
    comparison: &Comparison,
    graph: &Graph,
    sources: &SourceMap,
    dtype: Precision,
    seconds: f64,
    style: Style,
) -> String {
    let mut out = head(comparison, graph, dtype, seconds, style);
    out.push_str(&tensors(comparison, graph, style));
    out.push_str(&blocks(comparison, graph, style));
    out.push_str(&findings(comparison, graph, sources, style));
    out
}

/// What was found, without the tables: entries, where the fault is, what the slip may be, the verdict.
pub fn findings(comparison: &Comparison, graph: &Graph, sources: &SourceMap, style: Style) -> String {
    let mut out = String::new();
    if let Some(found) = &comparison.not_finite {
        out.push_str(&format!(
            "{}  {}\n",
            style.bad("not finite"),
            escape::line(&origin(found, graph, sources))
        ));
    }
    for tensor in &comparison.tensors {
        out.push_str(&remarks(tensor, graph, sources, style));
    }
    for surrogate in &comparison.surrogates {
        let block = graph.block(surrogate.block);
        let line = block.backward.iter().flat_map(|backward| &backward.lines).nth(surrogate.line);
        let place = line.and_then(|line| sources.place(line.span));
        out.push_str(&style.faint(&format!(
            "surrogate  {}: its gradient goes through `surrogate backward {}` of `{}`{}, and is not compared\n",
            graph.value(surrogate.leaf).name,
            line.map_or("", |line| &*line.name),
            block.of,
            place.map_or(String::new(), |place| format!(" ({}:{})", escape::line(&place.file), place.line)),
        )));
    }
    out.push_str(&location(comparison, graph, sources, style));
    if !comparison.repeatable {
        out.push_str(&format!(
            "{}  two forward runs gave different bits: this is a fault of graphrun\n",
            style.bad("fault")
        ));
    }
    for fault in &comparison.faults {
        out.push_str(&format!(
            "{}  {}: this is a fault of graphrun\n",
            style.bad("fault"),
            escape::line(fault)
        ));
    }
    out.push_str(&verdict(comparison, style));
    out
}

fn entries(count: usize) -> String {
    match count {
        1 => "1 entry".to_string(),
        count => format!("{} entries", grouped(count)),
    }
}

fn head(comparison: &Comparison, graph: &Graph, dtype: Precision, seconds: f64, style: Style) -> String {
    let outputs: Vec<&str> = graph.outputs.iter().map(|&id| &*graph.value(id).name).collect();
    let dtype = match dtype {
        Precision::F64 => "f64".to_string(),
        other => format!("f64 (the {} graph is compared in f64)", other.word()),
    };
    let mut out = format!(
        "{}  {} {}  {dtype}  {}, {seconds:.2} s\n",
        style.bold("backward against measurement"),
        outputs.join(" + "),
        number(comparison.output),
        entries(comparison.compared()),
    );
    let settings = &comparison.settings;
    let set: Vec<String> = [
        ("step", settings.step),
        ("rtol", settings.rtol),
        ("atol", settings.atol),
        ("digits", settings.digits),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.map(|value| format!("{name} = {}", number(value))))
    .chain(settings.sample.map(|n| format!("sample = {n}: not every entry")))
    .chain((!settings.skip.is_empty()).then(|| {
        let names: Vec<&str> = settings.skip.iter().map(|&id| &*graph.value(id).name).collect();
        format!("left out: {}", names.join(", "))
    }))
    .collect();
    if !set.is_empty() {
        out.push_str(&format!("as set: {}\n", set.join("  ")));
    }
    out
}

fn tensors(comparison: &Comparison, graph: &Graph, style: Style) -> String {
    let titles = ["tensor", "entries", "ok", "zero", "kink", "undecided", "wrong", "mean |Δ|", "digits kept"];
    let mut table = style.table(titles);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for tensor in &comparison.tensors {
        let value = graph.value(tensor.leaf);
        let entries = match tensor.compared == tensor.size {
            true => grouped(tensor.size),
            false => format!("{} of {}", grouped(tensor.compared), grouped(tensor.size)),
        };
        table.add_row([
            format!("{} {}", value.name, value.ty),
            entries,
            grouped(tensor.ok),
            grouped(tensor.zero),
            grouped(tensor.kink),
            grouped(tensor.undecided),
            grouped(tensor.wrong),
            if tensor.measured > 0 { figure(tensor.mean_difference) } else { "–".to_string() },
            tensor.digits.map_or("–".to_string(), |(least, median)| {
                match least.floor() == median.floor() {
                    true => format!("{}", median.floor()),
                    false => format!("{} to {}", least.floor(), median.floor()),
                }
            }),
        ]);
    }
    style.laid_out(&table)
}

/// A line for each definition of a block with a backward by hand, whose uses were tried alone.
fn blocks(comparison: &Comparison, graph: &Graph, style: Style) -> String {
    if comparison.blocks.is_empty() {
        return String::new();
    }
    let of = |trial: &BlockTrial| &*graph.block(trial.block).of;
    let mut of_name: HashMap<&str, usize> = HashMap::new();
    let mut named: Vec<(&str, Vec<&BlockTrial>)> = Vec::new();
    for trial in &comparison.blocks {
        let at = *of_name.entry(of(trial)).or_insert(named.len());
        match named.get_mut(at) {
            Some((_, uses)) => uses.push(trial),
            None => named.push((of(trial), vec![trial])),
        }
    }
    let mut table = style.table(["block alone", "uses", "lines", "verdict"]);
    for column in table.column_iter_mut().skip(1).take(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for (name, uses) in named {
        let lines: usize = uses.iter().map(|trial| trial.lines.len()).sum();
        let count = |word: &str| uses.iter().filter(|trial| trial.word() == word).count();
        let verdict =
            ["wrong", "undecided", "kink", "ok"].into_iter().filter(|word| count(word) > 0).map(|word| {
                match count(word) == uses.len() {
                    true => word.to_string(),
                    false => format!("{} {word}", count(word)),
                }
            });
        let verdict = verdict.collect::<Vec<_>>().join(", ");
        table.add_row([name.to_string(), grouped(uses.len()), grouped(lines), verdict]);
    }
    style.laid_out(&table)
}

/// What there is to say of one tensor beyond its line.
fn remarks(tensor: &TensorComparison, graph: &Graph, sources: &SourceMap, style: Style) -> String {
    let value = graph.value(tensor.leaf);
    let mut out = String::new();
    let node = |step: u32| {
        let node = &graph.nodes[step as usize];
        format!("{} ({})", graph.value(node.outputs[0]).name, node.kernel.card().name)
    };
    let word_of = |finding: &Finding| match finding.verdict {
        Verdict::Wrong => "wrong",
        Verdict::Undecided(_) => "undecided",
        Verdict::Kink { .. } => "kink",
        Verdict::Ok | Verdict::Zero(_) => "",
    };
    for word in ["wrong", "undecided", "kink"] {
        let found: Vec<&Finding> =
            tensor.findings.iter().filter(|finding| word_of(finding) == word).collect();
        let painted = match word {
            "wrong" => style.bad(word),
            _ => style.doubtful(word),
        };
        for finding in found.iter().take(LISTED) {
            let place = format!("{}{}", value.name, index(finding.entry, &value.ty.shape));
            let evidence = match finding.evidence {
                Evidence::Measured { value, error } => format!("truth {}", known(value, error)),
                Evidence::Slopes { left, right, error } => {
                    format!("slopes {} and {} beside it", known(left, error), known(right, error))
                }
                Evidence::Together => "no slope where tied entries move together".to_string(),
                Evidence::Composed => "several kinks meet: as the ops' own backward has it".to_string(),
                Evidence::Nothing => String::new(),
            };
            let why = match finding.verdict {
                Verdict::Kink { step } => step.map_or(String::new(), |step| format!("  at {}", node(step))),
                Verdict::Undecided(Undecided::NotFinite) => "what it reaches is NaN or infinite".to_string(),
                Verdict::Undecided(Undecided::Jump) => "the output jumps here".to_string(),
                Verdict::Undecided(Undecided::NoDigits) => "32 digits do not suffice".to_string(),
                Verdict::Undecided(Undecided::TooMany) => {
                    "too many entries disagree to look at each".to_string()
                }
                _ => String::new(),
            };
            out.push_str(&format!(
                "{painted}  {place}  backward {}  {evidence}{why}\n",
                number(finding.backward)
            ));
        }
        if found.len() > LISTED {
            out.push_str(&format!("{painted}  {}: {} more\n", value.name, grouped(found.len() - LISTED)));
        }
    }
    if tensor.zero > 0 {
        let causes: Vec<String> = tensor
            .zero_causes
            .iter()
            .map(|&(cause, count)| match cause {
                ZeroCause::NoPath => format!("{} no path to the output", grouped(count)),
                ZeroCause::ZeroFactor { step } => format!("{} times zero in {}", grouped(count), node(step)),
                ZeroCause::Dead { step } => format!("{} on the flat side of {}", grouped(count), node(step)),
                ZeroCause::Flat => format!("{} flat there", grouped(count)),
            })
            .collect();
        out.push_str(&style.faint(&format!("zero  {}: {}\n", value.name, causes.join(", "))));
    }
    if tensor.blunt > 0 {
        out.push_str(&format!(
            "{}  {}: f64 keeps fewer than {BLUNT} digits of {}\n",
            style.doubtful("blunt"),
            value.name,
            entries(tensor.blunt)
        ));
        if let Some(found) = &tensor.loss {
            out.push_str(&format!("       {}\n", escape::line(&loss(found, graph, sources))));
        }
    }
    if tensor.compared > 0 && !tensor.is_informative() {
        out.push_str(&format!(
            "{}  {}: every entry is 0 = 0, which proves nothing\n",
            style.doubtful("warning"),
            value.name
        ));
    }
    out
}

/// Where the fault is, and what the slip may be.
fn location(comparison: &Comparison, graph: &Graph, sources: &SourceMap, style: Style) -> String {
    let location = &comparison.location;
    let mut out = String::new();
    if location.looked_at == 0 {
        return out;
    }
    for culprit in culprits(location, graph, sources) {
        let what = if culprit.is_block { "block" } else { "op" };
        let place = culprit
            .place
            .map_or(String::new(), |place| format!(" ({}:{})", escape::line(&place.file), place.line));
        out.push_str(&format!("{}  {}, {what} `{}`{place}\n", style.bad("where"), culprit.name, culprit.of));
        for input in culprit.inputs {
            let words = input.pattern.map_or(NO_PATTERN.to_string(), words);
            let words = escape::line(&words);
            out.push_str(&format!("       its gradient for {}: {words}\n", style.bold(input.name)));
        }
    }
    let others = location.looked_at - location.guilty.len();
    out.push_str(&match (location.guilty.len(), others) {
        (0, all) => {
            format!("{}  each of the {all} nodes and blocks agrees when compared alone\n", style.bad("where"))
        }
        (_, 0) => String::new(),
        (_, 1) => style.faint("       the other node agrees when compared alone\n"),
        (_, others) => style.faint(&format!(
            "       the other {} nodes and blocks agree when compared alone\n",
            grouped(others)
        )),
    });
    out
}

fn verdict(comparison: &Comparison, style: Style) -> String {
    let total = |count: fn(&TensorComparison) -> usize| comparison.tensors.iter().map(count).sum::<usize>();
    let wrong = total(|tensor| tensor.wrong);
    let blocks = comparison.blocks.iter().filter(|trial| trial.is_wrong()).count();
    let line = match comparison.word() {
        "wrong" if wrong == 0 && blocks > 0 => style.bad(&format!(
            "wrong: {} of {} blocks alone; end to end {}",
            grouped(blocks),
            grouped(comparison.blocks.len()),
            match comparison.tensors.iter().all(|tensor| tensor.undecided == 0) && comparison.compared() > 0 {
                true => "every entry is right",
                false => "nothing is known to be wrong",
            }
        )),
        "wrong" if wrong == 0 && comparison.keeps_too_few_digits() => style.bad(&format!(
            "wrong: fewer than {} digits are kept, which the file asks for",
            number(comparison.settings.digits.unwrap_or(0.0))
        )),
        "wrong" => {
            style.bad(&format!("wrong: {} of {} entries", grouped(wrong), grouped(comparison.compared())))
        }
        "undecided" if comparison.is_empty() => style.doubtful("undecided: there was nothing to compare"),
        "partial" => style.doubtful("partial: nothing wrong so far"),
        "undecided" if total(|tensor| tensor.undecided) == 0 => {
            let lines = comparison.blocks.iter().flat_map(|trial| &trial.lines);
            let undecided = lines.filter(|line| line.outcome == Outcome::Undecided).count();
            style.doubtful(&format!(
                "undecided: {undecided} backward {} alone; end to end every entry is right",
                if undecided == 1 { "line" } else { "lines" }
            ))
        }
        "undecided" => style.doubtful(&format!(
            "undecided: {} of {}",
            grouped(total(|tensor| tensor.undecided)),
            entries(comparison.compared())
        )),
        "kink" => style.good(&format!(
            "ok: backward agrees with the measurement; entries on a kink: {}",
            grouped(total(|tensor| tensor.kink))
        )),
        _ => style.good("ok: backward agrees with the measurement in every entry"),
    };
    let line = match comparison.settings.sample {
        Some(_) if comparison.word() == "ok" => {
            style.good("ok: backward agrees with the measurement in the sample")
        }
        _ => line,
    };
    match comparison.is_partial() {
        true => {
            let (compared, asked) = (grouped(comparison.compared()), grouped(comparison.asked));
            format!("{line}\nstopped after {compared} of {asked} entries\n")
        }
        false => format!("{line}\n"),
    }
}
