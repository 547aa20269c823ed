//! Flags that several commands share, and what they stand for.

use super::limits::LimitFlags;
use crate::{
    budget::Share,
    diagnostic::{Diagnostic, Refusal},
    initializers::Files,
    inside::folder_of,
    limits::Limits,
    load::{self, Input},
    precision::Precision,
    report::Style,
    resolve::Request,
    source::{Name, SourceMap, Spanned, Spelling},
    syntax::Expression,
};
use clap::{Args, ValueEnum};
use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    sync::Arc,
};

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Whether to paint what goes to a stream.
    pub fn style(self, stream: &impl IsTerminal) -> Style {
        let wanted = || std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let dumb = || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let color = match self {
            Self::Auto => stream.is_terminal() && wanted() && !dumb(),
            Self::Always => true,
            Self::Never => false,
        };
        Style { color }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SpellingFlag {
    Toml,
    Graph,
}

impl From<SpellingFlag> for Spelling {
    fn from(flag: SpellingFlag) -> Self {
        match flag {
            SpellingFlag::Toml => Self::Toml,
            SpellingFlag::Graph => Self::Graph,
        }
    }
}

/// A number format on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PrecisionFlag {
    F64,
    F32,
    Tf32,
    F16,
    Bf16,
    #[value(name = "fp8_e4m3")]
    E4m3,
    #[value(name = "fp8_e5m2")]
    E5m2,
}

impl From<PrecisionFlag> for Precision {
    fn from(flag: PrecisionFlag) -> Self {
        match flag {
            PrecisionFlag::F64 => Self::F64,
            PrecisionFlag::F32 => Self::F32,
            PrecisionFlag::Tf32 => Self::Tf32,
            PrecisionFlag::F16 => Self::F16,
            PrecisionFlag::Bf16 => Self::Bf16,
            PrecisionFlag::E4m3 => Self::E4m3,
            PrecisionFlag::E5m2 => Self::E5m2,
        }
    }
}

/// A graph file as it is named on the command line, where `-` is standard input.
#[derive(Clone, Copy)]
pub struct GraphFile<'a>(pub &'a Path);

impl<'a> GraphFile<'a> {
    pub fn is_stdin(self) -> bool {
        self.0.as_os_str() == "-"
    }

    pub fn input(self) -> Input<'a> {
        if self.is_stdin() { Input::Stdin } else { Input::File(self.0) }
    }

    /// Where it lies; standard input lies nowhere.
    pub fn path(self) -> Option<&'a Path> {
        (!self.is_stdin()).then_some(self.0)
    }

    /// What it is called where people read it.
    pub fn title(self) -> String {
        self.path().map_or_else(|| "standard input".to_string(), |path| path.display().to_string())
    }
}

/// A whole number from 0 on.
pub fn whole(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "expected a whole number from 0 on".to_string())
}

/// A time.
pub fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds < 1e9 => Ok(seconds),
        _ => Err("expected a number of seconds, such as 0.5".to_string()),
    }
}

/// How a graph file is read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reading")]
pub struct LoadFlags {
    /// Give a leaf another value, an expression of the language: 'x=[1, 2]', 'x=npy("x.npy")'
    #[arg(long, value_name = "NAME=EXPR")]
    pub set: Vec<String>,
    /// Where backward starts, in place of the file's output
    #[arg(long, value_name = "NODE", value_delimiter = ',')]
    pub output: Vec<String>,
    /// The gradient that backward starts from at an output, in place of ones: 'y=[[1, 0], [0, 2]]'
    #[arg(long, value_name = "NAME=EXPR")]
    pub upstream: Vec<String>,
    /// Leaves whose gradients are asked for, in place of all inputs and params
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub wrt: Vec<String>,
    /// A folder for data files, after the graph file's own (repeatable)
    #[arg(long, value_name = "DIR")]
    pub data: Vec<PathBuf>,
    /// The seed of the random stream, in place of the file's
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<u32>,
    /// The spelling, where the file's name does not tell it
    #[arg(long, value_enum)]
    pub spelling: Option<SpellingFlag>,
    #[command(flatten)]
    pub limits: LimitFlags,
}

impl LoadFlags {
    /// What these flags ask of the graph in a file; expressions among them join `sources`.
    ///
    /// # Errors
    /// All flags that cannot be read.
    pub fn request(&self, file: GraphFile, sources: &mut SourceMap) -> Result<Request, Refusal> {
        let mut faults = Vec::new();
        let limits = self.limits.limits().unwrap_or_else(|Refusal(found)| {
            faults.extend(found);
            Limits::default()
        });
        let mut assignments = |flag: &str, words: &[String]| -> Vec<(Name, Expression)> {
            let read = words.iter().map(|word| assignment(flag, word, &limits, sources));
            let good = read.filter_map(|read| read.map_err(|Refusal(found)| faults.extend(found)).ok());
            good.collect()
        };
        let (set, upstreams) = (assignments("--set", &self.set), assignments("--upstream", &self.upstream));
        let mut names = |flag: &str, words: &[String]| -> Vec<Name> {
            if words.iter().any(|word| word.trim().is_empty()) {
                let typed = words.join(",");
                faults.push(
                    Diagnostic::error(format!("`{flag} {typed}`: a name is missing"))
                        .help(format!("names are separated by one comma each: `{flag} x,y`")),
                );
            }
            words.iter().filter_map(|word| name(flag, word.trim(), sources)).collect()
        };
        let (outputs, wrt) = (names("--output", &self.output), names("--wrt", &self.wrt));
        if !faults.is_empty() {
            return Err(Refusal(faults));
        }
        let beside = file.path().map_or(Path::new("."), folder_of).to_path_buf();
        let folders = std::iter::once(beside).chain(self.data.clone());
        let files = Files::new(folders.collect());
        Ok(Request {
            set,
            given: Arc::default(),
            outputs,
            upstreams,
            wrt,
            seed: self.seed,
            files,
            keep_expressions: false,
            limits,
            within: None,
            share: Share::default(),
        })
    }
}

/// `NAME=EXPR`.
fn assignment(
    flag: &str,
    word: &str,
    limits: &Limits,
    sources: &mut SourceMap,
) -> Result<(Name, Expression), Refusal> {
    let Some((own, value)) = word.split_once('=') else {
        return Err(Diagnostic::error(format!("`{flag} {word}`: expected NAME=EXPR"))
            .help(format!("for example `{flag} 'x=[1, 2]'`"))
            .into());
    };
    let own = own.trim();
    let too_long = || Refusal::from(Diagnostic::error(format!("`{flag} {own}` is too long")));
    let name = name(flag, own, sources).ok_or_else(too_long)?;
    let source = sources.add(&format!("{flag} {own}"), value).ok_or_else(too_long)?;
    Ok((name, load::expression(&source, limits)?))
}

/// A name from the command line, with a place of its own.
fn name(flag: &str, word: &str, sources: &mut SourceMap) -> Option<Name> {
    let source = sources.add(flag, word)?;
    Some(Spanned::new(word.into(), source.span()))
}
