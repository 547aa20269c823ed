//! `graphrun show FILE`: the graph as a picture.

mod flags;

use super::{
    Outcome,
    options::{Color, GraphFile, LoadFlags, PrecisionFlag, whole},
    progress,
    serve::{self, Serving},
    voice::{print_refusal, results, say, warn},
    watch::{Watched, again},
};
use crate::{
    compare::{self, Comparison, compare},
    diagnostic::{Diagnostic, Refusal, closest, render_some},
    digits::{self, Digits, digits},
    escape,
    graph::{Graph, ValueId},
    limits::Limits,
    load::load,
    report::{Style, run::is_shown},
    run::{Direction, Run, can_go_backward},
    source::SourceMap,
    view::{self, Axis, Detail, Layout, Marks, Scene, Theme, html::Page},
    write,
};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use flags::{DirectionFlag, Format, ThemeFlag};
use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// A graph file; `-` is standard input
    file: PathBuf,
    /// Where to write; its ending tells the format: .svg .html .png .dot .mmd .tex .txt
    #[arg(short, long, value_name = "OUT")]
    output_file: Option<PathBuf>,
    /// The format; on a terminal text, else svg, where nothing tells it
    #[arg(long, value_enum)]
    to: Option<Format>,
    /// Compare too, and mark what is wrong, on a kink or undecided
    #[arg(short, long)]
    check: bool,
    /// Count the digits that a run keeps, colour by them, and mark where they are lost
    #[arg(long)]
    digits: bool,
    /// The precision whose digits are counted
    #[arg(long = "in", value_enum, default_value = "f32", value_name = "PRECISION", requires = "digits")]
    precision: PrecisionFlag,
    /// Decimal digits that are enough
    #[arg(long, default_value = "3", value_name = "N", value_parser = super::digits::wanted, requires = "digits", allow_negative_numbers = true)]
    keep: f64,
    /// Values only, no gradients
    #[arg(long, conflicts_with = "check")]
    forward: bool,
    /// Open blocks N levels deep; without it as many as leave the picture small
    #[arg(long, value_name = "N", value_parser = whole, allow_negative_numbers = true)]
    depth: Option<usize>,
    /// Only what is around this value
    #[arg(long, value_name = "NAME")]
    near: Option<String>,
    /// How many steps around it
    #[arg(long, value_name = "N", value_parser = whole, allow_negative_numbers = true, default_value_t = 3, requires = "near")]
    steps: usize,
    /// Which way the picture runs
    #[arg(long, value_enum, default_value = "auto")]
    direction: DirectionFlag,
    /// Columns of a text picture; without it those of the terminal, or 120
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(20..), allow_negative_numbers = true)]
    columns: Option<u16>,
    /// Colours; auto is light, or in an svg what the reader's screen is
    #[arg(long, value_enum, default_value = "auto")]
    theme: ThemeFlag,
    /// Pixels of a png for each of the svg
    #[arg(long, value_name = "X", default_value_t = 2.0, allow_negative_numbers = true)]
    scale: f32,
    #[command(flatten)]
    reading: LoadFlags,
    /// The number type of the run; a comparison is always in f64
    #[arg(long, value_enum, default_value = "f64", help_heading = "Running")]
    dtype: PrecisionFlag,
    /// Draw again whenever a file that was read is saved; a page reloads itself
    #[arg(short, long, help_heading = "Running")]
    watch: bool,
    /// The port of the page that reloads itself; any free one without it
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        hide_default_value = true,
        requires = "watch",
        allow_negative_numbers = true,
        help_heading = "Running"
    )]
    port: u16,
    /// Undecided entries do not fail the run
    #[arg(long, help_heading = "Running")]
    allow_undecided: bool,
    /// When to paint text pictures and refusals
    #[arg(long, value_enum, default_value = "auto")]
    color: Color,
}

/// Draws the file, with `--watch` again and again.
pub fn run(arguments: &Arguments) -> Result<Outcome> {
    if !arguments.watch {
        return show(arguments, &mut Watched::default());
    }
    if GraphFile(&arguments.file).is_stdin() {
        anyhow::bail!("`--watch` watches files, and standard input is none");
    }
    let format = format(arguments);
    match (format, &arguments.output_file) {
        (Ok(Format::Html), None) => {
            let serving = Serving::open(arguments.port)?;
            again(arguments.color, |watched| serve_anew(arguments, &serving, watched))
        }
        (Ok(Format::Text), None) | (_, Some(_)) => again(arguments.color, |watched| show(arguments, watched)),
        _ => anyhow::bail!(
            "`--watch` needs a file to write anew: `-o picture.svg`, or `--to html` for a page that reloads itself"
        ),
    }
}

fn show(arguments: &Arguments, watched: &mut Watched) -> Result<Outcome> {
    let mut sources = SourceMap::default();
    match picture(arguments, &mut sources, watched, None) {
        Ok((bytes, outcome)) => {
            match &arguments.output_file {
                Some(path) => write_file(path, &bytes)?,
                None => results().write_all(&bytes)?,
            }
            Ok(outcome)
        }
        Err(refusal) => {
            print_refusal(&refusal, &sources, arguments.color);
            Ok(Outcome::Refused)
        }
    }
}

/// Gives the page's server a newer page, or what is wrong with the file.
fn serve_anew(arguments: &Arguments, serving: &Serving, watched: &mut Watched) -> Result<Outcome> {
    let mut sources = SourceMap::default();
    let version = serving.next();
    let outcome = match picture(arguments, &mut sources, watched, Some(version)) {
        Ok((bytes, outcome)) => {
            serving.show(version, bytes);
            outcome
        }
        Err(refusal) => {
            let words = render_some(&refusal.0, &sources, false);
            serving.show(version, serve::refused(&arguments.file.display().to_string(), &words, version));
            print_refusal(&refusal, &sources, arguments.color);
            Outcome::Refused
        }
    };
    say(format_args!("{}\n", serving.address()));
    Ok(outcome)
}

/// The picture's bytes; `live` is the version of a page that a server shows.
fn picture(
    arguments: &Arguments,
    sources: &mut SourceMap,
    watched: &mut Watched,
    live: Option<u64>,
) -> Result<(Vec<u8>, Outcome), Refusal> {
    watched.file(&arguments.file);
    let format = format(arguments)?;
    if !(0.05..=20.0).contains(&arguments.scale) {
        let refused = Diagnostic::error(format!("`--scale {}` is no scale", arguments.scale));
        return Err(refused.help("it goes from 0.05 to 20 pixels of the png for each of the svg").into());
    }
    let file = GraphFile(&arguments.file);
    let request = arguments.reading.request(file, sources)?;
    let graph = load(&file.input(), arguments.reading.spelling.map(Into::into), &request, sources);
    watched.files(&request.files);
    let graph = graph?;
    warn(&graph.warnings, sources, arguments.color);
    let most = match format {
        Format::Svg | Format::Html | Format::Png | Format::Tikz => Some(view::MOST_ITEMS),
        Format::Text => Some(view::text::MOST_ITEMS),
        Format::Dot | Format::Mermaid => None,
    };
    let detail = Detail { depth: arguments.depth, near: near(arguments, &graph)?, most };
    // A graph without gradients is drawn without them.
    let backward = !arguments.forward && (arguments.check || can_go_backward(&graph).is_ok());
    let direction = if backward { Direction::Backward } else { Direction::Forward };
    let comparison = if arguments.check { Some(check(&graph, &request.limits)?) } else { None };
    let digits = match arguments.digits {
        true => Some(count(&graph, arguments, &request.limits)?),
        false => None,
    };
    let outcome =
        comparison.as_ref().map_or(Outcome::Good, |found| Outcome::of(found, arguments.allow_undecided));
    let run = Run::of(&graph, arguments.dtype.into(), direction);
    if format == Format::Html {
        let file = file.title();
        let page = Page {
            run: &run,
            sources,
            file: &file,
            comparison: comparison.as_ref(),
            digits: digits.as_ref(),
            live,
        };
        let drawn = page.write(&detail);
        let drawn = drawn.map_err(|fault| part(Diagnostic::error(fault.to_string()), format, arguments))?;
        return Ok((drawn.into_bytes(), outcome));
    }
    let marks = comparison.as_ref().map_or_else(Marks::default, |found| Marks::of(found, &graph));
    let marks = match &digits {
        Some(digits) => marks.with_digits(digits, &graph),
        None => marks,
    };
    let scene = Scene::of(&run, &detail, &marks)
        .map_err(|fault| part(Diagnostic::error(fault.to_string()), format, arguments))?;
    Ok((drawn(scene, format, arguments)?, outcome))
}

fn check(graph: &Graph, limits: &Limits) -> Result<Comparison, Refusal> {
    can_go_backward(graph)?;
    let options = compare::Options { settings: graph.comparison.clone(), ..compare::Options::default() };
    compare::fits(graph, &graph.wanted, &options, limits)?;
    Ok(progress::shown(options, |options| compare(graph, &graph.wanted, options)))
}

fn count(graph: &Graph, arguments: &Arguments, limits: &Limits) -> Result<Digits, Refusal> {
    digits::fits(graph, limits)?;
    let (precision, keep) = (arguments.precision.into(), arguments.keep);
    Ok(digits(graph, digits::Options { precision, accumulate_same: false, keep }))
}

fn drawn(scene: Scene, format: Format, arguments: &Arguments) -> Result<Vec<u8>, Refusal> {
    let placed = |scene: Scene| -> Result<(Scene, Layout), Refusal> {
        let placed = view::arranged(scene, arguments.direction.into());
        Ok(placed.map_err(|fault| part(Diagnostic::error(fault.to_string()), format, arguments))?)
    };
    let axis = if arguments.direction == DirectionFlag::Down { Axis::Down } else { Axis::Right };
    Ok(match format {
        Format::Svg => {
            let (scene, layout) = placed(scene)?;
            view::svg::draw(&scene, &layout, arguments.theme.into()).into_bytes()
        }
        Format::Png => {
            let (scene, layout) = placed(scene)?;
            let theme = if arguments.theme == ThemeFlag::Dark { Theme::Dark } else { Theme::Light };
            painted(&view::svg::draw(&scene, &layout, theme), arguments)?
        }
        Format::Html => unreachable!("a page draws its own scene"),
        Format::Dot => view::dot(&scene, axis).into_bytes(),
        Format::Mermaid => view::mermaid(&scene, axis).into_bytes(),
        Format::Tikz => {
            let (scene, layout) = placed(scene)?;
            view::tikz(&scene, &layout, Theme::from(arguments.theme).palette()).into_bytes()
        }
        Format::Text => text(&scene, arguments)?.into_bytes(),
    })
}

fn painted(svg: &str, arguments: &Arguments) -> Result<Vec<u8>, Refusal> {
    let painted = view::paint(svg, arguments.scale)
        .map_err(|fault| part(Diagnostic::error(fault.to_string()), Format::Png, arguments))?;
    if let Some(text) = painted.unwritable {
        say(format_args!(
            "warning: no font of this machine can write `{}`, which is blank in the picture\n \
             = help: install one, for Japanese `fonts-noto-cjk`; or write an svg\n",
            escape::line(&text)
        ));
    }
    Ok(painted.png)
}

/// Columns of a text picture where there is no terminal that says how many it has.
const COLUMNS: usize = 120;

fn text(scene: &Scene, arguments: &Arguments) -> Result<String, Refusal> {
    // A file has no colours.
    let style = match arguments.output_file {
        Some(_) => Style { color: false },
        None => arguments.color.style(&io::stdout()),
    };
    let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let terminal = terminal.filter(|_| arguments.output_file.is_none() && io::stdout().is_terminal());
    let columns = arguments.columns.map(usize::from).or(terminal).unwrap_or(COLUMNS);
    let drawn = match arguments.direction {
        DirectionFlag::Auto => view::text::fitted(scene, style, columns),
        DirectionFlag::Right => view::text::draw(scene, style),
        DirectionFlag::Down => {
            let refused = Diagnostic::error("a picture in letters runs to the right");
            return Err(refused
                .help("leave `--direction down` out, or write an svg with `-o picture.svg`")
                .into());
        }
    };
    let drawn = drawn.map_err(|fault| part(Diagnostic::error(fault.to_string()), Format::Text, arguments))?;
    if let Some(width) = terminal
        && drawn.width > width
    {
        let words = format!("this picture is {} columns wide, and the terminal {width}", drawn.width);
        let help = "write it with `-o picture.svg`, scroll it with `| less -S`, or show less: `--depth 0`, `--near NAME`";
        return Err(Diagnostic::error(words).help(help).into());
    }
    let title = scene.title.as_ref().map_or(String::new(), |title| format!("{}\n\n", style.bold(title)));
    Ok(format!("{title}{}", drawn.text))
}

/// What to do where the whole is too much.
fn part(refused: Diagnostic, format: Format, arguments: &Arguments) -> Diagnostic {
    let mut ways = vec!["draw a part with `--near NAME`, and `--steps N` says how far"];
    if arguments.depth.is_some_and(|depth| depth > 0) {
        ways.push("fold the blocks with `--depth 0`");
    }
    ways.push(match format {
        Format::Text => "write an svg with `-o picture.svg`",
        Format::Png => "write an svg, which has no size",
        _ => "let Graphviz lay it out, with `--to dot`",
    });
    refused.help(ways.join("; or "))
}

fn format(arguments: &Arguments) -> Result<Format, Refusal> {
    let to_terminal = arguments.output_file.is_none() && io::stdout().is_terminal();
    match (arguments.to, &arguments.output_file) {
        (Some(Format::Png), _) if to_terminal => {
            let refused = Diagnostic::error("a png is no text for a terminal");
            Err(refused.help("write it to a file: `-o picture.png`").into())
        }
        (Some(format), Some(path)) => match of_ending(path) {
            Some(other) if other != format => {
                let refused = Diagnostic::error(format!(
                    "`{}` ends as a file of another format than `--to` says",
                    path.display()
                ));
                Err(refused.help("leave `--to` out, or let the file's name end as it says").into())
            }
            _ => Ok(format),
        },
        (Some(format), None) => Ok(format),
        (None, None) if to_terminal => Ok(Format::Text),
        (None, None) => Ok(Format::Svg),
        (None, Some(path)) => of_ending(path).ok_or_else(|| {
            let refused = Diagnostic::error(format!("the ending of {} tells no format", path.display()));
            let known = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
            let known: Vec<String> = known.map(|value| format!("`--to {}`", value.get_name())).collect();
            refused.help(format!("say it: {}", known.join(", "))).into()
        }),
    }
}

/// The format that the ending of a file tells.
fn of_ending(path: &Path) -> Option<Format> {
    Format::from_str(path.extension()?.to_str()?, true).ok()
}

fn near(arguments: &Arguments, graph: &Graph) -> Result<Option<(ValueId, usize)>, Refusal> {
    let Some(name) = &arguments.near else { return Ok(None) };
    match graph.find(name) {
        Some(value) => Ok(Some((value, arguments.steps))),
        None => {
            let refused = Diagnostic::error(format!("`--near {name}`: nothing is called `{name}`"));
            let values = || graph.ids().filter(|&id| is_shown(graph, id, false));
            let names = || values().map(|id| &*graph.value(id).name);
            let is_part =
                |known: &&str| known.strip_prefix(&**name).is_some_and(|rest| rest.starts_with('.'));
            let parts: Vec<String> = names().filter(is_part).map(|part| format!("`--near {part}`")).collect();
            let all = graph.values.iter().map(|value| &*value.name);
            Err(match closest(name, all) {
                _ if !parts.is_empty() => refused.help(format!("it gives {}", parts.join(", "))).into(),
                Some(near) => refused.help(format!("did you mean `{near}`?")).into(),
                None => refused.help("`graphrun FILE --all` lists all names").into(),
            })
        }
    }
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    // A device or a pipe is written to; only a file is replaced.
    let written = match std::fs::metadata(path) {
        Ok(known) if !known.is_file() && !known.is_dir() => std::fs::write(path, bytes),
        _ => write::write(path, bytes),
    };
    written.with_context(|| format!("cannot write {}", path.display()))
}
