//! Pictures: what they show, and how each format says it.

use crate::common::pictures::{edge, examples, graph, item, root, scene, svg, total};
use graphrun::{
    Run, Spelling,
    compare::{Options, compare},
    read,
    report::Style,
    run::can_go_backward,
    view::{self, Axis, Detail, Direction, Form, Mark, Marks, Scene, Theme},
};
use resvg::usvg::roxmltree::{Document, Node};
use std::{collections::HashSet, fs, process::Command};

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
    let graph = crate::common::read_file(&root().join("graphs/buy_apple.toml"), None).unwrap();
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
    assert_eq!(total(&scene, "x").as_deref(), Some("← Σ 8"));
}

#[test]
fn a_leaf_without_a_path_says_so() {
    let graph = graph("input x = 3\ninput idle = 1\nside = idle * 2\ny = x * 2\noutput y");
    let scene = scene(&graph, None);
    assert_eq!(total(&scene, "idle").as_deref(), Some("← 0: no path"));
    assert_eq!(total(&scene, "x"), None);
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
    let graph = crate::common::read_file(&root().join("graphs/layers/mul.graph"), None).unwrap();
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
    let graph = crate::common::read_file(&root().join("graphs/wrong/missing_path.graph"), None).unwrap();
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
        assert!(
            view::dot(&scene, Axis::Right).contains("wrong")
                && view::mermaid(&scene, Axis::Right).contains("wrong")
        );
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
fn hostile_text_stays_text() {
    let text = "title = \"<b>&amp; \\\"q\\\" \\\\ ]]> \\u0007 #35; `x`\"\n[inputs]\nend = 1\n\"class\" = 2\n\
                [nodes]\nsubgraph = \"end * class\"";
    let graph = read(text, Spelling::Toml).unwrap();
    let scene = scene(&graph, None);
    let picture = svg(&scene);
    let document = Document::parse(&picture).unwrap();
    let title: Vec<Node> =
        document.descendants().filter(|node| node.attribute("class") == Some("title")).collect();
    assert_eq!(title[0].text(), Some("<b>&amp; \"q\" \\ ]]> \\u{7} #35; `x`"));
    let dot = view::dot(&scene, Axis::Right);
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
    let mermaid = view::mermaid(&scene, Axis::Right);
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
fn small_matrices_are_shown_whole_in_every_format() {
    let graph = graph("input x = [[1, -0.5], [-2, 3]]\ny = sum(x * x * [[1, 2], [3, 4]])");
    let scene = scene(&graph, None);
    let picture = svg(&scene);
    let document = Document::parse(&picture).unwrap();
    let of = |key: &str| {
        let id = format!("edge-{key}");
        let edge = document.descendants().find(|node| node.attribute("id") == Some(&id)).unwrap();
        let values = edge.children().filter(|node| node.attribute("class") == Some("value"));
        values.filter_map(|node| node.text()).collect::<Vec<_>>()
    };
    // Column by column, each in line at its right.
    assert_eq!(of("x-y.mul1-0"), ["1", "−2", "−0.5", "3"]);
    let nested = "[[1, −0.5],<br/>[−2, 3]]";
    assert!(view::dot(&scene, Axis::Right).contains(nested));
    assert!(view::mermaid(&scene, Axis::Right).contains(&nested.replace("<br/>", "<br>")));
    let text = view::text::draw(&scene, Style { color: false }).unwrap().text;
    assert!(text.contains("⎡ 1 −0.5⎤") && text.contains("⎣−2    3⎦") && text.contains("⎡1 2⎤"), "{text}");
    assert_eq!(total(&scene, "x").as_deref(), Some("← Σ −12 … 24"));
    assert!(text.contains("← Σ ⎡  2 −2⎤") && text.contains("⎣−12 24⎦"), "{text}");
}

#[test]
fn value_and_gradient_have_their_colours_in_dot_and_mermaid() {
    let scene = scene(&graph("input x = 2\ny = x * 3"), None);
    let dot = view::dot(&scene, Axis::Down);
    let difference = crate::common::pictures::scene(&graph("input x = 2\ny = x - 3"), None);
    assert!(view::dot(&difference, Axis::Right).contains("<font color=\"#6a6a6a\">as b</font>"));
    assert!(dot.contains("rankdir=TB"), "{dot}");
    assert!(
        dot.contains("<<font color=\"#0b57a4\">2</font><br/><i><font color=\"#a8380a\">← 3</font></i>>"),
        "{dot}"
    );
    let mermaid = view::mermaid(&scene, Axis::Down);
    assert!(mermaid.contains("flowchart TD"), "{mermaid}");
    assert!(mermaid.contains("<span style='color:rgb(11,87,164)'>2</span><br>"), "{mermaid}");
    assert!(mermaid.contains("<span style='color:rgb(168,56,10);font-style:italic'>← 3</span>"), "{mermaid}");
}

#[test]
fn a_document_of_latex_holds_words_and_no_commands_of_theirs() {
    let text =
        "title = \"100% \\\\input{x} $a_b^c$ #1 & ~ 値 é\"\n[inputs]\na_b = 1\n[nodes]\ny = \"a_b * 2\"";
    let scene = scene(&read(text, Spelling::Toml).unwrap(), None);
    let (scene, layout) = view::arranged(scene, Direction::Auto).unwrap();
    let document = view::tikz(&scene, &layout, Theme::Light.palette());
    let title = "100\\% \\textbackslash{}input\\{x\\} \\$a\\_b\\textasciicircum{}c\\$ \\#1 \\& \\textasciitilde{} \\sign{5024}{値} \\sign{E9}{é}";
    assert!(document.contains(title), "{document}");
    assert!(document.contains("\\sign{D7}{×}") && document.contains("a\\_b"), "{document}");
    assert_eq!(document.matches('{').count(), document.matches('}').count());
    let strokes = document.lines().filter(|line| line.starts_with("\\path[") || line.starts_with("\\node["));
    assert!(strokes.clone().count() > 10 && strokes.clone().all(|line| line.ends_with(';')), "{document}");
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

#[test]
fn large_tensors_make_no_large_page() {
    let folder = tempfile::tempdir().unwrap();
    let [graph, page] = ["wide.graph", "wide.html"].map(|name| folder.path().join(name));
    let text = "const x: [100, 784] = uniform(0, 1)\nparam W: [784, 100] = randn()\nloss = mean(square(relu(x @ W)))\n";
    fs::write(&graph, text).unwrap();
    let mut show = Command::new(env!("CARGO_BIN_EXE_graphrun"));
    let output = show.arg("show").arg(&graph).args(["--to", "html", "-o"]).arg(&page).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let size = fs::metadata(&page).unwrap().len();
    assert!(size < 150_000, "{size}");
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
        let graph = crate::common::read_file(&root().join(file), None).unwrap();
        let drawn = svg(&scene(&graph, None));
        let kept = fs::read_to_string(root().join(picture)).unwrap_or_default();
        assert!(
            without_tips(&drawn) == without_tips(&kept),
            "{picture} is not what `show` draws; look at the difference that `cargo run -- show {file} -o {picture}` makes"
        );
    }
}
