//! `graphrun FILE…`: runs graph files, and with `--check` compares.

use super::{
    Outcome,
    options::{Color, DtypeFlag, LoadFlags, print_refusal},
    progress,
    watch::{Watched, again},
};
use crate::{
    compare::{self, Comparison, Quick, QuickVerdict, compare, quick},
    diagnostic::{Refusal, closest, render},
    graph::Graph,
    load::{Input, load},
    report,
    run::{Direction, Run},
    source::SourceMap,
};
use anyhow::Result;
use clap::{Args, ValueEnum};
use std::{
    io::{self, Write},
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
    /// Run again whenever a file that was read is saved, until Ctrl-C
    #[arg(short, long, help_heading = "Running")]
    watch: bool,
    /// The number type of the run; a comparison is always in f64
    #[arg(long, value_enum, default_value = "f64", help_heading = "Running")]
    dtype: DtypeFlag,
    /// Compare one random projection of each gradient: fast, and not every entry
    #[arg(long, help_heading = "Running", conflicts_with = "check")]
    quick: bool,
    /// Tell where the time of forward and backward goes, by op and by node
    #[arg(long, help_heading = "Running", conflicts_with_all = ["check", "quick"])]
    profile: bool,
    /// Compare by whole forward runs alone, the slow way
    #[arg(long, help_heading = "Running")]
    plain: bool,
    /// How many threads work; the results are the same for any number
    #[arg(long, value_name = "N", help_heading = "Running", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Undecided entries do not fail the run
    #[arg(long, help_heading = "Running")]
    allow_undecided: bool,
    /// Show the inner nodes of chains too
    #[arg(short, long, help_heading = "Printing")]
    all: bool,
    /// How results are printed
    #[arg(long, value_enum, default_value = "table", help_heading = "Printing")]
    format: Format,
    /// When to paint
    #[arg(long, value_enum, default_value = "auto", help_heading = "Printing")]
    color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
}

/// Runs every file, with `--watch` again and again.
pub fn run(arguments: &Arguments) -> Result<Outcome> {
    if let Some(threads) = arguments.threads {
        rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global()?;
    }
    if !arguments.watch {
        return run_files(arguments, &mut Watched::default());
    }
    if arguments.files.iter().any(|file| file.as_os_str() == "-") {
        anyhow::bail!("`--watch` watches files, and standard input is none");
    }
    again(arguments.color, |watched| run_files(arguments, watched))
}

/// Runs every file; one that is refused does not stop the others.
fn run_files(arguments: &Arguments, watched: &mut Watched) -> Result<Outcome> {
    let mut outcome = Outcome::Good;
    let mut objects = Vec::new();
    for (index, file) in arguments.files.iter().enumerate() {
        if outcome == Outcome::Interrupted {
            break;
        }
        if index > 0 && arguments.format == Format::Table {
            writeln!(io::stdout())?;
        }
        outcome = outcome.and(run_file(arguments, file, &mut objects, watched)?);
    }
    if arguments.format == Format::Json {
        let mut out = io::stdout().lock();
        let several = arguments.files.len() > 1;
        let all = match (several, objects.pop()) {
            (false, Some(only)) => only,
            (_, last) => objects.into_iter().chain(last).collect(),
        };
        serde_json::to_writer_pretty(&mut out, &all)?;
        writeln!(out)?;
    }
    Ok(outcome)
}

fn run_file(
    arguments: &Arguments,
    file: &Path,
    objects: &mut Vec<serde_json::Value>,
    watched: &mut Watched,
) -> Result<Outcome> {
    let mut sources = SourceMap::default();
    let is_stdin = file.as_os_str() == "-";
    let name = if is_stdin { "standard input".to_string() } else { file.display().to_string() };
    let input = if is_stdin { Input::Stdin } else { Input::File(file) };
    let spelling = arguments.reading.spelling.map(Into::into);
    watched.file(file);
    let graph = arguments
        .reading
        .request((!is_stdin).then_some(file), &mut sources)
        .and_then(|request| {
            let graph = load(&input, spelling, &request, &mut sources);
            watched.files(&request.files);
            graph
        })
        .and_then(|graph| match arguments.direction() {
            Direction::Backward => crate::run::can_go_backward(&graph).map(|()| graph).map_err(Refusal::from),
            Direction::Forward => Ok(graph),
        });
    let graph = match graph {
        Ok(graph) => graph,
        Err(mut refusal) => {
            if let Some(command) = mistyped_command(file).filter(|_| !is_stdin) {
                let help = format!("did you mean the command `{command}`?");
                refusal.0.iter_mut().for_each(|fault| fault.help = vec![help.clone()]);
            }
            print_refusal(&refusal, &sources, arguments.color);
            if arguments.format == Format::Json {
                objects.push(report::refused(&refusal.0, &name, &sources));
            }
            return Ok(Outcome::Refused);
        }
    };
    let stderr_style = arguments.color.style(&io::stderr());
    eprint!("{}", render(&graph.warnings, &sources, stderr_style.color));
    run_graph(arguments, &graph, &name, &sources, objects)
}

/// What was compared.
enum Compared {
    Nothing,
    Entries(Box<Comparison>),
    Projections(Vec<Quick>),
}

fn run_graph(
    arguments: &Arguments,
    graph: &Graph,
    name: &str,
    sources: &SourceMap,
    objects: &mut Vec<serde_json::Value>,
) -> Result<Outcome> {
    let dtype = arguments.dtype.into();
    if arguments.profile {
        let profile = crate::run::profile(graph, dtype);
        match arguments.format {
            Format::Json => objects.push(report::profile_object(&profile, graph, name, dtype)),
            Format::Table => {
                let style = arguments.color.style(&io::stdout());
                write!(
                    io::stdout(),
                    "{}",
                    report::profile(&profile, graph, name, dtype, arguments.all, style)
                )?;
            }
        }
        return Ok(Outcome::Good);
    }
    let run = Run::of(graph, dtype, arguments.direction());
    let started = Instant::now();
    let compared = if arguments.check {
        // While files are watched, Ctrl-C ends the watching.
        let cancel = (!arguments.watch).then(progress::interruption);
        let options = compare::Options {
            settings: graph.comparison.clone(),
            plain: arguments.plain,
            cancel,
            progress: None,
        };
        let comparison = progress::shown(options, |options| compare(graph, &graph.wanted, options));
        Compared::Entries(Box::new(comparison))
    } else if arguments.quick {
        Compared::Projections(quick(graph))
    } else {
        Compared::Nothing
    };
    let seconds = started.elapsed().as_secs_f64();
    match arguments.format {
        Format::Json => {
            let compare = match &compared {
                Compared::Nothing => None,
                Compared::Entries(comparison) => Some(report::comparison_object(comparison, graph, sources)),
                Compared::Projections(projections) => Some(report::projections_object(projections, graph)),
            };
            objects.push(report::run_object(&run, name, arguments.all, compare));
        }
        Format::Table => {
            let style = arguments.color.style(&io::stdout());
            let mut out = io::stdout().lock();
            write!(out, "{}", report::table(&run, name, arguments.all, style))?;
            match &compared {
                Compared::Nothing => {}
                Compared::Entries(comparison) => {
                    write!(
                        out,
                        "\n{}",
                        report::comparison(comparison, graph, sources, dtype, seconds, style)
                    )?;
                }
                Compared::Projections(projections) => {
                    write!(out, "\n{}", report::projections(projections, graph, style))?;
                }
            }
        }
    }
    if let Compared::Entries(comparison) = &compared
        && comparison.is_partial()
    {
        return Ok(Outcome::Interrupted);
    }
    let (wrong, undecided) = match &compared {
        Compared::Nothing => (false, false),
        Compared::Entries(comparison) => (comparison.is_wrong(), comparison.is_undecided()),
        Compared::Projections(projections) => {
            let any = |verdict| projections.iter().any(|quick| quick.verdict == verdict);
            (any(QuickVerdict::Wrong), any(QuickVerdict::Undecided))
        }
    };
    Ok(match (wrong, undecided && !arguments.allow_undecided) {
        (true, _) => Outcome::Wrong,
        (false, true) => Outcome::Undecided,
        (false, false) => Outcome::Good,
    })
}

/// The command that a word which is no file may have meant.
fn mistyped_command(file: &Path) -> Option<String> {
    let word = file.to_str().filter(|_| !file.exists())?;
    let command = super::command();
    let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    closest(word, names).map(str::to_string)
}

impl Arguments {
    fn direction(&self) -> Direction {
        match self.backward || self.check || self.quick || self.profile {
            true => Direction::Backward,
            false => Direction::Forward,
        }
    }
}
