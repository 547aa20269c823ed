//! `graphrun show FILE`: the graph as a picture.

use super::{
    Outcome,
    options::{Color, Reading, print_refusal},
};
use crate::{
    compare::{self, compare},
    diagnostic::{Diagnostic, Refusal, closest, render},
    graph::{Graph, ValueId},
    load::{Input, load},
    run::{Direction, Dtype, Run},
    source::Sources,
    view::{self, Detail, Marks, Scene, Theme},
};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// A graph file; `-` is standard input
    file: PathBuf,
    /// Where to write; standard output without it
    #[arg(short, long, value_name = "OUT")]
    output_file: Option<PathBuf>,
    /// The format; without it the ending of OUT tells it, or else it is svg
    #[arg(long, value_enum)]
    to: Option<Format>,
    /// Compare too, and mark what is wrong, on a kink or undecided
    #[arg(short, long)]
    check: bool,
    /// Values only, no gradients
    #[arg(long, conflicts_with = "check")]
    forward: bool,
    /// Open blocks N levels deep; without it as many as leave the picture small
    #[arg(long, value_name = "N")]
    depth: Option<usize>,
    /// Only what is near this value
    #[arg(long, value_name = "NAME")]
    near: Option<String>,
    /// How many steps are near
    #[arg(long, value_name = "N", default_value_t = 3, requires = "near")]
    steps: usize,
    /// Colours for a light or a dark screen; auto follows the reader's
    #[arg(long, value_enum, default_value = "auto")]
    theme: ThemeFlag,
    /// Pixels a unit of a png
    #[arg(long, value_name = "X", default_value_t = 2.0)]
    scale: f32,
    #[command(flatten)]
    reading: Reading,
    /// When to paint refusals
    #[arg(long, value_enum, default_value = "auto")]
    color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Svg,
    Png,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ThemeFlag {
    Auto,
    Light,
    Dark,
}

impl From<ThemeFlag> for Theme {
    fn from(flag: ThemeFlag) -> Self {
        match flag {
            ThemeFlag::Auto => Self::Auto,
            ThemeFlag::Light => Self::Light,
            ThemeFlag::Dark => Self::Dark,
        }
    }
}

pub fn run(arguments: &Arguments) -> Result<Outcome> {
    let mut sources = Sources::default();
    match picture(arguments, &mut sources) {
        Ok((bytes, outcome)) => {
            write_out(arguments, &bytes)?;
            Ok(outcome)
        }
        Err(refusal) => {
            print_refusal(&refusal, &sources, arguments.color);
            Ok(Outcome::Refused)
        }
    }
}

fn picture(arguments: &Arguments, sources: &mut Sources) -> Result<(Vec<u8>, Outcome), Refusal> {
    let format = format(arguments)?;
    if !(0.05..=20.0).contains(&arguments.scale) {
        let refused = Diagnostic::error(format!("`--scale {}` is no scale", arguments.scale));
        return Err(refused.help("it goes from 0.05 to 20 pixels a unit").into());
    }
    let is_stdin = arguments.file.as_os_str() == "-";
    let input = if is_stdin { Input::Stdin } else { Input::File(&arguments.file) };
    let request = arguments.reading.request((!is_stdin).then_some(&arguments.file), sources)?;
    let graph = load(&input, arguments.reading.spelling.map(Into::into), &request, sources)?;
    eprint!("{}", render(&graph.warnings, sources, arguments.color.style(&io::stderr()).color));
    let detail = Detail { depth: arguments.depth, near: near(arguments, &graph)?, most: Some(view::MOST_ITEMS) };
    let backward = !arguments.forward && crate::run::can_go_backward(&graph).is_ok();
    let direction = if backward { Direction::Backward } else { Direction::Forward };
    let run = Run::of(&graph, Dtype::F64, direction);
    let (marks, outcome) = if arguments.check {
        crate::run::can_go_backward(&graph)?;
        let options = compare::Options { settings: graph.comparison.clone(), plain: false, cancel: None };
        let comparison = compare(&graph, &graph.wanted, &options);
        let outcome = match (comparison.is_wrong(), comparison.is_undecided()) {
            (true, _) => Outcome::Wrong,
            (false, true) => Outcome::Undecided,
            (false, false) => Outcome::Good,
        };
        (Marks::of(&comparison, &graph), outcome)
    } else {
        (Marks::default(), Outcome::Good)
    };
    let scene = Scene::of(&run, &detail, &marks).map_err(|fault| {
        Diagnostic::error(fault.to_string())
            .help("draw a part: `--near NAME` shows what is around a value, `--steps N` how far")
    })?;
    let bytes = match format {
        Format::Svg => {
            let layout = view::svg::layout(&scene).map_err(|fault| Diagnostic::error(fault.to_string()))?;
            view::svg::draw(&scene, &layout, arguments.theme.into()).into_bytes()
        }
        Format::Png => {
            let theme = if arguments.theme == ThemeFlag::Dark { Theme::Dark } else { Theme::Light };
            let layout = view::svg::layout(&scene).map_err(|fault| Diagnostic::error(fault.to_string()))?;
            let svg = view::svg::draw(&scene, &layout, theme);
            view::png::paint(&svg, arguments.scale).map_err(|fault| Diagnostic::error(fault.to_string()))?
        }
    };
    Ok((bytes, outcome))
}

fn format(arguments: &Arguments) -> Result<Format, Refusal> {
    if let Some(format) = arguments.to {
        return Ok(format);
    }
    let Some(path) = &arguments.output_file else { return Ok(Format::Svg) };
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
    let by_ending = match ending {
        "txt" => Ok(Format::Svg),
        "mmd" => Ok(Format::Svg),
        ending => Format::from_str(ending, true),
    };
    by_ending.map_err(|_| {
        let refused = Diagnostic::error(format!("{} does not tell a format by its ending", path.display()));
        refused.help("say it: `--to svg`, `png`, `html`, `dot`, `mermaid` or `text`").into()
    })
}

fn near(arguments: &Arguments, graph: &Graph) -> Result<Option<(ValueId, usize)>, Refusal> {
    let Some(name) = &arguments.near else { return Ok(None) };
    match graph.find(name) {
        Some(value) => Ok(Some((value, arguments.steps))),
        None => {
            let refused = Diagnostic::error(format!("`--near {name}`: nothing is called `{name}`"));
            let names = graph.values.iter().map(|value| &*value.name);
            Err(match closest(name, names) {
                Some(near) => refused.help(format!("did you mean `{near}`?")).into(),
                None => refused.help("`graphrun FILE --all` lists all names").into(),
            })
        }
    }
}

fn write_out(arguments: &Arguments, bytes: &[u8]) -> Result<()> {
    match &arguments.output_file {
        Some(path) => write_file(path, bytes),
        None => Ok(io::stdout().write_all(bytes)?),
    }
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
