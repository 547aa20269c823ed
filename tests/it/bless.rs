//! `graphrun test --bless`: what it writes, and what it never does.

use crate::common::folder::{APPLE, command, folder, test};
use std::{fs, process::Command};

#[test]
fn blessing_keeps_layout_and_comments_and_then_passes() {
    let graph = "# a comment\ninput  W = 0.5   # spaces\nx  =  W * 3\nexpect x = 7 # wrong\n";
    let toml = "# a comment\n[inputs]\nW = 0.5   # spaces\n\n[nodes]\nx = \"W * 3\"\n\n[expect]\nx = { value = 7, within = 1e-6 } # wrong\n";
    let folder = folder(&[
        ("a.graph", graph),
        ("b.toml", toml),
        ("c.graph", "param W: [5, 6] = randn()\ny = sum(W * W)"),
    ]);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(test(&folder, &[]).0, 1);

    let (code, _, said) = test(&folder, &["--bless=new"]);
    assert_eq!(code, 1, "what fails still fails");
    assert!(said.contains("+expect grad(W) = 3"), "{said}");
    assert!(read("a.graph").starts_with(graph), "nothing that was there has changed");

    let (code, _, said) = test(&folder, &["--bless"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(read("a.graph"), graph.replace("= 7", "= 1.5") + "expect grad(W) = 3\n");
    let blessed = read("b.toml");
    assert!(
        blessed.contains("W = 0.5   # spaces")
            && blessed.contains("x = { value = 1.5, within = 1e-6 } # wrong"),
        "{blessed}"
    );
    assert!(blessed.contains("[expect.grad]\nW = 3"), "{blessed}");
    assert!(
        read("c.graph").contains("expect grad(W) = npz(\"c.graph.expect.npz\", \"grad.W\")"),
        "{}",
        read("c.graph")
    );

    let (code, out, _) = test(&folder, &[]);
    assert_eq!(code, 0, "{out}");
    let before = ["a.graph", "b.toml", "c.graph"].map(read);
    assert_eq!(test(&folder, &["--bless"]).0, 0);
    assert_eq!(before, ["a.graph", "b.toml", "c.graph"].map(read), "nothing is left to bless");
    let left = fs::read_dir(folder.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".tmp"));
    assert_eq!(left.count(), 0);
}

#[test]
fn what_is_not_right_is_not_blessed() {
    let wrong = "block f(x) {\n y = x * x\n output y\n backward x = upstream * x\n}\ninput x = 3\ny = f(x)\nexpect y = 1\n";
    let nan = "input x = -1\ny = log(x)\n";
    let folder = folder(&[("wrong.graph", wrong), ("nan.graph", nan)]);
    let (code, _, said) = test(&folder, &["--bless"]);
    assert_eq!(code, 1);
    assert!(said.contains("the comparison is wrong"), "{said}");
    assert_eq!(fs::read_to_string(folder.path().join("wrong.graph")).unwrap(), wrong);
    assert_eq!(fs::read_to_string(folder.path().join("nan.graph")).unwrap(), nan);

    let output = command(folder.path(), &["--bless"]).env("CI", "true").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_folder_that_cannot_be_written_leaves_the_file_as_it_was() {
    let folder = folder(&[("full/a.graph", APPLE)]);
    let full = folder.path().join("full");
    // A small file system that is full stands in for a full disk; making one needs rights.
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=8k", "tmpfs"])
        .arg(&full)
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !mounted {
        eprintln!("no file system could be mounted: not tested here");
        return;
    }
    fs::write(full.join("a.graph"), APPLE).unwrap();
    let mut filler = vec![b'#'; 4096];
    while fs::write(full.join("filler"), &filler).is_err() && filler.len() > 1 {
        filler.truncate(filler.len() / 2);
    }
    let (code, out, said) = test(&folder, &["--bless", "full"]);
    let after = fs::read_to_string(full.join("a.graph")).unwrap();
    let files = fs::read_dir(&full).unwrap().count();
    assert!(Command::new("umount").arg(&full).status().unwrap().success());
    assert_eq!((code, after.as_str(), files), (1, APPLE, 2), "{out}{said}");
}

#[test]
fn blessing_writes_the_file_itself_and_not_the_one_it_uses() {
    let library =
        "block layer(; units = 2) {\n    param W: [units] = [3, 4]\n    y = 2 * W\n    output y\n}\n";
    let main = "use \"lib.graph\"\ny = sum(layer())\n";
    let folder = folder(&[("main.graph", main), ("lib.graph", library)]);
    let (code, _, said) = test(&folder, &["--bless", "main.graph"]);
    assert_eq!(code, 0, "{said}");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("lib.graph"), library);
    assert!(
        read("main.graph").starts_with(main) && read("main.graph").contains("expect y = 14"),
        "{}",
        read("main.graph")
    );
    assert_eq!(test(&folder, &["main.graph"]).0, 0);
}

#[test]
fn arrays_beside_a_file_are_its_own_and_keep_company() {
    let graph = "param W: [5, 6] = randn()\ny = sum(W * W)\n";
    let toml = "[params]\nW = { shape = [5, 6], value = \"randn(seed = 4)\" }\n[nodes]\ny = \"sum(W * W)\"\n";
    let folder = folder(&[("a.graph", graph), ("a.toml", toml)]);
    assert_eq!(test(&folder, &["--bless"]).0, 0);
    assert_eq!(test(&folder, &[]).0, 0, "the two do not share their arrays");
    // One more array under a key of its own, then the first is blessed anew.
    let path = folder.path().join("a.graph");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("randn()", "randn(seed = 9)")
            + "V = W * 2\noutput y\nexpect V = npz(\"a.graph.expect.npz\", \"grad.W\")\n",
    )
    .unwrap();
    let (code, out, said) = test(&folder, &["--bless", "a.graph"]);
    assert_eq!(code, 0, "{out}{said}");
    assert_eq!(test(&folder, &[]).0, 0);
}

#[test]
fn nothing_is_blessed_without_a_good_comparison() {
    let wrong = "block f(x) {\n y = x * x\n output y\n backward x = upstream * x\n}\ninput x = 3\ny = f(x)\n";
    let folder = folder(&[("a.graph", wrong), ("b.graph", &format!("{wrong}expect check = wrong\n"))]);
    for arguments in [&["--bless", "--no-check"][..], &["--bless"]] {
        let (_, _, said) = test(&folder, arguments);
        assert_eq!(said.matches("not blessed").count(), 2, "{said}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("a.graph")).unwrap(), wrong);
}

#[test]
fn a_dry_run_says_what_would_change_and_by_how_much() {
    let net = "param W: [5, 6] = ones()\ny = sum(W * W)\nexpect y = 30.5\nexpect shape(W) = [6, 5]\n\
        expect grad(W) = [1, 2]\n";
    let new = "input x = 3\ny = x * x\n";
    let folder = folder(&[
        ("a.graph", net),
        ("b.graph", new),
        ("c.graph", &format!("{new}expect y = 9\nexpect grad(x) = 6\n")),
    ]);
    let (code, out, said) = test(&folder, &["--bless", "--dry-run"]);
    assert_eq!(code, 1, "{out}{said}");
    for line in [
        "a.graph  changed  y: 30.5 → 30, by 0.50",
        "a.graph  changed  shape(W): [6, 5] → [5, 6]",
        "a.graph  changed  grad(W): shape [2] → [5, 6], [5, 6] from 2.0 to 2.0",
        "b.graph  new      y: 9",
        "b.graph  new      grad(x): 6",
        "+expect shape(W) = [5, 6]",
        "2 files would change; nothing was written",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!((read("a.graph").as_str(), read("b.graph").as_str()), (net, new));
    assert!(!folder.path().join("a.graph.expect.npz").exists());
    // A change that nothing fails without is a change all the same; where CI is set it may be looked for.
    let output =
        command(folder.path(), &["--bless", "--dry-run", "b.graph"]).env("CI", "true").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(test(&folder, &["--bless", "--dry-run", "c.graph"]).0, 0);
    assert_eq!(test(&folder, &["--dry-run", "c.graph"]).0, 2, "of a blessing only");

    let (code, out, said) = test(&folder, &["--bless"]);
    assert_eq!(code, 0, "{out}{said}");
    assert!(out.contains("3 files: 3 passed"), "{out}");
    assert_eq!(test(&folder, &["--bless", "--dry-run"]).0, 0, "nothing is left to bless");
}

#[test]
fn shapes_are_blessed_in_both_spellings() {
    let toml = "[inputs]\nx = [1, 2, 3]\n[nodes]\ny = \"x * 2\"\n[expect]\ny = [2, 4] # two\n[expect.grad]\nx = [1, 1, 1]\n\
        [expect.shape]\ny = [2]\n";
    let folder = folder(&[("a.toml", toml)]);
    assert_eq!(test(&folder, &[]).0, 1);
    let (code, out, said) = test(&folder, &["--bless"]);
    assert_eq!(code, 0, "{out}{said}");
    let after = fs::read_to_string(folder.path().join("a.toml")).unwrap();
    let wanted = toml
        .replace("y = [2, 4] #", "y = [2, 4, 6] #")
        .replace("y = [2]", "y = [3]")
        .replace("[1, 1, 1]", "[2, 2, 2]");
    assert_eq!(after, wanted);
}

#[test]
fn a_formula_is_never_overwritten() {
    let text = "param W = [1, 2]\nloss = sum(W * W)\ndW = 3 * W\nexpect grad(W) = dW\nexpect loss = 4\n";
    let folder =
        folder(&[("a.graph", text), ("b.graph", "xfail \"known\"\ninput x = 2\ny = x * x\nexpect y = 5\n")]);
    let (code, out, said) = test(&folder, &["--bless"]);
    assert_eq!(code, 1, "{out}");
    assert!(said.contains("a.graph  not blessed: `grad(W) = dW` is a formula"), "{said}");
    assert!(said.contains("b.graph  not blessed: it is expected to fail"), "{said}");
    assert_eq!(
        fs::read_to_string(folder.path().join("a.graph")).unwrap(),
        text.replace("loss = 4", "loss = 5")
    );
    assert!(out.contains("grad(W)[1]") && !out.contains("wanted      4\n"), "{out}");
    assert!(fs::read_to_string(folder.path().join("b.graph")).unwrap().ends_with("expect y = 5\n"));
}

/// On a pseudo terminal, which `script` makes.
#[cfg(target_os = "linux")]
#[test]
fn changes_are_reviewed_one_by_one() {
    use std::io::Write;
    let text =
        "input x = 3\ny = x * x\nz = x + 1\noutput y\nexpect y = 1\nexpect z = 2\nexpect grad(x) = 3\n";
    let folder = folder(&[("a.graph", text)]);
    let (code, _, said) = test(&folder, &["--bless", "--review"]);
    assert!(code == 2 && said.contains("asks on a terminal, and there is none"), "{said}");
    let call = format!("{} test a.graph --bless --review", env!("CARGO_BIN_EXE_graphrun"));
    let mut command = Command::new("script");
    command.args(["-qec", &call, "/dev/null"]).current_dir(folder.path()).env_remove("CI");
    command.env("XDG_CACHE_HOME", folder.path().join(".cache"));
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        eprintln!("there is no `script`: not tested here");
        return;
    };
    // The terminal is there when the question is.
    std::thread::sleep(std::time::Duration::from_millis(500));
    child.stdin.as_mut().unwrap().write_all(b"n\ny\nq\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.matches("bless it? yes, no, all, quit").count(), 3, "{said}");
    assert_eq!(fs::read_to_string(folder.path().join("a.graph")).unwrap(), text.replace("z = 2", "z = 4"));
}
