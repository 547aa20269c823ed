//! Expressions: a flat run of operands and signs becomes reverse Polish order.
//!
//! One loop over the parser's tokens with stacks of its own (shunting-yard), so
//! neither nesting nor the number of operators touches the stack of the thread.

use super::{
    Reading,
    excerpt::Excerpt,
    grammar::Rule,
    literal,
    tree::{Attribute, Binary, Call, Expression, Item, What},
};
use crate::{
    diagnostic::Diagnostic,
    source::{Name, Span, Spanned},
};
use pest::{Token, iterators::Tokens};
use std::{collections::BTreeSet, iter::Peekable, ops::Range};

/// Builds what a `value` or `inner_value` of the grammar holds: `tokens` are
/// those inside of it, and it stands at `range`.
///
/// # Errors
/// The first fault that the grammar leaves open: what stands right of `->`, an
/// escape, a subscript, the order of a call's arguments.
pub(super) fn build(
    tokens: Tokens<'_, Rule>,
    range: Range<usize>,
    text: &Excerpt,
    reading: &Reading,
) -> Result<Expression, Diagnostic> {
    // An operand takes four tokens or so.
    let items = Vec::with_capacity(tokens.len().div_ceil(4));
    let root = Frame::new(Kind::Root, range.start, 0);
    let mut builder = Builder { text, reading, items, signs: Vec::new(), frames: vec![root] };
    let mut tokens = tokens.peekable();
    while let Some(token) = tokens.next() {
        match token {
            Token::Start { rule, pos } => builder.begin(rule, pos.pos(), &mut tokens)?,
            Token::End { rule, pos } => builder.end(rule, pos.pos())?,
        }
    }
    builder.settle();
    Ok(Expression { items: builder.items, span: text.span(range) })
}

/// A sign that waits for its right operand.
#[derive(Clone, Copy, PartialEq)]
enum Sign {
    Negate,
    Binary(Binary),
}

impl Sign {
    /// Higher binds tighter.
    fn rank(self) -> u8 {
        match self {
            Self::Binary(Binary::Add | Binary::Sub) => 1,
            Self::Binary(Binary::Mul | Binary::Div | Binary::MatMul) => 2,
            Self::Negate => 3,
            Self::Binary(Binary::Pow) => 4,
        }
    }
}

/// What encloses the operands being read.
enum Kind {
    Root,
    Group,
    Array,
    Call { name: Name, piped: bool, attributes: Vec<Attribute>, seen: BTreeSet<Box<str>> },
    Attribute { name: Name, outer: Vec<Item> },
}

struct Frame {
    kind: Kind,
    start: usize,
    /// The height of the stack of signs below this frame.
    base: usize,
    operands: u32,
    /// An operand is complete; the next one begins a new argument.
    ready: bool,
    pipe: Pipe,
}

#[derive(Clone, Copy, PartialEq)]
enum Pipe {
    None,
    /// The `->` at this place waits for a call.
    Open(usize),
    /// A call has followed it.
    Done(usize),
}

impl Frame {
    fn new(kind: Kind, start: usize, base: usize) -> Self {
        Self { kind, start, base, operands: 0, ready: false, pipe: Pipe::None }
    }
}

struct Builder<'a> {
    text: &'a Excerpt<'a>,
    reading: &'a Reading<'a>,
    items: Vec<Item>,
    signs: Vec<(Sign, Span)>,
    frames: Vec<Frame>,
}

type Step = Result<(), Diagnostic>;

impl Builder<'_> {
    fn frame(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the root frame stays")
    }

    fn span(&self, range: Range<usize>) -> Span {
        self.text.span(range)
    }

    fn push(&mut self, what: What, span: Span) {
        self.items.push(Item { what, span });
    }

    fn begin(&mut self, rule: Rule, at: usize, tokens: &mut Peekable<Tokens<Rule>>) -> Step {
        // Rules without inner rules are read at once, with their end.
        let mut leaf = || match tokens.next() {
            Some(Token::End { pos, .. }) => at..pos.pos(),
            _ => at..at,
        };
        match rule {
            Rule::reference => {
                let range = leaf();
                let called = matches!(tokens.peek(), Some(Token::Start { rule: Rule::arguments, .. }));
                self.reference(range, called)
            }
            Rule::number => {
                let range = leaf();
                self.operand(range.clone())?;
                self.push(literal::number(&self.text.text[range.clone()]), self.span(range));
                Ok(())
            }
            Rule::text => {
                let range = leaf();
                self.operand(range.clone())?;
                let says = literal::text(&self.text.part(range.clone()))?;
                self.push(What::Text(says.into()), self.span(range));
                Ok(())
            }
            Rule::sign | Rule::pipe => {
                let range = leaf();
                self.sign(range)
            }
            Rule::negate => {
                let range = leaf();
                self.operand(range.clone())?;
                self.frame().ready = false;
                self.signs.push((Sign::Negate, self.span(range)));
                Ok(())
            }
            Rule::array => {
                self.operand(at..at + 1)?;
                self.open(Kind::Array, at);
                Ok(())
            }
            Rule::group => {
                self.operand(at..at + 1)?;
                self.open(Kind::Group, at);
                Ok(())
            }
            Rule::index => self.index(at, tokens),
            Rule::attribute => self.attribute(at, tokens),
            // `arguments` opened its frame with the call's name.
            _ => Ok(()),
        }
    }

    fn end(&mut self, rule: Rule, end: usize) -> Step {
        if !matches!(rule, Rule::arguments | Rule::array | Rule::group | Rule::attribute) {
            return Ok(());
        }
        self.settle();
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let span = self.span(frame.start..end);
        match frame.kind {
            Kind::Root | Kind::Group => {}
            Kind::Array => self.push(What::Array(frame.operands), span),
            Kind::Call { name, piped, attributes, .. } => {
                let inputs = frame.operands + u32::from(piped);
                self.push(What::Call(Box::new(Call { name, inputs, piped, attributes })), span);
            }
            Kind::Attribute { name, outer } => {
                let items = std::mem::replace(&mut self.items, outer);
                let value = Expression { items, span };
                if let Kind::Call { attributes, .. } = &mut self.frame().kind {
                    attributes.push(Attribute { name, value });
                }
            }
        }
        Ok(())
    }

    fn open(&mut self, kind: Kind, start: usize) {
        let base = self.signs.len();
        self.frames.push(Frame::new(kind, start, base));
    }

    /// Gives the waiting signs of this frame their operands.
    fn reduce(&mut self, rank: u8) {
        let base = self.frame().base;
        while self.signs.len() > base {
            let (sign, span) = self.signs[self.signs.len() - 1];
            if sign.rank() < rank {
                break;
            }
            self.signs.pop();
            self.push(
                match sign {
                    Sign::Negate => What::Negate,
                    Sign::Binary(binary) => What::Binary(binary),
                },
                span,
            );
        }
    }

    /// Ends the argument being read, if there is one.
    fn settle(&mut self) {
        self.reduce(0);
        let frame = self.frame();
        frame.operands += u32::from(frame.ready);
        frame.ready = false;
        frame.pipe = Pipe::None;
    }

    /// An operand that is no call begins here.
    fn operand(&mut self, range: Range<usize>) -> Step {
        if let Pipe::Open(arrow) = self.frame().pipe {
            return Err(self.no_call(arrow, range));
        }
        self.argument(range)
    }

    /// Two operands side by side: a comma stands between them.
    fn argument(&mut self, range: Range<usize>) -> Step {
        if self.frame().ready {
            self.settle();
        }
        let span = self.span(range);
        let frame = self.frame();
        frame.ready = true;
        match &frame.kind {
            Kind::Call { name, attributes, .. } if !attributes.is_empty() => {
                let last = attributes.last().map_or(name.span, |attribute| attribute.name.span);
                Err(Diagnostic::error(format!("in `{}(…)` an input follows an attribute", name.value))
                    .at(span, "this input comes too late")
                    .at(last, "this attribute stands before it")
                    .help("write the inputs first, then the attributes"))
            }
            _ => Ok(()),
        }
    }

    fn no_call(&self, arrow: usize, range: Range<usize>) -> Diagnostic {
        let found = &self.text.text[range.clone()];
        Diagnostic::error(format!("`->` needs an op or a call on its right, found `{found}`"))
            .at(self.span(range), "expected an op or a call")
            .at(self.span(arrow..arrow + 2), "this `->` passes its left side on")
            .help("write `x -> relu` or `x -> affine(W, b)`")
    }

    fn sign(&mut self, range: Range<usize>) -> Step {
        let binary = match &self.text.text[range.clone()] {
            "->" => {
                self.reduce(0);
                let frame = self.frame();
                frame.ready = false;
                frame.pipe = Pipe::Open(range.start);
                return Ok(());
            }
            "+" => Binary::Add,
            "-" => Binary::Sub,
            "*" => Binary::Mul,
            "/" => Binary::Div,
            "@" => Binary::MatMul,
            _ => Binary::Pow,
        };
        if let Pipe::Done(arrow) = self.frame().pipe {
            return Err(self.binds_tighter(arrow, range));
        }
        self.binary(binary, range);
        Ok(())
    }

    fn binds_tighter(&self, arrow: usize, range: Range<usize>) -> Diagnostic {
        let (found, instead) = match &self.text.text[range.clone()] {
            index if index.starts_with('[') => ("[…]", "(a -> f(b))[…]".to_string()),
            sign => (sign, format!("(a -> f(b)) {sign} c")),
        };
        Diagnostic::error(format!("the right side of `->` must be a call alone, found `{found}` after it"))
            .at(self.span(range), "binds tighter than `->`")
            .at(self.span(arrow..arrow + 2), "this `->`")
            .help(format!("put the chain into brackets: `{instead}`"))
    }

    fn binary(&mut self, binary: Binary, range: Range<usize>) {
        let rank = Sign::Binary(binary).rank();
        // `**` groups to the right: an equal one waits.
        self.reduce(rank + u8::from(binary == Binary::Pow));
        self.frame().ready = false;
        self.signs.push((Sign::Binary(binary), self.span(range)));
    }

    /// A run of words joined by hyphens: one name, an op in its hyphen spelling,
    /// or a subtraction.
    fn reference(&mut self, range: Range<usize>, called: bool) -> Step {
        let word = &self.text.text[range.clone()];
        let piped = match self.frame().pipe {
            Pipe::Open(arrow) => {
                if self.hyphenated(word).is_none() {
                    return Err(self.no_call(arrow, range));
                }
                self.frame().pipe = Pipe::Done(arrow);
                true
            }
            _ => false,
        };
        if !word.contains('-') {
            return self.word(range, called, piped);
        }
        // A name longer than any op's needs no search.
        let tail = if piped { range.start } else { self.op_at_the_end(word, called) + range.start };
        let mut start = range.start;
        for (at, _) in word.match_indices('-') {
            let at = range.start + at;
            if at >= tail {
                break;
            }
            self.word(start..at, false, false)?;
            self.binary(Binary::Sub, at..at + 1);
            start = at + 1;
        }
        self.word(tail..range.end, called, piped)
    }

    /// The op that a word names after `->`, with underscores.
    fn hyphenated(&self, word: &str) -> Option<String> {
        let joined = word.replace('-', "_");
        (!word.contains('-') || (self.reading.is_op)(&joined)).then_some(joined)
    }

    /// Where in `a-b-softmax-loss` the called op begins: the longest end that is an op.
    fn op_at_the_end(&self, word: &str, called: bool) -> usize {
        const MOST_PARTS: usize = 8;
        let last = word.rfind('-').map_or(0, |at| at + 1);
        if !called {
            return last;
        }
        let starts = word.rmatch_indices('-').map(|(at, _)| at + 1).chain([0]).take(MOST_PARTS);
        let ops = starts.filter(|&start| (self.reading.is_op)(&word[start..].replace('-', "_")));
        ops.last().unwrap_or(last)
    }

    /// One word as an operand: a literal, a name, or the beginning of a call.
    fn word(&mut self, range: Range<usize>, called: bool, piped: bool) -> Step {
        self.argument(range.clone())?;
        let word = &self.text.text[range.clone()];
        let span = self.span(range.clone());
        if !called && !piped {
            self.push(literal::constant(word).unwrap_or_else(|| What::Name(word.into())), span);
            return Ok(());
        }
        if word.contains('.') {
            return Err(Diagnostic::error(format!("`{word}` cannot be called"))
                .at(span, "a path names a value")
                .help("the name of an op or a block has no point in it"));
        }
        let name = Spanned::new(word.replace('-', "_").into(), span);
        if called {
            let kind = Kind::Call { name, piped, attributes: Vec::new(), seen: BTreeSet::new() };
            self.open(kind, range.start);
        } else {
            let call = Call { name, inputs: 1, piped: true, attributes: Vec::new() };
            self.push(What::Call(Box::new(call)), span);
        }
        Ok(())
    }

    fn index(&mut self, start: usize, tokens: &mut Peekable<Tokens<Rule>>) -> Step {
        let mut subscripts = Vec::new();
        let mut from = start;
        let end = loop {
            match tokens.next() {
                Some(Token::Start { pos, .. }) => from = pos.pos(),
                Some(Token::End { rule: Rule::subscript, pos }) => {
                    subscripts.push(literal::subscript(&self.text.part(from..pos.pos()))?);
                }
                Some(Token::End { pos, .. }) => break pos.pos(),
                None => break start,
            }
        };
        if let Pipe::Done(arrow) = self.frame().pipe {
            return Err(self.binds_tighter(arrow, start..end));
        }
        self.push(What::Index(subscripts.into()), self.span(start..end));
        Ok(())
    }

    fn attribute(&mut self, start: usize, tokens: &mut Peekable<Tokens<Rule>>) -> Step {
        self.settle();
        let end = match (tokens.next(), tokens.next()) {
            (_, Some(Token::End { pos, .. })) => pos.pos(),
            _ => start,
        };
        let name = Name::new(self.text.text[start..end].into(), self.span(start..end));
        if let Kind::Call { name: call, seen, .. } = &mut self.frame().kind
            && !seen.insert(name.value.clone())
        {
            let message = format!("the attribute `{}` of `{}` is given twice", name.value, call.value);
            return Err(Diagnostic::error(message).at(name.span, "given already").help("keep one of them"));
        }
        let outer = std::mem::take(&mut self.items);
        let rest = &self.text.text[end..];
        let value = rest.find('=').map_or("", |at| rest[at + 1..].trim_start());
        self.open(Kind::Attribute { name, outer }, self.text.text.len() - value.len());
        Ok(())
    }
}
