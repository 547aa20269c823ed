//! `graphrun.toml`: how the files of a folder are tested, and what it must not do.

use crate::common::folder::{APPLE, command, folder, test};
use std::{fs, path::Path};

fn csv(path: &Path, value: f64) {
    let text = format!("{value}\n");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

const DATA: &str = "const a = csv(\"a.csv\")\ninput x = 1\ny = x * sum(a)\n";

#[test]
fn the_nearest_settings_count() {
    let wide = format!("{APPLE}expect price = 112\n");
    let folder = folder(&[
        ("graphrun.toml", "within = 0.1\nexclude = [\"drafts/*\", \"old\"]\n"),
        ("a.graph", &wide),
        ("own.graph", &format!("within 1e-9\n{wide}")),
        ("one.graph", &format!("{wide}expect grad(tax) = 101 within 1e-9\n")),
        ("drafts/b.graph", "nonsense"),
        ("older.graph", "nonsense"),
        ("strict/graphrun.toml", "within = 1e-3\n"),
        ("strict/deep/c.graph", &wide),
        ("strict/old.graph", APPLE),
    ]);
    let (code, out, said) = test(&folder, &[]);
    assert_eq!(code, 1, "{said}");
    let ran: Vec<&str> = out.lines().take_while(|line| !line.is_empty()).collect();
    let names: Vec<&str> = ran.iter().filter_map(|line| line.split(" s  ").nth(1)).collect();
    assert_eq!(names, ["a.graph", "one.graph", "own.graph", "strict/deep/c.graph", "strict/old.graph"]);
    assert!(
        ran[0].starts_with("ok") && out.contains("tolerance   0.001") && out.contains("tolerance   1e-9")
    );
    assert!(out.contains("5 files: 2 passed, 3 failed"), "{out}");
    // From within the folder too, and of a file that is named.
    assert_eq!(test(&folder, &["a.graph"]).0, 0);
    let below = command(&folder.path().join("strict/deep"), &["."]).output().unwrap();
    assert_eq!(below.status.code(), Some(1), "above the folder one is in nothing is looked for");
    let text = String::from_utf8(below.stdout).unwrap();
    assert!(text.contains("tolerance   1e-9"), "{text}");
    // What a user names is no draft.
    assert!(test(&folder, &["drafts/b.graph"]).1.contains("REFUSED"));
    assert_eq!(test(&folder, &["drafts"]).0, 4);
}

#[test]
fn flags_win_over_settings() {
    let slow = "param W: [700, 700] = randn()\nparam V: [700, 700] = randn()\ny = sum(tanh(W @ V))\n";
    let folder = folder(&[
        ("graphrun.toml", "timeout = 0.2\ntags = [\"!slow\"]\ndata = [\"theirs\"]\n"),
        ("slow.graph", &format!("tags slow\n{slow}")),
        ("quick.graph", &format!("tags quick\n{APPLE}")),
        ("data.graph", &format!("{DATA}expect y = 3\n")),
    ]);
    csv(&folder.path().join("theirs/a.csv"), 3.0);
    csv(&folder.path().join("mine/a.csv"), 4.0);
    let (code, out, said) = test(&folder, &[]);
    assert_eq!(code, 0, "{out}{said}");
    assert!(out.contains("2 files: 2 passed"), "{out}");
    let (_, out, _) = test(&folder, &["--tag", "slow"]);
    assert!(out.contains("timed out after 0.2 s") && out.contains("1 file:"), "{out}");
    let (_, out, _) = test(&folder, &["--tag", "slow", "--timeout", "0.3"]);
    assert!(out.contains("timed out after 0.3 s"), "{out}");
    let (_, out, _) = test(&folder, &["--data", "mine", "data.graph"]);
    assert!(out.contains("wanted      3\n    got         4"), "{out}");
}

#[test]
fn settings_that_cannot_be_read_run_nothing() {
    let text =
        "dat = \"x\"\ndata = [\"../up\", \"/etc\", 3]\nwithin = -1\ntimeout = \"a\"\ntags = 7\nexclude = 1\n";
    let folder = folder(&[("graphs/graphrun.toml", text), ("graphs/a.graph", APPLE)]);
    let (code, out, said) = test(&folder, &["graphs"]);
    assert_eq!((code, out.as_str()), (2, ""));
    for words in [
        "unknown key `dat`\n --> graphs/graphrun.toml:1:1\n  |\n1 | dat = \"x\"\n  | ^^^ known: data, exclude, within",
        "did you mean `data`?",
        "the data folder \"../up\" leads out",
        "the data folder \"/etc\" leads out",
        "`data` must be a string",
        "`within` must be a tolerance of 0 or more",
        "`timeout` must be a number of seconds",
        "`tags` must be a string",
        "`exclude` must be a string",
    ] {
        assert_eq!(said.matches(words).count(), 1, "{words}: {said}");
    }
    fs::write(folder.path().join("graphs/graphrun.toml"), "within = \n").unwrap();
    let (code, _, said) = test(&folder, &["graphs"]);
    assert!(code == 2 && said.contains("graphrun.toml:1:"), "{said}");
}

#[test]
fn settings_are_no_graph() {
    let folder = folder(&[("graphrun.toml", "[nodes]\ny = \"x\"\n"), ("a.graph", APPLE)]);
    fs::write(folder.path().join("graphrun.toml"), "within = 1\n").unwrap();
    assert_eq!(test(&folder, &["--list"]).1, "a.graph\n");
    let (code, _, said) = test(&folder, &["graphrun.toml"]);
    assert!(code == 4 && said.contains("says how the graph files of its folder are tested"), "{said}");
}

/// A stranger's settings, in a pull request, open nothing outside of what is tested.
#[cfg(unix)]
#[test]
fn settings_open_no_folder_outside() {
    use std::os::unix::fs::symlink;
    let folder = folder(&[("checkout/graphs/a.graph", DATA), ("b.graph", DATA)]);
    let root = folder.path();
    csv(&root.join("secret/a.csv"), 3.0);
    csv(&root.join("checkout/private/a.csv"), 3.0);
    let settings = |place: &str, text: &str| fs::write(root.join(place).join("graphrun.toml"), text).unwrap();
    let tested = |from: &str, arguments: &[&str]| {
        let output = command(&root.join(from), arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    // Out by name, or by a link.
    symlink(root.join("secret"), root.join("checkout/graphs/link")).unwrap();
    symlink("../../secret", root.join("checkout/graphs/relative")).unwrap();
    for data in ["../../secret", "link", "relative", "link/.", "deep/../../../secret"] {
        settings("checkout/graphs", &format!("data = {data:?}\n"));
        for (from, arguments) in [
            (".", &["checkout"][..]),
            (".", &["checkout/graphs/a.graph"]),
            ("checkout", &["graphs"]),
            ("checkout/graphs", &[]),
        ] {
            let (code, out, said) = tested(from, arguments);
            assert_eq!((code, out.as_str()), (2, ""), "{data} {arguments:?}: {said}");
            assert!(said.contains("leads out of the folder of this file"), "{said}");
        }
    }
    // Above what is tested: left closed, with a warning.
    fs::remove_file(root.join("checkout/graphs/graphrun.toml")).unwrap();
    settings("checkout", "data = \"private\"\n");
    let (code, out, said) = tested("checkout", &["graphs"]);
    assert!(code == 0 && out.contains("1 skipped"), "{out}");
    assert!(said.contains("warning: the data folder \"private\" is not opened"), "{said}");
    assert!(
        said.contains("outside of graphs, which is tested") && said.contains("`--data private`"),
        "{said}"
    );
    assert!(tested("checkout", &[]).1.contains("1 passed"));
    assert!(tested("checkout", &["graphs", "--data", "private"]).1.contains("1 passed"));
    assert!(tested("checkout", &["graphs", "private"]).1.contains("1 passed"), "it is tested too");
    // The settings themselves are no link out, and no pipe.
    fs::remove_file(root.join("checkout/graphrun.toml")).unwrap();
    symlink(root.join("b.graph"), root.join("checkout/graphs/graphrun.toml")).unwrap();
    let (code, _, said) = tested("checkout", &["graphs"]);
    assert!(code == 2 && said.contains("leads out of its folder"), "{said}");
}
