//! `graphrun limits`, and the flag that sets them.

use super::{Outcome, voice::results};
use crate::{
    diagnostic::{Diagnostic, Refusal, closest},
    limits::{Limits, Row, value},
};
use anyhow::Result;
use clap::Args;
use std::io::Write;

/// The limits that a command keeps to.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reading")]
pub struct LimitFlags {
    /// Set a limit: nodes=1e8, bytes=2GB (repeatable); `graphrun limits` lists them all
    #[arg(long, value_name = "NAME=VALUE")]
    limit: Vec<String>,
}

#[derive(Debug, Clone, Args)]
pub struct Arguments {
    #[command(flatten)]
    flags: LimitFlags,
}

/// Prints the table of limits.
pub fn run(arguments: &Arguments) -> Result<Outcome> {
    let mut limits = match arguments.flags.limits() {
        Ok(limits) => limits,
        Err(Refusal(faults)) => {
            super::voice::print_refusal(&Refusal(faults), &Default::default(), super::options::Color::Auto);
            return Ok(Outcome::Refused);
        }
    };
    let shown: Vec<(&Row, String)> = Limits::TABLE
        .iter()
        .map(|row| (row, limits.get_mut(row.name).map_or_else(String::new, |limit| row.unit.shown(*limit))))
        .collect();
    let width = shown.iter().map(|(_, limit)| limit.len()).max().unwrap_or(0);
    let mut out = results();
    for (row, limit) in shown {
        writeln!(out, "{:<10} {limit:>width$}  {}", row.name, row.counts)?;
    }
    writeln!(
        out,
        "\nEverything is counted before it is made. `--limit NAME=VALUE` sets a limit in every command"
    )?;
    writeln!(out, "that reads a file: `--limit nodes=1e8`, `--limit bytes=2GB`.")?;
    Ok(Outcome::Good)
}

impl LimitFlags {
    /// The limits with what the flags set.
    ///
    /// # Errors
    /// All flags that cannot be read.
    pub fn limits(&self) -> Result<Limits, Refusal> {
        let (mut limits, mut faults) = (Limits::default(), Vec::new());
        for flag in &self.limit {
            let (word, number) = flag.split_once('=').unwrap_or((flag, ""));
            match (limits.get_mut(word), value(number)) {
                (Some(limit), Some(value)) => *limit = value,
                (None, _) => faults.push(unknown(flag, word)),
                (_, None) => faults.push(
                    Diagnostic::error(format!("`--limit {flag}`: expected a number"))
                        .help(format!("for example `--limit {word}=1e9`, or with a unit, `{word}=2G`")),
                ),
            }
        }
        if faults.is_empty() { Ok(limits) } else { Err(Refusal(faults)) }
    }
}

fn unknown(flag: &str, word: &str) -> Diagnostic {
    let known = || Limits::TABLE.iter().map(|row| row.name);
    let fault = Diagnostic::error(format!("`--limit {flag}`: no limit is called `{word}`"));
    match closest(word, known()) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => {
            let all: Vec<String> = known().map(|name| format!("`{name}`")).collect();
            fault.help(format!("the limits are {}; `graphrun limits` explains them", all.join(", ")))
        }
    }
}
