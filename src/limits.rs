//! How much one file may ask for: everything is counted before it is made, and held
//! against the one table below.

use crate::{
    diagnostic::{Cause, Diagnostic, Refusal},
    source::Span,
};
use std::sync::LazyLock;

/// What a limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Bytes,
    /// Things that have a name of their own.
    Count(&'static str),
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub name: &'static str,
    /// What it counts, as a sentence goes on from "the most".
    pub counts: &'static str,
    pub unit: Unit,
    pub default: fn() -> u64,
}

macro_rules! table {
    ($($name:ident: $unit:expr, $default:expr, $counts:literal;)*) => {
        /// Upper bounds that a run declares; each can be set.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Limits {
            $(#[doc = $counts] pub $name: u64,)*
        }

        impl Limits {
            /// Every limit, in the order in which a file meets them.
            pub const TABLE: &[Row] = &[$(
                Row { name: stringify!($name), counts: $counts, unit: $unit, default: || $default },
            )*];

            /// The limit of a name.
            pub fn get_mut(&mut self, name: &str) -> Option<&mut u64> {
                Some(match name {
                    $(stringify!($name) => &mut self.$name,)*
                    _ => return None,
                })
            }
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }
    };
}

table! {
    file: Unit::Bytes, 1 << 30, "bytes of a graph file";
    errors: Unit::Count("errors"), 10_000, "errors that are kept of one file";
    depth: Unit::Count("levels"), 200, "brackets within brackets, blocks within blocks";
    nodes: Unit::Count("nodes"), 20_000_000, "nodes and leaves, with those of every use of a block";
    elements: Unit::Count("elements"), 1 << 28, "elements of one tensor";
    axes: Unit::Count("axes"), 64, "axes of one tensor";
    bytes: Unit::Bytes, *MEMORY / 4 * 3, "memory of a run or a comparison: values, gradients, names";
    constants: Unit::Count("elements"), 1 << 20, "elements of arrays in attributes and among the operands of nodes";
    leaves: Unit::Count("elements"), 1 << 31, "elements that are computed on the way to the values of leaves";
    draws: Unit::Count("draws"), 1 << 29, "random numbers";
    cells: Unit::Count("cells"), 1 << 28, "cells of a csv file, whether they are used or not";
    unpacked: Unit::Bytes, 8 << 30, "bytes that come out of compressed files";
    ratio: Unit::Count("times"), 100, "how often what comes out of a compressed file may exceed it, from 16 MiB on";
}

/// The memory of this machine, or what this process may have of it; 8 GiB where that is
/// not easily known.
static MEMORY: LazyLock<u64> = LazyLock::new(|| known_memory().unwrap_or(8 << 30));

/// The least of what the machine has, what its control group and what the process may have.
fn known_memory() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let first_number = |line: &str| line.split_whitespace().find_map(|word| word.parse::<u64>().ok());
    let line = |text: Option<String>, word: &str| {
        text.and_then(|text| text.lines().find(|line| line.starts_with(word)).and_then(first_number))
    };
    let machine = line(read("/proc/meminfo"), "MemTotal:").map(|kib| kib << 10);
    let group = read("/sys/fs/cgroup/memory.max").and_then(|text| first_number(&text));
    let old_group = read("/sys/fs/cgroup/memory/memory.limit_in_bytes").and_then(|text| first_number(&text));
    let process = line(read("/proc/self/limits"), "Max address space");
    [machine, group, old_group, process].into_iter().flatten().min()
}

impl Limits {
    /// What is said when a count is over a limit: what was counted, the limit, the place, and
    /// how to raise it. A count of `u64::MAX` stands for more than can be counted.
    pub fn exceeded(&self, name: &str, count: u64, what: impl std::fmt::Display) -> Excess {
        let row = Self::TABLE.iter().find(|row| row.name == name);
        let limit = self.get(name);
        let unit = row.map_or(Unit::Count(""), |row| row.unit);
        let enough = match count {
            u64::MAX => "VALUE".to_string(),
            _ => unit.enough(count),
        };
        Excess {
            name: row.map_or("", |row| row.name),
            message: format!("{what}: the limit is {}", unit.said(limit)),
            help: format!("if it is meant, raise the limit: `--limit {name}={enough}`"),
        }
    }

    /// Holds a count against the limit of a name.
    ///
    /// # Errors
    /// The count is over the limit.
    pub fn hold(&self, name: &str, count: u64, what: impl FnOnce() -> String) -> Result<(), Excess> {
        match count > self.get(name) {
            true => Err(self.exceeded(name, count, what())),
            false => Ok(()),
        }
    }

    fn get(&self, name: &str) -> u64 {
        { *self }.get_mut(name).map_or(u64::MAX, |limit| *limit)
    }
}

/// A count over its limit, in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Excess {
    /// Of the limit.
    pub name: &'static str,
    pub message: String,
    /// How to raise the limit.
    pub help: String,
}

impl Excess {
    pub fn at(self, span: Span) -> Diagnostic {
        Diagnostic::from(self).at(span, "here")
    }
}

impl From<Excess> for Refusal {
    fn from(excess: Excess) -> Self {
        Diagnostic::from(excess).into()
    }
}

impl From<Excess> for Diagnostic {
    fn from(excess: Excess) -> Self {
        Self::error(excess.message).help(excess.help).cause(Cause::Limit(excess.name))
    }
}

/// Powers of a thousand with their letters, the greatest first.
const SCALES: [(&str, u64); 4] =
    [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];

impl Unit {
    /// A count as people read it.
    pub fn shown(self, count: u64) -> String {
        match self {
            Self::Bytes => bytes(count),
            Self::Count(_) if count == u64::MAX => "more than can be counted".to_string(),
            Self::Count(_) => count.to_string(),
        }
    }

    /// A count with its unit.
    fn said(self, count: u64) -> String {
        match self {
            Self::Bytes => bytes(count),
            Self::Count(word) => format!("{} {word}", self.shown(count)),
        }
    }

    /// A value for `--limit` that lets a count through.
    fn enough(self, count: u64) -> String {
        match (self, SCALES.iter().find(|&&(_, scale)| count >= scale)) {
            (Self::Bytes, Some(&(word, scale))) => format!("{}{word}", count.div_ceil(scale)),
            _ => count.to_string(),
        }
    }
}

/// A number of bytes in three digits.
pub fn bytes(count: u64) -> String {
    match SCALES.iter().find(|&&(_, scale)| count >= scale) {
        _ if count == u64::MAX => "more bytes than can be counted".to_string(),
        None => format!("{count} bytes"),
        Some(&(word, scale)) => {
            let number = count as f64 / scale as f64;
            let decimals = if number < 10.0 { 2 } else { usize::from(number < 100.0) };
            format!("{number:.decimals$} {word}")
        }
    }
}

/// A value as a person types it: `20_000_000`, `1e9`, `2GB`, `512MiB`, `4k`; `None` where it is none.
pub fn value(text: &str) -> Option<u64> {
    let text = text.trim().replace('_', "");
    // `1e9` has a letter that is no suffix.
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: f64 = digits.parse().ok()?;
    let suffix = text[digits.len()..].to_ascii_lowercase();
    let (letter, base) = match suffix.strip_suffix("ib").or(suffix.strip_suffix('i')) {
        Some(letter) => (letter, 1024.0_f64),
        None => (suffix.strip_suffix('b').unwrap_or(&suffix), 1000.0),
    };
    let power = match letter {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        _ => return None,
    };
    if power == 0
        && let Ok(whole) = digits.parse::<u64>()
    {
        return Some(whole);
    }
    let count = number * base.powi(power);
    (0.0..1.8e19).contains(&count).then_some(count as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_people_type_them() {
        let read = [
            ("20_000_000", 20_000_000),
            ("1e9", 1_000_000_000),
            ("2GB", 2_000_000_000),
            ("2gb", 2_000_000_000),
            ("512MiB", 512 << 20),
            ("4k", 4_000),
            ("0", 0),
            ("18446744073709551615", u64::MAX),
        ];
        for (text, count) in read {
            assert_eq!(value(text), Some(count), "{text}");
        }
        for text in ["", "many", "-1", "1e99", "2XB", "GB", "nan", "inf"] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn what_help_proposes_is_enough() {
        for count in [7, 999, 1_000, 1_234_567, 98_765_432_109] {
            assert!(value(&Unit::Bytes.enough(count)).unwrap() >= count);
            assert_eq!(value(&Unit::Count("").enough(count)), Some(count));
        }
        assert_eq!(bytes(3_355_443_200), "3.36 GB");
        assert_eq!(bytes(12), "12 bytes");
    }

    #[test]
    fn every_limit_has_a_name_and_words() {
        let mut limits = Limits::default();
        for row in Limits::TABLE {
            assert_eq!(limits.get_mut(row.name).map(|limit| *limit), Some((row.default)()));
            assert!(!row.counts.is_empty() && !row.counts.ends_with('.'));
        }
        assert_eq!(limits.get_mut("nods"), None);
    }
}
