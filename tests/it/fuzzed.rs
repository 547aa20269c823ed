//! The bodies of the fuzzers on bytes made from the example graphs, some of them changed. `fuzz/run`
//! goes on where this ends.

#[path = "../../fuzz/bodies.rs"]
mod bodies;

use rand_mt::Mt;
use std::{fs, path::Path};

/// Inputs for each body.
const COUNT: usize = 400;

/// Words that a random byte does not hit upon.
const WORDS: [&str; 24] = [
    "sum(",
    "1e308",
    "[0]",
    "upstream",
    "backward x = ",
    "output y\n",
    "nan",
    "-1",
    " ** ",
    " @ ",
    "axis = -1",
    "= ",
    "\n",
    "expect y = ",
    "\"",
    "[",
    "]",
    "{",
    "}",
    "input z = ",
    "block f(x) {\n",
    "\u{3042}",
    "grad(",
    "..",
];

fn examples() -> Vec<(u8, String)> {
    let mut open = vec![Path::new("graphs").to_path_buf()];
    let mut texts = Vec::new();
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() => open.push(path),
                Some("graph") => texts.push((0, fs::read_to_string(path).unwrap())),
                Some("toml") => texts.push((1, fs::read_to_string(path).unwrap())),
                _ => {}
            }
        }
    }
    texts.sort();
    texts
}

/// A text with some parts taken out, doubled, exchanged or put in.
fn changed(text: &str, random: &mut Mt) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let mut below = |most: usize| random.next_u32() as usize % most.max(1);
    for _ in 0..below(6) {
        let (at, length) = (below(bytes.len()), 1 + below(12));
        let part = at..bytes.len().min(at + length);
        match below(4) {
            0 => drop(bytes.drain(part)),
            1 => {
                let copy = bytes[part].to_vec();
                let to = below(bytes.len());
                bytes.splice(to..to, copy);
            }
            2 if !bytes.is_empty() => bytes[at] = below(256) as u8,
            _ => drop(bytes.splice(at..at, WORDS[below(WORDS.len())].bytes())),
        }
    }
    bytes
}

fn runs(name: &str) {
    let (_, body) = bodies::ALL.iter().find(|(known, _)| *known == name).unwrap();
    let examples = examples();
    let mut random = Mt::new(7);
    for count in 0..COUNT {
        let (first, text) = &examples[count % examples.len()];
        let mut bytes = match name {
            "graph_text" | "toml_text" => Vec::new(),
            "readers" => vec![count as u8],
            _ => vec![*first],
        };
        bytes.extend(changed(text, &mut random));
        body(&bytes);
    }
}

#[test]
fn graph_text() {
    runs("graph_text");
}

#[test]
fn toml_text() {
    runs("toml_text");
}

#[test]
fn judge() {
    runs("judge");
}

#[test]
fn readers() {
    runs("readers");
}

#[test]
fn bless() {
    runs("bless");
}

#[test]
fn spellings() {
    runs("spellings");
}
