//! What a folder of strangers' files makes the program open and write: nothing outside of it.
#![cfg(unix)]

use crate::common::folder::{APPLE, command, folder, test};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    process::Command,
};

const ARRAYS: &str = "input x: [25] = linspace(0, 1, 25)\ny = sum(x * x * x)\n";

#[test]
fn links_out_of_the_tested_folder_are_refused_unread() {
    let folder = folder(&[
        ("out/config", "[core]\n\textraheader = SECRET\n"),
        ("out/o.graph", APPLE),
        ("out/p.graph", APPLE),
        ("out/t.toml", "[inputs]\nSECRET = 1\n[nodes]\ny = \"SECRET +\"\n"),
        ("in/good.graph", APPLE),
    ]);
    let link = |to: &str, from: &str| symlink(to, folder.path().join("in").join(from)).unwrap();
    link("../out/config", "leak.graph");
    link("../out/o.graph", "o.graph");
    link("../out/t.toml", "t.toml");
    link("../out", "whole");
    let absolute = folder.path().join("out/p.graph");
    symlink(&absolute, folder.path().join("in/absolute.graph")).unwrap();
    let (code, out, said) = test(&folder, &["in"]);
    assert_eq!(code, 1, "{out}{said}");
    assert!(!out.contains("SECRET") && !said.contains("SECRET"), "{out}{said}");
    assert_eq!(out.matches("leads out of the folder").count(), 3, "{out}");
    assert!(out.contains("1 passed"), "{out}");

    let before = fs::read_to_string(folder.path().join("out/o.graph")).unwrap();
    test(&folder, &["in", "--bless"]);
    assert_eq!(fs::read_to_string(folder.path().join("out/o.graph")).unwrap(), before);

    // What the user names is the user's own word.
    assert_eq!(test(&folder, &["in/o.graph"]).0, 0);
}

#[test]
fn links_that_stay_inside_are_followed() {
    let folder = folder(&[("in/sub/a.graph", APPLE)]);
    symlink("sub/a.graph", folder.path().join("in/relative.graph")).unwrap();
    symlink(folder.path().join("in/sub/a.graph"), folder.path().join("in/absolute.graph")).unwrap();
    let (code, out, said) = test(&folder, &["in"]);
    assert_eq!(code, 0, "{out}{said}");
}

#[test]
fn arrays_are_written_through_no_link() {
    let folder = folder(&[("out/lib.whl", "precious"), ("in/g.graph", ARRAYS)]);
    symlink("../out/lib.whl", folder.path().join("in/g.graph.expect.npz")).unwrap();
    let (code, out, said) = test(&folder, &["in", "--bless"]);
    assert_eq!(code, 1, "what was asked for is not done: {out}{said}");
    assert!(said.contains("is a link"), "{out}{said}");
    assert_eq!(fs::read_to_string(folder.path().join("out/lib.whl")).unwrap(), "precious");
    assert_eq!(fs::read_to_string(folder.path().join("in/g.graph")).unwrap(), ARRAYS);
}

#[test]
fn nothing_waits_for_a_pipe() {
    let folder = folder(&[("in/a.graph", APPLE), ("in/data.graph", "const c = npy(\"p.npy\")\ny = c * 2\n")]);
    for name in ["pipe.graph", "pipe.toml", "p.npy", "a.graph.expect.npz"] {
        assert!(Command::new("mkfifo").arg(folder.path().join("in").join(name)).status().unwrap().success());
    }
    let (code, out, said) = test(&folder, &["in", "--bless"]);
    assert_eq!(code, 1, "{out}{said}");
    assert!(out.contains("not a regular file"), "{out}");
}

#[test]
fn a_file_that_is_read_only_stays_as_it_is_and_modes_are_kept() {
    let folder = folder(&[("a.graph", APPLE), ("b.graph", APPLE)]);
    let path = |name: &str| folder.path().join(name);
    fs::set_permissions(path("a.graph"), fs::Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(path("b.graph"), fs::Permissions::from_mode(0o640)).unwrap();
    let (code, _, said) = test(&folder, &["--bless"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("read-only"), "{said}");
    assert_eq!(fs::read_to_string(path("a.graph")).unwrap(), APPLE);
    assert!(fs::read_to_string(path("b.graph")).unwrap().contains("expect"));
    let mode = |name: &str| fs::metadata(path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("a.graph"), mode("b.graph")), (0o444, 0o640));
}

#[test]
fn what_a_killed_process_left_behind_is_cleaned_away() {
    let folder =
        folder(&[("a.graph", APPLE), (".graphrun-old.tmp", "half"), (".graphrun-new.tmp", "under way")]);
    let old = fs::File::options().write(true).open(folder.path().join(".graphrun-old.tmp")).unwrap();
    old.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(600)).unwrap();
    drop(old);
    assert_eq!(test(&folder, &["--bless"]).0, 0);
    assert!(!folder.path().join(".graphrun-old.tmp").exists());
    assert!(folder.path().join(".graphrun-new.tmp").exists(), "another process may be at it");
}

#[test]
fn two_at_once_leave_a_file_that_is_whole() {
    let text = "input x = [1, 2, 3]\ny = sum(x * x)\n";
    for _ in 0..5 {
        let folder = folder(&[("a.graph", text)]);
        let children: Vec<_> =
            (0..3).map(|_| command(folder.path(), &["--bless"]).output()).collect::<Result<_, _>>().unwrap();
        drop(children);
        let spawned: Vec<_> = (0..3)
            .map(|_| {
                let mut command = command(folder.path(), &["--bless"]);
                command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
                command.spawn().unwrap()
            })
            .collect();
        spawned.into_iter().for_each(|mut child| _ = child.wait());
        let after = fs::read_to_string(folder.path().join("a.graph")).unwrap();
        assert_eq!(after.matches("expect y = 14").count(), 1, "{after}");
        assert_eq!(test(&folder, &[]).0, 0, "{after}");
    }
}

#[test]
fn a_file_that_is_held_by_another_is_left_alone() {
    let folder = folder(&[("a.graph", APPLE)]);
    let held = fs::File::open(folder.path().join("a.graph")).unwrap();
    held.lock().unwrap();
    let (code, _, said) = test(&folder, &["--bless"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("another process edits it"), "{said}");
    assert_eq!(fs::read_to_string(folder.path().join("a.graph")).unwrap(), APPLE);
}

#[test]
fn what_is_blessed_reads_back() {
    let quote = "a\"b'c $d.graph";
    let folder = folder(&[
        ("shape.graph", "input x = 2\nshape = x * x\n"),
        ("grad.graph", "input x = 2\ngrad = x * x\n"),
        ("error.graph", "input x = 2\nerror = x * x\n"),
        ("check.graph", "input x = 2\ncheck = x * x\n"),
        ("within.graph", "input x = 2\nin_within = x * x\n"),
        ("infinite.graph", "input x = 1\nconst k = 1e308\ny = x * k * 100\n"),
        (quote, ARRAYS),
        (
            "a\"b.toml",
            "[inputs]\nx = { shape = [25], value = \"linspace(0, 1, 25)\" }\n[nodes]\ny = \"sum(x * x)\"\n",
        ),
        ("shape.toml", "[inputs]\nx = 2\n[nodes]\nshape = \"x * x\"\n"),
        ("grad.toml", "[inputs]\ngrad = 2\n[nodes]\ny = \"grad * grad\"\n"),
        ("crlf.graph", "input x = 2\r\ny = x * x\r\n"),
    ]);
    let (_, out, said) = test(&folder, &["--bless"]);
    let (_, again, _) = test(&folder, &[]);
    let mut refused = again.lines().filter(|line| line.starts_with("REFUSED"));
    assert!(refused.all(|line| line.ends_with("check.graph")), "{out}{said}{again}");
    for name in ["shape.graph", "grad.graph", "error.graph", quote, "a\"b.toml", "grad.toml", "crlf.graph"] {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(text.contains("expect"), "{name}: {out}{said}");
    }
}

#[test]
fn a_killed_process_leaves_the_file_old_or_new_and_never_torn() {
    for wait in (0..24).map(|at| at * 3) {
        let folder = folder(&[("g.graph", ARRAYS)]);
        let mut command = command(folder.path(), &["--bless"]);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let _ = child.kill();
        child.wait().unwrap();
        let text = fs::read_to_string(folder.path().join("g.graph")).unwrap();
        assert!(
            text == ARRAYS || text.starts_with(ARRAYS) && text.contains("expect grad(x) = npz("),
            "{text}"
        );
        // Arrays that are there already are no trouble for the file as it was.
        let (code, out, said) = test(&folder, &[]);
        assert_eq!(code, 0, "{text}{out}{said}");
    }
}

#[test]
fn a_data_file_that_changes_while_it_is_read_is_read_or_refused() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let folder =
        folder(&[("g.graph", "const c = csv(\"d.csv\")\ninput k = 2\ny = sum(c) * k\n"), ("d.csv", "1,2\n")]);
    let (path, done) = (folder.path().join("d.csv"), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut count = 0;
            while !done.load(Ordering::Relaxed) {
                count += 1;
                let rows = "1,2\n".repeat(count * 7919 % 40_000);
                let _ = fs::write(&path, if count % 3 == 0 { "" } else { &rows });
            }
        });
        for _ in 0..25 {
            let (code, out, said) = test(&folder, &["--timeout", "60"]);
            assert!(
                (0..=1).contains(&code) && !out.contains("panicked") && !said.contains("panicked"),
                "{out}{said}"
            );
        }
        done.store(true, Ordering::Relaxed);
    });
}
