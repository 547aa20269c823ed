//! `graphrun test [PATH…]`: graph files as regression tests.

mod arguments;
mod bless;
mod choose;
mod review;

pub use arguments::Arguments;

use super::{
    Outcome,
    options::{GraphFile, LoadFlags},
    voice::{print_refusal, results},
};
use crate::{
    budget::{Budget, Share},
    diagnostic::{Diagnostic, Refusal},
    escape,
    limits::Limits,
    regress::{self, Case, Failure, LastFailures, Tested},
    report::regression::{Counts, Entry, Whole, junit, step_summary},
    resolve::Request,
    source::SourceMap,
};
use anyhow::{Context, Result};
use bless::Blesser;
use choose::Chosen;
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

/// How many times the memory of a run a comparison takes, at most in most files.
const COMPARED: u64 = 16;

pub fn run(arguments: &Arguments) -> Result<Outcome> {
    if let Some(refused) = Blesser::refused(arguments) {
        return Ok(refused);
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
    let memory = LastFailures::of(&arguments.paths);
    let cases = match choose::cases(arguments, &memory, &limits) {
        Chosen::Cases(cases) => cases,
        Chosen::Ended(outcome) => return Ok(outcome),
    };
    if arguments.list {
        let mut out = results();
        for case in &cases {
            writeln!(out, "{}", escape::line(&case.name))?;
        }
        return Ok(Outcome::Good);
    }
    run_cases(arguments, reading, limits, &cases, &memory)
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
    // Files that are tested at once share the memory that one may have.
    let budget = Budget::new(limits.bytes);
    let times = if options.no_check { 1 } else { COMPARED };
    let reading_again = reading.clone();
    let test = Arc::new(move |case: &Case, cancel: &Arc<AtomicBool>| {
        let mut sources = SourceMap::default();
        if let Some(fault) = &case.fault {
            let words = format!("cannot look into {}: {fault}", case.path.display());
            let refusal = Refusal::from(Diagnostic::error(words).help("look at its permissions"));
            return Tested::failed(Failure::Refused(refusal));
        }
        match request(&reading, case, &mut sources) {
            Ok(mut request) => {
                request.share = Share::of(&budget, times);
                regress::test(&case.input(), &request, sources, options, cancel)
            }
            Err(refusal) => Tested::failed(Failure::Refused(refusal)),
        }
    });
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let limits = regress::Limits {
        jobs: arguments.jobs.map_or(cores, usize::from),
        timeout: arguments.timeout.map(Duration::from_secs_f64),
    };
    let started = Instant::now();
    let (mut counts, mut kept, mut broken): (Counts, Vec<Entry>, io::Result<()>) =
        (Counts::default(), Vec::new(), Ok(()));
    // Only what is looked at again is kept: memory stays flat over many files.
    let keeps_all = printer.keeps_all() || arguments.junit.is_some();
    // After a stop there are gaps between the files that were run.
    let mut ran: HashSet<String> = HashSet::new();
    let mut slowest = Slowest { most: arguments.durations, files: Vec::new() };
    let mut blesser = Blesser::of(arguments, style);
    regress::run_all(cases, limits, &stop, test, |case, tested, took| {
        ran.insert(case.name.clone());
        slowest.take(case, took);
        let mut entry = Entry { case: case.clone(), tested, took };
        if let Some(blesser) = &mut blesser
            && let Ok(request) = request(&reading_again, case, &mut SourceMap::default())
        {
            blesser.bless(&request, &mut entry);
        }
        counts.take(&entry.tested);
        if let Err(fault) = results().write_all(printer.file(&entry).as_bytes())
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
                Some(graph) if !entry.tested.failures.is_empty() => graph.forget_data(),
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
    let whole =
        Whole { kept: &kept, counts: &counts, slowest: &slowest.files, took: started.elapsed(), interrupted };
    results().write_all(printer.end(&whole)?.as_bytes())?;
    write_reports(arguments, &whole)?;
    let would_change = blesser.is_some_and(|blesser| blesser.end());
    Ok(match (interrupted, counts.failed + counts.refused, counts.undecided) {
        (true, ..) => Outcome::Interrupted,
        (false, 1.., _) => Outcome::Wrong,
        (false, 0, _) if would_change => Outcome::Wrong,
        (false, 0, 1..) => Outcome::Undecided,
        (false, 0, 0) => Outcome::Good,
    })
}

/// How a file is read: as the flags say, then as its folder does.
fn request(reading: &LoadFlags, case: &Case, sources: &mut SourceMap) -> Result<Request, Refusal> {
    let Some(settings) = &case.settings else { return reading.request(GraphFile(&case.path), sources) };
    let data = reading.data.iter().chain(&settings.data).cloned().collect();
    let request = LoadFlags { data, ..reading.clone() }.request(GraphFile(&case.path), sources)?;
    Ok(Request { within: settings.within, ..request })
}

/// The files that took longest.
struct Slowest {
    most: usize,
    /// The longest first.
    files: Vec<(Duration, PathBuf)>,
}

impl Slowest {
    fn take(&mut self, case: &Case, took: Duration) {
        let at = self.files.partition_point(|(other, _)| *other >= took);
        if at < self.most {
            self.files.insert(at, (took, case.path.clone()));
            self.files.truncate(self.most);
        }
    }
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
