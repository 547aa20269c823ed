//! The statements of a `.graph` file, one after the other.
//!
//! Every statement is read by itself: one that cannot be read gives its error,
//! leaves its name in `broken`, and the rest is read all the same.

use super::{
    ParseOptions, Parsed,
    excerpt::{Excerpt, first_word},
    followers,
    grammar::{self, Rule},
    lines::{Lines, Piece, Statement},
    message,
    parallel::statements::{self, Ahead},
    parts::{self, PairReader, next},
    tree::*,
};
use crate::{
    cancel,
    diagnostic::Diagnostic,
    faults::Faults,
    source::{Name, Source, Span, Spanned, Spelling},
};
use std::collections::HashMap;

/// Statements that are read ahead at once: what is read waits in memory for its place.
const AT_ONCE: usize = 1 << 14;

pub(super) fn parse(source: &Source, reading: &ParseOptions) -> Parsed {
    let text = Excerpt::whole(source);
    let document = Document { spelling: Some(Spelling::Graph), span: source.span(), ..Document::default() };
    let mut reader = Reader {
        text: &text,
        reading,
        document,
        top: Scope::default(),
        bodies: Vec::new(),
        seen: HashMap::new(),
        toml_seen: false,
        refused_at: None,
    };
    let mut errors = Faults::new(reading.max_errors);
    let mut lines = Lines::new(&text, reading);
    loop {
        let pieces: Vec<Piece> = lines.by_ref().take(AT_ONCE).collect();
        if pieces.is_empty() {
            break;
        }
        cancel::check();
        for (piece, ahead) in pieces.iter().zip(statements::read(&text, &pieces, reading)) {
            errors.extend(reader.piece(piece, ahead).err());
        }
    }
    while !reader.bodies.is_empty() {
        reader.close();
    }
    errors.append(lines.errors);
    errors.sort();
    followers::drop(source, &mut errors);
    let Scope { leaves, nodes, outputs, broken, .. } = reader.top;
    let document = Document { leaves, nodes, outputs, broken, ..reader.document };
    Parsed { document, errors }
}

/// What a file and a block both hold.
#[derive(Default)]
struct Scope {
    leaves: Vec<Leaf>,
    nodes: Vec<Node>,
    outputs: Vec<Name>,
    backward: Vec<Backward>,
    broken: Vec<Box<str>>,
}

/// A `{ … }` that is open.
struct Body {
    of: BodyOf,
    /// Its `}` exists. Without one it ends where a statement of the file begins.
    closed: bool,
}

enum BodyOf {
    Block(Box<Block>, Scope),
    Check,
    /// Its head could not be read, or it stands where none can.
    Nothing,
}

struct Reader<'a> {
    text: &'a Excerpt<'a>,
    reading: &'a ParseOptions<'a>,
    document: Document,
    top: Scope,
    bodies: Vec<Body>,
    /// Settings and expectations so far, for those given twice.
    seen: HashMap<String, Span>,
    toml_seen: bool,
    /// Lines that stand farther in than one that was refused belong to it: `for i in x:`.
    refused_at: Option<usize>,
}

type Outcome = Result<(), Diagnostic>;

impl<'a> Reader<'a> {
    fn piece(&mut self, piece: &Piece, ahead: Option<statements::Read>) -> Outcome {
        match piece {
            Piece::Statement(statement) => {
                let indent = self.indent(statement);
                if self.refused_at.is_some_and(|refused| indent > refused) {
                    let name = broken_name(&self.text.text[statement.range.clone()]);
                    self.scope().broken.extend(name.map(Box::from));
                    return Ok(());
                }
                self.refused_at = None;
                let result = self.statement(statement, ahead);
                if result.is_err() || statement.broken {
                    self.refused_at = Some(indent);
                    let broken = broken_name(&self.text.text[statement.range.clone()]);
                    self.scope().broken.extend(broken.map(Box::from));
                }
                result
            }
            Piece::Opens(head, closed) => {
                self.refused_at = None;
                let of = self.open(head, *closed);
                let closed = *closed;
                match of {
                    Ok(of) => {
                        self.bodies.push(Body { of, closed });
                        Ok(())
                    }
                    Err(error) => {
                        let broken = broken_name(&self.text.text[head.range.clone()]);
                        self.top.broken.extend(broken.map(Box::from));
                        self.bodies.push(Body { of: BodyOf::Nothing, closed });
                        Err(error)
                    }
                }
            }
            Piece::Closes(_) => {
                self.close();
                Ok(())
            }
        }
    }

    /// How far in its line a statement begins.
    fn indent(&self, statement: &Statement) -> usize {
        let before = &self.text.text[..statement.range.start];
        before.len() - before.trim_end_matches([' ', '\t']).len()
    }

    fn scope(&mut self) -> &mut Scope {
        match self.bodies.last_mut() {
            Some(Body { of: BodyOf::Block(_, scope), .. }) => scope,
            _ => &mut self.top,
        }
    }

    fn close(&mut self) {
        if let Some(Body { of: BodyOf::Block(block, scope), .. }) = self.bodies.pop() {
            let Scope { leaves, nodes, outputs, backward, broken } = scope;
            self.document.blocks.push(Block { leaves, nodes, outputs, backward, broken, ..*block });
        }
    }

    fn open(&mut self, head: &Statement, closed: bool) -> Result<BodyOf, Diagnostic> {
        let text = self.text.part(head.range.clone());
        let is_block = first_word(text.text) == "block";
        if let Some(last) = self.bodies.last()
            && !last.closed
        {
            self.close();
        }
        if !self.bodies.is_empty() {
            let word = if is_block { "block" } else { "check" };
            return Err(Diagnostic::error(format!("`{word}` cannot stand inside of another `{{ … }}`"))
                .at(text.span(0..word.len()), "another one is open here")
                .help("close the one above with `}` first"));
        }
        if head.broken {
            // Its error is known; its body is read for the errors in it.
            let broken = broken_name(text.text);
            self.top.broken.extend(broken.map(Box::from));
            return Ok(BodyOf::Nothing);
        }
        if !is_block {
            grammar::run(Rule::check_line, &text, head.depth)?;
            return Ok(BodyOf::Check);
        }
        let parts = PairReader { text: &text, reading: self.reading };
        let block = parts.block(grammar::run(Rule::block_line, &text, head.depth)?)?;
        if !closed {
            self.top.broken.push(block.name.value.clone());
        }
        Ok(BodyOf::Block(Box::new(block), Scope::default()))
    }

    fn statement(&mut self, statement: &Statement, ahead: Option<statements::Read>) -> Outcome {
        let text = self.text.part(statement.range.clone());
        let word = parts::statement_word(text.text);
        self.leave_unclosed(word);
        if statement.broken || matches!(self.bodies.last(), Some(Body { of: BodyOf::Nothing, .. })) {
            return Ok(());
        }
        if matches!(self.bodies.last(), Some(Body { of: BodyOf::Check, .. })) {
            return self.settings(&text, statement.depth);
        }
        if text.text.starts_with('[') && self.bodies.is_empty() {
            let again = std::mem::replace(&mut self.toml_seen, true);
            return if again { Ok(()) } else { Err(message::toml_line(&text)) };
        }
        if text.text.starts_with("->") {
            return Err(message::loose_chain(&text));
        }
        if let Some(error) = message::reserved_as_name(&text, word) {
            return Err(error);
        }
        self.check_place(word, &text)?;
        if let Some(read) = ahead {
            self.place(read?);
            return Ok(());
        }
        let run = |rule| grammar::run(rule, &text, statement.depth);
        let parts = PairReader { text: &text, reading: self.reading };
        match word {
            "output" => {
                let names = run(Rule::output_line)?.filter(|pair| pair.as_rule() == Rule::path);
                self.scope().outputs.extend(names.map(|name| parts.name(&name)));
            }
            "upstream" => {
                let mut pairs = run(Rule::upstream_line)?;
                let name = parts.name(&next(&mut pairs));
                let value = parts.expression(next(&mut pairs))?;
                let span = text.span(0..text.text.len());
                self.only_once(format!("the upstream gradient of `{}`", name.value), span)?;
                self.document.upstreams.push(Upstream { name, value, span });
            }
            "backward" | "surrogate" => {
                let mut pairs = run(Rule::backward_line)?;
                let mut first = next(&mut pairs);
                let surrogate = first.as_rule() == Rule::surrogate;
                if surrogate {
                    first = next(&mut pairs);
                }
                let name = parts.name(&first);
                let value = parts.expression(next(&mut pairs))?;
                let span = text.span(0..text.text.len());
                self.scope().backward.push(Backward { name, value, surrogate, span });
            }
            "title" => {
                let title = parts.string(&next(&mut run(Rule::title_line)?))?;
                once(&mut self.document.title, title, "the title")?;
            }
            "use" => self.document.uses.push(parts.string(&next(&mut run(Rule::use_line)?))?),
            "seed" => {
                let seed = parts.seed(&next(&mut run(Rule::seed_line)?))?;
                once(&mut self.document.seed, seed, "the seed")?;
            }
            "tags" => {
                let tags = run(Rule::tags_line)?.filter(|pair| pair.as_rule() == Rule::tag);
                self.document.testing.tags.extend(tags.map(|tag| parts.name(&tag)));
            }
            "skip" | "xfail" => {
                let reason = parts.string(&next(&mut run(Rule::reason_line)?))?;
                let testing = &mut self.document.testing;
                let slot = if word == "skip" { &mut testing.skip } else { &mut testing.xfail };
                once(slot, reason, &format!("`{word}`"))?;
            }
            "within" => {
                let within = parts.number(&next(&mut run(Rule::tolerance_line)?))?;
                once(&mut self.document.testing.within, within, "the tolerance")?;
            }
            "expect" => {
                let expectation = parts.expectation(next(&mut run(Rule::expect_line)?))?;
                self.expect(expectation)?;
            }
            "block" | "check" => return Err(message::no_body(&text, word)),
            // No statement at all: the error says what one is.
            _ => self.place(statements::node(&text, statement, self.reading)?),
        }
        Ok(())
    }

    fn place(&mut self, read: Ahead) {
        match read {
            Ahead::Leaf(leaf) => self.scope().leaves.push(leaf),
            Ahead::Node(node) => self.scope().nodes.push(node),
        }
    }

    /// A body that is never closed ends where a statement begins that cannot be in it.
    fn leave_unclosed(&mut self, word: &str) {
        let ends = match self.bodies.last() {
            Some(Body { closed: true, .. }) | None => false,
            Some(Body { of: BodyOf::Check, .. }) => parts::STATEMENTS.contains(&word),
            Some(_) => parts::STATEMENTS.contains(&word) && !IN_A_BLOCK.contains(&word),
        };
        if ends {
            self.close();
        }
    }

    fn check_place(&self, word: &str, text: &Excerpt) -> Outcome {
        if !parts::STATEMENTS.contains(&word)
            || self.bodies.is_empty() == !matches!(word, "backward" | "surrogate")
        {
            return Ok(());
        }
        let place = text.span(0..word.len());
        match word {
            "backward" | "surrogate" => Err(Diagnostic::error(format!("`{word}` outside of a block"))
                .at(place, "states the backward of a block")
                .help("write it inside of `block NAME(…) { … }`")),
            "input" => Err(Diagnostic::error("`input` inside of a block")
                .at(place, "a block takes its inputs in its brackets")
                .help("write `block NAME(x, y: [n]) { … }`")),
            word if IN_A_BLOCK.contains(&word) => Ok(()),
            word => Err(Diagnostic::error(format!("`{word}` inside of a block"))
                .at(place, "belongs to the whole file")
                .help("move it out of the block")),
        }
    }

    fn settings(&mut self, text: &Excerpt, depth: usize) -> Outcome {
        let parts = PairReader { text, reading: self.reading };
        for pair in grammar::run(Rule::settings_line, text, depth)? {
            if pair.as_rule() != Rule::setting {
                continue;
            }
            let setting = parts.setting(pair)?;
            self.only_once(format!("`{}`", setting.name.value), setting.name.span)?;
            self.document.settings.push(setting);
        }
        Ok(())
    }

    /// What is said of one thing twice is refused.
    fn expect(&mut self, expectation: Expectation) -> Outcome {
        let what = match &expectation.of {
            Expected::Value { name, .. } => format!("the expectation of `{}`", name.value),
            Expected::Gradient { name, .. } => format!("the expectation of `grad({})`", name.value),
            Expected::Shape { name, .. } => format!("the expectation of `shape({})`", name.value),
            Expected::Check(_) => "the expectation of `check`".to_string(),
            Expected::Error(text) => format!("the expectation of the error \"{}\"", text.value),
        };
        self.only_once(what, expectation.span)?;
        self.document.expectations.push(expectation);
        Ok(())
    }

    fn only_once(&mut self, what: String, span: Span) -> Outcome {
        match self.seen.get(&what) {
            Some(&first) => Err(twice(&what, first, span)),
            None => {
                self.seen.insert(what, span);
                Ok(())
            }
        }
    }
}

const IN_A_BLOCK: &[&str] = &["param", "const", "output", "backward", "surrogate"];

fn once<T>(slot: &mut Option<Spanned<T>>, value: Spanned<T>, what: &str) -> Outcome {
    if let Some(first) = slot {
        return Err(twice(what, first.span, value.span));
    }
    *slot = Some(value);
    Ok(())
}

fn twice(what: &str, first: Span, again: Span) -> Diagnostic {
    Diagnostic::error(format!("{what} is given twice"))
        .at(again, "given again here")
        .at(first, "given first here")
        .help("keep one of them")
}

/// The name that a statement would have defined.
fn broken_name(text: &str) -> Option<&str> {
    let first = first_word(text);
    let rest = text[first.len()..].trim_start_matches([' ', '\t']);
    let second = first_word(rest);
    let defines = matches!(first, "input" | "param" | "const" | "block");
    let after = rest[second.len()..].trim_start_matches([' ', '\t']);
    // A mistyped first word: `inptu x = 3`.
    let mistyped = !parts::STATEMENTS.contains(&first) && after.starts_with(['=', ':']);
    let name = if defines || (mistyped && !second.is_empty()) { second } else { first };
    (!name.is_empty() && !parts::is_reserved(name)).then_some(name)
}
