//! `graphrun FILE…`: runs graph files, and with `--check` compares.

use super::{
    Outcome,
    options::{Color, Reading, print_refusal},
};
use crate::{
    compare::{self, compare},
    diagnostic::{Refusal, render},
    load::{Input, load},
    report,
    run::{Direction, Dtype, Run},
    source::Sources,
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
    reading: Reading,
    /// The number type of the run; a comparison is always in f64
    #[arg(long, value_enum, default_value = "f64", help_heading = "Running")]
    dtype: DtypeFlag,
    /// Compare by whole forward runs alone, the slow way
    #[arg(long, help_heading = "Running")]
    plain: bool,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DtypeFlag {
    F64,
    F32,
}

/// Runs every file; one that is refused does not stop the others.
pub fn run(arguments: &Arguments) -> Result<Outcome> {
    let mut outcome = Outcome::Good;
    let mut objects = Vec::new();
    for (index, file) in arguments.files.iter().enumerate() {
        if index > 0 && arguments.format == Format::Table {
            writeln!(io::stdout())?;
        }
        outcome = outcome.and(run_file(arguments, file, &mut objects)?);
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

fn run_file(arguments: &Arguments, file: &Path, objects: &mut Vec<serde_json::Value>) -> Result<Outcome> {
    let mut sources = Sources::default();
    let is_stdin = file.as_os_str() == "-";
    let name = if is_stdin { "standard input".to_string() } else { file.display().to_string() };
    let input = if is_stdin { Input::Stdin } else { Input::File(file) };
    let spelling = arguments.reading.spelling.map(Into::into);
    let graph = arguments
        .reading
        .request((!is_stdin).then_some(file), &mut sources)
        .and_then(|request| load(&input, spelling, &request, &mut sources))
        .and_then(|graph| match arguments.direction() {
            Direction::Backward => crate::run::can_go_backward(&graph).map(|()| graph).map_err(Refusal::from),
            Direction::Forward => Ok(graph),
        });
    let graph = match graph {
        Ok(graph) => graph,
        Err(refusal) => {
            print_refusal(&refusal, &sources, arguments.color);
            if arguments.format == Format::Json {
                objects.push(report::refused(&refusal.0, &name, &sources));
            }
            return Ok(Outcome::Refused);
        }
    };
    let stderr_style = arguments.color.style(&io::stderr());
    eprint!("{}", render(&graph.warnings, &sources, stderr_style.color));

    let dtype = match arguments.dtype {
        DtypeFlag::F64 => Dtype::F64,
        DtypeFlag::F32 => Dtype::F32,
    };
    let run = Run::of(&graph, dtype, arguments.direction());
    let started = Instant::now();
    let comparison = arguments.check.then(|| {
        let options = compare::Options { settings: graph.comparison.clone(), plain: arguments.plain };
        compare(&graph, &graph.wanted, &options)
    });
    let seconds = started.elapsed().as_secs_f64();
    match arguments.format {
        Format::Json => {
            objects.push(report::run_object(&run, &name, arguments.all, comparison.as_ref(), &sources))
        }
        Format::Table => {
            let style = arguments.color.style(&io::stdout());
            let mut out = io::stdout().lock();
            write!(out, "{}", report::table(&run, &name, arguments.all, style))?;
            if let Some(comparison) = &comparison {
                write!(out, "\n{}", report::comparison(comparison, &graph, &sources, dtype, seconds, style))?;
            }
        }
    }
    Ok(match comparison {
        Some(comparison) if comparison.is_wrong() => Outcome::Wrong,
        Some(comparison) if comparison.is_undecided() && !arguments.allow_undecided => Outcome::Undecided,
        _ => Outcome::Good,
    })
}

impl Arguments {
    fn direction(&self) -> Direction {
        match self.backward || self.check {
            true => Direction::Backward,
            false => Direction::Forward,
        }
    }
}
