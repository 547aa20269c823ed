//! `--watch`: a saved file is run again, a broken one is waited for.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::Duration,
};

/// A program that goes on, and the lines of its output and its errors as they come.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_graphrun"))
            .args(arguments)
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (send, lines) = mpsc::channel();
        let streams: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for stream in streams {
            let send = send.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let _ = send.send(line);
                }
            });
        }
        Self { child, lines }
    }

    /// Reads on until a line holds each of the words, in any order.
    fn until(&self, words: &[&str]) {
        let mut missing = words.to_vec();
        let mut seen = Vec::new();
        while !missing.is_empty() {
            let line = self
                .lines
                .recv_timeout(Duration::from_secs(60))
                .unwrap_or_else(|_| panic!("{missing:?} never came:\n{}", seen.join("\n")));
            missing.retain(|word| !line.contains(word));
            seen.push(line);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Saves as many editors do: beside the file, then renamed onto it.
fn save(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join("beside.tmp"), text).unwrap();
    fs::rename(folder.join("beside.tmp"), folder.join(name)).unwrap();
}

#[test]
fn a_saved_file_is_run_again_and_a_broken_one_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path(), "a.graph", "input x = 2\ny = x * 3\n");
    let running = Running::start(folder.path(), &["a.graph", "--backward", "--watch"]);
    running.until(&["6", "watching a.graph; Ctrl-C ends"]);
    save(folder.path(), "a.graph", "input x = 2\ny = x * 35\n");
    running.until(&["70", "watching"]);
    save(folder.path(), "a.graph", "input x = 2\ny = z * 35\n");
    running.until(&["unknown name `z`", "watching"]);
    fs::remove_file(folder.path().join("a.graph")).unwrap();
    running.until(&["cannot read a.graph", "watching"]);
    fs::write(folder.path().join("a.graph"), "input x = 2\ny = x * 400\n").unwrap();
    running.until(&["800", "watching"]);
}

#[test]
fn used_files_and_data_count_too() {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path(), "blocks.graph", "block twice(x) {\n y = x * 2\n output y\n}\n");
    save(folder.path(), "data.csv", "1.5,2\n");
    save(folder.path(), "a.graph", "use \"blocks.graph\"\ninput x = csv(\"data.csv\")\ny = sum(twice(x))\n");
    let running = Running::start(folder.path(), &["explain", "a.graph", "--watch"]);
    running.until(&["y = sum(y.twice1) = 7", "watching a.graph and 2 other files"]);
    save(folder.path(), "data.csv", "1.5,20\n");
    running.until(&["= 43", "watching"]);
    save(folder.path(), "blocks.graph", "block twice(x) {\n y = x * 2 + 100\n output y\n}\n");
    running.until(&["= 243", "watching"]);
    fs::remove_file(folder.path().join("data.csv")).unwrap();
    running.until(&["was not found", "watching"]);
    save(folder.path(), "data.csv", "1,2\n");
    running.until(&["= 206", "watching"]);
}

#[test]
fn a_page_is_served_at_an_address() {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path(), "a.graph", "input x = 2\ny = x * 3\n");
    let running = Running::start(folder.path(), &["show", "a.graph", "--to", "html", "--watch"]);
    running.until(&["http://127.0.0.1:"]);
}

#[test]
fn standard_input_cannot_be_watched() {
    let output = Command::new(env!("CARGO_BIN_EXE_graphrun")).args(["-", "--watch"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard input is none"));
}
