//! Everything is counted before it is made: a file that asks for too much is refused at once, in
//! little memory, by every command, with what was counted, the limit, the place and the way to raise it.

mod blocks;
mod commands;
mod files;
mod texts;
mod values;

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A folder of files, and graphrun in it.
struct Folder(TempDir);

struct Answer {
    code: i32,
    out: String,
    said: String,
    took: Duration,
}

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        Self(folder)
    }

    fn graph(text: &str) -> Self {
        Self::new(&[("g.graph", text.as_bytes())])
    }

    /// Runs graphrun; on Linux within 2 GB, of which most is set aside by the allocator and never used.
    fn run(&self, words: &[&str]) -> Answer {
        let started = Instant::now();
        let mut command = if cfg!(target_os = "linux") {
            let mut shell = Command::new("sh");
            shell.args(["-c", "ulimit -v 2000000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_graphrun")]);
            shell
        } else {
            Command::new(env!("CARGO_BIN_EXE_graphrun"))
        };
        let command = command.args(words).current_dir(self.0.path()).env("XDG_CACHE_HOME", self.0.path());
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, said) = (text(&output.stdout), text(&output.stderr));
        assert!(!said.contains("panicked"), "{said}");
        let code = output.status.code().unwrap_or_else(|| panic!("killed: {said}"));
        Answer { code, out, said, took: started.elapsed() }
    }

    /// Refused at once with these words.
    fn refused(&self, words: &[&str], with: &[&str]) {
        let answer = self.run(words);
        assert_eq!(answer.code, 2, "{words:?}: {}", answer.said);
        for word in with {
            assert!(answer.said.contains(word), "{words:?}: no {word:?} in {}", answer.said);
        }
        assert!(answer.took < Duration::from_secs(10), "{words:?} took {:?}", answer.took);
    }
}

/// The file is refused at once with these words.
fn refused(text: &str, with: &[&str]) {
    Folder::graph(text).refused(&["g.graph"], with);
}

/// Blocks that each use the one before twice, from `b0` on.
fn doubling(first: &str, levels: usize, suffix: &str) -> String {
    let mut text = format!("block b0{suffix}(x) {{\n {first}\n output y\n}}\n");
    for level in 1..=levels {
        let below = level - 1;
        text += &format!(
            "block b{level}{suffix}(x) {{\n y = x -> b{below}{suffix} -> b{below}{suffix}\n output y\n}}\n"
        );
    }
    text + &format!("input x = 2\ny = b{levels}{suffix}(x)\n")
}
