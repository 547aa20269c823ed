//! What stands in place of each block while it is folded, and which are so at first.

use super::{
    super::{
        detail::{COSY, Detail, TooLarge},
        marks::Marks,
        owner::Owners,
        scene::{Form, Scene},
        svg,
    },
    DEEPEST,
};
use crate::run::Run;
use serde_json::{Value, json};
use std::collections::HashMap;

/// One for each group of the opened scene.
pub fn folds(run: &Run, open: &Scene, detail: &Detail, marks: &Marks) -> Result<Vec<Value>, TooLarge> {
    let levels = levels(open);
    let deepest = levels.iter().max().map_or(0, |level| level + 1).min(DEEPEST);
    let shown = detail.depth.unwrap_or_else(|| {
        let cosy = |depth: &usize| Owners::of(run.graph, *depth, false).fit(run.graph, COSY);
        (0..=deepest).rev().find(cosy).unwrap_or(0)
    });
    let mut boxes: HashMap<(usize, String), Value> = HashMap::new();
    for depth in 0..deepest {
        let folded = Scene::of(run, &Detail { depth: Some(depth), near: detail.near, most: None }, marks)?;
        for (at, item) in folded.items.iter().enumerate().filter(|(_, item)| item.form == Form::Fold) {
            let (markup, (width, height)) = svg::alone(item);
            // What all uses inside send back together, where several edges become one.
            let comes =
                folded.edges.iter().filter(|edge| edge.to == at).map(|edge| {
                    (edge.name.clone(), json!(edge.below.as_ref().map(|label| label.text.clone())))
                });
            boxes.insert(
                (depth, item.key.clone()),
                json!({
                    "markup": markup.replace("id=\"node-", &format!("id=\"fold-{depth}-")),
                    "width": width,
                    "height": height,
                    "tip": item.tip,
                    "back": Value::Object(comes.collect()),
                }),
            );
        }
    }
    Ok(open
        .groups
        .iter()
        .zip(&levels)
        .map(|(group, &level)| {
            let mut fold = boxes.remove(&(level, group.name.clone())).unwrap_or(Value::Null);
            if let Value::Object(fold) = &mut fold {
                fold.insert("folded".into(), (level >= shown).into());
            }
            fold
        })
        .collect())
}

/// How many groups stand around each; outer ones come first.
fn levels(scene: &Scene) -> Vec<usize> {
    let mut levels: Vec<usize> = Vec::new();
    for group in &scene.groups {
        levels.push(group.parent.map_or(0, |outer| levels[outer] + 1));
    }
    levels
}
