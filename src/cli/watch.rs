//! `--watch`: the same again whenever a file that was read is saved.
//!
//! It looks at every file's time and length instead of asking the system for news:
//! that works on every file system, and for editors that save by renaming.

use super::{
    Outcome,
    options::Color,
    voice::{is_read, results, say},
};
use crate::{
    escape,
    initializers::{Files, Stamp},
};
use anyhow::Result;
use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    time::Duration,
};

/// Between two looks at the files.
const PAUSE: Duration = Duration::from_millis(100);

/// The files of one run, and how each was when it was read.
#[derive(Debug, Default)]
pub struct Watched {
    files: Vec<(PathBuf, Stamp)>,
}

impl Watched {
    /// A file that is about to be read.
    pub fn file(&mut self, path: &Path) {
        self.files.push((path.to_path_buf(), Stamp::of(path)));
    }

    /// The files that a graph looked for beside its own.
    pub fn files(&mut self, files: &Files) {
        self.files.extend(files.looked_for());
    }

    /// Waits until one of the files is another than it was, and then until no one
    /// writes any more.
    pub fn wait(&self) {
        while self.files.iter().all(|(path, stamp)| Stamp::of(path) == *stamp) {
            std::thread::sleep(PAUSE);
        }
        let now = || self.files.iter().map(|(path, _)| Stamp::of(path)).collect::<Vec<_>>();
        let mut before = now();
        loop {
            std::thread::sleep(PAUSE / 2);
            let after = now();
            if after == before {
                return;
            }
            before = after;
        }
    }

    /// The first file's name, and how many were found beside it.
    fn words(&self) -> String {
        let mut found: Vec<&Path> = self
            .files
            .iter()
            .filter(|(_, stamp)| *stamp != Stamp::default())
            .map(|(path, _)| &**path)
            .collect();
        found.sort();
        found.dedup();
        let first = self.files.first().map_or_else(String::new, |(path, _)| path.display().to_string());
        match found.len() {
            0 | 1 => first,
            2 => format!("{first} and another file"),
            several => format!("{first} and {} other files", several - 1),
        }
    }
}

/// Calls `once` now and whenever a file that it read changes; whatever is wrong with
/// the files, it goes on. Ctrl-C ends the process, and a reader of the output who goes away the watching.
///
/// # Errors
/// What `once` cannot go on from, as an output that cannot be written.
pub fn again(color: Color, mut once: impl FnMut(&mut Watched) -> Result<Outcome>) -> Result<Outcome> {
    loop {
        if io::stdout().is_terminal() {
            // The screen is cleared; what has scrolled off it stays.
            write!(results(), "\x1b[2J\x1b[H")?;
        }
        let mut watched = Watched::default();
        let outcome = once(&mut watched)?;
        results().flush()?;
        if !is_read() {
            return Ok(outcome);
        }
        let line = format!("watching {}; Ctrl-C ends", escape::line(&watched.words()));
        say(format_args!("\n{}\n", color.style(&io::stderr()).faint(&line)));
        watched.wait();
    }
}
