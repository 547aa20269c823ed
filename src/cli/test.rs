//! `graphrun test [PATH…]`: graph files as regression tests.

use super::{
    Outcome,
    options::{Color, LoadFlags, print_refusal},
};
use crate::{
    diagnostic::{Diagnostic, Refusal},
    regress::{self, Blessing, Case, Failure, LastFailures, Selection, Tested},
    report::regression::{self as report, Counts, Entry},
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
    /// The most that one file may take
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
    /// Raise a limit: file, nodes, elements, bytes or depth
    #[arg(long, value_name = "NAME=N", help_heading = "Reading")]
    limit: Vec<String>,
}

const EXIT: &str = "\
Exit codes: 0 all passed · 1 a file failed · 2 the command line was refused ·
3 undecided entries remain · 4 there is no graph file · 130 interrupted";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
    Junit,
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum BlessFlag {
    All,
    New,
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
        eprintln!("error: nothing is blessed where the variable CI is set");
        eprintln!(" = help: bless on your own machine, or say `--bless-in-ci`");
        return Ok(Outcome::Refused);
    }
    let reading =
        LoadFlags { data: arguments.data.clone(), limit: arguments.limit.clone(), ..LoadFlags::default() };
    if let Err(refusal) = reading.request(None, &mut SourceMap::default()) {
        print_refusal(&refusal, &SourceMap::default(), arguments.color);
        return Ok(Outcome::Refused);
    }
    let memory = LastFailures::of(&arguments.paths);
    let only = match arguments.failed {
        true => Some(memory.failed().unwrap_or_default()),
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
            writeln!(out, "{}", case.name)?;
        }
        return Ok(Outcome::Good);
    }
    drop(out);
    run_cases(arguments, reading, &cases, &memory)
}

/// No file is an error of its own; no file that failed last time is none, nor is a
/// part of few files into which none falls.
fn nothing_found(arguments: &Arguments, selection: &Selection) -> Outcome {
    if arguments.failed {
        eprintln!("no file is known to have failed");
        return Outcome::Good;
    }
    let whole = Selection { shard: None, ..selection.clone() };
    if let Some((part, parts)) = arguments.shard
        && !regress::find(&arguments.paths, &whole).is_empty()
    {
        eprintln!("no file falls into part {part} of {parts}");
        return Outcome::Good;
    }
    let folders: Vec<String> = arguments.paths.iter().map(|path| path.display().to_string()).collect();
    eprintln!("error: there is no graph file in {}", folders.join(", "));
    match arguments.filter.is_empty() && arguments.exclude.is_empty() {
        true => {
            eprintln!(" = help: graph files end in `.graph`, or in `.toml` and hold `[nodes]` or the like")
        }
        false => eprintln!(" = help: none of the files is chosen: `graphrun test --list` shows them all"),
    }
    Outcome::NoFiles
}

fn run_cases(
    arguments: &Arguments,
    reading: LoadFlags,
    cases: &[Case],
    memory: &LastFailures,
) -> Result<Outcome> {
    let style = arguments.color.style(&io::stdout());
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

    let options =
        regress::Options { no_check: arguments.no_check, allow_undecided: arguments.allow_undecided };
    let test = Arc::new(move |case: &Case, cancel: &Arc<AtomicBool>| {
        let mut sources = SourceMap::default();
        if let Some(fault) = &case.fault {
            let words = format!("cannot look into {}: {fault}", case.path.display());
            let refusal = Refusal::from(Diagnostic::error(words).help("look at its permissions"));
            return Tested::failed(Failure::Refused(refusal));
        }
        match reading.request(Some(&case.path), &mut sources) {
            Ok(request) => regress::test(&case.path, &request, sources, options, cancel),
            Err(refusal) => Tested::failed(Failure::Refused(refusal)),
        }
    });
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let limits = regress::Limits {
        jobs: arguments.jobs.unwrap_or(cores).max(1),
        timeout: arguments.timeout.map(Duration::from_secs_f64),
    };
    let started = Instant::now();
    let (mut counts, mut kept, mut broken): (Counts, Vec<Entry>, Result<()>) =
        (Counts::default(), Vec::new(), Ok(()));
    // Only what is looked at again is kept: memory stays flat over many files.
    let keeps_all = arguments.audit || arguments.format == Format::Junit || arguments.junit.is_some();
    // After a stop there are gaps between the files that were run.
    let mut ran: HashSet<String> = HashSet::new();
    regress::run_all(cases, limits, &stop, test, |case, tested, took| {
        ran.insert(case.name.clone());
        counts.take(tested.outcome());
        let mut entry = Entry { case: case.clone(), tested, took };
        let blessed = bless(arguments, &mut entry, &mut counts, style);
        let printed = blessed.and_then(|()| print_file(arguments, &entry, style));
        if let Err(fault) = printed
            && broken.is_ok()
        {
            broken = Err(fault);
            stop.store(true, Ordering::SeqCst);
        }
        let failed = entry.tested.outcome() != regress::Outcome::Passed;
        if failed && arguments.fail_fast {
            stop.store(true, Ordering::SeqCst);
        }
        if failed || keeps_all {
            if !failed {
                entry.tested.graph = None;
                entry.tested.comparison = None;
            }
            kept.push(entry);
        }
    });
    broken?;
    counts.left = cases.len() - counts.all();
    // What was not run this time failed or passed as before.
    let before = memory.failed().unwrap_or_default().into_iter().filter(|name| !ran.contains(name));
    let failed = kept.iter().filter(|entry| entry.tested.outcome() != regress::Outcome::Passed);
    let names: Vec<String> = before.chain(failed.map(|entry| entry.case.name.clone())).collect();
    memory.remember(&names);
    let interrupted = interrupted.load(Ordering::SeqCst);
    print_end(arguments, &kept, &counts, started.elapsed(), interrupted)?;
    Ok(match (interrupted, counts.failed, counts.undecided) {
        (true, ..) => Outcome::Interrupted,
        (false, 1.., _) => Outcome::Wrong,
        (false, 0, 1..) => Outcome::Undecided,
        (false, 0, 0) => Outcome::Good,
    })
}

fn print_file(arguments: &Arguments, entry: &Entry, style: crate::report::Style) -> Result<()> {
    let mut out = io::stdout().lock();
    match arguments.format {
        Format::Human | Format::Github => {
            if !arguments.quiet || entry.tested.outcome() != regress::Outcome::Passed {
                let line = report::line(&entry.case, &entry.tested, entry.took, arguments.slow, style);
                write!(out, "{line}")?;
            }
        }
        Format::Json => writeln!(out, "{}", report::file_line(entry, arguments.audit))?,
        Format::Junit => {}
    }
    Ok(())
}

/// Blesses one file, if that is asked; what was mended no longer counts as failed.
fn bless(
    arguments: &Arguments,
    entry: &mut Entry,
    counts: &mut Counts,
    style: crate::report::Style,
) -> Result<()> {
    let blessing = match arguments.bless {
        None => return Ok(()),
        Some(BlessFlag::All) => Blessing::All,
        Some(BlessFlag::New) => Blessing::New,
    };
    let tested = &entry.tested;
    let (Some(graph), Some(source)) = (&tested.graph, &tested.source) else { return Ok(()) };
    let (path, comparison) = (&entry.case.path, tested.comparison.as_ref());
    let mut said = io::stderr().lock();
    match regress::bless(path, graph, &tested.sources, source, comparison, &tested.failures, blessing) {
        Ok(None) => {}
        Ok(Some(blessed)) => {
            let name = path.display().to_string();
            let mut diff = diffy::DiffOptions::new();
            diff.set_context_len(1).set_original_filename(name.clone()).set_modified_filename(name.clone());
            write!(said, "{}", diff.create_patch(&blessed.before, &blessed.after))?;
            if let Some((arrays, _)) = &blessed.arrays {
                writeln!(said, "and arrays in {}", arrays.display())?;
            }
            match blessed.write() {
                Ok(()) if blessing == Blessing::All => {
                    let was = tested.outcome();
                    entry.tested.failures.retain(|failure| !matches!(failure, Failure::Mismatch(_)));
                    if was == regress::Outcome::Failed && entry.tested.outcome() == regress::Outcome::Passed {
                        counts.failed -= 1;
                        counts.passed += 1;
                    }
                }
                Ok(()) => {}
                Err(fault) => {
                    let words = format!("cannot be written: {fault}; it is as it was");
                    writeln!(said, "{}  {name}  {words}", style.bad("FAIL"))?;
                    if entry.tested.outcome() == regress::Outcome::Passed {
                        counts.passed -= 1;
                        counts.failed += 1;
                    }
                    let fault = Diagnostic::error(format!("{name} {words}"));
                    entry.tested.failures.push(Failure::Refused(Refusal::from(fault)));
                }
            }
        }
        Err(why) => writeln!(said, "{}  {why}", path.display())?,
    }
    Ok(())
}

fn print_end(
    arguments: &Arguments,
    kept: &[Entry],
    counts: &Counts,
    took: Duration,
    interrupted: bool,
) -> Result<()> {
    let style = arguments.color.style(&io::stdout());
    let mut out = io::stdout().lock();
    let failed = || kept.iter().filter(|entry| entry.tested.outcome() != regress::Outcome::Passed);
    match arguments.format {
        Format::Human | Format::Github => {
            for entry in failed() {
                write!(out, "{}", report::failures(entry, style))?;
            }
            if arguments.audit {
                write!(out, "\n{}", report::audit(kept, style))?;
            }
            if failed().next().is_some() || arguments.audit {
                writeln!(out)?;
            }
            write!(out, "{}", report::summary(counts, took, style))?;
            if arguments.format == Format::Github {
                write!(out, "{}", report::annotations(kept))?;
            }
        }
        Format::Json => writeln!(out, "{}", report::summary_line(counts, took, interrupted))?,
        Format::Junit => writeln!(out, "{}", report::junit(kept)?)?,
    }
    if let Some(path) = &arguments.junit {
        regress::write_atomically(path, report::junit(kept)?.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY") {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path)?;
        file.write_all(report::step_summary(kept, counts, took).as_bytes())?;
    }
    Ok(())
}
