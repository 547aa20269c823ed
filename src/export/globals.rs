//! Names at the top of a file: those of the functions, and of what a framework wants beside a backward by hand.

use super::names::Names;
use std::collections::HashMap;

/// What one function is called, and what goes with its backward by hand.
#[derive(Debug, Clone)]
pub struct Called {
    pub name: String,
    pub forward: String,
    pub backward: String,
    /// Saves what backward needs.
    pub setup: String,
    /// Holds forward and backward.
    pub class: String,
}

/// What stands beside a function for its backward by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Forward,
    Backward,
    Setup,
    Class,
}

impl Called {
    /// Names that may be others' too: for code that is only compared.
    pub fn like(name: &str) -> Self {
        Self {
            name: name.to_string(),
            forward: format!("{name}_forward"),
            backward: format!("{name}_backward"),
            setup: format!("{name}_setup"),
            class: class(name),
        }
    }

    fn part(&mut self, part: Part) -> &mut String {
        match part {
            Part::Forward => &mut self.forward,
            Part::Backward => &mut self.backward,
            Part::Setup => &mut self.setup,
            Part::Class => &mut self.class,
        }
    }
}

/// The names of one file, each unique.
#[derive(Debug, Clone)]
pub struct Globals {
    names: Names,
    /// Blocks whose name waits for the first function of each.
    waiting: HashMap<Box<str>, String>,
    /// The function of the graph.
    pub graph: String,
    given: Vec<String>,
}

impl Globals {
    /// Blocks keep their names, and a graph of the same name gives way.
    pub fn new<'a>(blocks: impl IntoIterator<Item = &'a str>, graph: &str) -> Self {
        let mut names = Names::of_file();
        let waiting: HashMap<Box<str>, String> =
            blocks.into_iter().map(|block| (block.into(), names.take(block))).collect();
        let graph = match waiting.contains_key(graph) {
            true => names.take(&format!("{graph}_graph")),
            false => names.take(graph),
        };
        let given = waiting.values().chain([&graph]).cloned().collect();
        Self { names, waiting, graph, given }
    }

    /// Names for another function of a block, and for what stands beside it.
    pub fn take(&mut self, block: &str, beside: &[Part]) -> Called {
        let name = self.waiting.remove(block).unwrap_or_else(|| self.own(block));
        let mut called = Called::like(&name);
        for &part in beside {
            let name = called.part(part);
            *name = self.own(name);
        }
        called
    }

    fn own(&mut self, name: &str) -> String {
        let own = self.names.take(name);
        self.given.push(own.clone());
        own
    }

    /// All names that were given until now.
    pub fn given(&self) -> &[String] {
        &self.given
    }
}

/// `rms_norm` as `RmsNorm`.
fn class(name: &str) -> String {
    let words = name.split('_').filter(|word| !word.is_empty());
    let class: String = words
        .map(|word| {
            let mut letters = word.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
        })
        .collect();
    if class == name { format!("{class}Function") } else { class }
}
