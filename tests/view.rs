//! Pictures: what they show, and that nothing in them lies on anything else.

mod common;

use graphrun::{
    Graph, Run, Spelling,
    compare::{Options, compare},
    read,
    run::can_go_backward,
    view::{self, Detail, Form, Layout, Mark, Marks, Rectangle, Scene, Theme},
};
use resvg::usvg::roxmltree::{Document, Node};
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All example graphs that can be read here.
fn examples() -> Vec<(PathBuf, Graph)> {
    let folders = ["graphs", "graphs/layers", "graphs/wrong"].map(|folder| root().join(folder));
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let graphs = files.into_iter().filter(|path| Spelling::of(&path.to_string_lossy()).is_some());
    let graphs: Vec<_> =
        graphs.filter_map(|path| Some((path.clone(), common::read_file(&path, None).ok()?))).collect();
    assert!(graphs.len() > 25, "{}", graphs.len());
    graphs
}

fn graph(text: &str) -> Graph {
    read(text, Spelling::Graph).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn scene(graph: &Graph, depth: Option<usize>) -> Scene {
    let run = match can_go_backward(graph) {
        Ok(()) => Run::backward(graph),
        Err(_) => Run::of(graph, Default::default(), graphrun::run::Direction::Forward),
    };
    let detail = Detail { depth, near: None, most: Some(view::MOST_ITEMS) };
    Scene::of(&run, &detail, &Marks::default()).unwrap()
}

fn svg(scene: &Scene) -> String {
    view::svg::draw(scene, &view::svg::layout(scene).unwrap(), Theme::Auto)
}

fn item<'s>(scene: &'s Scene, key: &str) -> &'s view::Item {
    scene.items.iter().find(|item| item.key == key).unwrap_or_else(|| panic!("no {key}"))
}

/// The text above and below the edge from one item to another.
fn edge(scene: &Scene, from: &str, to: &str) -> (String, String) {
    let is = |at: usize, key: &str| scene.items[at].key == key;
    let mut found = scene.edges.iter().filter(|edge| is(edge.from, from) && is(edge.to, to));
    let edge = found.next().unwrap_or_else(|| panic!("no edge from {from} to {to}"));
    assert!(found.next().is_none(), "several edges from {from} to {to}");
    let text = |label: &Option<view::Label>| label.as_ref().map_or(String::new(), |label| label.text.clone());
    (text(&edge.above), text(&edge.below))
}

/// What of a layout lies on something else, in words.
fn faults(scene: &Scene, layout: &Layout) -> Vec<String> {
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
            let line = Rectangle {
                x: (level.left + level.right) / 2.0,
                y: level.y,
                width: level.right - level.left,
                height: 0.5,
            };
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

#[test]
fn nothing_lies_on_anything_else() {
    for (path, graph) in examples() {
        for depth in [None, Some(0), Some(1), Some(9)] {
            let scene = scene(&graph, depth);
            let found = faults(&scene, &view::svg::layout(&scene).unwrap());
            assert!(found.is_empty(), "{} at {depth:?}:\n{}", path.display(), found.join("\n"));
        }
    }
}

/// A graph of some ops and blocks on earlier values, as a seed has it.
fn tangle(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most
    };
    let mut text = String::from(
        "block twice(p, q) {\n d = p * 2 - q\n output d\n backward p = upstream * 2\n backward q = -upstream\n}\n\
         block around(p, q; k = 3) {\n param own = 0.5\n r = twice(q, p) * own\n e = r / k + p\n output e\n}\n",
    );
    let mut names: Vec<String> = Vec::new();
    for at in 0..2 + below(4) {
        let role = ["input", "param", "const"][below(3).min(at)];
        text += &format!("{role} leaf_{at} = {}\n", [1.0, 0.3333333333333333, -12345.678][below(3)]);
        names.push(format!("leaf_{at}"));
    }
    for at in 0..3 + below(9) {
        let (a, b) = (names[below(names.len())].clone(), names[below(names.len())].clone());
        let call = match below(7) {
            0 => format!("{a} + {b}"),
            1 => format!("{a} * {b} - 1"),
            2 => format!("sigmoid({a}) / 2"),
            3 => format!("twice({a}, {b})"),
            4 => format!("around({a}, {b})"),
            5 => format!("{a} -> tanh -> around({b})"),
            _ => format!("exp(-{a})"),
        };
        text +=
            &format!("{0} = {call}\n", ["n", "a_longer_name_", "値"][below(3)].to_string() + &at.to_string());
        let name = text.lines().last().unwrap().split(' ').next().unwrap().to_string();
        names.push(name);
    }
    text + &format!("last = leaf_0 * {}\noutput last\n", names[names.len() - 1])
}

#[test]
fn nothing_lies_on_anything_else_in_tangles() {
    for seed in 0..60 {
        let text = tangle(seed);
        let graph = graph(&text);
        for depth in [Some(0), Some(1), Some(2)] {
            let scene = scene(&graph, depth);
            let found = faults(&scene, &view::svg::layout(&scene).unwrap());
            assert!(found.is_empty(), "seed {seed} at {depth:?}:\n{}\n{text}", found.join("\n"));
            let drawn = view::text::draw(&scene).unwrap().text;
            for item in scene.items.iter().filter(|item| !matches!(item.form, Form::Port)) {
                assert!(drawn.contains(&item.sign), "seed {seed}: {} is not in\n{drawn}", item.key);
            }
        }
    }
}

#[test]
fn every_gradient_that_is_asked_for_is_in_the_picture() {
    for (path, graph) in examples().into_iter().filter(|(_, graph)| can_go_backward(graph).is_ok()) {
        for depth in [Some(0), Some(9)] {
            let scene = scene(&graph, depth);
            for leaf in graph.wanted.iter().map(|&leaf| graph.value(leaf)) {
                let shown = scene.edges.iter().any(|edge| edge.name == *leaf.name && edge.below.is_some());
                let at_item = scene.items.iter().any(|item| item.key == *leaf.name && item.total.is_some());
                let folded = !scene.items.iter().any(|item| item.key == *leaf.name);
                assert!(shown || at_item || folded, "{} at {depth:?}: {}", path.display(), leaf.name);
            }
            for edge in scene.edges.iter().filter(|edge| edge.above.is_none()) {
                assert_eq!(scene.items[edge.from].form, Form::Literal, "{}", path.display());
            }
        }
    }
}

#[test]
fn the_apples_of_the_textbook() {
    let graph = common::read_file(&root().join("graphs/buy_apple.toml"), None).unwrap();
    let scene = scene(&graph, None);
    let labels = [
        ("apple", "apple_price", "100", "2.2"),
        ("apple_num", "apple_price", "2", "110"),
        ("apple_price", "price", "200", "1.1"),
        ("tax", "price", "1.1", "200"),
        ("price", "price>", "220", "1"),
    ];
    for (from, to, above, below) in labels {
        assert_eq!(edge(&scene, from, to), (above.to_string(), below.to_string()), "{from}");
    }
    assert_eq!(scene.edges.len(), labels.len());
    assert_eq!((item(&scene, "price").form, &*item(&scene, "price").sign), (Form::Circle, "×"));

    let picture = svg(&scene);
    let document = Document::parse(&picture).unwrap();
    let texts: HashSet<&str> = document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .filter_map(|node| node.text())
        .collect();
    for (_, _, above, below) in labels {
        assert!(texts.contains(above) && texts.contains(&*format!("← {below}")), "{texts:?}");
    }
    // Rounded on the edge, whole in the tip.
    assert!(picture.contains("← 110.00000000000001"));
    // From top to bottom in the order of the calls.
    let layout = view::svg::layout(&scene).unwrap();
    let height = |key: &str| layout.items[scene.items.iter().position(|item| item.key == key).unwrap()].y;
    assert!(height("apple") < height("apple_num") && height("apple_num") < height("tax"));
}

#[test]
fn what_each_use_sends_back_and_the_sum() {
    let graph = graph("input x = 3\na = x * 2\nb = x * x\ny = a + b");
    let scene = scene(&graph, None);
    assert_eq!(edge(&scene, "x", "a"), ("3".to_string(), "2".to_string()));
    let squares: Vec<&str> = scene
        .edges
        .iter()
        .filter(|edge| scene.items[edge.to].key == "b")
        .map(|edge| edge.below.as_ref().unwrap().text.as_str())
        .collect();
    assert_eq!(squares, ["3", "3"]);
    assert_eq!(item(&scene, "x").total.as_deref(), Some("← Σ 8"));
}

#[test]
fn a_leaf_without_a_path_says_so() {
    let graph = graph("input x = 3\ninput idle = 1\nside = idle * 2\ny = x * 2\noutput y");
    let scene = scene(&graph, None);
    assert_eq!(item(&scene, "idle").total.as_deref(), Some("← 0: no path"));
    assert_eq!(item(&scene, "x").total, None);
}

#[test]
fn leaves_are_told_apart_by_their_outlines() {
    let graph = graph("input a = 1\nparam b = 2\nconst c = 3\ny = a * b * c");
    let picture = svg(&scene(&graph, None));
    let document = Document::parse(&picture).unwrap();
    let outline = |name: &str| {
        let id = format!("node-{name}");
        let node = document.descendants().find(|node| node.attribute("id") == Some(&id)).unwrap();
        let rectangles = node.children().filter(|node| node.has_tag_name("rect"));
        rectangles.map(|rect| rect.attribute("class").unwrap().trim().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(outline("a"), ["shape"]);
    assert_eq!(outline("b"), ["shape", "bare"]);
    assert_eq!(outline("c"), ["shape dashed"]);
}

const NESTED: &str = "\
block sigmoid(x) {\n y = 1 / (1 + exp(-x))\n output y\n backward x = upstream * y * (1 - y)\n}
block dense(x: [n, in]; units) {\n param W: [in, units] = ones()\n y = x @ W -> sigmoid\n output y\n}
input x: [1, 2] = [[1, -1]]\nh = x -> dense(units = 2)\nloss = sum(h)";

#[test]
fn blocks_open_level_by_level() {
    let graph = graph(NESTED);
    let folded = scene(&graph, Some(0));
    assert!(folded.groups.is_empty());
    assert_eq!((item(&folded, "h").form, &*item(&folded, "h").sign), (Form::Fold, "dense"));
    assert!(!folded.items.iter().any(|item| item.key == "h.W"), "a fold keeps its own params");

    let one = scene(&graph, Some(1));
    assert_eq!(one.groups.len(), 1);
    assert_eq!(item(&one, "h.W").form, Form::Param);
    assert_eq!(one.items.iter().filter(|item| item.form == Form::Fold).count(), 1);

    let two = scene(&graph, Some(2));
    assert_eq!(two.groups.len(), 2);
    assert_eq!(two.groups[1].parent, Some(0));
    assert!(!two.items.iter().any(|item| item.form == Form::Fold));
}

#[test]
fn a_backward_by_hand_reaches_as_far_as_its_block() {
    let graph = common::read_file(&root().join("graphs/layers/mul.graph"), None).unwrap();
    for depth in [0, 1] {
        let scene = scene(&graph, Some(depth));
        let to = |scene: &Scene, name: &str| {
            let edge = scene.edges.iter().find(|edge| edge.name == name && edge.below.is_some()).unwrap();
            (scene.items[edge.to].form, edge.below.as_ref().unwrap().text.clone())
        };
        let form = if depth == 0 { Form::Fold } else { Form::Port };
        assert_eq!(to(&scene, "tax"), (form, "200".to_string()));
        assert_eq!(to(&scene, "price.mul_layer1"), (form, "1.1".to_string()));
        for edge in scene.edges.iter().filter(|edge| scene.items[edge.from].form == Form::Port) {
            assert!(edge.below.is_none(), "{} has no gradient of its own inside", edge.name);
        }
    }
}

#[test]
fn the_wrong_block_is_marked_in_shape_and_words() {
    let graph = common::read_file(&root().join("graphs/wrong/missing_path.graph"), None).unwrap();
    let comparison = compare(&graph, &graph.wanted, &Options::default());
    let marks = Marks::of(&comparison, &graph);
    let run = Run::backward(&graph);
    for depth in [0, 1] {
        let scene = Scene::of(&run, &Detail { depth: Some(depth), ..Detail::default() }, &marks).unwrap();
        let guilty = match depth {
            0 => item(&scene, "loss.centre1").mark,
            _ => scene.groups[0].mark,
        };
        assert_eq!(guilty, Some(Mark::Wrong));
        assert_eq!(item(&scene, "x").mark, Some(Mark::Wrong));
        let picture = svg(&scene);
        let document = Document::parse(&picture).unwrap();
        let badges: Vec<&str> = document
            .descendants()
            .filter(|node| node.attribute("class") == Some("on-badge"))
            .filter_map(|node| node.text())
            .collect();
        assert_eq!(badges, ["wrong", "wrong"]);
        assert!(view::dot(&scene).contains("wrong") && view::mermaid(&scene).contains("wrong"));
    }
}

#[test]
fn a_kink_is_marked_at_its_node() {
    let graph = graph("input x = [0, 1]\nh = relu(x)\ny = sum(h)");
    let marks = Marks::of(&compare(&graph, &graph.wanted, &Options::default()), &graph);
    let scene = Scene::of(&Run::backward(&graph), &Detail::default(), &marks).unwrap();
    assert_eq!(item(&scene, "h").mark, Some(Mark::Kink));
    assert_eq!(item(&scene, "x").mark, Some(Mark::Kink));
    assert!(svg(&scene).contains(">kink</text>"));
}

#[test]
fn names_are_cut_nowhere_and_take_the_room_they_need() {
    let graph = graph("input りんごの値段 = 100\ninput 個数 = 2\n支払い金額 = りんごの値段 * 個数");
    let scene = scene(&graph, None);
    let layout = view::svg::layout(&scene).unwrap();
    assert_eq!(faults(&scene, &layout), [""; 0]);
    let at = scene.items.iter().position(|item| item.key == "りんごの値段").unwrap();
    assert!(layout.items[at].width > 6.0 * 13.5, "six letters as wide as they are high");
    let text = view::text::draw(&scene).unwrap().text;
    assert!(text.contains("│ りんごの値段 │"), "{text}");
    // Both uprights of the box stand in the same cells as its corners.
    let columns = |line: &str| unicode_width::UnicodeWidthStr::width(line.split('│').next().unwrap_or(""));
    let name = text.lines().find(|line| line.contains("値段 │")).unwrap();
    let corner = text.lines().find_map(|line| line.find('╭').map(|at| line[..at].chars().count())).unwrap();
    assert_eq!(columns(name), corner, "{text}");
}

#[test]
fn hostile_text_stays_text() {
    let text = "title = \"<b>&amp; \\\"q\\\" \\\\ ]]> \\u0007 #35; `x`\"\n[inputs]\nend = 1\n\"class\" = 2\n\
                [nodes]\nsubgraph = \"end * class\"";
    let graph = read(text, Spelling::Toml).unwrap();
    let scene = scene(&graph, None);
    let picture = svg(&scene);
    let document = Document::parse(&picture).unwrap();
    let title: Vec<Node> =
        document.descendants().filter(|node| node.attribute("class") == Some("title")).collect();
    assert_eq!(title[0].text(), Some("<b>&amp; \"q\" \\ ]]>  #35; `x`"));
    let dot = view::dot(&scene);
    // Outside of its strings, Graphviz sees nothing of a graph's own words.
    let mut outside = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for character in dot.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if !quoted => outside.push(c),
            _ => {}
        }
    }
    assert!(!quoted && !outside.contains("amp") && !outside.contains("end"), "{outside}");
    assert_eq!(outside.matches('{').count(), outside.matches('}').count());
    let mermaid = view::mermaid(&scene);
    let body = mermaid.split("---\n").nth(2).unwrap();
    assert!(body.lines().all(|line| line.matches('"').count() % 2 == 0), "{mermaid}");
}

#[test]
fn every_part_has_an_id_of_its_own() {
    for (path, graph) in examples() {
        let picture = svg(&scene(&graph, Some(9)));
        let document =
            Document::parse(&picture).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        let ids: Vec<&str> = document.descendants().filter_map(|node| node.attribute("id")).collect();
        let once: HashSet<&&str> = ids.iter().collect();
        assert_eq!(once.len(), ids.len(), "{}", path.display());
        for end in
            document.descendants().flat_map(|node| [node.attribute("data-from"), node.attribute("data-to")])
        {
            let Some(end) = end else { continue };
            assert!(once.contains(&&*format!("node-{end}")), "{}: {end}", path.display());
        }
    }
}

#[test]
fn large_tensors_stay_small_pictures() {
    let graph = graph(
        "param W: [784, 100] = randn()\nconst x: [20, 784] = randn()\nparam b: [100] = zeros()\ny = sum(affine(x, W, b))",
    );
    let picture = svg(&scene(&graph, None));
    assert!(picture.len() < 40_000, "{}", picture.len());
    assert!(picture.contains("[784, 100]") && picture.contains("more]") && picture.contains("mean"));
}

/// Nodes in a row, each using a shared leaf too.
fn long(nodes: usize) -> String {
    let mut text = String::from("input x = 1\ninput w = 0.999\nn0 = x * w\n");
    (1..nodes).for_each(|at| text += &format!("n{at} = n{} * w\n", at - 1));
    text
}

#[test]
fn large_graphs_are_laid_out_with_their_longest_edges_cut() {
    let graph = graph(&long(1200));
    let scene = scene(&graph, None);
    let tags = scene.items.iter().filter(|item| item.form == Form::Tag && item.sign == "w").count();
    assert!(tags > 1000, "{tags}");
    assert!(scene.remarks.iter().any(|remark| remark.contains("cut")));
    let layout = view::svg::layout(&scene).unwrap();
    assert!(layout.items.iter().all(|place| place.x.is_finite() && place.right() <= layout.width));
}

#[test]
fn what_nobody_could_read_is_refused_and_a_part_is_not() {
    let graph = graph(&long(100_000));
    let run = Run::backward(&graph);
    let detail = Detail { most: Some(view::MOST_ITEMS), ..Detail::default() };
    let refused = Scene::of(&run, &detail, &Marks::default()).unwrap_err();
    assert!(refused.to_string().contains("100002 parts"), "{refused}");
    let near = graph.find("n50000").map(|value| (value, 2));
    let scene = Scene::of(&run, &Detail { near, ..detail.clone() }, &Marks::default()).unwrap();
    let mut names: Vec<&str> = scene.items.iter().map(|item| &*item.key).collect();
    names.sort_unstable();
    assert_eq!(names, ["n49998", "n49999", "n50000", "n50001", "n50002", "n50002>", "w"]);
    // Graphviz may try.
    let whole = Scene::of(&run, &Detail::default(), &Marks::default()).unwrap();
    assert!(view::dot(&whole).lines().count() > 300_000);
}

#[test]
fn statements_fold_where_a_graph_is_large() {
    let mut text = String::from("input x = 1\n");
    (0..1000).for_each(|at| text += &format!("n{at} = exp(-x * {at}) + sin(x / 2)\n"));
    text += "output n0\n";
    let graph = graph(&text);
    let scene = scene(&graph, None);
    assert_eq!(item(&scene, "n7").form, Form::Fold);
    assert_eq!(scene.items.iter().filter(|item| item.form == Form::Fold).count(), 1000);
    assert!(scene.remarks.iter().any(|remark| remark.contains("folded")));
}

#[test]
fn a_picture_is_painted_where_there_is_a_font() {
    let graph = graph("input x = 2\ny = x * 3");
    let scene = scene(&graph, None);
    let layout = view::svg::layout(&scene).unwrap();
    let painted = view::paint(&view::svg::draw(&scene, &layout, Theme::Light), 1.5);
    match painted {
        Ok(painted) => {
            assert_eq!(&painted.png[..8], b"\x89PNG\r\n\x1a\n");
            let size = |at: usize| u32::from_be_bytes(painted.png[at..at + 4].try_into().unwrap());
            assert!(f64::from(size(16)) >= 1.5 * layout.width && f64::from(size(20)) >= 1.5 * layout.height);
            assert_eq!(painted.unwritable, None);
        }
        Err(fault) => assert_eq!(fault, view::Unpainted::NoFont),
    }
}

#[test]
fn the_pictures_of_the_readme_are_what_show_draws() {
    // The last digits of a tip differ from machine to machine.
    let without_tips = |picture: &str| {
        let parts =
            picture.split("<title>").map(|part| part.split_once("</title>").map_or(part, |(_, rest)| rest));
        parts.collect::<String>()
    };
    for (file, picture) in [
        ("graphs/buy_apple.toml", "docs/apple.svg"),
        ("graphs/layers/two_layer_net.graph", "docs/two_layer.svg"),
    ] {
        let graph = common::read_file(&root().join(file), None).unwrap();
        let drawn = svg(&scene(&graph, None));
        let kept = std::fs::read_to_string(root().join(picture)).unwrap_or_default();
        assert!(
            without_tips(&drawn) == without_tips(&kept),
            "{picture} is not what `show` draws; look at the difference that `cargo run -- show {file} -o {picture}` makes"
        );
    }
}
