//! Pictures and tables of a graph at the values of its leaves.

use crate::{arrays::Format, graph::Graph, judged::compared, refused::refused, work};
use graphrun::{
    Refusal, Run,
    compare::Comparison,
    diagnostic::Diagnostic,
    report::{
        Style,
        run::{Compared, Printer, Ran, Table},
    },
    run::{Direction, can_go_backward},
    view::{self, Axis, Detail, Marks, Scene, Theme, html::Page},
};
use pyo3::{prelude::*, types::PyBytes};
use std::sync::{Arc, atomic::AtomicBool};

/// A picture, and how much of the graph it shows.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Picture {
    to: String,
    check: bool,
    forward: bool,
    depth: Option<usize>,
    near: Option<String>,
    steps: usize,
    direction: String,
    theme: String,
    columns: usize,
    scale: f32,
    precision: Format,
}

/// Draws a graph, in letters or in a format that is text.
#[pyfunction]
pub fn picture(py: Python<'_>, graph: &Bound<'_, Graph>, asked: Picture) -> PyResult<String> {
    let owner = graph.get();
    let drawn = work::long(py, |flag| {
        let graph = owner.graph();
        let (run, comparison) = asked.run(owner, flag)?;
        let detail = asked.detail(graph)?;
        if asked.to == "html" {
            let page = Page {
                run: &run,
                sources: owner.sources(),
                file: owner.file(),
                comparison: comparison.as_ref(),
                digits: None,
                live: None,
            };
            return page.write(&detail).map_err(unreadable);
        }
        asked.draw(scene(&run, &detail, comparison.as_ref())?)
    })?;
    drawn.map_err(|refusal: Refusal| refused(py, &refusal, owner.sources()))
}

/// A picture as PNG, and a text in it that no font of this machine can write.
#[pyfunction]
pub fn png(
    py: Python<'_>,
    graph: &Bound<'_, Graph>,
    asked: Picture,
) -> PyResult<(Py<PyBytes>, Option<String>)> {
    let owner = graph.get();
    let painted = work::long(py, |flag| {
        let (run, comparison) = asked.run(owner, flag)?;
        let scene = scene(&run, &asked.detail(owner.graph())?, comparison.as_ref())?;
        asked.paint(scene)
    })?;
    let view::Painted { png, unwritable } =
        painted.map_err(|refusal: Refusal| refused(py, &refusal, owner.sources()))?;
    Ok((PyBytes::new(py, &png).unbind(), unwritable))
}

fn scene(run: &Run, detail: &Detail, comparison: Option<&Comparison>) -> Result<Scene, Refusal> {
    let marks = comparison.map_or_else(Marks::default, |found| Marks::of(found, run.graph));
    Scene::of(run, detail, &marks).map_err(unreadable)
}

fn unreadable(fault: impl std::fmt::Display) -> Refusal {
    let refused = Diagnostic::error(fault.to_string());
    refused
        .help("draw a part with near = \"NAME\"; or fold the blocks with depth = 0; or take \"dot\"")
        .into()
}

fn no_such(what: &str, given: &str, known: &[&str]) -> Refusal {
    Diagnostic::error(format!("{what} = {given:?}: there is no such {what}"))
        .did_you_mean(given, known.iter().copied())
        .help(format!("there are {}", known.join(", ")))
        .into()
}

impl Picture {
    /// The run that is drawn, and the comparison that is marked in it.
    fn run<'g>(
        &self,
        owner: &'g Graph,
        flag: &Arc<AtomicBool>,
    ) -> Result<(Run<'g>, Option<Comparison>), Refusal> {
        let graph = owner.graph();
        let comparison = match self.check {
            true => Some(compared(graph, &owner.request().limits, true, false, flag)?),
            false => None,
        };
        let goes_back = !self.forward && can_go_backward(graph).is_ok();
        let direction = if goes_back { Direction::Backward } else { Direction::Forward };
        Ok((Run::of(graph, self.precision.0, direction), comparison))
    }

    fn detail(&self, graph: &graphrun::Graph) -> Result<Detail, Refusal> {
        let near = match &self.near {
            None => None,
            Some(name) => Some((graph.find(name).ok_or_else(|| near_what(graph, name))?, self.steps)),
        };
        let most = match &*self.to {
            "dot" | "mermaid" => None,
            "text" => Some(view::text::MOST_ITEMS),
            _ => Some(view::MOST_ITEMS),
        };
        Ok(Detail { depth: self.depth, near, most })
    }

    fn direction(&self) -> Result<view::Direction, Refusal> {
        match &*self.direction {
            "auto" => Ok(view::Direction::Auto),
            "right" => Ok(view::Direction::Right),
            "down" => Ok(view::Direction::Down),
            other => Err(no_such("direction", other, &["auto", "right", "down"])),
        }
    }

    fn theme(&self) -> Result<Theme, Refusal> {
        match &*self.theme {
            "auto" => Ok(Theme::Auto),
            "light" => Ok(Theme::Light),
            "dark" => Ok(Theme::Dark),
            other => Err(no_such("theme", other, &["auto", "light", "dark"])),
        }
    }

    fn paint(&self, scene: Scene) -> Result<view::Painted, Refusal> {
        let theme = if self.theme()? == Theme::Dark { Theme::Dark } else { Theme::Light };
        if !(0.05..=20.0).contains(&self.scale) {
            let fault = Diagnostic::error(format!("scale = {} is no scale", self.scale));
            return Err(fault.help("it goes from 0.05 to 20 pixels for each of the svg").into());
        }
        let (scene, layout) = view::arranged(scene, self.direction()?).map_err(unreadable)?;
        view::paint(&view::svg::draw(&scene, &layout, theme), self.scale).map_err(|fault| {
            let fault = Diagnostic::error(fault.to_string());
            fault.help("take \"svg\", which has no size and needs no font of this machine").into()
        })
    }

    fn draw(&self, scene: Scene) -> Result<String, Refusal> {
        let (direction, theme) = (self.direction()?, self.theme()?);
        let axis = if direction == view::Direction::Down { Axis::Down } else { Axis::Right };
        match &*self.to {
            "svg" => {
                let (scene, layout) = view::arranged(scene, direction).map_err(unreadable)?;
                Ok(view::svg::draw(&scene, &layout, theme))
            }
            "tikz" => {
                let (scene, layout) = view::arranged(scene, direction).map_err(unreadable)?;
                Ok(view::tikz(&scene, &layout, theme.palette()))
            }
            "dot" => Ok(view::dot(&scene, axis)),
            "mermaid" => Ok(view::mermaid(&scene, axis)),
            "text" => {
                let drawn = view::text::fitted(&scene, Style { color: false }, self.columns);
                Ok(drawn.map_err(unreadable)?.text)
            }
            other => {
                Err(no_such("picture", other, &["svg", "html", "png", "text", "dot", "mermaid", "tikz"]))
            }
        }
    }
}

fn near_what(graph: &graphrun::Graph, name: &str) -> Refusal {
    Diagnostic::error(format!("near = {name:?}: nothing is called so"))
        .did_you_mean(name, graph.values.iter().map(|value| &*value.name))
        .into()
}

/// Every value, and with `gradients` every gradient, as `graphrun FILE` prints them.
#[pyfunction]
pub fn table(
    py: Python<'_>,
    graph: &Bound<'_, Graph>,
    gradients: bool,
    all: bool,
    precision: Format,
    color: bool,
) -> PyResult<String> {
    let owner = graph.get();
    work::long(py, |_| {
        let graph = owner.graph();
        let goes_back = gradients && can_go_backward(graph).is_ok();
        let direction = if goes_back { Direction::Backward } else { Direction::Forward };
        let run = Run::of(graph, precision.0, direction);
        let ran = Ran {
            run: &run,
            file: owner.file(),
            sources: owner.sources(),
            compared: &Compared::Nothing,
            seconds: 0.0,
        };
        let mut out = Vec::new();
        Table { all, style: Style { color }, is_first: true }.ran(&ran, &mut out).expect("memory takes all");
        String::from_utf8_lossy(&out).into_owned()
    })
}
