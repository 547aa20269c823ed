//! `graphrun completions` and `graphrun man`: what shells and `man` know of this program.

use super::{
    Outcome, ops,
    voice::{complain, results},
};
use crate::{escape, write::write};
use anyhow::{Context, Result, bail};
use clap::Args;
use clap_complete::{Shell, generate};
use clap_mangen::Man;
use std::{
    env,
    fmt::Write as _,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// The shell to print completions for
    #[arg(required_unless_present = "install")]
    shell: Option<Shell>,
    /// Put them and the man pages in place for this user, without a SHELL for the one you use
    #[arg(long)]
    install: bool,
}

#[derive(Debug, Clone, Args)]
pub struct ManArguments {
    /// A command to print the page of
    command: Option<String>,
}

pub fn run(arguments: &Arguments, command: clap::Command) -> Result<Outcome> {
    let said = match (arguments.install, arguments.shell) {
        (false, Some(shell)) => script(shell, command),
        (_, shell) => {
            let shell = shell.or_else(Shell::from_env);
            let shell =
                shell.context("SHELL names no shell that has completions: say which, `--install bash`")?;
            install(shell, command)?.into_bytes()
        }
    };
    results().write_all(&said)?;
    Ok(Outcome::Good)
}

/// Prints a man page, for `man -l -` to lay out.
pub fn man(arguments: &ManArguments, command: clap::Command) -> Result<Outcome> {
    let wanted = match &arguments.command {
        Some(name) => format!("graphrun-{name}"),
        None => "graphrun".to_string(),
    };
    let pages = pages(command)?;
    let Some((_, page)) = pages.iter().find(|(name, _)| *name == wanted) else {
        let names: Vec<&str> = pages.iter().filter_map(|(name, _)| name.strip_prefix("graphrun-")).collect();
        complain("no command has this name", &format!("the commands are {}", names.join(", ")));
        return Ok(Outcome::Refused);
    };
    results().write_all(page)?;
    Ok(Outcome::Good)
}

fn script(shell: Shell, mut command: clap::Command) -> Vec<u8> {
    let mut script = Vec::new();
    generate(shell, &mut command, "graphrun", &mut script);
    if shell == Shell::Fish {
        // The generator leaves the values of arguments without a flag out.
        let names: Vec<&str> = ops::names().collect();
        let line = format!(
            "complete -c graphrun -n \"__fish_graphrun_using_subcommand ops\" -f -a \"{}\"\n",
            names.join(" ")
        );
        script.extend(line.into_bytes());
    }
    script
}

/// The pages of the program and of its commands, each with its name.
fn pages(command: clap::Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let listed = command.get_subcommands().filter(|command| !command.is_hide_set());
    let all = std::iter::once(&command).chain(listed);
    all.map(|command| {
        let name = command.get_display_name().unwrap_or(command.get_name()).to_string();
        let mut page = Vec::new();
        Man::new(command.clone()).render(&mut page)?;
        Ok((name, page))
    })
    .collect()
}

/// Where the user's data lies, by the XDG base directories.
fn data_home() -> Result<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
        .context("neither XDG_DATA_HOME nor HOME names a folder to install into")
}

/// Writes the completions of a shell and the man pages; what was done, and what is
/// left to do.
fn install(shell: Shell, command: clap::Command) -> Result<String> {
    let data = data_home()?;
    let path = match shell {
        Shell::Bash => "bash-completion/completions/graphrun",
        Shell::Zsh => "zsh/site-functions/_graphrun",
        Shell::Fish => "fish/vendor_completions.d/graphrun.fish",
        other => {
            bail!("{other} reads completions from no folder; print them: `graphrun completions {other}`")
        }
    };
    let mut said = String::new();
    let mut put = |path: PathBuf, bytes: &[u8]| {
        write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        writeln!(said, "wrote {}", escape::line(&path.to_string_lossy()))?;
        anyhow::Ok(())
    };
    put(data.join(path), &script(shell, command.clone()))?;
    for (name, page) in pages(command)? {
        put(data.join("man/man1").join(format!("{name}.1")), &page)?;
    }
    writeln!(said, "\n{}", escape::text(&to_complete(shell, &data)))?;
    writeln!(said, "{}", escape::text(&to_read(&data)))?;
    Ok(said)
}

/// What is left to do for the completions.
fn to_complete(shell: Shell, data: &Path) -> String {
    let works = "completions work in every shell that you open from now on";
    match shell {
        Shell::Bash => format!("{works}, where the package bash-completion is installed"),
        Shell::Zsh => {
            let folder = data.join("zsh/site-functions");
            match is_in_fpath(&folder) {
                true => works.to_string(),
                false => format!(
                    "zsh does not look there yet; add this line to ~/.zshrc:\n\n    fpath=({} $fpath); autoload -Uz compinit; compinit\n",
                    escape::shell(&folder.to_string_lossy())
                ),
            }
        }
        _ => works.to_string(),
    }
}

/// Whether zsh looks into a folder, as far as its variable and its rc file tell.
fn is_in_fpath(folder: &Path) -> bool {
    let exported = env::var_os("FPATH").unwrap_or_default();
    let home = env::var_os("ZDOTDIR").or_else(|| env::var_os("HOME")).map(PathBuf::from).unwrap_or_default();
    let rc = std::fs::read_to_string(home.join(".zshrc")).unwrap_or_default();
    let is_named = |line: &str| !line.trim_start().starts_with('#') && line.contains("fpath");
    let folder_words = folder.to_string_lossy();
    env::split_paths(&exported).any(|one| one == folder)
        || rc.lines().any(|line| is_named(line) && line.contains(&*folder_words))
}

/// What is left to do for the man pages.
fn to_read(data: &Path) -> String {
    let folder = data.join("man");
    let lists = |name| env::var_os(name).unwrap_or_default();
    // `man` looks beside the folders of the path, too.
    let beside = data.parent().map(|parent| parent.join("bin"));
    let is_found = env::split_paths(&lists("MANPATH")).any(|one| one == folder)
        || env::split_paths(&lists("PATH")).any(|one| Some(one) == beside);
    match is_found {
        true => "`man graphrun` and `man graphrun-test` show the man pages".to_string(),
        false => format!(
            "`man` does not look there yet; with this line in your shell's rc file `man graphrun` works:\n\n    export MANPATH={}:\n",
            escape::shell(&folder.to_string_lossy())
        ),
    }
}
