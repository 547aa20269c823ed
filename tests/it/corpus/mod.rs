//! A corpus of graphs, right ones and broken ones, that is drawn anew from seeds: right code is
//! never called wrong, and no slip is missed.
//!
//! A part of it runs with all tests. The whole, with its counts:
//!
//! ```sh
//! GRAPHRUN_CORPUS=20000 cargo test --release --test it corpus -- --nocapture
//! ```

mod broken;
pub mod draw;
mod layers;
mod made;

use broken::SLIPS;
use draw::{Draw, Style};
use graphrun::{
    Graph,
    compare::{Comparison, Options, Outcome, Undecided, Verdict, compare},
    double::Double,
    engine::{Memory, backward, forward},
    plan::Plan,
};
use layers::{AFTER, LAYERS};
use std::{collections::BTreeMap, fmt::Write, time::Instant};

/// How many graphs of the long run; a few hundred without.
fn graphs(few: usize) -> usize {
    std::env::var("GRAPHRUN_CORPUS").ok().and_then(|count| count.parse().ok()).unwrap_or(few)
}

fn judged(graph: &Graph) -> Comparison {
    compare(graph, &graph.wanted, &Options { measured: false, ..Options::default() })
}

/// A verdict in a few lines, with the text that it is of.
fn report(text: &str, graph: &Graph, comparison: &Comparison) -> String {
    let mut report = format!("{text}# {}\n", comparison.word());
    for tensor in &comparison.tensors {
        for finding in tensor.findings.iter().take(4) {
            let _ = writeln!(
                report,
                "#   {}[{}]: {:?}, backward {:e}, {:?}",
                graph.value(tensor.leaf).name,
                finding.entry,
                finding.verdict,
                finding.backward,
                finding.evidence
            );
        }
    }
    for trial in comparison.blocks.iter().filter(|trial| trial.word() != "ok") {
        for line in trial.lines.iter().filter(|line| line.outcome != Outcome::Ok) {
            let _ = writeln!(report, "#   line {}: {:?}", graph.value(line.input).name, line.outcome);
        }
    }
    comparison.faults.iter().for_each(|fault| _ = writeln!(report, "#   fault of the program: {fault}"));
    report
}

/// What a run over right graphs came to.
#[derive(Default)]
struct Counts {
    graphs: usize,
    entries: usize,
    wrong: usize,
    /// Reasons, with how many entries and the first graph.
    undecided: BTreeMap<String, (usize, String)>,
    reports: Vec<String>,
}

impl Counts {
    /// Takes in a graph of which all is right.
    fn right(&mut self, text: &str) {
        let graph = crate::common::read(text);
        let comparison = judged(&graph);
        self.graphs += 1;
        self.entries += comparison.compared();
        // A gradient of NaN where the slope is finite is wrong indeed.
        let told = comparison.tensors.iter().flat_map(|tensor| &tensor.findings);
        let wrong =
            told.clone().any(|finding| finding.verdict == Verdict::Wrong && finding.backward.is_finite());
        if wrong || comparison.blocks.iter().any(|trial| trial.is_wrong()) || !comparison.faults.is_empty() {
            self.wrong += 1;
            self.reports.push(report(text, &graph, &comparison));
        }
        for finding in told {
            if let Verdict::Undecided(why) = finding.verdict
                && why != Undecided::NotFinite
            {
                self.leaves_open(format!("{why:?}"), text, &graph, &comparison);
            }
        }
        for trial in comparison.blocks.iter().filter(|trial| trial.word() == "undecided") {
            let block = &graph.blocks[trial.block.index()].name;
            self.leaves_open(format!("block {block}"), text, &graph, &comparison);
        }
    }

    fn leaves_open(&mut self, why: String, text: &str, graph: &Graph, comparison: &Comparison) {
        let known = self.undecided.entry(why).or_insert_with(|| (0, report(text, graph, comparison)));
        known.0 += 1;
    }

    fn print(&self, what: &str, since: Instant) {
        let seconds = since.elapsed().as_secs_f64();
        println!(
            "{what}: {} graphs, {} entries, {} called wrong, {seconds:.1} s",
            self.graphs, self.entries, self.wrong
        );
        for (why, (count, example)) in &self.undecided {
            println!("  undecided, {why}: {count}");
            if std::env::var_os("GRAPHRUN_CORPUS").is_some() {
                println!("{example}");
            }
        }
    }

    fn none_is_wrong(&self) {
        let first = &self.reports[..self.reports.len().min(20)];
        assert!(self.wrong == 0, "{} right graphs are called wrong:\n{}", self.wrong, first.join("\n"));
    }
}

#[test]
fn random_graphs_of_ops_are_right() {
    let (since, mut counts) = (Instant::now(), Counts::default());
    for seed in 0..graphs(300) as u64 {
        counts.right(&draw::graph(&mut Draw(seed)));
    }
    counts.print("random graphs", since);
    counts.none_is_wrong();
}

#[test]
fn blocks_that_are_right_are_right_on_any_numbers() {
    const STYLES: [Style; 9] = [
        Style::Plain,
        Style::Scaled(-3),
        Style::Scaled(2),
        Style::Scaled(-100),
        Style::Scaled(60),
        Style::Wide,
        Style::Saturated,
        Style::Whole,
        Style::AllEqual,
    ];
    let (since, mut counts) = (Instant::now(), Counts::default());
    for seed in 0..graphs(200) as u64 {
        let draw = &mut Draw(seed + 1_000_000);
        let layer = &LAYERS[draw.below(LAYERS.len())];
        let style = STYLES[draw.below(STYLES.len())];
        if layer.is_smooth() || !matches!(style, Style::Whole) {
            let after = AFTER[draw.below(AFTER.len())];
            counts.right(&layer.graph(draw, style, after));
        }
    }
    counts.print("blocks by hand", since);
    counts.none_is_wrong();
}

/// The greatest change of an entry beside its size, and whether every gradient is finite.
fn change(right: &Graph, wrong: &Graph) -> Option<f64> {
    let gradients = |graph: &Graph| {
        let plan = Plan::new(graph, &graph.wanted);
        let mut memory = Memory::<Double>::new(&plan);
        forward(&plan, &mut memory);
        backward(&plan, &mut memory);
        let of = |&leaf: &graphrun::graph::ValueId| memory.gradient(&plan, leaf).unwrap_or(&[]).to_vec();
        graph.wanted.iter().flat_map(of).collect::<Vec<Double>>()
    };
    gradients(right).iter().zip(&gradients(wrong)).try_fold(0.0f64, |most, (right, wrong)| {
        let apart = (*right - *wrong).to_f64().abs();
        let beside = if apart == 0.0 { 0.0 } else { apart / right.to_f64().abs() };
        apart.is_finite().then_some(most.max(beside))
    })
}

#[test]
fn slips_in_backward_lines_are_found() {
    let (since, mut planted, mut missed, mut undecided) = (Instant::now(), 0, Vec::new(), 0);
    for seed in 0..graphs(100) as u64 {
        let draw = &mut Draw(seed + 2_000_000);
        let layer = &LAYERS[draw.below(LAYERS.len())];
        let number = draw.below(broken::lines(layer).len());
        let (slip, after) = (SLIPS[draw.below(SLIPS.len())], AFTER[draw.below(AFTER.len())]);
        let Some(definition) = broken::broken(layer, number, slip) else { continue };
        let right = layer.graph(draw, Style::Plain, after);
        let text = right.replace(layer.definition, &definition);
        let graph = crate::common::read(&text);
        let changes = change(&crate::common::read(&right), &graph).is_none_or(|change| change > 1e-10);
        let comparison = judged(&graph);
        planted += usize::from(changes);
        if changes && comparison.word() != "wrong" {
            undecided += usize::from(comparison.word() == "undecided");
            missed.push(format!("{slip:?}:\n{}", report(&text, &graph, &comparison)));
        }
    }
    let seconds = since.elapsed().as_secs_f64();
    println!(
        "slips in backward lines: {planted} planted, {} missed, of these {undecided} undecided, {seconds:.1} s",
        missed.len()
    );
    assert!(
        missed.is_empty(),
        "{} slips missed:\n{}",
        missed.len(),
        missed[..missed.len().min(20)].join("\n")
    );
}

#[test]
fn single_kinds_of_right_code() {
    let mut bad = Vec::new();
    for (text, word) in made::RIGHT {
        let graph = crate::common::read(text);
        let comparison = judged(&graph);
        if comparison.word() != *word {
            bad.push(report(&format!("{text}\n"), &graph, &comparison));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn single_kinds_of_wrong_code() {
    let mut bad = Vec::new();
    for text in made::WRONG {
        let graph = crate::common::read(text);
        let comparison = judged(&graph);
        if comparison.word() != "wrong" {
            bad.push(report(&format!("{text}\n"), &graph, &comparison));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn what_no_measurement_shows_is_not_called_right() {
    for text in made::HIDDEN {
        let graph = crate::common::read(text);
        let comparison = judged(&graph);
        let report = || report(&format!("{text}\n"), &graph, &comparison);
        assert!(["wrong", "undecided"].contains(&comparison.word()), "{}", report());
    }
}

/// Every backward line of the example files, made wrong in several ways.
#[test]
fn slips_in_the_examples_are_found() {
    let (mut planted, mut missed) = (0, Vec::new());
    let files = std::fs::read_dir("graphs/layers").unwrap().map(|file| file.unwrap().path());
    for file in files.filter(|file| file.extension().is_some_and(|extension| extension == "graph")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for line in text.lines().filter(|line| line.trim_start().starts_with("backward ")) {
            let (left, right) = line.split_once('=').unwrap();
            for wrong in [
                format!("{left}= ({right}) * 1.000000001"),
                format!("{left}= -({right})"),
                format!("{left}= ({right}) * 0"),
                format!("{left}= ({right}) + 0.001 * sum(upstream)"),
                format!("{left}={}", right.replace("upstream", "(0 * upstream + 1)")),
                format!("{left}={}", right.replace("upstream", "abs(upstream)")),
            ] {
                if wrong == line {
                    continue;
                }
                let text = text.replace(line, &wrong);
                let graph = crate::common::read(&text);
                planted += 1;
                let comparison = judged(&graph);
                if comparison.word() != "wrong" {
                    missed.push(report(&text, &graph, &comparison));
                }
            }
        }
    }
    println!("slips in the examples: {planted} planted, {} missed", missed.len());
    assert!(planted > 60, "only {planted} slips planted");
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
