//! Parts of statements that both spellings share: names, types, settings, and
//! the strings that TOML spells in the words of the other language.

use super::{
    ParseOptions,
    excerpt::{self, Excerpt},
    expression,
    grammar::{self, Rule},
    lines, literal,
    tolerance::Tolerance,
    tree::*,
};
use crate::{
    diagnostic::Diagnostic,
    source::{Name, Span, Spanned},
    tensor::Kind,
};
use pest::iterators::{Pair, Pairs};

/// The words that begin a statement.
pub(super) const STATEMENTS: &[&str] = &[
    "title",
    "input",
    "param",
    "const",
    "output",
    "upstream",
    "block",
    "use",
    "seed",
    "tags",
    "skip",
    "xfail",
    "within",
    "expect",
    "check",
    "backward",
    "surrogate",
];

/// Words that begin a statement, and that a value may be named all the same: `skip = x + h`.
const NAMES_TOO: &[&str] = &["tags", "skip", "xfail"];

/// Words that stand between values.
const SIGNS: &[&str] = &["and", "or", "not"];

/// Words that no value may be named.
pub(super) fn is_reserved(word: &str) -> bool {
    let is_name_too = NAMES_TOO.contains(&word);
    STATEMENTS.contains(&word) && !is_name_too || SIGNS.contains(&word) || literal::constant(word).is_some()
}

/// The word that tells what statement a text is; empty for a node, be it named `skip`.
pub(super) fn statement_word(text: &str) -> &str {
    let word = excerpt::first_word(text);
    let is_node =
        NAMES_TOO.contains(&word) && text[word.len()..].trim_start_matches([' ', '\t']).starts_with('=');
    if is_node { "" } else { word }
}

/// Whether a word can name something.
pub(super) fn is_name(word: &str) -> bool {
    grammar::matches(Rule::whole_name, word)
}

/// Whether a word can be a tag.
pub(super) fn is_tag(word: &str) -> bool {
    grammar::matches(Rule::whole_tag, word)
}

/// Refuses a new name that is a reserved word.
pub(super) fn free(name: Name) -> Result<Name, Diagnostic> {
    if !is_reserved(&name.value) {
        return Ok(name);
    }
    Err(Diagnostic::error(format!("`{}` is a reserved word", name.value))
        .at(name.span, "cannot be a name here")
        .help(format!("choose another name, `{}_1` for one", name.value)))
}

/// The next pair, which the grammar guarantees.
pub(super) fn next<'a>(pairs: &mut Pairs<'a, Rule>) -> Pair<'a, Rule> {
    pairs.next().expect("the rule has this part")
}

/// Reads pairs of one excerpt.
#[derive(Clone, Copy)]
pub(super) struct PairReader<'a> {
    pub text: &'a Excerpt<'a>,
    pub reading: &'a ParseOptions<'a>,
}

impl PairReader<'_> {
    pub fn span(&self, pair: &Pair<Rule>) -> Span {
        let span = pair.as_span();
        self.text.span(span.start()..span.end())
    }

    pub fn name(&self, pair: &Pair<Rule>) -> Name {
        Name::new(pair.as_str().into(), self.span(pair))
    }

    pub fn expression(&self, pair: Pair<Rule>) -> Result<Expression, Diagnostic> {
        let span = pair.as_span();
        expression::build(pair.into_inner().tokens(), span.start()..span.end(), self.text, self.reading)
    }

    pub fn string(&self, pair: &Pair<Rule>) -> Result<Spanned<String>, Diagnostic> {
        let span = pair.as_span();
        let says = literal::text(&self.text.part(span.start()..span.end()))?;
        Ok(Spanned::new(says, self.span(pair)))
    }

    /// A number where only its size matters.
    pub fn number(&self, pair: &Pair<Rule>) -> Result<Spanned<f64>, Diagnostic> {
        let text = pair.as_str();
        let size = literal::float(text.trim_start_matches('-'));
        if size.is_infinite() {
            return Err(literal::too_large(text, self.span(pair)));
        }
        Ok(Spanned::new(if text.starts_with('-') { -size } else { size }, self.span(pair)))
    }

    pub fn type_note(&self, pair: Pair<Rule>) -> Result<TypeNote, Diagnostic> {
        let mut note = TypeNote { kind: Kind::Float, dims: None, span: self.span(&pair) };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::kind => note.kind = Kind::of(part.as_str()).unwrap_or(Kind::Float),
                _ => note.dims = Some(self.dims(part)?.value),
            }
        }
        Ok(note)
    }

    pub fn dims(&self, pair: Pair<Rule>) -> Result<Spanned<Vec<Spanned<Dim>>>, Diagnostic> {
        let span = self.span(&pair);
        let dims = pair.into_inner().map(|dim| {
            let span = self.span(&dim);
            dimension(dim.as_str(), span).map(|dim| Spanned::new(dim, span))
        });
        Ok(Spanned::new(dims.collect::<Result<_, _>>()?, span))
    }

    /// `input N: TYPE = VALUE`, from its role on.
    pub fn leaf(&self, mut pairs: Pairs<Rule>) -> Result<Leaf, Diagnostic> {
        let role = match next(&mut pairs).as_str() {
            "input" => Role::Input,
            "param" => Role::Param,
            _ => Role::Const,
        };
        let name = free(self.name(&next(&mut pairs)))?;
        let span = self.text.span(0..self.text.text.len());
        let mut leaf = Leaf { role, name, ty: None, value: None, span };
        for pair in pairs {
            match pair.as_rule() {
                Rule::type_note => leaf.ty = Some(self.type_note(pair)?),
                Rule::value => leaf.value = Some(self.expression(pair)?),
                _ => {}
            }
        }
        Ok(leaf)
    }

    pub fn seed(&self, pair: &Pair<Rule>) -> Result<Spanned<u64>, Diagnostic> {
        let span = self.span(pair);
        let seed = pair.as_str().replace('_', "").parse();
        seed.map(|seed| Spanned::new(seed, span)).map_err(|_| {
            Diagnostic::error(format!("the seed must be a whole number, found {}", pair.as_str()))
                .at(span, "no whole number below 2^64")
                .help("write `seed 0`")
        })
    }

    /// The head of a block, from its name on; what is in it comes later.
    pub fn block(&self, mut pairs: Pairs<Rule>) -> Result<Block, Diagnostic> {
        let mut block = Block {
            name: free(self.name(&next(&mut pairs)))?,
            inputs: Vec::new(),
            attributes: Vec::new(),
            leaves: Vec::new(),
            nodes: Vec::new(),
            outputs: Vec::new(),
            backward: Vec::new(),
            broken: Vec::new(),
            span: self.text.span(0..self.text.text.len()),
        };
        for pair in pairs {
            match pair.as_rule() {
                Rule::block_input => block.inputs.push(self.block_input(pair)?),
                Rule::block_attribute => block.attributes.push(self.block_attribute(pair)?),
                _ => {}
            }
        }
        Ok(block)
    }

    /// `rtol = 1e-6` of `check { … }`.
    pub fn setting(&self, pair: Pair<Rule>) -> Result<Setting, Diagnostic> {
        let mut parts = pair.into_inner();
        let name = self.name(&next(&mut parts));
        let value = next(&mut parts);
        let value = match value.as_rule() {
            Rule::signed_number => SettingValue::Number(self.number(&value)?),
            Rule::path => SettingValue::Names(vec![self.name(&value)]),
            _ => SettingValue::Names(value.into_inner().map(|path| self.name(&path)).collect()),
        };
        Ok(Setting { name, value })
    }

    /// `expect grad(x) = 2 within 1e-6`, without the word.
    pub fn expectation(&self, pair: Pair<Rule>) -> Result<Expectation, Diagnostic> {
        let span = self.text.span(0..self.text.text.len());
        let rule = pair.as_rule();
        let mut parts = pair.into_inner();
        let first = next(&mut parts);
        let name = self.name(&first);
        let of = match rule {
            Rule::of_error => Expected::Error(self.string(&first)?),
            Rule::of_check => Expected::Check(name),
            Rule::of_shape => Expected::Shape { name, shape: self.dims(next(&mut parts))? },
            Rule::of_gradient => Expected::Gradient { name, value: self.expression(next(&mut parts))? },
            _ => Expected::Value { name, value: self.expression(next(&mut parts))? },
        };
        let within = parts.find_map(|pair| match pair.as_rule() {
            Rule::number => {
                Some(self.number(&pair).map(|part| Spanned::new(Tolerance::Part(part.value), part.span)))
            }
            Rule::rounding => {
                let span = self.span(&pair);
                let read = Tolerance::of(pair.as_str()).map_err(|none| none.at(span, "after `within`"));
                Some(read.map(|tolerance| Spanned::new(tolerance, span)))
            }
            _ => None,
        });
        let within = within.transpose()?;
        Ok(Expectation { of, within, span })
    }

    pub fn block_input(&self, pair: Pair<Rule>) -> Result<BlockInput, Diagnostic> {
        let mut parts = pair.into_inner();
        let name = self.name(&next(&mut parts));
        let ty = parts.next().map(|note| self.type_note(note)).transpose()?;
        Ok(BlockInput { name: free(name)?, ty })
    }

    pub fn block_attribute(&self, pair: Pair<Rule>) -> Result<BlockAttribute, Diagnostic> {
        let mut parts = pair.into_inner();
        let name = self.name(&next(&mut parts));
        let default = parts.next().map(|value| self.expression(value)).transpose()?;
        Ok(BlockAttribute { name: free(name)?, default })
    }
}

fn dimension(text: &str, span: Span) -> Result<Dim, Diagnostic> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(Dim::Name(text.into()));
    }
    text.replace('_', "").parse().map(Dim::Number).map_err(|_| {
        Diagnostic::error(format!("the dimension {text} is too large"))
            .at(span, "does not fit into 64 bits")
            .help("write the length of the axis, or a name for it")
    })
}

/// Runs a rule that stands for a whole string, after a look at its brackets.
///
/// # Errors
/// What is wrong with the string.
pub(super) fn whole<'a>(
    rule: Rule,
    text: &Excerpt<'a>,
    reading: &ParseOptions,
) -> Result<impl Iterator<Item = Pair<'a, Rule>> + use<'a>, Vec<Diagnostic>> {
    let depth = lines::nesting(text, reading)?;
    let pairs = grammar::run(rule, text, depth).map_err(|error| vec![error])?;
    Ok(pairs.filter(|pair| pair.as_rule() != Rule::EOI))
}

/// A string that is one expression.
pub(super) fn expression_of(text: &Excerpt, reading: &ParseOptions) -> Result<Expression, Vec<Diagnostic>> {
    let mut pairs = whole(Rule::expression, text, reading)?;
    match pairs.next() {
        Some(pair) => PairReader { text, reading }.expression(pair).map_err(|error| vec![error]),
        None => Ok(Expression::default()),
    }
}

/// A string that is the inside of `x[…]`, in whole numbers.
pub(super) fn subscripts_of(
    text: &Excerpt,
    reading: &ParseOptions,
) -> Result<Box<[Subscript]>, Vec<Diagnostic>> {
    let index = match whole(Rule::subscripts, text, reading)?.next() {
        Some(pair) => PairReader { text, reading }.expression(pair).map_err(|error| vec![error])?,
        None => Expression::default(),
    };
    let no_numbers = || {
        let whole = text.span(0..text.text.len());
        let at = index.items.first().filter(|item| !matches!(item.what, What::Index(_)));
        let message = match at.map(|item| &item.what) {
            Some(What::Float(number)) if number.fract() == 0.0 => format!("the index {number} is too large"),
            _ => "in a text, an index is made of whole numbers".to_string(),
        };
        vec![
            Diagnostic::error(message)
                .at(at.map_or(whole, |item| item.span), "no whole number")
                .help("between brackets it may be computed: `x[0:2 * n]`"),
        ]
    };
    match &index.items[..] {
        [Item { what: What::Index(places), .. }] => {
            places.iter().map(Subscript::numbers).collect::<Option<_>>().ok_or_else(no_numbers)
        }
        _ => Err(no_numbers()),
    }
}
