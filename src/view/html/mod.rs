//! A graph as a page that opens by a double click: it steps through forward and
//! backward, folds, searches and tells everything in numbers.
//!
//! One file without any other: the picture is the svg's, the sentences are those
//! of `explain`, and the script beside this file only shows and hides.

mod data;
mod folds;
mod numbers;

use super::{
    detail::{Detail, MOST_ITEMS, TooLarge},
    draw::legend,
    marks::Marks,
    owner::Owners,
    place::{Axis, TooTangled},
    scene::Scene,
    svg,
    theme::Theme,
};
use crate::{
    compare::Comparison,
    digits::Digits,
    escape::{line, script, xml},
    report::comparison_object,
    run::Run,
    source::SourceMap,
};

/// Blocks deeper in each other than this stay folded.
const DEEPEST: usize = 8;

/// What a page is made of.
pub struct Page<'a> {
    pub run: &'a Run<'a>,
    pub sources: &'a SourceMap,
    /// What the reader knows the graph file by.
    pub file: &'a str,
    pub comparison: Option<&'a Comparison>,
    /// The digits that a run keeps, where they are counted.
    pub digits: Option<&'a Digits>,
    /// The page is this version of its server's, and asks it for a newer one.
    pub live: Option<u64>,
}

/// A graph that cannot be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undrawn {
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    #[error(transparent)]
    TooTangled(#[from] TooTangled),
}

impl Page<'_> {
    /// The page as one file of HTML.
    ///
    /// # Errors
    /// The graph is too large or too tangled for a picture.
    pub fn write(&self, detail: &Detail) -> Result<String, Undrawn> {
        let graph = self.run.graph;
        let marks = self.comparison.map_or_else(Marks::default, |comparison| Marks::of(comparison, graph));
        let marks = match self.digits {
            Some(digits) => marks.with_digits(digits, graph),
            None => marks,
        };
        let fits = |depth: &usize| Owners::of(graph, *depth, false).fit(graph, MOST_ITEMS);
        let depth = (0..=DEEPEST).rev().find(fits).unwrap_or(0);
        let open = Detail { depth: Some(depth), near: detail.near, most: Some(MOST_ITEMS) };
        let scene = Scene::of(self.run, &open, &marks)?;
        let layout = svg::layout(&scene)?;
        let folds = folds::folds(self.run, &scene, detail, &marks)?;
        let mut data = data::data(self, &scene, &layout, &marks, folds);
        data["compare"] = self
            .comparison
            .map_or(serde_json::Value::Null, |comparison| comparison_object(comparison, graph, self.sources));
        let file = line(self.file);
        // A graph without a title goes by its file, which is not said twice.
        let (title, file) = match &scene.title {
            Some(title) => (&**title, &*file),
            None => (&*file, ""),
        };
        let parts = svg::parts(&scene, &layout);
        Ok(filled(&[
            ("title", &xml(title)),
            ("file", &xml(file)),
            ("box", &format!("0 0 {:.0} {:.0}", layout.width, layout.height)),
            ("legend", &xml(&legend(&scene, Axis::Right).join("  ·  "))),
            ("colours", &Theme::page_rules()),
            ("style", include_str!("page.css")),
            ("parts", &parts),
            ("data", &script(&data)),
            ("script", &SCRIPTS.concat()),
        ]))
    }
}

/// The script, a file for each of its parts; the last starts it.
const SCRIPTS: [&str; 7] = [
    include_str!("graph.js"),
    include_str!("fold.js"),
    include_str!("stage.js"),
    include_str!("sketch.js"),
    include_str!("panel.js"),
    include_str!("player.js"),
    include_str!("page.js"),
];

/// The page's frame with every `{{name}}` filled in, once each.
fn filled(parts: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = include_str!("page.html");
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        out.push_str(parts.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text));
        rest = after;
    }
    out.push_str(rest);
    out
}
