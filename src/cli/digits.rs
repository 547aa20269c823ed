//! `graphrun digits FILE`: how many digits a run in a precision keeps, and where it loses them.

use super::{
    Outcome,
    against::AccumulateFlag,
    options::{Color, Format, GraphFile, LoadFlags, PrecisionFlag},
    progress,
    voice::{print_refusal, results, warn},
};
use crate::{
    cancel::{self, Ended},
    diagnostic::Refusal,
    digits::{self, Digits, digits},
    escape,
    graph::Graph,
    limits::Limits,
    load::load,
    report::{self, Counted, digits_object},
    source::SourceMap,
};
use anyhow::Result;
use clap::Args;
use std::{
    io::{self, BufWriter, Write},
    panic::resume_unwind,
    path::PathBuf,
};

#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// A graph file, `.graph` or `.toml`; `-` is standard input
    file: PathBuf,
    /// The precision whose digits are counted
    #[arg(long = "in", value_enum, default_value = "f32", value_name = "PRECISION")]
    precision: PrecisionFlag,
    /// Decimal digits that the outputs and their gradients should keep: the least precision is told that does
    #[arg(long, default_value = "3", value_name = "N", value_parser = wanted, allow_negative_numbers = true)]
    keep: f64,
    /// What sums are accumulated in
    #[arg(long, value_enum, default_value = "f32", value_name = "WHAT")]
    accumulate: AccumulateFlag,
    #[command(flatten)]
    reading: LoadFlags,
    /// Show the inner nodes of chains too
    #[arg(short, long, help_heading = "Printing")]
    all: bool,
    /// How the digits are printed
    #[arg(long, value_enum, default_value = "table", help_heading = "Printing")]
    format: Format,
    /// When to paint
    #[arg(long, value_enum, default_value = "auto", help_heading = "Printing")]
    color: Color,
}

/// A number of digits that some format may have.
pub fn wanted(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(digits) if digits > 0.0 && digits <= 15.9 => Ok(digits),
        Ok(digits) if digits > 15.9 => {
            Err("no format has so many decimal digits: f64 has 15.95, f32 7.2, f16 3.3, bf16 2.4".to_string())
        }
        _ => Err("expected a number of decimal digits, above 0 and up to 15.9".to_string()),
    }
}

/// Counts the digits of a file.
pub fn run(arguments: &Arguments) -> Result<Outcome> {
    let mut sources = SourceMap::default();
    let file = GraphFile(&arguments.file).title();
    let (graph, limits) = match read(arguments, &mut sources) {
        Ok(read) => read,
        Err(refusal) => return refused(arguments, &refusal, &file, &sources),
    };
    warn(&graph.warnings, &sources, arguments.color);
    let options = digits::Options {
        precision: arguments.precision.into(),
        accumulate_same: arguments.accumulate == AccumulateFlag::Same,
        keep: arguments.keep,
    };
    let found = match counted(&graph, options, &limits) {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(Outcome::Interrupted),
        Err(refusal) => return refused(arguments, &refusal, &file, &sources),
    };
    let counted =
        Counted { digits: &found, graph: &graph, sources: &sources, file: &file, all: arguments.all };
    let mut out = BufWriter::new(results());
    match arguments.format {
        Format::Table => {
            write!(out, "{}", report::digits(counted, arguments.color.style(&io::stdout())))?;
        }
        Format::Json => escape::json_lines(&digits_object(counted), &mut out)?,
    }
    out.flush()?;
    Ok(Outcome::Good)
}

/// Counts digits, within the limits; `None` where Ctrl-C ended it.
fn counted(graph: &Graph, options: digits::Options, limits: &Limits) -> Result<Option<Digits>, Refusal> {
    digits::fits(graph, limits)?;
    match cancel::under(&progress::interruption(), || digits(graph, options)) {
        Ok(found) => Ok(Some(found)),
        Err(Ended::GivenUp) => Ok(None),
        Err(Ended::Panicked(payload)) => resume_unwind(payload),
    }
}

fn read(arguments: &Arguments, sources: &mut SourceMap) -> Result<(Graph, Limits), Refusal> {
    let file = GraphFile(&arguments.file);
    let request = arguments.reading.request(file, sources)?;
    let graph = load(&file.input(), arguments.reading.spelling.map(Into::into), &request, sources)?;
    Ok((graph, request.limits))
}

fn refused(arguments: &Arguments, refusal: &Refusal, file: &str, sources: &SourceMap) -> Result<Outcome> {
    print_refusal(refusal, sources, arguments.color);
    if arguments.format == Format::Json {
        escape::json_lines(&report::refused(&refusal.0, file, sources), &mut results())?;
    }
    Ok(Outcome::Refused)
}
