//! The part of the tree that expressions are: operands, signs, calls and places in reverse Polish order.

use crate::source::{Name, Span};

/// An expression in reverse Polish order: every operand stands before what uses
/// it, and the last item is the root. A flat list has no depth, so a sum of a
/// million terms is as safe as a sum of two.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Expression {
    pub items: Vec<Item>,
    pub span: Span,
}

/// One step of an expression; it takes its operands off a stack and puts its
/// value on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub what: What,
    /// The operator, the name, the literal, or the whole call.
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum What {
    Int(i64),
    Float(f64),
    Text(Box<str>),
    Flag(bool),
    /// A name, or a path to an inner node: `scores.relu1`.
    Name(Box<str>),
    /// `[…]` of the last so many values.
    Array(u32),
    Negate,
    Not,
    Binary(Binary),
    Call(Box<Call>),
    /// `x[…]` of a value that stands below the bounds that are no plain numbers.
    Index(Box<[Subscript<Bound>]>),
}

impl What {
    /// How many values it takes off the stack.
    pub fn operands(&self) -> usize {
        match self {
            Self::Int(_) | Self::Float(_) | Self::Text(_) | Self::Flag(_) | Self::Name(_) => 0,
            Self::Array(count) => *count as usize,
            Self::Negate | Self::Not => 1,
            Self::Index(places) => 1 + places.iter().map(Subscript::operands).sum::<usize>(),
            Self::Binary(_) => 2,
            Self::Call(call) => call.inputs as usize,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    MatMul,
    Pow,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Or,
}

impl Binary {
    /// All of them; a sign that another begins with stands behind it.
    pub const ALL: [Self; 14] = [
        Self::Add,
        Self::Sub,
        Self::Pow,
        Self::Mul,
        Self::Div,
        Self::MatMul,
        Self::LessEqual,
        Self::Less,
        Self::GreaterEqual,
        Self::Greater,
        Self::Equal,
        Self::NotEqual,
        Self::And,
        Self::Or,
    ];

    /// A comparison, which gives true or false.
    pub fn compares(self) -> bool {
        use Binary::*;
        matches!(self, Less | LessEqual | Greater | GreaterEqual | Equal | NotEqual)
    }

    pub fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::MatMul => "@",
            Self::Pow => "**",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::And => "and",
            Self::Or => "or",
        }
    }

    /// The op that the sign stands for.
    pub fn op(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Sub => "sub",
            Self::Mul => "mul",
            Self::Div => "div",
            Self::MatMul => "matmul",
            Self::Pow => "pow",
            Self::Less => "less",
            Self::LessEqual => "less_equal",
            Self::Greater => "greater",
            Self::GreaterEqual => "greater_equal",
            Self::Equal => "equal",
            Self::NotEqual => "not_equal",
            Self::And => "logical_and",
            Self::Or => "logical_or",
        }
    }
}

/// `name(a, b, attr = v)`, and also `a -> name(b, attr = v)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// With underscores, however it was spelled.
    pub name: Name,
    /// How many positional operands it takes off the stack (a piped one is first).
    pub inputs: u32,
    /// The first operand came through `->`.
    pub piped: bool,
    /// The block that is run again and again, in `scan(BLOCK, …)` and `repeat(BLOCK, …)`.
    pub runs: Option<Name>,
    /// What the last of the inputs are called, in such a call: `W = W`.
    pub named: Vec<Name>,
    pub attributes: Vec<Attribute>,
}

impl Call {
    /// Calls whose first argument is a block.
    pub const RUNNERS: [&str; 2] = ["scan", "repeat"];
}

#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    pub name: Name,
    pub value: Expression,
}

/// One place in `x[…]`, with whole numbers or with the bounds of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscript<B = i64> {
    /// Takes one index and drops the axis; negative counts from the end.
    At(B),
    /// `start:stop:step`, each as in NumPy.
    Range { start: Option<B>, stop: Option<B>, step: Option<B> },
    /// `...`: all axes that the others leave.
    Rest,
    /// `None`: a new axis of length 1.
    NewAxis,
}

/// A bound as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    Number(i64),
    /// The next of the values that stand above the indexed one.
    Operand,
}

impl<B> Subscript<B> {
    /// The bounds, in the order of the text.
    pub fn bounds(&self) -> impl Iterator<Item = &B> {
        let (first, second, third) = match self {
            Self::At(at) => (Some(at), None, None),
            Self::Range { start, stop, step } => (start.as_ref(), stop.as_ref(), step.as_ref()),
            Self::Rest | Self::NewAxis => (None, None, None),
        };
        first.into_iter().chain(second).chain(third)
    }

    /// The same with other bounds, which are made in the order of the text.
    ///
    /// # Errors
    /// Those of `change`.
    pub fn try_map<C, E>(&self, mut change: impl FnMut(&B) -> Result<C, E>) -> Result<Subscript<C>, E> {
        Ok(match self {
            Self::At(at) => Subscript::At(change(at)?),
            Self::Range { start, stop, step } => Subscript::Range {
                start: start.as_ref().map(&mut change).transpose()?,
                stop: stop.as_ref().map(&mut change).transpose()?,
                step: step.as_ref().map(&mut change).transpose()?,
            },
            Self::Rest => Subscript::Rest,
            Self::NewAxis => Subscript::NewAxis,
        })
    }
}

impl Subscript<Bound> {
    /// How many of its bounds are values of their own.
    pub fn operands(&self) -> usize {
        self.bounds().filter(|bound| **bound == Bound::Operand).count()
    }

    /// The subscript, if its bounds are numbers as they stand.
    pub fn numbers(&self) -> Option<Subscript> {
        self.try_map(|bound| match bound {
            Bound::Number(number) => Ok(*number),
            Bound::Operand => Err(()),
        })
        .ok()
    }
}

impl<B: std::fmt::Display> std::fmt::Display for Subscript<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::At(index) => write!(f, "{index}"),
            Self::Range { start, stop, step } => {
                let show = |part: &Option<B>| part.as_ref().map_or(String::new(), B::to_string);
                write!(f, "{}:{}", show(start), show(stop))?;
                step.as_ref().map_or(Ok(()), |step| write!(f, ":{step}"))
            }
            Self::Rest => write!(f, "..."),
            Self::NewAxis => write!(f, "None"),
        }
    }
}
