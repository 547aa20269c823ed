//! Expressions: a flat run of operands and signs becomes reverse Polish order.
//!
//! One loop over the parser's tokens with stacks of its own (shunting-yard), so
//! neither nesting nor the number of operators touches the stack of the thread.

mod places;
mod words;

use super::{
    ParseOptions,
    excerpt::Excerpt,
    grammar::Rule,
    literal,
    tree::{Attribute, Binary, Bound, Call, Expression, Item, Subscript, What},
};
use crate::{
    diagnostic::Diagnostic,
    source::{Name, Span},
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
    reading: &ParseOptions,
) -> Result<Expression, Diagnostic> {
    // An operand takes four tokens or so.
    let items = Vec::with_capacity(tokens.len().div_ceil(4));
    let root = Frame::new(Kind::Root, range.start, 0);
    let mut builder = Builder { text, reading, items, signs: Vec::new(), frames: vec![root] };
    let mut tokens = tokens.peekable();
    while let Some(token) = tokens.next() {
        match token {
            Token::Start { rule, pos } => builder.begin(rule, pos.pos(), &mut tokens)?,
            Token::End { rule, pos } => {
                let before_given = matches!(tokens.peek(), Some(Token::Start { rule: Rule::given, .. }));
                builder.end(rule, pos.pos(), before_given)?;
            }
        }
    }
    builder.reduce(0);
    Ok(Expression { items: builder.items, span: text.span(range) })
}

/// A sign that waits for its right operand.
#[derive(Clone, Copy, PartialEq)]
enum Sign {
    Negate,
    Not,
    Binary(Binary),
}

impl Sign {
    /// Higher binds tighter.
    fn rank(self) -> u8 {
        match self {
            Self::Binary(Binary::Or) => 1,
            Self::Binary(Binary::And) => 2,
            Self::Not => 3,
            Self::Binary(sign) if sign.compares() => 4,
            Self::Binary(Binary::Mul | Binary::Div | Binary::MatMul) => 6,
            Self::Negate => 7,
            Self::Binary(Binary::Pow) => 8,
            // Sums and differences.
            Self::Binary(_) => 5,
        }
    }
}

/// What encloses the operands being read.
enum Kind {
    Root,
    Group,
    Array,
    Call {
        name: Name,
        piped: bool,
        attributes: Vec<Attribute>,
        seen: BTreeSet<Box<str>>,
    },
    /// The brackets of `x[…]`: the places read so far, the bounds of the one being read with the
    /// colons before them, and where among the items its last bound begins.
    Index {
        places: Vec<Subscript<Bound>>,
        bounds: [Option<Bound>; 3],
        colons: usize,
        from: usize,
    },
    Given {
        name: Name,
        outer: Vec<Item>,
    },
}

struct Frame {
    kind: Kind,
    start: usize,
    /// The height of the stack of signs below this frame.
    base: usize,
    /// The argument read last, and how many are inputs.
    argument: Range<usize>,
    operands: u32,
    pipe: Pipe,
    /// Set in a call that runs a block.
    runs: Option<Runs>,
}

/// The block of `scan(BLOCK, …)`, and what the inputs behind the others are called.
struct Runs {
    block: Name,
    named: Vec<Name>,
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
        Self { kind, start, base, argument: start..start, operands: 0, pipe: Pipe::None, runs: None }
    }
}

struct Builder<'a> {
    text: &'a Excerpt<'a>,
    reading: &'a ParseOptions<'a>,
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
                let (text, span) = (&self.text.text[range.clone()], self.span(range));
                let number = literal::number(text);
                if matches!(number, What::Float(size) if size.is_infinite()) {
                    return Err(literal::too_large(text, span));
                }
                self.push(number, span);
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
            Rule::negate | Rule::not => {
                let range = leaf();
                self.operand(range.clone())?;
                let sign = if rule == Rule::not { Sign::Not } else { Sign::Negate };
                self.signs.push((sign, self.span(range)));
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
            Rule::index | Rule::bare_index => {
                if let Pipe::Done(arrow) = self.frame().pipe {
                    let mut depth = 1;
                    let end = tokens.find_map(|token| {
                        match token {
                            Token::Start { rule: Rule::index, .. } => depth += 1,
                            Token::End { rule: Rule::index, .. } => depth -= 1,
                            _ => {}
                        }
                        let (Token::Start { pos, .. } | Token::End { pos, .. }) = token;
                        (depth == 0).then_some(pos.pos())
                    });
                    return Err(self.binds_tighter(arrow, at..end.unwrap_or(at + 1)));
                }
                let nothing = Kind::Index { places: Vec::new(), bounds: [None; 3], colons: 0, from: 0 };
                self.open(nothing, at);
                Ok(())
            }
            Rule::rest | Rule::new_axis | Rule::colon => {
                leaf();
                if let Kind::Index { places, colons, .. } = &mut self.frame().kind {
                    match rule {
                        Rule::rest => places.push(Subscript::Rest),
                        Rule::new_axis => places.push(Subscript::NewAxis),
                        _ => *colons += 1,
                    }
                }
                Ok(())
            }
            Rule::inner_value => {
                let height = self.items.len();
                self.frame().argument.start = at;
                if let Kind::Index { from, .. } = &mut self.frame().kind {
                    *from = height;
                }
                Ok(())
            }
            Rule::given => self.given(at),
            // `arguments` opened its frame with the call's name.
            _ => Ok(()),
        }
    }

    fn end(&mut self, rule: Rule, end: usize, before_given: bool) -> Step {
        match rule {
            Rule::inner_value => return self.settle(end, before_given),
            Rule::subscript => return self.place(),
            Rule::arguments | Rule::array | Rule::group | Rule::given => {}
            Rule::index | Rule::bare_index => {}
            _ => return Ok(()),
        }
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let start = if let Kind::Given { .. } = frame.kind { frame.argument.start } else { frame.start };
        let span = self.span(start..end);
        match frame.kind {
            Kind::Root | Kind::Group => {}
            Kind::Array => self.push(What::Array(frame.operands), span),
            Kind::Index { places, .. } => self.push(What::Index(places.into()), span),
            Kind::Call { name, piped, attributes, .. } => {
                let inputs = frame.operands + u32::from(piped);
                let call = Call { name, inputs, piped, runs: None, named: Vec::new(), attributes };
                self.call(call, frame.runs, span);
            }
            Kind::Given { name, outer } => {
                let items = std::mem::replace(&mut self.items, outer);
                let frame = self.frame();
                frame.argument = end..end;
                if let Some(runs) = &mut frame.runs {
                    runs.named.push(name);
                    frame.operands += 1;
                    self.items.extend(items);
                } else if let Kind::Call { attributes, .. } = &mut frame.kind {
                    attributes.push(Attribute { name, value: Expression { items, span } });
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
                    Sign::Not => What::Not,
                    Sign::Binary(binary) => What::Binary(binary),
                },
                span,
            );
        }
    }

    /// Ends an argument.
    fn settle(&mut self, end: usize, is_name: bool) -> Step {
        self.reduce(0);
        let frame = self.frame();
        frame.operands += 1;
        frame.pipe = Pipe::None;
        frame.argument.end = end;
        let argument = frame.argument.clone();
        if frame.operands == 1 && frame.runs.is_none() && !is_name {
            self.block_to_run();
        }
        let frame = self.frames.last().expect("the root frame stays");
        match &frame.kind {
            Kind::Index { .. } => self.bound(),
            Kind::Call { name, attributes, .. } if !is_name => {
                let named = frame.runs.as_ref().and_then(|runs| runs.named.last());
                let Some(last) = attributes.last().map(|attribute| &attribute.name).or(named) else {
                    return Ok(());
                };
                Err(Diagnostic::error(format!("in `{}(…)` an input follows an attribute", name.value))
                    .at(self.span(argument), "this input comes too late")
                    .at(last.span, "this attribute stands before it")
                    .help("write the inputs first, then the attributes"))
            }
            _ => Ok(()),
        }
    }

    /// An operand that is no call begins here.
    fn operand(&mut self, range: Range<usize>) -> Step {
        match self.frame().pipe {
            Pipe::Open(arrow) => Err(self.no_call(arrow, range)),
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
        let sign = &self.text.text[range.clone()];
        let Some(binary) = Binary::ALL.into_iter().find(|binary| binary.sign() == sign) else {
            // The other one is `->`.
            self.reduce(0);
            self.frame().pipe = Pipe::Open(range.start);
            return Ok(());
        };
        if let Pipe::Done(arrow) = self.frame().pipe {
            return Err(self.binds_tighter(arrow, range));
        }
        self.binary(binary, range.clone());
        // A comparison that waits to the left of another was not reduced, but stands among the items.
        match self.items.last() {
            Some(Item { what: What::Binary(before), span }) if binary.compares() && before.compares() => {
                let (before, span) = (*before, *span);
                self.no_chain(before, span, binary, range)
            }
            _ => Ok(()),
        }
    }

    /// `0 < x < 1`, where the first comparison stands without brackets.
    fn no_chain(&self, before: Binary, span: Span, binary: Binary, range: Range<usize>) -> Step {
        let last = self.text.text[..range.start].trim_end();
        if last.ends_with(')') {
            return Ok(());
        }
        Err(Diagnostic::error("comparisons do not chain")
            .at(self.span(range), "the second comparison")
            .at(span, "the first")
            .help(format!("join them: `a {} b and b {} c`", before.sign(), binary.sign())))
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
        self.signs.push((Sign::Binary(binary), self.span(range)));
    }

    /// `= value` in a call: the argument before it is no input but a name.
    fn given(&mut self, start: usize) -> Step {
        let argument = self.frame().argument.clone();
        if argument.is_empty() {
            return Err(Diagnostic::error("expected an operator, `,` or `)`, found `=`")
                .at(self.span(start..start + 1), "a value is given already")
                .help("write one `name = value` after the other, with commas"));
        }
        let is_path = self.text.text[argument.clone()].contains('.');
        let span = self.span(argument);
        let last = self.items.pop_if(|item| item.span == span && !is_path);
        let Some(Item { what: What::Name(word), .. }) = last else {
            return Err(Diagnostic::error("the name of an attribute must be one word")
                .at(span, "no name")
                .help("write `f(x, axis = 0)`"));
        };
        self.frame().operands -= 1;
        if let Kind::Call { name: call, seen, .. } = &mut self.frame().kind
            && !seen.insert(word.clone())
        {
            let message = format!("the attribute `{word}` of `{}` is given twice", call.value);
            return Err(Diagnostic::error(message).at(span, "given already").help("keep one of them"));
        }
        let outer = std::mem::take(&mut self.items);
        self.open(Kind::Given { name: Name::new(word, span), outer }, start);
        Ok(())
    }
}
