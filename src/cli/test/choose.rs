//! Which files a call of `graphrun test` is about, and what is said where there are none.

use super::Arguments;
use crate::{
    cli::{
        Outcome,
        voice::{complain, say, warn},
    },
    limits::Limits,
    regress::{self, Case, Found, LastFailures, Selection},
};
use std::{collections::BTreeSet, io, path::PathBuf};

/// What came of choosing.
pub enum Chosen {
    Cases(Vec<Case>),
    /// There is nothing to test, and why was said.
    Ended(Outcome),
}

/// Finds the files that the flags, and the settings of their folders, are about.
pub fn cases(arguments: &Arguments, memory: &LastFailures, limits: &Limits) -> Chosen {
    if nowhere(&arguments.paths) {
        return Chosen::Ended(Outcome::Refused);
    }
    let only = arguments.failed.then(|| memory.failed().unwrap_or_default().into_iter().collect());
    let selection = Selection {
        filters: arguments.filter.clone(),
        excluded: arguments.exclude.clone(),
        shard: arguments.shard,
        only,
        as_found: arguments.as_found,
    };
    let Found { cases, faults, sources } = regress::find(&arguments.paths, &selection);
    warn(&faults, &sources, arguments.color);
    if faults.iter().any(|fault| !fault.warning) {
        return Chosen::Ended(Outcome::Refused);
    }
    let (cases, known) = regress::tagged(cases, arguments.tags().as_ref(), limits);
    match cases.is_empty() {
        true => Chosen::Ended(nothing_found(arguments, &selection, &known)),
        false => Chosen::Cases(cases),
    }
}

/// Whether a path is not there, which it says; a link that leads nowhere is there, and fails.
fn nowhere(paths: &[PathBuf]) -> bool {
    let missing =
        |path: &&PathBuf| path.symlink_metadata().is_err_and(|fault| fault.kind() == io::ErrorKind::NotFound);
    let missing: Vec<&PathBuf> = paths.iter().filter(missing).collect();
    if let [first, rest @ ..] = &missing[..] {
        let more = if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
        let message = format!("cannot test {}: no such file or directory{more}", first.display());
        complain(&message, "name folders and graph files; without any, the folder you are in is tested");
    }
    !missing.is_empty()
}

/// No file is an error of its own; no file that failed last time is none, nor is a
/// part of few files into which none falls.
fn nothing_found(arguments: &Arguments, selection: &Selection, tags: &BTreeSet<String>) -> Outcome {
    if arguments.as_found {
        return Outcome::Good;
    }
    if arguments.failed {
        say("no file is known to have failed\n");
        return Outcome::Good;
    }
    let whole = Selection { shard: None, ..selection.clone() };
    if let Some((part, parts)) = arguments.shard
        && !regress::find(&arguments.paths, &whole).cases.is_empty()
    {
        say(format_args!("no file falls into part {part} of {parts}\n"));
        return Outcome::Good;
    }
    let folders: Vec<String> = arguments.paths.iter().map(|path| path.display().to_string()).collect();
    let folders = folders.join(", ");
    if !tags.is_empty() {
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        let mut help = format!("the tags of its files are {}", tags.join(", "));
        if arguments.tag.is_empty() {
            help.push_str("; `graphrun.toml` chooses among them, and `--tag` wins over it");
        }
        complain(&format!("no graph file in {folders} has the tags that are asked for"), &help);
        return Outcome::NoFiles;
    }
    if arguments.paths.iter().any(|path| path.file_name().is_some_and(|name| name == regress::SETTINGS)) {
        let help = format!("`{}` says how the graph files of its folder are tested", regress::SETTINGS);
        complain(&format!("there is no graph file in {folders}"), &help);
        return Outcome::NoFiles;
    }
    let all = regress::find(&arguments.paths, &Selection::default()).cases.len();
    if all > 0 {
        let files =
            if all == 1 { "the one graph file".to_string() } else { format!("the {all} graph files") };
        let help = "`--filter` and `--exclude` choose by name: `graphrun test --list` shows the names of all";
        complain(&format!("none of {files} in {folders} is chosen"), help);
        return Outcome::NoFiles;
    }
    let help = "graph files end in `.graph`, or in `.toml` and hold `[nodes]` or the like";
    complain(&format!("there is no graph file in {folders}"), help);
    Outcome::NoFiles
}
