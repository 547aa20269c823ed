//! `graphrun expand FILE`: the same graph without chains and blocks, but for those with a backward by hand.

use super::{
    Outcome,
    options::{Color, GraphFile, LoadFlags, SpellingFlag},
    voice::{print_refusal, results},
};
use crate::{
    flat::flatten,
    load::load_with_document,
    source::{SourceMap, Spelling},
    syntax::print,
};
use anyhow::Result;
use clap::Args;
use std::{io::Write, path::PathBuf};

#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// A graph file; `-` is standard input
    file: PathBuf,
    /// The spelling to write; the file's own without it
    #[arg(long, value_enum)]
    to: Option<SpellingFlag>,
    #[command(flatten)]
    reading: LoadFlags,
    /// When to paint refusals
    #[arg(long, value_enum, default_value = "auto")]
    color: Color,
}

pub fn run(arguments: &Arguments) -> Result<Outcome> {
    let mut sources = SourceMap::default();
    let spelling = arguments.reading.spelling.map(Spelling::from);
    let file = GraphFile(&arguments.file);
    let loaded = arguments.reading.request(file, &mut sources).and_then(|mut request| {
        request.keep_expressions = true;
        load_with_document(&file.input(), spelling, &request, &mut sources)
    });
    let (graph, document) = match loaded {
        Ok(loaded) => loaded,
        Err(refusal) => {
            print_refusal(&refusal, &sources, arguments.color);
            return Ok(Outcome::Refused);
        }
    };
    let own = spelling.or_else(|| Spelling::of(&file.title()));
    let to = arguments.to.map(Spelling::from).or(own).unwrap_or(Spelling::Graph);
    let flat = flatten(&graph, &document, |span| sources.text(span).to_string());
    write!(results(), "{}", print(&flat, to))?;
    Ok(Outcome::Good)
}
