//! The blocks of a file: their names, and that none calls itself.

use crate::{
    diagnostic::{Cause, Diagnostic},
    faults::Faults,
    initializers, ops,
    source::{Name, Span},
    syntax::{Block, Call, What},
};
use std::collections::{HashMap, HashSet};

/// The blocks that a file can call.
pub struct Blocks<'a> {
    usable: HashMap<&'a str, &'a Block>,
    /// Refused already, or not readable.
    broken: HashSet<&'a str>,
    /// In an order in which none calls one behind it.
    callees_first: Vec<&'a Block>,
}

impl<'a> Blocks<'a> {
    /// Takes in all definitions; names used twice and recursion are refused.
    pub fn of(blocks: &'a [Block], unreadable: &'a [Box<str>], faults: &mut Faults) -> Self {
        let mut usable: HashMap<&str, &Block> = HashMap::new();
        let mut broken: HashSet<&str> = unreadable.iter().map(|name| &**name).collect();
        let mut twice: Vec<&str> = Vec::new();
        for block in blocks {
            let name = &*block.name.value;
            if let Some(first) = usable.insert(name, block) {
                twice.push(name);
                faults.push(
                    Diagnostic::error(format!("the block `{name}` is defined twice"))
                        .at(block.name.span, "the second time")
                        .at(first.name.span, "the first time")
                        .help("rename one of them"),
                );
            } else if Call::RUNNERS.contains(&name) {
                faults.push(
                    Diagnostic::error(format!("a block cannot be called `{name}`: that runs blocks"))
                        .at(block.name.span, "this name")
                        .help("rename the block"),
                );
            } else if initializers::find(name).is_some() {
                faults.push(
                    Diagnostic::error(format!("a block cannot be called `{name}`: it is a source"))
                        .at(block.name.span, "this name")
                        .help("rename the block"),
                );
            }
        }
        // Which of two is meant, nobody knows.
        for name in twice {
            usable.remove(name);
            broken.insert(name);
        }
        let mut found = Self { usable, broken, callees_first: Vec::new() };
        found.refuse_recursion(blocks, faults);
        found
    }

    /// There is a block to call.
    pub fn any(&self) -> bool {
        !self.usable.is_empty()
    }

    pub fn find(&self, name: &str) -> Option<&'a Block> {
        self.usable.get(name).copied()
    }

    /// The blocks that can be called, those that a block calls before it.
    pub fn callees_first(&self) -> impl Iterator<Item = &'a Block> {
        self.callees_first.iter().copied().filter(|block| self.find(&block.name.value).is_some())
    }

    pub fn is_broken(&self, name: &str) -> bool {
        self.broken.contains(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.usable.keys().copied()
    }

    /// Built-in ops whose names these blocks bear.
    pub fn shadowed(&self) -> Vec<Box<str>> {
        let mut names: Vec<Box<str>> =
            self.names().filter(|name| ops::find(name).is_some()).map(Into::into).collect();
        names.sort();
        names
    }

    /// The blocks that a block calls, with the places.
    fn calls(&self, block: &'a Block) -> Vec<(&'a Block, Span)> {
        let lines = block.nodes.iter().map(|node| &node.value);
        lines
            .chain(block.backward.iter().map(|line| &line.value))
            .flat_map(|expression| &expression.items)
            .filter_map(|item| match &item.what {
                What::Call(call) => {
                    let name = call.runs.as_ref().unwrap_or(&call.name);
                    Some((self.find(&name.value)?, name.span))
                }
                _ => None,
            })
            .collect()
    }

    fn refuse_recursion(&mut self, blocks: &'a [Block], faults: &mut Faults) {
        let mut done: HashSet<&str> = HashSet::new();
        let mut recursive: Vec<&'a str> = Vec::new();
        // Where each block stands on the path.
        let mut open: HashMap<&str, usize> = HashMap::new();
        for root in blocks {
            if done.contains(&*root.name.value) {
                continue;
            }
            open.insert(&root.name.value, 0);
            let mut path = vec![(root, root.name.span, self.calls(root).into_iter())];
            while let Some((block, _, rest)) = path.last_mut() {
                let block = *block;
                let Some((called, span)) = rest.next() else {
                    done.insert(&block.name.value);
                    open.remove(&*block.name.value);
                    self.callees_first.push(block);
                    path.pop();
                    continue;
                };
                match open.get(&*called.name.value) {
                    Some(&from) => {
                        let cycle: Vec<&Name> = path[from..].iter().map(|(open, ..)| &open.name).collect();
                        let calls: Vec<Span> =
                            path[from + 1..].iter().map(|&(_, span, _)| span).chain([span]).collect();
                        faults.push(recursion(&cycle, &calls));
                        recursive.extend(cycle.iter().map(|name| &*name.value));
                    }
                    None if done.contains(&*called.name.value) => {}
                    None => {
                        open.insert(&called.name.value, path.len());
                        path.push((called, span, self.calls(called).into_iter()));
                    }
                }
            }
        }
        for name in recursive {
            self.usable.remove(name);
            self.broken.insert(name);
        }
    }
}

fn recursion(cycle: &[&Name], calls: &[Span]) -> Diagnostic {
    let mut walk: Vec<String> = cycle.iter().map(|name| format!("`{}`", name.value)).collect();
    walk.push(walk[0].clone());
    let mut fault = match cycle {
        [only] => Diagnostic::error(format!("the block `{}` calls itself", only.value)),
        _ => Diagnostic::error("these blocks call each other in a cycle"),
    };
    // One of them may go on where another should have ended.
    fault = fault.cause(Cause::Absent);
    for (index, &span) in calls.iter().enumerate() {
        let called = cycle[(index + 1) % cycle.len()];
        fault = fault.at(span, format!("`{}` calls `{}`", cycle[index].value, called.value));
    }
    fault.help(format!("the cycle is {}: a block cannot be recursive", walk.join(" → ")))
}
