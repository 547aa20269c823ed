//! Commands, flags, exit codes: the only room that prints.

mod against;
mod beside;
mod compare;
mod completions;
mod convert;
mod digits;
mod expand;
mod explain;
mod export;
mod limits;
mod misread;
mod ops;
mod options;
mod outcome;
mod progress;
mod python;
mod run;
mod save;
mod serve;
mod show;
mod test;
mod voice;
mod watch;
mod welcome;

pub use outcome::Outcome;

use crate::escape;
use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use std::{ffi::OsString, process::ExitCode};
use voice::{complain, say};

/// Runs a computation graph from a text file, forward and backward, and compares
/// backward with the measured gradient of every entry.
#[derive(Debug, Parser)]
#[command(name = "graphrun", version, long_version = env!("GRAPHRUN_LONG_VERSION"), args_conflicts_with_subcommands = true, after_long_help = LEARN)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run graph files as regression tests
    Test(test::Arguments),
    /// Work the chain rule out in words and numbers
    Explain(explain::Arguments),
    /// Count the digits that a run in f32, f16 or bf16 keeps, and tell where they are lost
    Digits(digits::Arguments),
    /// List the ops and initializers, or explain one
    Ops(ops::Arguments),
    /// List the limits that files are held to
    Limits(limits::Arguments),
    /// Turn a graph file into the other spelling
    Convert(convert::Arguments),
    /// Write a graph file without chains and blocks, but for those with a backward by hand
    Expand(expand::Arguments),
    /// Write a graph as Python for PyTorch or JAX
    Export(Box<export::Arguments>),
    /// Run a graph's export in PyTorch or JAX, and judge every value and gradient
    Compare(Box<compare::Arguments>),
    /// Draw a graph with its values and gradients
    Show(Box<show::Arguments>),
    /// Print a shell's completions, or install them and the man pages
    Completions(completions::Arguments),
    /// Print a man page, for `man -l -`
    #[command(hide = true)]
    Man(completions::ManArguments),
}

const LEARN: &str = "\
A graph file, buy_apple.graph:

    title \"Two apples and the tax\"

    input apple     = 100
    input apple_num = 2
    input tax       = 1.1

    apple_price = mul(apple, apple_num)
    price       = mul(apple_price, tax)

What to do with it:

    graphrun buy_apple.graph                     every value, forward
    graphrun buy_apple.graph --backward          and every gradient
    graphrun buy_apple.graph --check             and is backward right?
    graphrun buy_apple.graph --set apple=120     with another value
    graphrun buy_apple.graph --watch             again whenever you save it
    graphrun explain buy_apple.graph             the chain rule, number by number
    graphrun digits buy_apple.graph --in f16     how many digits f16 keeps
    graphrun show buy_apple.graph                a picture: values and gradients
    graphrun test graphs                         a folder of graphs as tests
    graphrun ops affine                          what an op computes, both ways

input and param ask for a gradient, const does not; a node is `name = expression`
with + - * / @ ** and calls, `x -> affine(W, b) -> relu` chains them.

Exit codes: 0 nothing wrong · 1 a comparison failed · 2 a file or the command
line was refused · 3 undecided entries remain (--allow-undecided makes them 0)";

/// The command line as clap knows it.
fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    ExitCode::from(call(&words) as u8)
}

/// Runs a command line, of which the name of the program is no part. Where clap answers, the process ends.
pub fn call(words: &[OsString]) -> Outcome {
    if let Some(call) = misread::meant(words, commands) {
        let word = words.first().map_or_else(String::new, |word| word.display().to_string());
        complain(&format!("`{word}` is no command and no file"), &format!("did you mean `{call}`?"));
        return Outcome::Refused;
    }
    let outcome = match words.is_empty() {
        true => welcome::run(),
        false => run(parsed(words)),
    };
    match outcome {
        Ok(outcome) => outcome,
        Err(fault) => {
            say(format_args!("error: {}\n", escape::line(&format!("{fault:#}"))));
            Outcome::Refused
        }
    }
}

/// The command line as it is meant; the process ends where it cannot be read.
fn parsed(words: &[OsString]) -> Cli {
    let name = OsString::from("graphrun");
    Cli::try_parse_from(std::iter::once(&name).chain(words)).unwrap_or_else(|refused| {
        let said = refused.render().to_string();
        let shown = escape::text(&said);
        // Words that hide something are shown without clap's colours.
        if said == shown {
            refused.exit();
        }
        say(shown);
        std::process::exit(Outcome::Refused as i32)
    })
}

fn commands() -> Vec<misread::Command> {
    let is_file = |argument: &clap::Arg| argument.get_id() == "file";
    let all = command();
    let found = all.get_subcommands().map(|command| misread::Command {
        name: command.get_name().to_string(),
        takes_file: command.get_positionals().any(is_file),
    });
    found.collect()
}

fn run(cli: Cli) -> Result<Outcome> {
    match cli.command {
        Some(Command::Test(arguments)) => test::run(&arguments),
        Some(Command::Explain(arguments)) => explain::run(&arguments),
        Some(Command::Digits(arguments)) => digits::run(&arguments),
        Some(Command::Ops(arguments)) => ops::run(&arguments),
        Some(Command::Limits(arguments)) => limits::run(&arguments),
        Some(Command::Expand(arguments)) => expand::run(&arguments),
        Some(Command::Export(arguments)) => export::run(&arguments),
        Some(Command::Compare(arguments)) => compare::run(&arguments),
        Some(Command::Convert(arguments)) => convert::run(&arguments),
        Some(Command::Show(arguments)) => show::run(&arguments),
        Some(Command::Completions(arguments)) => completions::run(&arguments, command()),
        Some(Command::Man(arguments)) => completions::man(&arguments, command()),
        None => run::run(&cli.run),
    }
}
