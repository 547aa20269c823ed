//! The library in the language: what is tested of it, and that all of it is. Its files under
//! `graphs/library` hold PyTorch's numbers, which `tests/reference/std.py` writes; the slips that people
//! make in its formulas stand in `graphs/library/wrong`.

use graphrun::gallery::{self, Entry};
use std::{collections::BTreeSet, fs, path::Path, process::Command};

/// Other blocks of its volume run it, step by step.
fn is_a_step(entry: &Entry) -> bool {
    entry.volume.text.contains(&format!("scan({},", entry.name))
}

#[test]
fn the_library_is_right() {
    let output = Command::new(env!("CARGO_BIN_EXE_graphrun"))
        .args(["test", "graphs/library", "graphs/std"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("XDG_CACHE_HOME", tempfile::tempdir().unwrap().path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn every_block_is_tested_under_its_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs/library");
    for entry in gallery::entries().iter().filter(|entry| !is_a_step(entry)) {
        let file = match entry.name {
            // The Gaussians of one pixel, from their covariances to its colour.
            "blend" | "cover" => "splat",
            name => name,
        };
        let text = fs::read_to_string(folder.join(file).with_extension("graph")).unwrap_or_default();
        let used = format!("use \"{}{}\"", gallery::PREFIX, entry.volume.name);
        assert!(text.contains(&used) && text.contains(&format!("{}(", entry.name)), "{}", entry.name);
        assert!(text.contains("tests/reference/std.py"), "{}: no numbers of PyTorch", entry.name);
    }
}

#[test]
fn every_block_says_what_it_is_and_where_it_is_from() {
    let names: Vec<&str> = gallery::ALL.iter().map(|volume| volume.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    let entries = gallery::entries();
    assert_eq!(entries.iter().map(|entry| entry.name).collect::<BTreeSet<_>>().len(), entries.len());
    for entry in entries {
        let name = entry.name;
        assert!(entry.doc().ends_with('.'), "{name}: {}", entry.doc());
        assert!(entry.comment.contains("# Shapes: "), "{name}");
        if !is_a_step(entry) {
            assert!(entry.comment.contains("# Source: "), "{name}");
            assert!(entry.source.contains("\n    backward "), "{name} has no backward by hand");
        }
    }
    for volume in gallery::ALL {
        let of_it: Vec<&str> =
            volume.text.lines().filter_map(|line| line.strip_prefix("block ")?.split(['(']).next()).collect();
        assert!(of_it.is_sorted(), "{}: {of_it:?}", volume.name);
    }
}
