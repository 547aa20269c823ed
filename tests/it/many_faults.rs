//! A file of nothing but errors, or a folder of anything, is answered soon and in few words.

use crate::common::folder::folder;
use std::{
    fmt::Write,
    process::Command,
    time::{Duration, Instant},
};

/// So many that a look through all of them for each would take for ever.
const MANY: usize = 20_000;

/// Lines that a file's faults may take.
const LINES: usize = 300;

/// Far beyond what it takes, and far below what it took when time grew with the square.
const BOUND: Duration = Duration::from_secs(60);

fn lines(of: impl Fn(usize) -> String) -> String {
    (0..MANY).fold(String::new(), |mut text, at| {
        let _ = writeln!(text, "{}", of(at));
        text
    })
}

/// Runs and tests a file; what was said of it, in each way.
fn answers(name: &str, text: &str) -> Vec<String> {
    let folder = folder(&[(name, text)]);
    let calls: [&[&str]; 7] = [
        &[name],
        &[name, "--format", "json"],
        &["convert", name],
        &["test", name],
        &["test", name, "--format", "json"],
        &["test", name, "--format", "junit"],
        &["test", name, "--format", "github"],
    ];
    let said = calls.iter().map(|arguments| {
        let started = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_graphrun"));
        command.args(*arguments).current_dir(folder.path()).env_remove("CI");
        let summary = folder.path().join("summary.md");
        command.env("GITHUB_STEP_SUMMARY", &summary).env("XDG_CACHE_HOME", folder.path());
        let output = command.output().unwrap();
        assert!(started.elapsed() < BOUND, "{name} {arguments:?} took {:?}", started.elapsed());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        text(&output.stdout) + &text(&output.stderr) + &std::fs::read_to_string(summary).unwrap_or_default()
    });
    said.collect()
}

fn few_words(name: &str, text: &str) {
    for (at, said) in answers(name, text).iter().enumerate() {
        // A file that can be converted is.
        let is_converted = at == 2 && !said.starts_with("error");
        let most = if at == 1 { 10 * LINES } else { LINES };
        assert!(
            is_converted || said.lines().count() <= most,
            "{name}, call {at}: {} lines",
            said.lines().count()
        );
        assert!(is_converted || at == 1 || said.len() < 100_000, "{name}, call {at}: {} bytes", said.len());
    }
}

#[test]
fn an_unknown_name_in_every_line() {
    few_words("a.graph", &lines(|at| format!("y{at} = nope{at} + 1")));
    few_words("a.toml", &format!("[nodes]\n{}", lines(|at| format!("y{at} = \"nope{at} + 1\""))));
}

#[test]
fn one_name_in_every_line() {
    few_words("a.graph", &lines(|_| "n = a1b2 + c".to_string()));
    few_words("a.toml", &format!("[nodes]\n{}", lines(|_| "n = \"a1b2 + c\"".to_string())));
}

#[test]
fn a_slip_of_the_spelling_in_every_line() {
    few_words("a.graph", &lines(|_| "a b".to_string()));
    few_words("a.graph", &lines(|_| "y = (".to_string()));
    few_words("a.toml", &lines(|_| "= =".to_string()));
    few_words("a.toml", &format!("[nodes]\n{}", lines(|at| format!("y{at} = x * 2"))));
    few_words("a.toml", &lines(|at| format!("[section{at}]\nx = 1")));
}

#[test]
fn everything_in_one_line() {
    let sum: Vec<String> = (0..MANY).map(|at| format!("nope{at}")).collect();
    few_words("a.graph", &format!("y = {}\n", sum.join(" + ")));
    let table: Vec<String> = (0..MANY).map(|at| format!("y{at} = \"nope{at}\"")).collect();
    few_words("a.toml", &format!("nodes = {{ {} }}\n", table.join(", ")));
}

#[test]
fn an_expectation_that_fails_in_every_line() {
    let nodes = lines(|at| format!("y{at} = x * 2"));
    few_words("a.graph", &format!("input x = 2\n{nodes}{}", lines(|at| format!("expect y{at} = 5"))));
    let (nodes, wanted) = (lines(|at| format!("y{at} = \"x * 2\"")), lines(|at| format!("y{at} = 5")));
    few_words("a.toml", &format!("[inputs]\nx = 2\n[nodes]\n{nodes}[expect]\n{wanted}"));
    few_words("a.graph", &format!("input x = 2\ny = x\n{}", lines(|at| format!("expect error \"{at}\""))));
}

#[test]
fn long_names_that_are_nearly_alike() {
    let long = "a".repeat(3000);
    let mut text = String::new();
    for at in 0..300 {
        let _ = writeln!(text, "input {long}{at} = 1\ny{at} = {long}{at}z + 1");
    }
    few_words("a.graph", &text);
}

#[test]
fn what_is_left_out_is_counted() {
    let text = lines(|at| format!("y{at} = nope{at} + 1"));
    let said = answers("a.graph", &text);
    let more = |shown: usize| MANY - shown;
    assert!(said[0].ends_with(&format!("… and {} more errors\n", more(20))), "{}", said[0]);
    assert!(said[1].contains(&format!("\"more_errors\": {}", more(200))), "{}", said[1].len());
    assert!(said[3].contains(&format!("… and {} more errors\n", more(20))));
    for said in &said[4..] {
        assert!(said.contains(&format!("(and {} more)", more(1))), "{said}");
    }
    let fails =
        format!("input x = 2\ny = x * 2\n{}output y\n", lines(|at| format!("z{at} = x\nexpect z{at} = 5")));
    let said = answers("a.graph", &fails);
    assert!(said[3].contains(&format!("… and {} more failures\n", more(20))), "{}", said[3]);
    assert!(said[4].contains(&format!("\"more_failures\":{}", more(200))));
    assert!(said[5].contains(&format!("and {} more", more(20))));
    assert!(said[6].contains(&format!("{} more failures are in the log", more(9))));
}

#[test]
fn files_of_other_programs_are_told_by_their_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let large = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes.repeat((20 << 20) / bytes.len())).unwrap();
    };
    large("nul.toml", &[0]);
    large("other.toml", b"[package]\nname = \"x\"\n");
    std::fs::write(folder.path().join("graph.toml"), "[inputs]\nx = 1\n[nodes]\ny = \"x * 2\"\n").unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 1000000; exec \"$0\" test --list", env!("CARGO_BIN_EXE_graphrun")]);
    let started = Instant::now();
    let output = command.current_dir(folder.path()).env("XDG_CACHE_HOME", folder.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "graph.toml\n", "{output:?}");
    assert!(started.elapsed() < BOUND);
}
