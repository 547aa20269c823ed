//! The floors of `src/lib.rs`: a file imports only from its own floor and below.

use std::path::{Path, PathBuf};

/// Lowest first; rooms of one line are on one floor.
const FLOORS: &[&[&str]] = &[
    &["source", "shape", "tensor", "arrays", "precision", "double", "cancel", "escape", "inside", "write"],
    &["diagnostic", "limits", "faults", "budget", "phrasebook", "gallery"],
    &["syntax"],
    &["op"],
    &["ops", "initializers"],
    &["graph"],
    &["resolve"],
    &["load", "plan"],
    &["flat", "engine"],
    &["simulate"],
    &["run"],
    &["compare"],
    &["against", "digits"],
    &["export", "regress"],
    &["report"],
    &["explain"],
    &["view"],
    &["cli"],
];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The rooms of `crate::` that a text names: `crate::a::b` and `crate::{a::b, c}`.
fn rooms(text: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for part in text.split("crate::").skip(1) {
        let Some(group) = part.strip_prefix('{') else {
            rooms.push(part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
            continue;
        };
        let (mut depth, mut word, mut at_start) = (0, String::new(), true);
        for character in group.chars() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    rooms.push(std::mem::take(&mut word));
                    at_start = true;
                }
                ':' => at_start = false,
                c if depth == 0 && at_start && (c.is_alphanumeric() || c == '_') => word.push(c),
                _ => {}
            }
        }
        rooms.push(word);
    }
    rooms.retain(|room| room.chars().next().is_some_and(char::is_lowercase));
    rooms
}

#[test]
fn imports_go_down() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&source, &mut found);
    let (mut looked_at, mut up) = (0, Vec::new());
    for path in found {
        let relative = path.strip_prefix(&source).unwrap();
        let first = relative.iter().next().unwrap().to_str().unwrap();
        let own = first.strip_suffix(".rs").unwrap_or(first);
        if matches!(own, "lib" | "main") {
            continue;
        }
        let own_floor = floor(own).unwrap_or_else(|| panic!("{own} is on no floor"));
        let text = std::fs::read_to_string(&path).unwrap();
        let code: String =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        for room in rooms(&code) {
            looked_at += 1;
            match floor(&room) {
                Some(floor) if floor <= own_floor => {}
                _ => up.push(format!("{} imports {room}", relative.display())),
            }
        }
    }
    assert!(looked_at > 300, "{looked_at}");
    assert!(up.is_empty(), "{}", up.join("\n"));
}
