//! A page that the program serves while it watches the file.

use crate::{browser::Browser, opened::Opened, pages::written};
use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

/// A program that serves until it is dropped.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn a_served_page_reloads_itself_when_the_file_is_saved(browser: &Browser) {
    let folder = tempfile::tempdir().unwrap();
    let graph = written(folder.path(), "a.graph", "input x = 2\ny = x * 3\n");
    let child = Command::new(env!("CARGO_BIN_EXE_graphrun"))
        .arg("show")
        .arg(&graph)
        .args(["--to", "html", "--watch"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut serving = Serving(child);
    let mut lines = BufReader::new(serving.0.stderr.take().unwrap()).lines().map_while(Result::ok);
    let url = lines.find(|line| line.starts_with("http://127.0.0.1:")).expect("an address");
    thread::spawn(move || lines.count());
    let opened = Opened::new(browser, &url);
    opened.key("ArrowRight");
    opened.key("ArrowRight");
    assert!(opened.text("#says").contains("step 2"), "{}", opened.text("#says"));
    let until = |words: &str| opened.until(&format!("document.body.innerText.includes({words:?})"));
    fs::write(&graph, "input x = 2\ny = x * 40\n").unwrap();
    until("80");
    assert!(opened.hash().contains("step=2"), "{}", opened.hash());
    fs::write(&graph, "input x = 2\ny = z * 40\n").unwrap();
    until("unknown name `z`");
    fs::write(&graph, "input x = 3\ny = x * 40\n").unwrap();
    until("120");
}
