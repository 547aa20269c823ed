//! The library in the language: files of blocks that come with the program, `use "std/norm"`.
//!
//! A volume is a file under `graphs/std`. What is said of a block are the comment lines right above
//! it; the first sentence is what lists show.

use crate::source::Spelling;
use std::sync::LazyLock;

/// A file of the library.
#[derive(Debug, Clone, Copy)]
pub struct Volume {
    /// What `use "std/NAME"` calls it.
    pub name: &'static str,
    pub text: &'static str,
}

macro_rules! volumes {
    ($($name:literal),* $(,)?) => {
        /// All volumes, sorted by name.
        pub const ALL: &[Volume] = &[
            $(Volume { name: $name, text: include_str!(concat!("../graphs/std/", $name, ".graph")) }),*
        ];
    };
}

volumes![
    "activation",
    "attention",
    "convolution",
    "dropout",
    "embedding",
    "loss",
    "norm",
    "order",
    "pooling",
    "recurrent",
    "splat",
    "ssm",
];

/// How volumes are spelt.
pub const SPELLING: Spelling = Spelling::Graph;

/// What the paths of volumes begin with.
pub const PREFIX: &str = "std/";

/// The volume of a path in a `use` statement.
pub fn find(path: &str) -> Option<&'static Volume> {
    let name = path.strip_prefix(PREFIX)?;
    ALL.iter().find(|volume| volume.name == name)
}

/// A path that can only mean a volume.
pub fn is_meant(path: &str) -> bool {
    path.starts_with(PREFIX) && Spelling::of(path).is_none()
}

/// A block of the library, as its text has it.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub volume: &'static Volume,
    pub name: &'static str,
    /// The comment above it, each line without its `#`.
    pub comment: &'static str,
    /// From its first word to the closing brace.
    pub source: &'static str,
}

/// All blocks of the library, sorted by name.
pub fn entries() -> &'static [Entry] {
    static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
        let mut entries: Vec<Entry> = ALL.iter().flat_map(entries_of).collect();
        entries.sort_by_key(|entry| entry.name);
        entries
    });
    &ENTRIES
}

/// The block of the library with this name.
pub fn entry(name: &str) -> Option<&'static Entry> {
    entries().iter().find(|entry| entry.name == name)
}

/// The blocks of a volume: at the beginning of a line stands `block` or the brace that ends it.
fn entries_of(volume: &'static Volume) -> Vec<Entry> {
    let text = volume.text;
    let mut entries = Vec::new();
    // Where the comment lines right above begin.
    let mut comment = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(head) = line.strip_prefix("block ") {
            let name = &head[..head.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(head.len())];
            let end = text[at..].find("\n}").map_or(text.len(), |end| at + end + 2);
            let entry = Entry { volume, name, comment: &text[comment..at], source: &text[at..end] };
            // What only backward lines of others run has none of its own.
            entries.extend(Some(entry).filter(|entry| entry.source.contains("\n    backward ")));
        }
        at += line.len();
        if !line.starts_with('#') {
            comment = at;
        }
    }
    entries
}

impl Entry {
    /// The comment without its signs, a line each.
    pub fn said(&self) -> impl Iterator<Item = &'static str> {
        self.comment.lines().map(|line| {
            let line = line.strip_prefix('#').unwrap_or(line);
            line.strip_prefix(' ').unwrap_or(line)
        })
    }

    /// The first sentence of the comment.
    pub fn doc(&self) -> String {
        let lines: Vec<&str> = self.said().take_while(|line| !line.starts_with(' ')).collect();
        let text = lines.join(" ");
        let end = text.find(". ").map_or(text.len(), |end| end + 1);
        text[..end].to_string()
    }

    /// The statement that takes it in.
    pub fn used(&self) -> String {
        format!("use \"{PREFIX}{}\"", self.volume.name)
    }

    /// The call as it is written: the head of the block without its word.
    pub fn signature(&self) -> &'static str {
        let head = self.source.strip_prefix("block ").unwrap_or(self.source);
        head.split(" {").next().unwrap_or(head)
    }
}
