//! `graphrun compare FILE --with torch`: what the export gives in the user's Python, judged against the graph.

use super::{
    Outcome,
    against::conclude,
    export::{CustomFlag, FrameworkFlag, custom, way},
    options::{Color, Format, GraphFile, LoadFlags, seconds},
    progress,
    python::{self, Ended},
    voice::{print_refusal, results, warn},
};
use crate::{
    against::{self, Claimed, Claims},
    diagnostic::{Diagnostic, Refusal},
    engine::Stored,
    escape,
    export::{self, Framework, Probe, Request, probe, same_leaves},
    graph::{Graph, Origin, ValueId},
    initializers::read_dump,
    inside::folder_of,
    limits::Limits,
    load::load_with_document,
    plan::Plan,
    report::run::{Json, Printer, Table},
    source::{SourceMap, Spelling},
    syntax::Document,
};
use anyhow::{Context, Result, anyhow};
use clap::Args;
use std::{
    fs,
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
    time::Duration,
};
use zip::CompressionMethod;

#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// A graph file; `-` is standard input
    file: PathBuf,
    /// Whose Python to run
    #[arg(long, value_enum)]
    with: FrameworkFlag,
    /// The Python to run it in; without it that of the virtual environment, else `python3`
    #[arg(long, value_name = "PYTHON")]
    python: Option<PathBuf>,
    /// How long Python may take
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = seconds, allow_negative_numbers = true)]
    timeout: f64,
    /// How a backward by hand is written
    #[arg(long, value_enum, default_value = "op")]
    custom: CustomFlag,
    /// Undecided entries do not fail the command
    #[arg(long)]
    allow_undecided: bool,
    #[command(flatten)]
    reading: LoadFlags,
    /// How the judgement is printed
    #[arg(long, value_enum, default_value = "table", help_heading = "Printing")]
    format: Format,
    /// When to paint
    #[arg(long, value_enum, default_value = "auto", help_heading = "Printing")]
    color: Color,
}

/// What Python gave, and what it was given to.
struct Compared {
    graph: Graph,
    claims: Claims,
    limits: Limits,
    /// The framework, its version and the Python.
    with: String,
}

/// Why there is nothing to judge.
enum Left {
    Refused(Refusal),
    Interrupted,
    Failed(anyhow::Error),
}

impl<T: Into<Refusal>> From<T> for Left {
    fn from(refusal: T) -> Self {
        Self::Refused(refusal.into())
    }
}

pub fn run(arguments: &Arguments) -> Result<Outcome> {
    let framework = Framework::from(arguments.with);
    let custom = custom(arguments.custom, framework)?;
    let name = GraphFile(&arguments.file).title();
    let mut printer: Box<dyn Printer> = match arguments.format {
        Format::Table => {
            Box::new(Table { all: true, style: arguments.color.style(&io::stdout()), is_first: true })
        }
        Format::Json => Box::new(Json { all: true, several: false, written: 0 }),
    };
    let mut out = BufWriter::new(results());
    printer.begin(&mut out)?;
    let mut sources = SourceMap::default();
    let request = Request {
        framework,
        custom,
        name: String::new(),
        file: name.clone(),
        folder: folder_of(&arguments.file).to_path_buf(),
        folder_from_file: PathBuf::new(),
        has_arrays: true,
        taps: false,
    };
    let outcome = match compared(arguments, &request, &mut sources) {
        Ok(Compared { graph, claims, limits, with }) => {
            warn(&graph.warnings, &sources, arguments.color);
            let against = against::against(&graph, claims, &limits);
            let judged = conclude(&graph, &against, (&sources, &name, &with), &mut *printer, &mut out)?;
            match judged {
                Outcome::Undecided if arguments.allow_undecided => Outcome::Good,
                outcome => outcome,
            }
        }
        Err(Left::Refused(refusal)) => {
            print_refusal(&refusal, &sources, arguments.color);
            printer.refused(&refusal, &name, &sources, &mut out)?;
            Outcome::Refused
        }
        Err(Left::Interrupted) => Outcome::Interrupted,
        Err(Left::Failed(fault)) => return Err(fault),
    };
    printer.end(&mut out)?;
    out.flush()?;
    Ok(outcome)
}

fn compared(arguments: &Arguments, request: &Request, sources: &mut SourceMap) -> Result<Compared, Left> {
    let (mut graph, document, limits) = read(arguments, sources)?;
    let plan = Plan::new(&graph, &graph.wanted);
    let values = graph.ids().filter(|&id| is_result(&graph, id)).map(Stored::Value);
    let gradients = graph.ids().filter(|id| plan.gradient(*id).is_some()).map(Stored::Gradient);
    against::fits(&graph, values.chain(gradients), &limits)?;
    drop(plan);
    let folder = tempfile::Builder::new()
        .prefix("graphrun")
        .tempdir()
        .context("no temporary folder")
        .map_err(Left::Failed)?;
    let data = way(folder.path(), &request.folder);
    let probe = probe(&graph, &document, request, &data)?;
    put(&probe, folder.path()).map_err(Left::Failed)?;
    let python = python::chosen(arguments.python.as_deref());
    ran(arguments, &python, folder.path())?;
    let read = |name: &str| read_dump(&folder.path().join(name), &limits);
    if !probe.has_no_leaves() {
        same_leaves(&graph, &read(export::LEAVES)?)?;
    }
    let mut dump = probe.inputs;
    let got = read(export::GOT)?;
    dump.extend(
        got.into_iter()
            .filter(|array| !matches!(graph.find(&array.name), Some(id) if !is_result(&graph, id))),
    );
    let claims = against::lay(&mut graph, &dump, Claimed::default())?;
    let version = fs::read_to_string(folder.path().join(export::VERSION)).unwrap_or_default();
    let with = format!("{version} in {}", python.display());
    Ok(Compared { graph, claims, limits, with })
}

fn is_result(graph: &Graph, id: ValueId) -> bool {
    matches!(graph.value(id).origin, Origin::Node(_))
}

fn read(arguments: &Arguments, sources: &mut SourceMap) -> Result<(Graph, Document, Limits), Refusal> {
    let file = GraphFile(&arguments.file);
    let mut request = arguments.reading.request(file, sources)?;
    request.keep_expressions = true;
    let spelling = arguments.reading.spelling.map(Spelling::from);
    let (graph, document) = load_with_document(&file.input(), spelling, &request, sources)?;
    Ok((graph, document, request.limits))
}

fn put(probe: &Probe, folder: &Path) -> Result<()> {
    for (name, text) in &probe.texts {
        fs::write(folder.join(name), text).with_context(|| format!("{name}: cannot be written"))?;
    }
    for (name, arrays) in &probe.arrays {
        let bytes = crate::arrays::npz(None, arrays, CompressionMethod::Stored)
            .map_err(|fault| anyhow!("{name}: {fault}"))?;
        fs::write(folder.join(name), bytes).with_context(|| format!("{name}: cannot be written"))?;
    }
    Ok(())
}

/// Runs the program of a folder to its end.
fn ran(arguments: &Arguments, python: &Path, folder: &Path) -> Result<(), Left> {
    let framework = Framework::from(arguments.with);
    let called = python.display().to_string();
    let other = "name another Python by `--python PYTHON`";
    let patience = Duration::from_secs_f64(arguments.timeout);
    let said = folder.join("said.txt");
    let program = folder.join(export::PROGRAM);
    match python::run(python, &program, &said, patience, &progress::interruption()) {
        Ok(Ended::Well) => Ok(()),
        Ok(Ended::Interrupted) => Err(Left::Interrupted),
        Ok(Ended::Late) => Err(Diagnostic::error(format!(
            "`{called}` has not ended after {} seconds, and was stopped",
            arguments.timeout
        ))
        .help("give it longer by `--timeout SECONDS`")
        .into()),
        Ok(Ended::Failed(status, said)) => Err(match python::missing_module(&said) {
            Some(module) => {
                let install = format!(
                    "install it there: `{} -m pip install {} numpy`",
                    escape::shell(&called),
                    escape::shell(module)
                );
                Diagnostic::error(format!("`{called}` has no module `{module}`")).help(install).help(other)
            }
            None => {
                let last = said.lines().next_back().unwrap_or("it said nothing").trim();
                let fault = Diagnostic::error(format!(
                    "the export fails in {} ({status}): {last}",
                    framework.title()
                ));
                let place = place(&said).map(|line| format!("it was at `{line}`"));
                place.into_iter().fold(fault, Diagnostic::help).help(format!(
                    "`graphrun export {} --to {} -o OUT.py` writes what was run",
                    escape::shell(&arguments.file.display().to_string()),
                    framework.word()
                ))
            }
        }
        .into()),
        Err(fault) if fault.kind() == ErrorKind::NotFound => {
            Err(Diagnostic::error(format!("there is no Python `{called}`")).help(other).into())
        }
        Err(fault) => Err(Diagnostic::error(format!("`{called}` cannot be run: {fault}")).help(other).into()),
    }
}

/// The last line of an export in a traceback.
fn place(said: &str) -> Option<&str> {
    let lines: Vec<&str> = said.lines().collect();
    let is_ours = |line: &&str| line.contains("exported.py\", line") || line.contains("traced.py\", line");
    let at = lines.iter().rposition(is_ours)?;
    lines.get(at + 1).map(|line| line.trim())
}
