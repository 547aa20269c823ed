//! `graphrun convert FILE`: the same graph in the other spelling.

use super::{
    Outcome,
    limits::LimitFlags,
    options::{Color, GraphFile, SpellingFlag},
    voice::{print_refusal, results, say},
};
use crate::{
    load::document,
    resolve::Request,
    source::{SourceMap, Spelling},
    syntax::{comments, print},
};
use anyhow::Result;
use clap::Args;
use std::{io::Write, path::PathBuf};

#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// A graph file; `-` is standard input
    file: PathBuf,
    /// The spelling to write; the other one than the file's without it
    #[arg(long, value_enum)]
    to: Option<SpellingFlag>,
    /// The spelling of the file, where its name does not tell it
    #[arg(long, value_enum)]
    spelling: Option<SpellingFlag>,
    #[command(flatten)]
    limits: LimitFlags,
    /// When to paint refusals
    #[arg(long, value_enum, default_value = "auto")]
    color: Color,
}

pub fn run(arguments: &Arguments) -> Result<Outcome> {
    let mut sources = SourceMap::default();
    let input = GraphFile(&arguments.file).input();
    let spelling = arguments.spelling.map(Into::into);
    let read = arguments.limits.limits().and_then(|limits| {
        document(&input, spelling, &Request { limits, ..Request::default() }, &mut sources)
    });
    let (document, source, from) = match read {
        Ok(read) => read,
        Err(refusal) => {
            print_refusal(&refusal, &sources, arguments.color);
            return Ok(Outcome::Refused);
        }
    };
    let to = arguments.to.map_or(
        match from {
            Spelling::Graph => Spelling::Toml,
            Spelling::Toml => Spelling::Graph,
        },
        Into::into,
    );
    write!(results(), "{}", print(&document, to))?;
    let left_out = comments(&source, from);
    if left_out > 0 {
        let comments = if left_out == 1 { "1 comment is".into() } else { format!("{left_out} comments are") };
        say(format_args!("note: {comments} left out: only the graph itself is written anew\n"));
    }
    Ok(Outcome::Good)
}
