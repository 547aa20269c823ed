//! Pictures and tables of a graph at the values of its leaves.

use crate::{graph::Graph, judged::compared, refused::refused, work};
use graphrun::{
    Refusal, Run,
    diagnostic::Diagnostic,
    precision::Precision,
    report::{
        Style,
        run::{Compared, Printer, Ran, Table},
    },
    run::{Direction, can_go_backward},
    view::{self, Axis, Detail, Marks, Scene, Theme, html::Page},
};
use pyo3::prelude::*;

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
}

/// Draws a graph.
#[pyfunction]
pub fn picture(py: Python<'_>, graph: &Bound<'_, Graph>, asked: Picture) -> PyResult<String> {
    let owner = graph.get();
    let drawn = work::long(py, |flag| {
        let graph = owner.graph();
        let comparison = match asked.check {
            true => Some(compared(graph, &owner.request().limits, true, false, flag)?),
            false => None,
        };
        let goes_back = !asked.forward && can_go_backward(graph).is_ok();
        let run =
            Run::of(graph, Precision::F64, if goes_back { Direction::Backward } else { Direction::Forward });
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
        let marks = comparison.as_ref().map_or_else(Marks::default, |found| Marks::of(found, graph));
        let scene = Scene::of(&run, &detail, &marks).map_err(unreadable)?;
        asked.draw(scene)
    })?;
    drawn.map_err(|refusal: Refusal| refused(py, &refusal, owner.sources()))
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

    fn draw(&self, scene: Scene) -> Result<String, Refusal> {
        let direction = match &*self.direction {
            "auto" => view::Direction::Auto,
            "right" => view::Direction::Right,
            "down" => view::Direction::Down,
            other => return Err(no_such("direction", other, &["auto", "right", "down"])),
        };
        let theme = match &*self.theme {
            "auto" => Theme::Auto,
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            other => return Err(no_such("theme", other, &["auto", "light", "dark"])),
        };
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
            other => Err(no_such("picture", other, &["svg", "html", "text", "dot", "mermaid", "tikz"])),
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
    color: bool,
) -> PyResult<String> {
    let owner = graph.get();
    work::long(py, |_| {
        let graph = owner.graph();
        let goes_back = gradients && can_go_backward(graph).is_ok();
        let direction = if goes_back { Direction::Backward } else { Direction::Forward };
        let run = Run::of(graph, Precision::F64, direction);
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
