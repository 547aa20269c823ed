//! Command lines that are nearly right, and readers that go away.

use super::common::folder::{command, folder};
use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

fn graphrun(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_graphrun"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command
}

/// The exit code, standard output and standard error.
fn said(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = graphrun(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn verbs_and_slips_are_answered_with_the_call_to_type() {
    let answers = [
        (&["check", "a.graph"][..], "graphrun a.graph --check"),
        (&["check"], "graphrun FILE --check"),
        (&["check", "a.graph", "--set", "x=[1, 2]"], "graphrun a.graph --set 'x=[1, 2]' --check"),
        (&["run", "a.graph"], "graphrun a.graph"),
        (&["forward", "a.graph"], "graphrun a.graph"),
        (&["backward", "a.graph"], "graphrun a.graph --backward"),
        (&["watch", "a.graph", "b.graph"], "graphrun a.graph b.graph --watch"),
        (&["draw", "a.graph", "-o", "a.svg"], "graphrun show a.graph -o a.svg"),
        (&["exlain", "a.graph", "--wrt", "x"], "graphrun explain a.graph --wrt x"),
        (&["chekc", "it's.graph"], r"graphrun 'it'\''s.graph' --check"),
        (&["convrt"], "graphrun convert FILE"),
        (&["tests"], "graphrun test"),
        (&["graphs"], "graphrun test graphs"),
        (&["graphs", "--check"], "graphrun test graphs"),
    ];
    for (arguments, call) in answers {
        // `tests` is a folder of this project.
        let (code, out, words) = if arguments == ["tests"] {
            let folder = tempfile::tempdir().unwrap();
            let output = graphrun(arguments).current_dir(folder.path()).output().unwrap();
            (output.status.code(), String::new(), String::from_utf8(output.stderr).unwrap())
        } else {
            said(arguments)
        };
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}: {words}");
        assert!(
            words.starts_with("error: ") && words.contains(&format!("`{call}`")),
            "{arguments:?}: {words}"
        );
    }
}

#[test]
fn files_are_files_whatever_they_are_called() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("check"), "input x = 3\ny = x * x\n").unwrap();
    let output = graphrun(&["check", "--spelling", "graph"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let (_, _, words) = said(&["chek.graph"]);
    assert!(words.contains("cannot read chek.graph"), "{words}");
}

#[test]
fn the_version_names_the_commit_where_there_is_one() {
    let (code, out, _) = said(&["--version"]);
    assert_eq!((code, said(&["-V"]).1), (Some(0), format!("graphrun {}\n", env!("CARGO_PKG_VERSION"))));
    let rest = out.trim_end().strip_prefix(&format!("graphrun {}", env!("CARGO_PKG_VERSION"))).unwrap();
    let inside = rest.strip_prefix(" (").and_then(|rest| rest.strip_suffix(')'));
    let is_commit = |(commit, date): (&str, &str)| {
        commit.len() >= 7
            && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
            && date.split('-').count() == 3
    };
    // Without a repository, as in a crate's archive, there is nothing to name; and what is built for tests
    // would be built again for every commit.
    let is_repository = Path::new(env!("CARGO_MANIFEST_DIR")).join(".git").exists();
    assert_eq!(
        inside.and_then(|inside| inside.split_once(' ')).is_some_and(is_commit),
        is_repository && !cfg!(debug_assertions),
        "{out}"
    );
}

/// The end of a pipe that nobody reads.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_reader_that_goes_away_changes_no_exit_code() {
    let file = "graphs/two_layer_net.graph";
    let commands: &[&[&str]] = &[
        &[],
        &["--help"],
        &["--version"],
        &[file],
        &[file, "--check"],
        &[file, "--quick"],
        &[file, "--profile"],
        &[file, "--format", "json"],
        &[file, "--profile", "--format", "json"],
        &["nosuch.graph", "--format", "json"],
        &["explain", "nosuch.graph", "--format", "json"],
        &["digits", "nosuch.graph", "--format", "json"],
        &["explain", file],
        &["explain", file, "--format", "json"],
        &["digits", file],
        &["digits", file, "--format", "json"],
        &["show", file],
        &["ops"],
        &["ops", "relu"],
        &["convert", file],
        &["expand", file],
        &["completions", "bash"],
        &["test", "graphs/layers"],
        &["test", "graphs/layers", "--list"],
        &["test", "graphs/layers", "--format", "json"],
        &["test", "graphs/layers", "--format", "junit"],
        &["test", "graphs/layers", "--format", "github"],
    ];
    for arguments in commands {
        let output = graphrun(arguments).stdout(closed()).output().unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(!words.contains("roken pipe") && !words.contains("panicked"), "{arguments:?}: {words}");
        let expected = if arguments.contains(&"nosuch.graph") { 2 } else { 0 };
        assert_eq!(output.status.code(), Some(expected), "{arguments:?}");
    }
}

#[test]
fn tests_and_their_report_go_on_when_their_reader_goes_away() {
    let wrong = "input x = 2\ny = x * x\nexpect y = 5\n";
    let files = folder(&[("a.graph", wrong), ("b.graph", wrong), ("c.graph", "input x = 2\ny = x * x\n")]);
    for format in ["human", "json", "junit", "github"] {
        let mut tests = command(files.path(), &["--jobs", "1", "--format", format, "--junit", "report.xml"]);
        assert_eq!(tests.stdout(closed()).status().unwrap().code(), Some(1), "{format}");
        let report = std::fs::read_to_string(files.path().join("report.xml")).unwrap();
        assert!(report.contains("tests=\"3\"") && report.contains("failures=\"2\""), "{report}");
        std::fs::remove_file(files.path().join("report.xml")).unwrap();
    }
}

#[test]
fn results_that_do_not_fit_on_a_device_say_so() {
    for command in [&["expand"][..], &["export", "--to", "torch"], &["convert"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output =
            graphrun(&[command, &["graphs/two_layer_net.graph"]].concat()).stdout(full).output().unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(words.contains("error: standard output cannot be written: "), "{words}");
    }
}

#[test]
fn errors_that_nobody_reads_keep_their_exit_code() {
    let commands: &[&[&str]] = &[
        &["nosuch.graph"],
        &["chekc", "a.graph"],
        &["tests/refusals/files/cycle.graph"],
        &["explain", "nosuch.graph"],
        &["digits", "nosuch.graph"],
        &["ops", "rellu"],
        &["test", "nosuchdir"],
        &["--nonsense"],
    ];
    for arguments in commands {
        let status = graphrun(arguments).stdout(Stdio::null()).stderr(closed()).status().unwrap();
        assert_eq!(status.code(), Some(2), "{arguments:?}");
    }
}
