//! The tree that both spellings become, with a span on every part.
//!
//! It knows statements, calls, literals and names; it does not know which ops
//! exist, nor whether a name stands for anything.

pub use super::term::*;

use super::tolerance::Tolerance;
use crate::{
    source::{Name, Span, Spanned, Spelling},
    tensor::Kind,
};
use std::collections::BTreeSet;

/// A whole file.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// What the text is called, where it was loaded.
    pub file: Box<str>,
    pub spelling: Option<Spelling>,
    /// The whole text, for faults that have no better place.
    pub span: Span,
    pub title: Option<Spanned<String>>,
    pub seed: Option<Spanned<u64>>,
    pub testing: Testing,
    pub uses: Vec<Spanned<String>>,
    /// In the order of the text: random draws are made in it.
    pub leaves: Vec<Leaf>,
    pub nodes: Vec<Node>,
    pub outputs: Vec<Name>,
    pub upstreams: Vec<Upstream>,
    pub blocks: Vec<Block>,
    pub expectations: Vec<Expectation>,
    pub settings: Vec<Setting>,
    /// Names whose statement could not be read; whoever uses one is not to blame.
    pub broken: Vec<Box<str>>,
    /// What may be defined by what could not be read, here or in used files.
    pub lost: Lost,
}

/// The words of what could not be read: any of them may be a definition.
#[derive(Debug, Clone, Default)]
pub struct Lost {
    words: BTreeSet<Box<str>>,
    /// Not even the words of some file are known, and it may hold any block.
    any_block: bool,
}

impl Lost {
    /// Adds the words of a text.
    pub fn add(&mut self, text: &str) {
        self.any_block |= text.trim_start().starts_with("use");
        let words = text.split(|c: char| !(c == '_' || c.is_alphanumeric()));
        self.words.extend(words.filter(|word| !word.is_empty()).map(Box::from));
    }

    /// Adds a file of which nothing is known.
    pub fn add_file(&mut self) {
        self.any_block = true;
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && !self.any_block
    }

    /// Whoever uses this name is not to blame for its definition.
    pub fn may_define(&self, name: &str) -> bool {
        // What a path leads into is a statement that was read.
        !name.contains('.') && self.words.contains(name)
    }

    /// Whoever calls this block is not to blame for its definition.
    pub fn may_define_block(&self, name: &str) -> bool {
        // Without its bracket a name runs on into what follows.
        self.any_block || self.words.iter().any(|word| word.starts_with(name))
    }
}

impl Document {
    /// It holds blocks and nothing to run: others `use` it.
    pub fn is_library(&self) -> bool {
        let is_error = |expectation: &Expectation| matches!(expectation.of, Expected::Error(_));
        !self.blocks.is_empty()
            && self.leaves.is_empty()
            && self.nodes.is_empty()
            && self.outputs.is_empty()
            && self.settings.is_empty()
            && self.expectations.iter().all(is_error)
    }

    /// What is wanted of values and gradients, as it is written.
    pub fn wanted(&self) -> impl Iterator<Item = &Expression> {
        self.expectations.iter().filter_map(|expectation| match &expectation.of {
            Expected::Value { value, .. } | Expected::Gradient { value, .. } => Some(value),
            Expected::Shape { .. } | Expected::Check(_) | Expected::Error(_) => None,
        })
    }

    /// A place lies in its own text.
    pub fn holds(&self, span: Span) -> bool {
        self.span.start <= span.start && span.end <= self.span.end
    }

    /// The blocks of a library that it is looked at for: its own, or, where it has none,
    /// those that it takes in.
    pub fn library_blocks(&self) -> Vec<&Block> {
        let is_own = |block: &&Block| self.holds(block.span);
        let own: Vec<&Block> = self.blocks.iter().filter(is_own).collect();
        if own.is_empty() { self.blocks.iter().collect() } else { own }
    }
}

/// What a file says of itself as a test.
#[derive(Debug, Clone, Default)]
pub struct Testing {
    /// Words that it can be chosen by.
    pub tags: Vec<Name>,
    /// Why it is not to be tested.
    pub skip: Option<Spanned<String>>,
    /// Why it is expected to fail.
    pub xfail: Option<Spanned<String>>,
    /// The tolerance of expectations that give none.
    pub within: Option<Spanned<f64>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Input,
    Param,
    Const,
}

impl Role {
    pub fn word(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Param => "param",
            Self::Const => "const",
        }
    }
}

/// `input N[: TYPE] [= VALUE]`, and the same with `param` and `const`.
#[derive(Debug, Clone)]
pub struct Leaf {
    pub role: Role,
    pub name: Name,
    pub ty: Option<TypeNote>,
    pub value: Option<Expression>,
    pub span: Span,
}

/// `upstream N = EXPR`: the gradient that backward starts from at an output.
#[derive(Debug, Clone)]
pub struct Upstream {
    pub name: Name,
    pub value: Expression,
    pub span: Span,
}

/// `N = EXPR`, and `N, M = EXPR`, which takes apart what a block gives.
#[derive(Debug, Clone)]
pub struct Node {
    pub name: Name,
    /// The names behind the first.
    pub others: Vec<Name>,
    pub value: Expression,
    pub span: Span,
}

impl Node {
    /// All names that it defines.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        std::iter::once(&self.name).chain(&self.others)
    }
}

/// A type as written: `[batch, 784]`, `int[3]`, `int`, `float`.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeNote {
    pub kind: Kind,
    /// `None` for a bare `int`, `bool` or `float`, which claims nothing of the shape.
    pub dims: Option<Vec<Spanned<Dim>>>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Dim {
    Number(usize),
    Name(Box<str>),
}

/// `block N(x, y: TYPE; attr = default) { … }`.
#[derive(Debug, Clone)]
pub struct Block {
    pub name: Name,
    pub inputs: Vec<BlockInput>,
    pub attributes: Vec<BlockAttribute>,
    pub leaves: Vec<Leaf>,
    pub nodes: Vec<Node>,
    pub outputs: Vec<Name>,
    pub backward: Vec<Backward>,
    pub broken: Vec<Box<str>>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct BlockInput {
    pub name: Name,
    pub ty: Option<TypeNote>,
}

#[derive(Debug, Clone)]
pub struct BlockAttribute {
    pub name: Name,
    pub default: Option<Expression>,
}

/// `backward N = EXPR` in a block.
#[derive(Debug, Clone)]
pub struct Backward {
    pub name: Name,
    pub value: Expression,
    /// `surrogate backward …`: meant to differ from forward's derivative.
    pub surrogate: bool,
    pub span: Span,
}

/// `expect …`.
#[derive(Debug, Clone)]
pub struct Expectation {
    pub of: Expected,
    pub within: Option<Spanned<Tolerance>>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum Expected {
    Value {
        name: Name,
        value: Expression,
    },
    Gradient {
        name: Name,
        value: Expression,
    },
    Shape {
        name: Name,
        shape: Spanned<Vec<Spanned<Dim>>>,
    },
    /// One of `ok`, `wrong`, `kink`, `undecided`, as typed.
    Check(Name),
    Error(Spanned<String>),
}

/// One setting of `check { … }`.
#[derive(Debug, Clone)]
pub struct Setting {
    pub name: Name,
    pub value: SettingValue,
}

#[derive(Debug, Clone)]
pub enum SettingValue {
    Number(Spanned<f64>),
    /// `skip = [a, b]`, `wrt = [W1]`; a lone name is a list of one.
    Names(Vec<Name>),
}
