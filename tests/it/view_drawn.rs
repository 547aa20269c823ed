//! Pictures as they are drawn: lines end where their heads begin, no line crosses a
//! letter, and all can be read on a slide.

use crate::common::pictures::{examples, graph, scene, svg};
use graphrun::{
    report::Style,
    view::{self, Direction, Point, SLIDE, Theme},
};
use resvg::usvg::roxmltree::{Document, Node};

/// The smallest letters that a slide may have: 9 pt.
const SMALLEST: f64 = 12.0;

fn number(node: Node, name: &str) -> f64 {
    node.attribute(name).unwrap_or("0").parse().unwrap()
}

/// The points of a path, its curves in small steps.
fn points(path: &str) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut rest = path;
    while let Some(letter) = rest.chars().next() {
        let end = rest[1..].find(char::is_alphabetic).map_or(rest.len(), |at| at + 1);
        let numbers: Vec<f64> = rest[1..end].split_whitespace().map(|word| word.parse().unwrap()).collect();
        let pairs: Vec<Point> = numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect();
        match (letter, &pairs[..]) {
            ('M' | 'L', &[to]) => {
                let from = points.last().copied().filter(|_| letter == 'L').unwrap_or(to);
                points.extend((1..=40).map(|step| between(from, to, f64::from(step) / 40.0)));
            }
            ('C', &[a, b, to]) => {
                let from = *points.last().unwrap();
                points.extend((1..=40).map(|step| {
                    let t = f64::from(step) / 40.0;
                    let (p, q, r) = (between(from, a, t), between(a, b, t), between(b, to, t));
                    between(between(p, q, t), between(q, r, t), t)
                }));
            }
            ('z', []) => {}
            other => panic!("{other:?} in {path}"),
        }
        rest = &rest[end..];
    }
    points
}

fn between(a: Point, b: Point, part: f64) -> Point {
    (a.0 + (b.0 - a.0) * part, a.1 + (b.1 - a.1) * part)
}

/// A text, and from where to where its letters reach at least.
struct Written<'a> {
    text: &'a str,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

fn written<'a>(node: Node<'a, 'a>) -> Written<'a> {
    let text = node.text().unwrap_or("");
    let size = number(node, "font-size");
    let wide = 0.5 * size * unicode_width::UnicodeWidthStr::width(text) as f64;
    let x = number(node, "x");
    let left = match node.attribute("text-anchor") {
        Some("middle") => x - wide / 2.0,
        Some("end") => x - wide,
        _ => x,
    };
    let y = number(node, "y");
    Written { text, left, right: left + wide, top: y - 0.6 * size, bottom: y }
}

fn is_line(node: &Node) -> bool {
    node.has_tag_name("path") && node.attribute("class") == Some("edge")
}

/// Every example, at several depths, in every direction.
fn drawn(look: &mut dyn FnMut(&str, &Document)) {
    for (path, graph) in examples() {
        for depth in [None, Some(0), Some(1), Some(9)] {
            for direction in [Direction::Auto, Direction::Right, Direction::Down] {
                let (scene, layout) = view::arranged(scene(&graph, depth), direction).unwrap();
                let picture = view::svg::draw(&scene, &layout, Theme::Light);
                let document = Document::parse(&picture).unwrap();
                look(&format!("{} at {depth:?} {direction:?}", path.display()), &document);
            }
        }
    }
}

#[test]
fn no_line_crosses_a_letter() {
    drawn(&mut |what, document| {
        let parts = document.descendants().find(|node| node.attribute("transform").is_some()).unwrap();
        let texts: Vec<Written> =
            parts.descendants().filter(|node| node.has_tag_name("text")).map(written).collect();
        for line in parts.descendants().filter(is_line) {
            let name = line.parent().and_then(|part| part.attribute("id")).unwrap_or("a turn");
            for (x, y) in points(line.attribute("d").unwrap()) {
                let crossed = texts.iter().find(|text| {
                    (text.left..=text.right).contains(&x) && (text.top..=text.bottom).contains(&y)
                });
                let crossed = crossed.map(|written| written.text);
                assert_eq!(crossed, None, "{what}: {name} at {x:.1} {y:.1}");
            }
        }
    });
}

#[test]
fn every_line_ends_at_the_base_of_its_head() {
    let mut heads = 0;
    drawn(&mut |what, document| {
        for part in document.descendants().filter(|node| node.attribute("class") == Some("use")) {
            let path = |class: &str| part.children().find(|node| node.attribute("class") == Some(class));
            let line = points(path("edge").unwrap().attribute("d").unwrap());
            let Some(head) = path("head") else { continue };
            heads += 1;
            let head = points(head.attribute("d").unwrap());
            let (tip, base) = (head[0], between(head[79], head[119], 0.5));
            let end = *line.last().unwrap();
            let name = part.attribute("id").unwrap();
            let near = |a: f64, b: f64| (a - b).abs() < 0.11;
            assert!(
                near(end.0, base.0) && near(end.1, base.1),
                "{what}: {name} ends at {end:?}, not {base:?}"
            );
            // Nothing of the line is farther on, where it would stick out of the head.
            let along = |p: Point| (p.0 - base.0) * (tip.0 - base.0) + (p.1 - base.1) * (tip.1 - base.1);
            let beyond = line.iter().filter(|&&point| along(point) > 1.0).count();
            assert_eq!(beyond, 0, "{what}: {name}");
        }
    });
    assert!(heads > 1000, "{heads}");
}

#[test]
fn every_example_can_be_read_on_a_slide() {
    for (path, graph) in examples() {
        let picture = svg(&scene(&graph, None));
        let document = Document::parse(&picture).unwrap();
        let root = document.root_element();
        let scale = (SLIDE.0 / number(root, "width")).min(SLIDE.1 / number(root, "height"));
        let texts = document.descendants().filter(|node| node.has_tag_name("text"));
        let least = texts.map(|node| number(node, "font-size")).fold(f64::INFINITY, f64::min);
        assert!(scale * least >= SMALLEST, "{}: {:.1} pt", path.display(), 0.75 * scale * least);
    }
}

#[test]
fn a_long_graph_runs_in_rows_and_its_edges_turn() {
    let mut text = String::from("input x = 0.5\nh0 = tanh(x * 2)\n");
    (1..12).for_each(|at| text += &format!("h{at} = tanh(h{} * {at}.5 + x)\n", at - 1));
    let graph = graph(&text);
    let whole = scene(&graph, None);
    let (broken, layout) = view::arranged(whole.clone(), Direction::Auto).unwrap();
    assert!(layout.rows.len() > 1 && !layout.turns.is_empty());
    assert!(view::scale(&broken, &layout) > 1.5 * view::scale(&whole, &view::svg::layout(&whole).unwrap()));
    // Every use is there still, with its value and its gradient, once.
    let labels = |scene: &view::Scene| {
        let labelled = scene.edges.iter().filter(|edge| edge.above.is_some() || edge.below.is_some());
        let mut labels: Vec<String> = labelled
            .map(|edge| {
                format!("{} {:?} {:?} {}", edge.name, edge.above, edge.below, scene.items[edge.to].key)
            })
            .collect();
        labels.sort();
        labels
    };
    assert_eq!(labels(&broken), labels(&whole));
    for turn in &layout.turns {
        let (start, end) = (turn.corners[0], turn.corners[turn.corners.len() - 1]);
        assert!(layout.row(start.1) < layout.row(end.1), "an edge goes on to a later row");
        for pair in turn.corners.windows(2) {
            assert!(pair[0].0 == pair[1].0 || pair[0].1 == pair[1].1, "level or upright: {pair:?}");
        }
    }
}

#[test]
fn pictures_in_letters_are_as_wide_as_one_asks() {
    for (path, graph) in examples() {
        for depth in [None, Some(0)] {
            let scene = scene(&graph, depth);
            let wide = view::text::draw(&scene, Style { color: false }).unwrap();
            for columns in [80, 100, 140] {
                let drawn = view::text::fitted(&scene, Style { color: false }, columns).unwrap();
                let what = format!("{} at {depth:?} in {columns}:\n{}", path.display(), drawn.text);
                assert!(drawn.width <= columns, "{} columns, {what}", drawn.width);
                if wide.width <= columns {
                    assert_eq!(drawn.text, wide.text, "{what}");
                }
                let values = |text: &str| text.matches('▶').count();
                assert_eq!(values(&drawn.text), values(&wide.text), "{what}");
            }
        }
    }
}
