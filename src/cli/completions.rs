//! `graphrun completions SHELL`.

use super::Outcome;
use anyhow::Result;
use clap::Args;
use clap_complete::{Shell, generate};

#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// The shell to print completions for
    shell: Shell,
}

pub fn run(arguments: &Arguments, command: &mut clap::Command) -> Result<Outcome> {
    let mut script = Vec::new();
    generate(arguments.shell, command, "graphrun", &mut script);
    std::io::Write::write_all(&mut std::io::stdout(), &script)?;
    Ok(Outcome::Good)
}
