//! `graphrun FILE…`: runs graph files, and with `--check` compares.

use super::{
    Outcome,
    against::{self, AgainstFlags},
    options::{Color, Format, GraphFile, LoadFlags, PrecisionFlag},
    progress, save,
    voice::{print_refusal, results, warn},
    watch::{Watched, again},
};
use crate::{
    against::round_inputs,
    compare::{self, compare},
    diagnostic::Refusal,
    escape,
    graph::Graph,
    load::load,
    precision::Precision,
    report::run::{Compared, Json, Printer, Profiled, Ran, Table},
    run::{Direction, Run, can_go_backward},
    source::SourceMap,
};
use anyhow::Result;
use clap::Args;
use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    time::Instant,
};

#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// Graph files, `.graph` or `.toml`; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Run backward too: every gradient
    #[arg(short, long)]
    backward: bool,
    /// Compare backward with the measured gradient of every entry
    #[arg(short, long)]
    check: bool,
    #[command(flatten)]
    reading: LoadFlags,
    #[command(flatten)]
    against: AgainstFlags,
    /// Run again whenever a file that was read is saved, until Ctrl-C
    #[arg(short, long, help_heading = "Running")]
    watch: bool,
    /// The number type of the run; a comparison is always in f64
    #[arg(long, value_enum, default_value = "f64", help_heading = "Running")]
    dtype: PrecisionFlag,
    /// Judge every entry as --check does, without the numerical gradient entry by entry
    #[arg(long, help_heading = "Running")]
    quick: bool,
    /// Tell where the time of forward and backward goes, by op and by node
    #[arg(long, help_heading = "Running", conflicts_with_all = ["check", "quick"])]
    profile: bool,
    /// Measure every entry of the numerical gradient, however long it takes
    #[arg(long, help_heading = "Running", requires = "check", conflicts_with = "quick")]
    every: bool,
    /// How many threads work; the results are the same for any number
    #[arg(long, value_name = "N", help_heading = "Running", value_parser = clap::value_parser!(u16).range(1..), allow_negative_numbers = true)]
    threads: Option<u16>,
    /// Undecided entries do not fail the run
    #[arg(long, help_heading = "Running")]
    allow_undecided: bool,
    /// Show the inner nodes of chains too
    #[arg(short, long, help_heading = "Printing")]
    all: bool,
    /// Write values, gradients and what was measured as arrays too: OUT.npz or OUT.safetensors
    #[arg(long, value_name = "OUT", help_heading = "Printing", conflicts_with = "profile")]
    save: Option<PathBuf>,
    /// How results are printed
    #[arg(long, value_enum, default_value = "table", help_heading = "Printing")]
    format: Format,
    /// When to paint
    #[arg(long, value_enum, default_value = "auto", help_heading = "Printing")]
    color: Color,
}

/// Runs every file, with `--watch` again and again.
pub fn run(arguments: &Arguments) -> Result<Outcome> {
    if let Some(threads) = arguments.threads {
        rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global()?;
    }
    if let Some(save) = &arguments.save {
        save::can_be(save, &arguments.files)?;
    }
    arguments.fit_together()?;
    if !arguments.watch {
        return run_files(arguments, &mut Watched::default());
    }
    if arguments.files.iter().any(|file| GraphFile(file).is_stdin()) {
        anyhow::bail!("`--watch` watches files, and standard input is none");
    }
    again(arguments.color, |watched| run_files(arguments, watched))
}

/// Runs every file; one that is refused does not stop the others.
fn run_files(arguments: &Arguments, watched: &mut Watched) -> Result<Outcome> {
    let mut outcome = Outcome::Good;
    let mut printer = arguments.printer();
    for file in &arguments.files {
        if outcome == Outcome::Interrupted {
            break;
        }
        outcome = outcome.and(run_file(arguments, file, &mut *printer, watched)?);
    }
    let mut out = BufWriter::new(results());
    printer.end(&mut out)?;
    out.flush()?;
    Ok(outcome)
}

fn run_file(
    arguments: &Arguments,
    file: &Path,
    printer: &mut dyn Printer,
    watched: &mut Watched,
) -> Result<Outcome> {
    let mut sources = SourceMap::default();
    let name = GraphFile(file).title();
    let mut out = BufWriter::new(results());
    printer.begin(&mut out)?;
    if let Some(dump) = &arguments.against.against {
        watched.file(file);
        watched.file(dump);
        let question = against::Question {
            file: GraphFile(file),
            reading: &arguments.reading,
            flags: &arguments.against,
            color: arguments.color,
            allow_undecided: arguments.allow_undecided,
        };
        let outcome = against::judge(&question, dump, printer, &mut out)?;
        out.flush()?;
        return Ok(outcome);
    }
    let mut graph = match load_file(arguments, file, &mut sources, watched) {
        Ok(graph) => graph,
        Err(refusal) => {
            print_refusal(&refusal, &sources, arguments.color);
            printer.refused(&refusal, &name, &sources, &mut out)?;
            out.flush()?;
            return Ok(Outcome::Refused);
        }
    };
    let golden = arguments.against.precision.map(Precision::from);
    if let Some(precision) = golden {
        round_inputs(&mut graph, precision);
    }
    warn(&graph.warnings, &sources, arguments.color);
    let dtype = arguments.dtype.into();
    if arguments.profile {
        let profile = crate::run::profile(&graph, dtype);
        printer.profiled(&Profiled { profile: &profile, graph: &graph, file: &name, dtype }, &mut out)?;
        out.flush()?;
        return Ok(Outcome::Good);
    }
    let run = Run::of(&graph, dtype, arguments.direction());
    let started = Instant::now();
    let compared = compare_graph(arguments, &graph);
    let seconds = started.elapsed().as_secs_f64();
    let ran = Ran { run: &run, file: &name, sources: &sources, compared: &compared, seconds };
    printer.ran(&ran, &mut out)?;
    out.flush()?;
    match (&arguments.save, golden) {
        (Some(save), Some(precision)) => save::save_golden(&graph, arguments.all, save, precision)?,
        (Some(save), None) => save::save(&ran, arguments.all, save, arguments.color)?,
        (None, _) => {}
    }
    Ok(compared.outcome(arguments.allow_undecided))
}

/// Reads a graph that can go where the flags ask it to.
fn load_file(
    arguments: &Arguments,
    file: &Path,
    sources: &mut SourceMap,
    watched: &mut Watched,
) -> Result<Graph, Refusal> {
    let named = GraphFile(file);
    watched.file(file);
    let request = arguments.reading.request(named, sources)?;
    let graph = load(&named.input(), arguments.reading.spelling.map(Into::into), &request, sources);
    watched.files(&request.files);
    let graph = graph.map_err(|mut refusal| {
        if file.is_dir() && !named.is_stdin() {
            let help = format!("did you mean `graphrun test {}`?", escape::shell(&named.title()));
            refusal.0.iter_mut().for_each(|fault| fault.help = vec![help.clone()]);
        }
        refusal
    })?;
    if arguments.direction() == Direction::Backward {
        can_go_backward(&graph)?;
    }
    if let Some(options) = arguments.comparison(&graph) {
        compare::fits(&graph, &graph.wanted, &options, &request.limits)?;
    }
    Ok(graph)
}

fn compare_graph(arguments: &Arguments, graph: &Graph) -> Compared {
    let Some(options) = arguments.comparison(graph) else { return Compared::Nothing };
    // While files are watched, Ctrl-C ends the watching.
    let options = compare::Options { cancel: (!arguments.watch).then(progress::interruption), ..options };
    let comparison = progress::shown(options, |options| compare(graph, &graph.wanted, options));
    Compared::Entries(Box::new(comparison))
}

impl Arguments {
    /// # Errors
    /// Flags that say nothing together.
    fn fit_together(&self) -> Result<()> {
        if self.against.precision.is_some() && self.against.against.is_none() && self.save.is_none() {
            anyhow::bail!(
                "`--as` says what numbers from elsewhere were computed in, `--against DUMP`, or what golden numbers are \
                 for, `--save GOLDEN.safetensors`; for a run in that precision write `--dtype`"
            );
        }
        let dtype = Precision::from(self.dtype);
        if self.against.against.is_some() && dtype != Precision::F64 {
            anyhow::bail!(
                "`--dtype` is of a run, and `--against` judges numbers that are there; what they were computed in says \
                 `--as {}`",
                dtype.word()
            );
        }
        if self.profile && !matches!(dtype, Precision::F64 | Precision::F32) {
            anyhow::bail!(
                "`--profile` measures runs in f64 and f32; {0} is simulated, and its time says nothing",
                dtype.word()
            );
        }
        Ok(())
    }

    /// How the graph is compared, if it is.
    fn comparison(&self, graph: &Graph) -> Option<compare::Options> {
        (self.check || self.quick).then(|| compare::Options {
            settings: graph.comparison.clone(),
            measured: !self.quick,
            every: self.every,
            ..compare::Options::default()
        })
    }

    fn printer(&self) -> Box<dyn Printer> {
        let (all, several) = (self.all, self.files.len() > 1);
        match self.format {
            Format::Table => Box::new(Table { all, style: self.color.style(&io::stdout()), is_first: true }),
            Format::Json => Box::new(Json { all, several, written: 0 }),
        }
    }

    fn direction(&self) -> Direction {
        match self.backward || self.check || self.quick || self.profile {
            true => Direction::Backward,
            false => Direction::Forward,
        }
    }
}
