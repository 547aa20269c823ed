//! `graphrun ops [NAME]`: what there is to call, from the cards.

use super::{
    Outcome,
    voice::{results, say},
};
use crate::{
    diagnostic::closest,
    escape,
    gallery::{self, Entry},
    initializers,
    initializers::{InitializerCard, ParameterKind},
    op::{Card, Many, Takes},
    ops, phrasebook,
};
use anyhow::Result;
use clap::{
    Args,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};
use std::{ffi::OsStr, io::Write};
use unicode_width::UnicodeWidthStr;

#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// An op or an initializer to explain
    #[arg(value_parser = Named, hide_possible_values = true)]
    name: Option<String>,
    /// Of a block of the library, print its definition
    #[arg(long, requires = "name")]
    source: bool,
    /// Print what there is to say of all of them, as Markdown
    #[arg(long, conflicts_with_all = ["name", "source"])]
    markdown: bool,
}

/// Any name; completions know those that there are.
#[derive(Debug, Clone)]
struct Named;

impl TypedValueParser for Named {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        // An unknown name is answered below, with what may have been meant.
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(names().map(PossibleValue::new)))
    }
}

/// The names of all ops and initializers.
pub fn names() -> impl Iterator<Item = &'static str> {
    let ops = ops::ALL.iter().map(|entry| entry.card.name);
    let blocks = gallery::entries().iter().map(|entry| entry.name);
    ops.chain(initializers::ALL.iter().map(|source| source.card().name)).chain(blocks)
}

pub fn run(arguments: &Arguments) -> Result<Outcome> {
    let mut out = results();
    let Some(typed) = &arguments.name else {
        write!(out, "{}", if arguments.markdown { markdown() } else { list() })?;
        return Ok(Outcome::Good);
    };
    let name = typed.replace('-', "_");
    if arguments.source {
        let Some(entry) = gallery::entry(&name) else {
            say(format_args!("error: `{}` is no block of the library\n", escape::line(typed)));
            say("help: `graphrun ops` lists them behind the ops, which are made in Rust\n");
            return Ok(Outcome::Refused);
        };
        writeln!(out, "{}{}", entry.comment, entry.source)?;
        return Ok(Outcome::Good);
    }
    if let Some(page) = page(&name) {
        write!(out, "{page}")?;
        return Ok(Outcome::Good);
    }
    if let Some((called, page)) = elsewhere(typed) {
        say(format_args!("`{}` is called `{called}` here\n", escape::line(typed)));
        write!(out, "{page}")?;
        return Ok(Outcome::Good);
    }
    say(format_args!("error: there is no op, initializer or block `{}`\n", escape::line(typed)));
    let own = names().filter(|name| gallery::entry(name).is_none());
    match (phrasebook::op(typed), closest(&name, own).or_else(|| closest(&name, names()))) {
        (Some(here), _) => say(format_args!("help: {}\n", phrasebook::fill(here, &[]))),
        (None, Some(near)) => say(format_args!("help: did you mean `{near}`?\n")),
        (None, None) => say("help: `graphrun ops` lists them all\n"),
    }
    Ok(Outcome::Refused)
}

/// What is said of an op, an initializer, a block, or a word that is called like an op.
fn page(name: &str) -> Option<String> {
    let op = ops::find(name).map(|entry| op_page(entry.card));
    op.or_else(|| initializers::find(name).map(|source| source_page(source.card())))
        .or_else(|| gallery::entry(name).map(block_page))
        .or_else(|| WORDS.iter().find(|(word, _)| *word == name).map(|(_, page)| page.to_string()))
}

/// What others call `typed`: its name here, and what is said of it.
fn elsewhere(typed: &str) -> Option<(String, String)> {
    let known = phrasebook::snake_case(phrasebook::without_modules(typed));
    let known = page(&known).map(|_| known).or_else(|| {
        phrasebook::alias(typed).or_else(|| Some(phrasebook::block(typed)?.name)).map(str::to_string)
    })?;
    Some((known.clone(), page(&known)?))
}

/// What is called like an op, and lays the graph out instead of computing.
const WORDS: &[(&str, &str)] = &[
    (
        "scan",
        "\
scan(cell, state, xs, name = value)
  Runs a block along the first axis of `xs`, from a first state on, and gives all states.
  A block with k outputs takes k states first; values and attributes by name go whole to every step.

example
  hs = scan(cell, zeros(shape = [2, 4]), xs, W = W, U = U)
",
    ),
    (
        "repeat",
        "\
repeat(block, x, times = 3, shared = false)
  Runs a block on what it gave, so many times, with params of its own each time, or the same.

example
  y = x -> repeat(residual, times = 3)
",
    ),
    (
        "split",
        "\
split(x, axis = 0, sizes = [2, 4])
  As many parts along an axis as names stand before the `=`, equal ones without `sizes`.

example
  q, k = split(x, axis = 1)
",
    ),
];

fn list() -> String {
    let lines = |rows: Vec<(String, &str)>| {
        // A few long calls do not push the others' sentences to the right.
        let widths = rows.iter().map(|(call, _)| call.width()).filter(|&width| width <= 40);
        let width = widths.max().unwrap_or(0);
        rows.iter().map(|(call, doc)| format!("  {}  {doc}\n", pad(call, width))).collect::<String>()
    };
    let ops = ops::ALL.iter().map(|entry| (entry.card.signature(), entry.card.doc)).collect();
    let entries = gallery::entries();
    let docs: Vec<String> = entries.iter().map(Entry::doc).collect();
    let blocks = entries.iter().zip(&docs);
    let blocks = blocks.map(|(entry, doc)| {
        (format!("{}{}: {}", gallery::PREFIX, entry.volume.name, entry.name), doc.as_str())
    });
    let sources =
        initializers::ALL.iter().map(|source| (signature(source.card()), source.card().doc)).collect();
    format!(
        "ops, computed in nodes\n{}\ninitializers, for the values of leaves\n{}\nblocks of the library, each with its backward by hand\n{}\n\
         `graphrun ops NAME` explains one, `graphrun ops NAME --source` prints a block\n",
        lines(ops),
        lines(sources),
        lines(blocks.collect())
    )
}

/// All ops and blocks, a section each.
fn markdown() -> String {
    let mut page = String::from(
        "# Ops and blocks\n\nMade by `graphrun ops --markdown` from the cards of the ops and the comments of the \
         library; a test keeps it fresh.\n",
    );
    let sections = |page: &mut String, title: &str, sections: Vec<(String, String)>| {
        page.push_str(&format!("\n## {title}\n\n"));
        let links: Vec<String> =
            sections.iter().map(|(name, _)| format!("[`{name}`](#{})", name.to_lowercase())).collect();
        page.push_str(&links.join(" · "));
        page.push('\n');
        for (name, text) in sections {
            page.push_str(&format!("\n### {name}\n\n```text\n{text}```\n"));
        }
    };
    let ops = ops::ALL.iter().map(|entry| (entry.card.name.to_string(), op_page(entry.card)));
    sections(&mut page, "Ops", ops.collect());
    let blocks = gallery::entries();
    let blocks = blocks.iter().map(|entry| {
        (entry.name.to_string(), format!("{}\n\n{}{}\n", entry.used(), entry.comment, entry.source))
    });
    sections(&mut page, "Blocks of the library", blocks.collect());
    page
}

fn op_page(card: &Card) -> String {
    let mut page = format!("{}\n  {}\n", card.signature(), card.doc);
    section(
        &mut page,
        "inputs",
        card.inputs.iter().map(|edge| {
            let takes = match edge.takes {
                Takes::Float => "float",
                Takes::Int => "int",
                Takes::Bool => "bool",
                Takes::Number => "float or int",
                Takes::Either => "float, int or bool",
            };
            let optional = if edge.many == Many::AtMostOnce { ", optional" } else { "" };
            (edge.name.to_string(), format!("{takes}{optional}; {}", edge.doc))
        }),
    );
    section(
        &mut page,
        "attributes",
        card.attributes.iter().map(|attribute| {
            let default = match attribute.default {
                None => "required".to_string(),
                Some("") => "optional".to_string(),
                Some(default) => format!("default {default}"),
            };
            let kind = attribute.kind.word();
            (attribute.name.to_string(), format!("{kind}, {default}; {}", attribute.doc))
        }),
    );
    section(&mut page, "forward", std::iter::once((card.forward.to_string(), String::new())));
    let backward =
        card.backward.iter().map(|(input, formula)| (format!("gradient of {input}"), format!("= {formula}")));
    match card.backward.is_empty() {
        true => section(
            &mut page,
            "backward",
            std::iter::once(("no gradient goes through".to_string(), String::new())),
        ),
        false => section(&mut page, "backward", backward),
    }
    section(&mut page, "kinks", card.kinks.iter().map(|kinks| (kinks.to_string(), String::new())));
    section(
        &mut page,
        "examples",
        card.samples.iter().map(|sample| (sample.call.to_string(), format!("= {}", sample.output))),
    );
    let elsewhere =
        [("torch", card.elsewhere.torch), ("JAX", card.elsewhere.jax), ("ONNX", card.elsewhere.onnx)];
    section(
        &mut page,
        "elsewhere",
        elsewhere
            .into_iter()
            .filter(|(_, call)| !call.is_empty())
            .map(|(whose, call)| (whose.to_string(), call.to_string())),
    );
    page
}

/// What is said of a block of the library.
fn block_page(entry: &Entry) -> String {
    let mut page = format!("{}\n", entry.signature());
    for line in entry.said() {
        page.push_str(format!("  {line}").trim_end());
        page.push('\n');
    }
    section(&mut page, "to call it", std::iter::once((entry.used(), String::new())));
    section(
        &mut page,
        "its definition",
        std::iter::once((format!("graphrun ops {} --source", entry.name), String::new())),
    );
    page
}

fn source_page(card: &InitializerCard) -> String {
    let mut page = format!("{}\n  {}\n", signature(card), card.doc);
    let shape = card
        .shaped
        .then(|| ("shape".to_string(), "a list of lengths; the leaf's annotation without it".to_string()));
    let parameters = card.parameters.iter().map(|parameter| {
        let kind = match parameter.kind {
            ParameterKind::Int => "a whole number",
            ParameterKind::Number => "a number",
            ParameterKind::Text => "text",
            ParameterKind::Flag => "true or false",
        };
        let default = match parameter.default {
            None => "required".to_string(),
            Some("") => "optional".to_string(),
            Some(default) => format!("default {default}"),
        };
        (parameter.name.to_string(), format!("{kind}, {default}; {}", parameter.doc))
    });
    section(&mut page, "parameters", parameters.chain(shape));
    section(&mut page, "example", std::iter::once((card.example.to_string(), String::new())));
    page
}

/// The call of an initializer as documentation shows it.
fn signature(card: &InitializerCard) -> String {
    let parameters: Vec<String> = card
        .parameters
        .iter()
        .enumerate()
        .map(|(at, parameter)| match parameter.default {
            None | Some("") if at < card.by_position().len() => parameter.name.to_string(),
            None | Some("") => format!("{} = …", parameter.name),
            Some(default) => format!("{} = {default}", parameter.name),
        })
        .collect();
    format!("{}({})", card.name, parameters.join(", "))
}

/// A titled list of two columns; nothing where there are no rows.
fn section(page: &mut String, title: &str, rows: impl Iterator<Item = (String, String)>) {
    let rows: Vec<(String, String)> = rows.collect();
    if rows.is_empty() {
        return;
    }
    let width = rows.iter().map(|(left, _)| left.width()).max().unwrap_or(0);
    page.push_str(&format!("\n{title}\n"));
    for (left, right) in rows {
        let line = format!("  {}  {right}", pad(&left, width));
        page.push_str(line.trim_end());
        page.push('\n');
    }
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}
