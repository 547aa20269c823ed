//! Which name stands for which statement, and the order in which nodes can be computed.

use super::lookalike::skeleton;
use crate::{
    diagnostic::{Cause, Diagnostic, work},
    faults::Faults,
    source::{Name, Span},
    syntax::{self, Expression, What},
};
use foldhash::{HashMap, HashMapExt};
use rayon::prelude::*;
use smallvec::SmallVec;
use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

/// The statement behind a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statement {
    /// An input of the block.
    Argument(u32),
    Leaf(u32),
    Node(u32),
    /// One of the names of a node that takes apart what a block gives.
    Part(u32, u32),
    /// Its statement could not be read.
    Broken,
}

impl Statement {
    /// The node that it is, or is a part of.
    pub fn node(self) -> Option<u32> {
        match self {
            Self::Node(node) | Self::Part(node, _) => Some(node),
            Self::Argument(_) | Self::Leaf(_) | Self::Broken => None,
        }
    }
}

/// What the names in an expression stand for, in their order; `None` for those that
/// stand for nothing here.
pub type Uses = SmallVec<[Option<Statement>; 2]>;

/// So many nodes are worth a thread.
const MANY: usize = 1024;

/// Pairs of letters compared for "did you mean" in one scope: a large file that is wrong
/// in every line must not take for ever.
const MOST_PAIRS: usize = 50_000_000;

/// The names of one scope.
pub struct Names<'a> {
    statements: HashMap<&'a str, Statement>,
    /// Pairs of letters compared so far, for names that may have been meant.
    pairs: AtomicUsize,
    is_ascii: bool,
    /// The names by what they look like, once it is asked for; of several the last by the
    /// alphabet, behind which those of ASCII alone stand.
    looks: OnceLock<HashMap<String, Box<str>>>,
}

impl<'a> Names<'a> {
    /// Takes in all statements; a name that two of them define is refused.
    pub fn of(
        arguments: impl Iterator<Item = &'a Name> + Clone,
        leaves: &'a [syntax::Leaf],
        nodes: &'a [syntax::Node],
        broken: &'a [Box<str>],
        faults: &mut Faults,
    ) -> Self {
        let mut names = HashMap::with_capacity(leaves.len() + nodes.len());
        let mut first: HashMap<&str, Span> = HashMap::new();
        let mut define = |name: &'a Name, statement, names: &mut HashMap<&'a str, Statement>| {
            if names.insert(&name.value, statement).is_some() {
                // Which of them is meant, nobody knows.
                names.insert(&name.value, Statement::Broken);
                let before = first.get(&*name.value).copied().unwrap_or_else(|| {
                    let all = arguments
                        .clone()
                        .chain(leaves.iter().map(|leaf| &leaf.name))
                        .chain(nodes.iter().flat_map(syntax::Node::names));
                    all.filter(|other| other.value == name.value)
                        .map(|other| other.span)
                        .min()
                        .unwrap_or(name.span)
                });
                first.insert(&name.value, before);
                faults.push(
                    Diagnostic::error(format!("`{}` is defined twice", name.value))
                        .cause(Cause::DefinedTwice)
                        .at(name.span.max(before), "the second time")
                        .at(name.span.min(before), "the first time")
                        .help("every name stands for one value: rename one of them"),
                );
            }
        };
        for (index, name) in arguments.clone().enumerate() {
            define(name, Statement::Argument(index as u32), &mut names);
        }
        for (index, leaf) in leaves.iter().enumerate() {
            define(&leaf.name, Statement::Leaf(index as u32), &mut names);
        }
        for (index, node) in nodes.iter().enumerate() {
            match node.others.is_empty() {
                true => define(&node.name, Statement::Node(index as u32), &mut names),
                false => {
                    for (part, name) in node.names().enumerate() {
                        define(name, Statement::Part(index as u32, part as u32), &mut names);
                    }
                }
            }
        }
        for name in broken {
            names.entry(name).or_insert(Statement::Broken);
        }
        // To walk along all names takes the time of the room that there is for them.
        names.shrink_to_fit();
        let is_ascii = names.keys().all(|name| name.is_ascii());
        Self { statements: names, is_ascii, pairs: AtomicUsize::new(0), looks: OnceLock::new() }
    }

    /// The statement of a name, or of the chain that a path leads into.
    pub fn find(&self, path: &str) -> Option<Statement> {
        self.statements.get(path).or_else(|| self.statements.get(path.split_once('.')?.0)).copied()
    }

    /// All names, to find one that may have been meant by `typed`; none at all once too
    /// much was looked at.
    pub fn to_guess_from(&self, typed: &str) -> impl Iterator<Item = &'a str> {
        let pairs = self.pairs.fetch_add(work(typed, self.statements.len()), Relaxed);
        let rest = if pairs < MOST_PAIRS { self.statements.len() } else { 0 };
        self.statements.keys().copied().take(rest)
    }

    /// Another name that looks like `typed`.
    pub fn lookalike(&self, typed: &str) -> Option<&str> {
        // Among names of ASCII alone, as `l1` and `ll`, nobody would think of another script.
        if self.is_ascii && typed.is_ascii() {
            return None;
        }
        let looks = self.looks.get_or_init(|| {
            let mut looks: HashMap<String, Box<str>> = HashMap::new();
            for &name in self.statements.keys() {
                let last = looks.entry(skeleton(name)).or_insert_with(|| name.into());
                if name > &**last {
                    *last = name.into();
                }
            }
            looks
        });
        let found = looks.get(&skeleton(typed)).map(|name| &**name);
        found.filter(|name| !(typed.is_ascii() && name.is_ascii()))
    }

    /// What the names in an expression stand for.
    pub fn uses(&self, expression: &Expression) -> Uses {
        let names = expression.items.iter().filter_map(|item| match &item.what {
            What::Name(name) => Some(self.find(name)),
            _ => None,
        });
        names.collect()
    }

    /// Of each node what it uses.
    pub fn uses_of(&self, nodes: &[syntax::Node]) -> Vec<Uses> {
        let of = |node: &syntax::Node| self.uses(&node.value);
        match nodes.len() {
            0..MANY => nodes.iter().map(of).collect(),
            _ => nodes.par_iter().with_min_len(MANY).map(of).collect(),
        }
    }
}

/// An order of the nodes in which each stands behind what it uses, and otherwise as in
/// the file. Nodes of a cycle are left out and refused.
pub fn order(nodes: &[syntax::Node], uses: &[Uses], faults: &mut Faults) -> Vec<u32> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
        Cyclic,
    }
    let next_use = |node: u32, looked_at: &mut usize| {
        uses[node as usize][*looked_at..].iter().find_map(|used| {
            *looked_at += 1;
            used.and_then(Statement::node)
        })
    };
    let mut state = vec![State::New; nodes.len()];
    let mut order = Vec::with_capacity(nodes.len());
    // The nodes under way, each with the name that it looks at next.
    let mut path: Vec<(u32, usize)> = Vec::new();
    for root in 0..nodes.len() as u32 {
        if state[root as usize] != State::New {
            continue;
        }
        let mut next = Some(root);
        loop {
            if let Some(node) = next.take() {
                state[node as usize] = State::Open;
                path.push((node, 0));
            }
            let Some((node, looked_at)) = path.last_mut() else { break };
            match next_use(*node, looked_at) {
                Some(used) if state[used as usize] == State::New => next = Some(used),
                Some(used) if state[used as usize] == State::Open => {
                    let from = path.iter().position(|&(open, _)| open == used).unwrap_or(0);
                    let members: Vec<u32> = path[from..].iter().map(|&(open, _)| open).collect();
                    faults.push(cycle(nodes, &members));
                    members.iter().for_each(|&member| state[member as usize] = State::Cyclic);
                }
                Some(_) => {}
                None => {
                    if state[*node as usize] == State::Open {
                        state[*node as usize] = State::Done;
                        order.push(*node);
                    }
                    path.pop();
                }
            }
        }
    }
    order
}

/// The refusal of a cycle, walked from its first node in the file.
fn cycle(nodes: &[syntax::Node], members: &[u32]) -> Diagnostic {
    const SHOWN: usize = 8;
    let first = (0..members.len()).min_by_key(|&at| nodes[members[at] as usize].span.start).unwrap_or(0);
    let walk: Vec<&syntax::Node> =
        (0..members.len()).map(|step| &nodes[members[(first + step) % members.len()] as usize]).collect();
    let mut names: Vec<String> =
        walk.iter().take(SHOWN).map(|node| format!("`{}`", node.name.value)).collect();
    if walk.len() > SHOWN {
        names.push(format!("… {} more …", walk.len() - SHOWN));
    }
    names.push(format!("`{}`", walk[0].name.value));
    let message = match walk.len() {
        1 => format!("`{}` is computed from itself: a cycle", walk[0].name.value),
        _ => "these nodes are computed from each other in a cycle".to_string(),
    };
    let mut diagnostic = Diagnostic::error(message);
    for (step, node) in walk.iter().take(SHOWN).enumerate() {
        let next = walk[(step + 1) % walk.len()];
        diagnostic = diagnostic.at(node.span, format!("`{}` needs `{}`", node.name.value, next.name.value));
    }
    diagnostic.help(format!("the cycle is {}: break it at one of them", names.join(" → ")))
}
