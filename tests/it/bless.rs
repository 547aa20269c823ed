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
