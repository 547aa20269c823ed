//! Scenes of graphs, and what lies where.

use super::read_file;
use graphrun::{
    Graph, Run, Spelling,
    precision::Precision,
    read,
    run::{Direction, can_go_backward},
    view::{self, Detail, Item, Label, Layout, Marks, Rectangle, Scene, Theme, Total},
};
use std::path::{Path, PathBuf};

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All example graphs that can be read here.
pub fn examples() -> Vec<(PathBuf, Graph)> {
    let folders = ["graphs", "graphs/layers", "graphs/wrong"].map(|folder| root().join(folder));
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let graphs = files.into_iter().filter(|path| Spelling::of(&path.to_string_lossy()).is_some());
    let graphs: Vec<_> =
        graphs.filter_map(|path| Some((path.clone(), read_file(&path, None).ok()?))).collect();
    assert!(graphs.len() > 25, "{}", graphs.len());
    graphs
}

pub fn graph(text: &str) -> Graph {
    read(text, Spelling::Graph).unwrap_or_else(|refusal| panic!("{refusal}"))
}

pub fn scene(graph: &Graph, depth: Option<usize>) -> Scene {
    let run = match can_go_backward(graph) {
        Ok(()) => Run::backward(graph),
        Err(_) => Run::of(graph, Precision::F64, Direction::Forward),
    };
    let detail = Detail { depth, near: None, most: Some(view::MOST_ITEMS) };
    Scene::of(&run, &detail, &Marks::default()).unwrap()
}

pub fn svg(scene: &Scene) -> String {
    let (scene, layout) = view::arranged(scene.clone(), view::Direction::Auto).unwrap();
    view::svg::draw(&scene, &layout, Theme::Auto)
}

/// What an item says of its whole gradient.
pub fn total(scene: &Scene, key: &str) -> Option<String> {
    item(scene, key).total.as_ref().map(Total::line)
}

pub fn item<'s>(scene: &'s Scene, key: &str) -> &'s Item {
    scene.items.iter().find(|item| item.key == key).unwrap_or_else(|| panic!("no {key}"))
}

/// The text above and below the edge from one item to another.
pub fn edge(scene: &Scene, from: &str, to: &str) -> (String, String) {
    let is = |at: usize, key: &str| scene.items[at].key == key;
    let mut found = scene.edges.iter().filter(|edge| is(edge.from, from) && is(edge.to, to));
    let edge = found.next().unwrap_or_else(|| panic!("no edge from {from} to {to}"));
    assert!(found.next().is_none(), "several edges from {from} to {to}");
    let text = |label: &Option<Label>| label.as_ref().map_or(String::new(), |label| label.text.clone());
    (text(&edge.above), text(&edge.below))
}

/// What of a layout lies on something else, in words.
pub fn faults(scene: &Scene, layout: &Layout) -> Vec<String> {
    let mut faults = Vec::new();
    let items = scene.items.iter().zip(&layout.items).map(|(item, place)| (item.key.clone(), *place));
    let labels = scene.edges.iter().zip(&layout.ways);
    let labels = labels.filter_map(|(edge, way)| Some((format!("label of {}", edge.name), way.label?)));
    let all: Vec<(String, Rectangle)> = items.chain(labels).collect();
    for (at, (name, place)) in all.iter().enumerate() {
        for (other, second) in &all[..at] {
            if place.overlaps(*second) {
                faults.push(format!("{name} lies on {other}"));
            }
        }
        let inside = place.left() >= 0.0
            && place.top() >= 0.0
            && place.right() <= layout.width
            && place.bottom() <= layout.height;
        if !inside {
            faults.push(format!("{name} lies outside"));
        }
    }
    for (edge, way) in scene.edges.iter().zip(&layout.ways) {
        for level in &way.levels {
            let line = layout.axis.turned_room(Rectangle {
                x: (level.left + level.right) / 2.0,
                y: level.y,
                width: level.right - level.left,
                height: 0.5,
            });
            for (at, place) in layout.items.iter().enumerate() {
                if at != edge.from && at != edge.to && line.overlaps(*place) {
                    faults.push(format!("an edge with {} crosses {}", edge.name, scene.items[at].key));
                }
            }
            for (other, second) in scene.edges.iter().zip(&layout.ways) {
                let label = second.label.filter(|_| !std::ptr::eq(edge, other));
                if label.is_some_and(|label| line.overlaps(label)) {
                    faults.push(format!("an edge with {} crosses the label of {}", edge.name, other.name));
                }
            }
        }
        for pair in way.levels.windows(2) {
            if pair[0].right > pair[1].left {
                faults.push(format!("an edge with {} runs back", edge.name));
            }
        }
    }
    for turn in &layout.turns {
        let ends = [turn.from, turn.to];
        for pair in turn.corners.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let line = Rectangle {
                x: (a.0 + b.0) / 2.0,
                y: (a.1 + b.1) / 2.0,
                width: (a.0 - b.0).abs() + 0.5,
                height: (a.1 - b.1).abs() + 0.5,
            };
            let crossed = all.iter().filter(|(name, place)| {
                line.overlaps(*place) && !ends.iter().any(|&end| scene.items[end].key == *name)
            });
            faults.extend(
                crossed.map(|(name, _)| format!("{} turns across {name}", scene.items[turn.from].key)),
            );
        }
    }
    for (at, group) in layout.groups.iter().enumerate() {
        for (item, place) in scene.items.iter().zip(&layout.items) {
            let mut around = item.group;
            while around.is_some_and(|group| group != at) {
                around = around.and_then(|group| scene.groups[group].parent);
            }
            if around.is_none() && group.overlaps(*place) {
                faults.push(format!("{} lies on {}", item.key, scene.groups[at].title));
            }
            let inside = group.left() <= place.left() && place.right() <= group.right();
            if around.is_some() && !(inside && group.top() < place.top() && place.bottom() < group.bottom()) {
                faults.push(format!("{} lies outside of {}", item.key, scene.groups[at].title));
            }
        }
    }
    faults
}
