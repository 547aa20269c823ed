//! `graphrun explain FILE`: how every gradient comes about, in words and numbers.

use super::{
    Outcome,
    options::{Color, GraphFile, LoadFlags},
    voice::{print_refusal, results, warn},
    watch::{Watched, again},
};
use crate::{
    diagnostic::{Diagnostic, Refusal},
    escape,
    explain::{self, Asked, Explainer},
    graph::Graph,
    load::load,
    report,
    run::{Run, can_go_backward},
    source::SourceMap,
};
use anyhow::Result;
use clap::{Args, ValueEnum};
use std::{
    io::{self, Write},
    path::PathBuf,
};

#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// A graph file, `.graph` or `.toml`; `-` is standard input
    file: PathBuf,
    /// The entry to work out, of the leaf that `--wrt` names: 3,7; -1 is the last
    #[arg(long, value_name = "INDEX", value_delimiter = ',', value_parser = index, allow_hyphen_values = true)]
    entry: Vec<i64>,
    /// Explain again whenever a file that was read is saved, until Ctrl-C
    #[arg(short, long)]
    watch: bool,
    #[command(flatten)]
    reading: LoadFlags,
    /// How the explanation is printed
    #[arg(long, value_enum, default_value = "text", help_heading = "Printing")]
    format: Format,
    /// When to paint
    #[arg(long, value_enum, default_value = "auto", help_heading = "Printing")]
    color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// A place along an axis.
fn index(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| "expected a whole number for each axis, as in 3,7".to_string())
}

/// Explains the file, with `--watch` again and again.
pub fn run(arguments: &Arguments) -> Result<Outcome> {
    match arguments.watch {
        true if GraphFile(&arguments.file).is_stdin() => {
            anyhow::bail!("`--watch` watches files, and standard input is none")
        }
        true => again(arguments.color, |watched| explain(arguments, watched)),
        false => explain(arguments, &mut Watched::default()),
    }
}

fn explain(arguments: &Arguments, watched: &mut Watched) -> Result<Outcome> {
    let mut sources = SourceMap::default();
    let name = GraphFile(&arguments.file).title();
    let loaded = graph(arguments, &mut sources, watched).and_then(|graph| {
        let asked = asked(arguments, &graph)?;
        Ok((graph, asked))
    });
    let (graph, asked) = match loaded {
        Ok(loaded) => loaded,
        Err(refusal) => {
            print_refusal(&refusal, &sources, arguments.color);
            if arguments.format == Format::Json {
                escape::json_lines(&report::refused(&refusal.0, &name, &sources), &mut results())?;
            }
            return Ok(Outcome::Refused);
        }
    };
    warn(&graph.warnings, &sources, arguments.color);
    let run = Run::backward(&graph);
    let explainer = Explainer::new(&run, &sources, asked);
    let mut out = io::BufWriter::new(results());
    match arguments.format {
        Format::Text => {
            let style = arguments.color.style(&io::stdout());
            let note = note(&explainer, asked);
            write!(out, "{}", explain::text(&explainer, &name, note.as_deref(), style))?;
        }
        Format::Json => {
            let object = explain::object(&explainer, &name);
            escape::json_lines(&object, &mut out)?;
        }
    }
    out.flush()?;
    Ok(Outcome::Good)
}

fn graph(arguments: &Arguments, sources: &mut SourceMap, watched: &mut Watched) -> Result<Graph, Refusal> {
    watched.file(&arguments.file);
    let file = GraphFile(&arguments.file);
    let request = arguments.reading.request(file, sources)?;
    let graph = load(&file.input(), arguments.reading.spelling.map(Into::into), &request, sources);
    watched.files(&request.files);
    let graph = graph?;
    can_go_backward(&graph)?;
    Ok(graph)
}

/// Which entry of every tensor is shown, where there is a tensor.
fn note(explainer: &Explainer, asked: Asked) -> Option<String> {
    let graph = explainer.run.graph;
    let is_tensor = |id| explainer.run.gradient_of(id).is_some() && !graph.value(id).ty.shape.is_scalar();
    if !graph.ids().any(is_tensor) {
        return None;
    }
    match asked {
        Asked::Leaf(leaf, None) if !graph.value(leaf).ty.shape.is_scalar() => Some(format!(
            "of every tensor one entry is worked out: of {} the one whose gradient is largest; `--entry` takes another",
            graph.value(leaf).name
        )),
        Asked::Leaf(..) => Some("of every tensor one entry is worked out".to_string()),
        Asked::All => Some(
            "of every tensor one entry is worked out; `--wrt NAME --entry 3,7` takes another".to_string(),
        ),
    }
}

/// The leaf and the entry that are asked for.
fn asked(arguments: &Arguments, graph: &Graph) -> Result<Asked, Refusal> {
    let typed: Vec<String> = arguments.entry.iter().map(i64::to_string).collect();
    let typed = typed.join(",");
    let &[leaf] = &graph.wanted[..] else {
        if arguments.entry.is_empty() {
            return Ok(Asked::All);
        }
        let refused = Diagnostic::error(format!("`--entry {typed}`: of which leaf?"));
        return Err(refused.help(format!("name one: `--wrt NAME --entry {typed}`")).into());
    };
    if arguments.entry.is_empty() {
        return Ok(Asked::Leaf(leaf, None));
    }
    let value = graph.value(leaf);
    let shape = &value.ty.shape;
    // As in NumPy, -1 is the last.
    let place = |(&index, &length): (&i64, &usize)| {
        let from_end = if index < 0 { length } else { 0 };
        from_end.checked_add_signed(index as isize).filter(|&place| place < length)
    };
    let places: Option<Vec<usize>> = arguments.entry.iter().zip(shape.iter()).map(place).collect();
    let Some(places) = places.filter(|_| arguments.entry.len() == shape.rank()) else {
        let refused = Diagnostic::error(format!("`--entry {typed}`: `{}` has shape {shape}", value.name));
        let help = match shape.rank() {
            0 => "a scalar has no entries to choose from: leave the flag out".to_string(),
            _ => {
                let last: Vec<String> =
                    shape.iter().map(|length| length.saturating_sub(1).to_string()).collect();
                format!("one index for each axis, counted from 0: up to `--entry {}`", last.join(","))
            }
        };
        return Err(refused.help(help).into());
    };
    let offset = places.iter().zip(shape.iter()).fold(0, |offset, (&index, &length)| offset * length + index);
    Ok(Asked::Leaf(leaf, Some(offset)))
}
