//! `graphrun test [PATH…]`: graph files as regression tests.

use super::{
    Outcome,
    bless::bless,
    limits::LimitFlags,
    options::{Color, LoadFlags},
    voice::{complain, print_refusal, say},
};
use crate::{
    budget::{Budget, Share},
    diagnostic::{Diagnostic, Refusal},
    escape,
    limits::Limits,
    regress::{self, Blessing, Case, Failure, LastFailures, Selection, Tested},
    report::regression::{Counts, Entry, Github, Human, Junit, Lines, Printer, Whole, junit, step_summary},
    source::SourceMap,
};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use std::{
    collections::HashSet,
    io::{self, Write},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT)]
pub struct Arguments {
    /// Folders that are walked, and graph files
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Leave the comparison of gradients out
    #[arg(long)]
    no_check: bool,
    /// Undecided entries do not fail a file
    #[arg(long)]
    allow_undecided: bool,
    /// A data file that is missing fails its graph file, which is skipped without this
    #[arg(long)]
    no_skip: bool,
    /// Only files whose name holds this text, or matches this glob (repeatable)
    #[arg(short, long, value_name = "TEXT", help_heading = "Choosing")]
    filter: Vec<String>,
    /// Not the files whose name holds this text, or matches this glob (repeatable)
    #[arg(long, value_name = "TEXT", help_heading = "Choosing")]
    exclude: Vec<String>,
    /// Only the files that failed last time
    #[arg(long, help_heading = "Choosing")]
    failed: bool,
    /// The K-th of N parts, the same on every machine
    #[arg(long, value_name = "K/N", value_parser = shard, help_heading = "Choosing")]
    shard: Option<(u64, u64)>,
    /// List the files, and run none
    #[arg(short, long, help_heading = "Choosing")]
    list: bool,
    /// Files at a time; one for each core without it
    #[arg(short, long, value_name = "N", help_heading = "Running")]
    jobs: Option<usize>,
    /// Stop at the first failure
    #[arg(long, help_heading = "Running")]
    fail_fast: bool,
    /// The most that one file may take, from reading it on; a late one fails, and ends at its next step
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Running")]
    timeout: Option<f64>,
    /// Mark files that take longer
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Printing")]
    slow: Option<f64>,
    /// Write what came out into the files: missing expectations, and those that fail; `new` writes only missing ones
    #[arg(long, value_name = "WHAT", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "all", help_heading = "Blessing")]
    bless: Option<BlessFlag>,
    /// Bless even where the variable CI is set
    #[arg(long, requires = "bless", help_heading = "Blessing")]
    bless_in_ci: bool,
    /// List every expectation with its error, tolerance and slack
    #[arg(long, help_heading = "Printing")]
    audit: bool,
    /// Print nothing on success but the summary
    #[arg(short, long, help_heading = "Printing")]
    quiet: bool,
    /// How results are printed
    #[arg(long, value_enum, default_value = "human", help_heading = "Printing")]
    format: Format,
    /// Write a JUnit report too
    #[arg(long, value_name = "FILE", help_heading = "Printing")]
    junit: Option<PathBuf>,
    /// When to paint
    #[arg(long, value_enum, default_value = "auto", help_heading = "Printing")]
    color: Color,
    /// A folder for data files, after each graph file's own (repeatable)
    #[arg(long, value_name = "DIR", help_heading = "Reading")]
    data: Vec<PathBuf>,
    #[command(flatten)]
    limits: LimitFlags,
}

const EXIT: &str = "\
Exit codes: 0 nothing failed, though files may have been skipped for want of their
data · 1 a file failed · 2 the command line was refused · 3 undecided entries remain ·
4 there is no graph file · 130 interrupted";

/// How many times the memory of a run a comparison takes, at most in most files.
const COMPARED: u64 = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
    Junit,
    Github,
}

impl Arguments {
    fn printer(&self) -> Box<dyn Printer> {
        let style = self.color.style(&io::stdout());
        let human = Human { style, quiet: self.quiet, slow: self.slow, audit: self.audit };
        match self.format {
            Format::Human => Box::new(human),
            Format::Json => Box::new(Lines { audit: self.audit }),
            Format::Junit => Box::new(Junit),
            Format::Github => Box::new(Github(human)),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum BlessFlag {
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

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds < 1e9 => Ok(seconds),
        _ => Err("expected a number of seconds, such as 0.5".to_string()),
    }
}

pub fn run(arguments: &Arguments) -> Result<Outcome> {
    if arguments.bless.is_some() && std::env::var_os("CI").is_some() && !arguments.bless_in_ci {
        let help = "bless on your own machine, or say `--bless-in-ci`";
        complain("nothing is blessed where the variable CI is set", help);
        return Ok(Outcome::Refused);
    }
    let reading =
        LoadFlags { data: arguments.data.clone(), limits: arguments.limits.clone(), ..LoadFlags::default() };
    let limits = match reading.limits.limits() {
        Ok(limits) => limits,
        Err(refusal) => {
            print_refusal(&refusal, &SourceMap::default(), arguments.color);
            return Ok(Outcome::Refused);
        }
    };
    if nowhere(&arguments.paths) {
        return Ok(Outcome::Refused);
    }
    let memory = LastFailures::of(&arguments.paths);
    let only = match arguments.failed {
        true => Some(memory.failed().unwrap_or_default().into_iter().collect()),
        false => None,
    };
    let selection = Selection {
        filters: arguments.filter.clone(),
        excluded: arguments.exclude.clone(),
        shard: arguments.shard,
        only,
    };
    let cases = regress::find(&arguments.paths, &selection);
    if cases.is_empty() {
        return Ok(nothing_found(arguments, &selection));
    }
    let mut out = io::stdout().lock();
    if arguments.list {
        for case in &cases {
            writeln!(out, "{}", escape::line(&case.name))?;
        }
        return Ok(Outcome::Good);
    }
    drop(out);
    run_cases(arguments, reading, limits, &cases, &memory)
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
fn nothing_found(arguments: &Arguments, selection: &Selection) -> Outcome {
    if arguments.failed {
        say("no file is known to have failed\n");
        return Outcome::Good;
    }
    let whole = Selection { shard: None, ..selection.clone() };
    if let Some((part, parts)) = arguments.shard
        && !regress::find(&arguments.paths, &whole).is_empty()
    {
        say(format_args!("no file falls into part {part} of {parts}\n"));
        return Outcome::Good;
    }
    let folders: Vec<String> = arguments.paths.iter().map(|path| path.display().to_string()).collect();
    let help = match arguments.filter.is_empty() && arguments.exclude.is_empty() {
        true => "graph files end in `.graph`, or in `.toml` and hold `[nodes]` or the like",
        false => "none of the files is chosen: `graphrun test --list` shows them all",
    };
    complain(&format!("there is no graph file in {}", folders.join(", ")), help);
    Outcome::NoFiles
}

fn run_cases(
    arguments: &Arguments,
    reading: LoadFlags,
    limits: Limits,
    cases: &[Case],
    memory: &LastFailures,
) -> Result<Outcome> {
    let (printer, style) = (arguments.printer(), arguments.color.style(&io::stdout()));
    let (stop, interrupted) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let flags = (stop.clone(), interrupted.clone());
    ctrlc::set_handler(move || {
        // The second time ends the program where it is: nothing is half-written.
        if flags.1.swap(true, Ordering::SeqCst) {
            std::process::exit(Outcome::Interrupted as i32);
        }
        flags.0.store(true, Ordering::SeqCst);
    })
    .context("cannot listen for Ctrl-C")?;

    let options = regress::Options {
        no_check: arguments.no_check,
        allow_undecided: arguments.allow_undecided,
        no_skip: arguments.no_skip,
    };
    let blessing = reading.clone();
    // Files that are tested at once share the memory that one may have.
    let budget = Budget::new(limits.bytes);
    let times = if options.no_check { 1 } else { COMPARED };
    let test = Arc::new(move |case: &Case, cancel: &Arc<AtomicBool>| {
        let mut sources = SourceMap::default();
        if let Some(fault) = &case.fault {
            let words = format!("cannot look into {}: {fault}", case.path.display());
            let refusal = Refusal::from(Diagnostic::error(words).help("look at its permissions"));
            return Tested::failed(Failure::Refused(refusal));
        }
        match reading.request(Some(&case.path), &mut sources) {
            Ok(mut request) => {
                request.share = Share::of(&budget, times);
                regress::test(&case.input(), &request, sources, options, cancel)
            }
            Err(refusal) => Tested::failed(Failure::Refused(refusal)),
        }
    });
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let limits = regress::Limits {
        jobs: arguments.jobs.unwrap_or(cores).max(1),
        timeout: arguments.timeout.map(Duration::from_secs_f64),
    };
    let started = Instant::now();
    let (mut counts, mut kept, mut broken): (Counts, Vec<Entry>, io::Result<()>) =
        (Counts::default(), Vec::new(), Ok(()));
    // Only what is looked at again is kept: memory stays flat over many files.
    let keeps_all = printer.keeps_all() || arguments.junit.is_some();
    // After a stop there are gaps between the files that were run.
    let mut ran: HashSet<String> = HashSet::new();
    regress::run_all(cases, limits, &stop, test, |case, tested, took| {
        ran.insert(case.name.clone());
        counts.take(&tested);
        let mut entry = Entry { case: case.clone(), tested, took };
        let blessed = match arguments.bless {
            Some(flag) => match blessing.request(Some(&case.path), &mut SourceMap::default()) {
                Ok(request) => bless(flag.into(), &request, &mut entry, &mut counts, style),
                // Its test was refused for the same.
                Err(_) => Ok(()),
            },
            None => Ok(()),
        };
        let printed = blessed.and_then(|()| io::stdout().write_all(printer.file(&entry).as_bytes()));
        if let Err(fault) = printed
            && broken.is_ok()
        {
            broken = Err(fault);
            stop.store(true, Ordering::SeqCst);
        }
        let outcome = entry.tested.outcome();
        if outcome.is_bad() && arguments.fail_fast {
            stop.store(true, Ordering::SeqCst);
        }
        if outcome != regress::Outcome::Passed || keeps_all {
            match &mut entry.tested.graph {
                Some(graph) if outcome.is_bad() => graph.forget_data(),
                _ => {
                    entry.tested.graph = None;
                    entry.tested.comparison = None;
                }
            }
            kept.push(entry);
        }
    });
    broken?;
    counts.left = cases.len() - counts.all();
    // What was not run this time failed or passed as before.
    let before = memory.failed().unwrap_or_default().into_iter().filter(|name| !ran.contains(name));
    let failed = kept.iter().filter(|entry| entry.tested.outcome().is_bad());
    let names: Vec<String> = before.chain(failed.map(|entry| entry.case.name.clone())).collect();
    memory.remember(&names);
    let interrupted = interrupted.load(Ordering::SeqCst);
    let whole = Whole { kept: &kept, counts: &counts, took: started.elapsed(), interrupted };
    io::stdout().write_all(printer.end(&whole)?.as_bytes())?;
    write_reports(arguments, &whole)?;
    Ok(match (interrupted, counts.failed, counts.undecided) {
        (true, ..) => Outcome::Interrupted,
        (false, 1.., _) => Outcome::Wrong,
        (false, 0, 1..) => Outcome::Undecided,
        (false, 0, 0) => Outcome::Good,
    })
}

/// The reports that go into files.
fn write_reports(arguments: &Arguments, whole: &Whole) -> Result<()> {
    if let Some(path) = &arguments.junit {
        crate::write::write(path, junit(whole.kept)?.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY") {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path)?;
        file.write_all(step_summary(whole).as_bytes())?;
    }
    Ok(())
}
