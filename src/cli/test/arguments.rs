//! The flags of `graphrun test`.

use crate::{
    cli::{
        limits::LimitFlags,
        options::{Color, seconds, whole},
    },
    regress::{Blessing, Tags},
    report::regression::{Github, Human, Junit, Lines, Printer},
};
use clap::{Args, ValueEnum};
use std::{io, path::PathBuf};

#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT)]
pub struct Arguments {
    /// Folders that are walked, and graph files
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Leave the comparison of gradients out
    #[arg(long)]
    pub(super) no_check: bool,
    /// Undecided entries do not fail a file
    #[arg(long)]
    pub(super) allow_undecided: bool,
    /// Skip nothing: files that say `skip` run, and one whose data is missing is refused
    #[arg(long)]
    pub(super) no_skip: bool,
    /// Only files whose name holds this text, or matches this glob (repeatable)
    #[arg(short, long, value_name = "TEXT", help_heading = "Choosing")]
    pub(super) filter: Vec<String>,
    /// Not the files whose name holds this text, or matches this glob (repeatable)
    #[arg(long, value_name = "TEXT", help_heading = "Choosing")]
    pub(super) exclude: Vec<String>,
    /// Only files with this tag, or, as `!slow`, without it (repeatable); in place of the tags of `graphrun.toml`
    #[arg(long, value_name = "TAG", value_delimiter = ',', help_heading = "Choosing")]
    pub(super) tag: Vec<String>,
    /// Take the files that are named as if they were found in a folder: pass over what is no graph or is
    /// excluded, and be content when none is left
    #[arg(long, help_heading = "Choosing")]
    pub(super) as_found: bool,
    /// Only the files that failed last time
    #[arg(long, help_heading = "Choosing")]
    pub(super) failed: bool,
    /// The K-th of N parts, the same on every machine
    #[arg(long, value_name = "K/N", value_parser = shard, help_heading = "Choosing")]
    pub(super) shard: Option<(u64, u64)>,
    /// List the files, and run none
    #[arg(short, long, help_heading = "Choosing", conflicts_with_all = ["format", "junit", "bless"])]
    pub(super) list: bool,
    /// Files at a time; one for each core without it
    #[arg(short, long, value_name = "N", help_heading = "Running", value_parser = clap::value_parser!(u16).range(1..), allow_negative_numbers = true)]
    pub(super) jobs: Option<u16>,
    /// Stop at the first failure
    #[arg(long, help_heading = "Running")]
    pub(super) fail_fast: bool,
    /// The most that one file may take, from reading it on; a late one fails, and ends at its next step
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true, help_heading = "Running")]
    pub(super) timeout: Option<f64>,
    /// Mark files that take longer
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true, help_heading = "Printing")]
    pub(super) slow: Option<f64>,
    /// Write what came out into the files: missing expectations, and those that fail; `new` writes only missing ones
    #[arg(long, value_name = "WHAT", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "all", help_heading = "Blessing")]
    pub(super) bless: Option<BlessFlag>,
    /// Show what --bless would change, and by how much, and write nothing; 1 where anything would
    #[arg(long, requires = "bless", help_heading = "Blessing")]
    pub(super) dry_run: bool,
    /// Ask of every change on the terminal whether to bless it
    #[arg(long, requires = "bless", conflicts_with = "dry_run", help_heading = "Blessing")]
    pub(super) review: bool,
    /// Bless even where the variable CI is set
    #[arg(long, requires = "bless", help_heading = "Blessing")]
    pub(super) bless_in_ci: bool,
    /// Name the N files that took longest
    #[arg(long, value_name = "N", value_parser = whole, allow_negative_numbers = true, default_value_t = 0, hide_default_value = true, help_heading = "Printing")]
    pub(super) durations: usize,
    /// List every expectation with its error, tolerance and slack
    #[arg(long, help_heading = "Printing")]
    pub(super) audit: bool,
    /// Print nothing on success but the summary
    #[arg(short, long, help_heading = "Printing")]
    pub(super) quiet: bool,
    /// How results are printed
    #[arg(long, value_enum, default_value = "human", help_heading = "Printing")]
    pub(super) format: Format,
    /// Write a JUnit report too
    #[arg(long, value_name = "FILE", help_heading = "Printing")]
    pub(super) junit: Option<PathBuf>,
    /// When to paint
    #[arg(long, value_enum, default_value = "auto", help_heading = "Printing")]
    pub(super) color: Color,
    /// A folder for data files, after each graph file's own (repeatable)
    #[arg(long, value_name = "DIR", help_heading = "Reading")]
    pub(super) data: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) limits: LimitFlags,
}

const EXIT: &str = "\
A `graphrun.toml` in a folder, or above it, says how its files are tested: `data`, `exclude`,
`within`, `timeout`, `tags`. Flags win over it.

Exit codes: 0 nothing failed, though files may have been skipped · 1 a file failed or was refused, or
--dry-run would change one · 2 the command line or a `graphrun.toml` was refused · 3 undecided entries
remain · 4 there is no graph file · 130 interrupted";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Human,
    Json,
    Junit,
    Github,
}

impl Arguments {
    pub(super) fn printer(&self) -> Box<dyn Printer> {
        let style = self.color.style(&io::stdout());
        let human = Human { style, quiet: self.quiet, slow: self.slow, audit: self.audit };
        match self.format {
            Format::Human => Box::new(human),
            Format::Json => Box::new(Lines { audit: self.audit }),
            Format::Junit => Box::new(Junit),
            Format::Github => Box::new(Github(human)),
        }
    }

    /// The tags that the user asks for.
    pub(super) fn tags(&self) -> Option<Tags> {
        (!self.tag.is_empty()).then(|| Tags::of(self.tag.iter().map(|tag| tag.trim())))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum BlessFlag {
    All,
    New,
}

impl From<BlessFlag> for Blessing {
    fn from(flag: BlessFlag) -> Self {
        match flag {
            BlessFlag::All => Self::All,
            BlessFlag::New => Self::New,
        }
    }
}

fn shard(text: &str) -> Result<(u64, u64), String> {
    let parse = || {
        let (part, parts) = text.split_once('/')?;
        Some((part.parse::<u64>().ok()?, parts.parse::<u64>().ok()?))
    };
    match parse() {
        Some((part, parts)) if (1..=parts).contains(&part) => Ok((part, parts)),
        _ => Err("expected K/N with K from 1 to N, such as 1/3".to_string()),
    }
}
